"""Faults of CSV files: of train.csv, which --data names, and of test.csv, which --predict does.

Wrong values are in test_kaggle.py, too, and other kinds of files in test_load.py.
"""

import os

from builders import PIXELS

from faults import SPLIT, Row, put

HEADER = ",".join(["label", *PIXELS]).encode()
ROW = b",0" * 783 + b",255"  # behind the label
LINES = [HEADER, *(b"%d" % label + ROW for label in range(10))]


def csv(changes=None):
    """Return the bytes of a CSV file of ten rows; changes: {number of a line, from 1: another}."""
    lines = dict(enumerate(LINES, 1)) | (changes or {})
    return b"\n".join([*lines.values(), b""])


def sparse(here):
    """Build a train.csv of a header and zeros, which take no room, of a byte more than 1 GiB."""
    put("train.csv", HEADER)(here)
    os.truncate(here / "train.csv", 2**30 + 1)


UNLABELLED = csv().replace(b"label,", b"").replace(b",255\n", b"\n")
WRONG = "line 1: wrong columns: "
CELLS = "line {}: wrong number of cells (got {}, expected 785)"
CSV = {  # what is wrong: the content, what the message says
    "empty": (b"", "not a CSV file (got an empty file)"),
    "only a header": (HEADER + b"\n", "no rows below the header"),
    "one long line": (b"7" * 10**6, "a line is too long (...)"),
    "UTF-16": (HEADER.decode().encode("utf-16"), "not a CSV file (got no text)"),
    "not UTF-8": (HEADER + b"\n0,1\n0,2\xff\n", "not a CSV file of digits: 'utf-8' codec..."),
    "a word, and far below it not UTF-8": (
        csv({2: b"seven" + ROW, 11: b"\xff" + ROW}),
        "line 2, column label: wrong value (got 'seven', expected a whole number from 0 to 255)",
    ),
    "semicolons": (csv().replace(b",", b";"), f"{WRONG}...(got 1 columns, ..."),
    "CR alone ends lines": (csv().replace(b"\n", b"\r"), "..."),
    "test.csv": (UNLABELLED, "no column label (is this Kaggle's test.csv?)"),
    "extra column": (
        csv({1: HEADER + b",weight"}),
        f"{WRONG}unknown weight (got 786 columns, expected label, pixel0 to pixel783)",
    ),
    "one column in another's place": (
        csv({1: HEADER.replace(b",pixel7,", b",pixel5,")}),
        f"{WRONG}missing pixel7; more than one pixel5 (got 785 columns, ...",
    ),
    "no header, and a column too many": (
        b"7" + ROW + b",0\n",
        "line 1: wrong columns (got 786 columns, expected 784 or 785)",
    ),
    "row too short": (csv({4: b"7" + ROW[2:]}), CELLS.format(4, 784)),
    "all rows too long": (csv().replace(b",255\n", b",0,255\n"), CELLS.format(2, 786)),
    "first row too long, its last cell a word": (
        csv({2: b"7" + ROW + b",0,0,0,x"}),
        "line 2, column 789: wrong value (got 'x', expected a whole number from 0 to 255)",
    ),
    "comment": (csv({4: b"# seven"}), "line 4..."),
    "quote never closed": (csv({5: b'7,0,"12' + ROW[4:]}), "line 5...: wrong..."),
    "label 10": (csv({5: b"10" + ROW}), "line 5, column label: no digit (got 10, expected ..."),
    "too few of a digit": (csv(), "too few images of a digit to set some aside: ..."),
}


def rows():
    for number, (fault, (content, message)) in enumerate(CSV.items()):
        build, lesson = put("train.csv", content), ("mlp_mnist.py", "cnn_mnist.py")[number % 2]
        command = f"{lesson} --data train.csv"
        yield Row(f"CSV: {fault}", build, command, 3, f"train.csv: {message}", SPLIT)
    line = "train.csv: too many bytes (got 1073741825, expected at most ..."
    yield Row("CSV: more than 1 GiB", sparse, "mlp_mnist.py --data train.csv", 3, line)
    build = put("test.csv", UNLABELLED.replace(b"\n3,", b"\n256,"))
    line = "test.csv: line 5, column pixel0: wrong value (got 256, expected ...)"
    yield Row("--predict, CSV: above 255", build, "mlp_mnist.py --predict test.csv", 3, line)
