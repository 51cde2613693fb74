"""The folder of one training, `--out`: it can be resumed from, looked at and used.

training.json               the lesson, its flags, and what identifies the images
model-EPOCH.*, checkpoint   the newest three checkpoints, written by tf.train.Saver
history.csv                 a row per epoch: epoch, loss (mean over the training batches), accuracy
                            (of the validation images, 0 to 1), seconds
events.out.tfevents.*       the same figures, and the graph, for TensorBoard
.lock                       locked by the operating system while a training writes here
earlier-1, earlier-2 ...    trainings that were in the folder before
"""

import contextlib
import math
import os
import tempfile
import time
from errno import ENOLCK, EOPNOTSUPP
from pathlib import Path

from data.errors import OutputError, complain
from data.files import reported
from support import checkpoints, figures, saved_model
from support.console import Signals
from support.tensorflow1 import tf


@contextlib.contextmanager
def _locked(folder):
    """Keep other trainings out of `folder` for a while, or raise OutputError if one is there."""
    from filelock import FileLock, Timeout

    lock = FileLock(folder / ".lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise OutputError(folder, "another training is writing here") from None
    except OSError as problem:
        if problem.errno not in (ENOLCK, EOPNOTSUPP):
            raise
        complain("warning", f"{folder}: its file system has no locks: start no second training")
    try:
        yield
    finally:
        lock.release()


class Run:
    """A training's folder `args.out`, which is this process's own as long as the context lasts.

    `splits` is what data.load returns. With `args.resume` the training in the folder must be the
    same one; without it, an earlier one is moved into earlier-1, earlier-2 ... inside. A folder of
    other things is refused: OutputError. Ctrl-C and the like are noted, and raised by checked().
    """

    def __init__(self, args, splits):
        self.args, self.folder = args, Path(args.out)
        self.description = checkpoints.description(args, splits)
        self.epochs, self.history = 0, []  # done so far; a row of history.csv for each

    def __enter__(self):
        folder = self.folder
        with reported(folder, OutputError), contextlib.ExitStack() as context:
            if self.args.resume:
                checkpoints.compare(folder, self.description)
            folder.mkdir(parents=True, exist_ok=True)
            names = [path.name for path in folder.iterdir() if not path.name.startswith(".")]
            if names and "training.json" not in names:
                raise OutputError(folder, "holds other files", expected="an empty or a new folder")
            context.enter_context(_locked(folder))
            with tempfile.TemporaryFile(dir=folder):
                pass  # before the seconds that TensorFlow takes: can it be written at all?
            if not self.args.resume:
                checkpoints.begin(folder, self.description)
            self.status = folder.stat()
            self.signals = context.enter_context(Signals())
            self.context = context.pop_all()
        return self

    def __exit__(self, kind, error, traceback):
        self.context.__exit__(kind, error, traceback)
        if kind is not None and issubclass(kind, KeyboardInterrupt):
            kept = f"{self.epochs} of {self.args.epochs} epochs are kept; go on with: "
            print("interrupted;", kept + self.args.go_on if self.epochs else "no epoch was done")

    def _check_folder(self):
        """Raise OutputError if what has the folder's name by now is another folder, or nothing."""
        with reported(self.folder, OutputError):
            if not os.path.samestat(self.folder.stat(), self.status):
                raise OutputError(self.folder, "was moved away during the training")

    @property
    def checkpoint(self):
        """The path for the saver, which adds "-EPOCH"."""
        self._check_folder()
        return str(self.folder / "model")

    def checked(self, loss):
        """Return a step's loss; raise Interrupted after a signal, OutputError if it is NaN."""
        self._check_folder()
        if not math.isfinite(loss):
            problem = "the training diverged; the checkpoints before are kept"
            raise OutputError(self.folder, problem, f"loss {loss}", "a lower --learning-rate")
        self.signals.check()
        return loss

    def resume(self, session, saver):
        """Return how many epochs are done: with `args.resume` those of the checkpoint restored."""
        if self.args.resume:
            if checkpoints.begun(self.folder):
                # An epoch whose row was not written any more was not announced: it comes again.
                rows = checkpoints.read_history(self.folder, checkpoints.MAX_EPOCHS)
                latest = checkpoints.latest(self.folder, *(row["epoch"] for row in rows[-1:]))
                saver.restore(session, latest)
                paths = checkpoints.paths(self.folder)
                saver.recover_last_checkpoints(paths[: paths.index(latest) + 1])
                self.epochs = int(latest.rpartition("-")[2])
            self.history = checkpoints.read_history(self.folder, self.epochs)
            print(f"{self.folder}: resumed after epoch {self.epochs}")
        parameters = sum(v.shape.num_elements() for v in tf.trainable_variables())
        print(f"network: {parameters:,} parameters")
        # With a session, what cannot be written is an error here, and not in a thread.
        self.events = tf.summary.FileWriter(str(self.folder), session.graph, session=session)
        self.start = time.perf_counter()
        return self.epochs

    def record(self, epoch, loss, accuracy):
        """Add an epoch to history.csv and to TensorBoard's events; return it as a line of text."""
        self._check_folder()
        self.epochs, seconds = epoch, time.perf_counter() - self.start
        self.start += seconds
        row = {"epoch": epoch, "loss": loss, "accuracy": accuracy, "seconds": seconds}
        self.history.append(row)
        checkpoints.write_history(self.folder, self.history)
        for tag, value in (("training_loss", loss), ("validation_accuracy", accuracy)):
            summary = tf.Summary(value=[tf.Summary.Value(tag=tag, simple_value=value)])
            self.events.add_summary(summary, epoch)
        self.events.flush()
        line = f"epoch {epoch}/{self.args.epochs}: training loss {loss:.4f}, "
        return line + f"validation accuracy {accuracy:.2%}, {seconds:.1f} s"

    def keep(self, session, network, test, probabilities):
        """Draw the training, and its answers to the test images; export the network.

        test, probabilities: images and labels, and what the network says, float [N, 10].
        """
        self._check_folder()
        first_layer = session.run(tf.trainable_variables()[0])
        figures.draw(self.folder, self.history, test, probabilities, first_layer)
        saved_model.save(self.folder, session, network.images, network.probabilities)
