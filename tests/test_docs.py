"""The pages: what they quote stands in a file, what they compute comes out, what they show runs."""

import contextlib
import importlib
import io
import logging
import multiprocessing
import os
import re
import shlex
import shutil
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pytest
from builders import digits, write_csv, write_quartet
from PIL import Image
from trainings import LESSONS, ROOT, python

import cnn_mnist
import data
import mlp_mnist
from support.ground import tf
from support.training import figures, runs

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("d*/*.md"), *ROOT.glob("tests/**/*.md")])
TEXTS = {path.relative_to(ROOT).as_posix(): path.read_text() for path in PAGES}
README = TEXTS["README.md"]
# Pages whose code is typed into one session, each after the one before.
COURSE = ["docs/first_look.md", "docs/perceptron.md", "docs/convolution.md"]
MNIST = os.environ.get("MNIST_DIR")


@pytest.fixture(autouse=True)
def surroundings(monkeypatch):
    """Let pages find the scripts in docs/, MNIST or else the sample, and no window to draw in."""
    monkeypatch.syspath_prepend(ROOT / "docs")
    monkeypatch.setenv("MPLBACKEND", "Agg")
    load, keras = data.load, tf.keras.datasets.mnist
    monkeypatch.setattr(data, "load", lambda source=None: load(source or MNIST or "sample"))

    def load_data():
        loaded = data.load()
        return [(s.images.reshape(-1, 28, 28), s.labels) for s in (loaded.training, loaded.test)]

    monkeypatch.setattr(keras, "load_data", load_data)


def blocks(text):
    """Return the code blocks of a page as tuples (language, file, code, output that follows)."""
    fence = r"^```(\w*)(?: (\S+))?\n(.*?)^```$(?:\n\n^```\n(.*?)^```$)?"
    return re.findall(fence, text, re.M | re.S)


def code_of(page):
    """Return the Python of a page that is to be typed, and what it says that is printed."""
    text = TEXTS[page]
    if page in COURSE[1:]:  # whose exercises change the lesson
        text = re.sub(r"<details>.*?</details>", "", text, flags=re.S)
    return [block[2:] for block in blocks(text) if block[:2] == ("python", "")]


NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def same(got, said):
    """Say whether two outputs have the same words, and numbers that differ a little at most."""
    numbers = [[float(n) for n in NUMBER.findall(text)] for text in (got, said)]
    words = [re.sub(r"[\s\[\],]+", " ", NUMBER.sub("#", text)) for text in (got, said)]
    return words[0] == words[1] and numbers[0] == pytest.approx(numbers[1], rel=0.02, abs=0.02)


def type_in(pages):
    """Run the code of pages in one namespace, and compare what it prints."""
    names = {}
    for page in pages:
        for number, (code, said) in enumerate(code_of(page), 1):
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(compile(code, f"{page}, block {number}", "exec"), names)
            got = printed.getvalue().replace(MNIST or "data", "data")
            assert bool(got) == bool(said), (code, got)
            if MNIST or "data.load" not in "".join(code for code, _ in code_of(page)):
                assert same(got, said), f"{page} says\n{said}\nand it is\n{got}"


def test_the_code_of_the_course_prints_what_it_says():
    type_in(COURSE)
    type_in(["docs/backpropagation.md"])


@pytest.mark.parametrize("page", TEXTS)
def test_sums_come_out(page):
    """Every `a + b x c = d` of numbers on a page, each rounded as it is written."""
    text = re.sub(r"^```.*?^```$|`[^`]*`|<.*?>", " ? ", TEXTS[page], flags=re.M | re.S)
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    text = re.sub(r"\s(x|·)\s", " * ", text)
    sums = re.findall(r"(?<=[^\w.])([-(]*\d[-+*/().\d\s]*\s[-+*/]\s[-+*/().\d\s]*)=\s(-?\d+\.?\d*)", text)
    for left, right in sums:
        got = eval(left.replace("\n", " "))
        assert got == pytest.approx(float(right), rel=1e-3, abs=2e-4), (left, right)
    assert len(sums) >= {"docs/perceptron.md": 10, "docs/convolution.md": 10}.get(page, 0), sums


