"""What a folder holds that a network can be trained on, also two folders further down."""

import re
from pathlib import Path
from typing import NamedTuple

from data import idx
from support.ground import PACKED, DataError, described, named, opened, reported

DIGITS = [str(digit) for digit in range(10)]
NOT_TRAINING = re.compile(r"(.*[_-])?test\.csv|.*submission.*\.csv|history\.csv")
HIDDEN = re.compile(r"/([.]|__MACOSX)")
FORMS = "MNIST's four IDX files, a CSV file, mnist.npz, or folders 0 to 9 of pictures"


class Candidate(NamedTuple):
    """Something to train on."""

    kind: str  # "IDX", "EMNIST", "npz", "CSV" or "pictures"
    train: object  # a path; for IDX and EMNIST a dict of paths by the names of idx.FILES
    test: Path | None = None  # a second path, of the test images


def candidates(folder, only=None):
    """Yield the candidates in `folder`, the best first, or `only` the one of a kind of four files.

    DataError: two are of the same kind.
    """
    with reported(folder):
        list(Path(folder).iterdir())  # glob would pass over a folder that cannot be read
        paths = [p for depth in ("*", "*/*", "*/*/*") for p in sorted(Path(folder).glob(depth))]
        paths = [p for p in paths if not HIDDEN.search(f"/{p.relative_to(folder).as_posix()}")]
        files = [path for path in paths if not path.is_dir()]
    for kind in (only,) if only else ("IDX", "EMNIST"):
        four = idx_files(files, emnist=kind == "EMNIST")
        if all(four.values()):
            if not set.intersection(*({_folder(path) for path in p} for p in four.values())):
                raise DataError(folder, "MNIST's four files lie in different folders")
            yield Candidate(kind, four)
    if only:
        return
    if npz := [path for path in files if _plain(path) == "mnist.npz"]:
        yield Candidate("npz", _only(folder, npz))
    tables = [path for path in files if path.suffix.lower() == ".csv"]
    tables = [path for path in tables if not NOT_TRAINING.fullmatch(_plain(path))]
    if tables:
        best = [path for path in tables if _plain(path).endswith("train.csv")] or tables
        train = _only(folder, best)
        yield Candidate("CSV", train, _test_beside(train, files))
        yield from (Candidate("CSV", path) for path in tables if path != train)
    yield from _pictures(folder, [Path(folder), *(path for path in paths if path.is_dir())])


def path_of(candidate):
    """Return a path by which a person can name a candidate."""
    train = candidate.train
    return str(next(iter(train.values()))[0] if isinstance(train, dict) else train)


def missing(folder):
    """Return those of MNIST's four files that `folder` lacks, by name, if it has others of them."""
    with reported(folder):
        four = idx_files([path for path in Path(folder).iterdir() if path.is_file()])
    lacking = [name for name, paths in four.items() if not paths]
    return lacking if len(lacking) < len(four) else []


def kind_of_four(path):
    """Return "IDX" or "EMNIST" if the name of `path` is one of such a set's four, else None."""
    for kind in ("IDX", "EMNIST"):
        if any(idx_files([Path(path)], emnist=kind == "EMNIST").values()):
            return kind
    return None


def holds_nothing(folder):
    """Return the DataError for a folder without a candidate, which names what it does hold."""
    if lacking := missing(folder):
        return DataError(folder, f"no {', '.join(lacking)}")
    with reported(folder):
        paths = sorted(Path(folder).iterdir())
    return DataError(folder, "nothing to train on", named(paths) or "an empty folder", FORMS)


def not_used(folder, found):
    """Name the files in `folder` that are of a known kind, but in none of the candidates found."""
    with reported(folder):
        files = [path for path in sorted(folder.iterdir()) if path.is_file()]
    used = {path_of(candidate) for candidate in found}
    others = [path for path in files if str(path) not in used and not kind_of_four(path)]
    return named([path for path in others if described(path, PACKED)])


def _plain(path):
    """Return a name as it was before a browser, a packer or a file system changed it."""
    name = re.sub(r"\s*\([0-9]+\)", "", path.name.lower())
    return name.removesuffix(".gz").replace(".idx", "-idx")


def _folder(path):
    """Return the folder of a file, but not one that was made for it alone, with its name."""
    parent = path.parent
    return parent.parent if _plain(parent) == _plain(path) else parent


def idx_files(files, emnist=False):
    """Return {name: paths} for the names of idx.FILES."""
    found = {name: [] for name in idx.FILES}
    for path in files:
        name = _plain(path)
        if emnist:
            name = name.replace("emnist-digits-test-", "t10k-").removeprefix("emnist-digits-")
            name = name if _plain(path).startswith("emnist-digits-") else ""
        if name in found:
            found[name].append(path)
    return found


def _only(folder, paths):
    if len(paths) > 1:
        names = " and ".join(str(path.relative_to(folder)) for path in paths[:2])
        raise DataError(folder, f"holds {names}: name the one to train on")
    return paths[0]


def _test_beside(train, files):
    """Return the test set of X_train.csv, which is X_test.csv in the same folder, or None."""
    name = re.sub("train(?=[.]csv$)", "test", _plain(train))
    for path in files if name != _plain(train) else ():
        if path.parent == train.parent and _plain(path) == name:
            with opened(path) as file:
                columns = 1 + file.readline(2**16).count(b",")
            return None if columns == 784 else path  # Kaggle's test.csv has no labels
    return None


def _pictures(folder, folders):
    """Yield the candidate of ten class folders, or of two times ten."""
    sets = [path for path in folders if all((path / digit).is_dir() for digit in DIGITS)]
    named = {path.name.lower(): path for path in sets}
    train = named.get("train") or named.get("training")
    test = named.get("test") or named.get("testing")
    if train and test and len(named) == len(sets):
        yield Candidate("pictures", train, test)
        yield from (Candidate("pictures", path) for path in sets if path not in (train, test))
    elif sets:
        yield Candidate("pictures", _only(folder, sets))
