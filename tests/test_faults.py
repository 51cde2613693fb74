"""A table of everything that can be wrong with a source: one line of error, and nothing changed."""

import csv
import gzip
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from builders import NAMES, PIXELS, digits, images_file, labels_file, write_csv, write_quartet

import data
from data.files import MAX_BYTES

ROOT = Path(__file__).parent.parent
IMAGES, LABELS = digits(240)
TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS = NAMES


def idx(name, content):
    """Return a builder of a folder of four good files, one of which has the given content."""

    def build(folder):
        write_quartet(folder)
        Path(folder, name).write_bytes(content)
        return folder

    return build


def whole(images=IMAGES, **header):
    return images_file(images, **header)


GZ = gzip.compress(labels_file(LABELS))
LABEL_10 = LABELS.copy()
LABEL_10[7] = 10
LABEL_255 = LABEL_10.copy()
LABEL_255[9] = 255

IDX_FAULTS = {
    "empty": (idx(TRAIN_IMAGES, b""), r"ends early \(got 0 bytes, expected 4 bytes\)"),
    "three bytes": (idx(TRAIN_IMAGES, b"\0\0\x08"), "ends early"),
    "half a header": (idx(TRAIN_IMAGES, whole()[:10]), r"ends early \(got 10 bytes, expected 16"),
    "only a header": (idx(TRAIN_IMAGES, whole()[:16]), "ends early"),
    "last byte missing": (
        idx(TRAIN_IMAGES, whole()[:-1]),
        r"ends early \(got 188175 bytes, expected 188176 bytes\)",
    ),
    "a byte too many": (
        idx(TRAIN_IMAGES, whole() + b"\0"),
        r"longer than its header says \(got 188177 bytes, expected 188176 bytes\)",
    ),
    "magic number": (
        idx(TRAIN_IMAGES, whole(magic=0x01000803)),
        r"wrong magic number \(got 0x01000803, expected 0x00000803 \(images\)\)",
    ),
    "type of the values": (idx(TRAIN_IMAGES, whole(magic=0xD03)), "magic number .got 0x00000d03"),
    "number of dimensions": (idx(TRAIN_IMAGES, whole(magic=0x802)), "magic number .got 0x00000802"),
    "labels as images": (
        idx(TRAIN_IMAGES, labels_file(LABELS)),
        r"got 0x00000801 \(labels\), expected 0x00000803 \(images\)",
    ),
    "images as labels": (idx(TRAIN_LABELS, whole()), r"got 0x00000803 \(images\), expected"),
    "image size": (
        idx(TRAIN_IMAGES, whole(sizes=(240, 14, 56))),
        r"wrong image size \(got 14 x 56, expected 28 x 28\)",
    ),
    "image size 0": (idx(TRAIN_IMAGES, whole(sizes=(240, 0, 0))), "wrong image size .got 0 x 0"),
    "image size 2^31": (idx(TRAIN_IMAGES, whole(sizes=(1, 2**31, 2**31))), "wrong image size"),
    "no images": (idx(TRAIN_IMAGES, whole(IMAGES[:0])), r"number of items .*got 0, expected 1 to"),
    "no labels": (idx(TEST_LABELS, labels_file(LABELS[:0])), "number of items .*got 0"),
    "2^31 images": (idx(TRAIN_IMAGES, whole(sizes=(2**31, 28, 28))), "number of items"),
    "2^32-1 images": (idx(TRAIN_IMAGES, whole(sizes=(2**32 - 1, 28, 28))), "number of items"),
    "2^32-1 labels": (idx(TRAIN_LABELS, labels_file(LABELS, count=2**32 - 1)), "number of items"),
    "one image fewer": (
        idx(TRAIN_IMAGES, whole(IMAGES[1:])),
        r"not as many labels as images \(got 240, expected 239\)",
    ),
    "one label fewer": (idx(TEST_LABELS, labels_file(LABELS[:39])), "got 39, expected 40"),
    "label above 9": (
        idx(TRAIN_LABELS, labels_file(LABEL_10)),
        r"label 7 \(from 0\) out of range \(got 10, expected 0 to 9\)",
    ),
    "two labels above 9": (idx(TRAIN_LABELS, labels_file(LABEL_255)), "label 7 .*got 10,"),
    "gz: cut": (idx(TRAIN_LABELS, GZ[:-20]), "ended before the end-of-stream marker"),
    "gz: trailer cut": (idx(TRAIN_LABELS, GZ[:-8]), "cut short, or longer"),
    "gz: CRC": (
        idx(TRAIN_LABELS, GZ[:-8] + bytes([GZ[-8] ^ 1]) + GZ[-7:]),
        "CRC check failed",
    ),
    "gz: length": (
        idx(TRAIN_LABELS, GZ[:-4] + b"\0\0\0\1"),
        "cut short, or longer than its header says",
    ),
    "gz: flipped byte": (
        idx(TRAIN_LABELS, GZ[:14] + bytes([GZ[14] ^ 0xFF]) + GZ[15:]),
        "invalid|CRC|end|magic",
    ),
    "gz: garbage behind it": (idx(TRAIN_LABELS, GZ + b"garbage"), "cut short, or longer"),
    "gz: zeros behind it": (idx(TRAIN_LABELS, GZ + bytes(512)), "cut short, or longer"),
    "gz: a second stream behind it": (idx(TRAIN_LABELS, GZ + GZ), "cut short, or longer"),
    "gz: only its first bytes": (idx(TRAIN_LABELS, b"\x1f\x8b"), "end"),
    "too few of a digit": (
        idx(TRAIN_LABELS, labels_file(np.minimum(np.arange(240), 1).astype(np.uint8))),
        "too few images of a digit to set some aside: The least populated class",
    ),
}


