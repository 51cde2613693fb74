"""What `--predict` names: pictures and rows of data, found, and read one by one."""

import glob
import itertools
import os
import re
from pathlib import Path
from typing import Any, NamedTuple

import data
from support import pictures
from support.ground import DataError, complain, reported

SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".gif"}  # of pictures
DIGITS = [str(digit) for digit in range(10)]
SOURCES = {"test": None, "mnist": "mnist", "sample": "sample"}  # words, as data.load takes them
ROWS = re.compile(r".*(\.(csv|npz)(\.gz)?|idx[13].ubyte.*)", re.IGNORECASE)  # file names


class Input(NamedTuple):
    """A picture, or rows of data."""

    name: str  # a path, or one of SOURCES
    label: int | None = None  # the digit that a picture shows, if its folder says so
    error: DataError | None = None  # what keeps the name from being looked into

    @property
    def kind(self) -> str:
        """Return "source", "rows" or "picture"."""
        if self.name in SOURCES and not os.path.lexists(self.name):
            return "source"
        return "rows" if ROWS.fullmatch(Path(self.name).name) else "picture"


def find(names: list[str]) -> list[Input]:
    """Return what is to be read, in order.

    Args:
        names: files, SOURCES, folders of pictures, and patterns of the module glob. A folder that
            holds folders 0 to 9, or some of them, stands for the pictures in these, too, and each
            picture in such a folder is taken to show this digit. Files of folders and patterns
            come in the order 1, 2, 10; those that are no pictures are passed over, with a warning.
    """
    found: list[Input] = []
    for name in names:
        try:
            with reported(name):
                found += _files(name)
        except DataError as error:
            found.append(Input(name, error=error))
    return found


def _files(name):
    if Path(name).is_dir():
        paths = list(Path(name).iterdir())
        labelled = [path for path in paths if path.name in DIGITS and path.is_dir()]
        paths = [path for path in paths if path not in labelled]
        paths += [path for folder in labelled for path in folder.iterdir()]
    elif glob.escape(name) != name and not os.path.lexists(name):
        # Path.glob takes no absolute pattern.
        paths = map(Path, glob.glob(name, recursive=True))  # noqa: PTH207
        paths = [path for path in paths if not path.is_dir()]
    else:
        return [Input(name)]
    paths = sorted((path for path in paths if not path.name.startswith(".")), key=_natural)
    is_picture = [path.suffix.lower() in SUFFIXES and not path.is_dir() for path in paths]
    others = [path.name for path, fits in zip(paths, is_picture, strict=True) if not fits]
    passed_over = ", ".join(others[:3]) + (f" and {len(others) - 3} more" if others[3:] else "")
    if not any(is_picture):
        endings = ", ".join(sorted(SUFFIXES))
        raise DataError(name, "no picture found", passed_over or "nothing", f"names in {endings}")
    if others:
        complain("warning", f"{name}: passed over, as no pictures: {passed_over}")
    return [_picture(path) for path in itertools.compress(paths, is_picture)]


def _picture(path):
    folder = path.parent.name
    return Input(str(path), int(folder) if folder in DIGITS else None)


def _natural(path):
    """Return a key to sort by: 2.png comes before 10.png."""
    parts = re.split("([0-9]+)", str(path))
    return [int(part) if i % 2 else part.casefold() for i, part in enumerate(parts)]


def read(one: Input) -> Any:
    """Return the pictures.Picture, or, of rows of data, images, labels or None, and a note.

    Raises:
        DataError: it is bad in any way.
    """
    if one.error:
        raise one.error
    if one.kind == "source":
        return *data.load(SOURCES[one.name]).test, "its test images"
    return data.read_rows(one.name) if one.kind == "rows" else pictures.read(one.name)
