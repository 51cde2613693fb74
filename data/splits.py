"""A set of digits, cut into images to train on, to validate on, and to test on."""

from typing import NamedTuple

import numpy as np
from sklearn.model_selection import train_test_split

from data import sources
from data.images import oddities
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
            downloaded if it is not in data/; "sample", the 5,000 MNIST digits in sample.npz.
            None: what lies in data/, else a download, else, with a warning, the sample.
        limit: keep only this many training images. Validation and test stay as they are.

    Returns:
        The three Splits. A set with test images of its own has a twelfth of its training images
        set aside for validation; any other is cut into 80 %, 10 % and 10 %. Both cuts are always
        the same, and stratified (but where images are so many that they are mapped from their
        file, the last ones are set aside).

    Raises:
        DataError: the source is bad in any way. A source that is named is never replaced.
        DownloadError: "mnist" could not be fetched.
    """
    name, path, parts, _ = sources.read(source)
    for oddity in oddities(*parts[0]):
        complain("warning", f"{path}: {oddity}")
    training, *tests = (Split(*part) for part in parts)
    digits, counts = np.unique(training.labels, return_counts=True)
    if counts.min() < (needed := 2 if tests else 3):
        problem = f"too few images of the digit {digits[counts.argmin()]}"
        raise DataError(path, problem, counts.min(), f"at least {needed}")
    if tests:
        training, validation = _set_aside(training, VALIDATION, 1)
        test = tests[0]
    else:
        training, held_out = _set_aside(training, HELD_OUT, 2)
        validation, test = _set_aside(held_out, 0.5, 1)
    training = Split(training.images[:limit], training.labels[:limit])
    sizes = [len(split.labels) for split in (training, validation, test)]
    print(printable("data: {}: {} training, {} validation, {} test images".format(name, *sizes)))
    return Digits(training, validation, test)


def _set_aside(split, share, least):
    """Return the rest of `split`, and `share` of each digit, of each at least so many images."""
    images, labels = split
    if isinstance(images, np.memmap):  # a choice of rows would read all into memory
        cut = round(len(labels) * (1 - share))
        return [Split(*(array[part] for array in split)) for part in (slice(cut), slice(cut, None))]
    rows = np.arange(len(labels))
    if np.unique(labels, return_counts=True)[1].min() * share < least:
        # Too few for scikit-learn, which gives a digit its share, but not one image at least.
        rows = np.random.default_rng(SPLIT_SEED).permutation(rows)
        places = [rows[labels[rows] == digit] for digit in np.unique(labels)]
        aside = np.concatenate([p[: max(least, round(len(p) * share))] for p in places])
        parts = [rows[~np.isin(rows, aside)], aside]
    else:
        how = {"stratify": labels, "random_state": SPLIT_SEED}
        parts = train_test_split(rows, test_size=share, **how)
    return [Split(images[part], labels[part]) for part in parts]
