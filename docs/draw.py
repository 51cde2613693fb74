"""Draw the figures of README.md, each from what the lessons really compute.

    python docs/draw.py                 all of them; the trainings take about ten minutes
    python docs/draw.py graph softmax   some of them
    python docs/draw.py --data SOURCE   with other data than the lessons would take

The trainings are the lessons' own. What they leave behind stays in runs/docs and is used again:
delete that folder to train anew. Figures are transparent, and their grey and their colours can be
read on a light page and on a dark one.
"""

import argparse
import contextlib
import io
import re
import shutil
import sys
from pathlib import Path
from unittest import mock

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle
from matplotlib.ticker import MaxNLocator, PercentFormatter

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

import cnn_mnist  # noqa: E402
import data  # noqa: E402
import mlp_mnist  # noqa: E402
from support import augment, history, runs  # noqa: E402
from support.tensorflow1 import tf  # noqa: E402

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
        """Return the folder of a training with these flags.

        watched.npz in it has, for each epoch, the learning rate at its end, and for the MLP the
        validation accuracy with the weights themselves, not their averages. graph.pb is its graph.
        """
        out = self.scratch / name
        if not (out / "done").exists():
            shutil.rmtree(out, ignore_errors=True)
            source = [] if self.source is None else ["--data", str(self.source)]
            epochs = [] if self.epochs is None else ["--epochs", str(self.epochs)]
            with self._watched(lesson, out), contextlib.ExitStack() as changes:
                if not distorted:
                    unchanged = mock.patch.object(augment, "distort", lambda x, seed: x)
                    changes.enter_context(unchanged)
                print(f"docs: training {out}", flush=True)
                with contextlib.redirect_stdout(io.StringIO()):
                    lesson.main([*source, *flags, *epochs, "--out", str(out)])
            (out / "done").touch()
        return out

    @contextlib.contextmanager
    def _watched(self, lesson, out):
        """Note learning rate and accuracy at the end of each epoch, where the lesson records it."""
        rates, raw, record, adam = [], [], runs.Run.record, tf.train.AdamOptimizer
        tensors = []

        def optimizer(learning_rate):
            tensors.append(learning_rate)
            return adam(learning_rate)

        def recorded(run, epoch, *figures_of_epoch):
            session = tf.get_default_session()
            rates.append(session.run(tensors[-1]))
            (out / "graph.pb").write_bytes(session.graph.as_graph_def().SerializeToString())
            if lesson is mlp_mnist:
                x = self.validation.images / np.float32(255)
                for layer in "12":
                    w, b = values(session, f"weights/h{layer}", f"biases/b{layer}")
                    x = np.maximum(x @ w + b, 0)
                w, b = values(session, "weights/out", "biases/out")
                digits = (x @ w + b).argmax(axis=1)
                raw.append(np.mean(digits == self.validation.labels))
            return record(run, epoch, *figures_of_epoch)

        with (
            mock.patch.object(runs.Run, "record", recorded),
            mock.patch.object(tf.train, "AdamOptimizer", optimizer),
        ):
            yield
        np.savez(out / "watched.npz", rates=rates, raw=raw)

    def mlp(self):
        return self.trained(mlp_mnist, "mlp")

    def cnn(self):
        return self.trained(cnn_mnist, "cnn")


@contextlib.contextmanager
def network(lesson, out):
    """Open a session with the network that a training left in the folder `out`."""
    with tf.Graph().as_default(), tf.Session() as session:
        lesson.restore(session, str(out))
        yield session


def values(session, *names):
    """Return the values of variables."""
    return session.run([f"{name}/Read/ReadVariableOp:0" for name in names])


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


def ink(axes, pixels, title="", **options):
    """Draw a digit as ink on paper: white paper, whatever the page's colour."""
    show(axes, np.reshape(pixels, [28, 28]), cmap="gray_r", vmin=0, **{"vmax": 255, **options})
    axes.set_title(title, fontsize=9)


# The figures. The name of a function is that of its file.


def digits(measured):
    """Of each digit the test image that the CNN reads rightly, but with the least certainty."""
    labels, images = measured.test.labels, measured.test.images
    with network(cnn_mnist, measured.cnn()) as session:
        probabilities = cnn_mnist.classify(session, images)
    answers, shares = probabilities.argmax(axis=1), probabilities.max(axis=1)
    drawn = figure(8, 1.35)
    for digit, axes in enumerate(drawn.subplots(1, 10)):
        i = np.argmin(np.where((labels == digit) & (answers == digit), shares, 1))
        ink(axes, images[i])
        axes.set_title(f"{answers[i]}", fontsize=15, color=GREEN)
        axes.text(14, 33, f"{shares[i]:.0%} sure", ha="center", fontsize=8)
    save(measured, "digits", drawn)


