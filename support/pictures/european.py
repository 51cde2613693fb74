"""Forms of digits that MNIST's writers, who are American, did not use, made American.

In much of Europe a 1 has a long upstroke, and some people put a slash through a 0. A network that
was trained on MNIST takes the one for a 7 and the other for an 8.
"""

import numpy as np
from scipy import ndimage


def american(mask: np.ndarray, pen: float) -> np.ndarray:
    """Return what remains of a digit's ink, a mask, bool [height, width]; pen: width in pixels."""
    return _without_slash(_without_flag(mask, pen), pen)


def _without_flag(mask, pen):
    """Remove the upstroke of a 1: a straight stroke from its top down to the left."""
    height, width = mask.shape
    if not 0.15 * height < width - pen < 0.8 * height:
        return mask
    # The stem is a straight line from top to bottom, with nothing to the right of it.
    rows = np.flatnonzero(mask.any(axis=1))
    right = width - 1 - mask[rows, ::-1].argmax(axis=1)
    body = slice(int(0.12 * len(rows)), int(0.95 * len(rows)))
    if len(rows[body]) < 8:  # too short for a stem
        return mask
    slope, offset = np.polyfit(rows[body], right[body], 1)
    edge = slope * rows + offset
    if np.abs(right - edge)[body].max() > 0.5 * pen + 0.02 * height:
        return mask
    column = np.arange(width)
    stem = column > edge[:, None] - 1.3 * pen - 0.02 * height
    flag = mask[rows] & ~stem
    y, x = np.nonzero(flag)
    if len(x) < pen:
        return mask
    # All of it lies along the line from its tip to the stem's top.
    tip, top = np.array([x[x.argmin()], y[x.argmin()]]), np.array([edge[0] - pen / 2, 0])
    run, rise = np.abs(top - tip)
    length = np.hypot(rise, run)
    astray = np.abs((x - tip[0]) * rise + (y - tip[1]) * run) / length
    # A 7's bar is longer and flatter.
    if astray.max() > pen + 0.03 * height or rise < (0.1 + 0.7 * length / height) * run:
        return mask
    result = mask.copy()
    result[rows] &= stem
    return result


def _without_slash(mask, pen):
    """Remove the slash through a 0: a line between two holes."""
    holes, count = ndimage.label(~np.pad(mask, 1))
    areas = np.bincount(holes.ravel(), minlength=count + 1)
    large = np.flatnonzero(areas > 0.03 * mask.size)
    large = large[large > 1]  # 0: the ink, 1: what is outside
    if len(large) != 2:
        return mask
    # An 8's holes meet at its waist, a slash runs between them for most of the height.
    away = [ndimage.distance_transform_edt(holes != hole) for hole in large]
    between = np.flatnonzero((np.maximum(*away) < 1.3 * pen).any(axis=1))
    if not len(between) or np.ptp(between) < 0.5 * len(mask):
        return mask
    # The outline of what it encloses, without the ends of the slash that stick out.
    radius = int(pen) + 1
    full = np.pad(ndimage.binary_fill_holes(mask), 2 * radius)
    full = ndimage.binary_opening(full, iterations=radius)
    ring = full & ~ndimage.binary_erosion(full, iterations=max(1, round(pen)))
    return ring[2 * radius : -2 * radius, 2 * radius : -2 * radius]
