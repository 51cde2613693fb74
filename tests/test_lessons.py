"""The two lessons: their pages, their networks, and whole trainings as a person starts them."""

import argparse
import ast
import os
import re
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from trainings import LESSONS, each_lesson, trained

import cnn_mnist
import mlp_mnist
from support.ground import tf

LINES = {"mlp_mnist": 120, "cnn_mnist": 138}
PARAMETERS = {"mlp_mnist": 269_322, "cnn_mnist": 158_682}
LAYERS = {
    "mlp_mnist": {"h1": [256], "h2": [256]},
    "cnn_mnist": {
        **{"c1": [26, 26, 16], "c2": [12, 12, 16], "c3": [10, 10, 48]},
        **{"c4": [4, 4, 48], "c5": [4, 4, 96], "c6": [2, 2, 96]},
    },
}
PIXELS = np.random.default_rng(0).random([5, 784], np.float32)
FORMULAS = {"relu": lambda x: np.maximum(x, 0), "sigmoid": lambda x: 1 / (1 + np.exp(-x))}
FORMULAS["tanh"] = np.tanh
each_activation = pytest.mark.parametrize("activation", FORMULAS)


def tree(lesson):
    return ast.parse(Path(lesson.__file__).read_text())


@each_lesson
def test_a_lesson_is_one_page_read_from_top_to_bottom(lesson):
    lines = Path(lesson.__file__).read_text().splitlines()
    assert len(lines) <= LINES[lesson.__name__]
    assert max(map(len, lines)) <= 100
    ours = {node.name: node for node in tree(lesson).body if isinstance(node, ast.FunctionDef)}
    assert list(ours)[:3] == ["variables", "model", "build"]
    for name, node in ours.items():
        assert node.end_lineno - node.lineno < 30, name
        deepest = max(inner.col_offset for inner in ast.walk(node) if isinstance(inner, ast.stmt))
        assert deepest <= 16, name  # a function, and three statements one within the other
        used = {found.id for found in ast.walk(node) if isinstance(found, ast.Name)} & set(ours)
        assert all(ours[other].lineno < node.lineno for other in used), (name, used)


def test_the_lessons_differ_in_the_network_only():
    """Everything but docstring, defaults, variables(), model() and the name is the same text."""
    texts = []
    for lesson in LESSONS:
        text = Path(lesson.__file__).read_text().replace('(argv, "cnn"', '(argv, "mlp"')
        lines = text.splitlines()
        for node in reversed(tree(lesson).body):
            own = getattr(node, "name", "") in ("variables", "model")
            if own or isinstance(node, ast.Expr | ast.Assign):
                del lines[node.lineno - 1 : node.end_lineno]
        texts.append(lines)
    assert texts[0] == texts[1]
    assert len(texts[0]) > 70


@each_lesson
def test_variables_and_layers_are_as_the_comments_say(lesson):
    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(0)
        weights, biases = lesson.variables()
        logits, layers = lesson.model(tf.zeros([2, 784]), weights, biases, "relu")
        session.run(tf.global_variables_initializer())
        assert logits.shape.as_list() == [2, 10]
        shapes = {name: layer.shape.as_list()[1:] for name, layer in layers.items()}
        assert shapes == LAYERS[lesson.__name__]
        names = {f"weights/{name}" for name in weights} | {f"biases/{name}" for name in biases}
        assert {v.op.name for v in tf.trainable_variables()} == names
        count = sum(v.shape.num_elements() for v in tf.trainable_variables())
        assert count == PARAMETERS[lesson.__name__]
        for value in session.run(weights).values():  # He's initial values
            assert value.std() == pytest.approx((2 / np.prod(value.shape[:-1])) ** 0.5, rel=0.15)
        assert not any(value.any() for value in session.run(biases).values())


@each_activation
def test_mlp_is_the_textbook_formula(activation):
    f = FORMULAS[activation]
    with tf.Graph().as_default(), tf.Session() as session:
        weights, biases = mlp_mnist.variables()
        biases = {name: bias + 0.1 for name, bias in biases.items()}
        logits, _ = mlp_mnist.model(tf.constant(PIXELS), weights, biases, activation)
        session.run(tf.global_variables_initializer())
        got, w, b = session.run([logits, weights, biases])
    h2 = f(f(PIXELS @ w["h1"] + b["h1"]) @ w["h2"] + b["h2"])
    np.testing.assert_allclose(got, h2 @ w["out"] + b["out"], rtol=1e-4, atol=1e-4)


@each_activation
def test_pooling_before_bias_and_activation_changes_no_value(activation):
    """cnn_mnist.model() against the usual order: convolution, bias, activation, pooling."""
    with tf.Graph().as_default(), tf.Session() as session:
        weights, biases = cnn_mnist.variables()
        biases = {name: tf.random.normal(bias.shape, seed=1) for name, bias in biases.items()}
        ours, _ = cnn_mnist.model(tf.constant(PIXELS), weights, biases, activation)
        x = tf.reshape(tf.constant(PIXELS), [-1, 28, 28, 1])
        for number in range(1, 7):
            padding = "VALID" if number < 5 else "SAME"
            x = tf.nn.conv2d(x, weights[f"c{number}"], 1, padding) + biases[f"c{number}"]
            x = getattr(tf.nn, activation)(x)
            x = tf.nn.max_pool2d(x, 2, 2, "VALID") if number % 2 == 0 else x
        usual = tf.reshape(x, [5, -1]) @ weights["out"] + biases["out"]
        session.run(tf.global_variables_initializer())
        np.testing.assert_allclose(*session.run([ours, usual]), rtol=1e-4, atol=1e-4)


