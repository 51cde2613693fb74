"""Fetch MNIST's four files: `python -m data.download [FOLDER]`.

Every file is checked against its known sha256, and then appears whole, under its final name, or
not at all. Only files that are missing are fetched, and none is ever changed.
"""

import argparse
import hashlib
import os
import re
import threading
from pathlib import Path

import requests
from tqdm import tqdm

from data import idx, names
from support import ground
from support.ground import DataError, DownloadError, atomic, printable, reported

MIRRORS = (
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
)
TIMEOUT = 8  # seconds without an answer, or without more of it, after which the next is tried
PATIENCE = 20  # seconds in which a mirror must send
LEAST = 2**16  # bytes
SHA256 = {  # of the files NAME.gz
    "train-images-idx3-ubyte": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "train-labels-idx1-ubyte": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "t10k-images-idx3-ubyte": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "t10k-labels-idx1-ubyte": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}
# In bytes, which no mirror may exceed.
SIZES = dict(zip(SHA256, (9_912_422, 28_881, 1_648_877, 4_542), strict=True))


def fetch(folder: Path, mirrors: list[str] | None = None) -> list[Path]:
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
    folder = Path(folder)
    with reported(folder, DownloadError):
        folder.mkdir(parents=True, exist_ok=True)
        present = names.mnist_files(sorted(folder.iterdir()))  # a link to nowhere counts, too
    wanted = [f"{name}.gz" for name, paths in present.items() if not paths]
    for name, paths in present.items():
        for path in paths if wanted else ():
            if idx.read_file(path, idx.magic(name))[1] != idx.FILES[name]:
                problem = f"not MNIST's own, so MNIST's {wanted[0]} would not belong to it"
                raise DataError(path, problem)
    for name in wanted:
        _from_mirrors(folder / name, mirrors)
    return [folder / name for name in wanted]


def _from_mirrors(path, mirrors):
    """Fetch one file from the first mirror that gives the right one; put those that failed last."""
    refusals = []
    with atomic(path, DownloadError) as temporary:  # first of all: can it be stored?
        for mirror in list(mirrors):
            address = f"{mirror.rstrip('/')}/{path.name}"
            content, problem = _content(address, SIZES[path.stem], SHA256[path.stem])
            if not problem:
                temporary.write_bytes(content)
                return
            shown = re.sub(r"^(\w+://)?.*@", r"\1", address)  # without a password
            refusals.append(f"{shown}: {problem}")
            # For fetch()'s next file this mirror comes last: it may have cost seconds.
            mirrors.append(mirrors.pop(mirrors.index(mirror)))
        raise DownloadError(path, f"cannot be fetched: {'; '.join(refusals)}")


def _content(address, size, sha256):
    """Return the content of an address and None, or else b"" and why it is not what it should be.

    At most `size` bytes and a piece are received, and only as long as they come quickly enough.
    """
    if not re.match("https?://", address):
        return b"", "not an http:// or https:// address"
    content, problems = bytearray(), []

    def receive():
        try:
            with requests.get(address, stream=True, timeout=TIMEOUT) as answer:
                answer.raise_for_status()
                how = {"unit": "B", "unit_scale": True, "leave": False, "disable": None}
                with tqdm(total=size, desc=address.rpartition("/")[2], **how) as bar:
                    for piece in answer.iter_content(2**12):
                        content.extend(piece)
                        bar.update(len(piece))
                        if len(content) > size or problems:
                            return
        except Exception as problem:  # whatever it is, the next mirror is asked
            problems.append(_reason(problem))

    # In a thread: no time limit of requests holds for an answer that comes byte by byte.
    thread = threading.Thread(target=receive, daemon=True)
    thread.start()
    while thread.is_alive() and not problems:
        before = len(content)
        thread.join(PATIENCE)
        if thread.is_alive() and len(content) - before < LEAST:
            problems.append(f"too slow: less than {LEAST} bytes in {PATIENCE} s")
    if len(content) > size:
        problems.append(f"wrong content (more than MNIST's {size} bytes)")
    if not problems and hashlib.sha256(content).hexdigest() != sha256:
        problems.append("wrong content (its sha256 is not MNIST's)")
    return (b"", problems[0]) if problems else (bytes(content), None)


def _reason(problem):
    """Return in a few words why an address did not give the file."""
    if isinstance(problem, requests.HTTPError):
        return f"HTTP status {problem.response.status_code}"
    if isinstance(problem, requests.Timeout):
        return f"no answer for {TIMEOUT} s"
    if isinstance(problem, requests.exceptions.SSLError):
        return "no connection that can be trusted: its certificate cannot be verified"
    return "no connection, or broken off"


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    here = Path(__file__).absolute().parent
    parser = argparse.ArgumentParser(prog="python -m data.download", description="Fetch MNIST.")
    parser.add_argument("folder", nargs="?", default=here, help="where to (default: %(default)s)")
    folder = parser.parse_args(argv).folder
    fetched = ", ".join(path.name for path in fetch(folder)) or "nothing: no file is missing"
    print(printable(f"{folder}: fetched {fetched}"))


if __name__ == "__main__":
    ground.run(main)
