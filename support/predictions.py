"""What `--predict` reads, and what it answers."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from data import kaggle
from data.errors import DataError, complain, printable
from support import pictures
from support.console import Signals
from support.pictures import show

MIN_SURE, MIN_DIGIT = 0.8, 0.5  # probabilities: less is marked "5?"; even less is no digit: "?"
MAX_EXTENT = 3.5  # of one digit: width times length of its strokes, both in its heights
SUFFIXES = (".png", ".jpg", ".jpeg")  # of the files that are read of a folder


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
    steady = _steady([digit.pixels for digit in digits], classify)
    pairs = zip(digits, steady, strict=True)
    return [one for digit, whole in pairs for one in _halved(digit, whole, classify)]


def _halved(digit, probabilities, classify):
    """Return a digit's Answer, or those of its halves if they look more like digits; a list."""
    whole = Answer(digit, digit.pixels, probabilities)
    if digit.american is not None and whole.probabilities[7] < 0.95:  # a 1, or a 0
        (american,) = _steady([digit.american], classify)
        if american.argmax() < 2 and american.max() > MIN_SURE:
            return [Answer(digit, digit.american, american)]
    if not digit.halves:
        return [whole]
    least, _, parts = max(
        (min(part.probabilities.max() for part in parts), i, parts)
        for i, parts in enumerate(answer(pair, classify) for pair in digit.halves)
    )
    left, top, right, bottom = digit.box
    wide = (right - left) / (bottom - top)
    # The wider it is, and the longer its strokes are, the less is it one digit.
    surest = (wide * digit.length / MAX_EXTENT) ** 2
    return parts if least > MIN_SURE and whole.probabilities.max() <= surest else [whole]


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


def read(args):
    """Read what `args.predict` names: pictures, folders of pictures, a CSV file of images.

    Returns a list of (name, Picture or uint8 [N, 784], or the DataError of what cannot be read).
    Raises the last DataError, and reports the others, if nothing can be read.
    """
    inputs = []
    for name in args.predict:
        path, names = Path(name), [name]
        if path.is_dir():
            names = [str(p) for p in sorted(path.iterdir()) if p.suffix.lower() in SUFFIXES]
            if not names:
                inputs.append((name, DataError(name, "no PNG or JPEG file in this folder")))
        for each in names:
            reader = kaggle.read_images if each.lower().endswith(".csv") else pictures.read
            try:
                inputs.append((each, reader(each)))
            except DataError as error:
                inputs.append((each, error))
    errors = [content for _, content in inputs if isinstance(content, DataError)]
    if len(errors) == len(inputs):
        for error in errors[:-1]:
            complain("error", error)
        raise errors[-1]
    return inputs


def report(run, args):
    """Answer `args.inputs`, as read() returns them; with `args.show`, draw what was read, too.

    run  a function from images, uint8 [N, 784], to a sequence that begins with the probabilities,
         float [N, 10]

    What cannot be read is reported, and does not keep the rest from being answered; the last of
    these errors is raised in the end.
    """

    def classify(pixels):
        parts = np.split(pixels, range(1000, len(pixels), 1000))
        return np.concatenate([run(part)[0] for part in parts])

    held = None
    with Signals() as signals:
        for name, content in args.inputs:
            signals.check()
            try:
                if isinstance(content, DataError):
                    raise content
                if isinstance(content, np.ndarray):
                    path = Path(args.out, "submission.csv")
                    kaggle.write_submission(path, classify(content).argmax(axis=1))
                    print(printable(f"{name}: {len(content)} rows classified, written to {path}"))
                else:
                    _report_picture(name, content, answer(content.digits, classify), args)
            except DataError as error:
                if held:
                    complain("error", held)
                held = error
    if held:
        raise held


def _report_picture(name, picture, answers, args):
    for warning in picture.warnings:
        complain("warning", f"{name}: {warning}")
    if args.show:
        path = Path(args.out, "read", f"{Path(name).stem}.png")
        show.draw(path, picture, answers)
        print(printable(f"{name}: drawn in {path}"))
    if all(one.text == "?" for one in answers):
        raise DataError(name, "no digit to be seen in the picture")
    shares = [(one.probabilities.argmax(), one.probabilities.max()) for one in answers]
    if len(answers) == 1:
        shares = enumerate(answers[0].probabilities)
    shares = "  ".join(f"{digit}: {share:.1%}" for digit, share in shares)
    print(printable(f"{name}: {number(answers)}   ({shares})"))
