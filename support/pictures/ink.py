"""How much ink is at each pixel of an image, whatever the light, the paper and the colours.

In a drawing the paper has the same colour everywhere. In a photograph whose light changes little by
little its brightness is a quadratic surface. In any other it is what remains when everything
narrower than WIDTH, or than six strokes, is removed (a morphological closing, for dark ink), so
that shadows and tables count as paper, and strokes do not.
"""

from collections.abc import Iterator

import numpy as np
from scipy import ndimage

WIDTH = 0.15  # of the longer side: what is narrower may be ink
MAX_DOTS = 0.1  # of the pixels: more differ from the one beside only where dots make grey
MAX_PENS = 6  # widths of the pen: a square that wide passes over strokes
MAX_UNEVEN = 0.1  # of the paper's brightness, along the edges of a picture
MAX_RESIDUE = 0.08  # of the paper's brightness: what differs by more is no paper
MAX_BROAD = 0.3  # of the longer side: what is no paper is narrower, if it is ink


def maps(image: np.ndarray) -> Iterator[tuple[np.ndarray, bool]]:
    """Yield (ink, whether its paper fits the picture): for even, smooth and any other paper.

    Args:
        image: uint8 [height, width, 3].

    Yields:
        Ink as float32 [height, width], 0 for paper and 1 for black on white: the share of the
        paper's brightness that is missing, in the channel in which most is missing.
    """
    blur = 0.7 if max(image.shape) > 400 else 0  # of a photograph's noise
    bilevel = max(image.shape) > 100 and np.isin(image, (0, 255)).all()
    if bilevel and np.count_nonzero(np.diff(image[:, :, 0])) > MAX_DOTS * image[:, :, 0].size:
        blur = 1.5  # of the dots by which black and white make grey
    channels = [ndimage.gaussian_filter(image[:, :, c].astype(np.float32), blur) for c in range(3)]
    if all(np.abs(channels[0] - other).max() < 8 for other in channels[1:]):
        channels = [np.mean(channels, axis=0)]  # grey
    even = np.max([_even(channel) for channel in channels], axis=0)
    yield even, np.percentile(np.abs(edge(even)), 95) < MAX_UNEVEN
    for dark in (True, False):
        smooth = [_smooth(channel, dark) for channel in channels]
        if all(ink is not None for ink in smooth):
            yield np.max(smooth, axis=0), True
    yield np.max([_local(channel) for channel in channels], axis=0), True


def edge(array: np.ndarray) -> np.ndarray:
    """Return the outermost values of [height, width] in a row."""
    return np.concatenate([*array[[0, -1]], *array[:, [0, -1]].T])


def _even(channel):
    """Return the ink in one channel, float32 [height, width], on paper that is even."""
    paper = np.median(edge(channel))
    change = channel - paper
    dark = -change[change < 0].sum() >= change[change > 0].sum()
    return _ink(channel, np.full_like(channel, paper), dark)


def _smooth(channel, dark):
    """Return the ink in one channel, float32 [height, width], where light changes little by little.

    None: more than ink, which is dark or else light, differs from a quadratic surface. Paper beside
    a shadow is lighter than it, and a table is broad.
    """
    step = max(1, max(channel.shape) // 100)
    small = ndimage.uniform_filter(channel, step)[::step, ::step].copy()  # frees the large one
    row, column = (np.vander(np.linspace(0, 1, side), 3).astype("f4") for side in channel.shape)
    terms = np.einsum("ia,jb->ijab", row[::step], column[::step]).reshape(*small.shape, 9)
    paper = _without_strokes(small, max(small.shape) // 3, dark)
    for _ in range(5):  # the surface is fitted to what the one before leaves as paper
        ink = _ink(small, paper, dark)
        plain = np.abs(ink) < MAX_RESIDUE
        if plain.sum() < 50:
            return None
        surface = np.linalg.lstsq(terms[plain], small[plain], rcond=None)[0]
        paper = terms @ surface
    broad = 2 * ndimage.distance_transform_edt(~np.pad(plain, 1, mode="edge")).max()
    lighter = np.mean(ink < -MAX_RESIDUE)
    if lighter > 0.01 or broad > MAX_BROAD * max(small.shape):
        return None
    return _ink(channel, row @ surface.reshape(3, 3) @ column.T, dark)


def _local(channel):
    """Return the ink in one channel, float32 [height, width], on any other paper."""
    dark = _is_dark(channel)
    smoothed = ndimage.uniform_filter(channel, 3)
    width = max(3, round(WIDTH * max(channel.shape)) | 1)
    ink = _ink(channel, _without_strokes(smoothed, width, dark), dark)
    # Where a shadow's edge is bent, a wide square takes its hollows for ink.
    inked = ink >= 0.5 * np.percentile(ink, 99.9)
    pen = 4 * np.median(ndimage.distance_transform_cdt(np.pad(inked, 1))[1:-1, 1:-1][inked])
    narrow = max(15, round(MAX_PENS * pen) | 1)
    if narrow >= width:
        return ink
    return _ink(channel, _without_strokes(smoothed, narrow, dark), dark)


def _without_strokes(channel, width, dark):
    """Return one channel without what is narrower than a width, and dark, or else light."""
    if dark:
        return ndimage.grey_closing(channel, width)
    return ndimage.grey_opening(channel, width)


def _ink(channel, paper, dark):
    """Return by which share of the paper's brightness, or darkness, a channel differs from it."""
    if dark:
        change, light = paper - channel, paper
    else:
        change, light = channel - paper, 255 - paper
    # In a shadow ink is less dark, by as much as the paper. On a dark table it is no ink at all.
    return change / np.maximum(light, max(40, 0.4 * np.percentile(light, 95)))


def _is_dark(channel):
    """Return whether what is narrow is darker than its surroundings, rather than lighter."""
    step = max(1, max(channel.shape) // 150)
    small = ndimage.uniform_filter(channel, step)[::step, ::step]
    # A narrow width passes over a shadow's bends. Broad strokes need a wide one.
    narrow, wide = (_contrasts(small, max(3, max(small.shape) // share | 1)) for share in (20, 7))
    dark, light = narrow if max(narrow) > 0.1 * max(wide) else wide
    return dark >= light


def _contrasts(channel, width):
    """Return how much is darker, and how much is lighter than around it, and below a width."""
    coarse = -(-width // 7)  # rounded up; a median of many pixels is slow
    paper = ndimage.median_filter(channel[::coarse, ::coarse], 2 * (width // coarse) + 1)
    paper = paper.repeat(coarse, 0).repeat(coarse, 1)[: channel.shape[0], : channel.shape[1]]
    # Narrow gaps between strokes are light, and narrow, but no lighter than paper.
    dark = np.minimum(ndimage.grey_closing(channel, width), paper) - channel
    light = channel - np.maximum(ndimage.grey_opening(channel, width), paper)
    return (dark.clip(0) ** 2).sum(), (light.clip(0) ** 2).sum()
