"""Faults in what --predict names: pictures, folders of them, and what is neither."""

import io
import os
import struct
import zlib

import numpy as np
from PIL import Image, ImageDraw

from faults import DEVICE, NONE, PICTURE, START, Row, both, csv, fifo, nothing, put


def saved(image, kind="PNG", **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def seven():
    image = Image.new("L", (200, 200), 255)
    ImageDraw.Draw(image).line([(50, 50), (150, 50), (90, 160)], 0, 16)
    return image


def chunk(tag, body):
    return struct.pack(">I", len(body)) + tag + body + struct.pack(">I", zlib.crc32(tag + body))


def png(width, height, kind=0, pixels=b""):
    """Return a PNG whose header promises width x height; without pixels it lies.

    kind: 0 for grey, 6 for RGBA. pixels: all rows, each with a byte 0 before it.
    """
    header = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(pixels, 1))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


def blank(channels):
    """Return a PNG of one colour, just below our limit."""
    return png(8060, 8060, {1: 0, 4: 6}[channels], bytes(8060 * (1 + 8060 * channels)))


def other_pixels():
    """Return a PNG whose pixels are not those that its checksum is of: zlib has no complaint."""
    content, other = (saved(Image.new("L", (28, 28), ink), compress_level=0) for ink in (0, 1))
    start, end = content.index(b"IDAT") + 4, content.index(b"IEND") - 8
    return content[:start] + other[start:end] + content[end:]


def scans(count):
    """Return a progressive JPEG whose last scan is repeated."""
    content = saved(seven(), "JPEG", progressive=True)
    last = content.rindex(b"\xff\xda")
    return content[:-2] + content[last:-2] * count + content[-2:]


def with_large_part(size):
    """Return a builder of a PNG of a known size, all of it in one chunk; it takes no room."""

    def build(here):
        (here / "7.png").write_bytes(SEVEN[:33] + struct.pack(">I", size) + b"tEXt")
        os.truncate(here / "7.png", size)

    return build


