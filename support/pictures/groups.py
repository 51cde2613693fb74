"""Pieces of ink put together to digits; blots, dirt, scribbles and underlines are left out."""

import numpy as np

from support.pictures import joining, shapes
from support.pictures.pieces import Group, Piece, group

MIN_HEIGHT = 0.33  # of the tallest digit's: smaller ink is print, a point, or dirt
MAX_BLOT = 0.45  # of a piece's length: a thicker one is no stroke
MAX_HOLES = 4  # a crossed-out digit has more
MIN_GAP = 0.0007  # of a box: a hole between the strokes of a scribble
MAX_TANGLE = 1.5  # times the pen's width: wider ink around holes is a scribble
MAX_DRAWING = 300  # pixels: a photograph is larger


def is_even(one: Group) -> bool:
    """Return whether a group is drawn by strokes of one width, as no shadow or sheet is."""
    area = sum(piece.area for piece in one.pieces)
    return one.widest < 1.8 * one.pen and area > 3.5 * one.pen**2


def find(pieces: list[Piece], shape: tuple, edges: bool) -> tuple[list[Group], list[Group]]:
    """Return (digits, marks): the digits among `pieces`, and the ink that is none.

    Args:
        pieces: of all the ink in an image.
        shape: (height, width) of the image.
        edges: whether a digit may run along the image's edge.
    """
    blots = [group([piece]) for piece in pieces if not _is_stroke(piece)]
    pieces = _without_dirt([p for p in pieces if _is_stroke(p)])
    if not pieces:
        return [], []
    groups = [group(members) for members in joining.joined(pieces)]
    inside = [g for g in groups if edges or not any(is_border(p, shape) for p in g.pieces)]
    inside = [g for g in inside if len(g.pieces) > 1 or not _is_underline(g, inside)]
    marks = [*blots, *(g for g in groups if g not in inside)]
    tallest = max((one.height for one in inside), default=0)
    digits = []
    for one in inside:
        large = one.height >= MIN_HEIGHT * tallest
        if large and _is_digit(one) and not shapes.is_sign(one):
            digits.append(one)
        else:
            marks.append(one)
    tangled = [one for one in digits if _is_tangled(one)]
    if len(tangled) == 1 and len(digits) > 1:  # beside a digit it is a try that was crossed out
        digits.remove(tangled[0])
        marks.append(tangled[0])
    return digits, marks


def _is_stroke(piece):
    """Return whether a piece is drawn by a pen, rather than a blot or the shape of something."""
    is_dot = piece.length < 6 * piece.pen
    return is_dot or piece.widest <= MAX_BLOT * piece.length


def is_border(piece: Piece, shape: tuple) -> bool:
    """Return whether a piece runs along the edge of an image, (height, width), or across it."""
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


def reach_edges(found: list[Group], shape: tuple) -> bool:
    """Return whether digits reach nearly from edge to edge: one way, or in a photograph, both.

    Args:
        found: the digits, at least one.
        shape: (height, width) of the image.
    """
    boxes = np.array([one.box for one in found])
    gaps = [boxes[:, 0], boxes[:, 1], shape[1] - boxes[:, 2], shape[0] - boxes[:, 3]]
    left, top, right, bottom = (gap.min() for gap in gaps)
    near = 1 + max(shape) // 10
    across, down = max(left, right) <= near, max(top, bottom) <= near
    return (across and down) or (max(shape) <= MAX_DRAWING and (across or down))


def _without_dirt(pieces):
    """Return the pieces that are no specks beside the longest one."""
    longest = max(pieces, key=lambda piece: piece.length, default=None)
    return [p for p in pieces if p.area >= 0.3 * min(longest.pen, 0.2 * longest.length) ** 2]


def _is_underline(one, groups):
    """Return whether a group is a flat line beneath another."""
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
    return one.widest > MAX_TANGLE * one.pen and shapes.holes(shapes.stamp(one), MIN_GAP) > 2
