"""Sets that are neither IDX nor CSV: Keras's mnist.npz, and pictures in folders."""

import zipfile

import numpy as np
from tqdm import tqdm

from data.search import DIGITS
from support import pictures
from support.ground import MAX_BYTES, DataError, complain, opened, reported


def read_npz(path):
    """Read Keras's mnist.npz: training images uint8 [N, 784], labels [N], test images, labels.

    The names in it are Keras's: https://keras.io/api/datasets/mnist/. DataError: an array is
    missing, of another type or shape, or out of range. Pickled arrays are not opened.
    """
    arrays, checked = [], []
    try:
        with opened(path) as file, zipfile.ZipFile(file) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_BYTES:
                raise DataError(path, "too many bytes", expected=f"at most {MAX_BYTES}")
            file.seek(0)
            with np.load(file, allow_pickle=False) as stored:
                for part in ("train", "test"):
                    arrays += [np.asarray(stored[f"{name}_{part}"]) for name in "xy"]
    except KeyError:
        expected = "x_train, y_train, x_test and y_test"
        raise DataError(path, "an array is missing", expected=expected) from None
    except (ValueError, RuntimeError, MemoryError, zipfile.BadZipFile) as problem:
        raise DataError(path, f"cannot be read: {problem}") from None
    for images, labels in (arrays[:2], arrays[2:]):
        if images.dtype != np.uint8 or images.shape[1:] != (28, 28) or not len(images):
            got = f"{images.dtype} {list(images.shape)}"
            raise DataError(path, "wrong images", got, "uint8 [N, 28, 28]")
        if labels.dtype.kind not in "iu" or labels.shape != images.shape[:1]:
            got = f"{labels.dtype} {list(labels.shape)}"
            raise DataError(path, "wrong labels", got, f"integers [{len(images)}]")
        if labels.min() < 0 or labels.max() > 9:
            got = f"{labels.min()} to {labels.max()}"
            raise DataError(path, "a label is no digit", got, "0 to 9")
        checked += [images.reshape(len(images), -1), labels.astype(np.uint8)]
    return checked


def read_pictures(folder):
    """Read ten folders `0` to `9` of pictures: images uint8 [N, 784], labels uint8 [N].

    Of pictures that cannot be read some are left out, with a warning. DataError: that many, or all
    of a digit, are bad.
    """
    with reported(folder):
        paths = [path for digit in DIGITS for path in sorted((folder / digit).iterdir())]
    paths = [path for path in paths if not path.name.startswith(".")]
    images, labels, refused = [], [], []
    for path in tqdm(paths, f"{folder}", unit="picture", leave=False, disable=None):
        try:
            images.append(pictures.read_one(path))
        except DataError as problem:
            refused.append(problem)
        else:
            labels.append(int(path.parent.name))
    if len(refused) > len(images):
        raise refused[0]
    if lacking := [digit for digit in DIGITS if int(digit) not in labels]:
        raise DataError(folder / lacking[0], "no picture of a digit in it")
    if refused:
        text = f"{folder}: {len(refused)} of {len(paths)} files are left out, the first is "
        complain("warning", f"{text}{refused[0]}")
    return np.stack(images), np.array(labels, np.uint8)


def oddities(images, labels):
    """Yield, in words, in what uint8 [N, 784], with labels uint8 [N], is unlike MNIST's images."""
    images, labels = images[:20_000], labels[:20_000]
    ones = images[labels == 1].reshape(-1, 28, 28) > 127
    if len(ones) > 9 and ones.any(axis=1).sum() > 1.2 * ones.any(axis=2).sum():
        yield "its ones lie on their side: are the images transposed?"
    if images.mean() > 127:
        yield "its images are dark on light, and MNIST's are light on dark"
    if images.max() < 128:
        yield f"its brightest pixel is {images.max()}, and MNIST's is 255"