SEVEN, PHOTO = saved(seven()), saved(seven(), "JPEG")
ONE_PIXEL = Image.new("L", (150, 150), 200)
ONE_PIXEL.putpixel((70, 80), 150)
NOISE = np.random.default_rng(0).normal(128, 9, [200, 200]).astype(np.uint8)
LARGE = "picture too large (got {} x {} pixels, expected at most 65,000,000 pixels)"
HUGE = "picture too large (expected at most 65,000,000 pixels)"
NOT_ONE = "not a picture (expected a PNG or JPEG file)"
OTHER = "not a picture (got {}, expected a PNG or JPEG file)"
MANY = "too many bytes (got 134217729, expected at most 134217728)"
CUT = "damaged picture: a part of it is cut short or was changed"
NO_END = "damaged picture: it has no end"
NO_DIGIT = "no digit to be seen in the picture"
NO_PICTURE = "{}: no picture found (got {}, expected names in .bmp, ...)"
LABELS = "t10k-labels-idx1-ubyte"
PILLOW = Image.MAX_IMAGE_PIXELS  # above it Pillow warns, above twice as many it refuses
PICTURES = {  # what is wrong: the content, what the message says
    "text": (b"7, as a picture", NOT_ONE),
    "PDF": (b"%PDF-1.4\n", OTHER.format("PDF; save its page as PNG")),
    "HEIC": (b"\0\0\0\x18ftypheic" + bytes(99), OTHER.format("HEIC or AVIF, as phones ...")),
    "SVG": (b"<svg></svg>", OTHER.format("SVG; save it as PNG")),
    "PPM, which Pillow could read": (saved(seven(), "PPM"), NOT_ONE),
    "IDX": (b"\0\0\x08\x03" + bytes(99), OTHER.format("an IDX file; it belongs behind --data")),
    "truncated PNG": (SEVEN[: len(SEVEN) // 2], CUT),
    "PNG without its end": (SEVEN[:-12], NO_END),
    "flipped bit that inflates to other pixels": (other_pixels(), CUT),
    "truncated JPEG": (PHOTO[: len(PHOTO) // 2], "damaged picture: ..."),
    "too many scans": (scans(200), "JPEG with too many scans (got 2..., expected at most 50)"),
    "20000 x 20000": (png(20_000, 20_000), HUGE),
    "above it": (png(PILLOW // 9000 + 1, 9000), LARGE.format(PILLOW // 9000 + 1, 9000)),
    "just above our limit": (png(65_000, 1001), LARGE.format(65_000, 1001)),
    "7 x 7": (png(7, 7), "picture too small (got 7 x 7 pixels, expected at least 8 x 8)"),
    "8 x 8000": (png(8, 8000), "picture too narrow (got 8 x 8000 pixels, ..."),
}
TEXT = chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(99 * 2**20)))
COSTLY = {  # what takes memory: the builder, what the message says, megabytes at most
    "one grey pixel": (put("7.png", saved(ONE_PIXEL)), NO_DIGIT, PICTURE),
    "noise": (put("7.png", saved(Image.fromarray(NOISE))), NO_DIGIT, PICTURE),
    "a text that unpacks to 99 MB": (
        put("7.png", SEVEN[:33] + TEXT + saved(Image.new("L", (200, 200)))[33:]),
        NO_DIGIT,
        PICTURE,
    ),
    # Decoded, these have 65 and 260 MB; not much more than twice that may be used.
    "as large as it may be, grey": (put("7.png", lambda: blank(1)), NO_DIGIT, 192),
    "as large as it may be, RGBA": (put("7.png", lambda: blank(4)), NO_DIGIT, 640),
    "128 MiB, all of it a text": (with_large_part(2**27), CUT, 192),
    "more than 128 MiB": (with_large_part(2**27 + 1), MANY, START),
}
NAMES = {  # what is wrong with the name: who makes it so, the name, the message
    "FIFO": (fifo("7.png"), "7.png", f"7.png: {DEVICE}"),
    "missing": (nothing, "7.png", f"7.png: {NONE}"),
    "300 letters": (nothing, "x" * 300, f"{'x' * 300}: File name too long"),
    "nothing": (nothing, "''", "--predict: not a name (got '')"),
    "behind --": (nothing, "-- -x.png", f"./-x.png: {NONE}"),
    "no picture": (put("mine/a.txt"), "mine", NO_PICTURE.format("mine", "a.txt")),
    "an empty folder": (put("mine/.hidden.png"), "mine", NO_PICTURE.format("mine", "nothing")),
    "pattern of nothing": (nothing, "'*/**.png'", NO_PICTURE.format("*/**.png", "nothing")),
    "labels alone": (put(LABELS), LABELS, f"{LABELS}: no images of this name lie here"),
    "--table of another kind": (
        both(put("7.png", SEVEN), put("train.csv", csv.HEADER)),
        "7.png --table train.csv",
        "train.csv: is there already, and is no table of answers",
    ),
    "--table that is read": (
        put("7.png", SEVEN),
        "7.png --table ./7.png",
        "./7.png: is to be read: name another --table",
    ),
    "a picture named .csv": (
        put("7.csv", SEVEN),
        "7.csv",
        "7.csv: not a CSV file (got a picture...",
    ),
    "CSV file of another name": (put("7.txt", csv.HEADER), "7.txt", "7.txt: not a picture (..."),
}


def rows():
    command = "mlp_mnist.py --predict 7.png"
    for fault, (content, message) in PICTURES.items():
        yield Row(f"picture: {fault}", put("7.png", content), command, 3, f"7.png: {message}")
    for fault, (build, message, most) in COSTLY.items():
        yield Row(f"picture: {fault}", build, command, 3, f"7.png: {message}", most)
    for fault, (build, name, message) in NAMES.items():
        code = 2 if name == "''" else 5 if "--table" in name else 3
        yield Row(f"--predict: {fault}", build, f"cnn_mnist.py --predict {name}", code, message)
    build = both(put("7.png", SEVEN[:8]), put("8.png"), put("9.csv", b"neither"), put("mine/7.png"))
    message = (
        f"7.png: {NO_END}\nerror: mine: Permission denied\nerror: 8.png: {NOT_ONE}\nerror: 9..."
    )
    command += " mine 8.png 9.csv"
    yield Row("--predict: none of four", build, command, 3, message, modes={"mine": 0})
