"""Which pieces of ink belong together: broken strokes, dots, the bar of a 5."""

from collections.abc import Callable
from functools import cache

import numpy as np
from scipy import ndimage
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from support.pictures.pieces import Boxed, Piece


def clusters(items: list, linked: Callable) -> list[list]:
    """Return lists of the items that are linked, bool linked(a, b), directly or through others."""
    links = np.array([[linked(a, b) for b in items] for a in items])
    count, labels = connected_components(links, directed=False)
    return [[x for x, label in zip(items, labels, strict=True) if label == n] for n in range(count)]


def joined(pieces: list[Piece]) -> list[list[Piece]]:
    """Return lists of the pieces that belong together."""
    points = []
    for piece in pieces:
        edge = piece.mask & ~ndimage.binary_erosion(piece.mask)
        rows, columns = np.nonzero(edge)
        points.append(np.stack([columns + piece.box[0], rows + piece.box[1]], axis=1))
    trees = [KDTree(each) for each in points]

    @cache
    def nearest(i, j):
        gaps, at = trees[i].query(points[j])
        k = gaps.argmin()
        return gaps[k], points[i][at[k]], points[j][k]

    def linked(i, j):
        big, small = pieces[i], pieces[j]
        if i == j or small.length > big.length:
            return False
        if apart(big, small) > 2 * small.length + 2 * small.pen:
            return False
        return _belongs(big, small, *nearest(i, j))

    def near(i, j):
        reach = 2 * min(pieces[i].pen, pieces[j].pen)
        return apart(pieces[i], pieces[j]) < reach and nearest(i, j)[0] < reach

    numbers = [*range(len(pieces))]
    near_ones = clusters(numbers, near)
    dashed = [set(each) for each in near_ones if _is_dashed([pieces[i] for i in each])]

    def together(i, j):
        return linked(i, j) or any({i, j} <= each for each in dashed)

    return [[pieces[i] for i in each] for each in clusters(numbers, together)]


def _is_dashed(pieces):
    """Return whether pieces beside each other are one digit, drawn in dots or in dashes."""
    boxes = np.array([piece.box for piece in pieces])
    width, height = boxes[:, 2:].max(axis=0) - boxes[:, :2].min(axis=0)
    tallest = max(piece.height for piece in pieces)
    return len(pieces) > 3 and tallest < 0.75 * height and width < 1.2 * height


def apart(a: Boxed, b: Boxed) -> int:
    """Return the distance of two boxes, in pixels: the larger of that across and that down."""
    across = max(a.box[0] - b.box[2], b.box[0] - a.box[2], 0)
    down = max(a.box[1] - b.box[3], b.box[1] - a.box[3], 0)
    return max(across, down)


def _belongs(big, small, gap, on_big, on_small):
    """Return whether a piece belongs to another that is at least as long, `gap` pixels away.

    The gap is between on_big and on_small, (x, y), the two points nearest to each other.
    """
    if gap <= 0.5 * small.pen:
        return True
    if small.length < 4 * small.pen and big.length < 4 * big.pen:  # dots, or dashes
        return gap < 2 * small.pen
    if small.length < 2 * small.pen:
        return gap < 1.2 * small.pen
    if big.height < 0.2 * big.width:  # an underline
        return False
    overlap = min(big.box[2], small.box[2]) - max(big.box[0], small.box[0])
    if small.length < 0.6 * big.length and gap < 0.2 * big.length and overlap > 0.4 * small.width:
        return True
    # A broken stroke goes on where another ends. Digits beside each other are equally tall.
    height = max(big.box[3], small.box[3]) - min(big.box[1], small.box[1])
    broken = gap < min(big.pen, small.pen) and small.height < 0.75 * height
    return broken and _ends(big, on_big) and _ends(small, on_small)


def _ends(piece, point):
    """Return whether a piece's stroke ends at a point (x, y): little ink is near it."""
    rows, columns = np.nonzero(piece.mask)
    away = np.hypot(columns + piece.box[0] - point[0], rows + piece.box[1] - point[1])
    return np.count_nonzero(away < 2 * piece.pen) < 2.8 * piece.pen**2
