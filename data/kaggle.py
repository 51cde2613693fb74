"""Kaggle's "Digit Recognizer" files: train.csv and test.csv in, submission.csv out.

A row is one image: `label` (train.csv only), then `pixel0` to `pixel783`, row by row from the
top left. Source: the Data tab of https://www.kaggle.com/competitions/digit-recognizer.
"""

import csv

import numpy as np

from data.files import DataError, atomic, opened

LABEL = "label"
TEST = [f"pixel{i}" for i in range(28 * 28)]
TRAIN = [LABEL, *TEST]
CHUNK = 2**20  # bytes parsed at a time: small enough to stay in the processor's cache
LONGEST_LINE = 2**16  # bytes, eight times the length of the header
CELLS = {f"{n:0{digits}}": n for n in range(256) for digits in (1, 2, 3)}  # "7", "07", "007": 7


def read_train(path):
    """Read a file in the format of train.csv; its columns may stand in any order.

    Returns:
        Images uint8 [N, 784], values 0 to 255, and labels uint8 [N], 0 to 9.

    Raises:
        DataError: anything else than the exact columns, and whole numbers in range. The message
            names line, column and value.
    """
    grids = list(_grids(path, TRAIN, hint="is this test.csv?"))
    images = np.concatenate([grid[:, 1:] for grid in grids])
    return images, np.concatenate([grid[:, 0] for grid in grids])


def read_test(path):
    """Read a file in the format of test.csv, as `read_train` does: images uint8 [N, 784]."""
    return np.concatenate(list(_grids(path, TEST, hint="is this train.csv?")))


def write_submission(path, labels):
    """Write labels [N], in the order of test.csv, as the columns ImageId (from 1) and Label.

    OutputError: the file cannot be written; what was there before stays.
    """
    with atomic(path) as temporary, temporary.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["ImageId", "Label"])
        writer.writerows(enumerate(np.asarray(labels).tolist(), start=1))


def _grids(path, columns, hint):
    """Yield the rows of a CSV file, a chunk at a time, as uint8 [rows, len(columns)].

    The columns come in the order of `columns`. The file of the other kind gets the `hint`.
    """
    with opened(path) as file:
        header = _header(path, file.readline(LONGEST_LINE), columns, hint)
        order = [header.index(name) for name in columns]
        line = 2
        while chunk := file.read(CHUNK) + file.readline(LONGEST_LINE):
            grid = _parse(chunk, len(header))
            if grid is None or (LABEL in header and grid[:, header.index(LABEL)].max() > 9):
                grid = _parse_or_explain(path, chunk, line, header)
            yield grid if header == columns else grid[:, order]
            line += max(1, chunk.count(b"\n"))  # the last line may have no line end
        if line == 2:
            raise DataError(path, "no rows below the header")


def _header(path, line, columns, hint):
    """Return the names of the columns in the first line, which must be `columns` in any order."""
    line = line.replace(b"\r\n", b"\n").replace(b"\r", b"\\r")  # a lone CR ends no line
    try:
        header = next(csv.reader([line.decode("utf-8-sig")], strict=True), [])
    except (UnicodeDecodeError, csv.Error) as problem:
        raise DataError(path, f"not a CSV file: line 1: {problem}") from None
    if sorted(header) == sorted(columns):
        return header
    faults = {
        "missing": [name for name in columns if name not in header],
        "unknown": [name for name in header if name not in columns],
        "twice": [name for name in columns if header.count(name) > 1],
    }
    named = [f"{fault} {', '.join(names[:3])[:60]}" for fault, names in faults.items() if names]
    if set(header) in (set(TEST), set(TRAIN)) and not faults["twice"]:
        named.append(hint)
    expected = f"{columns[0]}, {columns[1]} to {columns[-1]}"
    problem = f"line 1: wrong columns: {'; '.join(named)}"
    raise DataError(path, problem, f"{len(header)} columns", expected)


def _parse(chunk, width):
    """Return lines of `width` plain cells, 0 to 255, as uint8 [rows, width]; None for any other.

    Every step is one NumPy operation over all bytes: many times as fast as a loop over cells.
    """
    chunk = chunk.replace(b"\r\n", b"\n").removesuffix(b"\n") + b"\n"
    # Three separators in front, so that every byte has three before it.
    text = np.frombuffer(b",,," + chunk, np.uint8)
    ends = (text == ord(",")) | (text == ord("\n"))
    inside = ~ends
    digit = (text - ord("0")) * inside  # 0 at the separators
    if digit.max() > 9:
        return None
    pair = inside[1:] & inside[:-1]  # this byte and the one before it belong to one cell
    if (ends[3:] & ends[2:-1]).any() or (pair[2:] & pair[:-2]).any():  # 0 digits or more than 3
        return None
    # The value of a cell that would end at this byte: units, tens, hundreds.
    value = digit[2:] + 10 * digit[1:-1] + (digit[:-2] * pair[:-1]).astype(np.uint16) * 100
    value, last = value[:-1][ends[3:]], text[3:][ends[3:]] == ord("\n")
    if value.size % width or value.max() > 255:
        return None
    last = last.reshape(-1, width)  # whether a cell is the last one of its line
    if last[:, :-1].any() or not last[:, -1].all():
        return None
    return value.astype(np.uint8).reshape(-1, width)


def _parse_or_explain(path, chunk, line, header):
    """Parse what `_parse` does not, cell by cell: quoted cells. Name the first cell that is wrong.

    `line` is the number of the first line in `chunk`. Returns uint8 [rows, len(header)].
    """
    chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\\r")  # a lone CR ends no line
    try:
        text = chunk.decode()
    except UnicodeDecodeError as problem:
        line += chunk.count(b"\n", 0, problem.start)
        raise DataError(path, f"line {line}: not UTF-8", chunk[problem.start :][:1]) from None
    # With the line ends: without them, csv would join a quoted cell that has one inside.
    rows = csv.reader([row + "\n" for row in text.removesuffix("\n").split("\n")], strict=True)
    limits = [9 if name == LABEL else 255 for name in header]
    grid = bytearray()
    try:
        for row in rows:
            where = f"line {line + rows.line_num - 1}"
            if len(row) != len(header):
                problem = "wrong number of cells" if row else "blank line"
                raise DataError(path, f"{where}: {problem}", len(row), len(header))
            values = [CELLS.get(cell, 256) for cell in row]  # 256: not a number in range
            if any(map(int.__gt__, values, limits)):
                i = list(map(int.__gt__, values, limits)).index(True)
                expected = f"a whole number from 0 to {limits[i]}"
                problem = f"{where}, column {header[i]}: wrong value"
                raise DataError(path, problem, repr(row[i][:40]), expected)
            grid += bytes(values)
    except csv.Error as problem:
        raise DataError(path, f"line {line + rows.line_num - 1}: {problem}") from None
    return np.frombuffer(grid, np.uint8).reshape(-1, len(header))
