"""Trials of networks, judged on held-out training images. The test set has no part in it.

    python tests/benchmarks/trials.py 3v16 3v16p 3v32 3v32p 3s64 3s64p --decay 0.2 --fold 1
    python tests/benchmarks/trials.py 256 256 --epochs 100 --batch-size 256

A network is a list of layers. 3v32p: 3 x 3 kernels, VALID, 32 maps, then max-pooling; s: SAME;
r: residual, the layer's input is added to its output; 256: a dense layer of 256 units. It takes
the place of the network in the lesson. Folds cut MNIST's 60,000 training images in six: a trial
learns from five and is judged on the sixth. Its loss on these 10,000 tells networks apart where
accuracy, some 50 errors, is mostly chance.
"""

import json
import math
import re
import tempfile
import time

import common

FOLDS = 6
DISTORTION = [10, 0.1, 0.1, 1.5, 0.6]  # rotation, zoom, shear, shift, ripple of augment.distort
FLAGS = {"seed": 0, "epochs": 20, "batch-size": 128, "learning-rate": 3e-3}  # of the lesson


def network(spec):
    """Return what takes the place of a lesson's variables() and model(), and MFLOP of an image."""
    from support.tensorflow1 import tf

    shapes, layers, products = [], [], 0
    side, maps, dense = 28, 1, False
    for token in [*spec, "10"]:
        size, padding, width, pool = re.fullmatch(r"(?:(\d)([vsr]))?(\d+)(p?)", token).groups()
        if size:
            shapes.append([int(size), int(size), maps, int(width)])
            side -= (int(size) - 1) * (padding == "v")
            products += math.prod(shapes[-1]) * side**2
            side = -(-side // 2) if pool else side
        else:
            shapes.append([maps if dense else side * side * maps, int(width)])
            products += math.prod(shapes[-1])
            dense = True
        maps = int(width)
        layers.append((size, padding, pool))

    def variables():
        initial = tf.initializers.he_normal()
        weights = {i: tf.Variable(initial(shape)) for i, shape in enumerate(shapes)}
        return weights, {i: tf.Variable(tf.zeros(s[-1:])) for i, s in enumerate(shapes)}

    def model(x, weights, biases, _):
        x = tf.reshape(x, [-1, 28, 28, 1])
        for i, (size, padding, pool) in enumerate(layers):
            if size:
                y = tf.nn.conv2d(x, weights[i], 1, "VALID" if padding == "v" else "SAME")
                y = tf.nn.max_pool2d(y, 2, 2, "SAME") if pool else y
                y = tf.nn.relu(y + biases[i])
                x = x + y if padding == "r" else y
            else:
                x = tf.matmul(tf.reshape(x, [-1, shapes[i][0]]), weights[i]) + biases[i]
                x = tf.nn.relu(x) if i < len(layers) - 1 else x  # the last are logits
        return x, {}

    return variables, model, 2 * products / 1e6


def trial(args):
    """Train by the lesson's own main(), with another network; print what it comes to, and end."""
    import numpy as np

    import data
    import mlp_mnist as lesson
    from support import augment
    from support.tensorflow1 import tf

    images, labels = common.whole(common.load(args.data))
    folds = np.array_split(np.random.default_rng(0).permutation(len(images)), FOLDS)
    held_out, truth = images[folds[args.fold]], labels[folds.pop(args.fold)]
    chosen = np.concatenate(folds)
    few = data.Split(held_out[:10], truth[:10])  # for validation, which chooses nothing
    data.load = lambda *_: (data.Split(images[chosen], labels[chosen]), few, few)
    lesson.variables, lesson.model, mflop = network(args.spec)
    lesson.WEIGHT_DECAY, distort, classify = args.decay, augment.distort, lesson.classify
    augment.distort = lambda x, seed: distort(x, seed, *args.distortion)
    epochs, start = [], time.perf_counter()

    def judge(session, network, pixels):
        epochs.append(time.perf_counter() - start)
        if len(epochs) < args.epochs:
            return classify(session, network, pixels)
        padded = np.pad(held_out.reshape(-1, 28, 28), [(0, 0), (1, 1), (1, 1)])
        windows = [padded[:, r : r + 28, c : c + 28] for r in range(3) for c in range(3)]
        shifted = [classify(session, network, window.reshape(-1, 784)) for window in windows]
        plain = shifted[4]  # the window in the middle
        right = plain[np.arange(len(truth)), truth]
        result = {
            "parameters": sum(v.shape.num_elements() for v in tf.trainable_variables()),
            "mflop": round(mflop, 2),
            "accuracy": round(100 * np.mean(plain.argmax(1) == truth), 2),
            "cross_entropy": round(float(-np.log(np.maximum(right, 1e-30)).mean()), 5),
            "nine_shifts": round(100 * np.mean(np.mean(shifted, 0).argmax(1) == truth), 2),
            "seconds": round(epochs[-1], 1),
        }
        print(json.dumps(vars(args) | result))
        raise SystemExit

    lesson.classify = judge
    with tempfile.TemporaryDirectory() as folder:
        flags = [f"--{flag}={getattr(args, flag.replace('-', '_'))}" for flag in FLAGS]
        lesson.main(["--out", f"{folder}/run", *flags])


def main():
    """Run one trial; print it as a line of JSON."""
    parser = common.parser(__doc__, lesson=False)
    parser.add_argument("spec", nargs="+", help="layers, such as 3v32p 3s64p, or 256 256")
    parser.add_argument("--fold", type=int, choices=range(FOLDS), default=0)
    parser.add_argument("--decay", type=float, default=0.0, help="decoupled, times the rate [0]")
    parser.add_argument("--distortion", type=float, nargs=5, default=DISTORTION)
    for flag, default in FLAGS.items():
        parser.add_argument(f"--{flag}", type=type(default), default=default, help=f"[{default}]")
    trial(parser.parse_args())


if __name__ == "__main__":
    main()