def layers(measured):
    """Both networks, drawn with the shapes that the graph itself tells."""
    drawn = figure(9, 4.4)
    trained = [(mlp_mnist, measured.mlp()), (cnn_mnist, measured.cnn())]
    for axes, (lesson, out) in zip(drawn.subplots(2, 1), trained, strict=True):
        names, gap = LAYERS[lesson.__name__]
        with network(lesson, out) as session:
            tensors = [session.graph.get_tensor_by_name(f"{name}:0") for name, *_ in names]
            shapes = [tensor.shape.as_list()[1:] for tensor in tensors]
            variables = {v.op.name: v.shape.as_list() for v in tf.global_variables()}
        total = sum(int(np.prod(shape)) for shape in variables.values())
        place = 0.0
        for (name, label, weight), shape in zip(names, shapes, strict=True):
            if len(shape) == 3:  # a stack: a sheet for each doubling of the number of maps
                width = height = shape[0]
                sheets = 1 + int(np.log2(shape[2]))
            else:
                width, height, sheets = 3, 44 * (shape[0] / 1152) ** 0.5, 1
            color = GREEN if name == "logits" else BLUE if place else GREY
            for sheet in reversed(range(sheets)):
                corner = (place + sheet * 1.1, -height / 2 + sheet * 1.1)
                box = Rectangle(corner, width, height, fc=color, ec="white", lw=0.5, alpha=0.85)
                axes.add_patch(box)
            middle = place + width / 2
            size = " x ".join(map(str, shape))
            axes.text(middle, -31, f"{size}\n{label}", ha="center", va="center", fontsize=8)
            if weight:
                size = " x ".join(map(str, variables[f"weights/{weight}"]))
                text = f"{weight}\n{size}"
                axes.text(place - gap / 2, 27, text, ha="center", va="center", fontsize=7.5)
                axes.plot([place - gap / 2, place - gap / 2], [15, 21], color=GREY, lw=0.8)
            place += width + (sheets - 1) * 1.1 + gap
        axes.set(xlim=(-6, 300), ylim=(-38, 38), aspect="equal")
        axes.set_title(f"{lesson.__name__}.py: {total:,} weights and biases", loc="left")
        axes.set_axis_off()
    save(measured, "layers", drawn)


# For each lesson its layers, as (operation, label, name of the weights before it), and the gap.
LAYERS = {
    "mlp_mnist": (
        [
            ("truediv", "pixels", None),
            ("hidden_1/Relu", "hidden units", "h1"),
            ("hidden_2/Relu", "hidden units", "h2"),
            ("logits", "logits", "out"),
        ],
        90,
    ),
    "cnn_mnist": (
        [
            ("Reshape", "pixels", None),
            ("block_1/Conv2D", "convolved", "c1"),
            ("block_1/Relu", "pooled, ReLU", None),
            ("block_2/Conv2D", "convolved", "c2"),
            ("block_2/Relu", "pooled, ReLU", None),
            ("block_3/Conv2D", "convolved", "c3"),
            ("block_3/Relu", "pooled, ReLU", None),
            ("logits", "logits", "out"),
        ],
        23,
    ),
}


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
            rows = history.read(out)
            with network(mlp_mnist, out) as session:
                hidden, stuck = x, []
                for layer in "12":
                    w, b = values(session, f"weights/h{layer}", f"biases/b{layer}")
                    hidden = function(hidden @ w + b)
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
    with network(cnn_mnist, measured.cnn()) as session:
        probabilities = cnn_mnist.classify(session, images)
        top = np.sort(probabilities, axis=1)
        right = probabilities.argmax(axis=1) == labels
        i = np.argmin(np.where(right, top[:, -1] - top[:, -2], 1))
        logits = session.run("logits:0", {"images:0": images[i : i + 1]})[0]
    drawn = figure(8, 2.5)
    left, middle, last = drawn.subplots(1, 3, width_ratios=[1, 2, 2])
    ink(left, images[i], f"a test image: {labels[i]}")
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


