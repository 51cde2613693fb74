"""What a file is that is not what it should be, told by its first bytes, and what to do."""

import gzip
import re
import zlib
from pathlib import Path

from support.ground.files import GZIP_MAGIC, opened

PICKLE = "a pickle, which is never opened, as it can run code: save its arrays as mnist.npz"
UNPACK = "unpack it, and name the folder"
PACKED = "gzip: unpack it"
KINDS = (  # first bytes, and what they mean
    (b"PK\x03\x04", f"a zip archive: {UNPACK}"),
    (b"BZh", f"packed by bzip2: {UNPACK}"),
    (b"\xfd7zXZ\0", f"packed by xz: {UNPACK}"),
    (b"7z\xbc\xaf", f"a 7z archive: {UNPACK}"),
    (b"Rar!", f"a rar archive: {UNPACK}"),
    *((bytes([0x80, protocol]), PICKLE) for protocol in range(2, 6)),
    (b"\x93NUMPY", "a single .npy array: images and labels belong in one mnist.npz"),
    (b"MATLAB 5.0", "a .mat file of MATLAB: save its arrays as mnist.npz"),
    (b"\x89HDF", "an HDF5 file: save its arrays as mnist.npz"),
    (b"PAR1", "a Parquet file: name the file itself, in .parquet"),
    (b"ARROW1", "an Arrow file: save it as CSV"),
    (b"\xd0\xcf\x11\xe0", "a workbook of Excel: save it as CSV"),
    (b"\xff\xfe", "text in UTF-16: save it as UTF-8"),
    (b"\x89PNG", "a picture: --predict reads it"),
    (b"\xff\xd8\xff", "a picture: --predict reads it"),
)
ZIPPED = (  # a name in a zip archive
    (b".npy", "arrays of NumPy: name the file itself"),
    (b"data.pkl", f"a file of PyTorch, and in it {PICKLE}"),
    (b"[Content_Types].xml", "a workbook of Excel: save it as CSV"),
)
WEB_PAGE = "a web page, saved in place of the file: download it again"
TEXTS = (  # how a text begins, in small letters
    (
        rb"[0-9]+( [0-9]+:[-+.e0-9]+){3}",
        "LIBSVM's sparse form, `label index:value`: save it as CSV",
    ),
    (rb"([0-9][-+.e0-9]*[ ]+){99}", "numbers separated by blanks: separate them by commas"),
    (rb"<!doctype|<html|<[?]xml", WEB_PAGE),
    (rb"(.*\n)?@relation", "an ARFF file: save it as CSV"),
)
IDX_TYPES = {8: "unsigned bytes", 9: "signed bytes", 11: "16-bit integers"}
IDX_TYPES |= {12: "32-bit integers", 13: "floats", 14: "doubles"}


def explained(head: bytes) -> str | None:
    """Return what a file that begins with the bytes `head` is, or None if that is not known."""
    if head.startswith(GZIP_MAGIC):
        return "gzip: unpack it once"
    for name, meaning in ZIPPED:
        if head.startswith(b"PK") and name in head[30:80]:  # the first file's name
            return meaning
    for magic, meaning in KINDS:
        if head.startswith(magic):
            return meaning
    if head[257:262] == b"ustar":
        return f"a tar archive: {UNPACK}"
    text = head.lstrip().lower()
    for pattern, meaning in TEXTS:
        if re.match(pattern, text, re.DOTALL):
            return meaning
    if len(head) > 3 and head[:2] == b"\0\0" and head[2] in IDX_TYPES and 0 < head[3] < 9:
        return f"IDX with {head[3]} dimensions of {IDX_TYPES[head[2]]}"
    return None


def described(path: str | Path, packed: str | None = None) -> str | None:
    """Return what the file `path` is, also within gzip, or None.

    Args:
        path: of a file.
        packed: what a gzip file is whose content is not known.

    Raises:
        DataError: it cannot be read.
    """
    with opened(path, max_bytes=2**40) as file:
        head = file.read(4096)
        if not head.startswith(GZIP_MAGIC):
            return explained(head)
        file.seek(0)
        try:
            return explained(gzip.GzipFile(fileobj=file).read(4096)) or packed
        except (OSError, EOFError, zlib.error):
            return packed


def named(paths: list[Path]) -> str:
    """Return the names of some paths, with what each is, if that is known by its first bytes."""
    kind = {path: path.is_file() and described(path, PACKED) for path in paths[:6]}
    names = [path.name + (f" ({kind[path]})" if kind[path] else "") for path in kind]
    return ", ".join(names + ["..."] * (len(paths) > 6))
