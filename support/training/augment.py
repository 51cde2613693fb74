"""Digits made upright, and distorted at random, inside the TensorFlow graph.

A slant, and how wide somebody writes, tell nothing of which digit it is: straighten() takes them
out, the same way in training and in use. A digit that is turned, zoomed, sheared, shifted and
rippled a little is still the same digit. A network that meets every image in a new shape at each
epoch learns the digit, not the image: distort(), in training only.

The page (reading/page/model.py) knows straighten()'s operations by the name "straighten/".

The idea of elastic distortion is from Simard, Steinkraus and Platt, "Best Practices for
Convolutional Neural Networks Applied to Visual Document Analysis", ICDAR 2003.
"""

from math import pi
from typing import Any

import numpy as np

from support.ground import tf

SIDE = 28  # rows, and columns, of an image
MIDDLE = (SIDE - 1) / 2
USUAL_WIDTH = 4.0  # pixels: the columns' standard deviation in most of MNIST's digits but 1


def straighten(images: Any) -> Any:
    """Take the slant out of every image, and half of what is unusual in its width.

    An image's own moments tell how: the pixels are weights; every row is shifted and stretched
    about the centre of mass, by reading column j of row i, between two pixels if need be, at

        mean column + slant (i - mean row) + stretch (j - mean column)

    where slant = covariance of row and column / variance of the rows, and stretch is the square
    root of the width left without the slant (a standard deviation) over USUAL_WIDTH. Nothing moves
    up or down; an image that is shifted has a result that is shifted as far.

    Args:
        images: uint8 [N, 784], any N; 0 is the background.

    Returns:
        uint8 [N, 784]. An image without ink stays empty.
    """
    with tf.name_scope("straighten"):
        place = np.indices([SIDE, SIDE]).reshape(2, -1) - MIDDLE  # of all pixels, from the middle
        powers = [place[0], place[1], place[0] ** 2, place[0] * place[1], place[1] ** 2]
        pixels = tf.cast(images, tf.float32)
        moments = tf.matmul(pixels, tf.constant(np.transpose(powers), tf.float32))  # [N, 5]
        mass = tf.reduce_sum(pixels, axis=1, keepdims=True)
        means = tf.unstack(moments / tf.maximum(mass, 1), axis=1)
        row, column, row_row, row_column, column_column = means
        covariance = row_column - row * column
        slant = covariance / (row_row - row**2 + 0.1)  # 0.1: a point has no variance
        variance = column_column - column**2 - slant * covariance  # without the slant
        stretch = tf.sqrt(tf.sqrt(tf.maximum(variance, 0.1)) / USUAL_WIDTH)
        # The operation takes columns first, and counts from the corner: it reads at the column
        # a column + b row + c, and the row d column + e row + f, in this order; then perspective.
        start = MIDDLE + column - slant * (MIDDLE + row) - stretch * (MIDDLE + column)
        zero, one = tf.zeros_like(row), tf.ones_like(row)
        transforms = tf.stack([stretch, slant, start, zero, one, zero, zero, zero], axis=1)
        upright = tf.raw_ops.ImageProjectiveTransformV3(
            images=tf.reshape(images, [-1, SIDE, SIDE, 1]),
            transforms=transforms,
            output_shape=[SIDE, SIDE],
            fill_value=0.0,
            interpolation="BILINEAR",
            fill_mode="CONSTANT",
        )
        return tf.reshape(upright, [-1, SIDE * SIDE])


def distort(
    images: Any,
    seed: Any,
    rotation: float = 10,
    zoom: float = 0.1,
    shear: float = 0.1,
    shift: float = 1.5,
    ripple: float = 0.6,
    group: int = 16,
) -> Any:
    """Distort every image of a batch at random, by bilinear interpolation.

    `group` neighbours in the batch share one distortion. The batch is in random order, so they
    are different images at each epoch; and the same pixel of all of them can be moved as one
    piece of memory, which is faster than image by image.

    Args:
        images: float tensor [N, 784], any N, any range; 0 is the background.
        seed: int tensor [2]: the same seed gives the same distortions. Use (seed, step).
        rotation: degrees, at the most, in either direction.
        zoom: share of the size, about, at the most; rows and columns separately.
        shear: pixels of slant to a row.
        shift: pixels, at the most, in each direction.
        ripple: pixels, the standard deviation of 5 x 5 random arrows, between which it is smooth.
        group: how many neighbours share a distortion.

    Returns:
        float tensor [N, 784], same range.
    """
    with tf.name_scope("distort"):  # a box in TensorBoard's drawing of the graph
        count = tf.shape(images)[0]
        groups = -(-count // group)  # rounded up
        seeds = tf.unstack(tf.random.experimental.stateless_split(seed, 2))

        # Where does each pixel of the result come from? An affine map of its row and column (both
        # counted from the image's middle) ...
        u = tf.random.stateless_uniform([6, groups, 1, 1], seeds[0], -1, 1)
        angle = u[0] * rotation * pi / 180
        row = tf.reshape(tf.range(float(SIDE)) - MIDDLE, [1, SIDE, 1])
        column = tf.reshape(tf.range(float(SIDE)) - MIDDLE, [1, 1, SIDE])
        from_row = (1 + u[1] * zoom) * (tf.cos(angle) * row - tf.sin(angle) * column)
        from_column = (1 + u[2] * zoom) * (tf.sin(angle) * row + tf.cos(angle) * column)
        from_row += MIDDLE + u[3] * shift
        from_column += MIDDLE + u[4] * shift + u[5] * shear * row
        # ... plus a smooth displacement: 5 x 5 random arrows, interpolated to 28 x 28.
        arrows = tf.random.stateless_normal([groups, 5, 5, 2], seeds[1], stddev=ripple)
        arrows = tf.image.resize(arrows, [SIDE, SIDE], method="bicubic")
        # Places outside the image take the value of its border. Short of the last row and column,
        # so that a neighbour below and to the right exists.
        from_row = tf.clip_by_value(from_row + arrows[..., 0], 0, SIDE - 1.001)
        from_column = tf.clip_by_value(from_column + arrows[..., 1], 0, SIDE - 1.001)

        # The four pixels around that place, weighted by nearness: [groups, 784, group] each.
        top, left = tf.floor(from_row), tf.floor(from_column)
        down = tf.reshape(from_row - top, [-1, SIDE * SIDE, 1])
        right = tf.reshape(from_column - left, [-1, SIDE * SIDE, 1])
        corner = tf.reshape(tf.cast(top * SIDE + left, tf.int32), [-1, SIDE * SIDE])
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
