"""Faults of the path that --data names."""

import os
from pathlib import Path

from builders import digits, images_file

from faults import DEVICE, LOOP, NONE, SPLIT, Row, four_files, link, nothing, put
from faults.csv import HEADER, raw
from faults.idx import TEST_LABELS, TRAIN_IMAGES


def instead(name, make):
    """Return a builder of four good files, one of which `make` replaces."""
    return lambda here: (
        four_files(here),
        (here / "digits" / name).unlink(),
        make(here / "digits" / name),
    )


def huge(path):
    path.write_bytes(images_file(digits(1)[0]))
    os.truncate(path, 2**40)  # a file with a hole: takes no room


NOTHING = "nothing to train on (got ..., expected MNIST's four IDX files, ...)"
LABELS, IMAGES = f"digits/{TEST_LABELS}", f"digits/{TRAIN_IMAGES}"
PATHS = {  # what is wrong: the builder, the source, what the message says
    "missing": (nothing, "none", f"none: {NONE}"),
    "empty folder": (lambda here: (here / "new").mkdir(), "new", f"new: {NOTHING}"),
    "a folder of other files": (nothing, ".", f".: {NOTHING}"),
    "file as a folder": (raw(HEADER), "train.csv/x", "train.csv/x: Not a directory"),
    "dangling link": (link("none"), "link", f"link: {NONE}"),
    "link to itself": (link("link"), "link", f"link: {LOOP}"),
    "FIFO": (lambda here: os.mkfifo(here / "fifo"), "fifo", f"fifo: {DEVICE}"),
    "link to /dev/zero": (link("/dev/zero"), "link", f"link: {DEVICE}"),
    "name too long": (nothing, "n" * 300, "nnn...nnn: File name too long"),
    "name with a line break": (nothing, "'a\nb'", f"a\\nb: {NONE}"),
    "IDX: 1 TiB": (instead(TRAIN_IMAGES, huge), "digits", f"{IMAGES}: wrong size (got 10995...)"),
    "IDX: folder": (instead(TEST_LABELS, Path.mkdir), "digits", f"digits: no {TEST_LABELS}"),
    "IDX: link to /dev/zero": (
        instead(TRAIN_IMAGES, lambda path: path.symlink_to("/dev/zero")),
        "digits",
        f"{IMAGES}: {DEVICE}",
    ),
    "train.csv is a folder": (put("new/train.csv/x"), "new", f"new: {NOTHING}"),
}
DENIED = {  # what may not be read: the builder, the file, its mode, the source
    "a CSV file": (raw(HEADER), "train.csv", 0, "train.csv"),
    "a folder": (four_files, "digits", 0, "digits"),
    "a folder without x": (four_files, "digits", 0o444, "digits"),
    "one IDX file": (four_files, LABELS, 0, "digits"),
}


def rows():
    for fault, (build, source, message) in PATHS.items():
        yield Row(f"path: {fault}", build, f"mlp_mnist.py --data {source}", 3, message, SPLIT)
    for fault, (build, path, mode, source) in DENIED.items():
        how, message = {"modes": {path: mode}}, f"{path}...: Permission denied"
        command = f"cnn_mnist.py --data {source}"
        yield Row(f"permission denied: {fault}", build, command, 3, message, SPLIT, **how)
