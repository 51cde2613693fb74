"""Open, read and write files so that a bad one ends in one clear line.

Three mechanisms carry the strictness of the whole package: `opened` lets in regular files
only, `content` gives out exactly as many bytes as a file's own header promises, and `atomic`
makes an output file appear whole or not at all.
"""

import contextlib
import glob
import gzip
import os
import secrets
import stat
import zlib
from pathlib import Path

from data.errors import DataError, OutputError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

MAX_BYTES = 2**30  # 1 GiB: ten times the largest file of MNIST or Kaggle's copy of it
PIECE = 2**20  # bytes read at a time
GZIP_MAGIC = b"\x1f\x8b"  # RFC 1952, section 2.3.1
UNFINISHED = ".mnist-unfinished"  # how the name of a temporary file ends


@contextlib.contextmanager
def reported(path, error=DataError):
    """Turn what the system or gzip says against `path` into one `error`."""
    try:
        yield
    except (OSError, EOFError, zlib.error) as problem:
        raise error(path, getattr(problem, "strerror", None) or problem) from problem


def without_waiting(path, flags):
    """Open a file as open() does; for its argument `opener`."""
    # A FIFO that nobody writes to would otherwise keep open() waiting for ever.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0), 0o666)


@contextlib.contextmanager
def opened(path, error=DataError):
    """Open a regular file of at most MAX_BYTES for reading bytes; anything else: `error`."""
    with reported(path, error), open(path, "rb", opener=without_waiting) as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise error(path, "not a regular file", "a pipe or a device")
        if status.st_size > MAX_BYTES:
            raise error(path, "too many bytes", status.st_size, f"at most {MAX_BYTES}")
        yield file


@contextlib.contextmanager
def content(path):
    """Give out the content of `path`, raw or gzip (its first bytes decide, not its name).

    Yields `take(count)`, which returns the next `count` bytes as a bytearray. On leaving the
    `with` block, the content must have been taken to its last byte. A file that is shorter or
    longer, a wrong checksum, or anything after the (one) gzip stream raises DataError. Memory
    follows the bytes that are really there, never a promise alone.
    """
    with opened(path) as file:
        packed = file.read(2) == GZIP_MAGIC
        length = file.seek(0, os.SEEK_END)
        if packed:  # the last four bytes are the length of the content (RFC 1952, section 2.3.1)
            file.seek(max(0, length - 4))
            length = int.from_bytes(file.read(4), "little")
        file.seek(0)
        stream = gzip.GzipFile(fileobj=file) if packed else file

        def take(count):
            taken = bytearray()
            while len(taken) < count:
                piece = stream.read(min(PIECE, count - len(taken)))
                if not piece:
                    end = stream.tell()
                    missing = count - len(taken)
                    raise DataError(path, "ends early", f"{end} bytes", f"{end + missing} bytes")
                taken += piece
            return taken

        yield take
        end = stream.tell()
        if length != end or stream.read(1):  # to read past the end makes gzip check its checksum
            got = None if packed else f"{length} bytes"
            problem = "cut short, or longer than its header says"
            raise DataError(path, problem, got, f"{end} bytes")


def sweep(folder, name="*"):
    """Delete the temporary files that killed processes left in `folder` (for `name` only).

    A living writer holds a lock on its file, which ends with the process, however that ends.
    Without such locks (Windows) nothing is deleted.
    """
    if fcntl is None:
        return
    for path in Path(folder).glob(f".{name}.*{UNFINISHED}"):
        with contextlib.suppress(OSError), path.open("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()


def _temporary(path):
    """Create an empty file beside `path` and lock it. Returns its path and the open file."""
    while True:
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}{UNFINISHED}")
        file = temporary.open("xb")
        if fcntl is None:
            file.close()  # Windows renames no open file
            return temporary, file
        with contextlib.suppress(OSError):  # no locks on this file system: then no sweeping
            fcntl.flock(file, fcntl.LOCK_EX)
        if temporary.exists():  # else another process swept it before it was locked
            return temporary, file
        file.close()


@contextlib.contextmanager
def atomic(path, error=OutputError):
    """Write `path` whole or not at all: yields a temporary path in the same folder.

    On success the temporary file is flushed to disk and takes the name `path`; on any exception
    it is deleted, and what had that name before stays. OSError becomes `error`.
    """
    path = Path(path)
    with reported(path, error):
        if path.exists() and not path.is_file():  # never rename over a device or a folder
            raise error(path, "not a regular file")
        sweep(path.parent, glob.escape(path.name))
        temporary, lock = _temporary(path)
        try:
            yield temporary
            with temporary.open("r+b") as written:
                os.fsync(written.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
            lock.close()
