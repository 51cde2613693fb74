"""Lesson 2: a network with convolution and pooling reads handwritten digits.

    python cnn_mnist.py                                train, test, and keep the network in runs/cnn
    python cnn_mnist.py --predict docs/my_digit.png    let it read a picture; see also --help

Its last line, with TensorFlow 2.21 and seed 0: test accuracy 99.62% (9962 / 10000)
"""

import math
import sys
import time

import numpy as np

import data  # files in, arrays of pixels and labels out
from support import augment, checkpoints, console, figures, flags, predictions, runs, saved_model
from support.tensorflow1 import tf  # tensorflow.compat.v1, loaded at its first use: --help is quick

# Settings: the defaults of the flags with the same names, such as --epochs 20.
EPOCHS = 24  # passes over the training images
BATCH_SIZE = 128  # images in one training step
LEARNING_RATE = 3e-3  # at its highest; see the schedule in train()
ACTIVATION = "relu"  # or sigmoid, or tanh
SEED = 0  # of everything random: first weights, order of the images, distortions
OUT = "runs/cnn"  # folder for all that a training leaves behind


def variables():
    """Describe what the network learns: weights, random at first, and biases, zero at first."""
    initial = tf.initializers.he_normal()  # variance 2 / inputs: relu's signals keep their size
    weights = {
        "c1": tf.Variable(initial([3, 3, 1, 32]), name="weights/c1"),  # 32 kernels of 3 x 3 x 1
        "c2": tf.Variable(initial([3, 3, 32, 64]), name="weights/c2"),  # 64 kernels of 3 x 3 x 32
        "c3": tf.Variable(initial([3, 3, 64, 128]), name="weights/c3"),  # 128, of 3 x 3 x 64
        "out": tf.Variable(initial([1152, 10]), name="weights/out"),  # from 3 * 3 * 128 to 10
    }
    biases = {
        "b1": tf.Variable(tf.zeros([32]), name="biases/b1"),
        "b2": tf.Variable(tf.zeros([64]), name="biases/b2"),
        "b3": tf.Variable(tf.zeros([128]), name="biases/b3"),
        "out": tf.Variable(tf.zeros([10]), name="biases/out"),
    }
    return weights, biases


def model(x, weights, biases, activation):
    """Return the logits [N, 10] of images x [N, 784]: a score for each digit, before softmax."""
    activation = getattr(tf.nn, activation)  # "relu" becomes tf.nn.relu

    def block(x, number, padding):
        with tf.name_scope(f"block_{number}"):  # prefix of names in it
            x = tf.nn.conv2d(x, weights[f"c{number}"], strides=1, padding=padding)
            # Pool first: bias and activation keep the order of values, and have a quarter to do.
            x = tf.nn.max_pool2d(x, ksize=2, strides=2, padding="SAME")  # halves, rounding up
            return activation(x + biases[f"b{number}"])

    x = tf.reshape(x, [-1, 28, 28, 1])  # [N, height, width, channels]; channels: maps, here one
    # VALID: only where the kernel fits, 28 - 2 = 26 places; SAME: zeros around, the size stays.
    x = block(x, 1, "VALID")  # convolved [N, 26, 26, 32], pooled [N, 13, 13, 32]
    x = block(x, 2, "VALID")  # convolved [N, 11, 11, 64], pooled [N, 6, 6, 64]
    x = block(x, 3, "SAME")  # convolved [N, 6, 6, 128], pooled [N, 3, 3, 128]
    x = tf.reshape(x, [-1, 1152])  # [N, 3 * 3 * 128]
    return tf.add(tf.matmul(x, weights["out"]), biases["out"], name="logits")  # [N, 10]


