"""Ink in the form of MNIST's images.

MNIST's digits were cut out, scaled to fit 20 x 20 pixels with their aspect ratio kept, smoothed,
and laid into 28 x 28 so that their centre of mass is in the middle; ink is light on black. Source:
the MNIST page of LeCun, Cortes and Burges, http://yann.lecun.com/exdb/mnist/. A network trained on
such images reads others badly, so that this preparation matters more than the network.
"""

import numpy as np
from PIL import Image
from scipy import ndimage

from support.pictures.pieces import stroke_width

MIN_PEN = 2.2  # pixels of 20: MNIST's strokes are hardly ever thinner


def is_normal(image: np.ndarray) -> bool:
    """Return whether an image, uint8 [height, width, 3], has MNIST's form already.

    It is 28 x 28, white on black, 20 pixels long at the most and 19 at least, and centred.
    """
    if image.shape[:2] != (28, 28) or np.ptp(image, axis=2).any():
        return False
    image = image[:, :, 0]
    rows, columns = np.nonzero(image)
    if not len(rows) or max(np.ptp(rows), np.ptp(columns)) not in (18, 19):
        return False
    return bool(np.abs(np.subtract(ndimage.center_of_mass(image), 13.5)).max() < 1)


def normalized(ink: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return a digit as an image, uint8 [784], 0 to 255.

    Args:
        ink: float [height, width], 0 to 1, with some paper around the digit.
        mask: bool [height, width], where the digit's strokes are.
    """
    length = max(np.ptp(side) + 1 for side in np.nonzero(mask))
    full = max(1e-3, np.percentile(ink[mask], 70))
    ink = np.where(mask & (ink < 0.3 * full), full, ink)  # the inside of an outline
    near = ndimage.binary_dilation(mask, disc(max(1, length / 40)))
    ink = np.where(near, (ink / full).clip(0, 1), 0)
    ink[ink < 0.15] = 0
    thicker = (MIN_PEN * length / 20 - stroke_width(mask)) / 2
    if thicker >= 0.75:
        ink = ndimage.grey_dilation(np.pad(ink, int(thicker) + 1), footprint=disc(thicker))
    rows, columns = np.nonzero(ink)
    return _fit(ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1])


def disc(radius: float) -> np.ndarray:
    """Return a disc, bool [2 * int(radius) + 1] * 2."""
    row, column = np.ogrid[-int(radius) : int(radius) + 1, -int(radius) : int(radius) + 1]
    return row**2 + column**2 <= radius**2


def _fit(ink):
    """Scale the longer side to 20 pixels and put the centre of mass in the middle of 28 x 28."""
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
