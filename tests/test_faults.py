"""Every row of faults/, as a person would meet it: one line of error, and nothing changed."""

import compileall
import os
import re
import shlex
import shutil
import stat

import faults
import pytest
from faulty_server import PACKED
from lives import Fork, begin
from trainings import ROOT


def start(here, words, megabytes=2**13, largest_file=2**40, bound=False):
    """Run `python` with `words` in the folder `here`; return its exit code, output and errors.

    It is a fork, with the modules of that folder; those in here/stubs come before installed ones.
    megabytes: of memory that it may take; bound: permissions bind root, too.
    """
    mirrors = os.environ["MNIST_MIRRORS"]
    fork = Fork(begin, here, words, mirrors, megabytes, largest_file, bound)
    code, errors = fork.end()
    return code, fork.output, errors


@pytest.fixture(scope="session")
def checkout(tmp_path_factory):
    """Return a folder with the lessons, data/, support/, and a tensorflow without content."""
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copytree(ROOT / "support", folder / "support")
    for path in [*ROOT.glob("*_mnist.py"), *ROOT.glob("data/*.[pn][yp]*")]:
        (folder / "data").mkdir(exist_ok=True)
        shutil.copy2(path, folder / path.relative_to(ROOT))
    compileall.compile_dir(folder, quiet=1)
    (folder / "stubs").mkdir()  # whoever imports this module tensorflow is ended
    (folder / "stubs/tensorflow.py").write_text("raise SystemExit('TensorFlow was imported')\n")
    for lesson in ("mlp_mnist", "cnn_mnist"):  # what --predict needs before it reads a file
        description = faults.trainings.description(lesson=lesson)
        faults.put(f"runs/{lesson[:3]}/training.json", description)(folder)
    return folder


def snapshot(here):
    """Return {path: its kind and, but for a folder, its size and when it was written}."""
    found = {}
    for path in here.rglob("*"):
        status = path.lstat()
        written = None if path.is_dir() else (status.st_size, status.st_mtime_ns)
        found[path] = stat.S_IFMT(status.st_mode), written
    return found


def fits(text, expected):
    """Return whether `text` is as expected; "..." stands for anything within a line."""
    return re.fullmatch(".*".join(map(re.escape, expected.split("..."))), text)


@pytest.mark.parametrize("row", faults.ROWS, ids=lambda row: ascii(row.name))
def test_a_fault_ends_in_one_clear_line(row, checkout, tmp_path, server, monkeypatch):
    here = tmp_path / "here"
    shutil.copytree(checkout, here)
    row.build(here)
    server.files = PACKED
    if row.mirror:
        monkeypatch.setenv("MNIST_MIRRORS", server.mirror(row.mirror))
    before = snapshot(here)
    for path, mode in row.modes.items():
        (here / path).chmod(mode)

    words, bound = shlex.split(row.command), bool(row.modes)
    code, out, errors = start(here, words, row.most, row.largest_file, bound)
    for path in row.modes:
        (here / path).chmod(0o755)

    lines = [f"warning: {line}\n" for line in row.warnings] + [f"error: {row.error}\n"]
    expected = "".join(lines).replace("PORT", str(server.server_port))
    assert fits(errors, expected), (errors, expected)
    assert code == row.code
    assert fits(out, row.stdout and f"{row.stdout}\n"), out
    assert snapshot(here) == before
    assert list(tmp_path.iterdir()) == [here]
    assert len(server.asked) == row.asked


def test_without_a_fault_the_training_begins(checkout, tmp_path):
    """So that no row passes because of something that all rows have in common."""
    here = tmp_path / "here"
    shutil.copytree(checkout, here)
    lines = faults.csv.LINES
    faults.put("train.csv", b"\n".join(lines + lines[1:] * 20))(here)
    faults.put("7.png", faults.pictures.SEVEN)(here)
    faults.put("test.csv", faults.csv.UNLABELLED)(here)
    for words in ("--data train.csv", "--predict 7.png", "--predict test.csv"):
        words = ["mlp_mnist.py", *words.split()]
        code, _, errors = start(here, words, faults.SPLIT)
        assert (code, errors) == (1, "TensorFlow was imported\n")


def test_memory_is_limited(tmp_path):
    (tmp_path / "take.py").write_text("import sys; bytes(int(sys.argv[1]) * 2**20)\n")
    assert start(tmp_path, ["take.py", "40"], megabytes=64) == (0, "", "")
    assert "MemoryError" in start(tmp_path, ["take.py", "80"], megabytes=64)[2]
