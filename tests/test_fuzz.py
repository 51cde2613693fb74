"""The inputs that fuzzing saved, replayed; and the fuzzer itself: fuzz/run.py."""

import hashlib
import random

import pytest
from fuzz import run
from fuzz.targets import TARGETS

from data import idx

SAVED = [(name, path) for name in TARGETS for path in run.saved(name)]


@pytest.mark.parametrize("name", TARGETS)
def test_saved_inputs_are_read_as_their_format_says_or_refused(name, capfd):
    outcomes = set()
    for path in run.saved(name):
        data = path.read_bytes()
        assert path.name == hashlib.sha256(data).hexdigest()[:16]  # as it was saved
        try:
            outcomes.add(TARGETS[name](data))
        except Exception as error:
            raise AssertionError(path) from error
    assert capfd.readouterr() == ("", "")
    assert "read" in outcomes
    assert len(outcomes) > 1


def test_the_inputs_are_small_and_all_are_replayed():
    files = [path for path in (run.HERE / "inputs").rglob("*") if path.is_file()]
    assert sorted(files) == sorted(path for _, path in SAVED)
    assert sum(path.stat().st_size for path in files) < 300_000


def test_a_broken_reader_is_found_and_its_input_saved(tmp_path, monkeypatch, capsys):
    monkeypatch.syspath_prepend(run.HERE)
    monkeypatch.setattr(run, "HERE", tmp_path)
    (tmp_path / "inputs/idx_labels").mkdir(parents=True)
    seed = tmp_path / "inputs/idx_labels/seed"
    seed.write_bytes(b"\0\0\x08\x01\0\0\0\x03\1\2\3")
    assert run.fuzz("idx_labels", TARGETS["idx_labels"], 0.2, random.Random(1))
    assert " executions, " in capsys.readouterr().out
    original = idx.read_file

    def careless(path, magic):
        values, digest = original(path, magic)
        return values.clip(0, 2), digest

    monkeypatch.setattr(idx, "read_file", careless)
    seed.write_bytes(b"\0\0\x08\x01\0\0\0\x03\1\2\1")
    assert not run.fuzz("idx_labels", TARGETS["idx_labels"], 300, random.Random(1))
    (found,) = set(seed.parent.iterdir()) - {seed}
    assert capsys.readouterr().out == f"idx_labels: BROKEN: saved as {found}\n"
