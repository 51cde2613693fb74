"""The two lessons: their networks, and whole trainings as a person starts them."""

import ast
import difflib
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from trainings import LESSONS, ROOT, each_lesson, printed_accuracy, run

import cnn_mnist
import mlp_mnist
from support.tensorflow1 import tf

SHAPES = {
    "mlp_mnist": {
        "weights/h1": [784, 256],
        "weights/h2": [256, 256],
        "weights/out": [256, 10],
        "biases/b1": [256],
        "biases/b2": [256],
        "biases/out": [10],
    },
    "cnn_mnist": {
        "weights/c1": [3, 3, 1, 32],
        "weights/c2": [3, 3, 32, 64],
        "weights/c3": [3, 3, 64, 128],
        "weights/out": [1152, 10],
        "biases/b1": [32],
        "biases/b2": [64],
        "biases/b3": [128],
        "biases/out": [10],
    },
}
LAYERS = {
    "mlp_mnist": {"hidden_1/Relu": [None, 256], "hidden_2/Relu": [None, 256]},
    "cnn_mnist": {
        "block_1/Conv2D": [None, 26, 26, 32],
        "block_1/Relu": [None, 13, 13, 32],
        "block_2/Conv2D": [None, 11, 11, 64],
        "block_2/Relu": [None, 6, 6, 64],
        "block_3/Conv2D": [None, 6, 6, 128],
        "block_3/Relu": [None, 3, 3, 128],
    },
}
PARAMETERS = {"mlp_mnist": 269_322, "cnn_mnist": 104_202}


@each_lesson
def test_variables_and_layers_have_the_shapes_in_the_comments(lesson):
    with tf.Graph().as_default() as graph:
        weights, biases = lesson.variables()
        x = tf.placeholder(tf.float32, [None, 784])
        logits = lesson.model(x, weights, biases, "relu")
        shapes = {v.op.name: v.shape.as_list() for v in tf.trainable_variables()}
        assert shapes == SHAPES[lesson.__name__]
        assert logits.shape.as_list() == [None, 10]
        for name, shape in LAYERS[lesson.__name__].items():
            assert graph.get_tensor_by_name(f"{name}:0").shape.as_list() == shape
    assert sum(np.prod(shape) for shape in shapes.values()) == PARAMETERS[lesson.__name__]


@each_lesson
def test_weights_start_with_the_size_of_he_and_biases_at_zero(lesson):
    with tf.Graph().as_default(), tf.Session() as session:
        weights, biases = lesson.variables()
        session.run(tf.global_variables_initializer())
        for value in session.run(weights).values():
            assert value.std() == pytest.approx((2 / np.prod(value.shape[:-1])) ** 0.5, rel=0.1)
        assert not any(value.any() for value in session.run(biases).values())


@each_lesson
@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh"])
def test_gradients_flow_into_every_variable(lesson, activation):
    pixels = np.random.default_rng(0).random([20, 784], np.float32)
    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(0)
        weights, biases = lesson.variables()
        logits = lesson.model(tf.constant(pixels), weights, biases, activation)
        loss = tf.nn.softmax_cross_entropy_with_logits_v2(
            tf.one_hot(np.arange(20) % 10, 10), logits
        )
        gradients = tf.gradients(loss, [*weights.values(), *biases.values()])
        session.run(tf.global_variables_initializer())
        for gradient in session.run(gradients):
            assert np.isfinite(gradient).all()
            assert np.abs(gradient).max() > 1e-6