# The boxes of the graph's picture: name, place, colour, and the pattern of its operations' names.
# Which arrows are drawn is not said here: that is read from the graph.
BOXES = [
    ("images", (0, 0), GREEN, r"images"),
    ("x", (1.1, 0), BLUE, r"Cast|truediv"),
    ("distort", (2.1, 1), BLUE, r"train/distort/.*"),
    ("hidden_1", (3.3, 1), BLUE, r"train/hidden_1/.*"),
    ("hidden_2", (4.7, 1), BLUE, r"train/hidden_2/.*"),
    ("logits", (5.9, 1), BLUE, r"train/(logits|MatMul)"),
    ("labels", (7.2, 0.1), GREEN, r"labels"),
    ("cross_entropy", (7.2, 1), BLUE, r"train/softmax_cross_.*|train/Mean|train/one_hot"),
    ("mean_loss", (8.7, 3), ORANGE, r"train/mean_loss"),
    ("gradients", (7.2, 2), BLUE, r"train/gradients/.*"),
    ("Adam", (5.7, 3), BLUE, r"train/Adam.*"),
    ("learning_rate", (2.8, 3), BLUE, r"train/Cos|train/Minimum"),
    ("step", (1.1, 2), ORANGE, r"global_step"),
    ("weights, biases", (4.0, 2), ORANGE, r"(weights|biases)/[a-z0-9]+"),
    ("moving averages", (4.0, 0), ORANGE, r"(weights|biases)/[a-z0-9]+/Exp[A-Za-z]+"),
    ("hidden_1 ", (3.3, -1), BLUE, r"hidden_1/.*"),
    ("hidden_2 ", (4.7, -1), BLUE, r"hidden_2/.*"),
    ("logits ", (5.9, -1), BLUE, r"logits|MatMul"),
    ("probabilities", (7.2, -1), GREEN, r"probabilities"),
]


def arrows(graph):
    """Return the pairs of boxes between which values flow in a training's graph.

    An operation outside the boxes only hands on. What assigns to a variable is an arrow into the
    variable's box; first values and saving are left out.
    """

    def box(operation):
        matches = (name for name, *_, rule in BOXES if re.fullmatch(rule, operation.name))
        return next(matches, None)

    def sources(operation):
        found = set()
        for tensor in operation.inputs:
            name = box(tensor.op)
            found |= {name} if name else sources(tensor.op)
        return found

    pairs = set()
    for operation in graph.get_operations():
        if re.search(r"/Assign$|/cond|^save/|IsInitialized|Initializer", operation.name):
            continue
        name = box(operation)
        if re.match("Assign|ResourceApply", operation.type):
            variable, *rest = operation.inputs
            givers = {name} if name else set().union(*(sources(tensor.op) for tensor in rest))
            pairs |= {(giver, box(variable.op)) for giver in givers}
        if name:
            pairs |= {(source, name) for source in sources(operation)}
    return {(a, b) for a, b in pairs if a and b and a != b}


def graph(measured):
    """The graph of lesson 1."""
    drawn = figure(9, 4.8)
    axes, texts = drawn.subplots(), {}
    for name, (x, y), color, _ in BOXES:
        box = {"boxstyle": "round,pad=0.45", "fc": color, "ec": "none"}
        style = {"ha": "center", "va": "center", "color": "white", "fontsize": 9}
        texts[name] = axes.text(x, y, name.strip(), bbox=box, **style)
    axes.set(xlim=(-0.5, 9.4), ylim=(-1.3, 4.7))
    axes.set_axis_off()
    drawn.draw_without_rendering()  # now the boxes have their sizes, at which the arrows end
    places = {name: place for name, place, *_ in BOXES}
    pairs = arrows(graph_of(measured.mlp()))
    for start, end in pairs:
        # The way back needs what each layer computed: five arrows that would hide the others.
        if end == "gradients" and start != "cross_entropy":
            continue
        bend = 0.12 if (end, start) in pairs else 0  # one arrow there, another back
        bend = -0.45 if (start, end) == ("step", "mean_loss") else bend
        arrow = FancyArrowPatch(
            places[start],
            places[end],
            patchA=texts[start].get_bbox_patch(),
            patchB=texts[end].get_bbox_patch(),
            connectionstyle=f"arc3,rad={bend}",
            **{"arrowstyle": "-|>", "mutation_scale": 11, "shrinkA": 1, "shrinkB": 2},
            **{"color": GREY, "lw": 1.2, "zorder": 0},
        )
        axes.add_patch(arrow)
    save(measured, "graph", drawn)


def graph_of(out):
    """Return the graph of a training, as the session had it."""
    definition = tf.GraphDef.FromString((out / "graph.pb").read_bytes())
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(definition, name="")
    return graph


