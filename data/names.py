"""What the names of files and folders say, as people, browsers and packers leave them."""

import re
from pathlib import Path

from data import idx

HIDDEN = re.compile(r"[.]|__MACOSX$")
NO_TRAINING = re.compile(r"(.*[_-])?test\.csv|.*submission.*\.csv|history\.csv")
LETTERS = re.compile("emnist[-_ ](letters|balanced|byclass|bymerge)")
OTHERS = re.compile("fashion|kmnist|kuzushiji|k49|kannada|notmnist")  # sets that are not MNIST
FOUR = re.compile(r"(?:(.*)-)?(train|t10k|test)-(images|labels)-idx[13]-ubyte")
KMNIST = re.compile(r"(.*-)?((?:train|test)-(?:imgs|labels))\.npz")


def plain(path: Path) -> str:
    """Return a name as it was before a browser, a packer or a file system changed it."""
    return re.sub(r"\s*(\([0-9]+\)|- copy)", "", path.name.lower()).removesuffix(".gz")


def key(path: Path) -> tuple[str, str] | None:
    """Return of which set, by its prefix, `path` is which of the four files; None if of none."""
    found = FOUR.fullmatch(re.sub("[^a-z0-9]+", "-", plain(path)))
    if not found or LETTERS.match(f"{found[1]}"):
        return None
    part, kind = found[2].replace("test", "t10k"), found[3]
    return found[1] or "", f"{part}-{kind}-idx{3 if kind == 'images' else 1}-ubyte"


def folder_of(path: Path) -> Path:
    """Return the folder of a file, but not one that was made for it alone, with its name."""
    parent = path.parent
    return parent.parent if key(parent) and key(parent) == key(path) else parent


def mnist_files(paths: list[Path]) -> dict[str, list[Path]]:
    """Return for each name of idx.FILES those of `paths` that have it, if a little changed."""
    return {name: [p for p in paths if key(p) == ("", name)] for name in idx.FILES}
