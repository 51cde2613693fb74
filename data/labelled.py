"""One file of data, read for the sake of a network that is trained already."""

from pathlib import Path

import numpy as np

from data import forms, idx, kaggle, search
from support.ground import DataError, reported


def read_labelled(path: str | Path) -> tuple[np.ndarray, np.ndarray | None, str]:
    """Read the images in a file, and their labels, if it has any.

    Args:
        path: a CSV file; one of MNIST's four files, or of EMNIST's, which stands for images and
            labels, as they lie side by side; or an mnist.npz, of which the test images are read.

    Returns:
        Images uint8 [N, 784]; labels uint8 [N], 0 to 9, or None; and in words where the labels are.

    Raises:
        DataError: the file is bad in any way.
    """
    path = Path(path)
    if path.suffix.lower() == ".npz":
        *_, images, labels = forms.read_npz(path)
        return images, labels, "labels: y_test"
    kind = search.kind_of_four(path)
    if kind is None:
        return kaggle.read(path)
    with reported(path):
        four = search.idx_files(sorted(path.parent.iterdir()), emnist=kind == "EMNIST")
    part = next((name[:4] for name, paths in four.items() if path in paths), None)
    files = {name: paths for name, paths in four.items() if paths and name[:4] == part}
    if not any("images" in name for name in files):
        raise DataError(path, "no images of this name lie here")
    images, *labels, _ = idx.read(files, is_emnist=kind == "EMNIST")
    return images, labels[0] if labels else None, "labels: the file beside it"
