"""The connected pieces of ink in an image, without ruled lines, frames and circles."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from support.pictures import lines

FAINT = 0.06  # ink: less contrast is noise, or JPEG's blocks
WEAK, STRONG = 0.25, 0.5  # of the strongest ink: less is none, and none without any stronger
MAX_PIECES = 300  # a page of text has more; the largest are looked at


@dataclass(frozen=True, eq=False)
class Boxed:
    """Ink in a box; all lengths are in pixels."""

    box: tuple  # (left, top, right, bottom)

    @property
    def width(self) -> int:
        """The box's width."""
        return self.box[2] - self.box[0]

    @property
    def height(self) -> int:
        """The box's height."""
        return self.box[3] - self.box[1]


@dataclass(frozen=True, eq=False)
class Piece(Boxed):
    """A connected piece of ink."""

    mask: np.ndarray  # bool [height, width], of the box alone
    area: int
    pen: float  # the width of the stroke

    @property
    def length(self) -> int:
        """The box's longer side."""
        return max(self.width, self.height)

    @property
    def widest(self) -> float:
        """The diameter of the largest disc in it."""
        return 2 * ndimage.distance_transform_edt(np.pad(self.mask, 1)).max()


@dataclass(frozen=True, eq=False)
class Group(Boxed):
    """Pieces that make one digit."""

    pieces: list

    @property
    def pen(self) -> float:
        """The width of its broadest strokes."""
        return max(piece.pen for piece in self.pieces)

    @property
    def widest(self) -> float:
        """The diameter of the largest disc in it."""
        return max(piece.widest for piece in self.pieces)


def group(pieces: list[Piece]) -> Group:
    """Return the Group of pieces."""
    boxes = np.array([piece.box for piece in pieces])
    box = (*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0))
    return Group(tuple(int(side) for side in box), pieces)


def stroke_width(mask: np.ndarray) -> float:
    """Return the width in pixels of what is drawn in a mask, bool [height, width]."""
    # In a ribbon of width w the mean distance to its edge is w / 4.
    return float(4 * ndimage.distance_transform_edt(np.pad(mask, 1)).sum() / mask.sum())


def bounds(mask: np.ndarray) -> tuple[int, int, int, int]:
    """Return the box, (left, top, right, bottom), of what is True in a mask."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def find(ink: np.ndarray) -> list[Piece]:
    """Return the list of Pieces in a map of ink, float32 [height, width]."""
    mask = _filled(lines.without_lines(_without_frames(_inked(ink))))
    labels, count = ndimage.label(mask, np.ones([3, 3]))
    areas = np.bincount(labels.ravel(), minlength=count + 1)[1:]
    boxes = ndimage.find_objects(labels)
    found = []
    for number in np.argsort(-areas, kind="stable")[:MAX_PIECES]:
        rows, columns = boxes[number]
        piece = labels[boxes[number]] == number + 1
        box = (columns.start, rows.start, columns.stop, rows.stop)
        found.append(Piece(box, piece, int(areas[number]), stroke_width(piece)))
    return found


def _inked(ink):
    """Return where there is ink, bool: half of the strongest, and what hangs on it."""
    # Two estimates of a standard deviation: one is too large where ink fills most of the picture,
    # the other where the picture has few pixels.
    level = np.median(ink)
    spread = 1.48 * np.median(np.abs(ink - level))
    noise = min(spread, 1.05 * np.median(np.abs(np.diff(ink))))
    strongest = np.sort(ink.ravel())[-max(4, ink.size // 5000) :].mean()
    if strongest < max(FAINT, level + 5 * noise):
        return np.zeros(ink.shape, bool)
    weak = ink > max(WEAK * strongest, FAINT / 2, 3 * noise)
    labels, count = ndimage.label(weak, np.ones([3, 3]))
    strong = np.zeros(count + 1, bool)
    strong[labels[ink > STRONG * strongest]] = True
    return strong[labels] & weak


def _without_frames(mask):
    """Remove boxes and circles: ink around other ink, and none in the middle of its own."""
    labels, _ = ndimage.label(mask, np.ones([3, 3]))
    for number, box in enumerate(ndimage.find_objects(labels), 1):
        height, width = (side.stop - side.start for side in box)
        if min(height, width) < 0.1 * max(mask.shape) or width < 0.6 * height:
            continue
        top, left = height // 7, width // 7
        middle = labels[box][top : height - top, left : width - left]
        others = np.flatnonzero(((middle > 0) & (middle != number)).any(axis=1))
        if len(others) and np.ptp(others) > 0.2 * height and np.mean(middle == number) < 0.02:
            mask = mask & (labels != number)
    return mask


def _filled(mask):
    """Fill holes that are long and narrow: the inside of a stroke of which the outline is drawn."""
    holes, count = ndimage.label(~np.pad(mask, 1))
    holes = holes[1:-1, 1:-1]
    areas = np.bincount(holes.ravel(), minlength=count + 1)
    for number, box in enumerate(ndimage.find_objects(holes), 1):
        if number == 1 or areas[number] < 50:  # 1: what is outside
            continue
        hole = holes[box] == number
        width = stroke_width(hole)
        # Nor is the room between a digit and a circle or box around it the inside of a stroke.
        if areas[number] > 7 * width**2 and width < 0.2 * max(hole.shape):
            mask[box] |= hole
    return mask
