"""The numbers in a CSV file, read by NumPy; what is wrong is named with its line and column."""

import io
import re
import warnings

import numpy as np

from support.ground import DataError, opened

BYTE = "a whole number from 0 to 255"


def read(path, header, named, quote):
    """Return the rows of a CSV file: uint8 [rows, columns], values 0 to 255.

    header: the columns' names; named: whether they stand in the first line; quote: the character
    that may stand around a cell. DataError: a cell is no whole number in range, or one is missing.
    """
    try:
        values = _loaded(path, np.uint8, named, quote)
    except (ValueError, DeprecationWarning):  # 0.0 is a whole number, too
        try:
            values = _loaded(path, np.float32, named, quote)
        except ValueError as problem:
            raise _explained(path, str(problem), header, named) from None
    except UserWarning:  # NumPy's, of no data
        raise DataError(path, "no rows below the header") from None
    if values.shape[1] != len(header):
        place = f"{where(path, 0, named)}: wrong number of cells"
        raise DataError(path, place, values.shape[1], len(header))
    bad = np.argwhere(~((values >= 0) & (values <= 255) & (values == np.trunc(values))))  # or NaN
    if len(bad):
        row, column = bad[0]
        place, got = where(path, row, named, header[column]), f"{values[row, column]:g}"
        raise DataError(path, f"{place}: wrong value", got, BYTE)
    return values.astype(np.uint8, copy=False)


def _loaded(path, dtype, skip, quote):
    with opened(path) as file, warnings.catch_warnings():
        warnings.simplefilter("error")  # also NumPy 1's, of a number that it would cut
        text = io.TextIOWrapper(file, "utf-8-sig")
        options = {"delimiter": ",", "quotechar": quote, "comments": None, "ndmin": 2}
        return np.loadtxt(text, dtype, skiprows=int(skip), **options)


def where(path, row, named, column=None):
    """Return the line of a row, from 0, which NumPy counts without blank lines, in words."""
    with opened(path) as file:
        text = io.TextIOWrapper(file, "utf-8", "replace")  # a lone \\r ends a line, as for NumPy
        lines = [number for number, line in enumerate(text, 1) if line != "\n"]
    return f"line {lines[row + named]}" + (f", column {column}" if column else "")


def _explained(path, problem, header, named):
    """Return what np.loadtxt says as our error, which names the line and the column."""
    if found := re.search(r"string (.*) to .* at row ([0-9]+), column ([0-9]+)", problem, re.S):
        place = where(path, int(found[2]), named, (header + [found[3]] * 10**5)[int(found[3]) - 1])
        return DataError(path, f"{place}: wrong value", found[1][:40], BYTE)
    if found := re.search(r"columns changed from [0-9]+ to ([0-9]+) at row ([0-9]+)", problem):
        place = where(path, int(found[2]) - 1, named)
        return DataError(path, f"{place}: wrong number of cells", found[1], len(header))
    return DataError(path, f"not a CSV file of digits: {problem}")
