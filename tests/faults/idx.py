"""Faults of IDX files, each in the place of one of four good files; others: test_idx.py."""

import gzip

from builders import NAMES, digits, images_file, labels_file

from faults import SPLIT, Row, both, four_files, put

TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS = NAMES
MOST = 2**30 // 784  # images
# 300 MB of zeros, packed into 300 kB: what memory there is must not depend on them.
BOMB = gzip.compress(images_file(digits(2)[0])) + 300 * gzip.compress(bytes(2**20))
PROMISE = images_file(digits(240)[0], sizes=(MOST, 28, 28))
EARLY = f"ends early (got 188176 bytes, expected {MOST * 784 + 16} bytes)"
FEWER = labels_file(digits(39)[1])
IDX = {  # what is wrong: name of the file, its content, what the message says
    "one label fewer": (TEST_LABELS, FEWER, "not as many labels as images (got 39, expected 40)"),
    "gz: bomb": (TEST_IMAGES, BOMB, "longer than its header says (expected 1584 bytes)"),
    "1 GiB promised": (TRAIN_IMAGES, PROMISE, EARLY),
}


def rows():
    for fault, (name, content, message) in IDX.items():
        build, line = both(four_files, put(f"digits/{name}", content)), f"digits/{name}: {message}"
        yield Row(f"IDX: {fault}", build, "cnn_mnist.py --data digits", 3, line, SPLIT)
