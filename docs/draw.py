"""Draw the figures of the pages, each from what the lessons really compute.

    python docs/draw.py                 all of them; the trainings take about fifteen minutes
    python docs/draw.py graph softmax   some of them
    python docs/draw.py --data SOURCE   with other data than the lessons would take

The trainings are the lessons' own. What they leave behind stays in runs/docs and is used again:
delete that folder to train anew. Figures are transparent, and their grey and their colours can be
read on a light page and on a dark one.
"""

import argparse
import contextlib
import io
import shutil
import sys
from itertools import pairwise
from pathlib import Path
from unittest import mock

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle
from matplotlib.ticker import MaxNLocator, PercentFormatter

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

import screenshots  # noqa: E402

import cnn_mnist  # noqa: E402
import data  # noqa: E402
import mlp_mnist  # noqa: E402
from support import augment, checkpoints, flags  # noqa: E402
from support.ground import tf  # noqa: E402
from support.pictures import european, groups, ink, load, mnist, pieces  # noqa: E402

GREY, BLUE, ORANGE, GREEN = "#7d828a", "#3d85d8", "#d9730d", "#2f9e5b"
FUNCTIONS = {
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(float)),
    "sigmoid": (
        lambda z: 1 / (1 + np.exp(-z)),
        lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2,
    ),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
}
LINES = {"relu": BLUE, "sigmoid": ORANGE, "tanh": GREEN}


# What is measured: trainings, and what their networks answer.


class Measured:
    """The data, and trainings that run when they are asked for, once."""

    def __init__(self, source, epochs, scratch, into):
        self.source, self.epochs = source, epochs
        self.scratch, self.into = Path(scratch), Path(into)
        self.training, self.validation, self.test = data.load(source)

    def trained(self, lesson, name, *flags, distorted=True):
        """Return the folder of a training with these flags."""
        out = self.scratch / name
        if not (out / "done").exists():
            shutil.rmtree(out, ignore_errors=True)
            source = [] if self.source is None else ["--data", str(self.source)]
            epochs = [] if self.epochs is None else ["--epochs", str(self.epochs)]
            with contextlib.ExitStack() as changes:
                if not distorted:
                    unchanged = mock.patch.object(augment, "distort", lambda x, seed: x)
                    changes.enter_context(unchanged)
                print(f"docs: training {out}", flush=True)
                with contextlib.redirect_stdout(io.StringIO()):
                    lesson.main([*source, *flags, *epochs, "--out", str(out)])
            (out / "done").touch()
        return out

    def mlp(self):
        return self.trained(mlp_mnist, "mlp")

    def cnn(self):
        return self.trained(cnn_mnist, "cnn")


@contextlib.contextmanager
def network(lesson, out):
    """Open a session with the network that a training left in the folder `out`: (session, it)."""
    args = argparse.Namespace(**checkpoints.flags_of(out, lesson.__name__))
    with tf.Graph().as_default(), tf.Session() as session:
        network = lesson.build(args)
        tf.train.Saver().restore(session, checkpoints.latest(out))
        yield session, network


def answers(lesson, out, images):
    """Return the probabilities, float [N, 10], of a trained network."""
    with network(lesson, out) as (session, answering):
        return lesson.classify(session, answering, images)


def values(out):
    """Return the arrays of a training's variables by their names, such as "weights/h1"."""
    reader = tf.train.load_checkpoint(checkpoints.latest(out))
    return {name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map()}


# How figures look.


def figure(width, height):
    return Figure(figsize=(width, height), dpi=110, layout="constrained")


def save(measured, name, drawn, **options):
    path = measured.into / f"{name}.png"
    drawn.savefig(path, pil_kwargs={"optimize": True}, **{"transparent": True, **options})
    print(f"docs: {path}, {path.stat().st_size // 1000} kB", flush=True)


def plain(axes):
    """Leave out the frame above and on the right, draw a faint grid, count epochs in whole ones."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25)
    if axes.get_xlabel() == "epoch":
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))


def show(axes, image, **options):
    """Draw a picture without axes."""
    axes.imshow(image, interpolation="nearest", **options)
    axes.set_axis_off()


def digit_in(axes, pixels, title="", **options):
    """Draw a digit as ink on paper: white paper, whatever the page's colour."""
    show(axes, np.reshape(pixels, [28, 28]), cmap="gray_r", vmin=0, **{"vmax": 255, **options})
    axes.set_title(title, fontsize=9)


