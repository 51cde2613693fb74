"""A sheet of paper on a table, or a canvas in a window: what lies around it is painted over."""

import numpy as np
from scipy import ndimage, spatial

MIN_CONTRAST = 60  # of 255: between a sheet of paper and the table on which it lies


def alone(image: np.ndarray) -> np.ndarray | None:
    """Return an image, uint8 [height, width, 3], whose table or window is painted as its paper is.

    None: there is no bright, convex area on a darker one, as a sheet of paper or a canvas makes.
    """
    step = max(image.shape) // 150
    if step < 1 or min(image.shape[:2]) < 10 * step:
        return None
    grey = ndimage.gaussian_filter(image.mean(axis=2), step / 2)[::step, ::step]
    levels = np.percentile(grey, [2, 98])
    bright = grey > levels.mean()
    if np.ptp(levels) < MIN_CONTRAST:
        return None
    labels, _ = ndimage.label(bright)
    largest = labels == 1 + np.bincount(labels.ravel())[1:].argmax()
    inside = ndimage.binary_fill_holes(ndimage.binary_closing(np.pad(largest, 3), iterations=3))
    inside = inside[3:-3, 3:-3]
    sides = sum(side.any() for side in (inside[0], inside[-1], inside[:, 0], inside[:, -1]))
    even = bright[inside].mean() > 0.8 and bright[~inside].sum() < 0.1 * inside.size
    if sides > 1 or inside.mean() < 0.1 or not even:
        return None
    if inside.sum() < 0.9 * spatial.ConvexHull(np.argwhere(inside)).volume:
        return None
    inside = ndimage.binary_erosion(inside, iterations=2).repeat(step, 0).repeat(step, 1)
    inside = np.pad(inside, [(0, step)] * 2)[: image.shape[0], : image.shape[1]]
    nearest = ndimage.distance_transform_edt(~inside, return_distances=False, return_indices=True)
    return image[tuple(nearest)]
