"""The inputs that fuzzing saved, replayed; and the fuzzer itself: fuzz/run.py."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from fuzz import run
from fuzz.targets import TARGETS

ROOT = Path(__file__).parent.parent
SAVED = [(name, path) for name in TARGETS for path in run.saved(name)]


@pytest.mark.parametrize(
    ("name", "path"), SAVED, ids=[f"{name}-{path.name[:8]}" for name, path in SAVED]
)
def test_a_saved_input_is_read_as_its_format_says_or_refused(name, path, capfd):
    data = path.read_bytes()
    assert path.name == hashlib.sha256(data).hexdigest()[:16]  # as it was saved
    assert TARGETS[name](data)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_has_inputs_that_are_read_and_inputs_that_are_refused(name):
    outcomes = [TARGETS[name](path.read_bytes()) for path in run.saved(name)]
    assert len(outcomes) >= 10
    assert "read" in outcomes
    assert set(outcomes) - {"read"}


def test_the_inputs_are_small_and_all_are_replayed():
    assert tuple(TARGETS) == run.NAMES
    files = [path for path in run.INPUTS.rglob("*") if path.is_file()]
    assert sorted(files) == sorted(path for _, path in SAVED)
    assert sum(path.stat().st_size for path in files) < 300_000


def test_a_broken_reader_is_found_and_its_input_saved(tmp_path):
    shutil.copytree(ROOT / "data", tmp_path / "data", ignore=lambda folder, names: [
        name for name in names if not name.endswith(".py")
    ])  # fmt: skip
    shutil.copytree(run.HERE, tmp_path / "tests/fuzz")
    command = [sys.executable, tmp_path / "tests/fuzz/run.py", "idx_labels", "--seconds"]
    whole = subprocess.run([*command, "1"], capture_output=True, text=True)
    assert whole.returncode == 0, whole.stderr
    assert " executions " in whole.stdout
    inputs = tmp_path / "tests/fuzz/inputs/idx_labels"
    before = set(inputs.iterdir())

    reader = tmp_path / "data/idx.py"
    changed = reader.read_text().replace("values.max() > 9", "values.max() > 200")
    assert changed != reader.read_text()
    # The saved inputs would show it at once: leave those that are read.
    for path in before:
        if TARGETS["idx_labels"](path.read_bytes()) != "read":
            path.unlink()
    before = set(inputs.iterdir())
    reader.write_text(changed)
    broken = subprocess.run([*command, "300"], capture_output=True, text=True)
    assert broken.returncode == 1, broken.stderr
    (found,) = set(inputs.iterdir()) - before
    assert broken.stdout.endswith(f"idx_labels: BROKEN: saved as {found}\n")
    assert max(found.read_bytes()[8:]) > 9 or found.read_bytes()[:2] == b"\x1f\x8b"
