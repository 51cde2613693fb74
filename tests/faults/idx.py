"""Faults of IDX files, each in the place of one of four good files in the folder `digits`."""

import gzip

import numpy as np
from builders import NAMES, digits, images_file, labels_file

from faults import SPLIT, Row, both, four_files, put

IMAGES, LABELS = digits(240)
TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS = NAMES
GZ = gzip.compress(labels_file(LABELS), mtime=0)


def whole(**header):
    return images_file(IMAGES, **header)


MOST = 2**30 // 784
SIZE_OF = 16 + 240 * 784
NUMBER = f"number of items out of range (got {{}}, expected 1 to {MOST})"
MAGIC = "not the IDX file it should be (got {}, expected 0x00000803, images)"
EARLY = "ends early (got {} bytes, expected {} bytes)"
ENDED = "Compressed file ended before the end-of-stream marker was reached"
LONGER = "longer than its header says (expected {} bytes)"
TEN = labels_file(np.where(np.arange(240) == 7, 10, LABELS).astype(np.uint8))
# 300 MB of zeros, packed into 300 kB: what memory there is must not depend on them.
BOMB = gzip.compress(images_file(IMAGES[:2])) + 300 * gzip.compress(bytes(2**20))
IDX = {  # what is wrong: name of the file, its content, what the message says
    "empty": (TRAIN_IMAGES, b"", EARLY.format(0, 4)),
    "magic: a byte": (TRAIN_IMAGES, whole(magic=0x01000803), MAGIC.format("...01 00 08 03")),
    "labels as images": (TRAIN_IMAGES, labels_file(LABELS), MAGIC.format("labels")),
    "28 x 29": (
        TEST_IMAGES,
        whole(sizes=(240, 28, 29)),
        "wrong image size (got 28 x 29, expected 28 x 28)",
    ),
    "one label fewer": (
        TEST_LABELS,
        labels_file(LABELS[:39]),
        "not as many labels as images (got 39, expected 40)",
    ),
    "label above 9": (TRAIN_LABELS, TEN, "label 7 (from 0) is no digit (got 10, expected 0 to 9)"),
    "gz: cut": (TRAIN_LABELS, GZ[:-20], ENDED),
    "gz: CRC": (TRAIN_LABELS, GZ[:-8] + bytes([GZ[-8] ^ 1]) + GZ[-7:], "CRC check failed ..."),
    "gz: flipped byte": (TRAIN_LABELS, GZ[:14] + bytes([GZ[14] ^ 0xFF]) + GZ[15:], "...invalid..."),
    "gz: bomb": (TEST_IMAGES, BOMB, LONGER.format(1584)),
    "0 images": (TRAIN_IMAGES, whole(sizes=(0, 28, 28)), NUMBER.format(0)),
    "more than 1 GiB": (TRAIN_IMAGES, whole(sizes=(MOST + 1, 28, 28)), NUMBER.format(MOST + 1)),
    "1 GiB promised": (
        TRAIN_IMAGES,
        whole(sizes=(MOST, 28, 28)),
        EARLY.format(SIZE_OF, MOST * 784 + 16),
    ),
    "a byte too few": (TRAIN_IMAGES, whole()[:-1], EARLY.format(SIZE_OF - 1, SIZE_OF)),
    "a byte too many": (TRAIN_IMAGES, whole() + b"\0", LONGER.format(SIZE_OF)),
}


def rows():
    for number, (fault, (name, content, message)) in enumerate(IDX.items()):
        lesson = ("mlp_mnist.py", "cnn_mnist.py")[number % 2]
        build, line = both(four_files, put(f"digits/{name}", content)), f"digits/{name}: {message}"
        yield Row(f"IDX: {fault}", build, f"{lesson} --data digits", 3, line, SPLIT)
    other = gzip.compress(labels_file((LABELS + 1) % 10))
    differ = f"digits/{TRAIN_LABELS}.gz: differs from digits/{TRAIN_LABELS}: keep one, or ..."
    build = both(four_files, put(f"digits/{TRAIN_LABELS}.gz", other))
    yield Row("IDX: two that differ", build, "cnn_mnist.py --data digits", 3, differ, SPLIT)
