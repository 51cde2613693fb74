"""Data files made by hand, independently of the code that reads them."""

import csv
import gzip
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from support.ground import DataError

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


def turned(images):
    """Return images uint8 [N, 784] transposed, as EMNIST's are."""
    return images.reshape(-1, 28, 28).transpose(0, 2, 1).reshape(-1, 784)


def refusal(call, *args):
    """Return what the DataError says that this call must end in."""
    with pytest.raises(DataError) as error:
        call(*args)
    return str(error.value)


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


def write_quartet(folder, packed=False, name=str, **sizes):
    """Write `quartet(**sizes)` into `folder`, raw or gzip. Returns the raw {name: bytes}.

    name: a function from the name of each to what it is called.
    """
    files = quartet(**sizes)
    for each, content in files.items():
        path = Path(folder, name(each) + ".gz" * packed)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(content) if packed else content)
    return files


def write_csv(path, images, labels=None, header=None, **how):
    """Write Kaggle's format with Python's csv module; `how` goes to its writer.

    header: the first line, by default Kaggle's; [] for none. A label that is named behind the
    pixels stands there.
    """
    rows = images if labels is None else np.column_stack([labels, images])
    if header and labels is not None and header[-1] in ("class", "label"):
        rows = np.column_stack([images, labels])
    if header is None:
        header = PIXELS if labels is None else ["label", *PIXELS]
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with Path(path).open("w", newline="") as file:
        writer = csv.writer(file, **{"lineterminator": "\n", **how})
        writer.writerows([header] if header else [])
        writer.writerows(rows.tolist())
    return path


def npy(array):
    """Return the bytes of a .npy file, version 1.0 of NumPy's format."""
    text = {"descr": array.dtype.str, "fortran_order": False, "shape": array.shape}
    header = f"{text}".encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\0" + struct.pack("<H", len(header)) + header + array.tobytes()


def write_npz(path, **changes):
    """Write an mnist.npz as Keras's is; `changes`: other arrays, or None for one left out."""
    (x_train, y_train), (x_test, y_test) = digits(240, 0), digits(40, 1)
    arrays = {"x_train": x_train.reshape(-1, 28, 28), "y_train": y_train}
    arrays |= {"x_test": x_test.reshape(-1, 28, 28), "y_test": y_test} | changes
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            if array is not None:
                archive.writestr(f"{name}.npy", array if isinstance(array, bytes) else npy(array))
    return path


def write_pictures(folder, images, labels):
    """Write class folders of files that stand in for pictures: each is the bytes of its pixels."""
    for number, (image, label) in enumerate(zip(images, labels, strict=True)):
        path = Path(folder, str(label), f"{number:03}.{('png', 'JPG')[number % 2]}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(image.tobytes())
