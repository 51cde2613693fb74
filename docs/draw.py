"""Draw the figures of the pages, each from what the lessons really compute.

    python docs/draw.py                 all of them, with the training runs that they need
    python docs/draw.py graph softmax   some of them
    python docs/draw.py --data SOURCE   with other data than the lessons would take

Runs are the lessons' own. What they leave behind stays in runs/docs and is used again: delete that
folder to train anew. Figures are transparent, and their grey and their colours can be read on a
light page and on a dark one.
"""

import argparse
import contextlib
import io
import itertools
import re
import shutil
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, PercentFormatter

sys.path.insert(0, str(Path(__file__).parent.parent))

import variants

import cnn_mnist
import data
import mlp_mnist
from support import training
from support.ground import tf
from support.training import history

HERE = Path(__file__).parent
GREY, BLUE, ORANGE, GREEN, RED = "#7d828a", "#3d85d8", "#d9730d", "#2f9e5b", "#c2497d"
STYLE = {f"{name}color": GREY for name in ("text.", "axes.edge", "axes.label", "axes.title")}
STYLE |= {"xtick.color": GREY, "ytick.color": GREY, "grid.color": GREY, "legend.labelcolor": GREY}
STYLE |= {"axes.titlesize": 10, "legend.frameon": False, "legend.fontsize": 8.5, "font.size": 9.5}


class Measured:
    """The data, training runs, each made when it is asked for and kept, and where to draw."""

    def __init__(self, source, epochs, scratch, into):
        self.source, self.epochs = source, epochs
        self.scratch, self.into = Path(scratch), Path(into)
        self.training, self.validation, self.test = data.load(source)

    def trained(self, lesson, name, *flags):
        """Return the folder of a run with these flags."""
        out = self.scratch / name
        if not (out / "done").exists():
            shutil.rmtree(out, ignore_errors=True)
            source = [] if self.source is None else ["--data", str(self.source)]
            epochs = [] if self.epochs is None else ["--epochs", str(self.epochs)]
            print(f"docs: training {out}", flush=True)
            with contextlib.redirect_stdout(io.StringIO()):
                lesson.main([*source, *flags, *epochs, "--out", str(out)])
            (out / "done").touch()
        return out

    def network(self, lesson):
        """Return a session with the lesson's trained network, and that; its run has its name."""
        epochs = ["--epochs", "40"] if lesson is mlp_mnist else []  # enough to see what it learns
        out = self.trained(lesson, lesson.__name__, *epochs)
        with tf.Graph().as_default():
            built, session = lesson.build(0, "relu"), tf.Session()
            tf.train.Saver().restore(session, training.latest(out))
        return session, built

    def first_layer(self, lesson):
        """Return the weights of the lesson's first layer as images [units, height, width]."""
        session, _ = self.network(lesson)
        with session.graph.as_default():
            weights = session.run(tf.trainable_variables()[0])
        side = int(np.sqrt(weights[..., 0].size))
        return np.moveaxis(weights, -1, 0).reshape(-1, side, side)


