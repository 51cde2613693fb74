"""Faults of IDX files, each in the place of one of four good files in the folder `digits`."""

import gzip
import struct
import zlib

import numpy as np
from builders import NAMES, digits, images_file, labels_file, quartet

from faults import SPLIT, Row, both, four_files, put

IMAGES, LABELS = digits(240)
TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS = NAMES
GZ = gzip.compress(labels_file(LABELS), mtime=0)


def labels(**changed):
    """Return a file of labels, some of them others: `at_7=10`."""
    values = LABELS.copy()
    for place, value in changed.items():
        values[int(place.removeprefix("at_"))] = value
    return labels_file(values)


def whole(**header):
    return images_file(IMAGES, **header)


def bomb(length):
    """Return a function that makes a gzip file of two images and 300 MB of zeros.

    Its end says `length` bytes, or for None the truth.
    """

    def content():
        start, zeros = images_file(IMAGES[:2]), bytes(2**20)
        deflate = zlib.compressobj(wbits=-15)
        first = deflate.compress(start) + deflate.flush(zlib.Z_FULL_FLUSH)
        # After a full flush, equal bytes are packed as equal bytes.
        block = deflate.compress(zeros) + deflate.flush(zlib.Z_FULL_FLUSH)
        checksum = zlib.crc32(start)
        for _ in range(300):
            checksum = zlib.crc32(zeros, checksum)
        end = struct.pack("<II", checksum, length or len(start) + 300 * len(zeros))
        return gzip.compress(b"")[:10] + first + 300 * block + deflate.flush() + end

    return content