def train(args):
    """Describe the computation as a graph, run it in a session, test once, keep the network."""
    training, validation, test = data.load(args.data, args.limit)  # each: images [N, 784], labels
    steps_per_epoch = math.ceil(len(training.images) / args.batch_size)
    run = runs.Run(args, "cnn_mnist", training)  # the folder args.out

    # First the graph. Nothing is computed here: each line adds to the description.
    with tf.Graph().as_default() as graph:  # whatever is made in here belongs to this graph
        tf.set_random_seed(args.seed)  # same seed, same first weights
        step = tf.train.create_global_step()  # training steps so far; minimize() adds 1 each time

        # Placeholders are the graph's inputs. None: any number of images.
        images = tf.placeholder(tf.uint8, [None, 784], name="images")
        labels = tf.placeholder(tf.uint8, [None], name="labels")
        x = tf.cast(images, tf.float32) / 255  # [N, 784], from 0 (paper) to 1 (full ink)
        weights, biases = variables()
        with tf.name_scope("train"):
            # In each epoch an image is turned, shifted and bent a little, and never as before: the
            # network must learn what makes a digit, and cannot learn the images by heart.
            distorted = augment.distort(x, seed=[args.seed, tf.cast(step, tf.int32)])
            logits = model(distorted, weights, biases, args.activation)

            # Cross-entropy: -log(probability of the true digit). one_hot: 2 becomes 0010000000;
            # softmax: logits become probabilities. One function, as log(softmax()) may be log(0).
            losses = tf.nn.softmax_cross_entropy_with_logits_v2(tf.one_hot(labels, 10), logits)
            cross_entropy = tf.reduce_mean(losses)  # of the batch
            # The learning rate rises for a tenth of the training, then falls to zero along a
            # cosine: small steps while the weights are random, large ones, small ones to settle.
            progress = tf.cast(step, tf.float32) / (args.epochs * steps_per_epoch)
            fall = (1 + tf.cos(math.pi * (progress - 0.1) / 0.9)) / 2
            learning_rate = args.learning_rate * tf.minimum(progress / 0.1, fall)
            minimize = tf.train.AdamOptimizer(learning_rate).minimize(cross_entropy, step)

            # At each step: average = 0.999 * average + 0.001 * weight, which is steadier than the
            # weight. (num_updates: less than 0.999 at first.) The loss is averaged over its epoch.
            average = tf.train.ExponentialMovingAverage(0.999, num_updates=step)
            mean_loss = tf.Variable(0.0, trainable=False, name="mean_loss")  # not for Adam
            with tf.control_dependencies([minimize]):  # after minimize: a graph has no line order
                batch_number = tf.cast((step - 1) % steps_per_epoch + 1, tf.float32)  # from 1 on
                change = (cross_entropy - mean_loss) / batch_number  # of a running mean
                train_op = tf.group(average.apply(), tf.assign_add(mean_loss, change))  # both
        # A second copy of the layers, to validate and test: averaged weights, images as they are.
        averaged_weights = {name: average.average(weights[name]) for name in weights}
        averaged_biases = {name: average.average(biases[name]) for name in biases}
        logits = model(x, averaged_weights, averaged_biases, args.activation)
        tf.nn.softmax(logits, name="probabilities")  # [N, 10]; classify() finds it by its name

        initialize = tf.global_variables_initializer()  # when run, sets the first values
        saver = tf.train.Saver(max_to_keep=3, save_relative_paths=True)  # writes checkpoints
        graph.finalize()  # from here on, no line can add to the graph by mistake
    console.announce("three blocks of convolution", [*weights.values(), *biases.values()])

    # Then the session: each run() computes what it is asked for, and what that depends on.
    with tf.Session(graph=graph) as session:
        session.run(initialize)
        done = run.restore(saver, session, steps_per_epoch)  # steps done: 0 without --resume
        try:
            # After --resume, begin with the last step's epoch, if only to validate and print it.
            for epoch in range(max(done - 1, 0) // steps_per_epoch, args.epochs):
                start = time.perf_counter()
                order = np.random.default_rng([args.seed, epoch]).permutation(len(training.images))
                batches = np.split(order, range(args.batch_size, len(order), args.batch_size))
                to_do = batches[max(done - epoch * steps_per_epoch, 0) :]  # those not yet done
                for batch in console.progress(to_do, f"epoch {epoch + 1}"):  # indices of images
                    feed = {images: training.images[batch], labels: training.labels[batch]}
                    session.run(train_op, feed)  # a step: feed gives the placeholders their arrays

                digits = classify(session, validation.images).argmax(axis=1)
                correct, total = np.sum(digits == validation.labels), len(digits)
                loss, seconds = session.run(mean_loss), time.perf_counter() - start
                run.record(epoch + 1, loss, correct / total, seconds)  # for history.csv
                saver.save(session, run.checkpoint, global_step=step, write_meta_graph=False)
                print(
                    f"epoch {epoch + 1}/{args.epochs}: training loss {loss:.4f}, validation "
                    f"accuracy {correct / total:.2%} ({correct} / {total}), {seconds:.1f} s"
                )

            # The test images had no part in anything until here. They are used once.
            probabilities = classify(session, test.images)
            digits = probabilities.argmax(axis=1)
            correct, total = np.sum(digits == test.labels), len(digits)
            console.print_report(test.labels, digits)  # scikit-learn's table: each digit by itself
            print(f"test accuracy {correct / total:.2%} ({correct} / {total})")
            first = session.run(averaged_weights["c1"])  # the first block's kernels, to draw them
            figures.draw(args.out, run.history, *test, probabilities, first)
        except KeyboardInterrupt:  # Ctrl-C: keep what is trained, up to the last step
            saver.save(session, run.checkpoint, global_step=step, write_meta_graph=False)
            print(f"interrupted, and saved; go on with: {args.go_on}")
            raise

    # Last, the network for other programs: a SavedModel, which TensorFlow loads without this file.
    with tf.Graph().as_default(), tf.Session() as session:  # the session takes this new graph
        images, probabilities = restore(session, args.out)
        outputs = {"digit": tf.argmax(probabilities, axis=1), "probabilities": probabilities}
        saved_model.save(args.out, session, {"images": images}, outputs)


def classify(session, pixels):
    """Return the probabilities [N, 10] of images [N, 784], computed 1,000 images at a time."""
    # By name, which is the same in both graphs; ":0" is the first output of an operation.
    parts = np.split(pixels, range(1000, len(pixels), 1000))
    return np.concatenate([session.run("probabilities:0", {"images:0": part}) for part in parts])


def restore(session, out):
    """Build the graph for prediction alone, with the newest weights in the folder `out`."""
    images = tf.placeholder(tf.uint8, [None, 784], name="images")
    weights, biases = variables()
    trained = checkpoints.describe(out, "cnn_mnist")  # the flags of the training
    logits = model(tf.cast(images, tf.float32) / 255, weights, biases, trained["activation"])
    probabilities = tf.nn.softmax(logits, name="probabilities")
    # The averages in the checkpoint become the weights here; 0.999 only has to be some number.
    averages = tf.train.ExponentialMovingAverage(0.999).variables_to_restore()
    checkpoints.restore(out, tf.train.Saver(averages), session)
    return images, probabilities


def predict(args):
    """Classify the files args.predict with the newest network in the folder args.out."""
    inputs = [predictions.read(file) for file in args.predict]  # each uint8 [N, 784]
    with tf.Graph().as_default(), tf.Session() as session:
        restore(session, args.out)
        for file, pixels in zip(args.predict, inputs, strict=True):
            predictions.report(file, pixels, classify(session, pixels), args)


def main(argv=None):
    """Train or predict, as the flags in the list `argv`, or on the command line, say."""
    args = flags.parse(argv, __doc__, EPOCHS, BATCH_SIZE, LEARNING_RATE, ACTIVATION, SEED, OUT)
    predict(args) if args.predict else train(args)


if __name__ == "__main__":
    sys.exit(console.run(main))  # run: an error is one line, not a traceback
