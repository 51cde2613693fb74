"""What `--predict` writes: names that no input has, and the answers as a table."""

import contextlib
import csv
import itertools
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from support.ground import OutputError, atomic, opened

# A line for each digit. row: of data, from 1. digit, certainty: the likeliest, its probability. The
# box is in shares, 0 to 1, of the picture's width and height. What is not read has a name only.
HEADER = ["file", "row", "number", "digit", "certainty", "left", "top", "right", "bottom"]


class Names:
    """The names that are taken: of all inputs, and of the outputs so far."""

    def __init__(self, inputs: Iterable[str]):
        self.taken = {_place(name) for name in inputs}

    def free(self, path: Path) -> Path:
        """Take `path`, or with -2, -3 ... the first that is free, and return it."""
        others = (path.with_stem(f"{path.stem}-{number}") for number in itertools.count(2))
        free = next(p for p in itertools.chain([path], others) if _place(p) not in self.taken)
        self.taken.add(_place(free))
        return free


def _place(path):
    """Return where a file lies, by which it is known; some systems ignore upper and lower case."""
    return os.path.realpath(path).casefold()


@contextlib.contextmanager
def table(path: str | None, names: Names) -> Iterator[Callable]:
    """Yield a function that takes lines; the file appears in the end, and is whole.

    Args:
        path: of the file; None for no table.
        names: the names that are taken.

    Raises:
        OutputError: it cannot be written; it is an input; or it is there, and is no such table.
    """
    if path is None:
        yield lambda lines: None
        return
    if Path(path) != names.free(Path(path)):
        raise OutputError(path, "is to be read: name another --table")
    if Path(path).is_file():
        with opened(path, OutputError, 2**40) as file:
            if file.readline(999).decode("utf-8", "replace").strip() != ",".join(HEADER):
                raise OutputError(path, "is there already, and is no table of answers")
    with (
        atomic(path) as temporary,
        temporary.open("w", newline="", encoding="utf-8", errors="backslashreplace") as file,
    ):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        yield writer.writerows


def of_rows(name: str, probabilities: np.ndarray) -> Iterator[tuple]:
    """Yield the lines for rows of data, whose probabilities are float [N, 10]."""
    for row, shares in enumerate(probabilities, 1):
        yield name, row, shares.argmax(), shares.argmax(), f"{shares.max():.4f}"


def of_picture(name: str, number: str, picture: Any, found: list) -> Iterator[tuple]:
    """Yield the lines for the Answers found in a pictures.Picture."""
    width, height = picture.image.size
    for one in found:
        box = [place / side for place, side in zip(one.digit.box, [width, height] * 2, strict=True)]
        certainty, *box = (f"{share:.4f}" for share in (one.probabilities.max(), *box))
        yield name, "", number, one.probabilities.argmax(), certainty, *box
