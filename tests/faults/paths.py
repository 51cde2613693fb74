"""Faults of the path that --data names."""

import os
from pathlib import Path

from builders import digits, images_file

from faults import DEVICE, LOOP, NONE, NOT_UTF8, SPLIT, Row, both, four_files, link, nothing, put
from faults.csv import HEADER, raw
from faults.idx import TEST_LABELS, TRAIN_IMAGES


def instead(name, make):
    """Return a builder of four good files, one of which `make` replaces."""

    def build(here):
        four_files(here)
        (here / "digits" / name).unlink()
        make(here / "digits" / name)

    return build


def table(make):
    """Return a builder of the folder `digits` with a train.csv that `make` makes."""
    return lambda here: (here / "digits").mkdir() or make(here / "digits/train.csv")


def huge(path):
    path.write_bytes(images_file(digits(1)[0]))
    os.truncate(path, 2**40)  # a file with a hole: takes no room


NOTHING = "nothing to train on (got ..., expected MNIST's four IDX files, ...)"
LABELS, IMAGES = f"digits/{TEST_LABELS}", f"digits/{TRAIN_IMAGES}"
PATHS = {  # what is wrong: the builder, the source, what the message says
    "missing": (nothing, "none", f"none: {NONE}"),
    "missing folder": (nothing, "none/none.csv", f"none/none.csv: {NONE}"),
    "empty folder": (lambda here: (here / "new").mkdir(), "new", f"new: {NOTHING}"),
    "a folder of other files": (nothing, ".", f".: {NOTHING}"),
    "no name": (nothing, "''", f".: {NOTHING}"),
    "file as a folder": (raw(HEADER), "train.csv/x", "train.csv/x: Not a directory"),
    "dangling link": (link("none"), "link", f"link: {NONE}"),
    "link to itself": (link("link"), "link", f"link: {LOOP}"),
    "links in a circle": (both(link("b", "a"), link("a", "b")), "a", f"a: {LOOP}"),
    "FIFO": (lambda here: os.mkfifo(here / "fifo"), "fifo", f"fifo: {DEVICE}"),
    "/dev/zero": (nothing, "/dev/zero", f"/dev/zero: {DEVICE}"),
    "link to /dev/zero": (link("/dev/zero"), "link", f"link: {DEVICE}"),
    "/dev/null": (nothing, "/dev/null", f"/dev/null: {DEVICE}"),
    "name too long": (nothing, "n" * 300, "nnn...nnn: File name too long"),
    "name with a line break": (nothing, "'a\nb'", f"a\\nb: {NONE}"),
    "name with an escape": (nothing, "'a\x1b[2Jb'", f"a\\x1b[2Jb: {NONE}"),
    "name not UTF-8": (nothing, NOT_UTF8, f"\\udcff: {NONE}"),
    "a file's name not UTF-8": (
        put(NOT_UTF8, HEADER),
        NOT_UTF8,
        "\\udcff: no rows below the header",
    ),
    "IDX: 1 TiB": (instead(TRAIN_IMAGES, huge), "digits", f"{IMAGES}: wrong size (got 10995...)"),
    "IDX: FIFO": (instead(TEST_LABELS, os.mkfifo), "digits", f"{LABELS}: {DEVICE}"),
    "IDX: folder": (instead(TEST_LABELS, Path.mkdir), "digits", f"digits: no {TEST_LABELS}"),
    "IDX: dangling link": (
        instead(TEST_LABELS, lambda path: path.symlink_to("none")),
        "digits",
        f"{LABELS}: {NONE}",
    ),
    "IDX: link to /dev/zero": (
        instead(TRAIN_IMAGES, lambda path: path.symlink_to("/dev/zero")),
        "digits",
        f"{IMAGES}: {DEVICE}",
    ),
    "IDX: a FIFO by its name": (instead(TEST_LABELS, os.mkfifo), LABELS, f"{LABELS}: {DEVICE}"),
    "train.csv is a folder": (table(Path.mkdir), "digits", f"digits: {NOTHING}"),
    "train.csv is a FIFO": (table(os.mkfifo), "digits", f"digits/train.csv: {DEVICE}"),
    "train.csv is a dangling link": (
        table(lambda path: path.symlink_to("none")),
        "digits",
        f"digits/train.csv: {NONE}",
    ),
    "two tables": (
        both(put("digits/a.csv"), put("digits/b/c.csv")),
        "digits",
        "digits: holds a.csv and b/c.csv: name the one to train on",
    ),
}
DENIED = {  # what may not be read: the builder, the file, the source
    "a CSV file": (raw(HEADER), {"train.csv": 0}, "train.csv"),
    "a folder": (four_files, {"digits": 0}, "digits"),
    "a folder without r": (four_files, {"digits": 0o111}, "digits"),
    "a folder without x": (four_files, {"digits": 0o444}, "digits"),
    "one IDX file": (four_files, {LABELS: 0}, "digits"),
}


def rows():
    for fault, (build, source, message) in PATHS.items():
        yield Row(f"path: {fault}", build, f"mlp_mnist.py --data {source}", 3, message, SPLIT)
    for fault, (build, modes, source) in DENIED.items():
        (path,) = modes
        message = f"{path}...: Permission denied"
        command = f"cnn_mnist.py --data {source}"
        yield Row(f"permission denied: {fault}", build, command, 3, message, SPLIT, modes=modes)