# The figures. The name of a function is that of its file.


def digits(measured):
    """Of each digit the test image that the CNN reads rightly, but with the least certainty."""
    labels, images = measured.test.labels, measured.test.images
    probabilities = answers(cnn_mnist, measured.cnn(), images)
    read, shares = probabilities.argmax(axis=1), probabilities.max(axis=1)
    drawn = figure(8, 1.35)
    for digit, axes in enumerate(drawn.subplots(1, 10)):
        i = np.argmin(np.where((labels == digit) & (read == digit), shares, 1))
        digit_in(axes, images[i])
        axes.set_title(f"{read[i]}", fontsize=15, color=GREEN)
        axes.text(14, 33, f"{shares[i]:.0%} sure", ha="center", fontsize=8)
    save(measured, "digits", drawn)


def layers(measured):
    """Both networks, drawn with the shapes that the graph itself tells."""
    drawn = figure(9, 4.4)
    for axes, lesson in zip(drawn.subplots(2, 1), (mlp_mnist, cnn_mnist), strict=True):
        with tf.Graph().as_default():
            built = lesson.build(flags.parse([], vars(lesson)))
            weights = [v for v in tf.trainable_variables() if v.op.name.startswith("weights")]
            total = sum(v.shape.num_elements() for v in tf.trainable_variables())
        is_cnn = lesson is cnn_mnist
        stages = [("image", [28, 28, 1] if is_cnn else [784])]
        stages += [(name, layer.shape.as_list()[1:]) for name, layer in built.layers.items()]
        stages += [("logits", [10])]
        steps = [0, 2, 4, 6, 7] if is_cnn else [0, 1, 2, 3]  # two kernels to a block
        before = [[], *(weights[i:j] for i, j in pairwise(steps))]
        place, gap = 0.0, 50 if is_cnn else 90
        for (name, shape), own in zip(stages, before, strict=True):
            stacked = len(shape) == 3
            width = height = shape[0]
            sheets = 1 + int(np.log2(shape[2])) if stacked else 1
            if not stacked:
                width, height = 3, 44 * (shape[0] / 1152) ** 0.5
            color = GREEN if name == "logits" else BLUE if place else GREY
            for sheet in reversed(range(sheets)):
                corner = (place + sheet * 1.1, -height / 2 + sheet * 1.1)
                box = Rectangle(corner, width, height, fc=color, ec="white", lw=0.5, alpha=0.85)
                axes.add_patch(box)
            label = f"{' x '.join(map(str, shape))}\n{name}"
            axes.text(place + width / 2, -31, label, ha="center", va="center", fontsize=8)
            for k, weight in enumerate(own):
                size = " x ".join(map(str, weight.shape.as_list()))
                text = f"{weight.op.name.removeprefix('weights/')}: {size}"
                axes.text(place - gap / 2, 32 - 8 * k, text, ha="center", va="center", fontsize=7.5)
            place += width + (sheets - 1) * 1.1 + gap
        axes.set(xlim=(-6, 320), ylim=(-38, 38), aspect="equal")
        axes.set_title(f"{lesson.__name__}.py: {total:,} weights and biases", loc="left")
        axes.set_axis_off()
    save(measured, "layers", drawn)


def activations(measured):
    """ReLU, sigmoid and tanh, and their derivatives."""
    z = np.linspace(-6, 6, 601)
    drawn = figure(8, 2.6)
    panels = drawn.subplots(1, 2)
    for axes, which, title in zip(panels, (0, 1), ("activation", "its derivative"), strict=True):
        for name, functions in FUNCTIONS.items():
            axes.plot(z, functions[which](z), color=LINES[name], label=name, lw=2)
        axes.set(title=title, xlabel="z")
        plain(axes)
    panels[0].set_ylim(-1.2, 3)
    panels[0].legend(frameon=False)
    save(measured, "activations", drawn)


