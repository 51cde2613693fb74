"""A table of faults: what is wrong, how a lesson is started, and the one line it must end in.

Every row has a folder of its own, a copy of the lessons and of data/, as the working directory;
its builder makes the fault there. The paths in commands and messages are relative to that folder.
test_faults.py says what must hold for each row.
"""

import os
from collections.abc import Callable
from typing import NamedTuple

from builders import write_quartet

# Megabytes of memory at most, some above what a row was measured to use. A lesson that only reads
# its flags and a small file: 35. A picture is decoded and searched for ink: 110. scikit-learn cuts
# the data into parts: 190.
START, PICTURE, SPLIT = 64, 192, 288


def nothing(here):
    """Build nothing: the fault is in the command."""


class Row(NamedTuple):
    """A fault. In all texts that are compared with output, "..." stands for anything."""

    name: str
    build: Callable  # makes the fault in a folder, given as a Path
    command: str  # what is typed behind `python`
    code: int  # the exit code
    error: str  # the line behind "error: "
    most: int = START  # megabytes
    warnings: tuple = ()  # the lines before, behind "warning: "
    stdout: str = ""
    mirror: str = ""  # of the FaultyServer; "PORT" in the texts is its port
    asked: int = 0  # how many requests it gets
    modes: dict = {}  # permissions while the lesson runs: path: mode  # noqa: RUF012
    largest_file: int = 2**40  # bytes; the system refuses to write more


def put(path, content=b""):
    """Return a builder of one file, and of its folder; `content` may be a function."""

    def build(here):
        (here / path).parent.mkdir(parents=True, exist_ok=True)
        (here / path).write_bytes(content() if callable(content) else content)

    return build


def both(*builders):
    """Return a builder that calls others in turn."""

    def build(here):
        for builder in builders:
            builder(here)

    return build


def four_files(here):
    """Build `digits`, a folder with four good IDX files."""
    (here / "digits").mkdir()
    write_quartet(here / "digits")


NONE = "No such file or directory"
DEVICE = "not a regular file (got a pipe or a device)"


def link(target, name="link"):
    return lambda here: (here / name).symlink_to(target)


def fifo(path):
    return lambda here: (here / path).parent.mkdir(exist_ok=True) or os.mkfifo(here / path)


# They need what stands above.
from faults import arguments, csv, download, idx, paths, pictures, trainings  # noqa: E402

SUBJECTS = (idx, csv, paths, download, pictures, arguments, trainings)
ROWS = [row for subject in SUBJECTS for row in subject.rows()]
