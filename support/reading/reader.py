"""What a lesson's `predict` does: read files, or a page that is drawn on, and answer."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import data
from support import pictures
from support.ground import DataError, Signals, complain, printable
from support.reading import answers, page, show

SUFFIXES = (".png", ".jpg", ".jpeg")  # of the files that are read of a folder


class Reader:
    """Reads what `args.predict` names, or with `args.draw` what is drawn on a page.

    Entering the context finds the first file that can be read, before TensorFlow is imported. From
    then on Ctrl-C and the like are noted, and obeyed between two files.

    Args:
        args: the lesson's flags, as training.parse returns them.

    Raises:
        DataError: nothing can be read.
    """

    def __init__(self, args):
        self.args, self.errors = args, []

    def __enter__(self):
        """Read until there is something to answer."""
        self.inputs = self._inputs()
        if self.args.predict:
            first = next(self.inputs, None)
            if first is None:
                self._complain()
            self.inputs = itertools.chain([first], self.inputs)
        self.signals = Signals()
        self.signals.__enter__()
        return self

    def __exit__(self, *error):
        """Obey the signals as before."""
        self.signals.__exit__(*error)

    def answer(self, session, network) -> None:
        """Answer each input, or serve the page until Ctrl-C.

        What cannot be read is reported, and does not keep the rest from being answered; the last
        of these errors is raised in the end.

        Args:
            session: holds the values of the variables.
            network: the lesson's Network.
        """
        if self.args.draw:
            page.serve(session, network, self.args, self.signals.check)
            return
        if self.args.export:
            page.export(session, network, self.args)
            return

        def classify(pixels):
            parts = np.split(pixels, range(1000, len(pixels), 1000))
            asked = network.probabilities
            return np.concatenate([session.run(asked, {network.images: part}) for part in parts])

        for name, content in self.inputs:
            self.signals.check()
            try:
                if isinstance(content, np.ndarray):
                    path = Path(self.args.out, "submission.csv")
                    data.write_submission(path, classify(content).argmax(axis=1))
                    print(printable(f"{name}: {len(content)} rows classified, written to {path}"))
                else:
                    self._report(name, content, answers.answer(content.digits, classify))
            except DataError as error:
                self.errors.append(error)
        self._complain()

    def _inputs(self) -> Iterator:
        """Yield the name of each input that can be read, and a Picture or uint8 [N, 784]."""
        for name in self.args.predict or ():
            path, names = Path(name), [name]
            if path.is_dir():
                names = [str(p) for p in sorted(path.iterdir()) if p.suffix.lower() in SUFFIXES]
                if not names:
                    self.errors.append(DataError(name, "no PNG or JPEG file in this folder"))
            for each in names:
                read = data.read_images if each.lower().endswith(".csv") else pictures.read
                try:
                    yield each, read(each)
                except DataError as error:
                    self.errors.append(error)

    def _complain(self):
        """Report all errors but the last, which is raised."""
        for error in self.errors[:-1]:
            complain("error", error)
        if self.errors:
            raise self.errors[-1]

    def _report(self, name, picture, found):
        for warning in picture.warnings:
            complain("warning", f"{name}: {warning}")
        if self.args.show:
            path = Path(self.args.out, "read", f"{Path(name).stem}.png")
            show.draw(path, picture, found)
            print(printable(f"{name}: drawn in {path}"))
        if all(one.text == "?" for one in found):
            raise DataError(name, "no digit to be seen in the picture")
        shares = [(one.probabilities.argmax(), one.probabilities.max()) for one in found]
        if len(found) == 1:
            shares = enumerate(found[0].probabilities)
        shares = "  ".join(f"{digit}: {share:.1%}" for digit, share in shares)
        print(printable(f"{name}: {answers.number(found)}   ({shares})"))
