"""Test images for a person to try on the page, a part of them misread: examples.npz."""

from pathlib import Path

import numpy as np

from support.ground import atomic

MISREAD = 10  # of them at most, and twice as many of the others


def save(folder: str | Path, test: tuple, digits: np.ndarray) -> None:
    """Write FOLDER/examples.npz: arrays "images", "labels", and "digits", the network's answers.

    Args:
        folder: of the run.
        test: images uint8 [N, 784], labels uint8 [N].
        digits: the network's answers, int [N].
    """
    images, labels = test
    misread = np.flatnonzero(digits != labels)[:MISREAD]
    shown = np.concatenate([misread, np.flatnonzero(digits == labels)[: 2 * MISREAD]])
    with atomic(Path(folder, "examples.npz")) as temporary, temporary.open("wb") as file:
        np.savez(file, images=images[shown], labels=labels[shown], digits=digits[shown])
