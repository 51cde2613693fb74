"""Hugging Face's Parquet files, which the package pyarrow reads, if it is there."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from data import npz
from support.ground import DataError, opened

try:
    from pyarrow import parquet
except ImportError:
    parquet = None


def read_parquet(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read images uint8 [N, 784] and labels uint8 [N] from the columns `image` and `label`.

    The form is that of https://huggingface.co/datasets/ylecun/mnist: an image is the bytes of a
    picture. DataError: anything else, or pyarrow is not installed.
    """
    if parquet is None:
        raise DataError(path, "a Parquet file, which needs one package more: pip install pyarrow")
    with opened(path) as file:
        table = parquet.ParquetFile(file)
        names = table.schema_arrow.names
        if not {"image", "label"} <= set(names):
            raise DataError(path, "wrong columns", ", ".join(names[:6]), "image and label")
        rows = table.read(["image", "label"]).to_pylist()
    files = [io.BytesIO(row["image"]["bytes"]) for row in rows]
    images = np.array([Image.open(file, formats=["PNG", "JPEG"]).convert("L") for file in files])
    labels = np.array([row["label"] for row in rows])
    return npz.pair(path, "column image", images, "column label", labels)
