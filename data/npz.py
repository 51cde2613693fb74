"""Arrays of NumPy in .npz files: Keras's mnist.npz and others like it, KMNIST's four files.

The names in Keras's file are from https://keras.io/api/datasets/mnist/.
"""

import re
import zipfile
from pathlib import Path

import numpy as np

from data.images import SIDE, no_digit
from support.ground import MAX_BYTES, DataError, opened

IMAGES = {"x", "images", "image", "imgs", "data"}  # words in the names of arrays
LABELS = {"y", "labels", "label", "target", "targets"}
SHAPES = ((SIDE * SIDE,), (SIDE, SIDE), (SIDE, SIDE, 1), (1, SIDE, SIDE))  # of one image
EXPECTED = "x_train, y_train and, if there are test images, x_test and y_test"


def read(path: Path, four: dict | None = None) -> list:
    """Return one or two pairs of images uint8 [N, 784] and labels uint8 [N]; the second: the test.

    `train_images`, `test_labels`, `X`, `y` and the like are known as names. DataError: an array is
    missing, not whole numbers, of another shape, or out of range. Pickled ones are never opened.
    four: KMNIST's files, {"train-imgs": [path], ...}, each of one array, to be read in its place.
    """
    stored = {} if four else _arrays(path)
    for name, (each, *_) in (four or {}).items():
        (stored[name],) = _arrays(each).values()
    arrays: dict = {"train": {}, "test": {}}
    for name, array in stored.items():
        words = set(re.split("[_-]", name.lower()))
        part = arrays["test" if words & {"test", "testing"} else "train"]
        if not words & {"val", "valid", "validation"}:
            if words & IMAGES:
                part["images"] = name, array
            if words & LABELS:
                part["labels"] = name, array
    parts = [part for part in arrays.values() if part]
    if not arrays["train"] or any(len(part) < 2 for part in parts):
        got = ", ".join(list(stored)[:6]) or "none"
        raise DataError(path, "an array is missing", got, EXPECTED)
    return [pair(path, *part["images"], *part["labels"]) for part in parts]


def _arrays(path):
    """Return the arrays in a file by their names."""
    try:
        with opened(path) as file, zipfile.ZipFile(file) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_BYTES:
                raise DataError(path, "too many bytes", expected=f"at most {MAX_BYTES}")
            file.seek(0)
            with np.load(file, allow_pickle=False) as stored:
                return {name: np.asarray(stored[name]) for name in stored.files}
    except (ValueError, RuntimeError, MemoryError, zipfile.BadZipFile) as problem:
        reason = str(problem)[:100]
        if "allow_pickle" in reason:
            reason = "it holds Python objects, which are never opened, as they can run code"
        raise DataError(path, f"cannot be read: {reason}") from None


def pair(path, images_name: str, images, labels_name: str, labels) -> tuple:
    """Return, checked, images uint8 [N, 784] and labels uint8 [N]."""
    if images.shape[1:] not in SHAPES or not len(images):
        got = f"{images.dtype} {list(images.shape)}"
        raise DataError(path, f"{images_name}: wrong images", got, f"[N, {SIDE}, {SIDE}]")
    if labels.shape not in (images.shape[:1], (len(images), 1)):
        got = f"{labels.dtype} {list(labels.shape)}"
        raise DataError(path, f"{labels_name}: wrong labels", got, f"integers [{len(images)}]")
    images = _whole(path, images_name, images).reshape(-1, SIDE * SIDE)
    labels = _whole(path, labels_name, labels).ravel()
    if labels.max() > 9:
        raise no_digit(path, labels_name, labels)
    return images, labels


def _whole(path, name, array):
    """Return whole numbers from 0 to 255, of any type, as uint8."""
    if array.dtype.kind in "iuf":
        with np.errstate(invalid="ignore"):
            whole = array.astype(np.uint8)
        if (whole == array).all():
            return whole
        got = f"{array.dtype} from {array.min():g} to {array.max():g}"
    else:
        got = array.dtype
    raise DataError(path, f"{name}: wrong values", got, "whole numbers from 0 to 255")
