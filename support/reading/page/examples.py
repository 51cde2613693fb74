"""Test digits to start from, as training/examples.py leaves them in a run's folder."""

import zipfile

import numpy as np

from support.ground import DataError, complain, opened
from support.reading.page.model import encoded


def read(path) -> list:
    """Return the examples in examples.npz, as of() does; [] if there is none.

    A file that cannot be used is warned of, and leaves the page without its examples.
    """
    try:
        with opened(path) as stream, np.load(stream) as arrays:
            return of(arrays["images"], arrays["labels"], arrays["digits"])
    except (DataError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        if path.exists():
            complain("warning", f"{path}: cannot be read; the page goes without its examples")
        return []


def of(images, labels, digits) -> list:
    """Return test images for JSON: first one of each digit, read as it is meant; then the others.

    Args:
        images: uint8 [N, 784].
        labels: ints [N].
        digits: ints [N], what the network answered.

    Returns:
        For each [pixels in base64, label, answer].
    """
    rows = list(zip(images, map(int, labels), map(int, digits), strict=True))
    first = {label: row for row in reversed(rows) if (label := row[1]) == row[2]}
    order = [first[digit] for digit in sorted(first)] + [row for row in rows if row[1] != row[2]]
    return [(encoded(pixels, "u1"), label, digit) for pixels, label, digit in order]