def csv_text(change):
    """Return a builder of a train.csv of 12 rows after `change` of its list of lines."""

    def build(folder):
        path = write_csv(folder / "train.csv", IMAGES[:12], LABELS[:12])
        lines = path.read_text().splitlines()
        change(lines)
        path.write_text("\n".join([*lines, ""]))
        return path

    return build


def cell(text, column=3, line=5):
    """Return a builder of a train.csv with one other cell."""

    def change(lines):
        cells = lines[line - 1].split(",")
        cells[column] = text
        lines[line - 1] = ",".join(cells)

    return csv_text(change)


def columns(change):
    """Return a builder of a train.csv whose header has been changed as a list."""

    def build(lines):
        header = lines[0].split(",")
        change(header)
        lines[0] = ",".join(header)

    return csv_text(build)


def raw(content):
    def build(folder):
        path = folder / "train.csv"
        path.write_bytes(content)
        return path

    return build


def all_quoted(folder):
    table = np.column_stack([LABELS, IMAGES]).astype(int)
    table[2, 784] = 300
    header = ["label", *PIXELS]
    return write_csv(folder / "a.csv", table, header=header, quoting=csv.QUOTE_ALL)


VALUE = r"line 5, column pixel2: wrong value \(got '{}', expected a whole number from 0 to 255\)"
HEADER = ",".join(["label", *PIXELS]).encode() + b"\n"
CSV_FAULTS = {
    "empty": (raw(b""), r"line 1: wrong columns: missing label, pixel0, pixel1 \(got 0 columns"),
    "only a header": (raw(HEADER), "no rows below the header"),
    "header without a newline": (raw(HEADER[:-1]), "no rows below the header"),
    "header, blank line": (raw(HEADER + b"\n"), "line 2: blank line"),
    "one long line": (raw(b"7" * 10**6), "wrong columns: missing"),
    "one long line below the header": (raw(HEADER + b"7" * 3_000_000), "line 2: "),
    "no header": (csv_text(lambda lines: lines.pop(0)), "line 1: wrong columns: missing label"),
    "binary": (raw(bytes(range(256)) * 10), "line 1: "),
    "UTF-16": (raw(HEADER.decode().encode("utf-16")), "not a CSV file: line 1: 'utf-8' codec"),
    "zip": (raw(b"PK\3\4\x14\0\0\0\x08\0\xff\xfe" + bytes(900)), "line 1: "),
    "test.csv": (
        lambda folder: write_csv(folder / "test.csv", IMAGES),
        r"wrong columns: missing label; is this test\.csv\? \(got 784 columns",
    ),
    "missing column": (columns(lambda header: header.remove("pixel7")), "missing pixel7 "),
    "extra column": (columns(lambda header: header.append("weight")), "unknown weight "),
    "duplicate column": (
        columns(lambda header: header.append("pixel5")),
        r"twice pixel5 \(got 786 columns, expected label, pixel0 to pixel783\)",
    ),
    "renamed column": (
        columns(lambda header: header.__setitem__(0, "Label")),
        "missing label; unknown Label",
    ),
    "row too short": (
        csv_text(lambda lines: lines.__setitem__(3, lines[3].rpartition(",")[0])),
        r"line 4: wrong number of cells \(got 784, expected 785\)",
    ),
    "row too long": (
        csv_text(lambda lines: lines.__setitem__(3, lines[3] + ",0")),
        r"line 4: wrong number of cells \(got 786, expected 785\)",
    ),
    "two rows in one line": (
        csv_text(lambda lines: lines.__setitem__(3, f"{lines[3]},{lines[4]}")),
        "line 4: wrong number of cells",
    ),
    "a row in two lines": (
        csv_text(lambda lines: lines.__setitem__(3, lines[3].replace(",", "\n", 1))),
        "line 4: wrong number of cells .got 1,",
    ),
    "blank line": (csv_text(lambda lines: lines.insert(3, "")), "line 4: blank line"),
    "blank line at the end": (csv_text(lambda lines: lines.append("")), "line 14: blank line"),
    "comment": (
        csv_text(lambda lines: lines.insert(3, "# seven")),
        "line 4: wrong number of cells",
    ),
    "empty cell": (cell(""), VALUE.format("")),
    "empty cell after a 0": (cell("", column=2), "line 5, column pixel1: wrong value .got ''"),
    "empty first cell": (cell("", column=0), "line 5, column label: wrong value .got ''"),
    "empty last cell": (cell("", column=784), "line 5, column pixel783: wrong value .got ''"),
    "blank cell": (cell(" "), VALUE.format(" ")),
    "NaN": (cell("NaN"), VALUE.format("NaN")),
    "float": (cell("7.0"), VALUE.format(r"7\.0")),
    "exponent": (cell("1e2"), VALUE.format("1e2")),
    "negative": (cell("-1"), VALUE.format("-1")),
    "plus": (cell("+1"), VALUE.format(r"\+1")),
    "256": (cell("256"), VALUE.format("256")),
    "999": (cell("999"), VALUE.format("999")),
    "four digits": (cell("1000"), VALUE.format("1000")),
    "511, which is 255 in a byte": (cell("511"), VALUE.format("511")),
    "word": (cell("seven"), VALUE.format("seven")),
    "hexadecimal": (cell("0x1F"), VALUE.format("0x1F")),
    "digits of another script": (cell("٣"), VALUE.format("٣")),
    "a long cell": (cell("1" * 200), VALUE.format("1{40}")),
    "blank before a number": (cell(" 12"), VALUE.format(" 12")),
    "semicolon": (cell("1;2"), VALUE.format("1;2")),
    "NUL": (cell("\0"), "line 5"),
    "quote inside": (cell('1"2'), "line 5"),
    "quote in front": (cell('"1"2'), "line 5: ',' expected after"),
    "quote never closed": (cell('"12'), "line "),
    "label above 9": (
        cell("10", column=0),
        r"line 5, column label: wrong value \(got '10', expected a whole number from 0 to 9\)",
    ),
    "all quoted, one wrong": (all_quoted, "line 4, column pixel783: wrong value .got '300'"),
    "not UTF-8": (
        lambda folder: raw(HEADER + b"0,1\n0,2\xff\n")(folder),
        r"line 3: not UTF-8 \(got b'\\xff'\)",
    ),
    "too few of a digit": (
        csv_text(lambda lines: lines.__delitem__(slice(6, None))),
        "too few images of a digit",
    ),
}


