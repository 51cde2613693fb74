"""Faults of the path that --data names."""

import os

from faults import DEVICE, NONE, SPLIT, Row, fifo, four_files, link, nothing, put
from faults.idx import TRAIN_IMAGES


def huge(here):
    """Build four files of which one is said to have 1 TiB; it takes no room."""
    four_files(here)
    os.truncate(here / "digits" / TRAIN_IMAGES, 2**40)


NOTHING = "new: nothing to train on (got {}, expected MNIST's four IDX files, ...)"
SIZE = f"digits/{TRAIN_IMAGES}: wrong size (got 1099511627776 bytes, expected 188176 bytes)"
PATHS = {  # what is wrong: the builder, the source, what the message says
    "missing": (nothing, "'a\nb'", f"a\\nb: {NONE}"),
    "empty folder": (lambda here: (here / "new").mkdir(), "new", NOTHING.format("an empty folder")),
    "file as a folder": (put("train.csv"), "train.csv/x", "train.csv/x: Not a directory"),
    "train.csv is a folder": (put("new/train.csv/x"), "new", NOTHING.format("train.csv")),
    "link to itself": (link("link"), "link", "link: Too many levels of symbolic links"),
    "FIFO": (fifo("fifo"), "fifo", f"fifo: {DEVICE}"),
    "link to /dev/zero": (link("/dev/zero"), "link", f"link: {DEVICE}"),
    "name too long": (nothing, "n" * 300, "nnn...nnn: File name too long"),
    "IDX: 1 TiB": (huge, "digits", SIZE),
}
DENIED = {  # what may not be read: the builder, the path, its mode
    "a CSV file": (put("train.csv"), "train.csv", 0),
    "a folder": (four_files, "digits", 0),
    "a folder without x": (four_files, "digits", 0o444),
}


def rows():
    for fault, (build, source, message) in PATHS.items():
        yield Row(f"path: {fault}", build, f"mlp_mnist.py --data {source}", 3, message, SPLIT)
    for fault, (build, path, mode) in DENIED.items():
        how, message = {"modes": {path: mode}}, f"{path}...: Permission denied"
        command = f"cnn_mnist.py --data {path}"
        yield Row(f"permission denied: {fault}", build, command, 3, message, SPLIT, **how)
