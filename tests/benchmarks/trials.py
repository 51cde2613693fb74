"""Trials of networks, judged on held-out training images. The test set has no part in it.

    python tests/benchmarks/trials.py --network "3v32p 3v64p" --fold 0 1 --set WEIGHT_DECAY=0.1
    python tests/benchmarks/trials.py --network "256 256" --set rotation=7 group=32 -- --epochs 100

A trial is a lesson, the second if there are convolutions, with the network of the words below in
place of its own. Folds cut MNIST's 60,000 training images in six: a trial learns from five and is
judged on the sixth. Its loss on these 10,000 tells networks apart where accuracy, some 50 errors,
is mostly chance. With OMP_NUM_THREADS=1 TF_NUM_INTRAOP_THREADS=1 TF_NUM_INTEROP_THREADS=1 before
the command, a trial has one thread, so that several can run side by side.
"""

import contextlib
import json
import sys
import tempfile
from functools import partial

import common
import networks
import numpy as np

import data
from support.ground import tf
from support.training import augment, runs

FOLDS = 6


def variables(layers):
    """Create the variables of a network, in place of a lesson's own."""
    initial = tf.initializers.he_normal()
    weights = {i: tf.Variable(initial(layer.shape)) for i, layer in enumerate(layers)}
    return weights, {i: tf.Variable(tf.zeros(layer.shape[-1:])) for i, layer in enumerate(layers)}


def model(layers, x, weights, biases, _):
    """Give the logits of images x, and no layers to look at, in place of a lesson's own."""
    x = tf.reshape(x, [-1, 28, 28, 1])
    for i, layer in enumerate(layers):
        if layer.padding:
            x = tf.nn.conv2d(x, weights[i], 1, layer.padding.upper())
            x = tf.nn.max_pool2d(x, 2, 2, "VALID") if layer.pooled else x
        else:
            x = tf.matmul(tf.reshape(x, [-1, layer.shape[0]]), weights[i])
        x += biases[i]
        x = tf.nn.relu(x) if i < len(layers) - 1 else x  # the last are logits
    return x, {}


def trial(lesson, flags, images, labels, fold):
    """Train by the lesson's own main(); return accuracy in %, cross-entropy, seconds of epochs."""
    rows = np.array_split(np.random.default_rng(0).permutation(len(images)), FOLDS)
    held_out = rows.pop(fold)
    few = held_out[:10]  # for validation, which chooses nothing
    parts = [data.Split(images[r], labels[r]) for r in (np.concatenate(rows), few, held_out)]
    result = []

    def judge(run, session, network, test, probabilities):
        right = probabilities[np.arange(len(test.labels)), test.labels]
        result.append(100 * np.mean(probabilities.argmax(axis=1) == test.labels))
        result.append(-np.log(np.maximum(right, 1e-30)).mean())
        result.append(sum(row["seconds"] for row in run.history))

    data.load = lambda *_: data.Digits(*parts)
    runs.Run.finish = judge  # in place of a test, an export, and figures
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(sys.stderr):
        lesson.main(["--out", f"{folder}/run", *flags])
    return result


def main():
    """Run a trial on each fold; print the row of the table."""
    parser = common.parser(f"{__doc__}\n{networks.__doc__}", lesson=False)
    parser.add_argument("--network", required=True, metavar="WORDS", help="see below")
    parser.add_argument("--fold", type=int, nargs="+", choices=range(FOLDS), default=[0])
    text = "constants of the lesson, arguments of training.distort, straighten=0"
    parser.add_argument("--set", nargs="+", default=[], metavar="NAME=NUMBER", help=text)
    parser.add_argument("flags", nargs="*", metavar="-- FLAGS", help="of the lesson")
    args = common.begin(parser, "tensorflow", "numpy")

    layers = networks.layers(args.network)
    lesson = common.lesson("cnn" if layers[0].padding else "mlp")
    lesson.variables, lesson.model = partial(variables, layers), partial(model, layers)
    changes = {name: json.loads(value) for name, _, value in (s.partition("=") for s in args.set)}
    vars(lesson).update({name: changes.pop(name) for name in list(changes) if name.isupper()})
    if not changes.pop("straighten", True):
        augment.straighten = lambda images: images
    augment.distort = partial(augment.distort, **changes)
    images, labels = common.whole(common.load(args.data))
    trials = [trial(lesson, args.flags, images, labels, fold) for fold in args.fold]
    work = 2 * sum(layer.multiplications for layer in layers) / 1e6
    row = [args.network, f"{work:.1f}", " ".join(args.set + args.flags)]
    row.append(", ".join(map(str, args.fold)))
    for values, digits in zip(zip(*trials, strict=True), (2, 4, 0), strict=True):
        row.append(", ".join(f"{value:.{digits}f}" for value in values))
    header = ["network", "MFLOP", "what else", "folds", "accuracy, %", "cross-entropy", "s"]
    common.table(header, [row])


if __name__ == "__main__":
    main()
