"""A training run: what a lesson's loop tells it is checked, saved, and shown to the person."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from sklearn.metrics import classification_report
from tqdm import tqdm

from support import training  # whose door loads matplotlib only when the run is drawn
from support.ground import OutputError, Signals, complain, printable, reported, tf
from support.training import checkpoints, description, examples, folder, history, saved_model


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
        self.watch = None  # a reading.Watch: the page of --watch

    def __enter__(self):
        """Take the folder, before TensorFlow is imported."""
        with reported(self.folder, OutputError), contextlib.ExitStack() as context:
            if self.args.resume:
                description.compare(self.folder, self.description)
            self.held = context.enter_context(folder.Held(self.folder))
            if self.args.resume:
                folder.put_back(self.folder)
            else:
                folder.set_aside(self.folder)
                description.write(self.folder, self.description)
            self.signals = context.enter_context(Signals())
            self.context = context.pop_all()
        return self

    def __exit__(self, kind, error, traceback):
        """Give the folder back; after Ctrl-C, say how to go on."""
        if self.watch:
            self.watch.close()
        self.context.__exit__(kind, error, traceback)
        if kind is not None and issubclass(kind, KeyboardInterrupt):
            command = printable(self.args.resume_command)
            kept = f"{self.epochs} of {self.args.epochs} epochs are kept; go on with: {command}"
            print(f"interrupted; {kept if self.epochs else 'no epoch was done'}")

    def begin(self, session, saver) -> int:
        """Open the record of the run; return how many epochs are done: 0, or those resumed."""
        description.note_machine(self.folder, self.description, self.args.resume)
        if self.args.resume:
            if checkpoints.exist(self.folder):
                # An epoch that has no row yet was not announced: it comes again.
                rows = history.read(self.folder)
                last = rows[-1]["epoch"] if rows else checkpoints.MAX_EPOCHS
                self.epochs = checkpoints.resume(self.folder, last, session, saver)
            self.history = history.read(self.folder, self.epochs)
            print(printable(f"{self.folder}: resumed after epoch {self.epochs}"))
        parameters = sum(v.shape.num_elements() for v in tf.trainable_variables())
        print(f"network: {parameters:,} parameters")
        # With a session, what cannot be written is an error here, and not in a thread.
        self.events = tf.summary.FileWriter(str(self.folder), session.graph, session=session)
        self.start = time.perf_counter()
        return self.epochs

    def steps(self, epoch: int) -> Iterator[int]:
        """Yield where each batch of an epoch begins: 0, batch_size, ...; in a terminal, with a bar.

        The bar, its minutes left, and the attribute `progress`, 0 to 1, are those of the whole run.
        """
        starts = range(0, self.size, self.args.batch_size)
        name, total = f"epoch {epoch + 1}/{self.args.epochs}", self.args.epochs * len(starts)
        shown = {"leave": False, "disable": None, "initial": epoch * len(starts)}
        for start in tqdm(starts, name, total, **shown):
            self.progress = (epoch + start / self.size) / self.args.epochs
            yield start

    def note(self, loss: float) -> None:
        """Note the loss of a step; raise OutputError if it is NaN, Interrupted after Ctrl-C."""
        self.held.check()
        if not np.isfinite(loss):
            problem = "the training diverged; the checkpoints before are kept"
            raise OutputError(self.folder, problem, f"loss {loss}", "a lower --learning-rate")
        self.losses.append(loss)
        if self.watch:
            self.watch.step(loss)
        self.signals.check()

    def save(self, session, saver, accuracy: float) -> None:
        """Save an epoch: a checkpoint, a row of history.csv, TensorBoard's events; print a line.

        Args:
            session: holds the values of the variables.
            saver: the tf.train.Saver of this run.
            accuracy: of the validation images, 0 to 1.
        """
        self.held.check()
        saver.save(session, str(self.folder / "model"), self.epochs + 1, write_meta_graph=False)
        self.held.check()
        loss, self.losses = float(np.mean(self.losses)), []
        self.epochs, seconds = self.epochs + 1, time.perf_counter() - self.start
        self.start += seconds
        row = {"epoch": self.epochs, "loss": loss, "accuracy": accuracy, "seconds": seconds}
        self.history.append(row)
        history.write(self.folder, self.history)
        history.show(self.events, row)
        line = f"epoch {self.epochs}/{self.args.epochs}: training loss {loss:.4f}, "
        print(line + f"validation accuracy {accuracy:.2%}, {seconds:.1f} s")

    def finish(self, session, network, test, probabilities) -> None:
        """Print what the test says; export the network for other programs; draw the run.

        Args:
            session: holds the values of the variables.
            network: the lesson's Net.
            test: images uint8 [N, 784] and labels uint8 [N].
            probabilities: what the network says of them, float [N, 10].
        """
        digits = probabilities.argmax(axis=1)
        print(classification_report(test.labels, digits, digits=4, zero_division=0))
        right = np.mean(digits == test.labels)
        print(f"test accuracy {right:.2%} of {len(digits)} images", flush=True)
        self.held.check()
        saved_model.save(self.folder, session, network.images, network.probabilities)
        examples.save(self.folder, test, digits)
        first_layer = session.run(tf.trainable_variables()[0])
        try:
            training.draw(self.folder, self.history, test, probabilities, first_layer)
        except OutputError:
            raise
        except Exception as problem:  # of a person's settings, or for want of memory
            complain("warning", f"{self.folder}: its figures are not drawn: {problem!r}")
        if self.watch:
            self.watch.go_on()