def convolution(measured):
    """One digit on its way through the CNN: the first eight maps of each stage."""
    i = np.flatnonzero(measured.validation.labels == 4)[0]
    stages = ["block_1/Conv2D", "block_1/Relu", "block_2/Relu", "block_3/Relu"]
    with network(cnn_mnist, measured.cnn()) as session:
        feed = {"images:0": measured.validation.images[i : i + 1]}
        maps = session.run([f"{name}:0" for name in stages], feed)
        kernels = values(session, "weights/c1")[0][:, :, 0]
        row = session.run("probabilities:0", feed)[0]
    titles = [
        "kernels\n3 x 3",
        "convolved\n26 x 26",
        "pooled, ReLU\n13 x 13",
        "block 2\n6 x 6",
        "block 3\n3 x 3",
    ]
    drawn = figure(8, 4.9)
    grid = drawn.subplots(5, 9)
    for axes in grid.ravel():
        axes.set_axis_off()
    ink(grid[0, 0], measured.validation.images[i], "the image")
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
    ink(grid[0, 0], image)
    grid[1, 0].text(0.5, 0.75, "the image,\nand sixteen\ndistortions", ha="center", va="center")
    for axes, pixels in zip(grid[:, 1:].ravel(), distorted, strict=True):
        ink(axes, pixels[0], vmax=1)
    save(measured, "distortions", drawn)


def schedule(measured):
    """Learning rate, and validation accuracy of the weights and of their averages."""
    out = measured.mlp()
    watched, rows = np.load(out / "watched.npz"), history.read(out)
    epochs = [row["epoch"] for row in rows]
    drawn = figure(8, 2.6)
    rate, accuracy = drawn.subplots(1, 2)
    rate.plot([0, *epochs], [0, *watched["rates"]], color=BLUE, lw=2)
    rate.set(title="learning rate", xlabel="epoch", ylim=0)
    accuracy.plot(epochs, watched["raw"], color=ORANGE, lw=1, label="of the weights")
    averaged = [row["accuracy"] for row in rows]
    accuracy.plot(epochs, averaged, color=BLUE, lw=2, label="of their moving averages")
    accuracy.set(title="validation accuracy", xlabel="epoch", ylim=(0.97, 0.997))
    accuracy.yaxis.set_major_formatter(PercentFormatter(1))
    accuracy.legend(frameon=False, loc="lower right")
    for axes in (rate, accuracy):
        plain(axes)
    save(measured, "schedule", drawn)


def overfitting(measured):
    """The MLP with its distortions, and with that line left out."""
    folders = {
        "without distortions": (
            measured.trained(mlp_mnist, "undistorted", distorted=False),
            ORANGE,
        ),
        "with distortions": (measured.mlp(), BLUE),
    }
    drawn = figure(8, 2.8)
    loss, accuracy = drawn.subplots(1, 2)
    for name, (out, color) in folders.items():
        rows = history.read(out)
        epochs = [row["epoch"] for row in rows]
        loss.plot(epochs, [row["loss"] for row in rows], color=color, lw=2, label=name)
        values = [row["accuracy"] for row in rows]
        last = f"{name}: at last {values[-1]:.2%}"
        accuracy.plot(epochs, values, color=color, lw=2, label=last)
    loss.set(title="training loss", xlabel="epoch", yscale="log")
    accuracy.set(title="validation accuracy", xlabel="epoch", ylim=(0.97, 0.997))
    accuracy.yaxis.set_major_formatter(PercentFormatter(1))
    for axes in (loss, accuracy):
        plain(axes)
        axes.legend(frameon=False, fontsize=8.5)
    save(measured, "overfitting", drawn)


def weights(measured):
    """What the first layers learned: the 28 units with the largest weights, and all kernels."""
    with network(mlp_mnist, measured.mlp()) as session:
        units = values(session, "weights/h1")[0].T.reshape([-1, 28, 28])
    units = units[np.argsort(-np.linalg.norm(units, axis=(1, 2)))[:28]]
    with network(cnn_mnist, measured.cnn()) as session:
        kernels = values(session, "weights/c1")[0][:, :, 0].transpose([2, 0, 1])
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
    with network(cnn_mnist, measured.cnn()) as session:
        probabilities = cnn_mnist.classify(session, images)
    answers, shares = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = np.flatnonzero(answers != labels)
    wrong = wrong[np.argsort(-shares[wrong])]
    columns = 10
    rows = max(1, -(-len(wrong) // columns))
    drawn = figure(8, 1.12 * rows)
    grid = drawn.subplots(rows, columns, squeeze=False).ravel()
    for axes in grid:
        axes.set_axis_off()
    for axes, i in zip(grid, wrong, strict=False):
        ink(axes, images[i], f"{labels[i]}, read as {answers[i]}")
        axes.title.set_fontsize(7.5)
    save(measured, "mistakes", drawn)


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
    my_digit,
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
