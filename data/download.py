"""Fetch MNIST's four files: `python -m data.download [FOLDER]`.

Every file is checked against its known size and sha256 and then appears whole, under its final
name, or not at all. An empty file NAME.fetched beside it marks it as fetched by this module: only
such a file is ever replaced, and only when it is damaged.
"""

import argparse
import os
import sys
import time
from pathlib import Path

from data import idx, own_folder
from data.errors import DataError, DownloadError, printable
from data.files import atomic, reported, sweep
from data.http_get import Refused, get

MIRRORS = (
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
)
DEADLINE = 300  # seconds for everything
PATIENCE = 6  # seconds without progress after which the next mirror is tried

# The files are these names and ".gz".
BYTES = {
    "train-images-idx3-ubyte": 9912422,
    "train-labels-idx1-ubyte": 28881,
    "t10k-images-idx3-ubyte": 1648877,
    "t10k-labels-idx1-ubyte": 4542,
}
SHA256 = {
    "train-images-idx3-ubyte": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "train-labels-idx1-ubyte": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "t10k-images-idx3-ubyte": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "t10k-labels-idx1-ubyte": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}


def fetch(folder, mirrors=None, deadline=DEADLINE, patience=PATIENCE):
    """Fetch those of the four files that `folder` lacks, and its damaged ones fetched earlier.

    Args:
        folder: where to; created if it does not exist.
        mirrors: addresses of folders, tried in turn for each file. By default those in the
            environment variable MNIST_MIRRORS (separated by blanks), else MIRRORS.
        deadline: seconds for all files together.
        patience: seconds after which a mirror that stalls or trickles is given up.

    Returns:
        The paths of the files that were fetched.

    Raises:
        DownloadError: every mirror failed, or the file cannot be stored.
        DataError: `folder` has other files under MNIST's names, to which the ones that are
            missing would not belong. Nothing is fetched.
    """
    mirrors = list(mirrors or os.environ.get("MNIST_MIRRORS", "").split() or MIRRORS)
    deadline += time.monotonic()
    with reported(folder, DownloadError):
        Path(folder).mkdir(parents=True, exist_ok=True)
    sweep(folder)
    fetched = []
    for name in _wanted(folder):
        path = Path(folder, f"{name}.gz")
        with atomic(path, DownloadError) as temporary:  # first: is the folder writable at all?
            temporary.write_bytes(_from_mirrors(path, mirrors, deadline, patience))
        with atomic(_mark(path), DownloadError):
            pass
        fetched.append(path)
    return fetched


def _mark(path):
    return path.with_name(f"{path.name}.fetched")


def _wanted(folder):
    """Return the names of the files to fetch: the missing, and damaged ones of our own."""
    wanted, others = [], []
    for name, paths in idx.find(folder).items():
        if not paths:
            wanted.append(name)
        for path in paths:
            try:
                _, digest = idx.read_file(path, idx.magic_number(name))
            except DataError as damage:
                if path.name != f"{name}.gz" or not _mark(path).exists():
                    raise
                print(f"warning: {damage}; fetching it again", file=sys.stderr)
                wanted.append(name)
            else:
                if digest != idx.FILES[name]:
                    others.append(path)
    if wanted and others:
        problem = f"not MNIST's own, so MNIST's {', '.join(wanted)} would not belong to it"
        raise DataError(others[0], problem)
    return wanted


def _from_mirrors(path, mirrors, deadline, patience):
    """Return the content of one file, from the first mirror that gives the right one."""
    name = path.name.removesuffix(".gz")
    refusals = []
    for mirror in list(mirrors):
        address = f"{mirror.rstrip('/')}/{path.name}"
        try:
            return get(address, BYTES[name], SHA256[name], deadline, patience)
        except Refused as refusal:
            refusals.append(f"{address}: {refusal}")
            # For the next file this mirror comes last: it may have cost seconds.
            mirrors.remove(mirror)
            mirrors.append(mirror)
    raise DownloadError(path, f"cannot be fetched: {'; '.join(refusals)}")


def main(argv=None):
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m data.download", description="Fetch MNIST.")
    parser.add_argument(
        "folder", nargs="?", default=own_folder(), help="where to (default: %(default)s)"
    )
    folder = parser.parse_args(argv).folder
    try:
        fetched = fetch(folder)
    except DataError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    names = ", ".join(path.name for path in fetched) or "nothing: no file is missing"
    print(printable(f"{folder}: fetched {names}"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
