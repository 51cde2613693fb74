"""The ink of a digit, found in a picture and put in the form of MNIST's images.

MNIST's digits were cut out, scaled to fit 20 x 20 pixels with their aspect ratio kept, smoothed,
and laid into 28 x 28 so that their centre of mass is in the middle; ink is light on black. Source:
the MNIST page of LeCun, Cortes and Burges, http://yann.lecun.com/exdb/mnist/. A network trained on
such images reads others badly, so that this preparation matters more than the network.
"""

from itertools import pairwise

import numpy as np

from data.errors import DataError

BLANK = 12  # of 255: less difference between ink and paper is noise
SPECK = 0.03  # share of the largest piece of ink; a piece smaller than that is dirt
THINNEST = 2.2  # pixels of 20: MNIST's strokes are hardly ever thinner


def normalized(path, grey):
    """Return the digit in a picture as an image, uint8 [784], 0 to 255.

    grey  float [height, width], 0 to 255, dark on light or light on dark
    path  the file's name, for DataError: no digit, or more than one
    """
    return _fit(_cut_out(path, *_found(path, grey)))


def _found(path, grey):
    """Return how much ink is at each pixel, float [height, width], 0 to 1, and its noise."""
    from scipy import ndimage

    # Which side of the paper's brightness is the ink on? The extreme 2 % that lie further away.
    step = max(1, max(grey.shape) // 64)
    small = ndimage.uniform_filter(grey, step)[::step, ::step]
    paper = ndimage.median_filter(small, max(3, max(small.shape) // 2), mode="reflect")
    difference = np.sort((small - paper).ravel())
    extreme = max(1, difference.size // 50)
    if -difference[:extreme].mean() >= difference[-extreme:].mean():
        grey, small = -grey, -small
    # Paper, shadows and gradients: what remains when everything narrower than a third is removed.
    paper = ndimage.grey_opening(small, max(3, int(max(small.shape) * 0.3) | 1))
    zoom = np.divide(grey.shape, paper.shape)
    ink = grey - ndimage.zoom(paper, zoom, order=1, mode="nearest", grid_mode=True)
    # Two estimates of a standard deviation that ignore the ink: one is too large where ink fills
    # most of the picture, the other where the picture has few pixels.
    spread = 1.48 * np.median(np.abs(ink - np.median(ink)))
    noise = min(spread, 1.05 * np.median(np.abs(np.diff(ink))))
    peak = np.sort(ink.ravel())[-max(1, ink.size // 200) :].mean()
    if peak < max(BLANK, 4 * noise):
        raise DataError(path, "no digit to be seen in the picture")
    return ink / peak, noise / peak


def _cut_out(path, ink, noise):
    """Return the digit alone: the ink of its pieces, 0 to 1, cut out, not thinner than MNIST's."""
    from scipy import ndimage

    pieces, count = ndimage.label(ink > 0.5, np.ones([3, 3]))
    areas = np.bincount(pieces.ravel(), minlength=count + 1)[1:]
    boxes = np.array([[s.start, s.stop] for pair in ndimage.find_objects(pieces) for s in pair])
    top, bottom, left, right = boxes.reshape(count, 4).T
    # What touches the edge is a border, a ruled line or a shadow, unless nothing else is there.
    inside = (top > 0) & (left > 0) & (bottom < ink.shape[0]) & (right < ink.shape[1])
    if areas[inside].max(initial=0) < max(4, areas.max() / 20):
        inside[:] = True
    kept = np.flatnonzero(inside & (areas >= SPECK * areas[inside].max()))
    height = bottom[kept].max() - top[kept].min()
    length = max(height, right[kept].max() - left[kept].min())
    tall = sorted(kept[bottom[kept] - top[kept] > 0.6 * height], key=lambda piece: left[piece])
    if any(left[b] - right[a] > height / 8 for a, b in pairwise(tall)):
        raise DataError(path, "more than one digit in the picture")

    core = np.isin(pieces, kept + 1)
    near = ndimage.binary_dilation(core, _disc(max(1, length / 25)))
    faint = min(0.4, 4 * noise)  # the soft edge of a stroke, but not the noise around it
    ink = np.where(near & (ink > faint), ink.clip(0, 1), 0)
    # In a ribbon of width w the mean distance to its edge is w / 4.
    width = 4 * ndimage.distance_transform_edt(np.pad(core, 1)).sum() / core.sum()
    thicker = (THINNEST * length / 20 - width) / 2
    if thicker >= 0.75:
        ink = ndimage.grey_dilation(np.pad(ink, int(thicker) + 1), footprint=_disc(thicker))
    rows, columns = np.nonzero(ink)
    return ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]


def _disc(radius):
    row, column = np.ogrid[-int(radius) : int(radius) + 1, -int(radius) : int(radius) + 1]
    return row**2 + column**2 <= radius**2


def _fit(ink):
    """Scale the longer side to 20 pixels and put the centre of mass in the middle of 28 x 28."""
    from PIL import Image
    from scipy import ndimage

    height, width = (max(1, round(20 * side / max(ink.shape))) for side in ink.shape)
    image = Image.fromarray(ink.astype(np.float32))
    image = image.resize((width, height), Image.Resampling.LANCZOS)  # with antialiasing
    ink = np.asarray(image).clip(0, 1)
    ink = (ink / max(0.2, np.percentile(ink[ink > 0.1], 90))).clip(0, 1)  # MNIST's ink is full
    corner = np.round(13.5 - np.array(ndimage.center_of_mass(ink))).astype(int)
    top, left = corner.clip(0, np.subtract(28, ink.shape))
    pixels = np.zeros([28, 28], np.uint8)
    pixels[top : top + height, left : left + width] = np.round(255 * ink)
    return pixels.ravel()
