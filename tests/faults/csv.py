"""Faults of CSV files: of train.csv, which --data names, and of test.csv, which --predict does."""

import csv
import os

import numpy as np
from builders import PIXELS, digits, write_csv

from faults import SPLIT, Row, both, put

IMAGES, LABELS = digits(240)
HEADER = ",".join(["label", *PIXELS]).encode() + b"\n"


def text(change):
    """Return a builder of a train.csv of 12 rows after `change` of its list of lines."""

    def build(here):
        path = write_csv(here / "train.csv", IMAGES[:12], LABELS[:12])
        lines = path.read_text().splitlines()
        change(lines)
        path.write_text("\n".join([*lines, ""]))

    return build


def line(number, change):
    """Return a builder of a train.csv with one other line."""
    return text(lambda lines: lines.__setitem__(number - 1, change(lines[number - 1])))


def cell(content, column=3):
    """Return a builder of a train.csv with one other cell, in line 5."""

    def change(old):
        cells = old.split(",")
        return ",".join([*cells[:column], content, *cells[column + 1 :]])

    return line(5, change)


def columns(change):
    """Return a builder of a train.csv whose header has been changed as a list."""

    def changed(old):
        header = old.split(",")
        change(header)
        return ",".join(header)

    return line(1, changed)


def raw(content):
    return put("train.csv", content)


def sparse(size):
    """Return a builder of a train.csv of a header and zeros up to `size`: it takes no room."""

    def build(here):
        (here / "train.csv").write_bytes(HEADER)
        os.truncate(here / "train.csv", size)

    return build


def all_quoted(here):
    table = np.column_stack([LABELS, IMAGES]).astype(int)
    table[2, 784] = 300
    write_csv(here / "train.csv", table, header=["label", *PIXELS], quoting=csv.QUOTE_ALL)


def shuffled(here):
    """Build a train.csv with its columns from the last to the first, and 256 in `pixel0`."""
    table = np.column_stack([LABELS, IMAGES]).astype(int)[:12]
    table[3, 1] = 256
    write_csv(here / "train.csv", table[:, ::-1], header=["label", *PIXELS][::-1])


