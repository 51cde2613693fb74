"""What the project's readers must do with any bytes: read what the format says, or refuse.

A target takes the bytes of a file. It returns the outcome in a few words: "read", or why the file
was refused. Anything else is a broken rule, and an AssertionError or another exception.

The readers here are independent of data/: they follow the letter of the formats' definitions, and
share no code with the readers that they judge.
"""

import contextlib
import csv
import functools
import io
import json
import math
import re
import struct
import tempfile
import warnings
import zlib
from pathlib import Path

import numpy as np

from data import idx, kaggle
from support import pictures
from data.errors import DataError, OutputError

PIXELS = [f"pixel{i}" for i in range(784)]


class Refused(Exception):
    """The format forbids these bytes."""


def need(condition):
    if not condition:
        raise Refused


@functools.cache
def folder():
    """Return a temporary folder of this process: its object, which deletes it at the end."""
    return tempfile.TemporaryDirectory(prefix="fuzz-")


def attempt(read, name, data, error=DataError):
    """Let `read(path)` read a file with these bytes, as strictly as the project's rule is.

    Returns its result and None, or None and its refusal without the file's name. A warning, another
    error than `error` itself, or a message that is not one short line breaks the rule.
    """
    path = Path(folder().name, name)
    path.unlink(missing_ok=True)  # a new file is written sooner than an old one is overwritten
    path.write_bytes(data)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return read(path), None
        except DataError as problem:
            kind, refusal = type(problem), str(problem)
    assert kind is error, kind
    assert refusal.startswith(f"{path}: ") or refusal.startswith(f"{path.parent}: "), refusal
    assert refusal.isprintable(), refusal
    assert len(refusal) < 1000, refusal
    return None, refusal.split(": ", 1)[1]


def outcome(refusal):
    """Return a refusal without what differs from file to file: the kind of the refusal."""
    if refusal is None:
        return "read"
    text = refusal.split(" (got ")[0]
    text = re.sub(r"column \S+:", "column:", text)
    text = re.sub(r"(wrong columns: \w+|codec can't decode).*", r"\1", text)
    text = re.sub(r"b?'.*'|b?\".*\"", "'...'", text)
    return re.sub(r"0x[0-9a-fA-F]+|\d+", "N", text)


def same(found, expected):
    """Check an array: the very values, as uint8."""
    assert found.dtype == np.uint8, found.dtype
    assert found.shape == expected.shape, (found.shape, expected.shape)
    assert (found == expected).all(), "other values than the independent reader's"


# IDX and gzip


def gunzip(data):
    """Return the contents of the members of a gzip file (RFC 1952, section 2.3)."""
    contents = []
    while data:
        need(len(data) >= 18 and data[:3] == b"\x1f\x8b\x08")
        flags, place = data[3], 10
        if flags & 4:  # extra field
            place += 2 + int.from_bytes(data[10:12], "little")
        for flag in (8, 16):  # name, comment
            if flags & flag:
                need(0 in data[place:])
                place = data.index(0, place) + 1
        if flags & 2:  # CRC of the header
            place += 2
        stream = zlib.decompressobj(wbits=-15)
        try:
            content = stream.decompress(data[place:])
        except zlib.error:
            raise Refused from None
        need(stream.eof)
        trailer = struct.pack("<II", zlib.crc32(content), len(content) % 2**32)
        need(stream.unused_data[:8] == trailer)
        contents.append(content)
        data = stream.unused_data[8:]
        if data and not data.strip(b"\0"):
            contents.append(b"")  # padding, which tape drives left: as good as another member
        data = data.lstrip(b"\0")
    return contents


def idx_values(content, magic):
    """Return the values in an uncompressed IDX file: images [N, 784] or labels [N]."""
    start = 16 if magic == idx.IMAGES else 8
    need(len(content) > start)
    found, count, *sides = struct.unpack_from(f">{start // 4}I", content)
    need(found == (0x803 if start == 16 else 0x801))
    need(count >= 1)
    values = np.frombuffer(content, ">u1", offset=start)
    if start == 16:
        need(sides == [28, 28])
        need(values.size == count * 784)
        return values.reshape(count, 784)
    need(values.size == count)
    need(not set(content[start:]) - set(range(10)))
    return values


def expected_idx(data, magic):
    """Return an IDX file's values, None where it must be refused; and whether it may be refused.

    A gzip file of several members is one by its definition, but not as data/README.md has it.
    """
    try:
        contents = gunzip(data) if data[:2] == b"\x1f\x8b" else [data]
        return idx_values(b"".join(contents), magic), len(contents) > 1
    except Refused:
        return None, True


