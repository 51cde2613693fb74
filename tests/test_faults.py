"""Every row of faults/, as a person would meet it: one line of error, and nothing changed."""

import compileall
import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import faults
import pytest
from faulty_server import PACKED

ROOT = Path(__file__).parent.parent
LIMIT = 120  # seconds: a guard against a lesson that hangs, not a measurement

# Starts a lesson from a small process of its own: in the peak of memory that the system reports,
# a process counts what its parent had when it was started, and pytest may have TensorFlow loaded.
LAUNCHER = """
import ctypes, os, resource, subprocess, sys
most, largest_file, obey, limit = map(int, sys.argv[1:5])
if obey and os.geteuid() == 0:
    # Permissions bind root, too, without the two capabilities to pass over them.
    if any(ctypes.CDLL(None).prctl(24, capability, 0, 0, 0) for capability in (1, 2)):
        print("\\n77 0")
        sys.exit()
# What the system refuses to give cannot slow this machine down.
resource.setrlimit(resource.RLIMIT_DATA, (most, most))
resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))
code = subprocess.call([sys.executable, *sys.argv[5:]], timeout=limit)
most_used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(f"\\n{code} {most_used // (1024 if sys.platform == 'darwin' else 1)}")
"""


def start(here, words, megabytes=2**13, largest_file=2**40, obey=False):
    """Run `python` with `words` in the folder `here`; return its exit code, output and errors.

    Returns also its peak of memory in megabytes. Modules in here/stubs come before the installed
    ones. megabytes: of memory that it may take, with the system's own share on top; obey: also root
    is bound by permissions.
    """
    limits = [(megabytes + 256) * 2**20, largest_file, int(obey), LIMIT]
    command = [sys.executable, "-I", "-S", "-c", LAUNCHER, *map(str, limits), *words]
    environment = {"PYTHONPATH": str(here / "stubs"), "PYTHONDONTWRITEBYTECODE": "1"}
    environment["OPENBLAS_NUM_THREADS"] = "1"  # it reserves memory for each of the machine's cores
    environment = os.environ | environment
    done = subprocess.run(command, cwd=here, env=environment, capture_output=True)
    out, _, last = done.stdout.decode().rstrip("\n").rpartition("\n")
    code, kilobytes = map(int, last.split())
    return code, out, done.stderr.decode(), kilobytes / 1024


@pytest.fixture(scope="session")
def checkout(tmp_path_factory):
    """Return a folder with the lessons, data/, support/, and a tensorflow without content."""
    folder = tmp_path_factory.mktemp("checkout")
    kinds = ("data/*.[pn][yp]*", "support/**/*.[ph][yt]*")
    ours = [path for kind in kinds for path in ROOT.glob(kind)]
    for path in [*ROOT.glob("*_mnist.py"), *ours]:
        (folder / path.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, folder / path.relative_to(ROOT))
    compileall.compile_dir(folder, quiet=1)
    (folder / "stubs").mkdir()  # whoever imports this module tensorflow is ended
    (folder / "stubs/tensorflow.py").write_text("raise SystemExit('TensorFlow was imported')\n")
    for lesson in ("mlp_mnist", "cnn_mnist"):  # what --predict needs before it reads a file
        description = faults.trainings.description(lesson)
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

    words, obey = shlex.split(row.command), bool(row.modes)
    code, out, errors, megabytes = start(here, words, row.most, row.largest_file, obey)
    for path in row.modes:
        (here / path).chmod(0o755)
    if code == 77:
        pytest.skip("root cannot give up its privileges here")

    lines = [f"warning: {line}\n" for line in row.warnings] + [f"error: {row.error}\n"]
    expected = "".join(lines).replace("PORT", str(server.server_port))
    assert fits(errors, expected), (errors, expected)
    assert code == row.code
    assert fits(out, row.stdout and f"{row.stdout}\n"), out
    assert snapshot(here) == before
    assert list(tmp_path.iterdir()) == [here]
    assert megabytes < row.most
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
        code, _, errors, _ = start(here, words, faults.SPLIT)
        assert (code, errors) == (1, "TensorFlow was imported\n")


def test_memory_is_measured_and_limited(tmp_path):
    assert 190 < start(tmp_path, ["-c", "x = b'1' * 200_000_000"])[3] < 300
    assert "MemoryError" in start(tmp_path, ["-c", "bytearray(2**30)"], megabytes=64)[2]