def test_the_step_by_hand_has_the_numbers_that_tensorflow_computes():
    section = TEXTS["docs/perceptron.md"].split("### A step by hand")[1].split("TensorFlow does")[0]
    [said] = [said for code, said in code_of("docs/perceptron.md") if "example" in code]
    computed = np.array([float(number) for number in NUMBER.findall(said)])
    known = np.abs([*computed, *0.1 * computed])  # the steps are a tenth of the gradient
    told = re.findall(r"\d\.\d{4}", section)
    assert len(told) >= 20
    assert all(np.abs(known - float(number)).min() < 1e-4 for number in told), told


def test_gradients_by_hand_are_those_of_tensorflow():
    """All six, on lesson 1's own model; and differences of the loss, on a few of their entries."""
    by_hand = importlib.import_module("by_hand")
    random = np.random.default_rng(3)
    x, labels = random.random([20, 784]).astype("f"), random.integers(0, 10, 20)
    weights, biases = by_hand.variables(seed=3)
    biases = {name: random.normal(0, 0.1, b.shape).astype("f") for name, b in biases.items()}
    loss, *found = by_hand.gradients(x, labels, weights, biases)
    with tf.Graph().as_default(), tf.Session() as session:
        both = [{n: tf.constant(a) for n, a in each.items()} for each in (weights, biases)]
        logits, _ = mlp_mnist.model(tf.constant(x), *both, "relu")
        expected = tf.losses.softmax_cross_entropy(tf.one_hot(labels, 10), logits)
        theirs = [tf.gradients(expected, [each[n] for n in weights]) for each in both]
        assert loss == pytest.approx(session.run(expected), abs=1e-5)
        for mine, other in zip(found, session.run(theirs), strict=True):
            for name, gradient in zip(weights, other, strict=True):
                assert np.abs(gradient).max() > 1e-3
                np.testing.assert_allclose(mine[name], gradient, atol=1e-5)
    exact = [{n: a.astype(float) for n, a in each.items()} for each in (weights, biases)]
    for arrays, gradients in zip(exact, by_hand.gradients(x, labels, *exact)[1:], strict=True):
        for name, array in arrays.items():
            place = tuple(np.argwhere(np.abs(gradients[name]) > 1e-3)[0])
            losses = []
            for change in (1e-5, -2e-5):
                array[place] += change
                losses.append(by_hand.gradients(x, labels, *exact)[0])
            slope = (losses[0] - losses[1]) / 2e-5
            assert slope == pytest.approx(gradients[name][place], abs=1e-5)


@pytest.mark.skipif(not MNIST, reason="MNIST_DIR names no folder with MNIST")
def test_the_network_by_hand_reads_97_percent(capsys):
    importlib.reload(importlib.import_module("by_hand")).main()  # with all of its epochs
    last = re.search(r"epoch (\d+)/\1: validation accuracy ([\d.]+)%", capsys.readouterr().out)
    assert float(last[2]) >= 97


def test_readme_fits_its_limit_and_shows_a_trained_network_on_its_first_screen():
    assert README.count("\n") <= 260
    assert "python mlp_mnist.py\n" in "\n".join(README.split("\n")[:40])


@pytest.mark.parametrize("page", TEXTS)
def test_links_within_the_repository_resolve(page):
    def anchors(text):
        headings = re.findall(r"^#+ (.*)$", re.sub(r"```.*?```", "", text, flags=re.S), re.M)
        return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in headings}

    text = re.sub(r"```.*?```", "", TEXTS[page], flags=re.S)
    targets = re.findall(r"\]\(([^)]+)\)", text) + re.findall(r'src(?:set)?="([^"]+)"', text)
    for target in targets:
        path, _, anchor = target.partition("#")
        if not path.startswith("https://"):
            other = (ROOT / page).parent / path if path else ROOT / page
            assert other.exists(), target
            assert not anchor or anchor in anchors(other.read_text()), target


