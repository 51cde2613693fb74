"""The pictures of a training: opened, and looked at for what they must show."""

import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from trainings import ROOT

from data import Split
from support.training import examples, figures

NAMES = ["curves.png", "confusion.png", "mistakes.png", "weights.png"]


def rows(count):
    """Return a history; its last loss is 0, which has no logarithm."""
    losses = enumerate(np.linspace(1, 0, count), 1)
    return [{"epoch": i, "loss": loss, "accuracy": 0.9, "seconds": 1} for i, loss in losses]


@pytest.fixture
def answers():
    """Return a Split of 100 images of noise, and probabilities that are right for all."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, [100, 784], np.uint8)
    labels = (np.arange(100) % 10).astype(np.uint8)
    return Split(images, labels), np.eye(10)[labels] * 0.9 + 0.01


@pytest.mark.parametrize(("epochs", "shape"), [(0, (784, 4)), (200, (3, 3, 1, 32))], ids=str)
def test_every_picture_is_drawn(answers, epochs, shape, tmp_path):
    figures.draw(tmp_path, rows(epochs), *answers, np.random.default_rng(0).normal(size=shape))
    names = NAMES if epochs else NAMES[1:]  # without a history, no curves
    assert {path.name for path in tmp_path.iterdir()} == {*names}
    for name in names:
        with Image.open(tmp_path / name, formats=["PNG"]) as image:
            pixels = np.asarray(image.convert("RGB")) / 255
        assert 200 <= pixels.shape[0] <= 2000, name
        assert 400 <= pixels.shape[1] <= 2000, name
        assert (pixels.std() > 0.02, pixels[0, 0].min()) == (True, 1), name  # not blank, on white
        coloured = np.mean(np.ptp(pixels, axis=2) > 0.15)  # neither white, nor grey, nor black
        assert coloured > {"curves.png": 0.0002, "weights.png": 0.2}.get(name, -1), name


@pytest.fixture
def drawn(answers, tmp_path, monkeypatch):
    """A function: what is drawn of answers with these probabilities, {file: Figure}."""
    found = {}
    monkeypatch.setattr(figures, "_save", lambda path, figure: found.update({path.name: figure}))

    def draw(probabilities):
        figures.draw(tmp_path, rows(2), answers[0], probabilities, np.ones([784, 4]))
        return found

    return draw


def test_the_confusion_matrix_shows_a_mistake_off_the_diagonal(answers, drawn):
    answers[1][3] = np.eye(10)[7]  # a 3 read as 7
    (axes,) = drawn(answers[1])["confusion.png"].axes
    shown = {text.get_position(): text.get_text() for text in axes.texts}  # column, row
    expected = {(i, j): "10" if i == j else "" for i in range(10) for j in range(10)}
    assert shown == expected | {(3, 3): "9", (7, 3): "1"}
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("answer of the network", "truth")
    assert axes.get_title() == "Test images: 1 of 100 misread"
    colours = axes.images[0].to_rgba(axes.images[0].get_array())
    assert np.abs(colours[3, 7] - colours[3, 6]).max() > 0.05


@pytest.mark.parametrize("wrong", [0, 60])
def test_mistakes_are_shown_most_confident_first(answers, wrong, drawn):
    (images, labels), probabilities = answers
    for i in range(wrong):
        sure = 0.5 + i / 200  # the last one most
        other = np.eye(10)[(labels[i] + 1) % 10]
        probabilities[i] = sure * other + (1 - sure) / 9 * (1 - other)
    figure = drawn(probabilities)["mistakes.png"]
    assert figure.get_suptitle().startswith(f"{wrong} of 100 test images misread")
    shown = [axes for axes in figure.axes if axes.images]
    assert len(shown) == min(wrong, figures.MAX_MISTAKES)
    for axes, i in zip(shown, reversed(range(wrong)), strict=False):
        np.testing.assert_array_equal(axes.images[0].get_array(), images[i].reshape(28, 28))
        title = f"{labels[i]} read as {(labels[i] + 1) % 10}\n{0.5 + i / 200:.0%} sure"
        assert axes.get_title() == title
        assert axes.images[0].get_cmap().name == "gray_r"  # ink on paper
    corners = [axes.get_position().p0.round(6).tolist() for axes in shown]
    assert corners == sorted(corners, key=lambda corner: (-corner[1], corner[0]))  # row by row


PROGRAM = """
import warnings; warnings.simplefilter('error')
warnings.filterwarnings('ignore', module='matplotlib|pyparsing')  # of an old Matplotlib
import sys, numpy as np
from support import training
assert not {{'matplotlib', 'sklearn', 'scipy'}} & set(sys.modules)
{before}
test = np.zeros([10, 784], np.uint8), np.arange(10, dtype=np.uint8)
history = [{{'epoch': 1, 'loss': 0.0, 'accuracy': 0.5, 'seconds': 1.0}}]
training.draw('.', history, test, np.eye(10), np.ones([784, 9]))
{after}
"""
USED = "import matplotlib.pyplot as plt; plt.switch_backend('svg'); mine = plt.figure()"
SAME = "assert plt.gcf() is mine and plt.get_backend() == 'svg'"
SETTINGS = {  # of a person: matplotlibrc, MPLBACKEND, what the program does before and asks after
    "another figure": ("", "agg", USED, SAME),
    "no such backend": ("", "nothing", "", ""),
    "TeX, which is missing": ("text.usetex: True\n", "agg", "", ""),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_persons_settings_neither_matter_nor_change(name, tmp_path):
    settings, backend, before, after = SETTINGS[name]
    (tmp_path / "matplotlibrc").write_text(settings)
    environment = {"PYTHONPATH": str(ROOT), "MPLBACKEND": backend, "MPLCONFIGDIR": str(tmp_path)}
    command = [sys.executable, "-c", PROGRAM.format(before=before, after=after)]
    subprocess.run(command, check=True, cwd=tmp_path, env=os.environ | environment)
    assert {path.name for path in tmp_path.glob("*.png")} == {*NAMES}


def test_examples_are_one_of_each_digit_and_misread_ones(answers, tmp_path):
    (images, labels), probabilities = answers
    probabilities[20:40] = np.eye(10)[3]  # 18 of them wrongly
    examples.save(tmp_path, (images, labels), probabilities.argmax(axis=1))
    expected = [*range(10), *(i for i in range(20, 32) if labels[i] != 3)][:20]
    with np.load(tmp_path / "examples.npz") as stored:
        assert stored["images"].dtype == np.uint8
        np.testing.assert_array_equal(stored["images"], images[expected])
        np.testing.assert_array_equal(stored["labels"], labels[expected])
        assert stored["digits"].tolist() == [*range(10), *[3] * 10]
