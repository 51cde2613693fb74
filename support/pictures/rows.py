"""Digits in the order in which they are read, those that touch cut apart, and marks beside them."""

import itertools

import numpy as np

from support.pictures import groups, joining, pieces, shapes

BLANK = 0.7  # of a digit's height: a gap between numbers is wider,
WIDER = 1.6  # and the step over it is longer than the others by this factor,
ALONE = 1.5  # or, if there is no other step, the gap is as wide as so many heights
FAR = 8  # heights: what is farther apart is not in one row
WIDE, MAX_WIDE = 0.75, 2.5  # of the height: what is wider may be two that touch, or is no digits


def in_order(found):
    """Return (group, blank before it) in reading order: row by row, each from left to right."""
    if not found:
        return []
    rows = [sorted(row, key=_middle) for row in joining.clusters(found, _neighbours(found))]
    rows.sort(key=lambda row: np.mean([g.box[1] + g.box[3] for g in row]))
    steps = sorted(_middle(b) - _middle(a) for row in rows for a, b in itertools.pairwise(row))
    usual = steps[(len(steps) - 1) // 2] if steps else 0
    result = []
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


def _neighbours(found):
    """Return the function that says whether two groups stand beside each other in one row."""

    def overlap(a, b):
        common = min(a.box[3], b.box[3]) - max(a.box[1], b.box[1])
        return common / min(a.height, b.height)

    def beside(a, b):
        gap = max(a.box[0], b.box[0]) - min(a.box[2], b.box[2])
        height = max(a.height, b.height)
        if gap < 3 * height:
            return overlap(a, b) > 0.25
        if overlap(a, b) < 0.5:
            return False
        # In a table columns are far apart, and nothing stands between them.
        left, right = sorted((_middle(a), _middle(b)))
        between = (c for c in found if left < _middle(c) < right)
        return gap < FAR * height and not any(
            max(overlap(a, c), overlap(b, c)) > 0 for c in between
        )

    return beside


def halves(one):
    """Return up to three ways, (left, right), to cut a group in two where little ink is cut."""
    mask = shapes.stamp(one)
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
    left, top, right, bottom = pieces.bounds(mask)
    x, y = one.box[:2]
    box = (x + left, y + top, x + right, y + bottom)
    mask = mask[top:bottom, left:right]
    return groups.group([pieces.Piece(mask, box, int(mask.sum()), one.pen)])


def unread(marks, digits):
    """Return the marks that may be digits too: as tall as those beside which they stand."""
    if len(digits) < 2:
        return []
    beside = _neighbours(digits)
    return [
        mark
        for mark in marks
        if mark.width < MAX_WIDE * mark.height
        and not shapes.is_sign(mark)
        and any(
            0.6 < mark.height / d.height < 1.5 and joining.apart(mark, d) < d.height
            for d in digits
            if beside(mark, d)
        )
    ]


def warnings(marks, digits):
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