@each_lesson
def test_one_graph_trains_and_answers(lesson):
    with tf.Graph().as_default(), tf.Session() as session:
        network = lesson.build(0, "relu")
        session.run(tf.global_variables_initializer())

        # Black images give the first weights no gradient: they only decay.
        first, rate = tf.trainable_variables()[0], 0.5
        before = session.run(first)
        feed = {network.images: np.zeros([20, 784], np.uint8), network.labels: np.arange(20) % 10}
        feed[network.learning_rate] = rate
        loss, _ = session.run([network.loss, network.train_op], feed)
        assert loss == pytest.approx(np.log(10))
        expected = before * (1 - rate * lesson.WEIGHT_DECAY)
        np.testing.assert_allclose(session.run(first), expected, rtol=1e-6)

        # The loss is that of images distorted in another way at each step; the answer is not.
        pixels = np.random.default_rng(0).integers(0, 256, [20, 784], np.uint8)
        feed |= {network.images: pixels, network.learning_rate: 0}
        answers = [session.run(network.probabilities, feed)]
        losses = [session.run([network.loss, network.train_op], feed)[0] for _ in range(3)]
        answers.append(session.run(network.probabilities, {network.images: pixels}))
        assert len(set(losses)) == 3
        np.testing.assert_array_equal(*answers)
        np.testing.assert_allclose(answers[0].sum(axis=1), 1, rtol=1e-5)
        # In training x is fed, and in use images: to the network it is the same.
        upright = session.run(network.upright, {network.images: pixels})
        assert (upright != pixels).mean() > 0.5
        answers[1] = session.run(network.probabilities, {network.upright: upright})
        np.testing.assert_array_equal(*answers)
        assert session.run(tf.train.get_global_step()) == 4


def test_the_learning_rate_rises_for_a_tenth_and_falls_to_zero():
    rates = [mlp_mnist.schedule(progress) for progress in np.linspace(0, 1, 101)]
    assert [rates[i] for i in (0, 5, 10, 55, 100)] == pytest.approx([0, 0.5, 1, 0.5, 0])
    assert np.all(np.diff(rates[:11]) > 0)
    assert np.all(np.diff(rates[10:]) < 0)


@pytest.mark.parametrize("count", [1, 1000, 2500])
def test_images_are_classified_a_thousand_at_a_time_and_in_order(count):
    pixels = np.random.default_rng(0).integers(0, 256, [count, 784], np.uint8)
    network = argparse.Namespace(probabilities=None, images="images")
    session = mock.Mock(run=mock.Mock(side_effect=lambda _, feed: feed["images"] / 2))
    np.testing.assert_array_equal(mlp_mnist.classify(session, network, pixels), pixels / 2)
    sizes = [len(call.args[1]["images"]) for call in session.run.mock_calls]
    assert max(sizes) == min(count, 1000)


def printed_accuracy(output):
    """Return the percent that a training printed, once, at its end."""
    (percent,) = re.findall(r"^test accuracy (\d+\.\d\d)% of \d+ images$", output, re.M)
    return float(percent)


@each_lesson
def test_training_on_the_sample(lesson, on_sample):
    """A short training on real digits: what it prints, and that the network has learnt."""
    out, output = on_sample(lesson)
    lines = output.splitlines()
    assert re.match(r"data: .*sample.*4000 training, 500 validation, 500 test images$", lines[0])
    assert lines[1] == f"network: {PARAMETERS[lesson.__name__]:,} parameters"
    pattern = r"training loss \d+\.\d{4}, validation accuracy \d+\.\d\d%, \d+\.\d s"
    epochs = len((out / "history.csv").read_text().splitlines()) - 1
    for number, line in enumerate(lines[2 : 2 + epochs], 1):
        assert re.fullmatch(rf"epoch {number}/{epochs}: {pattern}", line)
    assert re.search(r"precision +recall +f1-score", output)
    assert printed_accuracy(output) > 90
    left = {re.sub(r"\d+.*", "N", path.name) for path in out.iterdir()} - {".lock"}
    assert left == {
        *("curves.png", "confusion.png", "mistakes.png", "weights.png", "examples.npz"),
        *("training.json", "history.csv", "checkpoint", "model-N", "events.out.tfevents.N"),
        "saved_model",
    }


@pytest.mark.skipif("MNIST_DIR" not in os.environ, reason="MNIST_DIR names no folder with MNIST")
@each_lesson
def test_full_mnist(lesson, tmp_path):
    """A shortened training must not fall below its curve: five seeds' mean less 4 times the s.d."""
    epochs, lowest = {mlp_mnist: (10, 98.66), cnn_mnist: (2, 99.19)}[lesson]
    output = trained(lesson, tmp_path / "run", epochs, "--data", os.environ["MNIST_DIR"])
    assert "data: MNIST, " in output
    assert "55000 training, 5000 validation, 10000 test images" in output
    assert printed_accuracy(output) >= lowest