def plain(axes):
    """Leave out the frame above and on the right, draw a faint grid, count epochs in whole ones."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25)
    if axes.get_xlabel() == "epoch":
        axes.set_xlim(left=1)
        axes.xaxis.set_major_locator(FixedLocator([1, *range(5, 301, 5)]))
    if "accuracy" in axes.get_title():
        axes.yaxis.set_major_formatter(PercentFormatter(1))


def show(axes, image, title="", **options):
    """Draw a picture without axes; a row of 784 numbers as a digit, ink on white paper."""
    if np.ndim(image) == 1:
        image = np.reshape(image, [28, 28])
        options = {"cmap": "gray_r", "vmin": 0, "vmax": 255} | options
    axes.imshow(image, interpolation="nearest", **options)
    axes.set_axis_off()
    axes.set_title(title, fontsize=8.5)


def look(measured, drawn):
    """A digit as numbers, and as a picture."""
    left, right = drawn.subplots(1, 2, width_ratios=[1.5, 1])
    image = measured.training.images[3].reshape(28, 28)
    left.imshow(np.zeros([28, 28]), cmap="gray_r", vmin=0, vmax=255, aspect="auto")
    for (row, column), value in np.ndenumerate(image):
        color = "black" if value else "#b8bcc2"
        left.text(column, row, value, ha="center", va="center", fontsize=5, color=color)
    left.set_axis_off()
    show(right, image, cmap="gray_r")
    right.set_axis_on()
    right.set(xticks=[], yticks=[])


def one_layer(measured, drawn):
    """The mean image of each digit, and the weights of one layer, trained as on the page."""
    images, labels = measured.training
    weights, biases = np.zeros([784, 10]), np.zeros(10)
    for step in range(3001):
        batch = np.random.default_rng(step).choice(len(images), 100)
        x = images[batch] / 255
        scores = np.exp(x @ weights + biases)
        error = (scores / scores.sum(axis=1, keepdims=True) - np.eye(10)[labels[batch]]) / 100
        weights, biases = weights - 0.2 * x.T @ error, biases - 0.2 * error.sum(axis=0)
    for digit, (above, below) in enumerate(drawn.subplots(2, 10).T):
        show(above, images[labels == digit].mean(axis=0), str(digit))
        show(below, weights[:, digit].reshape(28, 28), vmin=-0.8, vmax=0.8, cmap="RdBu_r")


def softmax(measured, drawn):
    """Logits, probabilities, cross-entropy: the test image read correctly but nearest to a tie."""
    images, labels = measured.test
    session, network = measured.network(cnn_mnist)
    probabilities = cnn_mnist.classify(session, network, images)
    best, second = np.sort(probabilities, axis=1).T[[-1, -2]]
    correct = probabilities.argmax(axis=1) == labels
    i = np.argmin(np.where(correct, best - second, 1))
    [logits] = session.run(network.probabilities.op.inputs[0], {network.images: images[[i]]})
    left, *bars = drawn.subplots(1, 3, width_ratios=[1, 2, 2])
    show(left, images[i], f"a test image: {labels[i]}")
    titles = ["logits", "probabilities (softmax)"]
    for axes, values, title in zip(bars, (logits, probabilities[i]), titles, strict=True):
        axes.bar(range(10), values, color=[GREEN if d == labels[i] else BLUE for d in range(10)])
        axes.set(title=title, xticks=range(10))
        plain(axes)
    share = probabilities[i, labels[i]]
    bars[1].set(ylim=(0, 1), xlabel=f"loss: -ln {share:.4f} = {-np.log(share):.3f}")


def saturation(measured, drawn):
    """The activations, their slopes, and how well the perceptron learns with each."""
    z = np.linspace(-6, 6, 601)
    sigmoid, tanh = 1 / (1 + np.exp(-z)), np.tanh(z)
    curves = {"relu": (np.maximum(z, 0), z > 0, BLUE), "tanh": (tanh, 1 - tanh**2, GREEN)}
    curves["sigmoid"] = sigmoid, sigmoid * (1 - sigmoid), ORANGE
    panels = drawn.subplots(1, 3)
    for name, (values, slope, color) in curves.items():
        run = measured.trained(mlp_mnist, name, "--epochs", "10", "--activation", name)
        shares = [row["accuracy"] for row in history.read(run)]
        panels[0].plot(z, values, color=color, lw=2, label=name)
        panels[1].plot(z, slope, color=color, lw=2, label=name)
        label = f"{name}: {shares[-1]:.2%}"
        panels[2].plot(range(1, len(shares) + 1), shares, color=color, lw=2, label=label)
    panels[0].set(title="activation", xlabel="s, the sum", ylim=(-1.2, 3))
    panels[1].set(title="its slope", xlabel="s, the sum")
    panels[2].set(title="validation accuracy", xlabel="epoch")
    for axes in panels:
        plain(axes)
        axes.legend()


def layers(measured, drawn):
    """The perceptron, with some of its units and their links."""
    axes, before = drawn.subplots(), []
    columns = [("784 pixels\nx", 8, GREY), ("256 units\nh1", 6, BLUE), ("256 units\nh2", 6, BLUE)]
    for x, (text, units, color) in enumerate([*columns, ("10 units\nlogits", 10, GREEN)]):
        heights = np.linspace(-1, 1, units)
        for start in before:
            for end in heights:
                axes.plot([x - 1, x], [start, end], color=GREY, lw=0.5, alpha=0.5, zorder=0)
        axes.scatter([x] * units, heights, s=90, color=color)
        if units != 10:  # only some of them are drawn
            axes.plot([x, x], heights[units // 2 - 1 : units // 2 + 1], color=color, lw=3, ls=":")
        axes.text(x, -1.2, text, ha="center", va="top")
        before = heights
    for x, shape in enumerate(("784 x 256", "256 x 256", "256 x 10")):
        axes.text(x + 0.5, 1.12, f"{shape} weights", ha="center")
    axes.set(ylim=(-1.6, 1.3))
    axes.set_axis_off()


BOXES = {  # place and colour of what lesson 1's build() describes
    "images": (-0.6, 1.6, GREEN), "upright": (1.2, 1.6, GREEN), "x": (2.7, 1.6, BLUE),
    "step": (3.0, 4.3, ORANGE),
    "distorted": (3.0, 3.0, BLUE), "training_logits": (5.0, 3.0, BLUE), "labels": (7.5, 4.0, GREEN),
    "loss": (7.5, 3.0, RED), "train_op": (9.6, 3.0, RED), "learning_rate": (9.6, 1.6, GREEN),
    "decay": (7.8, 1.6, BLUE), "weights, biases": (5.0, 1.6, ORANGE),
    "logits": (5.0, 0.2, BLUE), "probabilities": (7.8, 0.2, RED),
}  # fmt: skip
ARROWS = """images > upright: straighten; upright > x: / 255; x > distorted: bend
step > distorted: seed; distorted > training_logits: model; weights, biases > training_logits: model
training_logits > loss: softmax; labels > loss: one-hot; loss > train_op: gradients
learning_rate > train_op: how far; learning_rate > decay: share
decay > weights, biases: shrinks weights; train_op > weights, biases: changes both
train_op > step: adds 1; x > logits: model; weights, biases > logits: model
logits > probabilities: softmax"""
LEGEND = {"fed": GREEN, "variable: lasts": ORANGE, "computed": BLUE, "asked for": RED}


def graph(measured, drawn):
    """The graph of lesson 1: above what trains, below what answers."""
    axes, patches = drawn.subplots(), {}
    for name, (x, y, color) in BOXES.items():
        box = {"boxstyle": "round,pad=0.4", "fc": color, "ec": "none"}
        style = {"ha": "center", "va": "center", "color": "white", "bbox": box}
        patches[name] = axes.text(x, y, name, **style).get_bbox_patch()
    axes.set(xlim=(-1.2, 10.5), ylim=(-0.2, 5.1))
    axes.set_axis_off()
    handles = [Patch(color=color, label=name) for name, color in LEGEND.items()]
    axes.legend(handles=handles, loc="lower left")
    drawn.draw_without_rendering()  # now the boxes have their sizes, at which the arrows end
    for arrow in re.split("; |\n", ARROWS):
        start, end, word = re.split(" > |: ", arrow)
        (x1, y1, _), (x2, y2, _) = BOXES[start], BOXES[end]
        bend = 0.3 if word == "adds 1" else 0
        style = {"arrowstyle": "-|>", "color": GREY, "connectionstyle": f"arc3,rad={bend}"}
        style |= {"patchA": patches[start], "patchB": patches[end], "shrinkA": 2, "shrinkB": 2}
        axes.annotate("", (x2, y2), (x1, y1), arrowprops=style)
        x, y = (x1 + x2 + bend * (y2 - y1)) / 2, (y1 + y2 - bend * (x2 - x1)) / 2
        slope = 0 if bend else (x2 - x1) * (y2 - y1)
        side = "left" if x1 == x2 or slope < 0 else "right" if slope else "center"
        axes.text(x, y + 0.04, f" {word} ", fontsize=8, style="italic", ha=side, va="bottom")


def convolution(measured, drawn):
    """A digit on its way through lesson 2: below c1 nothing is aligned, as all maps make each."""
    image = measured.validation.images[np.flatnonzero(measured.validation.labels == 4)[0]]
    session, network = measured.network(cnn_mnist)
    asked = [network.layers, network.probabilities]
    maps, [row] = session.run(asked, {network.images: image[None]})
    rows = [("kernels of c1, 3 x 3:\nred above 0, blue below", measured.first_layer(cnn_mnist), 6)]
    rows += [("c1: the image, as the\nkernel above sees it", maps["c1"], 6)]
    for count, name in enumerate(("c2", "c4", "c6"), 7):
        title = f"{name}, pooled: each from\nall {maps[name].shape[-1]} maps before"
        rows += [(title, maps[name], count)]
    drawn.set_layout_engine("none")
    for y, (title, found, count) in enumerate(rows):
        found = np.moveaxis(found[0], -1, 0) if y else found
        limit = np.abs(found[:count]).max()
        color = {"cmap": "magma", "vmin": 0} if y else {"cmap": "RdBu_r", "vmin": -limit}
        drawn.text(0.36, 0.84 - 0.17 * y, title, ha="right", va="center", fontsize=8.5)
        for i in range(count):
            place = [0.38 + i * 0.61 / count, 0.775 - 0.17 * y, 0.55 / count, 0.13]
            show(drawn.add_axes(place), found[i], vmax=limit, **color)
    show(drawn.add_axes([0.01, 0.42, 0.16, 0.24]), image, "the image")
    drawn.text(
        0.38, 0.96, "maps: black is 0, silenced by ReLU; the brighter, the higher", fontsize=8.5
    )
    drawn.text(0.68, 0.01, f"the answer: {row.argmax()}, {row.max():.1%}", ha="center")


def shuffled(measured, drawn):
    """Four digits, and the same with their pixels in another order."""
    order = np.random.default_rng(0).permutation(784)
    for i, axes in enumerate(drawn.subplots(1, 8)):
        image = measured.training.images[i % 4]
        show(axes, image if i < 4 else image[order], str(measured.training.labels[i % 4]))


def distortions(measured, drawn):
    """A slanted 4, the same made upright, and what distort() makes of that in sixteen steps."""
    images = measured.training.images
    image = images[1028 % len(images)]  # MNIST's is as slanted as people write
    with tf.Graph().as_default(), tf.Session() as session:
        upright = training.straighten(tf.constant(image[None]))
        x = tf.cast(upright, tf.float32)
        bent = [training.distort(x, seed=[0, step]) for step in range(16)]
        straight, *bent = session.run([upright, *bent])
    first, second, block = drawn.subfigures(1, 3, width_ratios=[2, 2, 8])
    show(first.subplots(), image, "as it was written")
    show(second.subplots(), straight[0], "straightened")
    block.suptitle("distorted, anew at each step", fontsize=8.5)
    for axes, pixels in zip(block.subplots(2, 8).ravel(), bent, strict=True):
        show(axes, pixels[0])


def overfitting(measured, drawn):
    """Lesson 1 as it is, and with its distortions left out."""
    panels = drawn.subplots(1, 2)
    for taken, color in (("distortions", ORANGE), ("nothing", BLUE)):
        lesson = variants.module("mlp_mnist", variants.variants("ladder")[taken][0])
        rows = history.read(measured.trained(lesson, f"without_{taken}", "--epochs", "15"))
        for axes, value in zip(panels, ("loss", "accuracy"), strict=True):
            values = [row[value] for row in rows]
            label = f"without {taken}: {values[-1]:.4f}".replace("out nothing", " distortions")
            axes.plot([row["epoch"] for row in rows], values, color=color, lw=2, label=label)
    panels[0].set(title="training loss", xlabel="epoch", yscale="log")
    panels[1].set(title="validation accuracy", xlabel="epoch", ylim=(0.96, 0.997))
    for axes in panels:
        plain(axes)
        axes.legend()


def weights(measured, drawn):
    """What training changed in lesson 1's first layer: the ten units that it changed most."""
    session, _ = measured.network(mlp_mnist)
    with session.graph.as_default():
        last = session.run(tf.trainable_variables()[0])
        session.run(tf.global_variables_initializer())  # the first weights again: the same seed
        change = (last - session.run(tf.trainable_variables()[0])).T.reshape(-1, 28, 28)
    strongest = np.argsort(-np.abs(change).sum(axis=(1, 2)))[:10]
    limit = np.percentile(np.abs(change[strongest]), 99)
    for axes, unit in zip(drawn.subplots(2, 5).ravel(), strongest, strict=True):
        show(axes, change[unit], vmin=-limit, vmax=limit, cmap="RdBu_r")


