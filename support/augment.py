"""Random distortions of a batch of digits, computed inside the TensorFlow graph.

A digit that is turned, zoomed, sheared, shifted and rippled a little is still the same digit. A
network that meets every image in a new shape at each epoch learns the digit, not the image.

The idea of elastic distortion is from Simard, Steinkraus and Platt, "Best Practices for
Convolutional Neural Networks Applied to Visual Document Analysis", ICDAR 2003.
"""

from math import pi

from support.tensorflow1 import tf

SIDE = 28  # rows, and columns, of an image


def distort(images, seed, rotation=10, zoom=0.1, shear=0.1, shift=1.5, ripple=0.6, group=16):
    """Distort every image of a batch at random, by bilinear interpolation.

    `group` neighbours in the batch share one distortion. The batch is in random order, so they
    are different images at each epoch; and the same pixel of all of them can be moved as one
    piece of memory, which is faster than image by image.

    images    float tensor [N, 784], any N, any range; 0 is the background
    seed      int tensor [2]: the same seed gives the same distortions. Use (seed, step)
    rotation  degrees, at the most, in either direction
    zoom      share of the size, about, at the most; rows and columns separately
    shear     pixels of slant to a row
    shift     pixels, at the most, in each direction
    ripple    pixels, the standard deviation of 5 x 5 random arrows, between which it is smooth
    returns   float tensor [N, 784], same range
    """
    with tf.name_scope("distort"):  # a box in TensorBoard's drawing of the graph
        count = tf.shape(images)[0]
        groups = -(-count // group)
        seeds = tf.unstack(tf.random.experimental.stateless_split(seed, 2))

        # Where does each pixel of the result come from? Its row there, and its column, is a sum of
        # 28 patterns of 28 x 28, each times a random number. Three patterns, the row and the column
        # counted from the image's middle and a constant, make an affine map ...
        u = tf.unstack(tf.random.stateless_uniform([6, groups], seeds[0], -1, 1))
        angle, height, width = u[0] * rotation * pi / 180, 1 + u[1] * zoom, 1 + u[2] * zoom
        to_row = [height * tf.cos(angle), -height * tf.sin(angle), u[3] * shift]
        to_column = [width * tf.sin(angle) + u[5] * shear, width * tf.cos(angle), u[4] * shift]
        affine = tf.stack([tf.stack(to_row, 1), tf.stack(to_column, 1)], 1)  # [groups, 2, 3]
        middle = (SIDE - 1) / 2
        ruler = tf.range(float(SIDE)) - middle
        row, column = tf.meshgrid(ruler, ruler, indexing="ij")
        # ... and 25 a smooth displacement: hills around 5 x 5 places, each with a random arrow.
        arrows = tf.random.stateless_normal([groups, 2, 25], seeds[1], stddev=ripple)
        hills = tf.reshape(tf.eye(25), [25, 5, 5, 1])
        hills = tf.image.resize(hills, [SIDE, SIDE], method="bicubic")[..., 0]
        patterns = tf.concat([[row, column, tf.ones_like(row)], hills], 0)
        place = tf.tensordot(tf.concat([affine, arrows], 2), patterns, 1)  # [groups, 2, 28, 28]
        # Places outside the image take the value of its border. Short of the last row and column,
        # so that a neighbour below and to the right exists.
        place = tf.clip_by_value(place + middle, 0, SIDE - 1.001)
        place = tf.reshape(place, [-1, 2, SIDE * SIDE])

        # The four pixels around that place, weighted by nearness: [groups, 784, group] each.
        corner = tf.floor(place)
        down, right = tf.unstack((place - corner)[..., tf.newaxis], axis=1)
        corner = tf.cast(corner[:, 0] * SIDE + corner[:, 1], tf.int32)
        pixels = tf.pad(images, [[0, groups * group - count], [0, 0]])
        pixels = tf.transpose(tf.reshape(pixels, [groups, group, SIDE * SIDE]), [0, 2, 1])

        def neighbour(offset):
            return tf.gather(pixels, corner + offset, batch_dims=1)

        distorted = tf.add_n(
            [
                (1 - down) * (1 - right) * neighbour(0),
                (1 - down) * right * neighbour(1),
                down * (1 - right) * neighbour(SIDE),
                down * right * neighbour(SIDE + 1),
            ]
        )
        distorted = tf.reshape(tf.transpose(distorted, [0, 2, 1]), [groups * group, SIDE * SIDE])
        return distorted[:count]