def idx_file(data, magic):
    expected, may_be_refused = expected_idx(data, magic)
    found, refusal = attempt(lambda path: idx.read_file(path, magic), "file", data)
    if refusal is None:
        assert expected is not None, "read, though the format forbids it"
        same(found[0], expected)
    else:
        assert may_be_refused, f"refused, though it is valid: {refusal}"
    return outcome(refusal)


def idx_images(data):
    """An IDX file of images, raw or gzip."""
    return idx_file(data, idx.IMAGES)


def idx_labels(data):
    """An IDX file of labels, raw or gzip."""
    return idx_file(data, idx.LABELS)


def gz(data):
    """A gzip file, whatever is in it."""
    outcomes = [idx_file(data, magic) for magic in (idx.IMAGES, idx.LABELS)]
    return "read" if "read" in outcomes else outcomes[1]


# Kaggle's CSV


def csv_values(data, columns):
    """Return the table in a CSV file, uint8 [N, columns], as data/README.md defines it.

    No CSV library: every cell that is allowed is plain, or is plain and in quotes.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise Refused from None
    lines = text.removeprefix("\ufeff").split("\n")
    lines = [line.removesuffix("\r") for line in lines[:-1]] + lines[-1:]
    if not lines[-1]:
        del lines[-1]
    need(len(lines) >= 2)
    quoted = re.compile('(?<![^,])"([a-z0-9]*)"(?![^,])')  # between commas
    header, *rows = [quoted.sub(r"\1", line).split(",") for line in lines]
    need(sorted(header) == sorted(columns))
    most = [9 if name == "label" else 255 for name in header]
    digits = re.compile("[0-9]{1,3}")
    for row in rows:
        need(len(row) == len(header))
        need(all(digits.fullmatch(cell) for cell in row))
        need(all(int(cell) <= limit for cell, limit in zip(row, most, strict=True)))
    table = np.array([[int(cell) for cell in row] for row in rows], np.uint8)
    return table[:, [header.index(name) for name in columns]]


def csv_file(data, columns, read):
    try:
        expected = csv_values(data, columns)
    except Refused:
        expected = None
    found, refusal = attempt(read, "file.csv", data)
    if refusal is None:
        assert expected is not None, "read, though the format forbids it"
        same(found, expected)
    else:
        assert expected is None, f"refused, though it is valid: {refusal}"
    return outcome(refusal)


def train_csv(data):
    """Kaggle's train.csv."""

    def read(path):
        images, labels = kaggle.read_train(path)
        return np.column_stack([labels, images])

    return csv_file(data, ["label", *PIXELS], read)


def test_csv(data):
    """Kaggle's test.csv."""
    return csv_file(data, PIXELS, kaggle.read_test)


# Pictures


def png_chunks(data):
    """Return the chunks of a PNG, (kind, body), to its end; Refused if one is cut or damaged.

    The checksum of the end may be any: there is nothing that it could protect. Source: the PNG
    specification, https://www.w3.org/TR/png-3/, section 5.
    """
    place, chunks = 8, []
    while not chunks or chunks[-1][0] != b"IEND":
        need(len(data) >= place + 8)
        length, kind = struct.unpack_from(">I4s", data, place)
        body, crc = data[place + 8 : place + 8 + length], data[place + 8 + length :][:4]
        need(kind == b"IEND" or crc == struct.pack(">I", zlib.crc32(kind + body)))
        chunks.append((kind, body))
        place += 12 + length
    return chunks


def png_pixels(data):
    """Return the pixels of a PNG, uint8 [28, 28]; Refused if it is not a plain grey one.

    Plain: 28 x 28, 8 bits, not interlaced, header, data and end alone.
    """
    need(data[:8] == b"\x89PNG\r\n\x1a\n")
    kinds, bodies = zip(*png_chunks(data), strict=True)
    need(len(kinds) >= 3)
    need(kinds == (b"IHDR", *[b"IDAT"] * (len(kinds) - 2), b"IEND"))
    need(bodies[0] == struct.pack(">IIBBBBB", 28, 28, 8, 0, 0, 0, 0))
    stream = zlib.decompressobj()
    try:
        packed = stream.decompress(b"".join(bodies[1:-1]))
    except zlib.error:
        raise Refused from None
    need(stream.eof and not stream.unused_data and len(packed) == 28 * 29)
    rows = [bytes(28)]
    for start in range(0, len(packed), 29):
        need(packed[start] < 5)
        rows.append(_unfiltered(packed[start], packed[start + 1 : start + 29], rows[-1]))
    return np.frombuffer(b"".join(rows[1:]), np.uint8).reshape(28, 28)


