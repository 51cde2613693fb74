"""The pages: what they say is so, what they quote stands in a lesson, what they show can be run."""

import ast
import importlib
import io
import logging
import multiprocessing
import os
import re
import shlex
import shutil
import tempfile
import types
import warnings
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from builders import digits, write_csv, write_quartet
from lives import Life
from PIL import Image
from trainings import LESSONS, ROOT, python

import cnn_mnist
import mlp_mnist
from support import figures, runs
from support.ground import tf

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("d*/*.md"), *ROOT.glob("tests/**/*.md")])
TEXTS = {path.relative_to(ROOT).as_posix(): path.read_text() for path in PAGES}
README = TEXTS["README.md"]
CHAPTERS = {"docs/perceptron.md": mlp_mnist, "docs/convolution.md": cnn_mnist}


def blocks(text, kind):
    """Return the code blocks of a kind, "" or "python"."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.M | re.S)
    return [code for its_kind, code in found if its_kind == kind]


def test_readme_fits_its_limit_and_shows_a_trained_network_on_its_first_screen():
    assert README.count("\n") <= 300
    assert "python mlp_mnist.py\n" in "\n".join(README.split("\n")[:30])


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


@pytest.mark.parametrize("page", CHAPTERS)
def test_python_that_a_chapter_quotes_stands_in_its_lesson(page):
    lesson = Path(CHAPTERS[page].__file__).read_text()
    lines = {line.strip() for line in lesson.split("\n")}
    quoted = [code for code in blocks(TEXTS[page], "python") if "import" not in code]
    assert len(quoted) >= 3
    for code in quoted:
        for line in code.strip().split("\n"):
            assert line.strip() in lines, line
    for name in re.findall(r"`(\w+)\(\)`", TEXTS[page]):
        assert f"def {name}(" in lesson, name


def test_the_five_lines_print_what_the_chapter_says():
    text = TEXTS["docs/perceptron.md"]
    code = next(code for code in blocks(text, "python") if "import" in code)
    assert sum(map(bool, code.split("\n"))) == 5
    said = re.search(r"It prints `(.*)`\.", text)[1]
    assert python("-c", code)[:2] == (0, f"{said}\n")


@pytest.mark.parametrize("page", CHAPTERS)
def test_numbers_of_parameters_and_steps(page):
    lesson, text = CHAPTERS[page], TEXTS[page]
    with tf.Graph().as_default():
        lesson.variables()
        shapes = {v.op.name: v.shape.as_list() for v in tf.trainable_variables()}
    total = sum(int(np.prod(shape)) for shape in shapes.values())
    assert f"{total:,}" in text
    assert f"{total:,} parameters" in README
    assert f"{-(-55000 // lesson.BATCH_SIZE)} steps" in text
    for name, weights, biases in re.findall(r"^\| (\w+) \| .* = ([\d,]+) \| (\d+) ", text, re.M):
        assert np.prod(shapes[f"weights/{name}"]) == int(weights.replace(",", ""))
        assert shapes[f"biases/{name.replace('c', 'b')}"] == [int(biases)]


def test_examples_by_hand():
    text = TEXTS["docs/perceptron.md"]
    weights, label = np.array([0.5, -0.5]), np.array([0, 1])
    probabilities = np.exp(weights) / np.exp(weights).sum()
    gradient = probabilities - label
    moved = weights - 0.1 * gradient
    after = -np.log(np.exp(moved) / np.exp(moved).sum())[1]
    numbers = [*probabilities, -np.log(probabilities[1]), gradient[0], gradient[1], moved[0], after]
    assert all(f"{number:.4f}" in text for number in numbers)
    for progress, share in re.findall(r"(?:progress|at) (\d[\d.]*) it gives (\d[\d.]*\d|\d)", text):
        assert mlp_mnist.schedule(float(progress)) == pytest.approx(float(share), abs=1e-9)
    example, pooling = [b for b in blocks(TEXTS["docs/convolution.md"], "") if "0 0" in b]
    rows = example.split("\n")[1:6]
    image = np.array([row[:9].split() for row in rows], int)
    kernel, found = (
        np.array([row[a:b].split() for row in rows[:3]], int) for a, b in ((12, 24), (24, 40))
    )
    windows = np.lib.stride_tricks.sliding_window_view(image, (3, 3))
    np.testing.assert_array_equal((windows * kernel).sum(axis=(2, 3)), found)
    values = np.array([row[:7].split() for row in pooling.split("\n")[:4]], int)
    kept = np.array([row[7:].split() for row in pooling.split("\n")[1:3]], int)
    np.testing.assert_array_equal(values.reshape(2, 2, 2, 2).max(axis=(1, 3)), kept)


@pytest.fixture
def draw(monkeypatch):
    """The module docs/draw.py."""
    monkeypatch.syspath_prepend(ROOT / "docs")
    return importlib.import_module("draw")


def test_the_graph_is_as_it_is_drawn(draw):
    """The lesson's own assignments say which value is made from which."""
    lesson = ast.parse(Path(mlp_mnist.__file__).read_text())
    (build,) = (node for node in lesson.body if getattr(node, "name", "") == "build")
    drawn = {tuple(pair.split()) for pair in draw.ARROWS.split(",")}
    names = {start for start, _ in drawn} | {end for _, end in drawn}
    for statement in build.body:
        if isinstance(statement, ast.Assign):
            targets = {n.id for n in ast.walk(statement.targets[0]) if isinstance(n, ast.Name)}
            sources = {n.id for n in ast.walk(statement.value) if isinstance(n, ast.Name)}
            for source in sources & names:
                for target in targets & names - {source, "weights"}:
                    pair = (source, target)
                    assert pair in drawn | {("loss", "train_op"), ("step", "train_op")}, pair


