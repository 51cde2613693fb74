"""What a network answers to the digits of a picture, and where it is in doubt."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from support import pictures

MIN_SURE, MIN_DIGIT = 0.9, 0.5  # probabilities: less is marked "5?"; even less is no digit: "?"
CLEAR = 0.95  # probability: what else a picture may be has to be as sure
HARDLY_SURER = 0.999  # probability: of two parts the network is hardly ever surer than this
MAX_EXTENT = 1.7  # of one digit: width / height, times Digit.length
TAKEN_FOR = {7: 1, 8: 0}  # digits for which a network takes the European forms of others


class Answer(NamedTuple):
    """What a network says of one digit."""

    digit: pictures.Digit
    pixels: np.ndarray  # uint8 [784], what the network was given
    probabilities: np.ndarray  # float [10]

    @property
    def text(self) -> str:
        """Return the answer, "5", in doubt "5?", or "?" for what is no digit."""
        sure, digit = self.probabilities.max(), str(self.probabilities.argmax())
        if sure < max(self.digit.least, MIN_DIGIT):
            return "?"
        return digit if sure >= MIN_SURE else f"{digit}?"


def answer(digits: list, classify: Callable) -> list[Answer]:
    """Return what a network answers to digits: touching ones become two, or more.

    Args:
        digits: pictures.Digits, as pictures.find returns them.
        classify: a function from uint8 [N, 784] to the probabilities, float [N, 10].
    """
    found = _read(digits, classify)
    if digits and _least(found) < CLEAR:
        for alone in digits[0].alone():
            (plain,) = _steady([alone.pixels], classify)
            if plain.max() > max(_least(found), CLEAR if len(found) > 1 else 0):
                return [Answer(alone, alone.pixels, plain)]
    return found


def _read(digits, classify):
    """Return the Answers to digits; one in doubt is cut, if its parts look more like digits.

    The parts are read in the same way, and may be cut again.
    """
    found = []
    shares = _steady([digit.pixels for digit in digits], classify)
    for digit, probabilities in zip(digits, shares, strict=True):
        best = [_form(digit, probabilities, classify)]
        wanted = _wanted(digit, best[0].probabilities)
        pairs = digit.halves() if wanted < HARDLY_SURER else []
        for pair in pairs:
            parts = _read(pair, classify)
            if _least(parts) > wanted:
                best, wanted = parts, _least(parts)
        found += best
    return found


def _wanted(digit, probabilities):
    """Return how sure the network has to be of a digit's parts, for them to be two digits."""
    left, top, right, bottom = digit.box
    # The wider it is, and the longer its strokes are, the less is it one digit.
    extent = (right - left) / (bottom - top) * digit.length / MAX_EXTENT
    sure = probabilities.max()
    if sure <= extent**2:
        return MIN_SURE
    # Its parts may be in doubt by a share of the doubt about the whole: by all of it if it is as
    # wide as two digits, and, for the power is high, by hardly any of it if it is as narrow as one.
    return max(MIN_SURE, 1 - (1 - sure) * min(1, extent) ** 4)


def _form(digit, probabilities, classify):
    """Return a digit's Answer: as it is, or as an American would write it."""
    whole = Answer(digit, digit.pixels, probabilities)
    if digit.american is None:
        return whole
    (american,) = _steady([digit.american], classify)
    surer = american.max() > probabilities.max()
    taken = american.max() > CLEAR and TAKEN_FOR.get(probabilities.argmax()) == american.argmax()
    if american.argmax() < 2 and (surer or taken):
        return Answer(digit, digit.american, american)
    return whole


def _least(answers):
    """Return how sure the network is of the answer of which it is least sure."""
    return min(one.probabilities.max() for one in answers)


def _steady(images, classify):
    """Return the probabilities of images, float [N, 10], as means over nine shifts.

    What is a digit is still one, and the same, when it is shifted by a pixel. A scribble is not.
    """
    square, steps = np.reshape(images, [-1, 28, 28]), (-1, 0, 1)
    shifts = [np.roll(square, (down, right), (1, 2)) for down in steps for right in steps]
    shifts = np.stack(shifts, axis=1).reshape(-1, 784)  # nine of each image, one after the other
    return classify(shifts).reshape(-1, 9, 10).mean(axis=1)


def number(answers: list[Answer]) -> str:
    """Return what was read: "2024", "030 12 5?" with a blank between rows and wide gaps."""
    return "".join(one.digit.before + one.text for one in answers).strip()