def fifo(folder):
    os.mkfifo(folder / "fifo")
    return folder / "fifo"


def linked(target):
    def build(folder):
        (folder / "link").symlink_to(target)
        return folder / "link"

    return build


def large(folder):
    path = folder / "train.csv"
    path.write_bytes(HEADER)
    os.truncate(path, MAX_BYTES + 1)  # a file with a hole: takes no room
    return path


def large_idx(folder):
    write_quartet(folder)
    os.truncate(folder / TRAIN_IMAGES, 2**40)
    return folder


def quartet_with(name, make):
    """Return a builder of four good files, one of which `make` replaces."""

    def build(folder):
        write_quartet(folder)
        Path(folder, name).unlink()
        make(folder / name)
        return folder

    return build


PATH_FAULTS = {
    "missing": (lambda folder: folder / "none", "No such file or directory"),
    "missing folder": (lambda folder: folder / "none" / "none", "No such file or directory"),
    "empty folder": (lambda folder: folder, "neither MNIST's four IDX files nor Kaggle's train"),
    "file as a folder": (lambda folder: raw(b"")(folder) / "x", "Not a directory"),
    "dangling link": (linked("none"), "No such file or directory"),
    "link to itself": (linked("link"), "Too many levels of symbolic links"),
    "FIFO": (fifo, r"not a regular file \(got a pipe or a device\)"),
    "/dev/zero": (lambda folder: Path("/dev/zero"), "not a regular file"),
    "link to /dev/zero": (linked("/dev/zero"), "not a regular file"),
    "/dev/null": (lambda folder: Path("/dev/null"), "not a regular file"),
    "name too long": (lambda folder: folder / ("n" * 300), "File name too long"),
    "name with a line break": (lambda folder: folder / "a\nb", r"a\\nb: No such file"),
    "name not UTF-8": (lambda folder: folder / os.fsdecode(b"\xff"), r"\\udcff: No such file"),
    "a CSV file above 1 GiB": (large, r"too many bytes \(got 1073741825, expected at most"),
    "an IDX file of 1 TiB": (large_idx, "too many bytes"),
    "IDX: folder for file": (quartet_with(TEST_LABELS, Path.mkdir), f"{TEST_LABELS}: Is a dir"),
    "IDX: FIFO for file": (quartet_with(TEST_LABELS, os.mkfifo), f"{TEST_LABELS}: not a regular"),
    "IDX: dangling link": (
        quartet_with(TEST_LABELS, lambda path: path.symlink_to("none")),
        f"{TEST_LABELS}: No such file",
    ),
    "IDX: one missing": (
        quartet_with(TRAIN_LABELS, lambda path: None),
        rf"no {TRAIN_LABELS} \(expected e.g. {TRAIN_LABELS}, {TRAIN_LABELS}.gz, train-labels.idx1",
    ),
    "train.csv is a folder": (
        lambda folder: (folder / "train.csv").mkdir() or folder,
        "train.csv: Is a directory",
    ),
}