def test_every_figure_is_shown_described_and_small():
    everything = "\n".join(TEXTS.values())
    shown = dict(re.findall(r"!\[([^\]]*)\]\(([^)]+\.png)\)", everything))
    assert all(len(text) >= 30 for text in shown)
    for path in ROOT.glob("docs/*.png"):
        assert path.name in everything, path
        assert path.stat().st_size < 150_000, path
    for name in shown.values():  # so that it looks well on a light page and on a dark one
        corner = Image.open(ROOT / "docs" / name).convert("RGBA").getpixel((0, 0))
        assert corner[3] == 0, name


@pytest.mark.parametrize("page", TEXTS)
def test_what_a_page_quotes_stands_in_the_file_that_it_names(page):
    for _, name, code, _ in blocks(TEXTS[page]):
        if name:
            [path] = [p for p in (ROOT / name, ROOT / "docs" / name) if p.exists()]
            lines = path.read_text().splitlines()
            assert all(line in lines for line in code.splitlines()), code


@pytest.mark.parametrize("lesson", LESSONS)
def test_numbers_of_parameters_and_steps(lesson):
    text = TEXTS[COURSE[1 + LESSONS.index(lesson)]]
    with tf.Graph().as_default():
        lesson.variables()
        shapes = {v.op.name: v.shape.as_list() for v in tf.trainable_variables()}
    total = sum(int(np.prod(shape)) for shape in shapes.values())
    assert f"{total:,}" in text
    assert f"{total:,} parameters" in README
    assert f"{-(-55000 // lesson.BATCH_SIZE)} steps" in text
    for name, weights, biases in re.findall(r"^\| (\w+) \| .* = ([\d,]+) \| (\d+) ", text, re.M):
        assert np.prod(shapes[f"weights/{name}"]) == int(weights.replace(",", ""))
        assert shapes[f"biases/{name}"] == [int(biases)]


def test_every_command_runs(tmp_path, monkeypatch, capsys):
    """Those of README, in a folder of its own, on few images, for an epoch; then its Python."""
    shell = "\n".join(code for language, _, code, _ in blocks(README) if not language)
    found = re.findall(r"\bpython (\w+)\.py(.*)", shell)
    images, labels = digits(600)
    write_csv(tmp_path / "data/train.csv", images, labels)
    write_csv(tmp_path / "data/test.csv", images[:20])
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    monkeypatch.undo()  # of what is made easy for pages
    monkeypatch.chdir(tmp_path)
    assert len(found) >= 6
    for name, flags in found:
        words = shlex.split(flags)
        if "--predict" not in words:
            words += [] if "--data" in words else ["--data", "data/train.csv"]
            words += ["--epochs", "1", "--limit", "300"]
        importlib.import_module(name).main(words)
        assert "test accuracy" in capsys.readouterr().out or "--predict" in words
    assert len((tmp_path / "runs/cnn/submission.csv").read_text().splitlines()) == 21
    code = [code for page in ("README.md", "docs/tf1.md") for code, _ in code_of(page)]
    tools = [each for each in code if "runs/mlp" in each]
    assert len(tools) == 5
    assert python("-c", "\n".join(tools), cwd=tmp_path)[0] == 0
    assert (tmp_path / "runs/mlp/frozen.pb").stat().st_size > 4 * 269_322


@pytest.mark.parametrize("name", ["ladder", "perceptron", "convolution"])
def test_every_change_of_a_lesson_runs(name, small, tmp_path, monkeypatch):
    """The ladder's and the exercises': with its diff or its flags, on few images, for an epoch."""
    variants = importlib.import_module("variants")
    found = variants.variants(name)
    assert len(found) >= 6
    for text, flags in found.values():
        flags = [str(ROOT / "tests") if flag == "FOLDER" else flag for flag in flags]
        row = variants.train(variants.LESSONS[name], text, [*flags, *small, "--epochs", "1"])
        assert row["epoch"] == 1


