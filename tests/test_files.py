"""The one way to write a file, and the one way to say what is wrong."""

import contextlib
import os
from pathlib import Path

import pytest

from support.ground import DataError, DownloadError, OutputError, atomic


def test_a_message_is_one_line_that_any_terminal_can_show():
    assert str(DataError("a", "bad")) == "a: bad"
    assert str(DataError("a", "bad", 0, 1)) == "a: bad (got 0, expected 1)"
    assert str(DataError("a", "bad", expected=1)) == "a: bad (expected 1)"
    assert str(DataError("a\nb\udcff\x1b[1m", "é")) == "a\\nb\\udcff\\x1b[1m: é"
    assert [error.exit_code for error in (DataError, DownloadError, OutputError)] == [3, 4, 5]


@pytest.mark.parametrize("error", [None, ValueError, KeyboardInterrupt, SystemExit])
def test_a_file_appears_whole_or_not_at_all(tmp_path, error):
    path = tmp_path / "out"
    path.write_text("before")
    with contextlib.suppress(error or ()), atomic(path) as temporary:
        assert temporary.parent == tmp_path
        temporary.write_text("after")
        assert path.read_text() == "before"
        if error:
            raise error
    assert path.read_text() == ("before" if error else "after")
    assert list(tmp_path.iterdir()) == [path]


TARGETS = ["folder", "fifo", "none/out", "file/out", "n" * 300, "/dev/null"]


@pytest.mark.parametrize("target", TARGETS)
def test_what_cannot_be_written_is_named(tmp_path, target):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "fifo")
    before = sorted(tmp_path.iterdir())
    path = tmp_path / target
    with pytest.raises(OutputError, match=f"^{path}: "), atomic(path):
        pytest.fail("nothing to write to")
    assert sorted(tmp_path.iterdir()) == before
    assert Path("/dev/null").is_char_device()  # os.replace, run by root, would replace it


def test_two_writers_of_one_file(tmp_path):
    path = tmp_path / "out"
    with atomic(path) as first, atomic(path) as second:
        first.write_text("first")
        second.write_text("second")
    assert path.read_text() == "first"  # which is done last
    assert list(tmp_path.iterdir()) == [path]
    (tmp_path / "other").touch()
    assert path.stat().st_mode == (tmp_path / "other").stat().st_mode  # as of any file
