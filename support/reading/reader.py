"""What a lesson's `predict` does: read files, or a page that is drawn on, and answer."""

import contextlib
import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from tqdm import tqdm

import data
from support import reading  # whose door loads scikit-learn only when answers are counted
from support.ground import DataError, OutputError, Signals, complain, printable
from support.reading import answers, inputs, outputs, page, show

MAX_ROWS = 1000  # classified at a time: Ctrl-C is obeyed between two such pieces


class Reader:
    """Reads what `args.predict` names, or what is drawn on a page: args.draw and args.export.

    Entering the context reads the first input that can be read, before TensorFlow is imported. From
    then on Ctrl-C and the like are noted, and obeyed between two inputs. What cannot be read or
    written is reported, the rest is answered, and the last of these errors is raised in the end.

    Args:
        args: the lesson's flags, as training.parse returns them.
    """

    def __init__(self, args):
        self.args, self.error = args, None
        self.check = lambda: None  # raises nothing yet: Python itself obeys signals
        self.inputs = inputs.find(args.predict or [])
        self.names = outputs.Names(one.name for one in self.inputs)
        self.truth: list[tuple] = []  # of pictures: the label or None, and what was read

    def __enter__(self):
        """Read until there is something to answer."""
        with contextlib.ExitStack() as context:
            self.table = context.enter_context(outputs.table(self.args.table, self.names))
            contents = context.enter_context(contextlib.closing(self._contents()))
            first = list(itertools.islice(contents, 1))
            if self.error and not first:
                raise self.error
            self.contents = itertools.chain(first, contents)
            self.check = context.enter_context(Signals()).check
            self.context = context.pop_all()
        return self

    def __exit__(self, kind, error, traceback):
        """Obey the signals as before; write the table; raise the last of the errors."""
        try:
            self.context.__exit__(kind, error, traceback)
        except DataError as problem:
            self._note(problem)
        if self.error and kind is None:
            raise self.error
        if self.error:
            complain("error", self.error)

    def answer(self, session, network) -> None:
        """Answer each input, or serve the page until Ctrl-C.

        Args:
            session: holds the values of the variables.
            network: the lesson's Net.
        """
        if self.args.draw:
            page.serve(session, network, self.args, self.check)
            return
        if self.args.export:
            page.write(session, network, self.args)
            return

        def classify(pixels):
            results = []
            for start in range(0, len(pixels), MAX_ROWS):
                self.check()
                feed = {network.images: pixels[start : start + MAX_ROWS]}
                results.append(session.run(network.probabilities, feed))
            return np.concatenate(results)

        for one, content in self.contents:
            with self._noted(one):
                if one.kind == "picture":
                    self._picture(one, content, answers.answer(content.digits, classify))
                else:
                    images, labels, note = content
                    self._rows(one.name, labels, note, classify(images))
        known = [pair for pair in self.truth if pair[0] is not None]
        if known:
            print(reading.confusion([label for label, _ in known], [read for _, read in known]))

    def _contents(self) -> Iterator:
        """Yield each input that can be read, and its Picture, or images, labels and a note."""
        is_short = len(self.inputs) < 2  # and needs no bar, which is for terminals only
        for one in tqdm(self.inputs, unit="file", leave=False, disable=is_short or None):
            self.check()
            with self._noted(one):
                yield one, inputs.read(one)

    def _rows(self, name, labels, note, probabilities):
        digits = probabilities.argmax(axis=1)
        self.table(outputs.of_rows(name, probabilities))
        if labels is not None:
            tqdm.write(f"{printable(f'{name} ({note})')}: {reading.confusion(labels, digits)}")
            return
        path = self.names.free(Path(self.args.out, "submission.csv"))
        data.write_submission(path, digits, name if ".csv" in name.lower() else None)
        tqdm.write(printable(f"{name}: {len(digits)} rows classified, written to {path}"))

    def _picture(self, one, picture, found):
        for warning in picture.warnings:
            self._complain("warning", f"{one.name}: {warning}")
        if self.args.show:
            path = self.names.free(Path(self.args.out, "read", f"{Path(one.name).stem}.png"))
            try:
                show.draw(path, picture, found)
                tqdm.write(printable(f"{one.name}: drawn in {path}"))
            except OutputError as error:
                self._note(error)
        number = answers.number(found)
        if not number.strip("? "):
            raise DataError(one.name, "no digit to be seen in the picture")
        self.table(outputs.of_picture(one.name, number, picture, found))
        self.truth.append((one.label, number))
        tqdm.write(printable(f"{one.name}: {number}   ({show.shares(found)})"))

    @contextlib.contextmanager
    def _noted(self, one):
        """Note what is wrong with an input, so that the others are answered."""
        try:
            yield
        except (DataError, MemoryError) as error:
            short = DataError(one.name, "not enough memory for it")
            self._note(error if isinstance(error, DataError) else short)
            self.table([[one.name]])
            self.truth.append((one.label, ""))

    def _note(self, error):
        """Report the error before, and keep this one, which may be the last."""
        if self.error:
            self._complain("error", self.error)
        self.error = error

    def _complain(self, kind, text):
        """Print an "error" or a "warning" above the bar, as tqdm.write() prints a line there."""
        with tqdm.external_write_mode():
            complain(kind, text)
