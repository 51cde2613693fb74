"""Pieces of ink put together to digits, and digits in the order in which they are read."""

from typing import NamedTuple

import numpy as np

from support.pictures.pieces import Piece

MIN_HEIGHT = 0.33  # of the tallest digit's: smaller ink is print, a point, or dirt
MAX_BLOT = 0.45  # of a piece's length: a thicker one is no stroke
MAX_HOLES = 4  # a crossed-out digit has more
BLANK = 0.7  # of a digit's height: a wider gap separates numbers
WIDE = 0.75  # of a digit's height: a wider one may be two that touch


class Group(NamedTuple):
    """Pieces that make one digit."""

    pieces: list
    box: tuple  # (left, top, right, bottom)

    @property
    def height(self):
        return self.box[3] - self.box[1]

    @property
    def width(self):
        return self.box[2] - self.box[0]


def group(pieces):
    """Return Group of pieces."""
    boxes = np.array([piece.box for piece in pieces])
    box = (*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0))
    return Group(pieces, tuple(int(side) for side in box))


def covers(one, other):
    """Return whether most of a group's ink is also ink of another, in the same image."""
    size = max(one.box[3], other.box[3]), max(one.box[2], other.box[2])
    pages = np.zeros([2, *size], bool)
    for page, (left, top, right, bottom), ink in zip(
        pages, (one.box, other.box), (stamp(one), stamp(other)), strict=True
    ):
        page[top:bottom, left:right] = ink
    return pages.all(axis=0).sum() > 0.8 * pages[1].sum()


def is_even(one):
    """Return whether a group is drawn by strokes of one width, as no shadow or sheet is."""
    from scipy import ndimage

    return all(
        2 * ndimage.distance_transform_edt(np.pad(piece.mask, 1)).max() < 1.8 * piece.pen
        for piece in one.pieces
    )


def find(pieces, shape, edges):
    """Return (groups, marks): the digits among `pieces`, and the small pieces that are none.

    shape  (height, width) of the image
    edges  whether a digit may run along the image's edge
    """
    pieces = [piece for piece in pieces if _is_stroke(piece)]
    pieces = [piece for piece in pieces if edges or not _is_border(piece, shape)]
    if not pieces:
        return [], []
    pieces = _without_dirt(pieces)
    groups = [group(members) for members in _joined(pieces)]
    groups = [g for g in groups if len(g.pieces) > 1 or not _is_underline(g, groups)]
    tallest = max((g.height for g in groups), default=0)
    digits, marks = [], []
    for one in groups:
        large = one.height >= MIN_HEIGHT * tallest
        (digits if large and _is_digit(one) else marks).append(one)
    return digits, marks


def _is_stroke(piece):
    """Return whether a piece is drawn by a pen, rather than a blot or the shape of something."""
    from scipy import ndimage

    widest = 2 * ndimage.distance_transform_edt(np.pad(piece.mask, 1)).max()
    if widest > MAX_BLOT * piece.length:
        return piece.length < 6 * piece.pen  # a dot
    return True


def _is_border(piece, shape):
    """Return whether a piece runs along the image's edge, or from edge to edge."""
    height, width = shape
    left, top, right, bottom = piece.box
    sides = [
        piece.mask[0].mean() if top == 0 else 0,
        piece.mask[-1].mean() if bottom == height else 0,
        piece.mask[:, 0].mean() if left == 0 else 0,
        piece.mask[:, -1].mean() if right == width else 0,
    ]
    across = min(sides[:2]) > 0 or min(sides[2:]) > 0
    return max(sides) > 0.4 or across


def fills(one, shape):
    """Return whether a digit nearly reaches from edge to edge, both ways, of an image."""
    left, top, right, bottom = one.box
    return max(left, top, shape[1] - right, shape[0] - bottom) <= 1 + max(shape) // 10


def _without_dirt(pieces):
    pen = max(pieces, key=lambda piece: piece.length).pen
    return [piece for piece in pieces if piece.area >= 0.3 * pen**2]


def _joined(pieces):
    """Return lists of pieces that belong together: broken strokes, dots, the bar of a 5."""
    from scipy import ndimage
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import KDTree

    points = []
    for piece in pieces:
        edge = piece.mask & ~ndimage.binary_erosion(piece.mask)
        rows, columns = np.nonzero(edge)
        points.append(np.stack([columns + piece.box[0], rows + piece.box[1]], axis=1))
    trees = [KDTree(p) for p in points]
    pairs = []
    for i, big in enumerate(pieces):
        for j, small in enumerate(pieces):
            if i == j or small.length > big.length:
                continue
            if _apart(big, small) > 2 * small.length + 2 * small.pen:
                continue
            gaps, nearest = trees[i].query(points[j])
            k = gaps.argmin()
            if _belongs(big, small, gaps[k], points[i][nearest[k]], points[j][k]):
                pairs.append((i, j))
    links = coo_array(
        (np.ones(len(pairs)), np.array(pairs, int).reshape(-1, 2).T), [len(pieces)] * 2
    )
    count, labels = connected_components(links, directed=False)
    return [
        [p for p, label in zip(pieces, labels, strict=True) if label == n] for n in range(count)
    ]


