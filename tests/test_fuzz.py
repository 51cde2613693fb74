"""The project's readers, given the inputs that broke a reader once, and changes of them.

`python -m pytest tests/test_fuzz.py --hypothesis-profile long` tries many more. What it finds
belongs into fuzz/inputs/, named after its hash, and is replayed from then on. The readers here
follow the letter of the formats' definitions, and share no code with those that they judge.
"""

import contextlib
import csv
import gzip
import hashlib
import io
import json
import re
import struct
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from builders import PIXELS
from hypothesis import given
from hypothesis import strategies as st

from data import idx, tables
from support import pictures
from support.ground import DataError, OutputError
from support.training import description, history

BAD_GZIP = (OSError, EOFError, zlib.error)


def attempt(read, path, data, error=DataError):
    """Return what `read(path)` reads in a file with these bytes, or None if it refuses it.

    A warning, or anything but an `error` of one short line, fails the test.
    """
    path.unlink(missing_ok=True)  # a new file is written sooner than an old one is overwritten
    path.write_bytes(data)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return read(path)
        except DataError as problem:
            kind, refusal = type(problem), str(problem)
    assert kind is error, kind
    assert refusal.startswith((f"{path}: ", f"{path.parent}: ")), refusal
    assert refusal.isprintable(), refusal
    assert len(refusal) < 1000, refusal
    return None


def idx_values(data, magic):
    """Return the values in an IDX file, images [N, 784] or labels [N]; None if it is none."""
    try:
        content = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
        start = 16 if magic == idx.IMAGES else 8
        found, count, *sides = struct.unpack_from(f">{start // 4}I", content)
        values = np.frombuffer(content, np.uint8, offset=start)
    except (*BAD_GZIP, struct.error, ValueError):
        return None
    whole = sides in ([], [28, 28]) and 0 < count == values.size / 28 ** len(sides)
    if found != magic or not whole:
        return None
    return values.reshape(count, 784) if sides else values if values.max() <= 9 else None


def idx_file(here, data):
    """An IDX file, raw or gzip, read as images and as labels."""
    read = False
    for magic in (idx.IMAGES, idx.LABELS):
        found = attempt(lambda path, magic=magic: idx.read_file(path, magic), here / "file", data)
        # None is equal to None.
        np.testing.assert_array_equal(found and found[0], idx_values(data, magic), strict=True)
        read = read or found is not None
    return read


def plain_csv(data):
    """Return the values in a CSV file of Kaggle's plain form, uint8 [N, 784 or 785], or None."""
    lines = data.decode("ascii", "replace").replace("\r\n", "\n").removesuffix("\n").split("\n")
    header, *rows = (line.split(",") for line in lines)
    cells = [cell for row in rows for cell in row]
    if header not in (PIXELS, ["label", *PIXELS]) or {len(header)} != {len(row) for row in rows}:
        return None
    if not all(re.fullmatch("[0-9]{1,3}", cell) and int(cell) <= 255 for cell in cells):
        return None
    values = np.array(rows, int).astype(np.uint8)
    return values if len(header) == 784 or values[:, 0].max() <= 9 else None


def csv_file(here, data):
    """A CSV file of digits."""
    expected = plain_csv(data)
    found = attempt(tables.read, here / "file.csv", data)
    if found is None:
        assert expected is None, "refused, though it is Kaggle's"
        return False
    images, labels, _ = found
    assert (images.dtype, images.shape[1], len(images) > 0) == (np.uint8, 784, True)
    if labels is not None:
        assert (labels.dtype, labels.shape, labels.max() <= 9) == (np.uint8, (len(images),), True)
    if expected is not None:
        values = images if labels is None else np.column_stack([labels, images])
        np.testing.assert_array_equal(values, expected, strict=True)
    return True


def picture(here, data):
    """A picture of digits."""
    found = attempt(pictures.read, here / "digit.png", data)
    assert found is None or found.digits
    for digit in found.digits if found else []:
        assert (digit.pixels.dtype, digit.pixels.shape) == (np.uint8, (784,))
        assert digit.pixels.max() > 0, "read, but without ink"
    return found is not None


