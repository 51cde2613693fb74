"""Lesson 1: a perceptron with two hidden layers, 784-256-256-10, reads handwritten digits.

    python mlp_mnist.py                                train, test, and keep the network in runs/mlp
    python mlp_mnist.py --predict docs/my_digit.png    let it read a picture; see also --help

Test accuracy with TensorFlow 2.21 over the seeds 0 to 4: mean 99.48 %, standard deviation 0.051."""

from collections import namedtuple
from support import augment, checkpoints, console, flags, page, pictures, predictions, runs
from support.tensorflow1 import tf  # in a script of your own: import tensorflow.compat.v1 as tf
import data
import numpy as np
from tqdm import tqdm

EPOCHS = 250  # passes over the training images; the flag --epochs 5 sets another number
BATCH_SIZE = 256  # images in one training step
LEARNING_RATE = 3e-3  # at its highest, see schedule()
WEIGHT_DECAY = 0.05  # at each step a weight loses this share of itself, times the learning rate
ACTIVATION = "relu"  # or sigmoid, or tanh
SEED = 0  # of everything random: first weights, order of the images, distortions
Network = namedtuple("Network", "images labels learning_rate loss train_op probabilities layers")


def variables():
    """Create the trainable variables: weights, random at first, and biases, zero at first."""
    initial = tf.initializers.he_normal()  # variance 2 / inputs: with relu, values keep their size
    weights = {
        "h1": tf.Variable(initial([784, 256]), name="weights/h1"),  # from 784 pixels to 256 units
        "h2": tf.Variable(initial([256, 256]), name="weights/h2"),  # from 256 units to 256
        "out": tf.Variable(initial([256, 10]), name="weights/out"),  # from 256 units to 10 digits
    }
    biases = {
        "b1": tf.Variable(tf.zeros([256]), name="biases/b1"),
        "b2": tf.Variable(tf.zeros([256]), name="biases/b2"),
        "out": tf.Variable(tf.zeros([10]), name="biases/out"),
    }
    return weights, biases


def model(x, weights, biases, activation):
    """Return the logits [N, 10] of images x [N, 784], scores before softmax, and the layers."""
    activation = getattr(tf.nn, activation)  # "relu" becomes tf.nn.relu
    hidden_1 = activation(tf.matmul(x, weights["h1"]) + biases["b1"])  # [N, 256]
    hidden_2 = activation(tf.matmul(hidden_1, weights["h2"]) + biases["b2"])  # [N, 256]
    logits = tf.matmul(hidden_2, weights["out"]) + biases["out"]  # [N, 10]
    return logits, {"hidden_1": hidden_1, "hidden_2": hidden_2}


def build(args):
    """Add all operations to the graph, which computes nothing yet; return those to feed and ask."""
    tf.set_random_seed(args.seed)  # same seed, same first weights
    images = tf.placeholder(tf.uint8, [None, 784], name="images")  # its value comes later
    labels = tf.placeholder(tf.uint8, [None], name="labels")  # None: any number of images
    learning_rate = tf.placeholder(tf.float32, [], name="learning_rate")  # []: one number
    step = tf.train.create_global_step()  # training steps so far: minimize() adds 1 each time
    weights, biases = variables()
    x = tf.cast(images, tf.float32) / 255  # [N, 784], from 0 to 1
    # Turned, shifted and bent a little, never twice alike: so no image can be learnt by heart.
    distorted = augment.distort(x, seed=[args.seed, tf.cast(step, tf.int32)])  # [N, 784]
    # Weight decay: each weight first loses a little of itself; assign_sub returns what is left.
    decayed = {n: tf.assign_sub(w, learning_rate * WEIGHT_DECAY * w) for n, w in weights.items()}
    logits, _ = model(distorted, decayed, biases, args.activation)
    # Cross-entropy: -log(softmax(logits)[label]), the mean over the batch; one_hot(2): 0010000000.
    loss = tf.losses.softmax_cross_entropy(tf.one_hot(labels, 10), logits)
    train_op = tf.train.AdamOptimizer(learning_rate).minimize(loss, global_step=step)
    # The same weights again, for images as they are: training does not ask for these.
    plain_logits, layers = model(x, weights, biases, args.activation)
    probabilities = tf.nn.softmax(plain_logits, name="probabilities")  # [N, 10]
    return Network(images, labels, learning_rate, loss, train_op, probabilities, layers)


def schedule(progress):
    """Return the learning rate as a share of the highest: up for a tenth, down a cosine to 0."""
    return min(progress / 0.1, (1 + np.cos(np.pi * (progress - 0.1) / 0.9)) / 2)


def classify(session, network, pixels):
    """Return the probabilities [N, 10] of images, uint8 [N, 784], computed 1,000 at a time."""
    parts = np.split(pixels, range(1000, len(pixels), 1000))
    return np.concatenate([session.run(network.probabilities, {network.images: p}) for p in parts])


def train(args):
    """Train in a session, epoch by epoch; test once; keep the network in the folder args.out."""
    splits = training, validation, test = data.load(args.data, args.limit, pictures.read_one)
    from sklearn.metrics import classification_report  # here: an error in the data need not wait

    with runs.Run(args, splits) as run, tf.Graph().as_default(), tf.Session() as session:
        network = build(args)
        session.run(tf.global_variables_initializer())  # sets the first values
        saver = tf.train.Saver(max_to_keep=3)  # writes and reads checkpoints
        for epoch in range(run.resume(session, saver), args.epochs):  # from 0 without --resume
            order = np.random.default_rng([args.seed, epoch]).permutation(len(training.images))
            losses = []
            for i in tqdm(range(0, len(order), args.batch_size), disable=None, leave=False):
                batch = order[i : i + args.batch_size]
                rate = args.learning_rate * schedule((epoch + i / len(order)) / args.epochs)
                images, labels = training.images[batch], training.labels[batch]
                feed = {network.images: images, network.labels: labels, network.learning_rate: rate}
                loss, _ = session.run([network.loss, network.train_op], feed)  # one training step
                losses.append(run.checked(loss))  # which ends the training if NaN, or after Ctrl-C
            right = classify(session, network, validation.images).argmax(1) == validation.labels
            saver.save(session, run.checkpoint, epoch + 1, write_meta_graph=False)
            print(run.record(epoch + 1, np.mean(losses), np.mean(right)))
        probabilities = classify(session, network, test.images)  # once: they chose nothing
        digits = probabilities.argmax(axis=1)
        print(classification_report(test.labels, digits, digits=4, zero_division=0))
        print(f"test accuracy {np.mean(digits == test.labels):.2%} of {len(digits)} images")
        run.keep(session, network, test, probabilities)  # as pictures, and for other programs


def predict(args):
    """Read the files args.predict, or what is drawn on a page, with the network in args.out."""
    with tf.Graph().as_default(), tf.Session() as session:
        network = build(args)
        tf.train.Saver().restore(session, checkpoints.latest(args.out))
        answer = page.serve if args.draw else predictions.report
        answer(lambda pixels: session.run(network[-2:], {network.images: pixels}), args)


def main(argv=None):
    """Train or predict, as told by the flags in the list `argv`, or else on the command line."""
    args = flags.parse(argv, globals())  # globals: the defaults above, and the text for --help
    return predict(args) if args.predict or args.draw else train(args)


if __name__ == "__main__":
    console.run(main)  # an error is one line, not a traceback
