"""Faults of CSV files: of train.csv, which --data names, and of test.csv, which --predict does.

What is wrong in a file and what is said of it: test_tables.py; other kinds of files: test_load.py.
"""

import os

from builders import PIXELS

from faults import SPLIT, Row, put

HEADER = ",".join(["label", *PIXELS]).encode()
ROW = b",0" * 783 + b",255"  # behind the label
LINES = [HEADER, *(b"%d" % label + ROW for label in range(10))]
WHOLE = b"\n".join([*LINES, b""])
UNLABELLED = WHOLE.replace(b"label,", b"").replace(b",255\n", b"\n")


def sparse(here):
    """Build a train.csv of a header and zeros, which take no room, of a byte more than 1 GiB."""
    put("train.csv", HEADER)(here)
    os.truncate(here / "train.csv", 2**30 + 1)


def rows():
    wrong = "line 5, column pixel0: wrong value (got 256, expected a whole number from 0 to 255)"
    few = "too few images of the digit 0 (got 1, expected at least 3)"
    for fault, build, flags, message in [
        ("test.csv", put("test.csv", UNLABELLED), "--data test.csv", "no column label (is ..."),
        ("one of each digit", put("train.csv", WHOLE), "--data train.csv", few),
        (
            "above 255",
            put("test.csv", UNLABELLED.replace(b"\n3,", b"\n256,")),
            "--predict test.csv",
            wrong,
        ),
        ("more than 1 GiB", sparse, "--data train.csv", "too many bytes (got 1073741825, ..."),
    ]:
        line, command = f"{flags.split()[1]}: {message}", f"mlp_mnist.py {flags}"
        yield Row(f"CSV: {fault}", build, command, 3, line, SPLIT)
