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
import time
from pathlib import Path

from data.errors import OutputError
from data.files import atomic, reported
from support import checkpoints, figures, saved_model
from support.console import Signals
from support.tensorflow1 import tf

# What is moved away together, the description at last: until then the rest is known as ours.
OURS = """checkpoint model-* history.csv events.out.* curves.png confusion.png mistakes.png
weights.png examples.npz saved_model submission.csv read training.json""".split()


class Run:
    """A training's folder `args.out`, which is this process's own as long as the context lasts.

    `splits` is what data.load returns. With `args.resume` the training in the folder must be the
    same one; without it, an earlier one is moved into earlier-1, earlier-2 ... inside. A folder of
    other things is refused: OutputError. Ctrl-C and the like are noted, and raised by checked().
    """

    def __init__(self, args, splits):
        self.args, self.folder, self.history = args, Path(args.out), []
        self.checkpoint = str(self.folder / "model")  # the saver adds "-EPOCH"
        self.description = checkpoints.description(args, splits)

    def __enter__(self):
        with reported(self.folder, OutputError), contextlib.ExitStack() as context:
            if self.args.resume:
                checkpoints.compare(self.folder, self.description)
            self.folder.mkdir(parents=True, exist_ok=True)
            names = {path.name for path in self.folder.iterdir()}
            if names - {".lock"} and "training.json" not in names:
                expected = "an empty or a new folder"
                raise OutputError(self.folder, "holds other files", expected=expected)
            self._lock(context)
            if not self.args.resume:
                self._begin()
            self.identity = self._identity()
            self.signals = context.enter_context(Signals())
            self.context = context.pop_all()
        return self

    def __exit__(self, kind, error, traceback):
        if kind is not None and issubclass(kind, KeyboardInterrupt):
            epochs = f"the first {len(self.history)} epochs are kept; go on with: "
            print("interrupted;", epochs + self.args.go_on if self.history else "no epoch is done")
        return self.context.__exit__(kind, error, traceback)

    def _lock(self, context):
        from filelock import FileLock, Timeout

        try:
            context.enter_context(FileLock(self.folder / ".lock", timeout=0))
        except Timeout:
            raise OutputError(self.folder, "another training is writing here") from None

    def _begin(self):
        """Describe the new training, after moving away an earlier one."""
        description = self.folder / "training.json"
        if description.exists():
            checkpoints.describe(self.folder)  # or is the file somebody else's?
        if checkpoints.begun(self.folder):
            names = (self.folder / f"earlier-{number}" for number in range(1, 10**6))
            earlier = next(path for path in names if not path.exists())
            earlier.mkdir()
            for path in [path for pattern in OURS for path in self.folder.glob(pattern)]:
                path.rename(earlier / path.name)
            print(f"{self.folder}: held a training already, which is kept in {earlier}")
        with atomic(description) as temporary:
            temporary.write_text(json.dumps(self.description, indent=1) + "\n")

    def _identity(self):
        with reported(self.folder, OutputError):
            status = self.folder.stat()
        return status.st_dev, status.st_ino

    def _check_folder(self):
        if self._identity() != self.identity:  # what has its name now is not this training's
            raise OutputError(self.folder, "was moved away during the training")

    def checked(self, loss):
        """Return the loss of a step, or end the training.

        Interrupted: there was a signal. OutputError: the folder is gone, or the loss no number.
        """
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
        epochs = 0
        if self.args.resume:
            if checkpoints.begun(self.folder):
                latest = checkpoints.latest(self.folder)
                saver.restore(session, latest)
                paths = checkpoints.paths(self.folder)
                saver.recover_last_checkpoints(paths[: paths.index(latest) + 1])
                epochs = int(latest.rpartition("-")[2])
            rows = checkpoints.read_history(self.folder)
            self.history = [row for row in rows if row["epoch"] <= epochs]
            print(f"{self.folder}: resumed after epoch {epochs}")
        parameters = sum(v.shape.num_elements() for v in tf.trainable_variables())
        print(f"network: {parameters:,} parameters")
        self.events = tf.summary.FileWriter(self.folder, session.graph)
        self.context.callback(self.events.close)
        self.start = time.perf_counter()
        return epochs

    def record(self, epoch, loss, accuracy):
        """Add an epoch to history.csv and to TensorBoard's events; return it as a line of text."""
        self._check_folder()
        seconds = time.perf_counter() - self.start
        values = (epoch, float(loss), float(accuracy), seconds)
        self.history.append(dict(zip(checkpoints.COLUMNS, values, strict=True)))
        checkpoints.write_history(self.folder, self.history)
        for tag, value in (("training_loss", loss), ("validation_accuracy", accuracy)):
            summary = tf.Summary(value=[tf.Summary.Value(tag=tag, simple_value=value)])
            self.events.add_summary(summary, epoch)
        self.events.flush()
        self.start = time.perf_counter()
        return (
            f"epoch {epoch}/{self.args.epochs}: training loss {loss:.4f}, "
            f"validation accuracy {accuracy:.2%}, {seconds:.1f} s"
        )

    def keep(self, session, network, test, probabilities):
        """Draw the training, and its answers to the test images; export the network.

        test, probabilities: images and labels, and what the network says, float [N, 10].
        """
        first_weights = session.run(tf.trainable_variables()[0])
        figures.draw(self.folder, self.history, test, probabilities, first_weights)
        saved_model.save(self.folder, session, network.images, network.probabilities)