def saturation(measured):
    """Each activation at the default learning rate and at one that is too high, ten epochs."""
    rates = ("0.003", "0.1")
    drawn = figure(8, 3.4)
    x = measured.validation.images / 255
    for axes, rate in zip(drawn.subplots(1, 2), rates, strict=True):
        for name, (function, _) in FUNCTIONS.items():
            flags = ["--epochs", "10", "--activation", name, "--learning-rate", rate]
            out = measured.trained(mlp_mnist, f"{name}-{rate}", *flags)
            rows, learned = checkpoints.read_history(out, 10**5), values(out)
            hidden, stuck = x, []
            for layer in "12":
                hidden = function(
                    hidden @ learned[f"weights/h{layer}"] + learned[f"biases/b{layer}"]
                )
                stuck.append(useless(name, hidden))
            shares = " and ".join(f"{share:.0%}" for share in stuck)
            word = "dead" if name == "relu" else "saturated"
            axes.plot(
                [row["epoch"] for row in rows],
                [row["accuracy"] for row in rows],
                color=LINES[name],
                marker="o",
                ms=3,
                label=f"{name}: at last {rows[-1]['accuracy']:.1%}; {word} {shares}",
            )
        axes.set(title=f"--learning-rate {rate}", xlabel="epoch")
        axes.yaxis.set_major_formatter(PercentFormatter(1))
        axes.legend(frameon=False, fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.2))
        plain(axes)
    save(measured, "saturation", drawn)


def useless(name, hidden):
    """Return the share of dead units (ReLU), or of saturated outputs, among hidden [N, units]."""
    if name == "relu":
        return np.mean(hidden.max(axis=0) == 0)  # 0 for every validation image
    slope = hidden * (1 - hidden) * 4 if name == "sigmoid" else 1 - hidden**2
    return np.mean(slope < 0.1)  # the derivative is below a tenth of its highest value


def softmax(measured):
    """Logits, probabilities, cross-entropy: the test image read rightly but nearest to a tie."""
    images, labels = measured.test.images, measured.test.labels
    probabilities = answers(cnn_mnist, measured.cnn(), images)
    top = np.sort(probabilities, axis=1)
    right = probabilities.argmax(axis=1) == labels
    i = np.argmin(np.where(right, top[:, -1] - top[:, -2], 1))
    with network(cnn_mnist, measured.cnn()) as (session, answering):
        [logits] = session.run(
            answering.probabilities.op.inputs[0], {answering.images: images[[i]]}
        )
    drawn = figure(8, 2.5)
    left, middle, last = drawn.subplots(1, 3, width_ratios=[1, 2, 2])
    digit_in(left, images[i], f"a test image: {labels[i]}")
    colors = [GREEN if digit == labels[i] else BLUE for digit in range(10)]
    middle.bar(range(10), logits, color=colors)
    middle.set(title="logits", xticks=range(10))
    last.bar(range(10), probabilities[i], color=colors)
    share = probabilities[i, labels[i]]
    last.set(title="probabilities (softmax)", xticks=range(10), ylim=(0, 1))
    last.set_xlabel(f"cross-entropy: -ln {share:.4f} = {-np.log(share):.3f}")
    for axes in (middle, last):
        plain(axes)
        axes.grid(axis="x", visible=False)
    save(measured, "softmax", drawn)


# The boxes of the graph's picture: name, place and colour; and its arrows.
BOXES = [
    ("images", (0, 1), GREEN),
    ("x", (1.2, 1), BLUE),
    ("step", (1.2, 2.9), ORANGE),
    ("distorted", (2.8, 2.9), BLUE),
    ("logits", (5.6, 2.9), BLUE),
    ("labels", (6.8, 3.7), GREEN),
    ("loss", (6.8, 2.9), BLUE),
    ("gradients", (8.1, 2.9), BLUE),
    ("train_op\n(Adam)", (9.5, 2.9), BLUE),
    ("learning_rate", (7.0, 1.95), GREEN),
    ("decayed", (4.4, 1.95), BLUE),
    ("weights, biases", (4.4, 1), ORANGE),
    ("plain_logits", (4.4, 0), BLUE),
    ("probabilities", (6.4, 0), GREEN),
]
ARROWS = """images x, x distorted, step distorted, distorted logits, logits loss, labels loss,
loss gradients, gradients train_op, learning_rate train_op, learning_rate decayed, decayed logits,
weights decayed, train_op weights, train_op step, x plain_logits, weights plain_logits,
plain_logits probabilities"""