def _apart(a, b):
    """Return the distance of two boxes, in pixels."""
    across = max(a.box[0] - b.box[2], b.box[0] - a.box[2], 0)
    down = max(a.box[1] - b.box[3], b.box[1] - a.box[3], 0)
    return max(across, down)


def _belongs(big, small, gap, on_big, on_small):
    """Return whether a piece belongs to another that is at least as long, `gap` pixels away.

    on_big, on_small  (x, y): the two points that are nearest to each other
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
    broken = gap < 2.5 * small.pen and small.height < 0.75 * height
    return broken and _ends(big, on_big) and _ends(small, on_small)


def _ends(piece, point):
    """Return whether a piece's stroke ends at a point (x, y): little ink is near it."""
    rows, columns = np.nonzero(piece.mask)
    away = np.hypot(columns + piece.box[0] - point[0], rows + piece.box[1] - point[1])
    return np.count_nonzero(away < 2 * piece.pen) < 2.8 * piece.pen**2


def _is_underline(one, groups):
    flat = one.height < 0.2 * one.width
    above = [g for g in groups if g is not one and g.box[3] <= one.box[1] + 0.3 * one.height]
    return flat and any(
        one.width > 0.8 * g.width and min(one.box[2], g.box[2]) - max(one.box[0], g.box[0]) > 0
        for g in above
    )


def _is_digit(one):
    """Return whether a group may be a digit, or several that touch."""
    from scipy import ndimage

    mask = stamp(one)
    holes, _ = ndimage.label(~np.pad(mask, 1))
    count = np.count_nonzero(np.bincount(holes.ravel())[2:] > 0.0007 * mask.size)
    flat = one.height < 0.35 * one.width
    solid = mask.sum() > 0.6 * mask.size and one.width > 0.5 * one.height
    return count <= MAX_HOLES and not flat and not solid


def stamp(one):
    """Return a group's ink, bool, of its box alone."""
    left, top, right, bottom = one.box
    mask = np.zeros([bottom - top, right - left], bool)
    for piece in one.pieces:
        x, y = piece.box[0] - left, piece.box[1] - top
        mask[y : y + piece.height, x : x + piece.width] |= piece.mask
    return mask


def halves(one):
    """Return a group cut into a left and a right one where least ink is cut; (): too narrow."""
    mask = stamp(one)
    height, width = mask.shape
    if width < WIDE * height:
        return ()
    rows, columns = np.nonzero(mask)
    cuts = []
    for slant in np.linspace(-0.2, 0.5, 8):
        at = np.round(columns + slant * (rows - height / 2)).astype(int)
        middle = np.arange(int(0.3 * width), int(0.7 * width) + 1)
        count = np.bincount(at.clip(0), minlength=width + 1)[middle]
        cost = count / height + 0.3 * np.abs(middle / width - 0.5)
        cuts.append((cost.min(), middle[cost.argmin()], slant))
    _, place, slant = min(cuts)
    left = np.arange(width) + slant * (np.arange(height)[:, None] - height / 2) < place
    sides = (mask & left, mask & ~left)
    if min(side.sum() for side in sides) < 0.1 * mask.sum():
        return ()
    return tuple(_part(one, side) for side in sides)


def _part(one, mask):
    """Return a group of a part of a group's ink."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    x, y = one.box[:2]
    box = (x + left, y + top, x + right, y + bottom)
    mask = mask[top:bottom, left:right]
    return group([Piece(mask, box, int(mask.sum()), max(piece.pen for piece in one.pieces))])


def warnings(marks, digits):
    """Return in words what stands with the digits as a part of the number, and is no digit."""
    found = []
    for mark in marks:
        near = [d for d in digits if _apart(mark, d) < 0.6 * d.height]
        near = [
            d
            for d in near
            if d.box[1] < (mark.box[1] + mark.box[3]) / 2 < d.box[3] + 0.1 * d.height
        ]
        if not near or mark.width < 0.02 * near[0].height:
            continue
        dash = mark.width > 2 * mark.height and mark.width > 0.15 * near[0].height
        low = mark.box[1] > near[0].box[1] + 0.6 * near[0].height
        if dash:
            found.append("a dash, such as a minus sign, is no digit and was passed over")
        elif low and mark.height < 0.3 * near[0].height:
            found.append("a dot, such as a decimal point, is no digit and was passed over")
    return list(dict.fromkeys(found))


def in_order(groups):
    """Return (group, blank before it) in reading order: row by row, each from left to right."""
    from scipy.sparse.csgraph import connected_components

    def beside(a, b):
        overlap = min(a.box[3], b.box[3]) - max(a.box[1], b.box[1])
        gap = max(a.box[0], b.box[0]) - min(a.box[2], b.box[2])
        near = gap < 3 * max(a.height, b.height)
        return near and overlap > 0.25 * min(a.height, b.height)

    _, labels = connected_components(np.array([[beside(a, b) for b in groups] for a in groups]))
    rows = [[g for g, n in zip(groups, labels, strict=True) if n == r] for r in set(labels)]
    result = []
    for row in sorted(rows, key=lambda row: np.mean([g.box[1] + g.box[3] for g in row])):
        row.sort(key=lambda g: g.box[0] + g.box[2])
        height = np.median([g.height for g in row])
        end = None
        for g in row:
            wide = bool(result) and (end is None or g.box[0] - end > BLANK * height)
            result.append((g, " " if wide else ""))
            end = g.box[2]
    return result
