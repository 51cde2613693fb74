"""From a source, as a person names it, to the arrays in it."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

import data
from data import candidates, folders, idx, names, npz, tables
from data.images import is_emnist
from support.ground import DataError, DownloadError, complain, described, reported

FOLDER = Path(__file__).absolute().parent  # where MNIST is downloaded to
SAMPLE = FOLDER / "sample.npz"


class Source(NamedTuple):
    """What was read."""

    name: str  # in words
    path: Path
    parts: list  # pairs of images uint8 [N, 784] and labels uint8 [N]: training, perhaps test


def read(source: str | Path | None) -> Source:
    """Read a source; see data.load, also for the errors."""
    if source in (None, "mnist"):
        return _own(mnist_only=source == "mnist")
    if source == "sample":
        return _sample()
    path = Path(os.path.expanduser(source))  # noqa: PTH111: Path's own fails where there is no home
    with reported(path):
        is_folder = path.is_dir()
    if is_folder:
        return _best(path, candidates.candidates(path))
    if of_four := candidates.of_file(path):
        return _read(of_four)
    suffix = names.plain(path).rpartition(".")[2]
    form = {"npz": "npz", "parquet": "Parquet"}.get(suffix, "CSV")
    if suffix not in ("npz", "parquet", "csv") and (kind := described(path)):
        raise DataError(path, "not a file to train on", kind, candidates.EXPECTED)
    return _read(candidates.Candidate(form, path))


def read_labelled(path: str | Path) -> tuple[np.ndarray, np.ndarray | None, str]:
    """Read images to be classified, with their labels if the file has any.

    Args:
        path: a CSV file, or an IDX file of images; both may be packed by gzip.

    Returns:
        Images uint8 [N, 784]; labels uint8 [N] or None, of an IDX file those beside it; and in
        words where the labels came from.

    Raises:
        DataError: the file is bad in any way.
    """
    path = Path(path)
    with _surprises(path):
        key = names.key(path)
        if not key or "images" not in key[1]:
            return tables.read(path)
        images, _ = idx.read_file(path, idx.IMAGES)
        images = idx.upright(images) if is_emnist(path.name) else images
        wanted = (key[0], key[1].replace("images-idx3", "labels-idx1"))
        for beside in sorted(path.parent.iterdir()):
            if names.key(beside) == wanted:
                labels, _ = idx.read_file(beside, idx.LABELS)
                if len(labels) != len(images):
                    problem = "not as many labels as images"
                    raise DataError(beside, problem, len(labels), len(images))
                return images, labels, f"labels: {beside}"
        return images, None, "no labels"


def read_images(path: str | Path) -> np.ndarray:
    """Return the images of a CSV file, uint8 [N, 784]; labels are passed over, with a warning."""
    images, labels, note = read_labelled(path)
    if labels is not None:
        complain("warning", f"{path}: has labels, which are not used ({note})")
    return images


@contextlib.contextmanager
def _surprises(path: Path) -> Iterator[None]:
    """Turn whatever a library makes of a damaged file into one DataError; the one such place."""
    try:
        yield
    except (DataError, OSError, MemoryError):
        raise
    except Exception as surprise:
        problem = f"cannot be read: {type(surprise).__name__}: {surprise}"
        raise DataError(path, problem[:200]) from surprise


def _own(mnist_only):
    """Read what lies in FOLDER, after fetching MNIST if there is nothing."""
    here = Path.cwd()  # a path in a message is as short as a person would write it
    folder = FOLDER.relative_to(here) if FOLDER.is_relative_to(here) else FOLDER
    found = _found(folder, mnist_only)
    if not mnist_only and (others := candidates.not_used(folder, found)):
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
        found = _found(folder, mnist_only)
    is_idx = found[0].form == "IDX"
    if not is_idx and (lacking := candidates.missing(folder)):
        complain("warning", f"{folder}: MNIST's files there are not used: no {', '.join(lacking)}")
    try:
        source = _best(folder, found)
    except DataError:
        if is_idx:
            line = "a file there that was downloaded can be deleted, and is then fetched again"
            complain("warning", f"{folder}: {line}")
        raise
    if mnist_only and not source.name.startswith("MNIST,"):
        raise DataError(folder, "other files than MNIST's own have their names here")
    return source


def _found(folder, mnist_only):
    found = candidates.candidates(folder)
    return [each for each in found if each.form == "IDX" or not mnist_only]


def _best(folder, found):
    """Read the best of some candidates, and name the others."""
    source = _read(candidates.best(folder, found))
    if unused := [str(each.train) for each in found[1:] if not each.in_doubt]:
        said = f" (not {', '.join(unused)}, which is there too: name it to use it)"
        source = source._replace(name=source.name + said)
    return source


def _read(candidate):
    read = {"npz": _npz, "CSV": _csv, "pictures": _pictures, "Parquet": _parquet}
    with _surprises(candidate.train):
        return read.get(candidate.form, _idx)(candidate)


def _idx(candidate):
    of_emnist, folder = candidate.form == "EMNIST", candidate.train.parent
    parts, is_mnist = idx.read(candidate.four, of_emnist)
    name = "MNIST" if is_mnist else "not MNIST's own content (same format)"
    name = "EMNIST's digits, turned upright" if of_emnist else name
    return Source(f"{name}, IDX files in {folder}", folder, parts)


def _npz(candidate):
    path, four = candidate.train, candidate.four
    if not four:
        return Source(f"NumPy's arrays, {path}", path, npz.read(path))
    files = {name: paths[0] for name, paths in four.items()}
    return Source(f"NumPy's arrays, four files in {path.parent}", path, npz.read_four(files))


def _csv(candidate):
    parts, paths = [], _paths(candidate)
    for path in paths:
        images, labels, note = tables.read(path)
        if labels is None:
            raise DataError(path, "no column label (is this Kaggle's test.csv?)")
        parts.append((images, labels))
    return Source(f"CSV, {' and '.join(map(str, paths))} ({note})", paths[0], parts)


def _pictures(candidate):
    paths = _paths(candidate)
    name = f"pictures in {' and '.join(map(str, paths))}"
    return Source(name, paths[0], [folders.read(path) for path in paths])


def _parquet(candidate):
    paths = _paths(candidate)
    name = f"Parquet, {' and '.join(map(str, paths))}"
    return Source(name, paths[0], [data.read_parquet(path) for path in paths])


def _paths(candidate):
    return [path for path in (candidate.train, candidate.test) if path]


def _sample():
    name = "a sample of 5,000 of MNIST's training images, whose figures are not MNIST's"
    return Source(name, Path("sample"), npz.read(SAMPLE))