def graph(measured):
    """The graph of lesson 1."""
    drawn = figure(9, 4.2)
    axes, texts = drawn.subplots(), {}
    for name, (x, y), color in BOXES:
        box = {"boxstyle": "round,pad=0.45", "fc": color, "ec": "none"}
        style = {"ha": "center", "va": "center", "color": "white", "fontsize": 9}
        texts[name.split("\n")[0].split(",")[0]] = axes.text(x, y, name, bbox=box, **style)
    axes.set(xlim=(-0.5, 10.1), ylim=(-0.5, 4.4))
    axes.set_axis_off()
    drawn.draw_without_rendering()  # now the boxes have their sizes, at which the arrows end
    bends = {("train_op", "weights"): -0.3, ("train_op", "step"): 0.16}
    for start, end in (pair.split() for pair in ARROWS.split(",")):
        arrow = FancyArrowPatch(
            texts[start].get_position(),
            texts[end].get_position(),
            patchA=texts[start].get_bbox_patch(),
            patchB=texts[end].get_bbox_patch(),
            connectionstyle=f"arc3,rad={bends.get((start, end), 0)}",
            **{"arrowstyle": "-|>", "mutation_scale": 11, "shrinkA": 1, "shrinkB": 2},
            **{"color": GREY, "lw": 1.2, "zorder": 0},
        )
        axes.add_patch(arrow)
    save(measured, "graph", drawn)


def convolution(measured):
    """One digit on its way through the CNN: the first eight maps of each stage."""
    i = np.flatnonzero(measured.validation.labels == 4)[0]
    image = measured.validation.images[[i]]
    with network(cnn_mnist, measured.cnn()) as (session, answering):
        [row], maps = session.run(answering[-2:], {answering.images: image})
    kernels = values(measured.cnn())["weights/c1"][:, :, 0]
    with tf.Graph().as_default(), tf.Session() as session:
        pixels = tf.constant(image.reshape([1, 28, 28, 1]) / np.float32(255))
        convolved = session.run(tf.nn.conv2d(pixels, kernels[:, :, np.newaxis], 1, "VALID"))
    maps = [convolved, *maps.values()]
    titles = ["kernels\n3 x 3", "convolved\n26 x 26"]
    titles += [f"block {n}\n{m.shape[1]} x {m.shape[2]}" for n, m in enumerate(maps[1:], 1)]
    drawn = figure(8, 4.9)
    grid = drawn.subplots(5, 9)
    for axes in grid.ravel():
        axes.set_axis_off()
    digit_in(grid[0, 0], measured.validation.images[i], "the image")
    grid[4, 0].text(0.5, 0.4, f"{row.argmax()}\n{row.max():.1%}", ha="center", fontsize=12)
    for line, title in enumerate(titles):
        for column in range(8):
            axes = grid[line, column + 1]
            if line == 0:
                limit = np.abs(kernels).max()
                show(axes, kernels[:, :, column], cmap="RdBu_r", vmin=-limit, vmax=limit)
            else:
                picture = maps[line - 1][0, :, :, column]
                limit = np.abs(maps[line - 1]).max()
                low = -limit if line == 1 else 0
                show(axes, picture, cmap="RdBu_r" if line == 1 else "magma", vmin=low, vmax=limit)
        grid[line, 1].text(
            -0.15,
            0.5,
            title,
            ha="right",
            va="center",
            fontsize=8.5,
            transform=grid[line, 1].transAxes,
        )
    save(measured, "convolution", drawn)


def distortions(measured):
    """One training image, and what distort() makes of it in sixteen steps."""
    image = measured.training.images[np.flatnonzero(measured.training.labels == 2)[0]]
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.constant(image[np.newaxis] / np.float32(255))
        seeds = [[0, step] for step in range(16)]
        distorted = session.run([augment.distort(x, seed=seed) for seed in seeds])
    drawn = figure(8, 1.9)
    grid = drawn.subplots(2, 9)
    for axes in grid.ravel():
        axes.set_axis_off()
    digit_in(grid[0, 0], image)
    grid[1, 0].text(0.5, 0.75, "the image,\nand sixteen\ndistortions", ha="center", va="center")
    for axes, pixels in zip(grid[:, 1:].ravel(), distorted, strict=True):
        digit_in(axes, pixels[0], vmax=1)
    save(measured, "distortions", drawn)


