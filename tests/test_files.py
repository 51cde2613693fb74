"""The one way to write a file, and the one way to say what is wrong."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from data.errors import DataError, DownloadError, OutputError
from data.files import UNFINISHED, atomic, sweep

ROOT = Path(__file__).parent.parent


def test_a_message_is_one_line_that_any_terminal_can_show():
    assert str(DataError("a", "bad")) == "a: bad"
    assert str(DataError("a", "bad", 0, 1)) == "a: bad (got 0, expected 1)"
    assert str(DataError("a", "bad", expected=1)) == "a: bad (expected 1)"
    assert str(DataError("a\nb\udcff\x1b[1m", "é")) == "a\\nb\\udcff\\x1b[1m: é"
    assert [error.exit_code for error in (DataError, DownloadError, OutputError)] == [3, 4, 5]


def test_a_file_appears_whole(tmp_path):
    path = tmp_path / "out"
    path.write_text("before")
    with atomic(path) as temporary:
        assert temporary.parent == tmp_path
        assert temporary.name.endswith(UNFINISHED)
        temporary.write_text("after")
        assert path.read_text() == "before"
    assert path.read_text() == "after"
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_file_has_the_permissions_of_any_other(tmp_path):
    (tmp_path / "other").touch()
    with atomic(tmp_path / "out"):
        pass
    assert (tmp_path / "out").stat().st_mode == (tmp_path / "other").stat().st_mode


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_after_an_exception_all_is_as_before(tmp_path, error):
    path = tmp_path / "out"
    path.write_text("before")

    def interrupted():
        with atomic(path) as temporary:
            temporary.write_text("half of it")
            raise error

    with pytest.raises(error):
        interrupted()
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("target", ["folder", "fifo", "none/out", "file/out", "n" * 255])
def test_what_cannot_be_written_is_named(tmp_path, target):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "fifo")
    before = sorted(tmp_path.iterdir())
    path = tmp_path / target
    with pytest.raises(OutputError, match=f"^{path}: "), atomic(path):
        pytest.fail("nothing to write to")
    assert sorted(tmp_path.iterdir()) == before


def test_a_device_is_not_replaced():
    # os.replace would put a file in its place, if root asked for it.
    with pytest.raises(OutputError, match="not a regular file"), atomic("/dev/null"):
        pytest.fail("nothing to write to")
    assert Path("/dev/null").is_char_device()


def test_a_folder_without_permission(unprivileged):
    unprivileged.chmod(0o555)
    with pytest.raises(OutputError, match=r"out: Permission denied$"), atomic(unprivileged / "out"):
        pytest.fail("nothing to write to")


WRITER = """
import sys
from data.files import atomic
with atomic(sys.argv[1]) as temporary:
    temporary.write_text("half of it")
    print("writing", flush=True)
    sys.stdin.read()
"""


def test_only_what_a_dead_process_left_is_swept(tmp_path):
    path = tmp_path / "out"
    command = [sys.executable, "-c", WRITER, path]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, **pipes) as process:
        assert process.stdout.readline() == "writing\n"
        (left,) = tmp_path.iterdir()
        sweep(tmp_path)
        with atomic(path) as temporary:
            temporary.write_text("by another")
        assert left.exists()
        process.kill()
    assert left.exists()
    others = [tmp_path / ".out.txt", tmp_path / f"out{UNFINISHED}", tmp_path / "out.part"]
    for other in others:
        other.touch()
    with atomic(tmp_path / "elsewhere"):
        assert left.exists()
    with atomic(path):
        assert not left.exists()
    assert sorted(tmp_path.iterdir()) == sorted([*others, path, tmp_path / "elsewhere"])


def test_a_file_swept_before_it_was_locked_is_made_again(tmp_path, monkeypatch):
    import fcntl

    lock, swept = fcntl.flock, []

    def late(file, how):
        if not swept:
            swept.append(Path(file.name))
            Path(file.name).unlink()
        lock(file, how)

    monkeypatch.setattr(fcntl, "flock", late)
    with atomic(tmp_path / "out") as temporary:
        assert temporary not in swept
        temporary.write_text("all of it")
    assert (tmp_path / "out").read_text() == "all of it"


def test_a_name_with_wildcards_sweeps_only_its_own(tmp_path):
    other = tmp_path / f".outs.0123{UNFINISHED}"
    other.touch()
    with atomic(tmp_path / "out*"), atomic(tmp_path / "out?"), atomic(tmp_path / "[o]uts"):
        assert other.exists()
