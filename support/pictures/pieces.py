"""The connected pieces of ink in an image, without what surrounds people's digits.

Ruled lines, frames, circles, scribbles, blots and dirt are left out here.
"""

from typing import NamedTuple

import numpy as np

FAINT = 0.06  # ink: less contrast is noise, or JPEG's blocks
MAX_PIECES = 300  # a page of text has more; the largest are looked at


class Piece(NamedTuple):
    """A connected piece of ink."""

    mask: np.ndarray  # bool [height, width], of the box alone
    box: tuple  # (left, top, right, bottom)
    area: int  # pixels
    pen: float  # pixels: the width of the stroke

    @property
    def width(self):
        return self.box[2] - self.box[0]

    @property
    def height(self):
        return self.box[3] - self.box[1]

    @property
    def length(self):
        return max(self.width, self.height)


def find(ink):
    """Return the list of Pieces in a map of ink, float32 [height, width]."""
    from scipy import ndimage

    mask = _filled(_without_lines(_without_frames(_inked(ink))))
    labels, count = ndimage.label(mask, np.ones([3, 3]))
    areas = np.bincount(labels.ravel(), minlength=count + 1)[1:]
    boxes = ndimage.find_objects(labels)
    found = []
    for number in np.argsort(-areas, kind="stable")[:MAX_PIECES]:
        rows, columns = boxes[number]
        piece = labels[boxes[number]] == number + 1
        # In a ribbon of width w the mean distance to its edge is w / 4.
        pen = 4 * ndimage.distance_transform_edt(np.pad(piece, 1)).sum() / areas[number]
        box = (columns.start, rows.start, columns.stop, rows.stop)
        found.append(Piece(piece, box, int(areas[number]), float(pen)))
    return found


def _inked(ink):
    """Return where there is ink, bool: half of the strongest, and what hangs on it."""
    from scipy import ndimage

    # Two estimates of a standard deviation: one is too large where ink fills most of the picture,
    # the other where the picture has few pixels.
    level = np.median(ink)
    spread = 1.48 * np.median(np.abs(ink - level))
    noise = min(spread, 1.05 * np.median(np.abs(np.diff(ink))))
    strongest = np.sort(ink.ravel())[-max(4, ink.size // 5000) :].mean()
    if strongest < max(FAINT, level + 5 * noise):
        return np.zeros(ink.shape, bool)
    weak = ink > max(0.33 * strongest, FAINT / 2, 3 * noise)
    labels, count = ndimage.label(weak, np.ones([3, 3]))
    strong = np.zeros(count + 1, bool)
    strong[labels[ink > 0.5 * strongest]] = True
    return strong[labels] & weak


def _without_frames(mask):
    """Remove boxes and circles: ink around other ink, and none in the middle of its own."""
    from scipy import ndimage

    labels, _ = ndimage.label(mask, np.ones([3, 3]))
    for number, box in enumerate(ndimage.find_objects(labels), 1):
        height, width = (side.stop - side.start for side in box)
        if min(height, width) < 0.1 * max(mask.shape) or width < 0.6 * height:
            continue
        top, left = height // 7, width // 7
        middle = labels[box][top : height - top, left : width - left]
        others = np.flatnonzero(((middle > 0) & (middle != number)).any(axis=1))
        if len(others) and np.ptp(others) > 0.2 * height and np.mean(middle == number) < 0.02:
            mask = mask & (labels != number)
    return mask


def _without_lines(mask):
    """Remove lines that run across the image, of ruled or squared paper, or a frame's sides."""
    for turned in (False, True):
        view = mask.T if turned else mask
        lines = _lines(view)
        mask = mask & ~(lines.T if turned else lines)
    return mask


def _lines(mask):
    """Return the pixels, bool, of thin, straight, nearly horizontal lines that are very long."""
    from scipy import ndimage

    none = np.zeros(mask.shape, bool)
    width = mask.shape[1]
    thin = max(mask.shape) // 60  # pixels: thicker is a stroke
    if thin < 3:
        return none
    # At the lines' slope, most ink comes to lie in few rows, counted as columns that have any.
    rows, columns = np.nonzero(ndimage.binary_dilation(mask, np.ones([3, 1])))
    slopes = np.linspace(-0.06, 0.06, 25)
    counts = [_counted(rows, columns, slope, mask.shape) for slope in slopes]
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
    return np.round(rows - slope * columns).astype(int) + width


def _counted(rows, columns, slope, shape):
    return np.bincount(_sheared(rows, columns, slope, shape[1]), minlength=shape[0] + 2 * shape[1])


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


def _filled(mask):
    """Fill holes that are long and narrow: the inside of a stroke of which the outline is drawn."""
    from scipy import ndimage

    holes, count = ndimage.label(~np.pad(mask, 1, constant_values=False))
    holes = holes[1:-1, 1:-1]
    areas = np.bincount(holes.ravel(), minlength=count + 1)
    for number, box in enumerate(ndimage.find_objects(holes), 1):
        if number == 1 or areas[number] < 50:  # 1: what is outside
            continue
        hole = holes[box] == number
        width = 4 * ndimage.distance_transform_edt(np.pad(hole, 1)).sum() / areas[number]
        # Nor is the room between a digit and a circle or box around it the inside of a stroke.
        if areas[number] > 8 * width**2 and width < 0.2 * max(hole.shape):
            mask[box] |= hole
    return mask
