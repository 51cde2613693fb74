"""Pictures in ten folders, one for each digit."""

import re
from pathlib import Path

import numpy as np
from tqdm import tqdm

from support import pictures
from support.ground import DataError, complain, printable, reported

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def digit_of(name: str) -> int | None:
    """Return the digit that a folder's name stands for, as `7`, `digit_7` or `seven`, or None."""
    found = re.fullmatch(r"(?:(?:digit|class|label)s?[ _-]*)?(?:0?([0-9])|([a-z]+))", name.lower())
    if found and found[1]:
        return int(found[1])
    return WORDS.index(found[2]) if found and found[2] in WORDS else None


def read(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read ten folders `0` to `9` of pictures, each as --predict reads a picture of one digit.

    Returns images uint8 [N, 784] and labels uint8 [N]. Pictures that cannot be read are left out,
    with a warning; DataError: more than half of them, or all of a digit.
    """
    with reported(folder):
        classes = sorted(path for path in folder.iterdir() if digit_of(path.name) is not None)
        paths = [path for each in classes for path in sorted(each.iterdir())]
    paths = [path for path in paths if not path.name.startswith(".")]
    images, labels, refused = [], [], []
    for path in tqdm(paths, printable(folder), unit="picture", leave=False, disable=None):
        try:
            images.append(pictures.read_one(path))
        except DataError as problem:
            refused.append(problem)
        else:
            labels.append(digit_of(path.parent.name))
    if len(refused) > len(images):
        raise refused[0]
    for path in classes:
        if digit_of(path.name) not in labels:
            raise DataError(path, "no picture of a digit in it")
    if refused:
        text = f"{folder}: {len(refused)} of {len(paths)} files are left out, the first is "
        complain("warning", f"{text}{refused[0]}")
    return np.stack(images), np.array(labels, np.uint8)
