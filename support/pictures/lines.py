"""Lines of ruled and squared paper, and the sides of frames, taken out of a map of ink."""

import numpy as np
from scipy import ndimage

MIN_SIDE = 65  # pixels: in smaller pictures strokes are as thin as lines


def without_lines(mask: np.ndarray) -> np.ndarray:
    """Return ink, bool [height, width], without the lines that run across it or down it."""
    mask = mask & ~_lines(mask)
    return mask & ~_lines(mask.T).T


def _lines(mask):
    """Return the pixels, bool, of thin, straight, nearly horizontal lines that are very long."""
    none = np.zeros(mask.shape, bool)
    width = mask.shape[1]
    thin = max(2, max(mask.shape) // 60)  # pixels: thicker is a stroke
    if max(mask.shape) < MIN_SIDE:
        return none
    # At the lines' slope, most ink comes to lie in few rows, counted as columns that have any.
    rows, columns = np.nonzero(ndimage.binary_dilation(mask, np.ones([3, 1])))
    slopes = np.linspace(-0.06, 0.06, 25)
    places = (_sheared(rows, columns, slope, width) for slope in slopes)
    counts = [np.bincount(place, minlength=len(mask) + 2 * width) for place in places]
    best = int(np.argmax([(count.astype(float) ** 2).sum() for count in counts]))
    long = counts[best] > 0.55 * max(mask.shape)
    # A digit may be as tall as its picture, but has one such stroke.
    apart = np.ptp(np.flatnonzero(long)) if long.any() else 0
    if apart < 2 * thin and counts[best].max() < 0.95 * width:
        return none
    on_line = np.convolve(long, np.ones(3), "same") > 0
    rows, columns = np.nonzero(mask)
    band = none.copy()
    band[rows, columns] = on_line[_sheared(rows, columns, slopes[best], width)]
    # Where the ink goes on above and beneath a line, a stroke crosses it and stays.
    run = _run_lengths(mask)
    thickness = np.median(run[band]) if band.any() else np.inf
    return band & (run <= 1.6 * thickness + 1) if thickness <= thin else none


def _sheared(rows, columns, slope, width):
    """Return the rows in which pixels lie once lines of a slope are level, and `width` more."""
    return np.round(rows - slope * columns).astype(int) + width


def _run_lengths(mask):
    """Return, for each pixel of ink, how many lie in its column without a gap."""
    padded = np.pad(mask, [(1, 1), (0, 0)]).T.astype(np.int8)
    change = np.diff(padded, axis=1)
    column, start = np.nonzero(change == 1)
    _, end = np.nonzero(change == -1)
    lengths = np.zeros(mask.T.shape, int)
    for c, a, b in zip(column, start, end, strict=True):
        lengths[c, a:b] = b - a
    return lengths.T
