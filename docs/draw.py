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
import re
import shutil
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator, PercentFormatter

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))


import screenshots
import variants

import cnn_mnist
import data
import mlp_mnist
from support import training
from support.ground import tf
from support.pictures import european, groups, ink, load, mnist, pieces
from support.training import history

GREY, BLUE, ORANGE, GREEN, RED = "#7d828a", "#3d85d8", "#d9730d", "#2f9e5b", "#c2497d"
STYLE = {f"{name}color": GREY for name in ("text.", "axes.edge", "axes.label", "axes.title")}
STYLE |= {"xtick.color": GREY, "ytick.color": GREY, "grid.color": GREY, "legend.labelcolor": GREY}
STYLE |= {"axes.titlesize": 10, "legend.frameon": False, "legend.fontsize": 8.5, "font.size": 9.5}
LINES = {"relu": BLUE, "sigmoid": ORANGE, "tanh": GREEN}
WEIGHTS = {"cmap": "RdBu_r"}  # red: above 0; blue: below


class Measured:
    """The data, training runs, each made when it is asked for and kept, and where to draw."""

    def __init__(self, source, epochs, scratch, into):
        self.source, self.epochs = source, epochs
        self.scratch, self.into = Path(scratch), Path(into)
        self.training, self.validation, self.test = data.load(source)
        self.opened = {}

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
        if lesson not in self.opened:
            out, graph = self.trained(lesson, lesson.__name__), tf.Graph()
            with graph.as_default():
                built, session = lesson.build(0, "relu"), tf.Session()
                tf.train.Saver().restore(session, training.latest(out))
            self.opened[lesson] = session, built
        return self.opened[lesson]

    def first_layer(self, lesson):
        """Return the weights of the lesson's first layer as images [units, height, width]."""
        session, _ = self.network(lesson)
        with session.graph.as_default():
            weights = session.run(tf.trainable_variables()[0])
        side = int(np.sqrt(weights[..., 0].size))
        return np.moveaxis(weights, -1, 0).reshape(-1, side, side)


def figure(width, height):
    return Figure(figsize=(width, height), dpi=110, layout="constrained")


