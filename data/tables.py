"""CSV files of digits, Kaggle's "Digit Recognizer" above all.

A row is one image: its label (where it has one) and 784 pixels, row by row from the top left.
Sources: the Data tab of https://www.kaggle.com/competitions/digit-recognizer; "MNIST in CSV",
https://pjreddie.com/projects/mnist-in-csv/; https://www.openml.org/d/554.
"""

import csv
import math
import re
from collections import Counter
from pathlib import Path

import numpy as np

from data import cells
from data.images import SIDE, is_emnist, no_digit, upright
from support.ground import DataError, described

LABELS = {"label", "labels", "class", "y", "target", "digit"}
# The numbers of rows, as pandas and others write them.
INDEX = re.compile(r"|unnamed: [0-9._]+|index|image_?id|(row_?)?id")
COUNT = SIDE * SIDE
MAX_LINE = 2**16  # bytes, some times the length of the longest
SAID = {";": "separated by ;", "\t": "separated by tabs"}


def read(path: Path) -> tuple[np.ndarray, np.ndarray | None, str]:
    """Read a CSV file, raw or gzip, with or without a header, with or without labels.

    Returns:
        Images uint8 [N, 784], values 0 to 255; labels uint8 [N], 0 to 9, or None; and in words
        which column they were taken from, and whatever else was not as in Kaggle's files.

    Raises:
        DataError: other columns, or values that are not whole numbers in range. The message names
            line, column and value.
    """
    columns = layout(path)
    named = columns.names[0] != "1"
    values = cells.read(path, columns)
    images = np.ascontiguousarray(values[:, columns.pixels])
    notes = [f"passed over: column {columns.names[i] or i + 1}" for i in columns.row_numbers]
    notes += [SAID[columns.delimiter]] if columns.delimiter in SAID else []
    if is_emnist(path.name):
        images, notes = upright(images), [*notes, "turned upright, as EMNIST's are transposed"]
    if columns.label is None:
        return images, None, ", ".join(["no labels", *notes])
    labels, name = values[:, columns.label].copy(), columns.names[columns.label]
    if labels.max() > 9:
        place = cells.where(path, int(np.argmax(labels > 9)), columns, columns.label)
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
    filled = len(names)
    while filled > 1 and not names[filled - 1]:
        filled -= 1
    empty = list(range(filled, len(names)))
    found = _by_name(path, [name.lower() for name in names[:filled]])
    if found is None:
        found = 0 if filled > COUNT else None, list(range(filled - COUNT, filled)), []
        names = [f"{number}" for number in range(1, len(names) + 1)]
    else:
        skip += 1
    label, pixels, row_numbers = found
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


def _by_name(path, names):
    """Return the places of the label or None, of the pixels, and of numbers of rows.

    None: the line has no names, and 784 or 785 numbers.
    """
    prefix, places = _numbered(names)
    first = 0 if 0 in places else 1
    wanted = range(first, first + COUNT)
    if all(re.fullmatch("[-+.0-9eE]+", name) for name in names) and not {*wanted} <= {*places}:
        if len(names) in (COUNT, COUNT + 1):
            return None
        raise DataError(path, "line 1: wrong columns", _called(path, names), "784 or 785")
    others = [place for place in range(len(names)) if place not in {*places.values()}]
    index = [place for place in others if INDEX.fullmatch(names[place])]
    labels = [place for place in others if place not in index]
    known = not labels or names[labels[0]] in LABELS
    if not labels and places.keys() == {*range(first, first + COUNT + 1)}:
        labels = [places.pop(first)]  # what pandas makes of a file without a header
        wanted = range(first + 1, first + 1 + COUNT)
    if places.keys() == {*wanted} and known and len(labels) < 2:
        return (labels or [None])[0], [places[number] for number in wanted], index
    raise _wrong(path, names, prefix, places, wanted)


def _numbered(names):
    """Return what stands before the numbers in most names, and {number: place}."""
    matches = [re.fullmatch(r"(.*?)([0-9]{1,9})(?:x([0-9]{1,9}))?", name) for name in names]
    prefixes = Counter(found[1] for found in matches if found)
    prefix = prefixes.most_common(1)[0][0] if prefixes else "pixel"
    places = {}
    for place, found in enumerate(matches):
        if found and found[1] == prefix:
            row, column = int(found[2]), found[3]  # 28x28, from 1x1, is the pixel 783
            places.setdefault(SIDE * (row - 1) + int(column) - 1 if column else row, place)
    return prefix, places


def _wrong(path, names, prefix, places, wanted):
    """Return the error that says which columns are missing, or not known (some come twice)."""
    known = {place for number, place in places.items() if number in wanted}
    if len(known) < COUNT // 2:
        prefix, wanted, known = "pixel", range(COUNT), set()
    missing = [f"{prefix}{number}" for number in wanted if not known or number not in places]
    unknown = [n or "''" for i, n in enumerate(names) if i not in known and n not in LABELS]
    said = [("missing", missing), ("unknown", unknown)]
    said = [f"{fault} {', '.join(found[:3])[:60]}" for fault, found in said if found]
    expected = f"label, {prefix}{wanted[0]} to {prefix}{wanted[-1]}"
    problem = f"line 1: wrong columns: {'; '.join(said)}"
    return DataError(path, problem, _called(path, names), expected)


def _called(path, names):
    """Return what a file is that has other columns than digits have."""
    if {"filename", "file", "image", "path"} & {*names} and len(names) < 10:
        return "names of pictures: move each picture into a folder named by its label, 0 to 9"
    for count in (len(names), len(names) - 1):
        side = math.isqrt(max(count, 0))
        if side * side == count > 48 and side != SIDE:
            return f"{len(names)} columns: images of {side} x {side} pixels?"
    return described(path) or f"{len(names)} columns"
