"""What the names of files and folders say, as people, browsers and packers leave them."""

import os
import re
from pathlib import Path

from data import folders, idx

DEPTH = 2  # folders down
HIDDEN = re.compile(r"[.]|__MACOSX$")
LETTERS = "emnist[-_ ](letters|balanced|byclass|bymerge)"
NO_TRAINING = re.compile(rf"(.*[_-])?test\.csv|.*submission.*\.csv|history\.csv|.*{LETTERS}.*")
OTHERS = re.compile("fashion|kmnist|kuzushiji|k49|kannada|notmnist")  # sets that are not MNIST
FOUR = re.compile(r"(?:(.*)-)?(train|t10k|test)-(images|labels)(?:-idx[13])?(?:-ubyte)?")
KMNIST = re.compile(r"(?:(.*)-)?((?:train|test)-(?:imgs|labels))-npz")
PARTS = re.compile("(train|test)(ing)?([ _-]?(set|data|images))?")


def plain(path: Path) -> str:
    """Return a name as it was before a browser, a packer or a file system changed it."""
    name = re.sub(r"\s*(\([0-9]+\)|- copy)", "", path.name.lower()).removesuffix(".gz")
    return f"{name[:-4]}.csv" if name.endswith(".tsv") else name  # tabs are as good as commas


def key(path: Path) -> tuple[str, str] | None:
    """Return (set prefix, standard name) of one of a set's four files, else None.

    The second is a name of idx.FILES, or for KMNIST's files of arrays `train-imgs` and so on.
    """
    name = re.sub("[^a-z0-9]+", "-", plain(path))
    if found := KMNIST.fullmatch(name):
        return found[1] or "", found[2]
    found = FOUR.fullmatch(name)
    if not found or re.match(LETTERS, f"{found[1]}"):
        return None
    part, kind = found[2].replace("test", "t10k"), found[3]
    return found[1] or "", f"{part}-{kind}-idx{3 if kind == 'images' else 1}-ubyte"


def is_emnist(name: str) -> bool:
    """Return whether a file's name says that it is EMNIST's, whose images are transposed.

    Source: Cohen, Afshar, Tapson and van Schaik, "EMNIST: an extension of MNIST to handwritten
    letters", 2017, https://arxiv.org/abs/1702.05373.
    """
    return re.search("emnist[-_ ](digits|mnist)", name.lower()) is not None


def folder_of(path: Path) -> Path:
    """Return the folder of a file, but not one that was made for it alone, with its name."""
    parent = path.parent
    return parent.parent if key(parent) and key(parent) == key(path) else parent


def part_of(path: Path) -> str | None:
    """Return "train" or "test" if that is what a folder is called, else None."""
    found = PARTS.fullmatch(path.name.lower())
    return found[1] if found else None


def mnist_files(paths: list[Path]) -> dict[str, list[Path]]:
    """Return for each name of idx.FILES those of `paths` that have it, if a little changed."""
    return {name: [path for path in paths if key(path) == ("", name)] for name in idx.FILES}


def walk(folder: Path) -> tuple[list[Path], list[Path]]:
    """Return the files in a folder and below, and the folders that hold ten folders of digits."""
    files, sets = [], []
    for place, inner, others in os.walk(folder, followlinks=True):
        here = Path(place)
        inner[:] = sorted(name for name in inner if not HIDDEN.match(name))
        files += [here / name for name in sorted(others) if not HIDDEN.match(name)]
        if {folders.digit_of(name) for name in inner} >= set(range(10)):
            sets.append(here)
            inner[:] = [name for name in inner if folders.digit_of(name) is None]
        if len(here.relative_to(folder).parts) == DEPTH:
            inner.clear()
    return files, sets
