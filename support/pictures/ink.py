"""How much ink is at each pixel of an image, whatever the light, the paper and the colours.

The paper is what remains of an image when everything narrower than some width is removed (a
morphological closing, for dark ink), so that shadows, tables and gradients count as paper, and
strokes do not. As no width suits a small digit in a photograph and a thick one that fills its
picture, ink is looked for at each of WIDTHS.
"""

import numpy as np

WIDTHS = (0.05, 0.15, 1)  # of what is not paper, as a share of the longer side; 1: no limit


def maps(image):
    """Yield, for each of WIDTHS, (ink, width): ink float32 [height, width] and a limit in pixels.

    image  uint8 [height, width, 3]; ink is 0 for paper and 1 for black on white: the share of the
           paper's brightness that is missing, in the channel in which most is missing.
    """
    from scipy import ndimage

    blur = 0.7 if max(image.shape) > 400 else 0  # of a photograph's noise
    channels = [ndimage.gaussian_filter(image[:, :, c].astype(np.float32), blur) for c in range(3)]
    if all(np.abs(channels[0] - other).max() < 8 for other in channels[1:]):
        channels = [np.mean(channels, axis=0)]  # grey
    for share in WIDTHS:
        width = max(3, round(share * max(image.shape)) | 1)
        ink = [_ink(channel, None if share == 1 else width) for channel in channels]
        yield np.max(ink, axis=0), width


def _ink(channel, width):
    """Return the ink in one channel, float32 [height, width]; `width` None: on even paper."""
    from scipy import ndimage

    if width is None:
        edge = np.concatenate([*channel[[0, -1]], *channel[:, [0, -1]].T])
        paper = np.median(edge)
        change = channel - paper
        dark = -change[change < 0].sum() >= change[change > 0].sum()
    else:
        dark = _is_dark(channel, width)
        remove = ndimage.grey_closing if dark else ndimage.grey_opening
        paper = remove(ndimage.uniform_filter(channel, 3), width)
    change, light = (paper - channel, paper) if dark else (channel - paper, 255 - paper)
    # In a shadow ink is less dark, by as much as the paper. On a dark table it is no ink at all.
    return change / np.maximum(light, max(40, 0.4 * np.percentile(light, 95)))


def _is_dark(channel, width):
    """Return whether what is narrow is darker than its surroundings, rather than lighter."""
    from scipy import ndimage

    step = max(1, max(channel.shape) // 150)
    small = ndimage.uniform_filter(channel, step)[::step, ::step]
    size = max(3, width // step | 1)
    coarse = -(-size // 7)  # a median of many pixels is slow
    paper = ndimage.median_filter(small[::coarse, ::coarse], 2 * (size // coarse) + 1)
    paper = paper.repeat(coarse, 0).repeat(coarse, 1)[: small.shape[0], : small.shape[1]]
    # Narrow gaps between strokes are light, and narrow, but no lighter than paper.
    dark = np.minimum(ndimage.grey_closing(small, size), paper) - small
    light = small - np.maximum(ndimage.grey_opening(small, size), paper)
    return (dark.clip(0) ** 2).sum() >= (light.clip(0) ** 2).sum()
