"""Faults in what --predict names, pictures and others, and of the table that it writes."""

import io
import os
import struct
import zlib

from PIL import Image, ImageDraw

from faults import DEVICE, NONE, PICTURE, Row, both, csv, fifo, nothing, put


def saved(image, kind="PNG", **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def chunk(tag, body):
    return struct.pack(">I", len(body)) + tag + body + struct.pack(">I", zlib.crc32(tag + body))


def png(width, height, pixels=b"", kind=0):
    """Return a PNG, grey or of another kind, with pixels as the format has them; or it lies."""
    header = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(pixels, 1))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


def other_pixels():
    """Return a PNG with the pixels of another: zlib has no complaint, but its checksum is wrong."""
    content, other = (saved(Image.new("L", (28, 28), ink), compress_level=0) for ink in (0, 1))
    start, end = content.index(b"IDAT") + 4, content.index(b"IEND") - 8
    return content[:start] + other[start:end] + content[end:]


def large(size):
    """Return a builder of a PNG of a known size, all of it in one chunk; it takes no room."""
    start = put("7.png", lambda: SEVEN[:33] + struct.pack(">I", size) + b"tEXt")
    return both(start, lambda here: os.truncate(here / "7.png", size))


IMAGE = Image.new("L", (200, 200), 255)
ImageDraw.Draw(IMAGE).line([(50, 50), (150, 50), (90, 160)], 0, 16)
SEVEN, PHOTO = saved(IMAGE), saved(IMAGE, "JPEG", progressive=True)
SCAN = PHOTO[PHOTO.rindex(b"\xff\xda") : -2]  # the last
ONE_PIXEL = Image.new("L", (150, 150), 200)
ONE_PIXEL.putpixel((70, 80), 150)
LARGE = "picture too large (got {} x {} pixels, expected at most 65,000,000 pixels)"
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
    "PPM, which Pillow could read": (saved(IMAGE, "PPM"), NOT_ONE),
    "IDX": (b"\0\0\x08\x03" + bytes(99), OTHER.format("an IDX file; it belongs behind --data")),
    "truncated PNG": (SEVEN[: len(SEVEN) // 2], CUT),
    "PNG without its end": (SEVEN[:-12], NO_END),
    "flipped bit that inflates to other pixels": (other_pixels(), CUT),
    "truncated JPEG": (PHOTO[: len(PHOTO) // 2], "damaged picture: ..."),
    "scans": (PHOTO + SCAN * 50, "JPEG with too many scans (got ..., expected at most 50)"),
    "above Pillow's limit": (png(PILLOW // 9000 + 1, 9000), LARGE.format(PILLOW // 9000 + 1, 9000)),
    "just above our limit": (png(65_000, 1001), LARGE.format(65_000, 1001)),
    "7 x 7": (png(7, 7), "picture too small (got 7 x 7 pixels, expected at least 8 x 8)"),
    "8 x 8000": (png(8, 8000), "picture too narrow (got 8 x 8000 pixels, ..."),
}
TEXT = SEVEN[:33] + chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(99 * 2**20)))
COSTLY = {  # what takes memory: the builder, what the message says, megabytes at most
    "one grey pixel": (put("7.png", saved(ONE_PIXEL)), NO_DIGIT, PICTURE),
    "a text of 99 MB": (
        put("7.png", TEXT + saved(Image.new("L", IMAGE.size))[33:]),
        NO_DIGIT,
        PICTURE,
    ),
    # Decoded, it has 260 MB; not much more than twice that may be used.
    "as large as it may be": (
        put("7.png", lambda: png(8060, 8060, bytes(8060 * (1 + 8060 * 4)), kind=6)),
        NO_DIGIT,
        640,
    ),
    "128 MiB, all of it a text": (large(2**27), CUT, PICTURE + 128),
    "more than 128 MiB": (large(2**27 + 1), MANY, PICTURE),
}
NAMES = {  # what is typed behind --predict: who makes it wrong, the exit code, the message
    "''": (nothing, 2, "--predict: not a name (got '')"),
    "fifo.png": (fifo("fifo.png"), 3, f"fifo.png: {DEVICE}"),
    "missing.png": (nothing, 3, f"missing.png: {NONE}"),
    "-- -x.png": (nothing, 3, f"./-x.png: {NONE}"),
    "x" * 300: (nothing, 3, f"{'x' * 300}: File name too long"),
    "mine": (put("mine/a.txt"), 3, NO_PICTURE.format("mine", "a.txt")),
    "empty": (put("empty/.hidden.png"), 3, NO_PICTURE.format("empty", "nothing")),
    "'*/**.png'": (nothing, 3, NO_PICTURE.format("*/**.png", "nothing")),
    "7.csv": (put("7.csv", SEVEN), 3, "7.csv: not a CSV file (got a picture..."),
    "7.txt": (put("7.txt", csv.HEADER), 3, "7.txt: not a picture (..."),
    LABELS: (put(LABELS), 3, f"{LABELS}: no images of this name lie here"),
    "7.png --table ./7.png": (nothing, 5, "./7.png: is to be read: name another --table"),
    "7.png --table 7.csv": (put("7.csv"), 5, "7.csv: is there already, and is no table of answers"),
}


def rows():
    command = "mlp_mnist.py --predict 7.png"
    for fault, (content, message) in PICTURES.items():
        yield Row(
            f"picture: {fault}", put("7.png", content), command, 3, f"7.png: {message}", PICTURE
        )
    for fault, (build, message, most) in COSTLY.items():
        yield Row(f"picture: {fault}", build, command, 3, f"7.png: {message}", most)
    for words, (build, code, message) in NAMES.items():
        command = f"cnn_mnist.py --predict {words}"
        yield Row(f"--predict {words[:30]}", build, command, code, message, PICTURE)
    build = both(*(put(name, SEVEN[:8]) for name in ("7.png", "mine/7.png", "8.png", "9.csv")))
    message = (
        f"7.png: {NO_END}\nerror: mine: Permission denied\nerror: 8.png: {NO_END}\nerror: 9..."
    )
    command = "mlp_mnist.py --predict 7.png mine 8.png 9.csv"
    yield Row("--predict: none of four", build, command, 3, message, PICTURE, modes={"mine": 0})
