"""Open, read and write files so that a bad one ends in one clear line.

Three mechanisms carry the strictness of the whole package: `opened` lets in regular files
only, `content` gives out exactly as many bytes as a file's own header promises, and `atomic`
makes an output file appear whole or not at all.
"""

import contextlib
import gzip
import os
import secrets
import stat
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from support.ground.errors import DataError, OutputError

MAX_BYTES = 2**30  # 1 GiB: ten times the largest file of MNIST or Kaggle's copy of it
PIECE = 2**20  # bytes read at a time
GZIP_MAGIC = b"\x1f\x8b"  # RFC 1952, section 2.3.1


@contextlib.contextmanager
def reported(path: str | Path, error: type[DataError] = DataError) -> Iterator[None]:
    """Turn what the system or gzip says against `path` into one `error`."""
    try:
        yield
    except (OSError, EOFError, zlib.error) as problem:
        raise error(path, getattr(problem, "strerror", None) or problem) from problem


def without_waiting(path: str, flags: int) -> int:
    """Open a file as open() does; for its argument `opener`."""
    # A FIFO that nobody writes to would otherwise keep open() waiting for ever.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0), 0o666)


@contextlib.contextmanager
def opened(
    path: str | Path, error: type[DataError] = DataError, max_bytes: int = MAX_BYTES
) -> Iterator[BinaryIO]:
    """Open a regular file of at most `max_bytes` for reading bytes; anything else: `error`."""
    with reported(path, error), open(path, "rb", opener=without_waiting) as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise error(path, "not a regular file", "a pipe or a device")
        if status.st_size > max_bytes:
            raise error(path, "too many bytes", status.st_size, f"at most {max_bytes}")
        yield file


@contextlib.contextmanager
def content(path: str | Path) -> Iterator[Callable[[int], bytearray]]:
    """Give out the content of `path`, raw or gzip (its first bytes decide, not its name).

    Yields `take(count)`, which returns the next `count` bytes as a bytearray. On leaving the
    `with` block, the content must have been taken to its last byte. A file that is shorter or
    longer, or a wrong checksum, raises DataError. A gzip file may have several members, one after
    the other (RFC 1952, section 2.2). Memory follows the bytes that are really there, never a
    promise alone.
    """
    with opened(path) as file:
        packed = file.read(2) == GZIP_MAGIC
        file.seek(0)
        stream = gzip.GzipFile(fileobj=file) if packed else file

        def take(count):
            taken = bytearray()
            while len(taken) < count:
                piece = stream.read(min(PIECE, count - len(taken)))
                if not piece:
                    end = stream.tell()
                    expected = f"{end + count - len(taken)} bytes"
                    raise DataError(path, "ends early", f"{end} bytes", expected)
                taken += piece
            return taken

        yield take
        end = stream.tell()
        if stream.read(1):  # to read past the end also makes gzip check its checksum
            raise DataError(path, "longer than its header says", expected=f"{end} bytes")


@contextlib.contextmanager
def atomic(path: str | Path, error: type[DataError] = OutputError) -> Iterator[Path]:
    """Write `path` whole or not at all: yields a temporary path in the same folder.

    On success the temporary file is flushed to disk and takes the name `path`; on any exception
    it is deleted, and what had that name before stays. OSError becomes `error`.
    """
    path = Path(path)
    temporary = path.with_name(f".{secrets.token_hex(8)}.mnist-unfinished")
    with reported(path, error):
        if path.exists() and not path.is_file():  # never rename over a device or a folder
            raise error(path, "not a regular file")
        try:
            temporary.touch(exist_ok=False)
            yield temporary
            with temporary.open("r+b") as written:
                os.fsync(written.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
