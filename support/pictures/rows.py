"""Digits in the order in which they are read, those that touch cut apart, and marks beside them."""

import itertools
from functools import partial

import numpy as np

from support.pictures import joining, pieces, shapes
from support.pictures.pieces import Group

BLANK = 0.7  # of a digit's height: a gap between numbers is wider,
WIDER = 1.6  # and the step over it is longer than the others by this factor,
ALONE = 1.5  # or, if there is no other step, the gap is as wide as so many heights
FAR = 8  # heights: what is farther apart is not in one row
WIDE, MAX_WIDE = 0.75, 2.5  # of the height: what is wider may be two that touch, or is no digits


def in_order(found: list[Group]) -> list[tuple[Group, str]]:
    """Return (group, blank before it) in reading order: row by row, each from left to right."""
    if not found:
        return []
    beside = partial(_beside, found)
    rows = [sorted(row, key=_middle) for row in joining.clusters(found, beside)]
    rows.sort(key=lambda row: np.mean([g.box[1] + g.box[3] for g in row]))
    steps = sorted(_middle(b) - _middle(a) for row in rows for a, b in itertools.pairwise(row))
    usual = steps[(len(steps) - 1) // 2] if steps else 0
    result: list[tuple[Group, str]] = []
    for row in rows:
        height = np.median([g.height for g in row])
        result.append((row[0], " " if result else ""))
        for a, b in itertools.pairwise(row):
            gap, step = b.box[0] - a.box[2], _middle(b) - _middle(a)
            wide = gap > BLANK * height and step > WIDER * usual
            alone = len(steps) == 1 and gap > ALONE * height
            result.append((b, " " if wide or alone else ""))
    return result


def _middle(one):
    return (one.box[0] + one.box[2]) / 2


def _beside(found, a, b):
    """Return whether two groups, among those found, stand beside each other in one row."""
    gap = max(a.box[0], b.box[0]) - min(a.box[2], b.box[2])
    height = max(a.height, b.height)
    if gap < 3 * height:
        return _overlap(a, b) > 0.25
    if gap >= FAR * height or _overlap(a, b) < 0.5:
        return False
    # In a table columns are far apart, and nothing stands between them.
    left, right = sorted((_middle(a), _middle(b)))
    between = [c for c in found if left < _middle(c) < right]
    return not any(_overlap(a, c) > 0 or _overlap(b, c) > 0 for c in between)


def _overlap(a, b):
    """Return the height that two groups have in common, as a share of the lower one's."""
    return (min(a.box[3], b.box[3]) - max(a.box[1], b.box[1])) / min(a.height, b.height)


def halves(one: Group) -> list[tuple[Group, Group]]:
    """Return up to three ways, (left, right), to cut a group in two where little ink is cut."""
    mask = shapes.stamp(one)
    height, width = mask.shape
    if width < WIDE * height:
        return []
    rows, columns = np.nonzero(mask)
    middle = np.arange(int(0.25 * width), int(0.75 * width) + 1)
    cuts = []
    for slant in np.linspace(-0.2, 0.5, 8):
        at = np.round(columns + slant * (rows - height / 2)).astype(int)
        count = np.bincount(at.clip(0), minlength=width + 1)[middle]
        cost = count / height + 0.3 * np.abs(middle / width - 0.5)
        cuts += [(each, place, slant) for each, place in zip(cost, middle, strict=True)]
    best: list[tuple] = []  # (place, slant)
    for _, place, slant in sorted(cuts):
        if len(best) < 3 and all(abs(place - other) >= 0.07 * width for other, _ in best):
            best.append((place, slant))
    pairs, enough = [], 0.1 * mask.sum()
    for place, slant in best:
        left = np.arange(width) + slant * (np.arange(height)[:, None] - height / 2) < place
        if min((mask & left).sum(), (mask & ~left).sum()) > enough:
            pairs.append((_part(one, mask & left), _part(one, mask & ~left)))
    return pairs


def _part(one, mask):
    """Return a group of a part of a group's ink."""
    left, top, right, bottom = pieces.bounds(mask)
    x, y = one.box[:2]
    box = (x + left, y + top, x + right, y + bottom)
    mask = mask[top:bottom, left:right]
    return pieces.group([pieces.Piece(box, mask, int(mask.sum()), one.pen)])


def unread(marks: list[Group], digits: list[Group]) -> list[Group]:
    """Return the marks that may be digits too: as tall as those beside which they stand."""
    if len(digits) < 2:
        return []
    found = []
    for mark in marks:
        near = [d for d in digits if joining.apart(mark, d) < d.height]
        alike = [d for d in near if 0.6 < mark.height / d.height < 1.5]
        in_row = any(_beside(digits, mark, d) for d in alike)
        if in_row and mark.width < MAX_WIDE * mark.height and not shapes.is_sign(mark):
            found.append(mark)
    return found


def warnings(marks: list[Group], digits: list[Group]) -> list[str]:
    """Return in words what stands with the digits as a part of the number, and is no digit."""
    found = []
    for mark in marks:
        near = [d for d in digits if joining.apart(mark, d) < 0.6 * d.height]
        middle = (mark.box[1] + mark.box[3]) / 2
        near = [d for d in near if d.box[1] < middle < d.box[3] + 0.1 * d.height]
        if not near or mark.width < 0.02 * near[0].height:
            continue
        height = near[0].height
        low = mark.box[1] > near[0].box[1] + 0.6 * height
        if mark.width > 2 * mark.height and mark.width > 0.15 * height:
            found.append("a dash, such as a minus sign, is no digit and was passed over")
        elif low and mark.height < 0.3 * height:
            found.append("a dot, such as a decimal point, is no digit and was passed over")
        elif 0.2 * height < mark.height < 1.5 * height and mark.width < 1.5 * height:
            found.append("a sign, such as + or x, is no digit and was passed over")
    return list(dict.fromkeys(found))