def schedule(measured):
    """Learning rate and validation accuracy of both lessons over the training."""
    drawn = figure(8, 2.6)
    rate, accuracy = drawn.subplots(1, 2)
    progress = np.linspace(0, 1, 201)
    shares = [mlp_mnist.LEARNING_RATE * mlp_mnist.schedule(p) for p in progress]
    rate.plot(progress, shares, color=GREEN, lw=2)
    rate.set(title="learning rate", xlabel="progress", ylim=0)
    for name, out, color in (("MLP", measured.mlp(), BLUE), ("CNN", measured.cnn(), ORANGE)):
        rows = checkpoints.read_history(out, 10**5)
        accuracy.plot(
            [row["epoch"] / len(rows) for row in rows],
            [row["accuracy"] for row in rows],
            color=color,
            lw=1.5,
            label=f"{name}, {len(rows)} epochs",
        )
    accuracy.set(title="validation accuracy", xlabel="progress", ylim=(0.97, 0.998))
    accuracy.yaxis.set_major_formatter(PercentFormatter(1))
    accuracy.legend(frameon=False, loc="lower right")
    for axes in (rate, accuracy):
        plain(axes)
    save(measured, "schedule", drawn)


def overfitting(measured):
    """The MLP with its distortions, and with that line left out."""
    undistorted = measured.trained(mlp_mnist, "undistorted", "--epochs", "50", distorted=False)
    usual = measured.trained(mlp_mnist, "distorted", "--epochs", "50")
    folders = {
        "without distortions": (undistorted, ORANGE),
        "with distortions": (usual, BLUE),
    }
    drawn = figure(8, 2.8)
    loss, accuracy = drawn.subplots(1, 2)
    for name, (out, color) in folders.items():
        rows = checkpoints.read_history(out, 10**5)
        epochs = [row["epoch"] for row in rows]
        loss.plot(epochs, [row["loss"] for row in rows], color=color, lw=2, label=name)
        shares = [row["accuracy"] for row in rows]
        last = f"{name}: at last {shares[-1]:.2%}"
        accuracy.plot(epochs, shares, color=color, lw=2, label=last)
    loss.set(title="training loss", xlabel="epoch", yscale="log")
    accuracy.set(title="validation accuracy", xlabel="epoch", ylim=(0.97, 0.997))
    accuracy.yaxis.set_major_formatter(PercentFormatter(1))
    for axes in (loss, accuracy):
        plain(axes)
        axes.legend(frameon=False, fontsize=8.5)
    save(measured, "overfitting", drawn)


def weights(measured):
    """What the first layers learned: the 28 units with the largest weights, and all kernels."""
    units = values(measured.mlp())["weights/h1"].T.reshape([-1, 28, 28])
    units = units[np.argsort(-np.linalg.norm(units, axis=(1, 2)))[:28]]
    kernels = values(measured.cnn())["weights/c1"][:, :, 0].transpose([2, 0, 1])
    drawn = figure(8, 3.2)
    sides = drawn.subplots(1, 2, width_ratios=[1.5, 1])
    titles = ["MLP: 28 of 256 hidden units", f"CNN: its {len(kernels)} kernels"]
    for axes, patches, columns, title in zip(sides, (units, kernels), (7, 6), titles, strict=True):
        limit = np.percentile(np.abs(patches), 99)
        show(axes, sheet(patches, columns), cmap="RdBu_r", vmin=-limit, vmax=limit)
        axes.set_title(title, fontsize=10)
    save(measured, "weights", drawn)