def snapshot(folder):
    """Return what is in `folder`, to compare; files above 1 MB by their size only."""
    return {
        path: path.read_bytes() if path.is_file() and path.stat().st_size < 10**6 else path.lstat()
        for path in folder.rglob("*")
    }


@pytest.mark.parametrize(
    ("build", "pattern"),
    [
        pytest.param(*row, id=f"{kind}: {name}")
        for kind, table in [("IDX", IDX_FAULTS), ("CSV", CSV_FAULTS)]
        for name, row in table.items()
    ],
)
def test_a_bad_file_ends_in_one_clear_line(tmp_path, capsys, build, pattern):
    source = build(tmp_path)
    before = snapshot(tmp_path)
    with pytest.raises(data.DataError, match=pattern) as error:
        data.load(source)
    assert error.value.exit_code == 3
    assert str(error.value).startswith(str(source))
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < len(str(source)) + 300
    assert capsys.readouterr() == ("", "")
    assert snapshot(tmp_path) == before


PROGRAM = """
import resource, sys, data
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    data.load(sys.argv[1])
except data.DataError as error:
    print(f"error: {error}", file=sys.stderr)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize(("build", "pattern"), PATH_FAULTS.values(), ids=PATH_FAULTS)
def test_a_bad_path_ends_at_once_in_one_clear_line(tmp_path, build, pattern):
    # In a process of its own, which can be stopped should it wait for ever.
    source = build(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, source], cwd=ROOT, capture_output=True, timeout=60
    )
    assert done.returncode == 0
    errors = done.stderr.decode()  # UTF-8, whatever the name is
    assert errors.count("\n") == 1
    assert errors.startswith("error: ")
    assert re.search(pattern, errors)
    assert int(done.stdout) < 2**14  # KiB


@pytest.mark.parametrize("mode", [0o000, 0o444, 0o111], ids=["---", "r--", "--x"])
def test_permission_denied(unprivileged, mode):
    folder = unprivileged / "folder"
    folder.mkdir()
    path = write_csv(folder / "train.csv", IMAGES[:2], LABELS[:2])
    write_quartet(folder)
    Path(folder, TEST_LABELS).chmod(0)
    with pytest.raises(data.DataError, match=f"{TEST_LABELS}: Permission denied"):
        data.load(folder)
    path.chmod(0)
    folder.chmod(mode)
    try:
        for source in (folder, path):
            with pytest.raises(data.DataError, match=f"^{folder}.*: Permission denied"):
                data.load(source)
    finally:
        folder.chmod(0o755)


def test_how_many_faults_are_in_the_tables():
    # README states this figure.
    assert len(IDX_FAULTS) + len(CSV_FAULTS) + len(PATH_FAULTS) >= 100
