"""MNIST's own format, IDX, raw or gzip.

An IDX file is a magic number (two zero bytes, the type code, the number of dimensions), the
size of each dimension as a big-endian 32-bit integer, then the values. Source: "The IDX file
format" on the MNIST page of LeCun, Cortes and Burges, http://yann.lecun.com/exdb/mnist/.
"""

import hashlib
import math
from pathlib import Path
from typing import NamedTuple

import numpy as np

from data.files import MAX_BYTES, DataError, content, reported

SIDE = 28  # an image is SIDE x SIDE pixels
IMAGES, LABELS = 0x803, 0x801  # 08: unsigned bytes; 3 dimensions, 1 dimension
MEANING = {IMAGES: " (images)", LABELS: " (labels)"}

# The four files, and the sha256 of their content (uncompressed) in MNIST itself.
FILES = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}


class Quartet(NamedTuple):
    """The four arrays, uint8: images [N, 784] with values 0 to 255, labels [N], 0 to 9."""

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    is_mnist: bool  # all four files have MNIST's own content


def spellings(name):
    """Return the file names accepted for `name`, one of FILES."""
    dotted = name.replace("-idx", ".idx")
    return [name, f"{name}.gz", dotted, f"{dotted}.gz"]


def magic_number(name):
    """Return the magic number that `name`, one of FILES, must have."""
    return IMAGES if "images" in name else LABELS


def find(folder):
    """Return {name: [paths]} for the four names of FILES, in the spellings that `folder` has."""
    with reported(folder):
        present = {path.name for path in Path(folder).iterdir()}
    return {
        name: [Path(folder, spelling) for spelling in spellings(name) if spelling in present]
        for name in FILES
    }


def read_file(path, magic):
    """Read one IDX file, raw or gzip.

    Args:
        path: the file.
        magic: the magic number that it must have, IMAGES or LABELS.

    Returns:
        The values, uint8 [N, 784] for images and [N] for labels, and the sha256 of the content.

    Raises:
        DataError: the file cannot be read, or breaks the format in any way.
    """
    with content(path) as take:
        header = take(4)
        found = int.from_bytes(header, "big")
        if found != magic:
            got, expected = (
                f"{number:#010x}{MEANING.get(number, '')}" for number in (found, magic)
            )
            raise DataError(path, "wrong magic number", got, expected)
        header += take(12 if magic == IMAGES else 4)
        count, *size = np.frombuffer(header, ">u4", offset=4).tolist()
        if magic == IMAGES and size != [SIDE, SIDE]:
            raise DataError(path, "wrong image size", "{} x {}".format(*size), f"{SIDE} x {SIDE}")
        # Before the first value is read: a header may promise terabytes.
        if not 0 < count * math.prod(size) <= MAX_BYTES:
            most = MAX_BYTES // math.prod(size)
            raise DataError(path, "number of items out of range", count, f"1 to {most}")
        body = take(count * math.prod(size))
    values = np.frombuffer(body, np.uint8)
    if magic == IMAGES:
        values = values.reshape(count, SIDE * SIDE)
    elif values.max() > 9:
        first = int(np.argmax(values > 9))
        raise DataError(path, f"label {first} (from 0) out of range", values[first], "0 to 9")
    digest = hashlib.sha256(header)
    digest.update(body)
    return values, digest.hexdigest()


def read(folder):
    """Read the four IDX files in `folder`, each raw or gzip, in either spelling.

    Where a file is there in several spellings, all of them must have the same content.

    Returns:
        A Quartet.

    Raises:
        DataError: a file is missing, cannot be read or breaks the format, or images and labels
            differ in number.
    """
    files = find(folder)
    if missing := [name for name, paths in files.items() if not paths]:
        expected = f"e.g. {', '.join(spellings(missing[0]))}"
        raise DataError(folder, f"no {', '.join(missing)}", expected=expected)
    arrays, is_mnist = [], True
    for name, paths in files.items():
        (values, digest), *others = [read_file(path, magic_number(name)) for path in paths]
        if any(other[1] != digest for other in others):
            problem = f"{' and '.join(path.name for path in paths)} differ: keep one of them"
            raise DataError(folder, problem)
        if "labels" in name and len(values) != len(arrays[-1]):
            raise DataError(paths[0], "not as many labels as images", len(values), len(arrays[-1]))
        arrays.append(values)
        is_mnist = is_mnist and digest == FILES[name]
    return Quartet(*arrays, is_mnist)
