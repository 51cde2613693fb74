"""Lesson 2: six convolutions, three poolings and a dense layer read handwritten digits.

    python cnn_mnist.py                                train, test, and keep the network in runs/cnn
    python cnn_mnist.py --predict docs/my_digit.png    let it read a picture; see also --help
Test accuracy with TensorFlow 2.21 over the seeds 0 to 4: mean 99.64 %, standard deviation 0.031."""

from collections import namedtuple
import data
import numpy as np
from support import ground, reading, training
from support.ground import tf  # in a script of your own: import tensorflow.compat.v1 as tf

EPOCHS = 14  # passes over the training images; the flag --epochs 5 sets another number
BATCH_SIZE = 128  # images in one training step
LEARNING_RATE = 6e-3  # the highest; see schedule()
WEIGHT_DECAY = 0.2  # as in AdamW: each step, a weight shrinks by learning rate * this * itself
ACTIVATION = "relu"  # or sigmoid, or tanh
SEED = 0  # of everything random: first weights, order of the images, distortions
Net = namedtuple("Net", "images upright labels learning_rate loss train_op probabilities layers")


def variables():
    """Create the trainable variables: weights, random at first, and biases, zero at first."""
    initial = tf.initializers.he_normal()  # variance 2 / inputs: relu then keeps the values' scale
    weights = {
        "c1": tf.Variable(initial([3, 3, 1, 16]), name="weights/c1"),  # 16 kernels of 3 x 3 x 1
        "c2": tf.Variable(initial([3, 3, 16, 16]), name="weights/c2"),  # 16 kernels of 3 x 3 x 16
        "c3": tf.Variable(initial([3, 3, 16, 48]), name="weights/c3"),
        "c4": tf.Variable(initial([3, 3, 48, 48]), name="weights/c4"),
        "c5": tf.Variable(initial([3, 3, 48, 96]), name="weights/c5"),
        "c6": tf.Variable(initial([3, 3, 96, 96]), name="weights/c6"),
        "out": tf.Variable(initial([384, 10]), name="weights/out"),  # from 2 * 2 * 96 to 10 digits
    }
    biases = {
        "c1": tf.Variable(tf.zeros([16]), name="biases/c1"),
        "c2": tf.Variable(tf.zeros([16]), name="biases/c2"),
        "c3": tf.Variable(tf.zeros([48]), name="biases/c3"),
        "c4": tf.Variable(tf.zeros([48]), name="biases/c4"),
        "c5": tf.Variable(tf.zeros([96]), name="biases/c5"),
        "c6": tf.Variable(tf.zeros([96]), name="biases/c6"),
        "out": tf.Variable(tf.zeros([10]), name="biases/out"),
    }
    return weights, biases


def model(x, weights, biases, activation):
    """Return the logits [N, 10] of images x [N, 784], and the layers, each named as its weights."""
    f = {"relu": tf.nn.relu, "sigmoid": tf.nn.sigmoid, "tanh": tf.nn.tanh}[activation]
    x = tf.reshape(x, [-1, 28, 28, 1])  # [N, height, width, channels]
    # VALID: no padding. SAME: zeros around. Pooling comes before bias and f: same result, cheaper.
    c1 = f(tf.nn.conv2d(x, weights["c1"], 1, "VALID") + biases["c1"])  # [N, 26, 26, 16]
    c2 = tf.nn.conv2d(c1, weights["c2"], 1, "VALID")  # [N, 24, 24, 16]
    c2 = f(tf.nn.max_pool2d(c2, 2, 2, "VALID") + biases["c2"])  # [N, 12, 12, 16]
    c3 = f(tf.nn.conv2d(c2, weights["c3"], 1, "VALID") + biases["c3"])  # [N, 10, 10, 48]
    c4 = tf.nn.conv2d(c3, weights["c4"], 1, "VALID")  # [N, 8, 8, 48]
    c4 = f(tf.nn.max_pool2d(c4, 2, 2, "VALID") + biases["c4"])  # [N, 4, 4, 48]
    c5 = f(tf.nn.conv2d(c4, weights["c5"], 1, "SAME") + biases["c5"])  # [N, 4, 4, 96]
    c6 = tf.nn.conv2d(c5, weights["c6"], 1, "SAME")  # [N, 4, 4, 96]
    c6 = f(tf.nn.max_pool2d(c6, 2, 2, "VALID") + biases["c6"])  # [N, 2, 2, 96]
    logits = tf.matmul(tf.reshape(c6, [-1, 384]), weights["out"]) + biases["out"]  # [N, 10]
    return logits, {"c1": c1, "c2": c2, "c3": c3, "c4": c4, "c5": c5, "c6": c6}


