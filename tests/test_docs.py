"""The pages: what they quote stands in a file, what they compute comes out, what they show runs."""

import codeop
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

import numpy as np
import pytest
from builders import digits, write_csv, write_quartet
from PIL import Image
from trainings import LESSONS, ROOT, python

import data
import mlp_mnist
from support.ground import DataError, tf
from support.training import figures, runs

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("d*/*.md"), *ROOT.glob("tests/*/*.md")])
TEXTS = {path.relative_to(ROOT).as_posix(): path.read_text() for path in PAGES}
README = TEXTS["README.md"]
# Pages whose code is typed into one session, each after the one before.
COURSE = ["docs/first_look.md", "docs/perceptron.md", "docs/convolution.md"]
MNIST = os.environ.get("MNIST_DIR")
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
each_page = pytest.mark.parametrize("page", TEXTS)


@pytest.fixture(autouse=True)
def surroundings(monkeypatch):
    """Let pages find the scripts in docs/, MNIST or else the sample, and no window to draw in."""
    monkeypatch.syspath_prepend(ROOT / "docs")
    monkeypatch.setenv("MPLBACKEND", "Agg")
    load = data.load

    def load_here(source=None, *limit):
        return load(source or MNIST or "sample", *limit)

    def load_keras():
        training, _, test = load_here()
        return [(part.images.reshape(-1, 28, 28), part.labels) for part in (training, test)]

    monkeypatch.setattr(data, "load", load_here)
    monkeypatch.setattr(tf.keras.datasets.mnist, "load_data", load_keras)


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


def same(got, said):
    """Say whether two outputs have the same words, and numbers that differ a little at most."""
    numbers = [[float(n) for n in NUMBER.findall(text)] for text in (got, said)]
    words = [re.sub(r"[\s\[\],]+", " ", NUMBER.sub("#", text)) for text in (got, said)]
    return words[0] == words[1] and numbers[0] == pytest.approx(numbers[1], rel=0.05, abs=1e-4)


def type_in(*pages):
    """Run the code of pages in one namespace, and compare what it prints (of MNIST)."""
    names, whole = {}, [(page, *block) for page in pages for block in code_of(page)]
    comparable = MNIST or not any("load" in code for _, code, _ in whole)
    for page, code, said in whole:
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(compile(code, page, "exec"), names)
        got = printed.getvalue().replace(MNIST or "data", "data")
        assert not said or not comparable or same(got, said), f"{page}: {code}\nprints\n{got}"


@pytest.mark.parametrize("page", [*COURSE, "docs/backpropagation.md"])
def test_code_that_is_typed_can_be_pasted_into_the_basic_prompt(page):
    """Which ends a block of indented lines at an empty line, and nowhere else."""
    for code, _ in code_of(page):
        entered = []
        for line in [*code.splitlines(), ""]:
            entered.append(line)
            if codeop.compile_command("\n".join(entered), symbol="single"):
                entered = []
        assert not entered, code


def test_the_code_of_the_course_prints_what_it_says(capsys):
    type_in(*COURSE)
    type_in("docs/backpropagation.md")
    importlib.reload(importlib.import_module("by_hand")).main()  # now with all of its epochs
    accuracy = re.findall(r"accuracy ([\d.]+)%", capsys.readouterr().out)[-1]
    assert float(accuracy) > (97 if MNIST else 88)


@each_page
def test_sums_come_out(page):
    """Every `a + b x c = d` of numbers on a page, each rounded as it is written."""
    text = re.sub(r"^```.*?^```$|`[^`]*`|<.*?>", " ? ", TEXTS[page], flags=re.M | re.S)
    text = re.sub(r"\s(x|·)\s", " * ", re.sub(r"(?<=\d),(?=\d{3})", "", text))
    left = r"(?<=[^\w.])([-(]*\d[-+*/().\d\s]*\s[-+*/]\s[-+*/().\d\s]*)"
    sums = re.findall(rf"{left}=\s(-?\d+\.?\d*)", text)
    for left, right in sums:
        assert eval(f"({left})") == pytest.approx(float(right), rel=1e-3, abs=2e-4), (left, right)
    assert len(sums) >= 10 or page not in COURSE[1:], sums


