"""Faults of IDX files, each in the place of one of four good files in the folder `digits`."""

import gzip
import struct
import zlib

import numpy as np
from builders import NAMES, digits, images_file, labels_file

from faults import SPLIT, Row, both, four_files, put

IMAGES, LABELS = digits(240)
TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS = NAMES
GZ = gzip.compress(labels_file(LABELS), mtime=0)


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


MOST = 2**30 // 784
NUMBER = f"number of items out of range (got {{}}, expected 1 to {MOST})"
MAGIC = "not the IDX file it should be (got {}, expected 0x00000803, images)"
SIZE = "wrong image size (got {}, expected 28 x 28)"
EARLY = "ends early (got {} bytes, expected {} bytes)"
LONGER = "longer than its header says (expected {} bytes)"
ENDED = "Compressed file ended before the end-of-stream marker was reached"
TEN = labels_file(np.where(np.arange(240) == 7, 10, LABELS).astype(np.uint8))
IDX = {  # what is wrong: name of the file, its content, what the message says
    "empty": (TRAIN_IMAGES, b"", EARLY.format(0, 4)),
    "magic: a byte": (TRAIN_IMAGES, whole(magic=0x01000803), MAGIC.format("...01 00 08 03")),
    "labels as images": (TRAIN_IMAGES, labels_file(LABELS), MAGIC.format("labels")),
    "text": (TRAIN_LABELS, b"seven\n", "...(got the first bytes 73 65 76 65, expected ..."),
    "28 x 29": (TEST_IMAGES, whole(sizes=(240, 28, 29)), SIZE.format("28 x 29")),
    "one label fewer": (
        TEST_LABELS,
        labels_file(LABELS[:39]),
        "not as many labels as images (got 39, expected 40)",
    ),
    "label above 9": (TRAIN_LABELS, TEN, "label 7 (from 0) is no digit (got 10, expected 0 to 9)"),
    "gz: cut": (TRAIN_LABELS, GZ[:-20], ENDED),
    "gz: CRC": (TRAIN_LABELS, GZ[:-8] + bytes([GZ[-8] ^ 1]) + GZ[-7:], "CRC check failed ..."),
    "gz: length": (TRAIN_LABELS, GZ[:-4] + b"\0\0\0\1", "Incorrect length of data produced"),
    "gz: flipped byte": (TRAIN_LABELS, GZ[:14] + bytes([GZ[14] ^ 0xFF]) + GZ[15:], "...invalid..."),
    "gz: garbage behind it": (TRAIN_LABELS, GZ + b"garbage", "Not a gzipped file (b'ga')"),
    "gz: twice": (TRAIN_LABELS, GZ + GZ, LONGER.format(248)),
    "gz: bomb": (TEST_IMAGES, bomb(None), LONGER.format(1584)),
    "gz: bomb that denies it": (TEST_IMAGES, bomb(1584), LONGER.format(1584)),
}


SIZE_OF = 16 + 240 * 784
for count in (0, MOST + 1, 2**32 - 1):
    IDX[f"{count} images"] = (TRAIN_IMAGES, whole(sizes=(count, 28, 28)), NUMBER.format(count))
for gz, pack in ("", bytes), (".gz", gzip.compress):
    few, many = pack(whole()[:-1]), pack(whole() + b"\0")
    IDX[f"a byte too few{gz}"] = TRAIN_IMAGES, few, EARLY.format(SIZE_OF - 1, SIZE_OF)
    IDX[f"a byte too many{gz}"] = TRAIN_IMAGES, many, LONGER.format(SIZE_OF)
promise = EARLY.format(SIZE_OF, MOST * 784 + 16)
IDX["1 GiB promised"] = TRAIN_IMAGES, whole(sizes=(MOST, 28, 28)), promise


def rows():
    for number, (fault, (name, content, message)) in enumerate(IDX.items()):
        lesson = ("mlp_mnist.py", "cnn_mnist.py")[number % 2]
        build, line = both(four_files, put(f"digits/{name}", content)), f"digits/{name}: {message}"
        yield Row(f"IDX: {fault}", build, f"{lesson} --data digits", 3, line, SPLIT)
    single = labels_file(np.minimum(np.arange(240), 1).astype(np.uint8))  # a single 0
    few = "digits: too few images of a digit to set some aside: The least populated class..."
    build = both(four_files, put(f"digits/{TRAIN_LABELS}", single))
    yield Row("IDX: too few of a digit", build, "mlp_mnist.py --data digits", 3, few, SPLIT)
    other = gzip.compress(labels_file((LABELS + 1) % 10))
    differ = f"digits/{TRAIN_LABELS}.gz: differs from digits/{TRAIN_LABELS}: keep one, or ..."
    build = both(four_files, put(f"digits/{TRAIN_LABELS}.gz", other))
    yield Row("IDX: two that differ", build, "cnn_mnist.py --data digits", 3, differ, SPLIT)
