"""What the first line of a CSV file says of its columns."""

import math
import re
from collections import Counter

from data.images import SIDE
from support.ground import DataError, described

LABELS = {"label", "labels", "class", "y", "target", "digit"}
# The numbers of rows, as pandas and others write them.
INDEX = re.compile(r"|unnamed: [0-9._]+|index|image_?id|(row_?)?id")
COUNT = SIDE * SIDE


def by_name(path, names: list[str]) -> tuple | None:
    """Return the places of the label or None, of the pixels, and of the rows' numbers.

    `names` are in small letters. None: the line has no names, but 784 or 785 numbers. DataError:
    the columns are others.
    """
    prefix, places = _numbered(names)
    first = 0 if 0 in places else 1
    wanted = range(first, first + COUNT)
    if all(re.fullmatch("[-+.0-9eE]+", name) for name in names) and not {*wanted} <= {*places}:
        if len(names) in (COUNT, COUNT + 1):
            return None
        raise DataError(path, "line 1: wrong columns", _called(path, names), "784 or 785")
    others = [place for place in range(len(names)) if place not in {*places.values()}]
    index = [place for place in others if INDEX.fullmatch(names[place])]
    labels = [place for place in others if place not in index]
    known = not labels or names[labels[0]] in LABELS
    if not labels and places.keys() == {*range(first, first + COUNT + 1)}:
        labels = [places.pop(first)]  # what pandas makes of a file without a header
        wanted = range(first + 1, first + 1 + COUNT)
    if places.keys() == {*wanted} and known and len(labels) < 2:
        return labels[0] if labels else None, [places[number] for number in wanted], index
    raise _wrong(path, names, prefix, places, wanted)


def _numbered(names):
    """Return what stands before the numbers in most names, and {number: place}."""
    matches = [re.fullmatch(r"(.*?)([0-9]{1,9})(?:x([0-9]{1,9}))?", name) for name in names]
    prefixes = Counter(found[1] for found in matches if found)
    prefix = prefixes.most_common(1)[0][0] if prefixes else "pixel"
    places = {}
    for place, found in enumerate(matches):
        if found and found[1] == prefix:
            row, column = int(found[2]), found[3]  # 28x28, from 1x1, is the pixel 783
            places.setdefault(SIDE * (row - 1) + int(column) - 1 if column else row, place)
    return prefix, places


def _wrong(path, names, prefix, places, wanted):
    """Return the error that says which columns are missing, or not known (some come twice)."""
    known = {place for number, place in places.items() if number in wanted}
    if len(known) < COUNT // 2:
        prefix, wanted, known = "pixel", range(COUNT), set()
    missing = [f"{prefix}{number}" for number in wanted if not known or number not in places]
    unknown = [n or "''" for i, n in enumerate(names) if i not in known and n not in LABELS]
    said = [("missing", missing), ("unknown", unknown)]
    said = [f"{fault} {', '.join(found[:3])[:60]}" for fault, found in said if found]
    expected = f"label, {prefix}{wanted[0]} to {prefix}{wanted[-1]}"
    problem = f"line 1: wrong columns: {'; '.join(said)}"
    return DataError(path, problem, _called(path, names), expected)


def _called(path, names):
    """Return what a file is that has other columns than digits have."""
    if {"filename", "file", "image", "path"} & {*names} and len(names) < 10:
        return "names of pictures: move each picture into a folder named by its label, 0 to 9"
    for count in (len(names), len(names) - 1):
        side = math.isqrt(max(count, 0))
        if side * side == count > 48 and side != SIDE:
            return f"{len(names)} columns: images of {side} x {side} pixels?"
    return described(path) or f"{len(names)} columns"
