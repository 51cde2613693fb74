"""Pictures of a training run, drawn with matplotlib and scikit-learn."""

import math
from pathlib import Path

import numpy as np
from sklearn.metrics import ConfusionMatrixDisplay, confusion_matrix

from support.ground import atomic
from support.training.plotting import Figure, LogNorm, MaxNLocator, PercentFormatter, plain

MAX_MISTAKES = 40  # shown in mistakes.png


def draw(
    folder: str | Path,
    history: list[dict],
    test: tuple,
    probabilities: np.ndarray,
    first_layer: np.ndarray,
) -> None:
    """Write curves.png, confusion.png, mistakes.png and weights.png into `folder`, of a run.

    Args:
        folder: where to.
        history: dicts with epoch, loss, accuracy (0 to 1, validation), seconds.
        test: images uint8 [N, 784], labels uint8 [N]: the test images.
        probabilities: float [N, 10]: what the network says.
        first_layer: float [784, units] or [height, width, 1, kernels]: its first weights.

    Raises:
        OutputError: a file cannot be written; what had its name before then stays.
    """
    folder, (images, labels) = Path(folder), test
    digits = probabilities.argmax(axis=1)
    with plain():
        if history:  # which a person may have deleted
            _save(folder / "curves.png", _curves(history))
        _save(folder / "confusion.png", _confusion(labels, digits))
        _save(folder / "mistakes.png", _mistakes(images, labels, probabilities))
        _save(folder / "weights.png", _weights(first_layer))


def _figure(width, height):
    return Figure(figsize=(width, height), dpi=120, layout="constrained")


def _save(path, figure):
    with atomic(path) as temporary:
        figure.savefig(temporary, format="png")


def _curves(history):
    figure = _figure(8, 3.6)
    loss, accuracy = figure.subplots(1, 2)
    epochs = [row["epoch"] for row in history]
    marker = "o" if len(history) < 30 else ""  # a line through one point would be invisible
    losses = [row["loss"] for row in history]
    loss.plot(epochs, losses, marker=marker, color="tab:blue")
    loss.set(title="Training loss", xlabel="epoch", ylabel="mean cross-entropy")
    loss.set_yscale("log" if min(losses) > 0 else "linear")
    values = [row["accuracy"] for row in history]
    accuracy.plot(epochs, values, marker=marker, color="tab:orange")
    accuracy.set(title=f"Validation accuracy, finally {values[-1]:.2%}", xlabel="epoch")
    # The interesting part is near the end: the first epochs may leave the picture below.
    low = min(float(np.median(values)), values[-1])
    accuracy.set_ylim(max(0, 1 - 4 * (1 - low) - 0.001), min(1, max(values) * 1.001 + 0.0005))
    accuracy.yaxis.set_major_formatter(PercentFormatter(1))
    for axes in (loss, accuracy):
        axes.grid(alpha=0.3)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    return figure


def _confusion(labels, digits):
    figure = _figure(6.4, 6)
    axes = figure.subplots()
    counts = confusion_matrix(labels, digits, labels=range(10))
    # On a linear scale the diagonal would drown the mistakes, which are what one looks for.
    norm = LogNorm(vmin=0.5, vmax=max(counts.max(), 1))
    ConfusionMatrixDisplay(counts).plot(
        ax=axes, cmap="Blues", colorbar=False, im_kw={"norm": norm}, values_format="d"
    )
    for text, count in zip(axes.texts, counts.ravel(), strict=True):
        text.set_text(str(count) if count else "")
        text.set_color("white" if count > counts.max() ** 0.6 else "black")
    right, total = np.trace(counts), counts.sum()
    axes.set(xlabel="answer of the network", ylabel="truth")
    axes.set_title(f"Test images: {total - right} of {total} misread")
    return figure


def _mistakes(images, labels, probabilities):
    digits, shares = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = np.flatnonzero(digits != labels)
    wrong = wrong[np.argsort(-shares[wrong], kind="stable")]
    shown = wrong[:MAX_MISTAKES]
    columns = max(min(len(shown), 8), 4)
    rows = max(math.ceil(len(shown) / columns), 1)
    figure = _figure(1.25 * columns, 1.55 * rows + 0.7)
    title = f"{len(wrong)} of {len(labels)} test images misread"
    title += f"; the {len(shown)} most confident" if len(wrong) > len(shown) else ""
    figure.suptitle(title)
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes in grid:
        axes.set_axis_off()
    for axes, i in zip(grid, shown, strict=False):
        axes.imshow(images[i].reshape(28, 28), cmap="gray_r", vmin=0, vmax=255)
        axes.set_title(f"{labels[i]} read as {digits[i]}\n{shares[i]:.0%} sure", fontsize=9)
    return figure


def _weights(first_layer):
    if first_layer.ndim == 2:  # [784, units]: an image for each unit
        patches, name = first_layer.T.reshape(-1, 28, 28), "hidden units: weight of each pixel"
    else:
        patches, name = first_layer[:, :, 0].transpose(2, 0, 1), "kernels"
    columns = math.ceil(math.sqrt(len(patches) * 2 if len(patches) < 100 else len(patches)))
    rows = math.ceil(len(patches) / columns)
    height, width = patches.shape[1:]
    gap = max(1, height // 14)
    # One large image with gaps, since hundreds of axes would take half a minute to draw.
    sheet = np.full([rows * (height + gap) - gap, columns * (width + gap) - gap], np.nan)
    for i, patch in enumerate(patches):
        top, left = i // columns * (height + gap), i % columns * (width + gap)
        sheet[top : top + height, left : left + width] = patch
    limit = max(float(np.percentile(np.abs(patches), 99.5)), 1e-9)
    figure = _figure(8, 6.6 * sheet.shape[0] / sheet.shape[1] + 0.4)
    axes = figure.subplots()
    image = axes.imshow(sheet, cmap="RdBu_r", vmin=-limit, vmax=limit, interpolation="nearest")
    axes.set_axis_off()
    axes.set_title(f"First layer, {len(patches)} {name}")
    figure.colorbar(image, ax=axes, shrink=0.6, label="weight")
    return figure
