"""Hugging Face's Parquet files, which the package pyarrow reads, if it is there."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from data.images import SIDE, no_digit
from support.ground import DataError, opened

try:
    from pyarrow import parquet
except ImportError:
    parquet = None


def read_parquet(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read images uint8 [N, 784] and labels uint8 [N] from the columns `image` and `label`.

    The form is that of https://huggingface.co/datasets/ylecun/mnist: an image is the bytes of a
    picture of 28 x 28 pixels. DataError: anything else, or pyarrow is not installed.
    """
    if parquet is None:
        raise DataError(path, "a Parquet file, which needs one package more: pip install pyarrow")
    with opened(path) as file:
        table = parquet.ParquetFile(file)
        names = table.schema_arrow.names
        if not {"image", "label"} <= set(names):
            raise DataError(path, "wrong columns", ", ".join(names[:6]), "image and label")
        rows = table.read(["image", "label"]).to_pylist()
    images = np.zeros((len(rows), SIDE, SIDE), np.uint8)
    for image, row in zip(images, rows, strict=True):
        with Image.open(io.BytesIO(row["image"]["bytes"]), formats=["PNG", "JPEG"]) as picture:
            if picture.size != (SIDE, SIDE):
                got = "{} x {}".format(*picture.size)
                raise DataError(path, "wrong image size", got, f"{SIDE} x {SIDE}")
            image[:] = picture.convert("L")
    labels = np.array([row["label"] for row in rows], int)
    if labels.min() < 0 or labels.max() > 9:
        raise no_digit(path, "column label", labels)
    return images.reshape(-1, SIDE * SIDE), labels.astype(np.uint8)
