"""Pieces of ink put together to digits, and what is no digit left out."""

from dataclasses import dataclass

import numpy as np

from support.pictures import joining, shapes

MIN_HEIGHT = 0.33  # of the tallest digit's: smaller ink is print, a point, or dirt
MAX_BLOT = 0.45  # of a piece's length: a thicker one is no stroke
MAX_HOLES = 4  # a crossed-out digit has more
MIN_GAP = 0.0007  # of a box: a hole between the strokes of a scribble
MAX_TANGLE = 1.5  # times the pen's width: wider ink around holes is a scribble
MAX_DRAWING = 300  # pixels: a photograph is larger


@dataclass(frozen=True, eq=False)
class Group:
    """Pieces that make one digit."""

    pieces: list
    box: tuple  # (left, top, right, bottom)

    @property
    def height(self):
        return self.box[3] - self.box[1]

    @property
    def width(self):
        return self.box[2] - self.box[0]

    @property
    def pen(self):
        """Pixels: the width of its broadest strokes."""
        return max(piece.pen for piece in self.pieces)


def group(pieces):
    """Return the Group of pieces."""
    boxes = np.array([piece.box for piece in pieces])
    box = (*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0))
    return Group(pieces, tuple(int(side) for side in box))


def is_even(one):
    """Return whether a group is drawn by strokes of one width, as no shadow or sheet is."""
    widest = max(piece.widest for piece in one.pieces)
    area = sum(piece.area for piece in one.pieces)
    return widest < 1.8 * one.pen and area > 3.5 * one.pen**2


def find(pieces, shape, edges):
    """Return (groups, marks): the digits among `pieces`, and the ink that is none.

    shape  (height, width) of the image
    edges  whether a digit may run along the image's edge
    """
    blots = [group([piece]) for piece in pieces if not _is_stroke(piece)]
    pieces = _without_dirt([p for p in pieces if _is_stroke(p)])
    if not pieces:
        return [], []
    groups = [group(members) for members in joining.joined(pieces)]
    inside = [g for g in groups if edges or not any(is_border(p, shape) for p in g.pieces)]
    inside = [g for g in inside if len(g.pieces) > 1 or not _is_underline(g, inside)]
    marks = [*blots, *(g for g in groups if g not in inside)]
    tallest, digits = max((one.height for one in inside), default=0), []
    for one in inside:
        large = one.height >= MIN_HEIGHT * tallest
        if large and _is_digit(one) and not shapes.is_sign(one):
            digits.append(one)
        else:
            marks.append(one)
    tangled = [one for one in digits if _is_tangled(one)]
    if len(tangled) == 1 < len(digits):  # beside a digit it is a try that was crossed out
        digits.remove(*tangled)
        marks += tangled
    return digits, marks


def _is_stroke(piece):
    """Return whether a piece is drawn by a pen, rather than a blot or the shape of something."""
    is_dot = piece.length < 6 * piece.pen
    return is_dot or piece.widest <= MAX_BLOT * piece.length


def is_border(piece, shape):
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


def reach_edges(found, shape):
    """Return whether digits reach nearly from edge to edge: one way, or in a photograph, both."""
    boxes = np.array([one.box for one in found])
    gaps = [boxes[:, 0], boxes[:, 1], shape[1] - boxes[:, 2], shape[0] - boxes[:, 3]]
    left, top, right, bottom = (gap.min() for gap in gaps)
    ways = max(left, right), max(top, bottom)
    gap = min(ways) if max(shape) <= MAX_DRAWING else max(ways)
    return gap <= 1 + max(shape) // 10


def _without_dirt(pieces):
    longest = max(pieces, key=lambda piece: piece.length, default=None)
    return [p for p in pieces if p.area >= 0.3 * min(longest.pen, 0.2 * longest.length) ** 2]


def _is_underline(one, groups):
    flat = one.height < 0.2 * one.width
    above = [g for g in groups if g is not one and g.box[3] <= one.box[1] + 0.3 * one.height]
    return flat and any(
        one.width > 0.8 * g.width and min(one.box[2], g.box[2]) - max(one.box[0], g.box[0]) > 0
        for g in above
    )


def _is_digit(one):
    """Return whether a group may be a digit, or several that touch."""
    mask = shapes.stamp(one)
    flat = one.height < 0.35 * one.width
    solid = mask.sum() > 0.9 * mask.size and one.width > 0.5 * one.height
    return shapes.holes(mask) <= MAX_HOLES and not (flat or solid)


def _is_tangled(one):
    """Return whether strokes cross and run together so often that they leave small holes."""
    widest = max(piece.widest for piece in one.pieces)
    return widest > MAX_TANGLE * one.pen and shapes.holes(shapes.stamp(one), MIN_GAP) > 2
