"""CSV files of digits, Kaggle's "Digit Recognizer" before all: images in, submission.csv out.

A row is one image: its label (where it has one) and 784 pixels, row by row from the top left.
Sources: the Data tab of https://www.kaggle.com/competitions/digit-recognizer; "MNIST in CSV",
https://pjreddie.com/projects/mnist-in-csv/; https://www.openml.org/d/554.
"""

import csv
import re

import numpy as np

from data import table
from support.ground import PACKED, DataError, atomic, complain, described, opened

LABELS = ("label", "class")
PIXELS = (  # the names of 784 columns in the sets that are in circulation
    [f"pixel{i}" for i in range(784)],
    [f"pixel{i}" for i in range(1, 785)],
    [f"{i}" for i in range(784)],  # as pandas names them
    [f"{row}x{column}" for row in range(1, 29) for column in range(1, 29)],
)
MAX_LINE = 2**16  # bytes, some times the length of the longest


def read(path):
    """Read a CSV file, with or without a header, with or without labels.

    Returns:
        Images uint8 [N, 784], values 0 to 255; labels uint8 [N], 0 to 9, or None; and in words
        which column they were taken from.

    Raises:
        DataError: other columns, or values that are not whole numbers in range. The message names
            line, column and value.
    """
    with opened(path) as file:
        lines = [file.readline(MAX_LINE) for _ in range(2)]
    if max(map(len, lines)) == MAX_LINE:
        raise DataError(path, "a line is too long", described(path), f"less than {MAX_LINE} bytes")
    header = _cells(path, lines[0])
    quote = "'" if b"'" in b"".join(lines) else '"'  # OpenML has both
    numbers = all(re.fullmatch("[-+.0-9eE]+", cell) for cell in header)
    named = not numbers or header in PIXELS  # as 0 to 783, of which no row can consist
    label, pixels = _columns(path, header) if named else _positions(path, header)
    if not named:
        header = [f"{number}" for number in range(1, len(header) + 1)]
    values = table.read(path, header, named, quote)
    images = np.ascontiguousarray(values[:, pixels])
    if label is None:
        return images, None, "no labels"
    labels = values[:, label].copy()
    if labels.max() > 9:
        place = table.where(path, np.argmax(labels > 9), named, header[label])
        raise DataError(path, f"{place}: no digit", labels[labels > 9][0], "0 to 9")
    if not named and labels.min() == labels.max():
        raise DataError(path, "column 1 is the same in all rows", labels[0], "labels, or a header")
    return images, labels, f"labels: column {header[label]}{'' if named else ', no header'}"


def read_images(path):
    """Return the images of a CSV file, uint8 [N, 784]; labels are passed over, with a warning."""
    images, labels, note = read(path)
    if labels is not None:
        complain("warning", f"{path}: has labels, which are not used ({note})")
    return images


def write_submission(path, labels):
    """Write labels [N], in the order of test.csv, as the columns ImageId (from 1) and Label.

    OutputError: the file cannot be written; what was there before stays.
    """
    with atomic(path) as temporary, temporary.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["ImageId", "Label"])
        writer.writerows(enumerate(np.asarray(labels).tolist(), start=1))


def _cells(path, line):
    """Return the cells of the first line, without blanks or quotes around them."""
    try:
        cells = next(csv.reader([line.decode("utf-8-sig")] if line else [], strict=True))
        return [cell.strip(" '") for cell in cells]
    except (UnicodeDecodeError, csv.Error, StopIteration):
        kind = described(path, PACKED) or ("no text" if line else "an empty file")
        raise DataError(path, "not a CSV file", kind) from None


def _positions(path, cells):
    """Return the place of the label, or None, and of the pixels, by the number of columns."""
    if len(cells) not in (784, 785):
        got = described(path) or f"{len(cells)} columns"
        raise DataError(path, "line 1: wrong columns", got, "784 or 785")
    return (0, slice(1, None)) if len(cells) == 785 else (None, slice(None))


def _columns(path, header):
    """Return the place of the label, or None, and the places of the pixels, by their names."""
    names = [name.lower() for name in header]
    label = next((i for i, name in enumerate(names) if name in LABELS), None)
    others = [name for i, name in enumerate(names) if i != label]
    for pixels in PIXELS:
        if sorted(others) == sorted(pixels):
            places = {name: i for i, name in enumerate(names)}
            return label, [places[name] for name in pixels]
    nearest = max(PIXELS, key=lambda pixels: len({*pixels} & {*others}))
    faults = {
        "missing": [name for name in nearest if name not in others],
        "unknown": [name or "''" for name in others if name not in nearest],
        "more than one": [name for name in others if others.count(name) > 1][1:],
    }
    named = [f"{fault} {', '.join(found[:3])[:60]}" for fault, found in faults.items() if found]
    got = described(path) or f"{len(names)} columns"
    expected = f"label, {nearest[0]} to {nearest[-1]}"
    raise DataError(path, f"line 1: wrong columns: {'; '.join(named)}", got, expected)
