"""Test images for a person to try on the page: one of each digit, and misread ones."""

from pathlib import Path

import numpy as np

from support.ground import atomic

MISREAD = 10  # of them at most, beside one of each digit that is not


def save(folder: str | Path, test: tuple, digits: np.ndarray) -> None:
    """Write FOLDER/examples.npz: arrays "images", "labels", and "digits", the network's answers.

    Args:
        folder: of the run.
        test: images uint8 [N, 784], labels uint8 [N].
        digits: the network's answers, int [N].
    """
    images, labels = test
    known = np.where(digits == labels, digits, -1)  # -1: misread
    first = [np.flatnonzero(known == digit)[:1] for digit in range(10)]
    shown = np.concatenate([*first, np.flatnonzero(digits != labels)[:MISREAD]])
    with atomic(Path(folder, "examples.npz")) as temporary, temporary.open("wb") as file:
        np.savez(file, images=images[shown], labels=labels[shown], digits=digits[shown])
