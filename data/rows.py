"""One file of data, read for the sake of a network that is trained already."""

from pathlib import Path

import numpy as np

from data import idx, names, npz, tables
from data.sources import surprises
from support.ground import DataError, reported


def read_rows(path: str | Path) -> tuple[np.ndarray, np.ndarray | None, str]:
    """Read the images in a file, and their labels, if it has any.

    Args:
        path: a CSV file; one of MNIST's four files, or of EMNIST's, which stands for images and
            labels, as they lie side by side; or an .npz file, of which the test images are read,
            if it has some. All but the last may be packed by gzip.

    Returns:
        Images uint8 [N, 784]; labels uint8 [N], 0 to 9, or None; and in words where the labels are,
        and what was passed over.

    Raises:
        DataError: the file is bad in any way.
    """
    path = Path(path)
    key = names.key(path)
    with surprises(path), reported(path):
        if names.plain(path).endswith(".npz"):
            return *npz.read(path)[-1], "labels: in the same file"
        if not key:
            return tables.read(path)
        part: dict[str, list[Path]] = {}  # of the four files, the two that go together
        for each in sorted(path.parent.iterdir()):
            prefix, name = names.key(each) or ("", "")
            if prefix == key[0] and name.startswith(key[1][:5]):
                part.setdefault(name, []).append(each)
        if not any("images" in name for name in part):
            raise DataError(path, "no images of this name lie here")
        (images, *labels), _ = idx.read(part, names.is_emnist(path.name))
    note = "labels: the file beside it" if labels else "no labels"
    return images, labels[0] if labels else None, note
