"""What `--predict` reads, and what it answers."""

from pathlib import Path

import numpy as np

from data import kaggle
from data.errors import DataError, complain, printable
from support import pictures, reading
from support.console import Signals
from support.pictures import show

SUFFIXES = (".png", ".jpg", ".jpeg")  # of the files that are read of a folder


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
                    _report_picture(name, content, reading.answer(content.digits, classify), args)
            except DataError as error:
                if held:
                    complain("error", held)
                held = error
    if held:
        raise held


def _report_picture(name, picture, found, args):
    for warning in picture.warnings:
        complain("warning", f"{name}: {warning}")
    if args.show:
        path = Path(args.out, "read", f"{Path(name).stem}.png")
        show.draw(path, picture, found)
        print(printable(f"{name}: drawn in {path}"))
    if all(one.text == "?" for one in found):
        raise DataError(name, "no digit to be seen in the picture")
    shares = [(one.probabilities.argmax(), one.probabilities.max()) for one in found]
    if len(found) == 1:
        shares = enumerate(found[0].probabilities)
    shares = "  ".join(f"{digit}: {share:.1%}" for digit, share in shares)
    print(printable(f"{name}: {reading.number(found)}   ({shares})"))
