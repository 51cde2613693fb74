"""What the ink of a group of pieces looks like, whatever it is."""

import numpy as np
from scipy import ndimage

from support.pictures.pieces import Group

MIN_HOLE = 0.004  # of a digit's box: felt pen, chalk and JPEG leave smaller ones
MIN_LIKENESS = 0.72  # correlation: hardly a 4 is as like itself when it is turned or mirrored


def stamp(one: Group) -> np.ndarray:
    """Return a group's ink, bool [height, width], of its box alone."""
    left, top, right, bottom = one.box
    mask = np.zeros([bottom - top, right - left], bool)
    for piece in one.pieces:
        x, y = piece.box[0] - left, piece.box[1] - top
        mask[y : y + piece.height, x : x + piece.width] |= piece.mask
    return mask


def closed(one: Group) -> np.ndarray:
    """Return the same as `stamp`, with dots and dashes joined to strokes."""
    mask = stamp(one)
    if len(one.pieces) < 4:
        return mask
    size = 2 * round(one.pen) + 1
    mask = ndimage.binary_closing(np.pad(mask, size), np.ones([size, size]))
    return mask[size:-size, size:-size]


def holes(mask: np.ndarray, least: float = MIN_HOLE) -> int:
    """Return the number of holes that are larger than a share of the box."""
    found, _ = ndimage.label(~np.pad(mask, 1))
    sizes = np.bincount(found.ravel())[2:]  # without the ink, and what is outside
    return int(np.count_nonzero(sizes > least * mask.size))


def is_sign(one: Group) -> bool:
    """Return whether a group is a + or an x: much the same if turned a quarter, or mirrored."""
    mask = stamp(one)
    if holes(mask) or not 0.55 < one.width / one.height < 1.8:
        return False
    rows, columns = (np.linspace(0, side - 1, 24).astype(int) for side in mask.shape)
    even = ndimage.gaussian_filter(mask[np.ix_(rows, columns)].astype(float), 2.5)
    turned = np.rot90(even), even[::-1], even[:, ::-1]
    likeness = np.mean([np.corrcoef(even.ravel(), each.ravel())[0, 1] for each in turned])
    return likeness > MIN_LIKENESS and even[12, 12] > np.median(even[even > 0.1])