def build(seed, activation):
    """Add all operations to the graph (nothing runs yet); return the tensors to feed and fetch."""
    tf.set_random_seed(seed)  # same seed, same first weights
    images = tf.placeholder(tf.uint8, [None, 784], name="images")  # fed later; None: any number
    labels = tf.placeholder(tf.uint8, [None], name="labels")  # the digits, 0 to 9
    learning_rate = tf.placeholder(tf.float32, [], name="learning_rate")  # []: one number
    step = tf.train.create_global_step()  # training steps so far: minimize() adds 1 each time
    weights, biases = variables()
    upright = training.straighten(images)  # [N, 784]: slant is the writer's, not the digit's
    x = tf.cast(upright, tf.float32) / 255  # [N, 784], from 0 to 1
    logits, layers = model(x, weights, biases, activation)  # for answers: not distorted
    probabilities = tf.nn.softmax(logits, name="probabilities")  # [N, 10]
    # To train: each image is turned, shifted and bent a little, anew at each step.
    distorted = training.distort(x, seed=[seed, tf.cast(step, tf.int32)])  # [N, 784]
    decay = [tf.assign_sub(w, learning_rate * WEIGHT_DECAY * w) for w in weights.values()]
    with tf.control_dependencies(decay):  # weights, not biases, decay before they are read
        training_logits, _ = model(distorted, weights, biases, activation)
    # Cross-entropy: -log(softmax(logits)[label]), the mean over the batch; one_hot(2): 0010000000.
    loss = tf.losses.softmax_cross_entropy(tf.one_hot(labels, 10), training_logits)
    train_op = tf.train.AdamOptimizer(learning_rate).minimize(loss, global_step=step)
    return Net(images, upright, labels, learning_rate, loss, train_op, probabilities, layers)


def schedule(progress):
    """Return the learning rate as a share of the highest: linear warm-up, cosine decay to 0."""
    return progress / 0.1 if progress < 0.1 else (1 + np.cos(np.pi * (progress - 0.1) / 0.9)) / 2


def classify(session, network, images):
    """Return the probabilities [N, 10] of images, uint8 [N, 784], computed 1,000 at a time."""
    parts = [images[i : i + 1000] for i in range(0, len(images), 1000)]
    return np.concatenate([session.run(network.probabilities, {network.images: p}) for p in parts])


def train(args):
    """Train in a session, epoch by epoch; test once; keep the network in the folder args.out."""
    digits = data.load(args.data, args.limit)
    images, labels = digits.training
    with training.Run(args, digits) as run, tf.Graph().as_default(), tf.Session() as session:
        network = build(args.seed, args.activation)
        session.run(tf.global_variables_initializer())  # sets the first values
        saver = tf.train.Saver(max_to_keep=3)  # writes and reads checkpoints
        upright = session.run(network.upright, {network.images: images})  # once; fed in each step
        done = run.begin(session, saver)  # 0, or with --resume the epochs already done
        run.watch = reading.Watch(args, run, session, network, digits.test)  # --watch: a page
        for epoch in range(done, args.epochs):
            order = np.random.default_rng([args.seed, epoch]).permutation(len(images))
            for start in run.steps(epoch):  # 0, batch_size ...; each sets run.progress, 0 to 1
                batch = order[start : start + args.batch_size]
                feed = {network.upright: upright[batch], network.labels: labels[batch]}
                feed[network.learning_rate] = args.learning_rate * schedule(run.progress)
                loss, _ = session.run([network.loss, network.train_op], feed)  # one training step
                run.note(loss)  # ends the run if the loss is NaN, or after Ctrl-C
            predictions = classify(session, network, digits.validation.images).argmax(axis=1)
            run.save(session, saver, np.mean(predictions == digits.validation.labels))
        run.finish(session, network, digits.test, classify(session, network, digits.test.images))


def predict(args):
    """Answer files (--predict) or drawings (--draw), or --export, with the network in args.out."""
    with reading.Reader(args) as reader, tf.Graph().as_default(), tf.Session() as session:
        network = build(args.seed, args.activation)  # both as in training.json
        tf.train.Saver().restore(session, training.latest(args.out))
        reader.answer(session, network)


def main(argv=None):
    """Train or predict, as told by the flags in `argv`, or else on the command line."""
    args = training.parse(argv, "cnn", __doc__, EPOCHS, BATCH_SIZE, LEARNING_RATE, ACTIVATION, SEED)
    return train(args) if args.trains else predict(args)


if __name__ == "__main__":
    ground.run(main)  # an error is one line, not a traceback