def try_old_code(text):
    """Do what the page says of each piece of code: some of it changes TensorFlow for good."""
    global tensorflow, tf
    import tensorflow
    import tensorflow.compat.v1 as tf

    said = io.StringIO()
    tf.get_logger().addHandler(logging.StreamHandler(said))
    warnings.simplefilter("error")

    def names():
        """Return the names that code on the page may use."""
        x, labels = tf.zeros([2, 256]), tf.zeros([2], tf.int32)
        one_hot, logits = tf.one_hot(labels, 10), tf.zeros([2, 10])
        images, kernels = tf.zeros([2, 28, 28, 1]), tf.zeros([3, 3, 1, 32])
        biases, folder, loss = tf.zeros([256]), tempfile.mkdtemp(), tf.reduce_mean(logits)
        weights, session = tf.Variable(tf.zeros([256, 256])), tf.Session()
        session.run(weights.initializer)
        saved = tf.train.Saver({"old": weights}).save(session, folder + "/model")
        return {**globals(), **locals()}

    def run(code, names):
        """Return what TensorFlow says of it: its error, or its warnings."""
        said.truncate(0)
        try:
            exec(code, names)
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        return said.getvalue()

    eager, graph = text.split("In graph mode:")
    row = r"^\| (?:a warning: )?(`` .+? ``|`[^`]+`).* \| `(.+?)` \| (.*) \|$"
    for message, code, _ in re.findall(row, eager, re.M):
        assert message.strip("` ") in run(code, globals()), code
    rows = re.findall(row, graph, re.M)
    assert len(rows) >= 30
    for message, code, instead in rows:
        tf.disable_eager_execution()
        tf.enable_resource_variables()  # as before what one of the rows does
        got = run(code, names())
        assert message.strip("` ") in got, (code, got)
        for new in re.findall(r"^`([^`]+)`", instead):
            assert run(new, names()) == "", new
    works = text.split("without a warning:")[1].split("## By error")[0]
    for name in re.findall(r"`(tf\.[\w.]+)`", works):
        assert run(name, names()) == "", name


def test_what_it_says_of_old_code_is_so():
    process = multiprocessing.get_context("spawn").Process(
        target=try_old_code, args=[TEXTS["docs/tf1.md"]]
    )
    process.start()
    process.join()
    assert process.exitcode == 0


def test_the_old_tutorial_reads_what_it_always_read():
    code = "\n".join(code for code, _ in code_of("docs/tf1.md") if "runs/mlp" not in code)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, {})
    accuracy = float(re.search(r"accuracy (0\.\d+)", printed.getvalue())[1])
    assert (0.91 < accuracy < 0.925) if MNIST else accuracy > 0.85


def test_the_figures_can_be_drawn(tmp_path, monkeypatch):
    """From trainings of an epoch on few images, which draw nothing themselves."""
    write_quartet(tmp_path / "data")
    monkeypatch.setattr(figures, "draw", lambda *_: None)
    folders = ["--scratch", str(tmp_path / "runs"), "--into", str(tmp_path)]
    draw = importlib.import_module("draw")
    draw.main(["--data", str(tmp_path / "data"), "--epochs", "1", *folders])
    drawn = {path.name for path in tmp_path.glob("*.png")}
    drawn |= set() if shutil.which("chromium") else {"page_light.png", "page_dark.png"}
    assert drawn | {"year.png"} == {path.name for path in ROOT.glob("docs/*.png")}
    assert python("docs/draw.py", "--help")[0] == 0  # as a script it finds the lessons, too


def test_lessons_state_the_mean_that_readme_shows():
    for lesson in LESSONS:
        numbers = re.search(r"mean (\d+\.\d+) %, standard deviation (\d+\.\d+)", lesson.__doc__)
        mean, deviation = numbers.groups()
        assert re.search(rf"\| {mean}\d? .*\| {deviation}\d? ", README), (mean, deviation)
