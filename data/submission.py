"""Kaggle's submission.csv: a label for each row of test.csv."""

import csv
import re
from pathlib import Path

import numpy as np

from data import cells, tables
from support.ground import atomic, reported


def write_submission(path: Path, labels: np.ndarray, source: Path | None = None) -> None:
    """Write labels [N] in the order of the rows that they were found for.

    Args:
        path: the file to write.
        labels: one for each row.
        source: the CSV file that was read. Its column of the rows' numbers, if it has one, gives
            the first column, else that of a sample_submission.csv beside it, else 1, 2, 3 ...
            sample_submission.csv also gives the names of the columns, which by default are
            ImageId and Label.

    Raises:
        OutputError: the file cannot be written; what was there before stays.
    """
    header, ids = ["ImageId", "Label"], []
    if source is not None:
        source = Path(source)
        if sample := _sample_beside(source):
            header = next(_rows(sample, ","))
            ids = [row[0] for row in _rows(sample, ",")][1:]
        columns = tables.layout(source)
        if columns.row_numbers:
            place = columns.row_numbers[0]
            ids = [row[place] for row in _rows(source, columns.delimiter)][columns.skip :]
    if len(ids) != len(labels):
        ids = [str(number) for number in range(1, len(labels) + 1)]
    with atomic(path) as temporary, temporary.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(zip(ids, np.asarray(labels).tolist(), strict=True))


def _sample_beside(source):
    """Return the path of a sample_submission.csv with two columns beside `source`, or None."""
    with reported(source.parent):
        names = sorted(source.parent.iterdir())
    for path in names:
        if re.fullmatch("sample_?submission.csv", path.name.lower()) and path.is_file():
            return path if len(next(_rows(path, ","), [])) == 2 else None
    return None


def _rows(path, delimiter):
    """Yield the rows of a CSV file, but not its blank lines."""
    with cells.text(path, "replace") as file:
        yield from filter(None, csv.reader(file, delimiter=delimiter))
