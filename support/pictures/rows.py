"""Digits in the order in which they are read, those that touch cut apart, and marks beside them."""

import numpy as np

from support.pictures import groups, joining
from support.pictures.pieces import Piece

BLANK = 0.7  # of a digit's height: a wider gap separates numbers
WIDE = 0.75  # of a digit's height: a wider one may be two that touch


def in_order(found):
    """Return (group, blank before it) in reading order: row by row, each from left to right."""

    def beside(a, b):
        overlap = min(a.box[3], b.box[3]) - max(a.box[1], b.box[1])
        gap = max(a.box[0], b.box[0]) - min(a.box[2], b.box[2])
        near = gap < 3 * max(a.height, b.height)
        return near and overlap > 0.25 * min(a.height, b.height)

    result = []
    for row in sorted(
        joining.clusters(found, beside), key=lambda row: np.mean([g.box[1] + g.box[3] for g in row])
    ):
        row.sort(key=lambda g: g.box[0] + g.box[2])
        height = np.median([g.height for g in row])
        end = None
        for g in row:
            wide = bool(result) and (end is None or g.box[0] - end > BLANK * height)
            result.append((g, " " if wide else ""))
            end = g.box[2]
    return result


def halves(one):
    """Return up to three ways, (left, right), to cut a group in two where little ink is cut."""
    mask = groups.stamp(one)
    height, width = mask.shape
    if width < WIDE * height:
        return []
    rows, columns = np.nonzero(mask)
    middle = np.arange(int(0.25 * width), int(0.75 * width) + 1)
    cuts, found = [], []
    for slant in np.linspace(-0.2, 0.5, 8):
        at = np.round(columns + slant * (rows - height / 2)).astype(int)
        count = np.bincount(at.clip(0), minlength=width + 1)[middle]
        cost = count / height + 0.3 * np.abs(middle / width - 0.5)
        cuts += [*zip(cost, middle, [slant] * len(middle), strict=True)]
    for _, place, slant in sorted(cuts):
        if len(found) == 3:
            break
        if any(abs(place - other) < 0.07 * width for other, _ in found):
            continue
        left = np.arange(width) + slant * (np.arange(height)[:, None] - height / 2) < place
        found.append((place, (mask & left, mask & ~left)))
    enough = 0.1 * mask.sum()
    pairs = [sides for _, sides in found if min(side.sum() for side in sides) > enough]
    return [tuple(_part(one, side) for side in sides) for sides in pairs]


def _part(one, mask):
    """Return a group of a part of a group's ink."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    x, y = one.box[:2]
    box = (x + left, y + top, x + right, y + bottom)
    mask = mask[top:bottom, left:right]
    return groups.group([Piece(mask, box, int(mask.sum()), one.pen)])


def warnings(marks, digits):
    """Return in words what stands with the digits as a part of the number, and is no digit."""
    found = []
    for mark in marks:
        near = [d for d in digits if joining.apart(mark, d) < 0.6 * d.height]
        middle = (mark.box[1] + mark.box[3]) / 2
        near = [d for d in near if d.box[1] < middle < d.box[3] + 0.1 * d.height]
        if not near or mark.width < 0.02 * near[0].height:
            continue
        dash = mark.width > 2 * mark.height and mark.width > 0.15 * near[0].height
        low = mark.box[1] > near[0].box[1] + 0.6 * near[0].height
        if dash:
            found.append("a dash, such as a minus sign, is no digit and was passed over")
        elif low and mark.height < 0.3 * near[0].height:
            found.append("a dot, such as a decimal point, is no digit and was passed over")
    return list(dict.fromkeys(found))
