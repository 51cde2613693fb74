"""All that is in a picture as one digit, prepared in the plainest way."""

import numpy as np

from support.pictures import ink, mnist, pieces

MIN_CONTRAST = 16  # of 255: a picture with less has no ink
MIN_HEIGHT = 4  # pixels: what is smaller is a speck


def as_one(image: np.ndarray) -> list[tuple[np.ndarray, tuple]]:
    """Return [(pixels, box)] of an image, uint8 [height, width, 3], or [] if that is no digit.

    The ink is grey, and light if the border is dark; the pixels are as `mnist.normalized` returns
    them. What is wider than high is taken for several digits.
    """
    grey = image.mean(axis=2)
    amount = grey if np.median(ink.edge(grey)) < 128 else 255 - grey
    contrast = np.ptp(amount)
    if contrast < MIN_CONTRAST:
        return []
    levels = amount.astype(np.uint8)
    mask = levels > _threshold(levels)
    left, top, right, bottom = pieces.bounds(mask)
    if right - left > bottom - top or bottom - top < MIN_HEIGHT:
        return []
    amount = (amount - amount.min()) / contrast
    amount, mask = (np.pad(each[top:bottom, left:right], 3) for each in (amount, mask))
    return [(mnist.normalized(amount, mask), (left, top, right, bottom))]


def _threshold(levels):
    """Return the level by which the means of what is darker and lighter differ most: Otsu's.

    Source: Otsu, A threshold selection method from gray-level histograms, 1979.
    """
    count = np.bincount(levels.ravel(), minlength=256)
    below = np.cumsum(count)[:-1].astype(float)
    total = np.cumsum(count * np.arange(256))
    above = levels.size - below
    means = total[:-1] / below.clip(1), (total[-1] - total[:-1]) / above.clip(1)
    return (below * above * np.subtract(*means) ** 2).argmax()
