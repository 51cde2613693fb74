"""Trials of networks, judged on held-out training images. The test set has no part in it.

    python -m tests.benchmarks.trials 3v16 3v16p 3v32 3v32p 3s64 3s64p --decay 0.2 --fold 1
    python -m tests.benchmarks.trials 256 256 --epochs 100 --batch-size 256

A network is a list of layers. 3v32p: 3 x 3 kernels, VALID, 32 maps, then max-pooling; s: SAME;
r: residual, the layer's input is added to its output; 256: a dense layer of 256 units. Folds cut
MNIST's 60,000 training images in six: a trial learns from five and is judged on the sixth. Its
loss on these 10,000 tells networks apart where accuracy, some 50 errors, is mostly chance.
"""

import argparse
import json
import math
import re
import time
from pathlib import Path

import numpy as np

import data
from support.augment import distort
from support.tensorflow1 import tf

FOLDS = 6
DISTORTION = [10, 0.1, 0.1, 1.5, 0.6]  # rotation, zoom, shear, shift, ripple of augment.distort


def network(spec):
    """Return model(x, weights), weights, biases and the MFLOP of one image.

    model   from x [N, 784] and the list of weights to logits [N, 10]
    """
    weights, biases, layers, products = [], [], [], 0
    side, maps, dense = 28, 1, False

    def variables(*shape):
        weights.append(tf.Variable(tf.initializers.he_normal()(shape)))
        biases.append(tf.Variable(tf.zeros(shape[-1:])))

    for token in [*spec, "10"]:
        size, padding, width, pool = re.fullmatch(r"(?:(\d)([vsr]))?(\d+)(p?)", token).groups()
        width = int(width)
        if size:
            variables(int(size), int(size), maps, width)
            side -= (int(size) - 1) * (padding == "v")
            products += int(size) ** 2 * maps * width * side**2
            side, maps = -(-side // 2) if pool else side, width
        else:
            inputs = maps if dense else side * side * maps
            variables(inputs, width)
            products += inputs * width
            maps, dense = width, True
        layers.append((size, padding, pool))

    def model(x, weights):
        if layers[0][0]:
            x = tf.reshape(x, [-1, 28, 28, 1])
        for (size, padding, pool), weight, bias in zip(layers, weights, biases, strict=True):
            if size:
                y = tf.nn.conv2d(x, weight, 1, "VALID" if padding == "v" else "SAME")
                y = tf.nn.max_pool2d(y, 2, 2, "SAME") if pool else y
                y = tf.nn.relu(y + bias)
                x = x + y if padding == "r" else y
            else:
                x = tf.reshape(x, [-1, weight.shape[0]])
                x = tf.matmul(x, weight) + bias
                x = tf.nn.relu(x) if weight is not weights[-1] else x  # the last are logits
        return x

    return model, weights, biases, 2 * products / 1e6


def trial(args):
    """Train one network and return a dict of what it was and how it did."""
    training, validation, _ = data.load(args.data)
    images = np.concatenate([training.images, validation.images])
    labels = np.concatenate([training.labels, validation.labels])
    folds = np.array_split(np.random.default_rng(0).permutation(len(images)), FOLDS)
    held_out = folds.pop(args.fold)
    chosen = np.concatenate(folds)
    steps = math.ceil(len(chosen) / args.batch_size)

    tf.set_random_seed(args.seed)
    x = tf.placeholder(tf.uint8, [None, 784])
    y = tf.placeholder(tf.uint8, [None])
    rate = tf.placeholder(tf.float32, [])
    strength = tf.placeholder(tf.float32, [])
    number = tf.placeholder(tf.int32, [])
    scaled = tf.cast(x, tf.float32) / 255
    model, weights, biases, mflop = network(args.spec)
    distorted = distort(scaled, [args.seed, number], *[strength * d for d in args.distortion])
    decayed = [tf.assign_sub(weight, rate * args.decay * weight) for weight in weights]
    loss = tf.losses.softmax_cross_entropy(tf.one_hot(y, 10), model(distorted, decayed))
    loss += args.l2 * tf.add_n([tf.nn.l2_loss(weight) for weight in decayed])
    train_op = tf.train.AdamOptimizer(rate).minimize(loss)
    probabilities = tf.nn.softmax(model(scaled, weights))

    config = tf.ConfigProto(
        intra_op_parallelism_threads=args.threads, inter_op_parallelism_threads=args.threads
    )
    with tf.Session(config=config) as session:
        session.run(tf.global_variables_initializer())
        start = time.perf_counter()
        for epoch in range(args.epochs):
            order = np.random.default_rng([args.seed, epoch]).permutation(chosen)
            full = float(epoch < args.epochs - args.plain_epochs)
            for i in range(steps):
                done = epoch * steps + i
                progress = done / (args.epochs * steps)
                fall = (1 + math.cos(math.pi * (progress - 0.1) / 0.9)) / 2
                now = args.learning_rate * min(progress / 0.1, fall)
                batch = order[i * args.batch_size : (i + 1) * args.batch_size]
                feed = {x: images[batch], y: labels[batch], rate: now, strength: full, number: done}
                session.run(train_op, feed)
        seconds = time.perf_counter() - start

        def classify(pixels):
            parts = np.split(pixels, range(1000, len(pixels), 1000))
            return np.concatenate([session.run(probabilities, {x: part}) for part in parts])

        truth, pictures = labels[held_out], images[held_out].reshape(-1, 28, 28)
        padded = np.pad(pictures, [(0, 0), (1, 1), (1, 1)])
        windows = [padded[:, r : r + 28, c : c + 28] for r in range(3) for c in range(3)]
        shifted = [classify(window.reshape(-1, 784)) for window in windows]
    plain = shifted[4]  # the window in the middle
    right = plain[np.arange(len(truth)), truth]
    return vars(args) | {
        "parameters": int(sum(np.prod(v.shape.as_list()) for v in [*weights, *biases])),
        "mflop": round(mflop, 2),
        "accuracy": round(100 * np.mean(plain.argmax(1) == truth), 2),
        "cross_entropy": round(float(-np.log(np.maximum(right, 1e-30)).mean()), 5),
        "nine_shifts": round(100 * np.mean(np.mean(shifted, 0).argmax(1) == truth), 2),
        "seconds": round(seconds, 1),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("spec", nargs="+", help="layers, such as 3v32p 3s64p, or 256 256")
    parser.add_argument("--data", help="full MNIST: what data.load takes")
    parser.add_argument("--fold", type=int, choices=range(FOLDS), default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--learning-rate", type=float, default=3e-3)
    parser.add_argument("--decay", type=float, default=0.0, help="decoupled, times the rate")
    parser.add_argument("--l2", type=float, default=0.0, help="coefficient in the loss")
    parser.add_argument("--distortion", type=float, nargs=5, default=DISTORTION)
    parser.add_argument("--plain-epochs", type=int, default=0, help="last epochs, undistorted")
    parser.add_argument("--threads", type=int, default=0, help="0: as many as there are cores")
    parser.add_argument("--out", type=Path, help="file to which a JSON line is added")
    args = parser.parse_args()
    with tf.Graph().as_default():
        line = json.dumps(trial(args), default=str)
    print(line)
    if args.out:
        with args.out.open("a") as file:
            file.write(line + "\n")


if __name__ == "__main__":
    main()
