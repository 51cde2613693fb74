"""Faults of CSV files: of train.csv, which --data names, and of test.csv, which --predict does.

Wrong values are in test_kaggle.py, too, and other kinds of files in test_load.py.
"""

import os

from builders import PIXELS, digits, write_csv

from faults import SPLIT, Row, put

HEADER = ",".join(["label", *PIXELS]).encode() + b"\n"


def text(change):
    """Return a builder of a train.csv of 12 rows after `change` of its list of lines."""

    def build(here):
        path = write_csv(here / "train.csv", *digits(12))
        path.write_text("\n".join([*change(path.read_text().splitlines()), ""]))

    return build


def line(number, change):
    """Return a builder of a train.csv with one other line."""
    return text(lambda t: [*t[: number - 1], change(t[number - 1]), *t[number:]])


def cell(content, column=3):
    """Return a builder of a train.csv with one other cell, in line 5."""

    def change(old):
        cells = old.split(",")
        return ",".join([*cells[:column], content, *cells[column + 1 :]])

    return line(5, change)


def raw(content):
    return put("train.csv", content)


def sparse(here):
    """Build a train.csv of a header and zeros, which take no room, of a byte more than 1 GiB."""
    raw(HEADER)(here)
    os.truncate(here / "train.csv", 2**30 + 1)


FIRST = HEADER.removeprefix(b"label,")
WRONG = "line 1: wrong columns: "
CELLS = "line {}: wrong number of cells (got {}, expected 785)"
CSV = {  # what is wrong: the builder, what the message says
    "empty": (raw(b""), "not a CSV file (got an empty file)"),
    "only a header": (raw(HEADER), "no rows below the header"),
    "one long line": (raw(b"7" * 10**6), "a line is too long (...)"),
    "UTF-16": (raw(HEADER.decode().encode("utf-16")), "not a CSV file (got no text)"),
    "semicolons": (line(1, lambda t: t.replace(",", ";")), f"{WRONG}...(got 1 columns, ..."),
    "CR alone ends lines": (raw(HEADER.replace(b"\n", b"\r") + b"0," * 784 + b"0\r"), "..."),
    "test.csv": (raw(FIRST + b"0," * 783 + b"0\n"), "no column label (is ..."),
    "extra column": (
        line(1, lambda old: f"{old},weight"),
        f"{WRONG}unknown weight (got 786 columns, expected label, pixel0 to pixel783)",
    ),
    "one column in another's place": (
        line(1, lambda old: old.replace(",pixel7,", ",pixel5,")),
        f"{WRONG}missing pixel7; more than one pixel5 (got 785 columns, ...",
    ),
    "no header, and a column too many": (
        text(lambda lines: [f"{t},0" for t in lines[1:]]),
        "line 1: wrong columns (got 786 columns, expected 784 or 785)",
    ),
    "row too short": (line(4, lambda old: old.rpartition(",")[0]), CELLS.format(4, 784)),
    "all rows too long": (
        text(lambda lines: [lines[0], *(f"{t},0" for t in lines[1:])]),
        CELLS.format(2, 786),
    ),
    "first row too long, its last cell a word": (
        line(2, lambda old: f"{old},0,0,0,x"),
        "line 2, column 789: wrong value (got 'x', expected a whole number from 0 to 255)",
    ),
    "comment": (text(lambda lines: [*lines[:3], "# seven", *lines[3:]]), "line 4..."),
    "quote never closed": (cell('"12'), "line 5...: wrong..."),
    "label 10": (
        cell("10", column=0),
        "line 5, column label: no digit (got 10, expected 0 to 9)",
    ),
    "not UTF-8": (raw(HEADER + b"0,1\n0,2\xff\n"), "not a CSV file of digits: 'utf-8' codec..."),
    "more than 1 GiB": (sparse, "too many bytes (got 1073741825, expected at most ..."),
}


def rows():
    for number, (fault, (build, message)) in enumerate(CSV.items()):
        lesson = ("mlp_mnist.py", "cnn_mnist.py")[number % 2]
        command = f"{lesson} --data train.csv"
        yield Row(f"CSV: {fault}", build, command, 3, f"train.csv: {message}", SPLIT)
    few = "train.csv: too few images of a digit to set some aside: ..."
    build = text(lambda lines: lines[:6])
    yield Row("CSV: too few of a digit", build, "mlp_mnist.py --data train.csv", 3, few, SPLIT)
    build = put("test.csv", FIRST + b"0," * 783 + b"256\n")
    line = "test.csv: line 2, column pixel783: wrong value (got 256, expected ...)"
    yield Row("--predict, CSV: above 255", build, "mlp_mnist.py --predict test.csv", 3, line)
