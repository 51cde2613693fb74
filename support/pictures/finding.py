"""A person's picture in, its digits out, each as an image such as MNIST's.

The steps, each a module: load the file, find the sheet, tell ink from paper, find its pieces, group
them to digits and these to rows, bring each into MNIST's form. Where ink is, rules say; what may be
read in more than one way is handed on with the digit, and the network decides (reading.answers).
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from PIL import Image

from support.ground import DataError
from support.pictures import european, groups, ink, load, mnist, pieces, rows, shapes, sheet
from support.pictures.plain import as_one

SURE = 0.95  # probability: what no rule takes for a digit, is one if the network is as sure
MAX_SMALL = 64  # pixels: strokes are a pixel or two wide, and gaps as narrow; it is enlarged


class Digit(NamedTuple):
    """A digit in a picture."""

    pixels: np.ndarray  # uint8 [784], 0 to 255, as MNIST's
    box: tuple  # (left, top, right, bottom) in the pixels of Picture.image
    before: str = ""  # what separates it from the digit before: "" or " "
    length: float = 0.0  # of its strokes, divided by its height plus its width
    halves: Callable = lambda: ()  # returns pairs of Digits: what it may be if two touch here
    american: np.ndarray | None = None  # `pixels` without what MNIST's writers leave out
    # Returns [a Digit]: what the whole picture is if it shows only one.
    alone: Callable = lambda: ()
    least: float = 0.0  # probability: the network has to be as sure, or it is no digit


class Picture(NamedTuple):
    """A picture and what is in it."""

    image: object  # PIL.Image, RGB, upright; made smaller if it was large, larger if it was small
    digits: list  # of Digit, in reading order; not empty
    warnings: list  # of str: what looks like a part of a number, and is no digit


def read(path: str) -> Picture:
    """Read a picture file of any number of digits.

    Raises:
        DataError: it cannot be read, or shows no digit.
    """
    return find(load.load(path), path)


def read_one(path: str) -> np.ndarray:
    """Return the digit in a picture file, uint8 [784].

    Raises:
        DataError: it cannot be read, or shows no digit, or more than one.
    """
    digits = read(path).digits
    if len(digits) > 1:
        raise DataError(path, "more than one digit", len(digits), 1)
    return digits[0].pixels


def find(image: Image.Image | np.ndarray, name: str) -> Picture:
    """Return the Picture of an image.

    Args:
        image: of Pillow, or uint8 [height, width] or [height, width, 3].
        name: what an error calls it.

    Raises:
        DataError: it shows no digit.
    """
    if not isinstance(image, Image.Image):
        image = Image.fromarray(image)
    image = image.convert("RGB")
    small = np.asarray(image)
    if max(image.size) <= MAX_SMALL:
        image = image.resize([4 * side for side in image.size], Image.Resampling.BICUBIC)
    array = np.asarray(image)
    paper = sheet.alone(array)
    found, marks, amount = _best(array if paper is None else paper)
    if not found and paper is not None:
        found, marks, amount = _best(array)
    unread = rows.unread(marks, found)
    marks = [mark for mark in marks if mark not in unread]
    digits = [
        _digit(amount, one, before)._replace(least=SURE if one in unread else 0.0)
        for one, before in rows.in_order(found + unread)
    ]
    if len(digits) == 1 and mnist.is_normal(small):
        digits = [Digit(small[:, :, 0].ravel(), digits[0].box)]
    elif digits:
        digits[0] = digits[0]._replace(alone=partial(_alone, array))
    else:
        digits = [digit._replace(least=SURE) for digit in _alone(array)]
    if not digits:
        raise DataError(name, "no digit to be seen in the picture")
    return Picture(image, digits, rows.warnings(marks, found))


def _alone(array):
    """Return in a list all that is in a picture as one Digit, if it may be one."""
    return [Digit(*each) for each in as_one(array)]


def _best(array):
    """Return (groups, marks, ink) of the first map of ink with digits, if possible on its paper."""
    insides, touchings = [], []  # of each map: without, and with, what runs along the edges
    for amount, fits in ink.maps(array):
        found, shape = pieces.find(amount), amount.shape
        inside = touching = (*groups.find(found, shape, edges=False), amount)
        if any(groups.is_border(piece, shape) for piece in found):
            touching = (*groups.find(found, shape, edges=True), amount)
        even = bool(touching[0]) and all(map(groups.is_even, touching[0]))
        cropped = even and groups.reach_edges(touching[0], shape)
        if cropped and (fits or max(shape) <= groups.MAX_DRAWING):
            return touching  # the picture is cropped to them
        if fits and inside[0]:
            return inside
        if fits and even:
            return touching
        insides.append(inside)
        touchings.append(touching)
    return next((each for each in insides + touchings if each[0]), ([], [], None))


def _digit(amount, one, before="", cuts=2):
    """Return the Digit of a group, cut out of a map of ink; `cuts`: how often it may be halved."""
    mask = shapes.closed(one)
    plain = european.american(mask, one.pen)
    room = 3 + max(mask.shape) // 20
    left, top, right, bottom = one.box
    around = np.pad(amount, room)[top : bottom + 2 * room, left : right + 2 * room]
    pixels = mnist.normalized(around, np.pad(mask, room))
    american = None
    if plain.any() and (plain != mask).any():
        american = mnist.normalized(around, np.pad(plain, room))
    length = mask.sum() / pieces.stroke_width(mask) / sum(mask.shape)

    def halves():
        pairs = rows.halves(one) if cuts else []
        return [[_digit(amount, half, cuts=cuts - 1) for half in pair] for pair in pairs]

    return Digit(pixels, one.box, before, length, halves, american)
