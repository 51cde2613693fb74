"""From a source, as a person names it, to the arrays in it."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import data  # whose door loads the libraries of fetch() and read_parquet() when they are used
from data import candidates, folders, idx, names, npz, tables
from support.ground import DataError, DownloadError, complain, described, reported

FOLDER = Path(__file__).absolute().parent  # where MNIST is downloaded to
SAMPLE = FOLDER / "sample.npz"


class Source(NamedTuple):
    """What was read."""

    name: str  # in words
    path: Path
    parts: list  # pairs of images uint8 [N, 784] and labels uint8 [N]: training, perhaps test
    is_mnist: bool = False  # whether all of it is MNIST's own content


def read(source: str | Path | None) -> Source:
    """Read a source; see data.load, also for the errors."""
    if source in (None, "mnist"):
        return _own(mnist_only=source == "mnist")
    if source == "sample":
        return _sample()
    # Path.expanduser fails where there is no home, and this leaves the path as it is.
    path = Path(os.path.expanduser(source))  # noqa: PTH111
    with reported(path):
        is_folder = path.is_dir()
    if is_folder:
        return _best(path, candidates.candidates(path))
    if of_four := candidates.of_file(path):
        return _read(of_four)
    suffix = names.plain(path).rpartition(".")[2]
    form = {"npz": "npz", "parquet": "Parquet"}.get(suffix, "CSV")
    if form == "CSV" and suffix != "csv" and (kind := described(path)):
        raise DataError(path, "not a file to train on", kind, candidates.EXPECTED)
    return _read(candidates.Candidate(form, path))


@contextlib.contextmanager
def surprises(path: Path) -> Iterator[None]:
    """Turn whatever a library makes of a damaged file into a DataError, as in pictures/load.py."""
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
            text = "a file there that was downloaded may be deleted, and is then fetched again"
            complain("warning", f"{folder}: {text}")
        raise
    if mnist_only and not source.is_mnist:
        raise DataError(folder, "other files than MNIST's own have their names here")
    return source


def _found(folder, mnist_only):
    found = candidates.candidates(folder)
    return [each for each in found if each.form == "IDX" or not mnist_only]


def _best(folder, found):
    """Read the best of some candidates, and name the others."""
    first, others = candidates.best(folder, found)
    source = _read(first)
    if not others:
        return source
    said = f"(not {', '.join(map(str, others))}, which is there too: name it to use it)"
    return source._replace(name=f"{source.name} {said}")


def _read(candidate):
    form, path, four = candidate.form, candidate.train, candidate.four
    paths = [each for each in (path, candidate.test) if each]
    is_mnist = False
    name = "pictures in " if form == "pictures" else f"{form}, "
    name += " and ".join(map(str, paths))
    with surprises(path):
        if form in ("IDX", "EMNIST"):
            path = path.parent
            arrays, is_mnist = idx.read(four, form == "EMNIST")
            parts = [arrays[:2], arrays[2:]]
            name = "MNIST" if is_mnist else "not MNIST's own content (same format)"
            name = "EMNIST's digits, turned upright" if form == "EMNIST" else name
            name += f", IDX files in {path}"
        elif form == "npz":
            parts = npz.read(path, four)
            name += " and the three files beside it" if four else ""
        elif form == "CSV":
            parts = []
            for each in paths:
                *part, note = tables.read(each)
                if part[1] is None:
                    raise DataError(each, "no column label (is this Kaggle's test.csv?)")
                parts.append(part)
            name += f" ({note})"
        else:
            read_part = folders.read if form == "pictures" else data.read_parquet
            parts = [read_part(each) for each in paths]
    return Source(name, path, parts, is_mnist)


def _sample():
    name = "a sample of 5,000 of MNIST's training images, whose figures are not MNIST's"
    return Source(name, Path("sample"), npz.read(SAMPLE))
