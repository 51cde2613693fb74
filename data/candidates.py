"""What a folder holds that a network can be trained on, also two folders further down."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from data import folders, idx, names, tables
from support.ground import PACKED, DataError, described, named, reported

FORMS = ("IDX", "EMNIST", "npz", "CSV", "pictures", "Parquet")  # the best first
EXPECTED = "MNIST's four IDX files, a CSV file, mnist.npz, or folders 0 to 9 of pictures"
DEPTH = 2  # folders down
OURS = Path(__file__).with_name("sample.npz")


class Candidate(NamedTuple):
    """Something to train on."""

    form: str  # one of FORMS
    train: Path  # also the path by which a person can name it
    test: Path | None = None  # a second path, of the test images
    four: dict | None = None  # of a set of four files: paths by their names
    preference: int = 0  # the lower, the better among those of a form
    in_doubt: bool = False  # a CSV file without the columns of digits
    rank: tuple = ()  # the lowest is the best


def candidates(folder: Path) -> list[Candidate]:
    """Return the candidates in `folder`, the best first. DataError: it cannot be looked into."""
    files, sets = _walk(folder)
    found = []
    for each in [*_of_four(files), *_of_files(files), *_tables(files), *_pictures(sets)]:
        inside = each.train.relative_to(folder)
        is_other = names.OTHERS.search(inside.as_posix().lower()) is not None
        standing = (each.in_doubt, is_other, FORMS.index(each.form), each.preference)
        found.append(each._replace(rank=(*standing, len(inside.parts))))
    return sorted(found, key=lambda each: (each.rank, each.train))


def best(folder: Path, found: list[Candidate]) -> Candidate:
    """Return the first of candidates; DataError: there is none, or the second is as good."""
    if not found:
        raise _nothing(folder)
    if len(found) > 1 and found[0].rank == found[1].rank and not found[0].in_doubt:
        two = " and ".join(str(each.train.relative_to(folder)) for each in found[:2])
        raise DataError(folder, f"holds {two}: name the one to train on")
    return found[0]


def of_file(path: Path) -> Candidate | None:
    """Return the set of four files that `path` is one of, None if its name is of no such set.

    DataError: others of the four are missing.
    """
    if not names.key(path) and not names.KMNIST.fullmatch(names.plain(path)):
        return None
    files, _ = _walk(names.folder_of(path))
    for each in _of_four(files):
        if path in [one for paths in each.four.values() for one in paths]:
            return each
    raise _nothing(path.parent)


def missing(folder: Path) -> list[str]:
    """Return those of MNIST's four files that `folder` lacks, by name, if it has others of them."""
    with reported(folder):
        four = names.mnist_files([path for path in folder.iterdir() if path.is_file()])
    lacking = [name for name, paths in four.items() if not paths]
    return lacking if len(lacking) < len(four) else []


def not_used(folder: Path, found: list[Candidate]) -> str:
    """Name the files in `folder` that are of a known kind, but in none of the candidates found."""
    with reported(folder):
        files = [path for path in sorted(folder.iterdir()) if path.is_file() and path != OURS]
    used = {path for each in found for path in (each.train, each.test)}
    others = [path for path in files if path not in used and not names.key(path)]
    return named([path for path in others if described(path, PACKED)])


def _nothing(folder):
    """Return the DataError for a folder without a candidate, which names what it does hold."""
    files, _ = _walk(folder)
    if all(names.mnist_files(files).values()):
        return DataError(folder, "MNIST's four files lie in different folders")
    if lacking := missing(folder):
        return DataError(folder, f"no {', '.join(lacking)}")
    with reported(folder):
        paths = sorted(folder.iterdir())
    digits = {folders.digit_of(path.name) for path in paths} - {None}
    if len(digits) > 1:
        lacking = ", ".join(str(digit) for digit in range(10) if digit not in digits)
        return DataError(folder, f"no folder {lacking} of pictures, beside the others")
    return DataError(folder, "nothing to train on", named(paths) or "an empty folder", EXPECTED)


def _walk(folder):
    """Return the files in a folder and below, and the folders that hold ten folders of digits."""
    with reported(folder):
        os.listdir(folder)  # os.walk passes over what it cannot read, which is right further down
    files, sets = [], []
    for place, inner, others in os.walk(folder, followlinks=True):
        here = Path(place)
        inner[:] = sorted(name for name in inner if not names.HIDDEN.match(name))
        files += [here / name for name in sorted(others) if not names.HIDDEN.match(name)]
        if {folders.digit_of(name) for name in inner} >= set(range(10)):
            sets.append(here)
            inner[:] = [name for name in inner if folders.digit_of(name) is None]
        if len(here.relative_to(folder).parts) == DEPTH:
            inner.clear()
    return files, sets


def _of_four(files) -> Iterator[Candidate]:
    """Yield the sets of four IDX files, and KMNIST's of four .npz files."""
    sets: dict = {}
    for path in files:
        if key := names.key(path):
            four = sets.setdefault((names.folder_of(path), key[0]), {n: [] for n in idx.FILES})
            four[key[1]].append(path)
        elif found := names.KMNIST.fullmatch(names.plain(path)):
            sets.setdefault((path.parent, found[1], "npz"), {})[found[2]] = [path]
    for (_, prefix, *npz), four in sets.items():
        if len(four) == 4 and all(four.values()):
            form = "npz" if npz else "EMNIST" if prefix.startswith("emnist") else "IDX"
            train = four["train-imgs" if npz else "train-images-idx3-ubyte"][0]
            yield Candidate(form, train, four=four, preference=len(npz))


def _of_files(files) -> Iterator[Candidate]:
    for path in files:
        if names.plain(path) == "mnist.npz":
            yield Candidate("npz", path)
        elif re.fullmatch(r"train.*\.parquet", path.name.lower()):
            test = path.with_name(re.sub("^train", "test", path.name, flags=re.IGNORECASE))
            yield Candidate("Parquet", path, test if test in files else None)


def _tables(files) -> Iterator[Candidate]:
    for path in files:
        name = names.plain(path)
        if (
            name.endswith(".csv")
            and not names.NO_TRAINING.fullmatch(name)
            and not names.LETTERS.search(name)
        ):
            preference = 0 if name.endswith("train.csv") else 1 if "train" in name else 2
            in_doubt = not tables.may_hold_digits(path)
            yield Candidate("CSV", path, _test_beside(path, files), None, preference, in_doubt)


def _test_beside(train, files):
    """Return the test set of X_train.csv, which is X_test.csv in the same folder, or None."""
    found = re.fullmatch(r"(.*)train(.*)\.csv", names.plain(train))
    tests = [f"{found[1]}test{found[2]}.csv", f"{found[1]}test.csv"] if found else []
    beside = [path for path in files if path.parent == train.parent]
    for path in (path for name in tests for path in beside if names.plain(path) == name):
        if tables.has_labels(path):  # Kaggle's test.csv has none
            return path
    return None


def _pictures(sets) -> Iterator[Candidate]:
    """Yield the sets of ten class folders, or of two times ten beside each other."""
    pattern = r"{}(ing)?([ _-]?(set|data|images))?"
    parts = {"train": {}, "test": {}}
    for part, places in parts.items():
        for path in sets:
            if re.fullmatch(pattern.format(part), path.name.lower()):
                places.setdefault(path.parent, path)
    pairs = {path: parts["test"].get(place) for place, path in parts["train"].items()}
    tests = set(pairs.values())
    for path in sets:
        if path not in tests:
            preference = 0 if pairs.get(path) else 1
            yield Candidate("pictures", path, pairs.get(path), preference=preference)
