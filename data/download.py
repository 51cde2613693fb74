"""Fetch MNIST's four files: `python -m data.download [FOLDER]`.

Every file is checked against its known sha256, and then appears whole, under its final name, or
not at all. Only files that are missing are fetched, and none is ever changed.
"""

import argparse
import os
import signal
import sys
from pathlib import Path

import pooch
import requests
from requests import RequestException

from data import idx, search
from support.ground import DataError, DownloadError, complain, printable, reported

MIRRORS = (
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
)
TIMEOUT = 8  # seconds without an answer, or without more of it, after which the next is tried
SHA256 = {  # of the files NAME.gz
    "train-images-idx3-ubyte": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "train-labels-idx1-ubyte": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "t10k-images-idx3-ubyte": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "t10k-labels-idx1-ubyte": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}


def fetch(folder, mirrors=None):
    """Fetch those of the four files that `folder` lacks.

    Args:
        folder: where to; created if it does not exist.
        mirrors: addresses of folders, tried in turn for each file. By default those in the
            environment variable MNIST_MIRRORS (separated by blanks), else MIRRORS.

    Returns:
        The paths of the files that were fetched.

    Raises:
        DownloadError: every mirror failed, or a file cannot be stored.
        DataError: `folder` has another set's files under MNIST's names.
    """
    mirrors = list(mirrors or os.environ.get("MNIST_MIRRORS", "").split() or MIRRORS)
    folder, fetched = Path(folder), []
    with reported(folder, DownloadError):
        folder.mkdir(parents=True, exist_ok=True)
        present = search.idx_files(folder.iterdir())  # a link to nowhere counts, too
    wanted = [f"{name}.gz" for name, paths in present.items() if not paths]
    for name, paths in present.items():
        for path in paths if wanted else ():
            if idx.read_file(path, idx.magic(name))[1] != idx.FILES[name]:
                problem = f"not MNIST's own, so MNIST's {wanted[0]} would not belong to it"
                raise DataError(path, problem)
    for name in wanted:
        fetched.append(_from_mirrors(folder / name, mirrors))
    return fetched


def _from_mirrors(path, mirrors):
    """Fetch one file from the first mirror that gives the right one; return its path."""
    pooch.get_logger().setLevel("WARNING")
    bar = sys.stderr is not None and sys.stderr.isatty()
    downloader = pooch.HTTPDownloader(progressbar=bar, timeout=TIMEOUT)
    refusals = []
    for mirror in list(mirrors):
        address = f"{mirror.rstrip('/')}/{path.name}"
        where = {"fname": path.name, "path": path.parent}
        try:
            pooch.retrieve(address, f"sha256:{SHA256[path.stem]}", downloader=downloader, **where)
        except (RequestException, ValueError) as problem:
            refusals.append(f"{address}: {_reason(problem)}")
            # For the next file this mirror comes last: it may have cost seconds.
            mirrors.append(mirrors.pop(mirrors.index(mirror)))
        except PermissionError:  # pooch has changed its text
            raise DownloadError(path, "Permission denied") from None
        except OSError as problem:
            raise DownloadError(path, problem.strerror or problem) from None
        else:
            path.chmod(0o666 & ~_umask())  # from a temporary file, which is nobody else's
            return path
    raise DownloadError(path, f"cannot be fetched: {'; '.join(refusals)}")


def _reason(problem):
    """Return in a few words why an address did not give the file."""
    if isinstance(problem, requests.HTTPError):
        return f"HTTP status {problem.response.status_code}"
    if isinstance(problem, requests.Timeout):
        return f"no answer for {TIMEOUT} s"
    if isinstance(problem, requests.exceptions.SSLError):
        return "no connection that can be trusted: its certificate cannot be verified"
    if isinstance(problem, requests.RequestException):
        return "no connection, or broken off"
    return "wrong content (its sha256 is not MNIST's)"


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def main(argv=None):
    """Run the command; returns its exit code."""
    here = Path(__file__).absolute().parent
    parser = argparse.ArgumentParser(prog="python -m data.download", description="Fetch MNIST.")
    parser.add_argument("folder", nargs="?", default=here, help="where to (default: %(default)s)")
    folder = parser.parse_args(argv).folder
    signal.signal(signal.SIGTERM, lambda signum, frame: sys.exit(128 + signum))
    try:
        fetched = fetch(folder)
        names = ", ".join(path.name for path in fetched) or "nothing: no file is missing"
        print(printable(f"{folder}: fetched {names}"), flush=True)
    except DataError as error:
        complain("error", error)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read standard output has left
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


if __name__ == "__main__":
    sys.exit(main())
