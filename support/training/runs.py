"""A training run: what a lesson's loop tells it is checked, saved, and shown to the person."""

import contextlib
import math
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from sklearn.metrics import classification_report
from tqdm import tqdm

from support.ground import OutputError, Signals, reported, tf
from support.training import checkpoints, description, figures, folder, history, saved_model


class Run:
    """A run, and its folder `args.out`, which is this process's own while the context lasts.

    With `args.resume` the run in the folder must be the same one; without it, an earlier one is
    set aside inside. Ctrl-C and the like are noted, and raised by note().

    Args:
        args: the lesson's flags, as training.parse returns them.
        digits: the data.Digits that it trains on.

    Raises:
        OutputError: the folder is another run's, holds other files, or cannot be written.
    """

    def __init__(self, args, digits):
        self.args, self.folder, self.size = args, Path(args.out), len(digits.training.labels)
        self.description = description.of(args, digits)
        self.epochs, self.progress = 0, 0.0  # done so far, of args.epochs and of 1
        self.history: list[dict] = []  # a row of history.csv for each
        self.losses: list[float] = []  # of the steps of this epoch

    def __enter__(self):
        """Take the folder, before TensorFlow is imported."""
        with reported(self.folder, OutputError), contextlib.ExitStack() as context:
            if self.args.resume:
                description.compare(self.folder, self.description)
            self.folder.mkdir(parents=True, exist_ok=True)
            context.enter_context(folder.locked(self.folder))
            folder.check(self.folder)
            if not self.args.resume:
                folder.set_aside(self.folder)
                description.write(self.folder, self.description)
            self.status = self.folder.stat()
            self.signals = context.enter_context(Signals())
            self.context = context.pop_all()
        return self

    def __exit__(self, kind, error, traceback):
        """Give the folder back; after Ctrl-C, say how to go on."""
        self.context.__exit__(kind, error, traceback)
        if kind is not None and issubclass(kind, KeyboardInterrupt):
            kept = f"{self.epochs} of {self.args.epochs} epochs are kept; go on with: "
            print("interrupted;", kept + self.args.go_on if self.epochs else "no epoch was done")

    def begin(self, session, saver) -> int:
        """Open the record of the run; return how many epochs are done: 0, or those resumed."""
        if self.args.resume:
            self._resume(session, saver)
        parameters = sum(v.shape.num_elements() for v in tf.trainable_variables())
        print(f"network: {parameters:,} parameters")
        # With a session, what cannot be written is an error here, and not in a thread.
        self.events = tf.summary.FileWriter(str(self.folder), session.graph, session=session)
        self.start = time.perf_counter()
        return self.epochs

    def _resume(self, session, saver):
        if checkpoints.exist(self.folder):
            # An epoch that has no row yet was not announced: it comes again.
            rows = history.read(self.folder)
            latest = checkpoints.latest(self.folder, *(row["epoch"] for row in rows[-1:]))
            saver.restore(session, latest)
            paths = checkpoints.paths(self.folder)
            saver.recover_last_checkpoints(paths[: paths.index(latest) + 1])
            self.epochs = int(latest.rpartition("-")[2])
        self.history = history.read(self.folder, self.epochs)
        print(f"{self.folder}: resumed after epoch {self.epochs}")

    def steps(self, epoch: int) -> Iterator[int]:
        """Yield where each batch of an epoch begins: 0, batch_size, ...; in a terminal, with a bar.

        The bar is that of the whole run, and so are the minutes that it says are left. So is the
        attribute `progress`: the share of the run that is done, from 0 to 1.
        """
        starts = range(0, self.size, self.args.batch_size)
        title, total = f"epoch {epoch + 1}/{self.args.epochs}", self.args.epochs * len(starts)
        done = epoch * len(starts)
        with tqdm(total=total, initial=done, desc=title, disable=None, leave=False) as bar:
            for start in starts:
                self.progress = (epoch + start / self.size) / self.args.epochs
                yield start
                bar.update()

    def note(self, loss: float) -> None:
        """Note the loss of a step; raise OutputError if it is NaN, Interrupted after Ctrl-C."""
        self._check_folder()
        if not math.isfinite(loss):
            problem = "the training diverged; the checkpoints before are kept"
            raise OutputError(self.folder, problem, f"loss {loss}", "a lower --learning-rate")
        self.losses.append(loss)
        self.signals.check()

    def _check_folder(self):
        """Raise OutputError if what has the folder's name by now is another folder, or nothing."""
        with reported(self.folder, OutputError):
            if not os.path.samestat(self.folder.stat(), self.status):
                raise OutputError(self.folder, "was moved away during the training")

    def save(self, session, saver, accuracy: float) -> None:
        """Save an epoch: a checkpoint, a row of history.csv, TensorBoard's events; print a line.

        Args:
            session: holds the values of the variables.
            saver: the tf.train.Saver of this run.
            accuracy: of the validation images, 0 to 1.
        """
        self._check_folder()
        saver.save(session, str(self.folder / "model"), self.epochs + 1, write_meta_graph=False)
        self._check_folder()
        loss, self.losses = float(np.mean(self.losses)), []
        self.epochs, seconds = self.epochs + 1, time.perf_counter() - self.start
        self.start += seconds
        row = {"epoch": self.epochs, "loss": loss, "accuracy": accuracy, "seconds": seconds}
        self.history.append(row)
        history.write(self.folder, self.history)
        for tag, value in (("training_loss", loss), ("validation_accuracy", accuracy)):
            summary = tf.Summary(value=[tf.Summary.Value(tag=tag, simple_value=value)])
            self.events.add_summary(summary, self.epochs)
        self.events.flush()
        line = f"epoch {self.epochs}/{self.args.epochs}: training loss {loss:.4f}, "
        print(line + f"validation accuracy {accuracy:.2%}, {seconds:.1f} s")

    def finish(self, session, network, test, probabilities) -> None:
        """Print what the test says; export the network for other programs; draw the run.

        Args:
            session: holds the values of the variables.
            network: the lesson's Network.
            test: images uint8 [N, 784] and labels uint8 [N].
            probabilities: what the network says of them, float [N, 10].
        """
        digits = probabilities.argmax(axis=1)
        print(classification_report(test.labels, digits, digits=4, zero_division=0))
        print(f"test accuracy {np.mean(digits == test.labels):.2%} of {len(digits)} images")
        sys.stdout.flush()
        self._check_folder()
        saved_model.save(self.folder, session, network.images, network.probabilities)
        first_layer = session.run(tf.trainable_variables()[0])
        figures.draw(self.folder, self.history, test, probabilities, first_layer)
