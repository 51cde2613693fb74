"""MNIST's own format, IDX, raw or gzip.

An IDX file is a magic number (two zero bytes, the type code, the number of dimensions), the
size of each dimension as a big-endian 32-bit integer, then the values. Source: "The IDX file
format" on the MNIST page of LeCun, Cortes and Burges, http://yann.lecun.com/exdb/mnist/.
"""

import hashlib
import math
import os
from pathlib import Path

import numpy as np

from data.images import SIDE, no_digit, upright
from support.ground import GZIP_MAGIC, MAX_BYTES, DataError, content, described, opened

IMAGES, LABELS = 0x803, 0x801  # 08: unsigned bytes; 3 dimensions, 1 dimension
MIN_MAPPED = 2**28  # bytes: raw images above it are not read, but mapped into memory
MAX_MAPPED = 2**40
# The four files, and the sha256 of their content (uncompressed) in MNIST itself.
FILES = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}


def magic(name: str) -> int:
    """Return the magic number of the file `name`, one of FILES."""
    return IMAGES if "images" in name else LABELS


def read_file(path: Path, magic: int) -> tuple[np.ndarray, str]:
    """Read one IDX file, raw or gzip.

    Args:
        path: the file.
        magic: the magic number that it must have, IMAGES or LABELS.

    Returns:
        The values, uint8 [N, 784] for images and [N] for labels, and the sha256 of the content
        ("" for images above MIN_MAPPED bytes, which are mapped, and read when they are used).

    Raises:
        DataError: the file cannot be read, or breaks the format in any way.
    """
    with opened(path, max_bytes=MAX_MAPPED if magic == IMAGES else MAX_BYTES) as file:
        if magic == IMAGES and os.fstat(file.fileno()).st_size > MIN_MAPPED:
            head = file.read(16)
            if not head.startswith(GZIP_MAGIC):
                return _mapped(path, file, head), ""
    with content(path) as take:
        header = take(4)
        if int.from_bytes(header, "big") != magic:
            raise _wrong_magic(path, header, magic)
        header += take(12 if magic == IMAGES else 4)
        count, pixels = _counts(path, header, MAX_BYTES)
        body = take(count * pixels)
    values = np.frombuffer(body, np.uint8)
    if magic == IMAGES:
        values = values.reshape(count, pixels)
    elif values.max() > 9:
        raise no_digit(path, f"label {int(np.argmax(values > 9))} (from 0)", values)
    digest = hashlib.sha256(header)
    digest.update(body)
    return values, digest.hexdigest()


def _mapped(path, file, header):
    if int.from_bytes(header[:4], "big") != IMAGES:
        raise _wrong_magic(path, header, IMAGES)
    count, pixels = _counts(path, header, MAX_MAPPED)
    got, expected = os.fstat(file.fileno()).st_size, 16 + count * pixels
    if got != expected:
        raise DataError(path, "wrong size", f"{got} bytes", f"{expected} bytes")
    return np.memmap(path, np.uint8, "r", offset=16, shape=(count, pixels))


def _wrong_magic(path, head, magic):
    meaning = {IMAGES: "images", LABELS: "labels"}
    found = meaning.get(int.from_bytes(head[:4], "big"))
    got = found or described(path) or f"the first bytes {head[:4].hex(' ')}"
    return DataError(path, "not the IDX file it should be", got, f"{magic:#010x}, {meaning[magic]}")


def _counts(path, header, max_bytes):
    """Return the number of items, and of bytes in an item, that the header promises."""
    count, *size = np.frombuffer(header, ">u4", offset=4).tolist()
    if size not in ([], [SIDE, SIDE]):
        raise DataError(path, "wrong image size", "{} x {}".format(*size), f"{SIDE} x {SIDE}")
    # Before the first value is read: a header may promise terabytes.
    if not 0 < count * math.prod(size) <= max_bytes:
        most = max_bytes // math.prod(size)
        raise DataError(path, "number of items out of range", count, f"1 to {most}")
    return count, math.prod(size)


def read(files: dict[str, list[Path]], is_emnist: bool = False) -> tuple[list[np.ndarray], bool]:
    """Read a set of four files, or two of them that go together, or images alone.

    For names of FILES, `files` has the paths of one or more files with the same content. Returns
    images uint8 [N, 784] and labels uint8 [N], in the order of FILES, and whether all of it is
    MNIST's own. DataError: a file is bad, two of a name differ, or the numbers of items do.
    """
    arrays: list[np.ndarray] = []
    is_mnist = True
    for name, paths in ((name, files[name]) for name in FILES if name in files):
        (values, digest), *others = [read_file(path, magic(name)) for path in paths]
        for path, (_, other) in zip(paths[1:], others, strict=True):
            if other != digest:
                raise DataError(path, f"differs from {paths[0]}: keep one, or name its folder")
        if magic(name) == LABELS and len(values) != len(arrays[-1]):
            raise DataError(paths[0], "not as many labels as images", len(values), len(arrays[-1]))
        arrays.append(upright(values) if is_emnist and magic(name) == IMAGES else values)
        is_mnist = is_mnist and digest == FILES[name]
    return arrays, is_mnist