def _unfiltered(kind, line, above):
    """Return a line of a PNG's pixels from its filtered bytes (section 9 of the specification)."""
    row = bytearray()
    for i, byte in enumerate(line):
        a, b, c = row[i - 1] if i else 0, above[i], above[i - 1] if i else 0
        paeth = min((a, b, c), key=lambda value: abs(a + b - c - value))
        row.append((byte + (0, a, b, (a + b) // 2, paeth)[kind]) % 256)
    return bytes(row)


def picture(data):
    """A PNG or JPEG of a digit. A small one with a black border must be taken as it is."""
    found, refusal = attempt(pictures.read, "digit.png", data)
    with contextlib.suppress(Refused):
        pixels = png_pixels(data)
        inside = np.pad(pixels[1:-1, 1:-1], 1)
        if pixels.max() > 30 and (inside == pixels).all():
            assert refusal is None, f"refused, though it is an image of MNIST's form: {refusal}"
            same(found, pixels.reshape(784))
    if refusal is None:
        assert found.dtype == np.uint8
        assert found.shape == (784,)
        assert found.max() > 0, "read, but without ink"
        if data[:8] == b"\x89PNG\r\n\x1a\n":
            png_chunks(data)
    return outcome(refusal)


# What a training leaves behind


def training_json(data):
    """A training's description, as --resume and --predict read it."""
    from support import checkpoints  # here: it brings TensorFlow

    def read(path):
        return checkpoints.describe(path.parent, "mlp_mnist")

    found, refusal = attempt(read, "training.json", data, OutputError)
    if refusal is None:
        again = json.loads(data)
        assert isinstance(found, dict)
        assert repr(found) == repr(again)
        assert found["network"] == "mlp_mnist"
        assert {"epochs", "batch_size", "learning_rate", "seed"} <= found.keys()
        assert found["activation"] in ("relu", "sigmoid", "tanh")
    return outcome(refusal)


def history_rows(data):
    """Return the rows of a history.csv in its own, plain form; Refused if it has another."""
    number = r"-?[0-9]{1,300}(\.[0-9]{1,300})?(e[+-][0-9]{1,2})?"
    line = re.compile(rf"([1-9][0-9]{{0,9}}),({number}),({number}),({number})")
    header, *lines = data.decode("ascii", "replace").removesuffix("\n").split("\n")
    need(header == "epoch,loss,accuracy,seconds")
    need(max(map(len, lines), default=0) < 1000)
    rows = []
    for found in map(line.fullmatch, lines):
        need(found)
        rows.append([int(found[1]), *(float(found[i]) for i in (2, 5, 8))])
    need(all(row[0] <= 100_000 and 0 <= row[2] <= 1 for row in rows))
    return rows


def history_csv(data):
    """A training's history, as --resume reads it."""
    from support import history  # here: likewise

    def read(path):
        return history.read(path.parent)

    found, refusal = attempt(read, "history.csv", data, OutputError)
    expected = None
    with contextlib.suppress(Refused):
        expected = history_rows(data)
    if refusal is None:
        assert isinstance(found, list)
        for row in found:
            assert list(row) == ["epoch", "loss", "accuracy", "seconds"]
            assert [type(value) for value in row.values()] == [int, float, float, float]
            assert 1 <= row["epoch"] <= 100_000, "read, though no training writes such a row"
            assert all(map(math.isfinite, row.values()))
            assert 0 <= row["accuracy"] <= 1
        values = [list(row.values()) for row in found]
        assert expected is None or values == expected
        # Other forms: as Python's csv module splits the lines, the columns by their names.
        rows = [row for row in csv.reader(io.StringIO(data.decode(), newline="")) if row]
        table = [dict(zip(rows[0], row, strict=False)) for row in rows[1:]]
        names = ("epoch", "loss", "accuracy", "seconds")
        assert values == [[float(row[name]) for name in names] for row in table]
    else:
        assert expected is None, f"refused, though it is valid: {refusal}"
    return outcome(refusal)


TARGETS = {
    target.__name__: target
    for target in (
        *(idx_images, idx_labels, gz, train_csv, test_csv),
        *(picture, training_json, history_csv),
    )
}
