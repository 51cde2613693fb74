"""CSV files of digits, Kaggle's "Digit Recognizer" above all.

A row is one image: its label (where it has one) and 784 pixels, row by row from the top left.
Sources: the Data tab of https://www.kaggle.com/competitions/digit-recognizer; "MNIST in CSV",
https://pjreddie.com/projects/mnist-in-csv/; https://www.openml.org/d/554.
"""

import csv
import re
from pathlib import Path

import numpy as np

from data import cells, columns
from data.columns import COUNT
from data.images import no_digit, upright
from data.names import is_emnist
from support.ground import DataError, described

MAX_LINE = 2**16  # bytes, some times the length of the longest
SAID = {";": "separated by ;", "\t": "separated by tabs"}


def read(path: Path) -> tuple[np.ndarray, np.ndarray | None, str]:
    """Read a CSV file, raw or gzip, with or without a header, with or without labels.

    Returns images uint8 [N, 784]; labels uint8 [N], or None; and in words which column they were
    taken from, and what else was not as in Kaggle's files. DataError: other columns, or values
    that are not whole numbers in range; the message names line, column and value.
    """
    found = layout(path)
    named = found.names[0] != "1"
    values = cells.read(path, found)
    images = np.ascontiguousarray(values[:, found.pixels])
    notes = [f"passed over: column {found.names[i] or i + 1}" for i in found.row_numbers]
    notes += [SAID[found.delimiter]] if found.delimiter in SAID else []
    if is_emnist(path.name):
        images, notes = upright(images), [*notes, "turned upright, as EMNIST's are transposed"]
    if found.label is None:
        return images, None, ", ".join(["no labels", *notes])
    labels, name = values[:, found.label].copy(), found.names[found.label]
    if labels.max() > 9:
        place = cells.where(path, int(np.argmax(labels > 9)), found, found.label)
        raise no_digit(path, place, labels)
    if not named and labels.min() == labels.max():
        raise DataError(path, "column 1 is the same in all rows", labels[0], "labels, or a header")
    notes = [f"labels: column {name}", *([] if named else ["no header"]), *notes]
    return images, labels, ", ".join(notes)


def may_hold_digits(path: Path) -> bool:
    """Return whether the first lines of a file have as many cells as digits need."""
    try:
        lines = _first_lines(path)
    except DataError:
        return False
    return max(line.count(mark) for line in lines for mark in ",;\t") >= COUNT - 1


def has_labels(path: Path) -> bool:
    """Return whether a CSV file has labels; also True if it is bad, which reading it will tell."""
    try:
        return layout(path).label is not None
    except DataError:
        return True


def layout(path: Path) -> cells.Columns:
    """Return what the first lines of a CSV file say about it; DataError: they are not digits'."""
    lines = _first_lines(path)
    declared = re.fullmatch(r"sep=(.)\n?", lines[0])  # a line of Excel's
    skip, line = (1, lines[1]) if declared else (0, lines[0])
    delimiter = declared[1] if declared else max(",;\t", key=line.count)
    quote = "'" if "'" in "".join(lines) else '"'  # OpenML has both
    try:
        row = next(csv.reader([line], strict=True, delimiter=delimiter), [])
    except csv.Error:
        raise DataError(path, "not a CSV file", described(path) or "no text in UTF-8") from None
    names = [name.strip(" '") for name in row]
    filled = max([number for number, name in enumerate(names, 1) if name], default=1)
    empty = list(range(filled, len(names)))
    found = columns.by_name(path, [name.lower() for name in names[:filled]])
    if found is None:
        label = 0 if filled > COUNT else None
        pixels, row_numbers = list(range(filled - COUNT, filled)), []
        names = [f"{number}" for number in range(1, len(names) + 1)]
    else:
        label, pixels, row_numbers = found
        skip += 1
    return cells.Columns(names, skip, delimiter, quote, label, pixels, row_numbers, empty)


def _first_lines(path):
    """Return two lines, the second perhaps empty."""
    try:
        with cells.text(path) as file:
            lines = [file.readline(MAX_LINE) for _ in range(2)]
    except UnicodeDecodeError:
        raise DataError(path, "not a CSV file", described(path) or "no text in UTF-8") from None
    if max(map(len, lines)) == MAX_LINE:
        raise DataError(path, "a line is too long", described(path), f"less than {MAX_LINE} bytes")
    if not lines[0]:
        raise DataError(path, "not a CSV file", "an empty file")
    return lines
