"""What a network answers to the digits of a picture, and where it is in doubt."""

from typing import NamedTuple

import numpy as np

from support import pictures

MIN_SURE, MIN_DIGIT = 0.8, 0.5  # probabilities: less is marked "5?"; even less is no digit: "?"
MAX_EXTENT = 1.7  # of one digit: width / height, times Digit.length


class Answer(NamedTuple):
    """What a network says of one digit."""

    digit: pictures.Digit
    pixels: np.ndarray  # uint8 [784], what the network was given
    probabilities: np.ndarray  # float [10]

    @property
    def text(self):
        """Return the answer, "5", in doubt "5?", or "?" for what is no digit."""
        sure, digit = self.probabilities.max(), str(self.probabilities.argmax())
        return digit if sure >= MIN_SURE else f"{digit}?" if sure >= MIN_DIGIT else "?"


def answer(digits, classify):
    """Return a list of Answers for a list of pictures.Digit; touching digits become two.

    classify  a function from uint8 [N, 784] to the probabilities, float [N, 10]
    """
    return [one for answers in _each(digits, classify) for one in answers]


def _each(digits, classify):
    """Return for each digit a list: of its Answer, or of its parts'."""
    steady = _steady([digit.pixels for digit in digits], classify)
    return [_halved(digit, each, classify) for digit, each in zip(digits, steady, strict=True)]


def _halved(digit, probabilities, classify):
    """Return a digit's Answer, or those of its halves if they look more like digits; a list."""
    whole = Answer(digit, digit.pixels, probabilities)
    if digit.american is not None and whole.probabilities[7] < 0.95:  # a 1, or a 0
        (american,) = _steady([digit.american], classify)
        if american.argmax() < 2 and american.max() > MIN_SURE:
            return [Answer(digit, digit.american, american)]
    left, top, right, bottom = digit.box
    # The wider it is, and the longer its strokes are, the less is it one digit.
    surest = ((right - left) / (bottom - top) * digit.length / MAX_EXTENT) ** 2
    pairs = digit.halves() if probabilities.max() <= surest else ()
    if not pairs:
        return [whole]
    halves = _each([half for pair in pairs for half in pair], classify)
    parts = max(map(list.__add__, halves[::2], halves[1::2]), key=_least)
    return parts if _least(parts) > MIN_SURE else [whole]


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


def number(answers):
    """Return what was read: "2024", "030 12 5?" with a blank between rows and wide gaps."""
    return "".join(one.digit.before * bool(i) + one.text for i, one in enumerate(answers))