def test_the_step_by_hand_has_the_numbers_that_tensorflow_computes():
    section = TEXTS[COURSE[1]].split("### A step by hand")[1].split("TensorFlow does")[0]
    [said] = [said for code, said in code_of(COURSE[1]) if "example" in code]
    computed = np.array([float(number) for number in NUMBER.findall(said)])
    known = np.abs([*computed, *0.1 * computed])  # a step is a tenth of the gradient
    told = [float(number) for number in re.findall(r"\d\.\d{4}", section)]
    assert len(told) >= 20
    assert all(np.abs(known - number).min() < 1e-4 for number in told), told


def test_gradients_by_hand_are_those_of_tensorflow():
    """All six, on lesson 1's own model; and a difference of the loss for each kind of weights."""
    by_hand = importlib.import_module("by_hand")
    random = np.random.default_rng(3)
    x, labels = random.random([20, 784]), random.integers(0, 10, 20)
    arrays = [{n: a.astype(float) for n, a in each.items()} for each in by_hand.variables(3)]
    for bias in arrays[1].values():
        bias += random.normal(0, 0.1, bias.shape)
    loss, *found = by_hand.gradients(x, labels, *arrays)
    with tf.Graph().as_default(), tf.Session() as session:
        tensors = [{n: tf.constant(a) for n, a in each.items()} for each in arrays]
        logits, _ = mlp_mnist.model(tf.constant(x), *tensors, "relu")
        expected = tf.losses.softmax_cross_entropy(tf.one_hot(labels, 10), logits)
        theirs = [session.run(tf.gradients(expected, [*each.values()])) for each in tensors]
        assert loss == pytest.approx(session.run(expected), abs=1e-5)
    for mine, others in zip(found, theirs, strict=True):
        for (name, array), other in zip(mine.items(), others, strict=True):
            np.testing.assert_allclose(array, other, atol=1e-5, err_msg=name)
    for name, array in arrays[0].items():
        array[180, 0] += 1e-5
        slope = (by_hand.gradients(x, labels, *arrays)[0] - loss) / 1e-5
        array[180, 0] -= 1e-5
        assert slope == pytest.approx(found[0][name][180, 0], abs=1e-5)


@each_page
def test_links_and_quotes_lead_where_they_say(page):
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
    for _, name, code, _ in blocks(TEXTS[page]):
        if name:
            [path] = [p for p in (ROOT / name, ROOT / "docs" / name) if p.exists()]
            variants = importlib.import_module("variants")  # comments may differ
            quoted, whole = (map(variants.code, t.splitlines()) for t in (code, path.read_text()))
            assert set(quoted) <= set(whole), code


def test_every_figure_is_shown_described_and_small():
    everything = "\n".join(TEXTS.values())
    shown = dict(re.findall(r"!\[([^\]]*)\]\(([^)]+\.png)\)", everything))
    assert all(len(text) >= 30 for text in shown)
    for path in ROOT.glob("docs/*.png"):
        assert path.name in everything, path
        assert path.stat().st_size < 150_000, path
    for name in shown.values():  # so that it looks well on a light page and on a dark one
        assert Image.open(ROOT / "docs" / name).convert("RGBA").getpixel((0, 0))[3] == 0, name


@pytest.mark.parametrize("lesson", LESSONS)
def test_numbers_that_stand_in_several_places(lesson):
    text = TEXTS[COURSE[1 + LESSONS.index(lesson)]]
    with tf.Graph().as_default():
        lesson.variables()
        total = sum(v.shape.num_elements() for v in tf.trainable_variables())
    assert f"= {total:,} numbers" in text
    assert f"{total:,} parameters" in README
    assert f"{-(-55000 // lesson.BATCH_SIZE)} steps" in text
    found = re.search(r"mean (\d+\.\d+) %, standard deviation (\d+\.\d+)", lesson.__doc__)
    row = re.search(rf"\| {total:,} \| 0 - 4 \| (\d+\.\d+) \| (\d+\.\d+) ", README)
    assert (f"{float(row[1]):.2f}", row[2]) == found.groups()
    assert README.count("\n") <= 260