def mistakes(measured, drawn):
    """The test images that lesson 2 misreads, the 30 of which it is surest."""
    images, labels = measured.test
    probabilities = cnn_mnist.classify(*measured.network(cnn_mnist), images)
    read, shares = probabilities.argmax(axis=1), probabilities.max(axis=1)
    surest = np.argsort(np.where(read == labels, 1, -shares))[: np.sum(read != labels)]
    for axes, i in itertools.zip_longest(drawn.subplots(3, 10).ravel(), surest[:30]):
        axes.set_axis_off()
        if i is not None:
            show(axes, images[i], f"{labels[i]}, read as {read[i]}")


SIZES = {look: (8, 3.9), one_layer: (8, 1.8), softmax: (8, 2.4), saturation: (8, 2.4)}  # inches
SIZES |= {layers: (8, 3), graph: (9, 4.4), convolution: (8, 6), shuffled: (8, 1.2)}
SIZES |= {distortions: (8, 1.9), overfitting: (8, 2.6), weights: (8, 3.3), mistakes: (8, 3.4)}
FIGURES = {function.__name__: function for function in SIZES}


def main(argv=None):
    """Draw what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(FIGURES))
    parser.add_argument("--data", metavar="SOURCE", help="as the lessons' flag")
    parser.add_argument("--epochs", type=int, help="train for so long only, for a quick look")
    parser.add_argument("--scratch", default="runs/docs", help="folder of the runs [runs/docs]")
    parser.add_argument("--into", default=HERE, help="folder of the figures [docs]")
    args = parser.parse_args(argv)
    if unknown := set(args.names) - set(FIGURES):
        parser.error(f"no figure {', '.join(unknown)}: there are {', '.join(FIGURES)}")
    measured = Measured(args.data, args.epochs, args.scratch, args.into)
    with mpl.rc_context(STYLE):
        for name, function in FIGURES.items():
            if name in (args.names or FIGURES):
                path = measured.into / f"{name}.png"
                drawn = Figure(figsize=SIZES[function], dpi=110, layout="constrained")
                function(measured, drawn)
                options = {"pil_kwargs": {"optimize": True}, "transparent": True}
                drawn.savefig(path, **options)
                print(f"docs: {path}, {path.stat().st_size // 1000} kB", flush=True)


if __name__ == "__main__":
    main()
