"""The inputs that fuzzing saved, replayed, and some more; and the fuzzer itself: fuzz/run.py."""

import hashlib
import random

import pytest
from fuzz import run
from fuzz.targets import TARGETS

from data import idx


@pytest.mark.parametrize("name", TARGETS)
def test_saved_inputs_are_read_as_their_format_says_or_refused(name, capfd):
    saved, generator = {path: path.read_bytes() for path in run.saved(name)}, random.Random(1)
    for path, data in saved.items():
        assert path.name == hashlib.sha256(data).hexdigest()[:16]  # as it was saved
    seeds = list(saved.values())
    more = [run.mutated(generator.choice(seeds), seeds, generator) for _ in range(200)]
    outcomes = set()
    for data in seeds + more:
        try:
            outcomes.add(TARGETS[name](data))
        except Exception as error:
            raise AssertionError(data) from error
    assert capfd.readouterr() == ("", "")
    assert "read" in outcomes
    assert len(outcomes) > 1


def test_a_broken_reader_is_found_and_its_input_saved(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(run, "HERE", tmp_path)
    (tmp_path / "inputs/idx").mkdir(parents=True)
    seed = tmp_path / "inputs/idx/seed"
    seed.write_bytes(b"\0\0\x08\x01\0\0\0\x03\1\2\3")
    assert run.fuzz("idx", TARGETS["idx"], 0.2, random.Random(1))
    assert " executions, " in capsys.readouterr().out
    original = idx.read_file

    def careless(path, magic):
        values, digest = original(path, magic)
        return values.clip(0, 2), digest

    monkeypatch.setattr(idx, "read_file", careless)
    seed.write_bytes(b"\0\0\x08\x01\0\0\0\x03\1\2\1")
    assert not run.fuzz("idx", TARGETS["idx"], 300, random.Random(1))
    (found,) = set(seed.parent.iterdir()) - {seed}
    assert capsys.readouterr().out == f"idx: BROKEN: saved as {found}\n"