NUMBER = "number of items out of range (got {}, expected 1 to {})"
MOST = {"images": 2**30 // 784, "labels": 2**30}
MAGIC = "not the IDX file it should be (got {}, expected 0x00000803, images)"
SIZE = "wrong image size (got {}, expected 28 x 28)"
EARLY = "ends early (got {} bytes, expected {} bytes)"
LONGER = "longer than its header says (expected {} bytes)"
ENDED = "Compressed file ended before the end-of-stream marker was reached"
DIGIT = "label 7 (from 0) is no digit (got {}, expected 0 to 9)"
IDX = {  # what is wrong: name of the file, its content, what the message says
    "empty": (TRAIN_IMAGES, b"", EARLY.format(0, 4)),
    "half a header": (TRAIN_IMAGES, whole()[:10], EARLY.format(10, 16)),
    "only a header": (TRAIN_IMAGES, whole()[:16], EARLY.format(16, 188176)),
    "magic: a byte": (TRAIN_IMAGES, whole(magic=0x01000803), MAGIC.format("...01 00 08 03")),
    "magic: type": (TRAIN_IMAGES, whole(magic=0xD03), MAGIC.format("...3 dimensions of floats")),
    "magic: dimensions": (TRAIN_IMAGES, whole(magic=0x802), MAGIC.format("IDX with 2 ...")),
    "magic: little-endian": (TRAIN_IMAGES, whole(magic=0x3080000), MAGIC.format("...03 08 00 00")),
    "labels as images": (TRAIN_IMAGES, labels(), MAGIC.format("labels")),
    "images as labels": (TEST_LABELS, whole(), "...(got images, expected 0x00000801, labels)"),
    "text": (TRAIN_LABELS, b"seven\n", "...(got the first bytes 73 65 76 65, expected ..."),
    "web page": (TRAIN_IMAGES, b"<!DOCTYPE html>", MAGIC.format("a web page, ...")),
    "14 x 56": (TRAIN_IMAGES, whole(sizes=(240, 14, 56)), SIZE.format("14 x 56")),
    "28 x 29": (TEST_IMAGES, whole(sizes=(240, 28, 29)), SIZE.format("28 x 29")),
    "0 x 0": (TRAIN_IMAGES, whole(sizes=(240, 0, 0)), SIZE.format("0 x 0")),
    "2^32-1 x 2^32-1": (
        TRAIN_IMAGES,
        whole(sizes=(1, 2**32 - 1, 2**32 - 1)),
        SIZE.format("4294967295 x 4294967295"),
    ),
    "1 GiB promised": (
        TRAIN_IMAGES,
        whole(sizes=(MOST["images"], 28, 28)),
        EARLY.format(188176, MOST["images"] * 784 + 16),
    ),
    "an image more than 1 GiB promised": (
        TRAIN_IMAGES,
        whole(sizes=(MOST["images"] + 1, 28, 28)),
        NUMBER.format(MOST["images"] + 1, MOST["images"]),
    ),
    "one label fewer": (
        TEST_LABELS,
        labels_file(LABELS[:39]),
        "not as many labels as images (got 39, expected 40)",
    ),
    "label above 9": (TRAIN_LABELS, labels(at_7=10), DIGIT.format(10)),
    "two labels above 9": (TRAIN_LABELS, labels(at_7=11, at_9=255), DIGIT.format(11)),
    "gz: cut": (TRAIN_LABELS, GZ[:-20], ENDED),
    "gz: trailer missing": (TRAIN_LABELS, GZ[:-8], ENDED),
    "gz: half a trailer": (TRAIN_LABELS, GZ[:-3], ENDED),
    "gz: CRC": (TRAIN_LABELS, GZ[:-8] + bytes([GZ[-8] ^ 1]) + GZ[-7:], "CRC check failed ..."),
    "gz: length": (TRAIN_LABELS, GZ[:-4] + b"\0\0\0\1", "Incorrect length of data produced"),
    "gz: flipped byte": (TRAIN_LABELS, GZ[:14] + bytes([GZ[14] ^ 0xFF]) + GZ[15:], "...invalid..."),
    "gz: garbage behind it": (TRAIN_LABELS, GZ + b"garbage", "Not a gzipped file (b'ga')"),
    "gz: twice": (TRAIN_LABELS, GZ + GZ, LONGER.format(248)),
    "gz: only its first bytes": (TRAIN_LABELS, b"\x1f\x8b", ENDED),
    "gz: in gz": (TRAIN_LABELS, gzip.compress(GZ), "...(got gzip: unpack it once, expected ..."),
    "gz: bomb": (TEST_IMAGES, bomb(None), LONGER.format(1584)),
    "gz: bomb that denies it": (TEST_IMAGES, bomb(1584), LONGER.format(1584)),
}


def each_header(name, content):
    """Yield faults of the one header field that all four files have, and of the length."""
    kind, size = "images" if "images" in name else "labels", len(content)
    for text, number in [("0", 0), ("2^31", 2**31), ("2^32-1", 2**32 - 1)]:
        changed = content[:4] + struct.pack(">I", number) + content[8:]
        yield f"{text} items in {name}", changed, NUMBER.format(number, MOST[kind])
    for gz, pack in ("", bytes), (".gz", gzip.compress):
        yield f"a byte too few in {name}{gz}", pack(content[:-1]), EARLY.format(size - 1, size)
        yield f"a byte too many in {name}{gz}", pack(content + b"\0"), LONGER.format(size)


IDX |= {
    fault: (name, changed, message)
    for name, good in quartet().items()
    if name in (TRAIN_IMAGES, TEST_LABELS)
    for fault, changed, message in each_header(name, good)
}


def rows():
    for number, (fault, (name, content, message)) in enumerate(IDX.items()):
        lesson = ("mlp_mnist.py", "cnn_mnist.py")[number % 2]
        build, message = (
            both(four_files, put(f"digits/{name}", content)),
            f"digits/{name}: {message}",
        )
        yield Row(f"IDX: {fault}", build, f"{lesson} --data digits", 3, message, SPLIT)
    single = labels_file(np.minimum(np.arange(240), 1).astype(np.uint8))  # a single 0
    few = "digits: too few images of a digit to set some aside: The least populated class..."
    build = both(four_files, put(f"digits/{TRAIN_LABELS}", single))
    yield Row("IDX: too few of a digit", build, "mlp_mnist.py --data digits", 3, few, SPLIT)
    for name in NAMES:
        build = both(four_files, lambda here, name=name: (here / "digits" / name).unlink())
        command, message = "mlp_mnist.py --data digits", f"digits: no {name}"
        yield Row(f"IDX: no {name}", build, command, 3, message, SPLIT)
    other = gzip.compress(labels_file((LABELS + 1) % 10))
    differ = f"digits/{TRAIN_LABELS}.gz: differs from digits/{TRAIN_LABELS}: keep one, or ..."
    build = both(four_files, put(f"digits/{TRAIN_LABELS}.gz", other))
    yield Row("IDX: two that differ", build, "cnn_mnist.py --data digits", 3, differ, SPLIT)
