"""What a folder holds that a network can be trained on, also two folders further down."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from data import idx, names, tables
from support.ground import PACKED, DataError, described, named, reported

FORMS = ("IDX", "EMNIST", "npz", "CSV", "pictures", "Parquet")  # the best first
EXPECTED = "MNIST's four IDX files, a CSV file, mnist.npz, or folders 0 to 9 of pictures"
IN_DOUBT = 9  # the preference of a CSV file without the columns of digits
OURS = "sample.npz"  # in data/


class Candidate(NamedTuple):
    """Something to train on."""

    form: str  # one of FORMS
    train: Path  # also the path by which a person can name it
    test: Path | None = None  # a second path, of the test images
    four: dict = {}  # of a set of four files: lists of paths by their names  # noqa: RUF012
    preference: int = 0  # among those of a form; the lowest is the best
    rank: tuple = ()  # among all


def candidates(folder: Path) -> list[Candidate]:
    """Return the candidates in `folder`, the best first."""
    files, sets = names.walk(folder)
    found = []
    for each in [*_of_four(files), *_of_files(files), *_pictures(sets)]:
        inside = each.train.relative_to(folder)
        is_other = names.OTHERS.search(inside.as_posix().lower()) is not None
        rank = (each.preference == IN_DOUBT, is_other, FORMS.index(each.form), each.preference)
        found.append(each._replace(rank=(*rank, len(inside.parts))))
    return sorted(found, key=lambda each: (each.rank, each.train))


def best(folder: Path, found: list[Candidate]) -> tuple[Candidate, list[Path]]:
    """Return the first, and the paths of the others; DataError: none, or the second is as good."""
    if not found:
        raise _nothing(folder)
    first, *others = found
    others = [each for each in others if each.preference != IN_DOUBT]
    if others and others[0].rank == first.rank:
        two = " and ".join(str(each.train.relative_to(folder)) for each in found[:2])
        raise DataError(folder, f"holds {two}: name the one to train on")
    return first, [each.train for each in others]


def of_file(path: Path) -> Candidate | None:
    """Return the set of four files that `path` is one of, None if its name is of no such set.

    DataError: others of the four are missing.
    """
    if not names.key(path):
        return None
    for each in _of_four(names.walk(names.folder_of(path))[0]):
        if any(path in paths for paths in each.four.values()):
            return each
    raise _nothing(path.parent)


def missing(folder: Path) -> list[str]:
    """Return those of MNIST's four files that `folder` lacks, by name, if it has others of them."""
    four = names.mnist_files([path for path in _inside(folder) if path.is_file()])
    lacking = [name for name, paths in four.items() if not paths]
    return lacking if len(lacking) < len(four) else []


def not_used(folder: Path, found: list[Candidate]) -> str:
    """Name the files in `folder` that are of a known kind, but in none of the candidates found."""
    used = {path for each in found for path in (each.train, each.test)} | {folder / OURS}
    others = [p for p in _inside(folder) if p not in used and not names.key(p) and p.is_file()]
    return named([path for path in others if described(path, PACKED)])


def _nothing(folder):
    """Return the DataError for a folder without a candidate, which names what it does hold."""
    if all(names.mnist_files(names.walk(folder)[0]).values()):
        return DataError(folder, "MNIST's four files lie in different folders")
    if lacking := missing(folder):
        return DataError(folder, f"no {', '.join(lacking)}")
    inside = named(_inside(folder)) or "an empty folder"
    return DataError(folder, "nothing to train on", inside, EXPECTED)


def _inside(folder):
    with reported(folder):
        return sorted(folder.iterdir())


def _of_four(files) -> Iterator[Candidate]:
    """Yield the sets of four IDX files, and KMNIST's of four .npz files."""
    sets: dict = {}
    for path in files:
        if key := names.key(path):
            four = sets.setdefault((names.folder_of(path), key[0]), {})
            four.setdefault(key[1], []).append(path)
    for (_, prefix), four in sets.items():
        if len(four) == len(idx.FILES):
            form = "EMNIST" if prefix.startswith("emnist") else "IDX"
            train = next(iter(idx.FILES))
            if train not in four:
                form, train = "npz", "train-imgs"
            yield Candidate(form, four[train][0], four=four, preference=int(form == "npz"))


def _of_files(files) -> Iterator[Candidate]:
    for path in files:
        name = names.plain(path)
        if name == "mnist.npz":
            yield Candidate("npz", path)
        elif re.fullmatch(r"train.*\.parquet", name):
            test = path.with_name(path.name.lower().replace("train", "test", 1))
            yield Candidate("Parquet", path, test if test in files else None)
        elif name.endswith(".csv") and not names.NO_TRAINING.fullmatch(name):
            if not tables.may_hold_digits(path):
                preference = IN_DOUBT
            elif name.endswith("train.csv"):
                preference = 0
            else:
                preference = 1 if "train" in name else 2
            yield Candidate("CSV", path, _test_beside(path, files), preference=preference)


def _test_beside(train, files):
    """Return the test set of X_train.csv, which is X_test.csv in the same folder, or None."""
    found = re.fullmatch(r"(.*)train(.*)\.csv", names.plain(train))
    tests = (f"{found[1]}test{found[2]}.csv", f"{found[1]}test.csv") if found else ()
    for path in files:
        if path.parent == train.parent and names.plain(path) in tests and tables.has_labels(path):
            return path  # Kaggle's test.csv has no labels
    return None


def _pictures(sets) -> Iterator[Candidate]:
    """Yield the sets of ten class folders, or of two times ten beside each other."""
    parts = {(path.parent, names.part_of(path)): path for path in sets}
    for path in sets:
        train, test = (parts.get((path.parent, part)) for part in ("train", "test"))
        if train and test and path == train:
            yield Candidate("pictures", path, test)
        elif not (train and path == test):
            yield Candidate("pictures", path, preference=1 if path == train else 2)
