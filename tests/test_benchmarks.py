"""The parts of the benchmarks that take no measurement."""

import importlib
import math
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

FOLDER = Path(__file__).parent / "benchmarks"
COMMANDS = ["accuracy", "growth", "limit", "page", "startup", "throughput", "time_to_accuracy"]
COMMANDS += ["trials"]
HELP = """
import runpy, sys
try:
    runpy.run_path(sys.argv[1], run_name="__main__")
finally:
    heavy = {"keras", "numpy", "sklearn", "tensorflow", "torch"} & set(sys.modules)
    assert not heavy, heavy
"""


@pytest.fixture
def benchmark(monkeypatch):
    """Return a function that imports a module of the folder benchmarks/."""
    monkeypatch.syspath_prepend(FOLDER)
    return importlib.import_module


@pytest.mark.parametrize("command", COMMANDS)
def test_help_imports_no_library(command):
    words = [sys.executable, "-c", HELP, str(FOLDER / f"{command}.py"), "--help"]
    shown = subprocess.run(words, capture_output=True, text=True, check=True, cwd=FOLDER)
    assert "--data SOURCE" in shown.stdout
    assert shown.stderr == ""


def test_work_of_the_perceptron(benchmark):
    # Multiplications for an image: 784 x 256, 256 x 256 and 256 x 10. With their additions twice
    # as many operations; three times that for forward and both gradients; but none for the pixels.
    network, _ = benchmark("candidates").read_layers("mlp")
    multiplications = 200_704 + 65_536 + 2_560
    assert benchmark("limit").work(network) == 2 * 3 * multiplications - 2 * 200_704


def test_work_of_a_convolution(benchmark):
    # 26 x 26 places, 32 maps, each from 3 x 3 x 1 pixels; then 5,408 x 10.
    network = [
        {"kind": "Conv2D", "weights": [3, 3, 1, 32], "output": [26, 26, 32]},
        {"kind": "MaxPool", "output": [13, 13, 32]},
        {"kind": "MatMul", "weights": [5408, 10], "output": [10]},
    ]
    assert benchmark("limit").work(network) == 4 * 194_688 + 6 * 54_080


@pytest.mark.parametrize("name", ["mlp", "cnn"])
def test_layers_have_all_the_parameters_of_the_lesson(benchmark, name):
    from support.tensorflow1 import tf

    lesson = importlib.import_module(benchmark("common").LESSONS[name])
    with tf.Graph().as_default():
        learned = [v for variables in lesson.variables() for v in variables.values()]
    layers, activation = benchmark("candidates").read_layers(name)
    shapes = [layer["weights"] for layer in layers if "weights" in layer]
    count = sum(math.prod(shape) + shape[-1] for shape in shapes)  # with the biases
    assert count == sum(variable.shape.num_elements() for variable in learned)
    assert activation == lesson.ACTIVATION


def test_a_trace_is_summed_by_type_of_operation(benchmark):
    def node(label, start, end):
        times = {"all_start_micros": 7_000_000, "op_start_rel_micros": start}
        return SimpleNamespace(timeline_label=label, op_end_rel_micros=end, **times)

    # Two products at the same time, then 2 ms in which nothing runs, then an addition.
    nodes = [node("a = MatMul(x, y)", 0, 3000), node("b = MatMul(x, z)", 1000, 4000)]
    nodes.append(node("c = AddV2(a, b)", 6000, 6500))
    stats = SimpleNamespace(dev_stats=[SimpleNamespace(node_stats=nodes)])
    kinds, none, whole = benchmark("limit").summed([stats, stats])
    assert kinds == {"MatMul": 6, "AddV2": 0.5}
    assert (none, whole) == (2, 6.5)


def test_a_table_is_markdown(benchmark, capsys):
    common = benchmark("common")
    common.table(["loop", " images/s"], [["ours", common.spread([3000.0, 1000.0, 2000.0], 0)]])
    lines = capsys.readouterr().out.splitlines()
    assert lines[1:3] == ["| --- | ---: |", "| ours | 2,000 (1,000 - 3,000) |"]


def test_a_network_of_trials(benchmark):
    _, _, mflop = benchmark("trials").network(["256", "256"])
    assert mflop == pytest.approx(2 * (200_704 + 65_536 + 2_560) / 1e6)


def test_a_drawn_number_has_as_many_digits_as_its_layout_says(benchmark):
    pictures = benchmark("pictures")
    for number, (kind, (count, _)) in enumerate(pictures.LAYOUTS.items()):
        image, truth = pictures.drawn(kind, number, 0, None)
        assert len(truth) == count
        assert min(image.size) >= 20