def test_every_command_of_readme_runs(tmp_path, monkeypatch, capsys):
    """In a folder of its own, on few images, for an epoch; then Python that needs their network."""
    shell = "\n".join(code for language, _, code, _ in blocks(README) if not language)
    found = re.findall(r"\bpython (\w+)\.py(.*)", shell)
    images, labels = digits(600)
    write_csv(tmp_path / "data/train.csv", images, labels)
    write_csv(tmp_path / "data/test.csv", images[:20])
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    monkeypatch.chdir(tmp_path)
    assert len(found) >= 6
    for name, flags in found:
        words = shlex.split(flags)
        if "--predict" not in words:
            words += [] if "--data" in words else ["--data", "data/train.csv"]
            words += ["--epochs", "1", "--limit", "300"]
        with contextlib.suppress(DataError):  # no digit to be seen, after an epoch on so few
            importlib.import_module(name).main(words)
        assert "test accuracy" in capsys.readouterr().out or "--predict" in words
    assert len((tmp_path / "runs/cnn/submission.csv").read_text().splitlines()) == 21
    type_in("README.md", "docs/tf1.md")
    assert (tmp_path / "runs/mlp/frozen.pb").stat().st_size > 4 * 269_322


@pytest.mark.parametrize("name", ["ladder", "perceptron", "convolution"])
def test_every_change_of_a_lesson_runs(name, small, tmp_path, monkeypatch, capsys):
    """The ladder's and the exercises': on few images, for an epoch; then an answer's Python."""
    variants = importlib.import_module("variants")
    monkeypatch.chdir(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(runs.Run, "finish", lambda *ignored: None)
        for out in ("mlp", "0", "1", "2"):  # which answers go on from
            mlp_mnist.main([*small, "--epochs", "1", "--out", f"runs/{out}"])
    found = variants.variants(name)
    assert len(found) >= 5
    for text, flags in found.values():
        assert variants.train(variants.LESSONS[name], text, [*flags, *small, "--epochs", "1"])
    capsys.readouterr()
    answers = "".join(re.findall("<details>.*?</details>", TEXTS.get(f"docs/{name}.md", ""), re.S))
    for code in [code for language, _, code, _ in blocks(answers) if language == "python"]:
        exec(code, {})
        assert capsys.readouterr().out.count("%") == 4


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
        tf.reset_default_graph()
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
        tf.enable_resource_variables()  # which a row undoes
        got = run(code, names())
        assert message.strip("` ") in got, (code, got)
        for new in re.findall(r"^`([^`]+)`", instead):
            assert run(new, names()) == "", new
    works = text.split("without a warning:")[1].split("## By error")[0]
    for name in re.findall(r"`(tf\.[\w.]+)`", works):
        assert run(name, names()) == "", name


def test_what_it_says_of_old_code_is_so():
    spawn = multiprocessing.get_context("spawn").Process
    process = spawn(target=try_old_code, args=[TEXTS["docs/tf1.md"]])
    process.start()
    process.join()
    assert process.exitcode == 0


def test_the_figures_can_be_drawn(tmp_path, monkeypatch):
    """From runs of an epoch on few images, which draw nothing themselves."""
    write_quartet(tmp_path / "data")
    monkeypatch.setattr(figures, "draw", lambda *_: None)
    folders = ["--scratch", str(tmp_path / "runs"), "--into", str(tmp_path)]
    draw = importlib.import_module("draw")
    draw.main(["--data", str(tmp_path / "data"), "--epochs", "1", *folders])
    assert {path.stem for path in tmp_path.glob("*.png")} == set(draw.FIGURES)
    assert python("docs/draw.py", "--help")[0] == 0  # as a script it finds the lessons, too