def sheet(patches, columns):
    """Return patches [N, height, width] side by side in one array, with gaps of NaN."""
    rows, (height, width) = -(-len(patches) // columns), patches.shape[1:]
    gap = max(1, height // 12)
    whole = np.full([rows * (height + gap), columns * (width + gap)], np.nan)
    for i, patch in enumerate(patches):
        top, left = i // columns * (height + gap), i % columns * (width + gap)
        whole[top : top + height, left : left + width] = patch
    return whole[:-gap, :-gap]


def mistakes(measured):
    """The test images that the CNN misreads, the surest first."""
    images, labels = measured.test.images, measured.test.labels
    probabilities = answers(cnn_mnist, measured.cnn(), images)
    read, shares = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = np.flatnonzero(read != labels)
    wrong = wrong[np.argsort(-shares[wrong])]
    columns = 10
    rows = max(1, -(-len(wrong) // columns))
    drawn = figure(8, 1.12 * rows)
    grid = drawn.subplots(rows, columns, squeeze=False).ravel()
    for axes in grid:
        axes.set_axis_off()
    for axes, i in zip(grid, wrong, strict=False):
        digit_in(axes, images[i], f"{labels[i]}, read as {read[i]}")
        axes.title.set_fontsize(7.5)
    save(measured, "mistakes", drawn)


def preparation(measured):
    """A person's picture on its way into the form of MNIST's images, step by step."""
    image = load.load(HERE / "my_digit.png")
    amount, _ = next(ink.maps(np.asarray(image)))
    found = pieces.find(amount)
    [group], _ = groups.find(found, amount.shape, edges=False)
    mask = european.american(groups.stamp(group), group.pen)
    left, top, right, bottom = group.box
    cut = np.where(mask, amount[top:bottom, left:right], 0)
    labelled = np.full([*amount.shape, 3], 255, np.uint8)
    for piece, color in zip(group.pieces, ((61, 133, 216), (217, 115, 13)), strict=False):
        x, y, x2, y2 = piece.box
        labelled[y:y2, x:x2][piece.mask] = color
    pixels = mnist.normalized(np.pad(cut, 8), np.pad(mask, 8)).reshape(28, 28)
    steps = [("the picture", image), ("ink", amount), ("pieces", labelled)]
    steps += [("cut out", cut), ("28 x 28", pixels)]
    drawn = figure(8, 1.9)
    for axes, (title, step) in zip(drawn.subplots(1, 5), steps, strict=True):
        grey = {"cmap": "gray_r"} if np.ndim(step) == 2 else {}
        show(axes, step, **grey)
        axes.set_title(title, fontsize=10)
    save(measured, "preparation", drawn)


def my_digit(measured):
    """A picture to try --predict with: a 5 in two strokes of a pen, which is our own hand."""
    drawn = Figure(figsize=(2, 2), dpi=100, facecolor="#f4f1e8")
    axes = drawn.add_axes([0, 0, 1, 1])
    for curve in STROKES:
        points = np.array(curve, float)
        t = np.linspace(0, 1, len(points))
        fine = np.linspace(0, 1, 200)
        coefficients = np.polyfit(t, points, len(points) - 1)
        path = sum(c * fine[:, None] ** k for k, c in enumerate(coefficients[::-1]))
        axes.plot(*path.T, color="#22357a", lw=5, solid_capstyle="round")
    axes.set(xlim=(0, 100), ylim=(0, 100))
    axes.set_axis_off()
    save(measured, "my_digit", drawn, transparent=False)


STROKES = [
    [(64, 76), (40, 77)],
    [(40, 77), (37, 55), (58, 52), (62, 34), (34, 27)],
]


def page(measured):
    """The page to draw on, in light and in dark."""
    if shutil.which("chromium"):
        screenshots.take("cnn_mnist", measured.cnn().absolute(), measured.into)


FIGURES = [
    digits,
    layers,
    activations,
    saturation,
    softmax,
    graph,
    convolution,
    distortions,
    schedule,
    overfitting,
    weights,
    mistakes,
    preparation,
    my_digit,
    page,
]


def main(argv=None):
    names = [function.__name__ for function in FIGURES]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(names))
    parser.add_argument("--data", metavar="SOURCE", help="as the lessons' flag")
    parser.add_argument("--epochs", type=int, help="train for so long only, for a quick look")
    parser.add_argument(
        "--scratch", default="runs/docs", help="folder of the trainings [runs/docs]"
    )
    parser.add_argument("--into", default=HERE, help="folder of the figures [docs]")
    args = parser.parse_args(argv)
    if unknown := set(args.names) - set(names):
        parser.error(f"no figure {', '.join(unknown)}: there are {', '.join(names)}")
    style = {"text.color": GREY, "axes.edgecolor": GREY, "axes.labelcolor": GREY}
    style |= {"axes.titlecolor": GREY, "xtick.color": GREY, "ytick.color": GREY}
    style |= {"grid.color": GREY, "axes.titlesize": 11, "legend.labelcolor": GREY}
    measured = Measured(args.data, args.epochs, args.scratch, args.into)
    with mpl.rc_context(style):
        for function in FIGURES:
            if not args.names or function.__name__ in args.names:
                function(measured)


if __name__ == "__main__":
    main()