def test_every_command_runs(tmp_path):
    """In a folder of its own, on few images, for an epoch: those that run ours in Python."""
    found = re.findall(r"\bpython (\w+)\.py(.*)", "\n".join(blocks(README, "")))
    images, labels = digits(600)
    write_csv(tmp_path / "data/train.csv", images, labels)
    write_csv(tmp_path / "data/test.csv", images[:20])
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    assert len(found) >= 6
    for name, flags in found:
        words = shlex.split(flags)
        if "--predict" not in words:
            words += [] if "--data" in words else ["--data", "data/train.csv"]
            words += ["--epochs", "1", "--limit", "300"]
        life = Life(name, words, partial(os.chdir, tmp_path))
        code, errors = life.end()
        # An epoch on 300 images may well leave doubts about a picture.
        doubt = "--predict" in words and "no digit to be seen" in errors
        assert doubt or (code, errors) == (0, ""), words
        assert "test accuracy" in life.output or "--predict" in words
    assert len((tmp_path / "runs/cnn/submission.csv").read_text().splitlines()) == 21
    code = [code for code in blocks(README, "python") if "import" in code]
    code += [code for code in blocks(TEXTS["docs/tf1.md"], "python") if "import" in code]
    assert len(code) == 5
    assert python("-c", "\n".join(code), cwd=tmp_path)[0] == 0
    assert (tmp_path / "runs/mlp/frozen.pb").stat().st_size > 4 * 269_322


@pytest.mark.parametrize("page", CHAPTERS)
def test_every_exercise_runs(page, small, tmp_path, monkeypatch, capsys):
    """With its change of the lesson, or its flags: on few images, for an epoch."""
    monkeypatch.setattr(runs.Run, "keep", lambda *ignored: None)  # no figures, no export
    lesson = Path(CHAPTERS[page].__file__).read_text()
    answers = re.findall(r"<details>(.*?)</details>", TEXTS[page], re.S)
    assert len(answers) >= 5
    for number, answer in enumerate(answers):
        changed, before = lesson, None
        for change in blocks(answer, "diff"):
            for i, line in enumerate(change.splitlines(keepends=True)):
                if line[0] == "+":
                    changed = changed.replace(before, before + line[1:])
                    before = line[1:]
                else:
                    assert changed.count(line[1:]) == 1, line
                    before = f"# line {i} goes\n" if line[0] == "-" else line[1:]
                    changed = changed.replace(line[1:], before)
        flags = re.findall(r"^`python \w+\.py --epochs \d+ (.+)`$", answer, re.M)
        if changed == lesson and not flags:
            continue  # to be worked out on paper
        module = types.ModuleType(CHAPTERS[page].__name__)
        module.__file__ = CHAPTERS[page].__file__
        exec(compile(changed, f"exercise {number + 1}", "exec"), vars(module))
        out = str(tmp_path / str(number))
        module.main([*shlex.split("".join(flags)), *small, "--epochs", "1", "--out", out])
        assert "test accuracy" in capsys.readouterr().out


def surroundings():
    """Return the names that code on the page about TF1 may use."""
    x, labels = tf.zeros([2, 256]), tf.zeros([2], tf.int32)
    one_hot, logits = tf.one_hot(labels, 10), tf.zeros([2, 10])
    images, kernels = tf.zeros([2, 28, 28, 1]), tf.zeros([3, 3, 1, 32])
    weights, biases = tf.zeros([256, 256]), tf.zeros([256])
    session, folder, loss = tf.Session(), tempfile.mkdtemp() + "/model", tf.reduce_mean(logits)
    return {**globals(), **locals()}


def try_old_code(text):
    """Do what the page says of each piece of code: some of it changes TensorFlow for good."""
    global tensorflow, tf
    import tensorflow
    import tensorflow.compat.v1 as tf

    said = io.StringIO()
    tf.get_logger().addHandler(logging.StreamHandler(said))
    warnings.simplefilter("error")

    def run(code):
        """Return what TensorFlow says of it: its error, or its warnings."""
        said.truncate(0)
        try:
            exec(code, surroundings())
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        return said.getvalue()

    assert "tf.placeholder() is not compatible with eager" in run("tf.placeholder(tf.float32)")
    tf.disable_eager_execution()
    table = re.findall(r"^\| `(.+)` \| (.*) \| (.*) \|$", text, re.M)
    assert len(table) >= 17
    for code, today, instead in table:
        expected = "deprecated" if today.startswith("a warning: deprecated") else today
        got = run(code)
        assert all(part in got for part in expected.replace("``", "`").split("...")), (code, got)
        assert "float32_ref" not in today or tf.Variable(0.0).dtype.name == "float32_ref"
        tf.disable_eager_execution()
        tf.enable_resource_variables()
        for new in re.findall(r"^`([^`]+)`", instead):
            assert run(new) == "", new
    works = text.split("without a warning:")[1].split("In the table")[0]
    for name in re.findall(r"`(tf\.[\w.]+)`", works):
        assert run(name) == "", name


def test_what_it_says_of_old_code_is_so():
    process = multiprocessing.get_context("spawn").Process(
        target=try_old_code, args=[TEXTS["docs/tf1.md"]]
    )
    process.start()
    process.join()
    assert process.exitcode == 0


def test_the_figures_can_be_drawn(draw, tmp_path, monkeypatch):
    """From trainings of an epoch on few images, which draw nothing themselves."""
    write_quartet(tmp_path / "data")
    monkeypatch.setattr(figures, "draw", lambda *_: None)
    folders = ["--scratch", str(tmp_path / "runs"), "--into", str(tmp_path)]
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
