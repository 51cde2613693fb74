"""README.md and data/README.md: what they say is so, and what they show can be run."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import faults
import pytest
import test_kills
from builders import digits, write_csv
from PIL import Image
from trainings import LESSONS, ROOT

README = (ROOT / "README.md").read_text()
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("data/*.md"), *ROOT.glob("tests/**/*.md")])
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.M | re.S)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_within_the_repository_resolve(page):
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.S)
    headings = re.findall(r"^#+ (.*)$", text, re.M)
    anchors = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in headings}
    for target in re.findall(r"\]\(([^)]+)\)", text):
        if target.startswith("#"):
            assert target[1:] in anchors, target
        elif not target.startswith("https://"):
            assert (page.parent / target).exists(), target


def test_every_figure_is_shown_described_small_and_transparent():
    shown = dict(re.findall(r"!\[([^\]]*)\]\((docs/[^)]+)\)", README))
    assert len(shown) >= 12
    assert all(len(text) >= 30 for text in shown)
    linked = set(re.findall(r"\]\((docs/[^)]+\.png)\)", README))
    assert linked == {f"docs/{path.name}" for path in ROOT.glob("docs/*.png")}
    for name in linked:
        assert (ROOT / name).stat().st_size < 150_000, name
    for name in shown.values():  # so that it looks well on a light page and on a dark one
        assert Image.open(ROOT / name).convert("RGBA").getpixel((0, 0))[3] == 0, name


def test_python_that_readme_quotes_stands_in_a_lesson():
    quoted = [code for kind, code in BLOCKS if kind == "python" and "import" not in code]
    assert len(quoted) >= 10
    lines = {
        line.strip() for lesson in LESSONS for line in Path(lesson.__file__).read_text().split("\n")
    }
    for code in quoted:
        assert code.strip() in lines


def test_the_output_that_readme_shows_ends_as_the_lessons_say():
    for lesson in LESSONS:
        last = re.search(r"Its last line, .*: (test accuracy .*)", lesson.__doc__)[1]
        assert any(code.endswith(f"\n{last}\n") for _, code in BLOCKS), last


def commands():
    """Return README's commands, in their order, in which Python runs something of ours."""
    lines = [line for kind, code in BLOCKS if not kind for line in code.splitlines()]
    parts = [part.strip() for line in lines for part in line.split("&&")]
    return [part for part in parts if re.match(r"(\.venv/bin/)?python (?!-m)", part)]


def test_every_command_runs(tmp_path):
    """In a copy of the repository, on few images, for two epochs."""
    unwanted = shutil.ignore_patterns(".*", "runs", "*.gz", "*.csv", "__pycache__")
    shutil.copytree(ROOT, tmp_path / "copy", ignore=unwanted)
    images, labels = digits(600)
    write_csv(tmp_path / "copy/data/train.csv", images, labels)
    write_csv(tmp_path / "copy/data/test.csv", images[:20])
    found = commands()
    assert len(found) >= 5
    for command in [*found, "python mlp_mnist.py --resume"]:
        _, *words = shlex.split(command)
        if "--predict" not in words:
            words += [] if "--data" in words else ["--data", "sample"]
            words += ["--epochs", "2", "--limit", "300"]
        done = subprocess.run(
            [sys.executable, *words], cwd=tmp_path / "copy", capture_output=True, text=True
        )
        assert (done.returncode, done.stderr) == (0, ""), (command, done)
        assert "test accuracy" in done.stdout or "--predict" in words
    rows = (tmp_path / "copy/runs/cnn/submission.csv").read_text().splitlines()
    assert len(rows) == 21
    codes = [code for kind, code in BLOCKS if kind == "python" and "import" in code]
    codes += re.findall(r"`(import [^`]+main\([^`]+\))`", README)
    assert len(codes) == 2
    for code in codes:
        code = code.replace('"3"', '"1", "--data", "sample", "--limit", "300"')
        subprocess.run([sys.executable, "-c", code], cwd=tmp_path / "copy", check=True)


def test_what_it_promises_is_what_is_tested():
    saved = sum(path.is_file() for path in (ROOT / "tests/fuzz/inputs").rglob("*"))
    promised = re.findall(r"^- \*\*(\d+) ([a-z]+)", README, re.M)
    numbers = {"faults": len(faults.ROWS), "saved": saved, "kills": test_kills.LONG}
    assert promised == [(str(number), word) for word, number in numbers.items()]
    assert f"it is {test_kills.SHORT} kills" in README


def rows_of(heading):
    """Return the cells of the table below a heading of README, its header left out."""
    section = README.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (.*) \|$", section, re.M)
    return [row.split(" | ") for row in rows][1:]


PRELUDE = """
import io, logging, warnings
import numpy as np, tensorflow
import tensorflow.compat.v1 as tf
try:
    tf.placeholder(tf.float32)
except RuntimeError as error:
    assert "tf.placeholder() is not compatible with eager execution" in str(error)
else:
    raise AssertionError
tf.disable_eager_execution()
said = io.StringIO()
tf.get_logger().addHandler(logging.StreamHandler(said))
warnings.simplefilter("error")

def world():
    x, labels = tf.zeros([2, 256]), tf.zeros([2], tf.int32)
    one_hot, logits = tf.one_hot(labels, 10), tf.zeros([2, 10])
    images, kernels = tf.zeros([2, 28, 28, 1]), tf.zeros([3, 3, 1, 32])
    weights, biases = tf.zeros([256, 256]), tf.zeros([256])
    session, folder = tf.Session(), tempfile.mkdtemp() + "/model"
    return {**globals(), **locals()}

def old(code, expected):
    said.truncate(0)
    try:
        exec(code, world())
    except Exception as error:
        got = f"{type(error).__name__}: {error}"
    else:
        got = said.getvalue()
    assert all(part in got for part in expected.split("...")), (code, got, expected)

def new(code):
    said.truncate(0)
    exec(code, world())
    assert said.getvalue() == "", (code, said.getvalue())

import tempfile
"""


def test_what_it_says_of_old_code_is_so(tmp_path):
    table = rows_of("TF1 today")
    assert len(table) >= 12
    program = PRELUDE
    for before, today, instead in table:
        code = re.fullmatch(r"`(.+)`", before)[1]
        expected = "deprecated" if today.startswith("a warning: deprecated") else today
        expected = expected.replace("``", "`")
        program += f"old({code!r}, {expected!r})\n"
        if "float32_ref" in today:
            program += "assert tf.Variable(0.0).dtype.name == 'float32_ref'\n"
        program += "tf.disable_eager_execution(); tf.enable_resource_variables()\n"
        for code in re.findall(r"^`([^`]+)`|, then `([^`]+)`", instead):
            program += f"new({code[0]!r})\n"
    section = README.split("\n## TF1 today\n")[1].split("\n| old code")[0]
    works = section.split("without a warning:")[1].split("In the table")[0]
    for name in re.findall(r"`(tf\.[\w.]+)`", works):
        program += f"new({name!r})\n"
    (tmp_path / "program.py").write_text(program)
    done = subprocess.run(
        [sys.executable, "program.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={"PATH": "", "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_the_figures_can_be_drawn(tmp_path):
    """All of them, from trainings of an epoch on the sample."""
    command = [sys.executable, "docs/draw.py", "--data", "sample", "--epochs", "1"]
    command += ["--scratch", tmp_path / "runs", "--into", tmp_path]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    drawn = {path.name for path in tmp_path.glob("*.png")}
    assert drawn == {path.name for path in ROOT.glob("docs/*.png")}
