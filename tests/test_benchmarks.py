"""The parts of the benchmarks that take no measurement."""

import importlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parent / "benchmarks"
LIBRARY = ["candidates", "common", "networks"]
COMMANDS = [path.stem for path in FOLDER.glob("*.py") if path.stem not in LIBRARY]


@pytest.fixture
def benchmark(monkeypatch):
    """Return a function that imports a module of the folder benchmarks/."""
    monkeypatch.syspath_prepend(FOLDER)
    return importlib.import_module


@pytest.mark.parametrize("command", COMMANDS)
def test_help(command):
    words = [sys.executable, str(FOLDER / f"{command}.py"), "--help"]
    shown = subprocess.run(words, capture_output=True, text=True, check=True)
    assert "--data SOURCE" in shown.stdout
    assert shown.stderr == ""


@pytest.mark.parametrize(
    ("words", "first", "others"),
    [
        ("256 256", 784 * 256, 256 * 256 + 256 * 10),
        # 26 x 26 places, 32 maps, each from 3 x 3 x 1 pixels; then 13 x 13 x 32 numbers.
        ("3v32p", 26 * 26 * 9 * 32, 5408 * 10),
        ("3s32p", 28 * 28 * 9 * 32, 6272 * 10),
    ],
)
def test_operations(benchmark, words, first, others):
    # Two operations for a multiplication with its addition; three times that for forward and both
    # gradients; but no gradient for the pixels.
    networks = benchmark("networks")
    assert networks.operations(networks.layers(words)) == 4 * first + 6 * others


@pytest.mark.parametrize("name", ["mlp", "cnn"])
def test_the_words_for_a_lesson_describe_its_network(benchmark, name):
    """With the lesson's own weights, the network of the words gives the lesson's logits."""
    from support.ground import tf

    lesson, networks = benchmark("common").lesson(name), benchmark("networks")
    layers = networks.layers(networks.WORDS[name])
    with tf.Graph().as_default(), tf.Session() as session:
        weights, biases = lesson.variables()
        shapes = [variable.shape.as_list() for variable in weights.values()]
        assert shapes == [layer.shape for layer in layers]
        x = tf.random.stateless_uniform([5, 784], [0, 0])
        expected, _ = lesson.model(x, weights, biases, "relu")
        variables = [dict(enumerate(each.values())) for each in (weights, biases)]
        logits, _ = benchmark("trials").model(layers, x, *variables, "relu")
        session.run(tf.global_variables_initializer())
        np.testing.assert_allclose(*session.run([logits, expected]), rtol=1e-5)


def test_a_table_is_markdown(benchmark, capsys):
    common = benchmark("common")
    common.table(["loop", " images/s"], [["ours", common.spread([3000.0, 1000.0, 2000.0], 0)]])
    lines = capsys.readouterr().out.splitlines()
    assert lines[1:3] == ["| --- | ---: |", "| ours | 2,000 (1,000 - 3,000) |"]


def test_a_drawn_number_has_as_many_digits_as_its_layout_says(benchmark):
    pictures = benchmark("pictures")
    for number, (kind, (count, _)) in enumerate(pictures.LAYOUTS.items()):
        image, truth = pictures.drawn(kind, number, 0, None)
        assert len(truth) == count
        assert min(image.size) >= 20
