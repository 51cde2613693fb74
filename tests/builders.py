"""Data files made by hand, independently of the code that reads them."""

import csv
import gzip
import struct
from pathlib import Path

import numpy as np

NAMES = [
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
]
PIXELS = [f"pixel{i}" for i in range(784)]


def digits(count, seed=0):
    """Return random images uint8 [count, 784] and labels uint8 [count]: 0, 1, ... 9, 0, ..."""
    images = np.random.default_rng(seed).integers(0, 256, (count, 784), np.uint8)
    images[:, ::3] = 0  # so that cells of one, two and three digits are all common
    return images, (np.arange(count) % 10).astype(np.uint8)


def images_file(images, magic=0x803, sizes=None):
    """Return the bytes of a raw IDX file of images; `magic` and `sizes` may be wrong ones."""
    sizes = (len(images), 28, 28) if sizes is None else sizes
    return struct.pack(f">I{len(sizes)}I", magic, *sizes) + images.tobytes()


def labels_file(labels, magic=0x801, count=None):
    """Return the bytes of a raw IDX file of labels; `magic` and `count` may be wrong ones."""
    return struct.pack(">II", magic, len(labels) if count is None else count) + labels.tobytes()


def quartet(train=240, test=40, seed=0):
    """Return {name: bytes} of four raw IDX files."""
    train_images, train_labels = digits(train, seed)
    test_images, test_labels = digits(test, seed + 1)
    files = images_file(train_images), labels_file(train_labels)
    files += images_file(test_images), labels_file(test_labels)
    return dict(zip(NAMES, files, strict=True))


def write_quartet(folder, packed=False, **sizes):
    """Write `quartet(**sizes)` into `folder`, raw or gzip. Returns the raw {name: bytes}."""
    files = quartet(**sizes)
    for name, content in files.items():
        if packed:
            Path(folder, f"{name}.gz").write_bytes(gzip.compress(content))
        else:
            Path(folder, name).write_bytes(content)
    return files


def write_csv(path, images, labels=None, header=None, **how):
    """Write Kaggle's format with Python's csv module; `how` goes to its writer."""
    rows = images if labels is None else np.column_stack([labels, images])
    header = header or (PIXELS if labels is None else ["label", *PIXELS])
    with Path(path).open("w", newline="") as file:
        writer = csv.writer(file, **{"lineterminator": "\n", **how})
        writer.writerow(header)
        writer.writerows(rows.tolist())
    return path
