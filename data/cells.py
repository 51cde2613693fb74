"""The numbers in a CSV file, read by NumPy; what is wrong is named with its line and column."""

import contextlib
import functools
import gzip
import io
import itertools
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from support.ground import GZIP_MAGIC, MAX_BYTES, DataError, opened

BYTE = "a whole number from 0 to 255"


class Columns(NamedTuple):
    """What a CSV file's first lines say about it; columns are places, from 0."""

    names: list[str]  # of all columns; their numbers, from "1", where the file has no names
    skip: int  # lines before the first row
    delimiter: str
    quote: str  # the character that may stand around a cell
    label: int | None
    pixels: list[int]  # row by row from the top left
    row_numbers: list[int]  # columns that number the rows, which are passed over
    empty: list[int]  # at the end, without a name and without content


class _Unpacked(gzip.GzipFile):
    """Gzip, of which at most MAX_BYTES are unpacked."""

    def read1(self, size=-1):
        if self.tell() > MAX_BYTES:
            raise DataError(self.name, "too many bytes when unpacked", expected=MAX_BYTES)
        return super().read1(size)


@contextlib.contextmanager
def text(path: Path, errors: str = "strict") -> Iterator[io.TextIOWrapper]:
    """Open a file of UTF-8 text, raw or gzip; a byte order mark is dropped."""
    with opened(path) as file:
        packed = file.read(2) == GZIP_MAGIC
        file.seek(0)
        stream = _Unpacked(fileobj=file) if packed else file
        yield io.TextIOWrapper(stream, "utf-8-sig", errors)  # a lone \r ends a line, as for NumPy


def read(path: Path, columns: Columns) -> np.ndarray:
    """Return the rows of a CSV file: uint8 [rows, columns], values 0 to 255.

    DataError: a cell is no whole number in range, or one is missing.
    """
    try:
        values = _loaded(path, np.uint8, columns)
    except (ValueError, DeprecationWarning):  # 0.0 is a whole number, too
        try:
            values = _loaded(path, np.float32, columns)
        except ValueError as problem:
            raise _explained(path, str(problem), columns) from None
    except UserWarning:  # NumPy's, of no data
        raise DataError(path, "no rows below the header") from None
    if values.shape[1] != len(columns.names):
        place = f"{where(path, 0, columns)}: wrong number of cells"
        raise DataError(path, place, values.shape[1], len(columns.names))
    bad = np.argwhere(~((values >= 0) & (values <= 255) & (values == np.trunc(values))))  # or NaN
    if len(bad):
        row, column = bad[0]
        place = where(path, row, columns, column)
        raise DataError(path, f"{place}: wrong value", f"{values[row, column]:g}", BYTE)
    return values.astype(np.uint8, copy=False)


def _loaded(path, dtype, columns):
    numbers = {place: [] for place in columns.row_numbers}

    def number(place, cell):
        numbers[place].append(float(cell))
        return 0  # which fits into a byte

    converters = {place: functools.partial(number, place) for place in columns.row_numbers}
    converters |= dict.fromkeys(columns.empty, _empty)
    with text(path) as file, warnings.catch_warnings():
        warnings.simplefilter("error")  # also NumPy 1's, of a number that it would cut
        options = {"delimiter": columns.delimiter, "quotechar": columns.quote, "ndmin": 2}
        options |= {"comments": None, "encoding": "utf-8", "converters": converters}
        values = np.loadtxt(file, dtype, skiprows=columns.skip, **options)
    for place, found in numbers.items():
        if len(set(found)) < len(found):
            problem = f"column {columns.names[place] or place + 1}: not the numbers of the rows"
            raise DataError(path, problem, "a number twice")
    return values


def _empty(cell):
    if cell.strip():
        raise ValueError
    return 0


def where(path: Path, row: int, columns: Columns, column: int | None = None) -> str:
    """Return in words the line of a row, from 0, which NumPy counts without blank lines."""
    with text(path, "replace") as file:
        lines = (n for n, line in enumerate(file, 1) if n > columns.skip and line != "\n")
        place = f"line {next(itertools.islice(lines, int(row), None), 'unknown')}"
    names = dict(enumerate(columns.names))
    return place if column is None else f"{place}, column {names.get(column) or column + 1}"


def _explained(path, problem, columns):
    """Return what np.loadtxt says as our error, which names the line and the column."""
    if found := re.search(r"string (.*) to .* at row ([0-9]+), column ([0-9]+)", problem, re.S):
        place = where(path, int(found[2]), columns, int(found[3]) - 1)
        return DataError(path, f"{place}: wrong value", found[1][:40], BYTE)
    number = r"(?:number of fields|columns changed from [0-9]+ to) ([0-9]+)(?: at row ([0-9]+))?"
    if found := re.search(number, problem):
        place = where(path, int(found[2] or 1) - 1, columns)
        return DataError(path, f"{place}: wrong number of cells", found[1], len(columns.names))
    return DataError(path, f"not a CSV file of digits: {problem}")