WRONG = "line 1: wrong columns: "
NAMED = "{}, expected label, pixel0 to pixel783)"
BYTE = "line 5, column pixel2: wrong value (got {}, expected a whole number from 0 to 255)"
LABEL = "line 5, column label: {} (got {}, expected ...)"
CELLS = "line {}: wrong number of cells (got {}, expected 785)"
CSV = {  # what is wrong: the builder, what the message says
    "empty": (raw(b""), "not a CSV file (got an empty file)"),
    "only a header": (raw(HEADER), "no rows below the header"),
    "header, blank line": (raw(HEADER + b"\n"), "no rows below the header"),
    "one long line": (raw(b"7" * 10**6), "a line is too long (...)"),
    "a long line below the header": (raw(HEADER + b"7" * 3_000_000), "a line is too long (...)"),
    "header twice": (text(lambda lines: lines.insert(0, lines[0])), "line 2, column label: ..."),
    "binary": (raw(bytes(range(256)) * 10), f"{WRONG}missing..."),
    "UTF-16": (raw(HEADER.decode().encode("utf-16")), "not a CSV file (got no text)"),
    "zip": (raw(b"PK\3\4\x14\0\0\0\x08\0\xff\xfe" + bytes(900)), "...got a zip archive: ..."),
    "gzip": (raw(b"\x1f\x8b\x08\0" + bytes(900)), "not a CSV file (got gzip: unpack it)"),
    "semicolons": (
        line(1, lambda old: old.replace(",", ";")),
        WRONG + NAMED.format("...1 columns"),
    ),
    "CR alone ends lines": (raw(HEADER.replace(b"\n", b"\r") + b"0," * 784 + b"0\r"), "..."),
    "test.csv": (
        lambda here: write_csv(here / "train.csv", IMAGES[:12]),
        "no column label (is ...",
    ),
    "missing column": (
        columns(lambda header: header.remove("pixel7")),
        f"{WRONG}missing pixel7 {NAMED.format('(got 784 columns')}",
    ),
    "extra column": (
        columns(lambda header: header.append("weight")),
        f"{WRONG}unknown weight {NAMED.format('(got 786 columns')}",
    ),
    "one column in another's place": (
        columns(lambda header: header.__setitem__(8, "pixel5")),
        f"{WRONG}missing pixel7; more than one pixel5 {NAMED.format('(got 785 columns')}",
    ),
    "two labels": (
        columns(lambda header: header.append("class")),
        f"{WRONG}unknown class {NAMED.format('(got 786 columns')}",
    ),
    "no header, and a column too many": (
        text(lambda lines: lines.__setitem__(slice(None), [f"{t},0" for t in lines[1:]])),
        "line 1: wrong columns (got 786 columns, expected 784 or 785)",
    ),
    "permuted columns, and a wrong cell": (shuffled, "line 5, column pixel0: ...(got 256, ..."),
    "row too short": (line(4, lambda old: old.rpartition(",")[0]), CELLS.format(4, 784)),
    "row too long": (line(4, lambda old: f"{old},0"), CELLS.format(4, 786)),
    "first row too long": (line(2, lambda old: f"{old},0"), "line ...: wrong number of cells ..."),
    "all rows too long": (
        text(lambda lines: lines.__setitem__(slice(1, None), [f"{t},0" for t in lines[1:]])),
        CELLS.format(2, 786),
    ),
    "first row too long, its last cell a word": (
        line(2, lambda old: f"{old},0,0,0,x"),
        "line 2, column 789: wrong value (got 'x', expected a whole number from 0 to 255)",
    ),
    "two rows in one line": (line(4, lambda old: f"{old},{old}"), CELLS.format(4, 1570)),
    "a row in two lines": (line(4, lambda old: old.replace(",", "\n", 1)), CELLS.format(4, 1)),
    "cut within the last row": (line(13, lambda old: old[:700]), "line 13..."),
    "comment": (text(lambda lines: lines.insert(3, "# seven")), "line 4..."),
    "comment in front": (text(lambda lines: lines.insert(0, "# digits")), f"{WRONG}missing..."),
    "empty cell": (cell(""), BYTE.format("''")),
    "empty label": (cell("", column=0), LABEL.format("wrong value", "''")),
    "empty last cell": (cell("", column=784), "line 5, column pixel783: wrong value (got '', ...)"),
    "NaN": (cell("NaN"), BYTE.format("nan")),
    "infinite": (cell("inf"), BYTE.format("inf")),
    "a half": (cell("7.5"), BYTE.format("7.5")),
    "negative": (cell("-1"), BYTE.format("-1")),
    "256": (cell("256"), BYTE.format("256")),
    "511, which is 255 in a byte": (cell("511"), BYTE.format("511")),
    "exponent": (cell("1e3"), BYTE.format("1000")),
    "word": (cell("seven"), BYTE.format("'seven'")),
    "hexadecimal": (cell("0x1F"), BYTE.format("'0x1F'")),
    "underscore": (cell("1_0"), BYTE.format("'1_0'")),
    "digits of another script": (cell("٣"), BYTE.format("'٣'")),
    "a long cell": (cell("1" * 200), "line 5, column pixel2: wrong value (got ..."),
    "semicolon": (cell("1;2"), BYTE.format("'1;2'")),
    "NUL": (cell("\0"), "line 5...: ..."),
    "quote inside": (cell('1"2'), "line 5...: wrong..."),
    "quote never closed": (cell('"12'), "line 5...: wrong..."),
    "label 10": (cell("10", column=0), LABEL.format("no digit", "10")),
    "label -1": (cell("-1", column=0), LABEL.format("wrong value", "-1")),
    "label NaN": (cell("nan", column=0), LABEL.format("wrong value", "nan")),
    "all quoted, one wrong": (all_quoted, "line 4, column pixel783: wrong value (got 300, ..."),
    "not UTF-8": (raw(HEADER + b"0,1\n0,2\xff\n"), "not a CSV file of digits: 'utf-8' codec..."),
    "not UTF-8 in the header": (raw(b"label,\xff\n0,0\n"), "not a CSV file (got no text)"),
    "more than 1 GiB": (sparse(2**30 + 1), "too many bytes (got 1073741825, expected at most ..."),
    "1 GiB of zeros": (sparse(2**30), "a line is too long (expected less than 65536 bytes)"),
}
FIRST = HEADER.removeprefix(b"label,")
PREDICTED = {  # the same of a test.csv
    "empty": (raw(b""), "not a CSV file (got an empty file)"),
    "only a header": (raw(FIRST), "no rows below the header"),
    "ragged": (raw(FIRST + b"0," * 782 + b"0\n"), "line 2: wrong number of cells (got 783, ..."),
    "above 255": (raw(FIRST + b"0," * 783 + b"256\n"), "line 2, column pixel783: wrong value ..."),
    "more than 1 GiB": (sparse(2**30 + 1), "too many bytes (got 1073741825, ...)"),
}


def rows():
    for number, (fault, (build, message)) in enumerate(CSV.items()):
        lesson = ("mlp_mnist.py", "cnn_mnist.py")[number % 2]
        command = f"{lesson} --data train.csv"
        yield Row(f"CSV: {fault}", build, command, 3, f"train.csv: {message}", SPLIT)
    few = "train.csv: too few images of a digit to set some aside: ..."
    build = text(lambda lines: lines.__delitem__(slice(6, None)))
    yield Row("CSV: too few of a digit", build, "mlp_mnist.py --data train.csv", 3, few, SPLIT)
    for fault, (build, message) in PREDICTED.items():
        build = both(build, lambda here: (here / "train.csv").rename(here / "test.csv"))
        command = "mlp_mnist.py --predict test.csv"
        yield Row(f"--predict, CSV: {fault}", build, command, 3, f"test.csv: {message}")
