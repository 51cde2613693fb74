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
import json
import math
import os
import time
from pathlib import Path

from data.errors import OutputError
from data.files import atomic, reported
from support import checkpoints, figures, saved_model
from support.console import Signals
from support.tensorflow1 import tf

# What is moved away together, the description at last: until then the rest is known as ours.
OURS = "checkpoint model-* history.csv events.out.* curves.png confusion.png mistakes.png "
OURS += "weights.png examples.npz saved_model submission.csv read training.json"


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
        from filelock import FileLock, Timeout

        with reported(self.folder, OutputError), contextlib.ExitStack() as context:
            if self.args.resume:
                checkpoints.compare(self.folder, self.description)
            self.folder.mkdir(parents=True, exist_ok=True)
            names = {path.name for path in self.folder.iterdir()}
            if names - {".lock"} and "training.json" not in names:
                raise OutputError(self.folder, "holds other files", None, "an empty or a new folder")
            try:
                context.enter_context(FileLock(self.folder / ".lock", timeout=0))
            except Timeout:
                raise OutputError(self.folder, "another training is writing here") from None
            if not self.args.resume:
                self._begin()
            self.status = self.folder.stat()
            self.signals = context.enter_context(Signals())
            self.context = context.pop_all()
        return self

    def __exit__(self, kind, error, traceback):
        self.context.__exit__(kind, error, traceback)
        if kind is not None and issubclass(kind, KeyboardInterrupt):
            kept = f"{self.epochs} of {self.args.epochs} epochs are kept; go on with: "
            print("interrupted;", kept + self.args.go_on if self.epochs else "no epoch was done")

    def _begin(self):
        """Describe the new training, after moving away an earlier one."""
        description = self.folder / "training.json"
        if description.exists():
            checkpoints.describe(self.folder)  # or is the file somebody else's?
        if checkpoints.begun(self.folder):
            names = (self.folder / f"earlier-{number}" for number in range(1, 10**6))
            earlier = next(path for path in names if not path.exists())
            earlier.mkdir()
            for path in [path for name in OURS.split() for path in self.folder.glob(name)]:
                path.rename(earlier / path.name)
            print(f"{self.folder}: held a training already, which is kept in {earlier}")
        with atomic(description) as temporary:
            temporary.write_text(json.dumps(self.description, indent=1) + "\n")

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
        """Return how many epochs are done: 0, or with `args.resume` those of the newest checkpoint.

        `saver` restores it into `session`, and from then on deletes the folder's oldest, too.
        """
        if self.args.resume:
            if checkpoints.begun(self.folder):
                latest = checkpoints.latest(self.folder)
                saver.restore(session, latest)
                paths = checkpoints.paths(self.folder)
                saver.recover_last_checkpoints(paths[: paths.index(latest) + 1])
                self.epochs = int(latest.rpartition("-")[2])
            self.history = checkpoints.read_history(self.folder, self.epochs)
            print(f"{self.folder}: resumed after epoch {self.epochs}")
        parameters = sum(v.shape.num_elements() for v in tf.trainable_variables())
        print(f"network: {parameters:,} parameters")
        self.events = tf.summary.FileWriter(self.folder, session.graph)
        self.context.callback(self.events.close)
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