def training_json(here, data):
    """A training's description, as --resume and --predict read it."""
    found = attempt(lambda _: description.read(here), here / "training.json", data, OutputError)
    if found is None:
        return False
    assert repr(found) == repr(json.loads(data))
    assert isinstance(found["lesson"], str)
    assert {type(found[name]) for name in ("epochs", "batch_size", "seed")} == {int}
    assert 0 < found["learning_rate"] <= 10
    assert found["activation"] in ("relu", "sigmoid", "tanh")
    return True


def history_csv(here, data):
    """A training's history, as --resume reads it."""
    path, most = here / "history.csv", 10**5
    found = attempt(lambda _: history.read(here, most), path, data, OutputError)
    if found is None:
        return False
    # As Python's csv module splits the lines, the columns by their names.
    rows = [row for row in csv.reader(io.StringIO(data.decode(), newline="")) if row]
    table = [dict(zip(rows[0], row, strict=False)) for row in rows[1:]]
    names = ("epoch", "loss", "accuracy", "seconds")
    expected = [[float(row[name]) for name in names] for row in table]
    assert [list(row.values()) for row in found] == expected
    assert all(1 <= row["epoch"] <= most and 0 <= row["accuracy"] <= 1 for row in found)
    assert np.isfinite(expected).all()
    return True


TARGETS = {  # each takes a folder to write into and a file's bytes, and returns whether it was read
    "idx": idx_file,
    "csv": csv_file,
    "picture": picture,
    "training_json": training_json,
    "history_csv": history_csv,
}
INPUTS = Path(__file__).parent / "fuzz/inputs"
WORDS = [b"0", b"7", b"256", b"-1", b'"', b"\n", b"\r\n", b"\r", b",", b"nan", b"{", b"[", b"'"]
WORDS += [b'"7"', b'"1\n2"', b"\r\r\n", b"\xef\xbb\xbf", b"1e3", b" 1", b"007", b"null", b"\0"]
# Where a change begins: anywhere, where a header is, at a line, a cell or what ends one.
PARTS = [b"(?s).", b"(?s)(?<!.{24}).", b"[^\n]+", b"[^,\n]+", b"[\n,]"]


@st.composite
def changed(draw, inputs):
    """Return one of `inputs` with one to four changes, in some gzip files of what is packed."""
    data, packed = draw(st.sampled_from(inputs)), False
    with contextlib.suppress(*BAD_GZIP):
        if packed := data.startswith(b"\x1f\x8b") and draw(st.booleans()):
            data = gzip.decompress(data)
    for _ in range(draw(st.integers(1, 4))):
        part, other = draw(st.sampled_from(PARTS)), draw(st.sampled_from(inputs))
        spans = [found.span() for found in re.finditer(part, data)] or [(0, 0)]
        start, stop = draw(st.sampled_from(spans))
        stop = max(start, stop + draw(st.sampled_from([-1, 0, 0, 3, 1000, len(data)])))
        blocks = [b"", data[start:stop] * 2, other[start:stop], other[:1000], *WORDS]
        new = draw(st.sampled_from(blocks) | st.binary(min_size=1, max_size=4))
        data = data[:start] + new + data[stop:]
    return gzip.compress(data, mtime=0) if packed else data


@pytest.mark.parametrize("name", TARGETS)
def test_inputs_are_read_as_their_format_says_or_refused(name, tmp_path, capfd):
    saved = {path.name: path.read_bytes() for path in sorted((INPUTS / name).iterdir())}
    assert list(saved) == [hashlib.sha256(data).hexdigest()[:16] for data in saved.values()]
    assert {TARGETS[name](tmp_path, data) for data in saved.values()} == {True, False}

    @given(changed(list(saved.values())))
    def try_others(data):
        TARGETS[name](tmp_path, data)

    try_others()
    assert capfd.readouterr() == ("", "")
