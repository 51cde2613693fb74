"""What the project's readers must do with any bytes: read what the format says, or refuse.

A target takes the bytes of a file. It returns the outcome in a few words: "read", or why the file
was refused. Anything else is a broken rule, and an AssertionError or another exception.

The readers here are independent of data/: they follow the letter of the formats' definitions, and
share no code with the readers that they judge.
"""

import csv
import functools
import gzip
import io
import json
import re
import struct
import tempfile
import warnings
import zlib
from pathlib import Path

import numpy as np

from data import idx, kaggle
from data.errors import DataError, OutputError
from support import checkpoints, pictures

PIXELS = [f"pixel{i}" for i in range(784)]


@functools.cache
def folder():
    """Return a temporary folder of this process: its object, which deletes it at the end."""
    return tempfile.TemporaryDirectory(prefix="fuzz-")


def path(name):
    """Return the path of a file that `attempt` writes."""
    return Path(folder().name, name)


def attempt(read, name, data, error=DataError):
    """Let `read(path)` read a file with these bytes, as strictly as the project's rule is.

    Returns its result and "read", or None and the kind of its refusal. A warning, another error
    than `error` itself, or a message that is not one short line breaks the rule.
    """
    file = path(name)
    file.unlink(missing_ok=True)  # a new file is written sooner than an old one is overwritten
    file.write_bytes(data)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return read(file), "read"
        except DataError as problem:
            kind, refusal = type(problem), str(problem)
    assert kind is error, kind
    assert refusal.startswith((f"{file}: ", f"{file.parent}: ")), refusal
    assert refusal.isprintable(), refusal
    assert len(refusal) < 1000, refusal
    text = refusal.split(": ", 1)[1].split(" (got ")[0]
    text = re.sub(r"(columns: \w+|column|codec can't decode).*", r"\1", text)
    return None, re.sub(r"b?'.*'|b?\".*\"|0x[0-9a-f]+|\d+", "N", text)


def same(found, expected):
    """Check an array: the very values, as uint8."""
    assert (found.dtype, found.shape) == (np.uint8, expected.shape)
    assert (found == expected).all(), "other values than the independent reader's"


def idx_values(data, magic):
    """Return the values in an IDX file, images [N, 784] or labels [N]; None if it is none."""
    try:
        content = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
        start = 16 if magic == idx.IMAGES else 8
        found, count, *sides = struct.unpack_from(f">{start // 4}I", content)
        values = np.frombuffer(content, np.uint8, offset=start)
    except (OSError, EOFError, zlib.error, struct.error, ValueError):
        return None
    if found != magic or count == 0 or values.size != count * (784 if sides else 1):
        return None
    if sides:
        return values.reshape(count, 784) if sides == [28, 28] else None
    return values if values.max() <= 9 else None


def idx_file(data):
    """An IDX file, raw or gzip, read as images and as labels."""
    outcomes = []
    for magic in (idx.IMAGES, idx.LABELS):
        expected = idx_values(data, magic)
        found, outcome = attempt(lambda path, magic=magic: idx.read_file(path, magic), "file", data)
        assert (found is None) == (expected is None), f"{outcome}: the format says otherwise"
        if found is not None:
            same(found[0], expected)
        outcomes.append(outcome)
    return "read" if "read" in outcomes else ", ".join(outcomes)


def plain_csv(data):
    """Return the values in a CSV file of Kaggle's plain form, uint8 [N, 784 or 785], or None."""
    lines = data.decode("ascii", "replace").replace("\r\n", "\n").removesuffix("\n").split("\n")
    header, rows = lines[0].split(","), [line.split(",") for line in lines[1:]]
    if header not in (PIXELS, ["label", *PIXELS]) or not rows:
        return None
    for row in rows:
        if len(row) != len(header) or not all(re.fullmatch("[0-9]{1,3}", cell) for cell in row):
            return None
    values = np.array(rows, int)
    right = values.max() <= 255 and (len(header) == 784 or values[:, 0].max() <= 9)
    return values.astype(np.uint8) if right else None


def csv_file(data):
    """A CSV file of digits."""
    expected = plain_csv(data)
    found, outcome = attempt(kaggle.read, "file.csv", data)
    if expected is not None:
        assert found is not None, f"refused, though it is Kaggle's: {outcome}"
    if found is not None:
        images, labels, _ = found
        assert (images.dtype, images.shape[1]) == (np.uint8, 784)
        assert len(images) > 0
        if labels is not None:
            assert (labels.dtype, labels.shape) == (np.uint8, images.shape[:1])
            assert labels.max() <= 9
        if expected is not None:
            same(images if labels is None else np.column_stack([labels, images]), expected)
    return outcome


def picture(data):
    """A picture of digits."""
    found, outcome = attempt(pictures.read, "digit.png", data)
    if found is not None:
        assert found.digits
        for digit in found.digits:
            assert (digit.pixels.dtype, digit.pixels.shape) == (np.uint8, (784,))
            assert digit.pixels.max() > 0, "read, but without ink"
    return outcome


def training_json(data):
    """A training's description, as --resume and --predict read it."""
    found, outcome = attempt(
        lambda path: checkpoints.describe(path.parent), "training.json", data, OutputError
    )
    if found is not None:
        assert repr(found) == repr(json.loads(data))
        assert isinstance(found["lesson"], str)
        assert {"epochs", "batch_size", "learning_rate", "seed"} <= found.keys()
        assert found["activation"] in ("relu", "sigmoid", "tanh")
    return outcome


def history_csv(data):
    """A training's history, as --resume reads it."""
    found, outcome = attempt(
        lambda path: checkpoints.read_history(path.parent, 10**5), "history.csv", data, OutputError
    )
    if found is not None:
        # As Python's csv module splits the lines, the columns by their names.
        rows = [row for row in csv.reader(io.StringIO(data.decode(), newline="")) if row]
        table = [dict(zip(rows[0], row, strict=False)) for row in rows[1:]]
        names = ("epoch", "loss", "accuracy", "seconds")
        expected = [[float(row[name]) for name in names] for row in table]
        assert [list(row.values()) for row in found] == expected
        assert all(1 <= row["epoch"] <= 10**5 and 0 <= row["accuracy"] <= 1 for row in found)
        assert np.isfinite(expected).all()
    return outcome


TARGETS = {"idx": idx_file, "csv": csv_file, "picture": picture}
TARGETS |= {"training_json": training_json, "history_csv": history_csv}
