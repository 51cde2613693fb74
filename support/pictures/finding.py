"""A person's picture in, its digits out, each as an image such as MNIST's.

The steps, each a module: load the file, find the sheet, tell ink from paper, find its pieces, group
them to digits and these to rows, bring each into MNIST's form. Where ink is, rules say; what may be
read in more than one way is handed on with the digit, and the network decides (reading.answer).
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from PIL import Image

from support.ground import DataError
from support.pictures import european, groups, ink, load, mnist, pieces, rows, shapes, sheet

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
    alone: Callable = (
        lambda: ()
    )  # returns [a Digit]: what the whole picture is if it shows only one
    least: float = 0.0  # probability: the network has to be as sure, or it is no digit


class Picture(NamedTuple):
    """A picture and what is in it."""

    image: object  # PIL.Image, RGB, upright; made smaller if it was large, larger if it was small
    digits: list  # of Digit, in reading order; not empty
    warnings: list  # of str: what looks like a part of a number, and is no digit


def read(path: str) -> Picture:
    """Read a picture file of any number of digits. DataError: not to be read, or no digit."""
    return find(load.load(path), path)


def read_one(path: str) -> np.ndarray:
    """Return the digit in a picture file, uint8 [784]. DataError: none, or more than one."""
    digits = read(path).digits
    if len(digits) > 1:
        raise DataError(path, "more than one digit", len(digits), 1)
    return digits[0].pixels


def find(image: Image.Image | np.ndarray, name: str) -> Picture:
    """Return the Picture of an image: PIL, or uint8 [height, width] or [height, width, 3].

    name  what a DataError calls it
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
        digits[0] = digits[0]._replace(alone=partial(_plain, array))
    else:
        digits = [digit._replace(least=SURE) for digit in _plain(array)]
    if not digits:
        raise DataError(name, "no digit to be seen in the picture")
    return Picture(image, digits, rows.warnings(marks, found))


def _plain(array):
    """Return in a list all that is in a picture as one Digit, prepared in the plainest way."""
    amount, mask = ink.plain(array)
    if not mask.any():
        return []
    left, top, right, bottom = box = pieces.bounds(mask)
    if right - left > bottom - top:
        return []
    amount, mask = (np.pad(each[top:bottom, left:right], 3) for each in (amount, mask))
    return [Digit(mnist.normalized(amount, mask), box)]


def _best(array):
    """Return (groups, marks, ink) of the first map of ink whose paper fits and which has digits.

    If there is none, of the first that has any.
    """
    results = []  # for each map: what is found without, and with, what runs along the edges
    for amount, fits in ink.maps(array):
        ps = pieces.find(amount)
        inside = touching = (*groups.find(ps, amount.shape, edges=False), amount)
        if any(groups.is_border(piece, amount.shape) for piece in ps):
            touching = (*groups.find(ps, amount.shape, edges=True), amount)
        even = bool(touching[0]) and all(map(groups.is_even, touching[0]))
        cropped = even and groups.reach_edges(touching[0], amount.shape)
        if cropped and (fits or max(amount.shape) <= groups.MAX_DRAWING):
            return touching  # the picture is cropped to them
        if fits and inside[0]:
            return inside
        if fits and even:
            return touching
        if inside[0] or touching[0]:
            results.append((inside, touching))
    for each in [inside for inside, _ in results] + [touching for _, touching in results]:
        if each[0]:
            return each
    return [], [], None


def _digit(amount, one, before="", cuts=2):
    """Return the Digit of a group, cut out of a map of ink; `cuts`: how often it may be halved."""
    mask = shapes.closed(one)
    plain = european.american(mask, one.pen)
    room = 3 + max(mask.shape) // 20
    left, top, right, bottom = one.box
    around = np.pad(amount, room)[top : bottom + 2 * room, left : right + 2 * room]
    pixels = mnist.normalized(around, np.pad(mask, room))
    american = None
    if plain is not mask and plain.any():
        american = mnist.normalized(around, np.pad(plain, room))
    halves = partial(_halves, amount, one, cuts - 1) if cuts else lambda: ()
    length = mask.sum() / pieces.stroke_width(mask) / sum(mask.shape)
    return Digit(pixels, one.box, before, length, halves, american)


def _halves(amount, one, cuts):
    """Return the pairs of Digits for the ways to cut a group in two."""
    return [[_digit(amount, half, cuts=cuts) for half in pair] for pair in rows.halves(one)]
