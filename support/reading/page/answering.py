"""What is computed for the page: of a drawing, of a picture file, and of images by the dozen."""

import base64
import contextlib
import io
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from support import pictures
from support.ground import DataError
from support.reading import answers
from support.reading.page.model import encoded

HEIGHT = 140  # of what is drawn: enough for 28 x 28, and searched sooner than more pixels
MAX_SHEETS, MAX_IMAGES, MAX_FILE = 8, 400, 2**25
JSON = "application/json"


class Post(NamedTuple):
    """One kind of question: its answer, and how many bytes it may have."""

    answer: Callable  # of a model and the bytes; returns the answer's kind and content
    unit: int  # bytes: the question has this many, or a multiple of them
    most: int  # how many units


def classify(model, content: bytes) -> tuple[str, bytes]:
    """Return float32 [N, 10], little-endian, of images uint8 [N, 784]."""
    probabilities = model.probabilities(np.frombuffer(content, np.uint8).reshape(-1, 784))
    return "application/octet-stream", probabilities.astype("<f4").tobytes()


def read_image(model, content: bytes) -> tuple[str, bytes]:
    """Answer an image as it was answered in the test: as it is, and once."""
    pixels = np.frombuffer(content, np.uint8)
    digit = pictures.Digit(pixels, (0, 0, 28, 28))
    (probabilities,) = model.probabilities(pixels[np.newaxis])
    return _answer(model, [answers.Answer(digit, pixels, probabilities)])


def _read_sheets(width):
    def read_sheets(model, content):
        """Answer what is drawn as a picture is by --predict.

        Strokes that overlap and belong to different digits are on different sheets.
        """
        sheets, found, warnings = np.frombuffer(content, np.uint8), [], []
        for sheet in sheets.reshape(-1, HEIGHT, width):
            with contextlib.suppress(DataError):  # nothing that could be a digit
                picture = pictures.find(255 - sheet, "drawing")
                found += answers.answer(picture.digits, model.probabilities)
                warnings += picture.warnings
        if len(content) > HEIGHT * width:
            found.sort(key=lambda one: one.digit.box[0] + one.digit.box[2])
        return _answer(model, found, warnings)

    return read_sheets


def read_file(model, content: bytes) -> tuple[str, bytes]:
    """Answer a picture file as --predict does; what is wrong with it is said under "error"."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "picture")
        path.write_bytes(content)
        try:
            picture = pictures.read(path)
        except DataError as error:
            return JSON, json.dumps({"error": str(error).replace(str(path), "picture")}).encode()
    found = answers.answer(picture.digits, model.probabilities)
    file = io.BytesIO()
    picture.image.save(file, "png")
    shown = {"image": base64.b64encode(file.getvalue()).decode(), "size": picture.image.size}
    return _answer(model, found, picture.warnings, **shown)


def _answer(model, found, warnings=(), **more):
    """Return what is said of digits: a list of answers.Answer.

    text      the number
    warnings  what was passed over
    digits    for each: text, before (what stands before it), box, pixels, probabilities (of the
              answer), and of its image as it is: own (probabilities) and layers; pixels and
              layers in base64
    """
    digits = []
    if found:
        own, layers = model.look_into(np.stack([one.pixels for one in found]))
        for i, one in enumerate(found):
            digits.append(
                {
                    "text": one.text,
                    "before": one.digit.before,
                    "box": one.digit.box,
                    "pixels": encoded(one.pixels, "u1"),
                    "probabilities": one.probabilities.tolist(),
                    "own": own[i].tolist(),
                    "layers": {name: encoded(v[i], "<f4") for name, v in layers.items()},
                }
            )
    said = {"text": answers.number(found), "warnings": [*warnings], "digits": digits} | more
    return JSON, json.dumps(said).encode()


POSTS = {
    "classify": Post(classify, 784, MAX_IMAGES),
    "picture": Post(read_file, 1, MAX_FILE),
    "read/28": Post(read_image, 784, 1),
    **{
        f"read/{width}": Post(_read_sheets(width), HEIGHT * width, MAX_SHEETS)
        for width in (HEIGHT * 3 // 2, HEIGHT * 2)
    },
}