def test_mlp_is_the_textbook_formula():
    pixels = np.random.default_rng(0).random([5, 784], np.float32)
    with tf.Graph().as_default(), tf.Session() as session:
        weights, biases = mlp_mnist.variables()
        biases = {name: bias + 0.1 for name, bias in biases.items()}
        logits = mlp_mnist.model(tf.constant(pixels), weights, biases, "relu")
        session.run(tf.global_variables_initializer())
        got, w, b = session.run([logits, weights, biases])
    h1 = np.maximum(pixels @ w["h1"] + b["b1"], 0)
    h2 = np.maximum(h1 @ w["h2"] + b["b2"], 0)
    np.testing.assert_allclose(got, h2 @ w["out"] + b["out"], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh"])
def test_pooling_before_bias_and_activation_changes_no_value(activation):
    pixels = np.random.default_rng(0).random([5, 784], np.float32)
    with tf.Graph().as_default(), tf.Session() as session:
        weights, biases = cnn_mnist.variables()
        biases = {name: tf.random.normal(bias.shape, seed=1) for name, bias in biases.items()}
        ours = cnn_mnist.model(tf.constant(pixels), weights, biases, activation)
        x = tf.reshape(tf.constant(pixels), [-1, 28, 28, 1])
        for number, padding in [(1, "VALID"), (2, "VALID"), (3, "SAME")]:
            x = tf.nn.conv2d(x, weights[f"c{number}"], 1, padding) + biases[f"b{number}"]
            x = tf.nn.max_pool2d(getattr(tf.nn, activation)(x), 2, 2, "SAME")
        usual = tf.reshape(x, [5, -1]) @ weights["out"] + biases["out"]
        session.run(tf.global_variables_initializer())
        ours, usual = session.run([ours, usual])
    np.testing.assert_allclose(ours, usual, rtol=1e-4, atol=1e-4)


@each_lesson
def test_a_lesson_is_one_page(lesson):
    lines = Path(lesson.__file__).read_text().splitlines()
    assert len(lines) <= 200
    assert max(map(len, lines)) <= 100


def test_the_lessons_differ_in_the_network_only():
    """Everything outside docstring, parameters, variables() and model() is the same text."""
    texts = []
    for lesson in LESSONS:
        source = Path(lesson.__file__).read_text()
        lines = source.splitlines()
        for node in reversed(ast.parse(source).body):
            own = isinstance(node, ast.FunctionDef) and node.name in ("variables", "model")
            docstring = isinstance(node, ast.Expr)
            parameter = isinstance(node, ast.Assign)
            if own or docstring or parameter:
                del lines[node.lineno - 1 : node.end_lineno]
        texts.append([line.replace(lesson.__name__, "LESSON") for line in lines])
    different = [line for line in difflib.ndiff(*texts) if line[0] in "+-"]
    # The network's name in print(), and which weights weights.png shows.
    assert len(different) <= 4, different


@each_lesson
def test_help_does_not_load_tensorflow(lesson):
    code = (
        f"import sys, {lesson.__name__} as lesson\n"
        "try: lesson.main(['--help'])\n"
        "except SystemExit as end: assert end.code == 0\n"
        "slow = {'tensorflow', 'sklearn', 'matplotlib', 'pandas', 'scipy', 'PIL'}\n"
        "assert not slow & set(sys.modules), slow & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for flag in [
        "data",
        "epochs",
        "batch-size",
        "learning-rate",
        "activation",
        "seed",
        "limit",
        "out",
        "resume",
    ]:
        assert f"--{flag}" in done.stdout


@each_lesson
@pytest.mark.parametrize(
    "flags",
    [
        ["--epochs", "0"],
        ["--epochs", "1.5"],
        ["--batch-size", "-1"],
        ["--batch-size", "999999999"],
        ["--learning-rate", "nan"],
        ["--learning-rate", "inf"],
        ["--learning-rate", "0"],
        ["--seed", "-1"],
        ["--limit", "0"],
        ["--activation", "softmax"],
        ["--epoch", "3"],
        ["--predict"],
        ["--predict", "a.csv", "b.CSV"],
        ["--show"],
        ["--out", "runs/[a]"],
        ["--seed", "1\n2"],
        ["surplus"],
    ],
    ids=lambda flags: ascii(" ".join(flags)),
)
def test_a_wrong_flag_is_one_line_and_exit_code_2(lesson, flags, capsys):
    with pytest.raises(SystemExit) as end:
        lesson.main(flags)
    assert end.value.code == 2
    out, err = capsys.readouterr()
    assert not out
    assert re.fullmatch(r"error: [^\n]+\n", err)


@each_lesson
def test_training_on_the_sample(lesson, tmp_path):
    """A short training on real digits: what it prints, and that the network has learnt."""
    epochs = {"mlp_mnist": 15, "cnn_mnist": 4}[lesson.__name__]
    out = tmp_path / "run"
    result = run(lesson, "--data", "sample", "--epochs", epochs, "--out", out)
    assert (result.returncode, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert re.match(r"data: .*sample.*4000 training, 500 validation, 500 test images$", lines[0])
    assert f"{PARAMETERS[lesson.__name__]:,} parameters" in lines[1]
    pattern = r"epoch (\d+)/\d+: training loss \d+\.\d{4}, validation accuracy "
    pattern += r"\d+\.\d\d% \(\d+ / 500\), \d+\.\d s"
    numbers = [re.fullmatch(pattern, line)[1] for line in lines[2 : 2 + epochs]]
    assert numbers == [str(number + 1) for number in range(epochs)]
    assert re.search(r"precision +recall +f1-score", result.stdout)
    assert printed_accuracy(result) > 0.9
    left = {re.sub(r"\d{2,}.*", "N", path.name) for path in out.iterdir()}
    pictures = {"curves.png", "confusion.png", "mistakes.png", "weights.png"}
    assert left >= pictures | {"history.csv", "training.json", "saved_model", "model-N"}
    assert left - pictures == {
        *("history.csv", "training.json", "saved_model", "model-N", "checkpoint", "lock"),
        "events.out.tfevents.N",
    }


def test_main_runs_twice_in_one_process_with_the_same_result(tmp_path, capsys):
    outputs = []
    for folder in ("first", "second"):
        flags = ["--data", "sample", "--epochs", "2", "--limit", "500"]
        mlp_mnist.main([*flags, "--out", str(tmp_path / folder)])
        outputs.append(re.sub(r"[\d.]+ s$", "", capsys.readouterr().out, flags=re.M))
    assert outputs[0] == outputs[1]
    assert "test accuracy" in outputs[0]


@pytest.mark.skipif("MNIST_DIR" not in os.environ, reason="MNIST_DIR names no folder with MNIST")
@pytest.mark.parametrize(
    ("lesson", "epochs", "least"),
    [(mlp_mnist, 10, 0.986), (cnn_mnist, 2, 0.991)],
    ids=["mlp_mnist", "cnn_mnist"],
)
def test_full_mnist(lesson, epochs, least, tmp_path):
    """A shortened training must not fall below its curve."""
    source = os.environ["MNIST_DIR"]
    result = run(lesson, "--data", source, "--epochs", epochs, "--out", tmp_path / "run")
    assert (result.returncode, result.stderr) == (0, "")
    assert "data: MNIST, " in result.stdout
    assert "55000 training, 5000 validation, 10000 test images" in result.stdout
    assert printed_accuracy(result) >= least
