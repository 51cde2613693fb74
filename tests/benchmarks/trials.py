"""Trials of networks, judged on held-out training images. The test set has no part in it.

    python tests/benchmarks/trials.py 3v16 3v16p 3v32 3v32p 3s64 3s64p --decay 0.2 --fold 0 1
    python tests/benchmarks/trials.py 256 256 --epochs 100 --batch-size 256

The network, written as told below, takes the place of the lesson's. Folds cut MNIST's 60,000
training images in six: a trial learns from five and is judged on the sixth. Its loss on these
10,000 tells networks apart where accuracy, some 50 errors, is mostly chance.

The environment variables OMP_NUM_THREADS, TF_NUM_INTRAOP_THREADS and TF_NUM_INTEROP_THREADS,
all set to 1, give a trial one thread, so that several can run side by side.
"""

import contextlib
import sys
import tempfile
from functools import partial

import common
import networks
import numpy as np

import data
import mlp_mnist as lesson
from support import augment, runs
from support.ground import tf

FOLDS = 6
DISTORTION = [10, 0.1, 0.1, 1.5, 0.6]  # rotation, zoom, shear, shift, ripple of augment.distort
GROUP = 16  # its images to a distortion


def variables(layers):
    """Create the variables of a network, in place of a lesson's variables()."""
    initial = tf.initializers.he_normal()
    weights = {i: tf.Variable(initial(layer.shape)) for i, layer in enumerate(layers)}
    biases = {i: tf.Variable(tf.zeros(layer.shape[-1:])) for i, layer in enumerate(layers)}
    return weights, biases


def model(layers, x, weights, biases, _):
    """Return the logits of images x, and no layers to look at, in place of a lesson's model()."""
    x = tf.reshape(x, [-1, 28, 28, 1])
    for i, layer in enumerate(layers):
        if layer.kind == "dense":
            x = tf.matmul(tf.reshape(x, [-1, layer.shape[0]]), weights[i]) + biases[i]
            x = tf.nn.relu(x) if i < len(layers) - 1 else x  # the last are logits
        else:
            y = tf.nn.conv2d(x, weights[i], 1, "VALID" if layer.kind == "v" else "SAME")
            y = tf.nn.max_pool2d(y, 2, 2, "VALID") if layer.pooled else y
            y = tf.nn.relu(y + biases[i])
            x = x + y if layer.kind == "r" else y
    return x, {}


def replace(args, layers):
    """Put what the flags say in place of parts of the lesson, for this process."""
    distort = augment.distort
    augment.distort = lambda x, seed: distort(x, seed, *args.distortion, args.group)
    lesson.variables, lesson.model = partial(variables, layers), partial(model, layers)
    lesson.WEIGHT_DECAY = args.decay


def judged(test, probabilities, session, network):
    """Return accuracy in per cent, cross-entropy, and accuracy in per cent of nine shifts."""

    def percent(answers):
        return 100 * np.mean(answers.argmax(axis=1) == test.labels)

    right = probabilities[np.arange(len(test.labels)), test.labels]
    padded = np.pad(test.images.reshape(-1, 28, 28), [(0, 0), (1, 1), (1, 1)])
    windows = [padded[:, r : r + 28, c : c + 28] for r in range(3) for c in range(3)]
    shifted = [lesson.classify(session, network, each.reshape(-1, 784)) for each in windows]
    cross_entropy = -np.log(np.maximum(right, 1e-30)).mean()
    return percent(probabilities), cross_entropy, percent(np.mean(shifted, axis=0))


def trial(args, images, labels, fold):
    """Train by the lesson's own main(); return what judged does, and the seconds of all epochs."""
    rows = np.array_split(np.random.default_rng(0).permutation(len(images)), FOLDS)
    held_out = rows.pop(fold)
    few = held_out[:10]  # for validation, which chooses nothing
    parts = [data.Split(images[r], labels[r]) for r in (np.concatenate(rows), few, held_out)]
    result = []

    def keep(run, session, network, test, probabilities):
        seconds = sum(row["seconds"] for row in run.history)
        result.extend([*judged(test, probabilities, session, network), seconds])

    data.load = lambda *_: parts
    runs.Run.keep = keep  # which would draw figures, at the end of a training
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(sys.stderr):
        flags = [f"--epochs={args.epochs}", f"--batch-size={args.batch_size}"]
        lesson.main(["--out", f"{folder}/run", *flags])
    return result


def main():
    """Run a trial on each fold; print the row of the table."""
    parser = common.parser(f"{__doc__}\n{networks.__doc__}", lesson=False)
    parser.add_argument("words", nargs="+", metavar="SPEC", help="such as 3v32p 3s64p, or 256 256")
    parser.add_argument("--fold", type=int, nargs="+", choices=range(FOLDS), default=[0])
    parser.add_argument("--epochs", type=int, default=20, help="[20]")
    parser.add_argument("--batch-size", type=int, default=128, help="[128]")
    parser.add_argument("--decay", type=float, default=0.0, help="decoupled, times the rate [0]")
    parser.add_argument("--distortion", type=float, nargs=5, default=DISTORTION)
    parser.add_argument("--group", type=int, default=GROUP, help=f"images to each [{GROUP}]")
    args = common.begin(parser, "tensorflow", "numpy")

    words = " ".join(args.words)
    layers = networks.layers(words)
    images, labels = common.whole(common.load(args.data))
    replace(args, layers)
    results = zip(*(trial(args, images, labels, fold) for fold in args.fold), strict=True)
    what_else = f"decay {args.decay:g}"
    if args.distortion != DISTORTION:
        what_else += ", distortions " + ", ".join(f"{number:g}" for number in args.distortion)
    if args.group != GROUP:
        what_else += f", {args.group} images to a distortion, not {GROUP}"
    row = [words, f"{sum(layer.parameters for layer in layers):,}"]
    row.append(f"{2 * sum(layer.multiplications for layer in layers) / 1e6:.1f}")
    row += [what_else, args.epochs, ", ".join(map(str, args.fold))]
    for values, digits in zip(results, (2, 4, 2, 0), strict=True):
        row.append(", ".join(f"{value:.{digits}f}" for value in values))
    header = ["network", "parameters", "MFLOP", "what else", "epochs", "folds"]
    common.table([*header, "accuracy, %", "cross-entropy", "nine shifts, %", "s"], [row])


if __name__ == "__main__":
    main()