def plain(axes):
    """Leave out the frame above and on the right, draw a faint grid, count epochs in whole ones."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25)
    if axes.get_xlabel() == "epoch":
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
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


def sheet(patches, columns):
    """Return patches [N, height, width] side by side in one array, with gaps of NaN."""
    rows, (height, width) = -(-len(patches) // columns), patches.shape[1:]
    gap = max(1, height // 12)
    whole = np.full([rows * (height + gap), columns * (width + gap)], np.nan)
    for i, patch in enumerate(patches):
        top, left = i // columns * (height + gap), i % columns * (width + gap)
        whole[top : top + height, left : left + width] = patch
    return whole[:-gap, :-gap]


# The figures. The name of a function is that of its file; each returns what it has drawn.


def look(measured):
    """A digit as numbers, and as a picture."""
    drawn = figure(8, 3.9)
    left, right = drawn.subplots(1, 2, width_ratios=[1.5, 1])
    image = measured.training.images[3].reshape(28, 28)
    left.imshow(np.zeros([28, 28]), cmap="gray_r", vmin=0, vmax=255, aspect="auto")
    for (row, column), value in np.ndenumerate(image):
        color = "black" if value else "#b8bcc2"
        left.text(column, row, value, ha="center", va="center", fontsize=5, color=color)
    left.set_axis_off()
    show(right, image, cmap="gray_r")
    return drawn


def one_layer(measured):
    """The mean image of each digit, and the weights of one layer that was trained as on the page."""
    images, labels = measured.training
    weights, biases = np.zeros([784, 10]), np.zeros(10)
    for step in range(3001):
        batch = np.random.default_rng(step).choice(len(images), 100)
        x = images[batch] / 255
        scores = np.exp(x @ weights + biases)
        error = (scores / scores.sum(axis=1, keepdims=True) - np.eye(10)[labels[batch]]) / 100
        weights, biases = weights - 0.2 * x.T @ error, biases - 0.2 * error.sum(axis=0)
    drawn = figure(8, 1.8)
    for digit, (above, below) in enumerate(drawn.subplots(2, 10).T):
        show(above, images[labels == digit].mean(axis=0))
        show(below, weights[:, digit].reshape(28, 28), vmin=-0.8, vmax=0.8, **WEIGHTS)
    return drawn


def softmax(measured):
    """Logits, probabilities, cross-entropy: the test image read correctly but nearest to a tie."""
    images, labels = measured.test
    session, network = measured.network(cnn_mnist)
    probabilities = cnn_mnist.classify(session, network, images)
    best, second = np.sort(probabilities, axis=1).T[[-1, -2]]
    correct = probabilities.argmax(axis=1) == labels
    i = np.argmin(np.where(correct, best - second, 1))
    [logits] = session.run(network.probabilities.op.inputs[0], {network.images: images[[i]]})
    drawn = figure(8, 2.4)
    left, *bars = drawn.subplots(1, 3, width_ratios=[1, 2, 2])
    show(left, images[i], f"a test image: {labels[i]}")
    titles = ["logits", "probabilities (softmax)"]
    for axes, values, title in zip(bars, (logits, probabilities[i]), titles, strict=True):
        axes.bar(range(10), values, color=[GREEN if d == labels[i] else BLUE for d in range(10)])
        axes.set(title=title, xticks=range(10))
        plain(axes)
    share = probabilities[i, labels[i]]
    bars[1].set(ylim=(0, 1), xlabel=f"loss: -ln {share:.4f} = {-np.log(share):.3f}")
    return drawn


def layers(measured):
    """The perceptron, with some of its units and their links."""
    drawn = figure(8, 3.6)
    axes, before = drawn.subplots(), []
    columns = [("x", "784 pixels", 11, GREY), ("h1", "256 units", 9, BLUE)]
    columns += [("h2", "256 units", 9, BLUE), ("logits", "10 units", 10, GREEN)]
    for x, (name, count, units, color) in enumerate(columns):
        places = [(x, y) for y in np.linspace(-1, 1, units) if y or units == 10]
        for start in before:
            for end in places:
                axes.plot(*zip(start, end, strict=True), color=GREY, lw=0.4, alpha=0.5, zorder=0)
        axes.scatter(*zip(*places, strict=True), s=90, color=color)
        if units != 10:  # only some of them are drawn
            axes.plot([x, x], [-0.2, 0.2], color=color, lw=4, ls=":", zorder=2)
        axes.text(x, -1.2, f"{count}\n{name}", ha="center", va="top")
        before = places
    for x, shape in enumerate(("784 x 256", "256 x 256", "256 x 10")):
        axes.text(x + 0.5, 1.12, f"{shape} weights", ha="center")
    axes.set(ylim=(-1.6, 1.3))
    axes.set_axis_off()
    return drawn


def activations(measured):
    """ReLU, sigmoid and tanh."""
    z = np.linspace(-6, 6, 601)
    drawn = figure(5, 2.3)
    axes = drawn.subplots()
    for name, values in (
        ("relu", np.maximum(z, 0)), ("sigmoid", 1 / (1 + np.exp(-z))), ("tanh", np.tanh(z))
    ):  # fmt: skip
        axes.plot(z, values, color=LINES[name], label=name, lw=2)
    axes.set(xlabel="s, the sum", ylim=(-1.2, 3))
    axes.legend()
    plain(axes)
    return drawn


def saturation(measured):
    """The slopes of the activations, and how well the perceptron learns with each."""
    z = np.linspace(-6, 6, 601)
    sigmoid = 1 / (1 + np.exp(-z))
    slopes = {"relu": z > 0, "sigmoid": sigmoid * (1 - sigmoid), "tanh": 1 - np.tanh(z) ** 2}
    drawn = figure(8, 2.6)
    left, right = drawn.subplots(1, 2)
    for name, color in LINES.items():
        left.plot(z, slopes[name], color=color, lw=2)
        rows = history.read(
            measured.trained(mlp_mnist, name, "--epochs", "10", "--activation", name)
        )
        accuracies = [row["accuracy"] for row in rows]
        label = f"{name}: {accuracies[-1]:.2%}"
        epochs = [row["epoch"] for row in rows]
        right.plot(epochs, accuracies, color=color, lw=2, label=label)
    left.set(title="slope of the activation", xlabel="s, the sum")
    right.set(title="validation accuracy", xlabel="epoch")
    right.legend()
    plain(left)
    plain(right)
    return drawn


BOXES = {  # place and colour of what lesson 1's build() describes
    "images": (0, 1.6, GREEN), "x": (1.5, 1.6, BLUE), "step": (3.0, 4.3, ORANGE),
    "distorted": (3.0, 3.0, BLUE), "logits": (5.2, 3.0, BLUE), "labels": (7.0, 4.0, GREEN),
    "loss": (7.0, 3.0, RED), "train_op": (9.4, 3.0, RED), "learning_rate": (9.4, 1.6, GREEN),
    "decay": (7.3, 1.6, BLUE), "weights, biases": (5.2, 1.6, ORANGE),
    "logits ": (5.2, 0.2, BLUE), "probabilities": (7.8, 0.2, RED),
}  # fmt: skip
ARROWS = """images > x: / 255
x > distorted: turn, bend ...
step > distorted: seed
distorted > logits: model
weights, biases > logits: model
logits > loss: softmax
labels > loss: one-hot
loss > train_op: gradients
learning_rate > train_op: how far
learning_rate > decay: how much
decay > weights, biases: first shrinks
train_op > weights, biases: then changes
train_op > step: adds 1
x > logits : model
weights, biases > logits : model
logits  > probabilities: softmax"""
LEGEND = {"fed": GREEN, "variable: lasts": ORANGE, "computed": BLUE, "asked for": RED}


def graph(measured):
    """The graph of lesson 1: above what trains, below what answers."""
    drawn = figure(9, 4.4)
    axes, patches = drawn.subplots(), {}
    for name, (x, y, color) in BOXES.items():
        box = {"boxstyle": "round,pad=0.4", "fc": color, "ec": "none"}
        style = {"ha": "center", "va": "center", "color": "white", "bbox": box}
        patches[name] = axes.text(x, y, name.strip(), **style).get_bbox_patch()
    axes.set(xlim=(-0.6, 10.3), ylim=(-0.2, 5.1))
    axes.set_axis_off()
    handles = [Patch(color=color, label=name) for name, color in LEGEND.items()]
    axes.legend(handles=handles, loc="lower left")
    drawn.draw_without_rendering()  # now the boxes have their sizes, at which the arrows end
    for start, end, word in (re.split(" > |: ", arrow) for arrow in ARROWS.splitlines()):
        (x1, y1, _), (x2, y2, _) = BOXES[start], BOXES[end]
        bend = 0.3 if word == "adds 1" else 0
        style = {"arrowstyle": "-|>", "color": GREY, "connectionstyle": f"arc3,rad={bend}"}
        style |= {"patchA": patches[start], "patchB": patches[end], "shrinkA": 2, "shrinkB": 2}
        axes.annotate("", (x2, y2), (x1, y1), arrowprops=style)
        x, y = (x1 + x2 + bend * (y2 - y1)) / 2, (y1 + y2 - bend * (x2 - x1)) / 2
        place = {"ha": "center", "va": "bottom"} if x1 != x2 else {"ha": "left", "va": "center"}
        axes.text(x + 0.08 * (x1 == x2), y + 0.04, word, fontsize=8, style="italic", **place)
    return drawn


def convolution(measured):
    """A digit on its way through lesson 2: rows that are not aligned, for all maps make each."""
    image = measured.validation.images[np.flatnonzero(measured.validation.labels == 4)[0]]
    session, network = measured.network(cnn_mnist)
    maps, [row] = session.run(
        [network.layers, network.probabilities], {network.images: image[None]}
    )
    drawn = Figure(figsize=(8, 6), dpi=110)
    kernels = measured.first_layer(cnn_mnist)[:6]
    rows = [("kernels of c1\n3 x 3", kernels), ("c1: the image,\nseen by each kernel", maps["c1"])]
    for name, count in (("c2", 24), ("c4", 48), ("c6", 96)):
        rows.append((f"{name}: each map is made\nfrom all {count // 2 if name != 'c2' else 24}", maps[name]))
    for y, (title, found) in enumerate(rows):
        found = found if y == 0 else np.moveaxis(found[0], -1, 0)
        top, count = 0.82 - 0.19 * y, 6 if y < 2 else 5 + y
        drawn.text(0.2, top + 0.07, title, ha="right", va="center", fontsize=8.5)
        for i in range(count):
            width = 0.76 / count
            axes = drawn.add_axes([0.22 + i * width, top, width * 0.9, 0.14])
            limit = np.abs(found[:count]).max()
            color = {**WEIGHTS, "vmin": -limit} if y == 0 else {"cmap": "magma", "vmin": 0}
            show(axes, found[i], vmax=limit, **color)
    show(drawn.add_axes([0.02, 0.86, 0.08, 0.12]), image)
    drawn.text(0.6, 0.01, f"the answer: {row.argmax()}, {row.max():.1%}", ha="center")
    return drawn


def shuffled(measured):
    """Four digits, and the same with their pixels in another order."""
    drawn = figure(8, 1.2)
    order = np.random.default_rng(0).permutation(784)
    for i, axes in enumerate(drawn.subplots(1, 8)):
        image = measured.training.images[i % 4]
        show(axes, image if i < 4 else image[order], str(measured.training.labels[i % 4]))
    return drawn


def distortions(measured):
    """One training image, and what distort() makes of it in seventeen steps."""
    image = measured.training.images[np.flatnonzero(measured.training.labels == 2)[0]]
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.constant(image[np.newaxis] / np.float32(255))
        images = session.run([training.distort(x, seed=[0, step]) for step in range(17)])
    drawn = figure(8, 1.9)
    grid = drawn.subplots(2, 9).ravel()
    show(grid[0], image, "the image")
    for axes, pixels in zip(grid[1:], images, strict=True):
        show(axes, pixels[0], vmax=1)
    return drawn


def schedule(measured):
    """Learning rate and validation accuracy of both lessons over the training."""
    drawn = figure(8, 2.6)
    rate, accuracy = drawn.subplots(1, 2)
    progress = np.linspace(0, 1, 201)
    shares = [mlp_mnist.LEARNING_RATE * mlp_mnist.schedule(p) for p in progress]
    rate.plot(progress, shares, color=GREEN, lw=2)
    rate.set(title="learning rate of lesson 1", xlabel="progress", ylim=0)
    for lesson, color in ((mlp_mnist, BLUE), (cnn_mnist, ORANGE)):
        rows = history.read(measured.trained(lesson, lesson.__name__))
        values = [row["accuracy"] for row in rows]
        label = f"{lesson.__name__}, {len(rows)} epochs"
        accuracy.plot(np.linspace(1 / len(rows), 1, len(rows)), values, color=color, label=label)
    accuracy.set(title="validation accuracy", xlabel="progress", ylim=(0.97, 0.998))
    accuracy.legend()
    plain(rate)
    plain(accuracy)
    return drawn


def overfitting(measured):
    """Lesson 1 as it is, and with its distortions left out."""
    texts = variants.variants("ladder")
    drawn = figure(8, 2.8)
    loss, accuracy = drawn.subplots(1, 2)
    for taken, name, color in (
        ("distortions", "without distortions", ORANGE), ("nothing", "with distortions", BLUE)
    ):  # fmt: skip
        lesson = variants.module("mlp_mnist", texts[taken][0])
        rows = history.read(measured.trained(lesson, name.replace(" ", "_"), "--epochs", "50"))
        epochs, values = [row["epoch"] for row in rows], [row["accuracy"] for row in rows]
        loss.plot(epochs, [row["loss"] for row in rows], color=color, lw=2, label=name)
        accuracy.plot(epochs, values, color=color, lw=2, label=f"{name}: {values[-1]:.2%}")
    loss.set(title="training loss", xlabel="epoch", yscale="log")
    accuracy.set(title="validation accuracy", xlabel="epoch", ylim=(0.97, 0.997))
    for axes in (loss, accuracy):
        plain(axes)
        axes.legend()
    return drawn


def weights(measured):
    """What lesson 1's first layer learned: the 28 units with the largest weights."""
    units = measured.first_layer(mlp_mnist)
    units = units[np.argsort(-np.linalg.norm(units, axis=(1, 2)))[:28]]
    limit = np.percentile(np.abs(units), 99)
    drawn = figure(8, 2.4)
    show(drawn.subplots(), sheet(units, 14), vmin=-limit, vmax=limit, **WEIGHTS)
    return drawn


