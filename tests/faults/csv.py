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
ABOVE = UNLABELLED.replace(b"\n3,", b"\n256,")


def sparse(here):
    """Build a train.csv of a header and zeros, which take no room, of a byte more than 1 GiB."""
    put("train.csv", HEADER)(here)
    os.truncate(here / "train.csv", 2**30 + 1)


CSV = {  # what is wrong: the builder, the flag and the file that it names, what the message says
    "test.csv": (put("test.csv", UNLABELLED), "--data test.csv", "no column label (is this ..."),
    "one of each digit": (put("train.csv", WHOLE), "--data train.csv", "too few images of the ..."),
    "above 255": (put("test.csv", ABOVE), "--predict test.csv", "line 5, column pixel0: wrong ..."),
    "more than 1 GiB": (sparse, "--data train.csv", "too many bytes (got 1073741825, ..."),
}


def rows():
    for fault, (build, flags, message) in CSV.items():
        line = f"{flags.split()[1]}: {message}"
        yield Row(f"CSV: {fault}", build, f"mlp_mnist.py {flags}", 3, line, SPLIT)