def mistakes(measured):
    """The test images that lesson 2 misreads, the surest first."""
    images, labels = measured.test
    probabilities = cnn_mnist.classify(*measured.network(cnn_mnist), images)
    read, shares = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = np.flatnonzero(read != labels)
    rows = max(1, -(-len(wrong) // 10))
    drawn = figure(8, 1.12 * rows)
    grid = drawn.subplots(rows, 10, squeeze=False).ravel()
    for axes in grid:
        axes.set_axis_off()
    for axes, i in zip(grid, wrong[np.argsort(-shares[wrong])], strict=False):
        show(axes, images[i], f"{labels[i]}, read as {read[i]}")
    return drawn


def preparation(measured):
    """A person's picture on its way into the form of MNIST's images, step by step."""
    image = load.load(HERE / "my_digit.png")
    amount, _ = next(ink.maps(np.asarray(image)))
    [group], _ = groups.find(pieces.find(amount), amount.shape, edges=False)
    mask = european.american(groups.stamp(group), group.pen)
    left, top, right, bottom = group.box
    cut = np.where(mask, amount[top:bottom, left:right], 0)
    labelled = np.full([*amount.shape, 3], 255, np.uint8)
    for piece, color in zip(group.pieces, ((61, 133, 216), (217, 115, 13)), strict=False):
        x, y, x2, y2 = piece.box
        labelled[y:y2, x:x2][piece.mask] = color
    pixels = mnist.normalized(np.pad(cut, 8), np.pad(mask, 8)).reshape(28, 28)
    steps = {"the picture": image, "ink": amount, "pieces": labelled, "cut out": cut}
    drawn = figure(8, 1.9)
    for axes, title in zip(drawn.subplots(1, 5), [*steps, "28 x 28"], strict=True):
        show(axes, steps.get(title, pixels), title, cmap="gray_r")
    return drawn


STROKES = [
    [(64, 76), (40, 77)],
    [(40, 77), (37, 55), (58, 52), (62, 34), (34, 27)],
]


def my_digit(measured):
    """A picture to try --predict with: a 5 in two strokes of a pen, which is our own hand."""
    drawn = Figure(figsize=(2, 2), dpi=100, facecolor="#f4f1e8")
    axes = drawn.add_axes([0, 0, 1, 1])
    for curve in STROKES:
        points = np.array(curve, float)
        t = np.linspace(0, 1, len(points))
        coefficients = np.polyfit(t, points, len(points) - 1)[::-1]
        fine = np.linspace(0, 1, 200)[:, np.newaxis]
        path = sum(c * fine**k for k, c in enumerate(coefficients))
        axes.plot(*path.T, color="#22357a", lw=5, solid_capstyle="round")
    axes.set(xlim=(0, 100), ylim=(0, 100))
    axes.set_axis_off()
    return drawn


FIGURES = [look, one_layer, softmax, layers, activations, saturation, graph, convolution, shuffled]
FIGURES += [distortions, schedule, overfitting, weights, mistakes, preparation, my_digit]


def main(argv=None):
    """Draw what the command line names."""
    names = [*(function.__name__ for function in FIGURES), "page"]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(names))
    parser.add_argument("--data", metavar="SOURCE", help="as the lessons' flag")
    parser.add_argument("--epochs", type=int, help="train for so long only, for a quick look")
    parser.add_argument("--scratch", default="runs/docs", help="folder of the runs [runs/docs]")
    parser.add_argument("--into", default=HERE, help="folder of the figures [docs]")
    args = parser.parse_args(argv)
    if unknown := set(args.names) - set(names):
        parser.error(f"no figure {', '.join(unknown)}: there are {', '.join(names)}")
    measured = Measured(args.data, args.epochs, args.scratch, args.into)
    with mpl.rc_context(STYLE):
        for function in FIGURES:
            name = function.__name__
            if not args.names or name in args.names:
                path = measured.into / f"{name}.png"
                options = {"pil_kwargs": {"optimize": True}, "transparent": name != "my_digit"}
                function(measured).savefig(path, **options)
                print(f"docs: {path}, {path.stat().st_size // 1000} kB", flush=True)
    if (not args.names or "page" in args.names) and shutil.which("chromium"):
        run = measured.trained(cnn_mnist, "cnn_mnist")
        screenshots.take("cnn_mnist", run.absolute(), measured.into)


if __name__ == "__main__":
    main()
