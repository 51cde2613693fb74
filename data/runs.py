"""The folder of one training, so that it can be gone on with, looked at and used.

    training.json            the network, its flags, and what identifies the training images
    model-STEP.index, .data* the newest three checkpoints, written by tf.train.Saver
    history.csv              a row per epoch: epoch, loss, accuracy, seconds
    events.out.tfevents.*    the same figures, and the graph, for TensorBoard
    lock                     locked, by the operating system, while a training writes here

A checkpoint is whole once its .index exists: TensorFlow renames the .data file first, and when it
restores it checks the CRC of each tensor. TensorFlow's own file `checkpoint` is not relied on.
"""

import json
import math
import os
import sys
import weakref
import zlib
from pathlib import Path
from typing import ClassVar

from data import history
from data.errors import OutputError
from data.files import atomic, reported, sweep
from data.tensorflow1 import tf

# What must stay the same for a resumed training to end as an uninterrupted one would have.
FLAGS = ("epochs", "batch_size", "learning_rate", "activation", "seed")


def describe(folder, network):
    """Return the dict of FOLDER/training.json; OutputError if it is not one of `network`."""
    file = Path(folder) / "training.json"
    if not file.exists():
        raise OutputError(folder, "holds no training", "no training.json", "--out FOLDER")
    try:
        found = json.loads(file.read_text())
        trained = found["network"]
    except (OSError, ValueError, KeyError, TypeError):
        raise OutputError(file, "cannot be read as the description of a training") from None
    if trained != network:
        raise OutputError(file, "another network's training", trained, network)
    return found


def restore(folder, saver, session):
    """Bring back the newest whole checkpoint in FOLDER and return its step; 0 if there is none.

    A damaged one is passed over with a warning. OutputError if there are only damaged ones.
    """
    steps = sorted(int(file.stem.rpartition("-")[2]) for file in Path(folder).glob("model-*.index"))
    paths = [str(Path(folder) / f"model-{step}") for step in steps]
    for last in reversed(range(len(steps))):
        try:
            saver.restore(session, paths[last])
        except (tf.errors.OpError, ValueError):
            print(f"warning: {paths[last]}: damaged; trying the one before", file=sys.stderr)
        else:
            # So that the saver counts these, too, among the checkpoints that it keeps.
            times = [(path, Path(f"{path}.index").stat().st_mtime) for path in paths[: last + 1]]
            saver.set_last_checkpoints_with_time(times)
            return steps[last]
    if steps:
        raise OutputError(folder, "none of its checkpoints is whole")
    return 0


class Run:
    """A training's folder `args.out`, claimed by this process until it ends.

    With `args.resume` the training in the folder is gone on with, if it is the same: OutputError
    names the flag that differs. Without it, a training in the folder is moved aside, to the first
    free one of OUT-1, OUT-2 ... A folder of other things is refused: OutputError.
    """

    locked: ClassVar = {}  # folder: function that unlocks it; in this process

    def __init__(self, args, network, training):
        self.folder, self.resume = Path(args.out), args.resume
        self.checkpoint = str(self.folder / "model")  # the saver adds "-STEP"
        self.history = []
        crc = zlib.crc32(training.labels, zlib.crc32(training.images))
        self.description = {"network": network} | {flag: getattr(args, flag) for flag in FLAGS}
        self.description["training_images"] = f"{len(training.images)} (CRC {crc:08x})"
        with reported(self.folder, OutputError):
            self._check() if self.resume else self._claim()

    def _check(self):
        stored = describe(self.folder, self.description["network"])
        for name, got in self.description.items():
            if got != stored.get(name):
                flag = name.replace("_", " ")
                raise OutputError(self.folder, f"trained with other {flag}", got, stored.get(name))
        self._lock()

    def _claim(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock()
        sweep(self.folder)
        if (self.folder / "training.json").exists():
            names = (Path(f"{self.folder}-{number}") for number in range(1, 10**6))
            aside = next(path for path in names if not path.exists())
            self.unlock()  # Windows moves no folder with an open file
            self.folder.rename(aside)
            print(f"{self.folder}: held a training already, which is kept in {aside}")
            self.folder.mkdir()
            self._lock()
        elif {path.name for path in self.folder.iterdir()} - {"lock"}:
            raise OutputError(self.folder, "holds other files", expected="an empty or a new folder")
        with atomic(self.folder / "training.json") as temporary:
            temporary.write_text(json.dumps(self.description, indent=1) + "\n")

    def _lock(self):
        """Lock the folder until this object, or this process, ends, however it ends."""
        # In a notebook, a run that was interrupted lives on in the traceback on display.
        Run.locked.pop(self.folder.resolve(), lambda: None)()
        handle = (self.folder / "lock").open("a")
        try:
            if os.name == "nt":
                import msvcrt

                msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            handle.close()
            raise OutputError(self.folder, "another training is writing here") from None
        self.unlock = weakref.finalize(self, handle.close)
        Run.locked[self.folder.resolve()] = self.unlock

    def restore(self, saver, session, steps_per_epoch):
        """Return the number of steps done before; for more than 0, all variables are restored."""
        step = restore(self.folder, saver, session) if self.resume else 0
        if step:
            # The epoch of the last step is to be recorded again: see the lessons' loop.
            self.history = history.read(self.folder)[: (step - 1) // steps_per_epoch]
        if self.resume:
            print(f"{self.folder}: going on after step {step}")
        self.writer = tf.summary.FileWriter(str(self.folder), session.graph)
        return step

    def record(self, epoch, loss, accuracy, seconds):
        """Add an epoch to history.csv and to TensorBoard's events; OutputError if loss is NaN."""
        if not math.isfinite(loss):
            problem = f"diverged in epoch {epoch}; the checkpoints before it are kept"
            raise OutputError(self.folder, problem, f"loss {loss}", "a lower --learning-rate")
        row = {"epoch": epoch, "loss": loss, "accuracy": accuracy, "seconds": seconds}
        self.history.append(row)
        history.write(self.folder, self.history)
        values = [("training_loss", loss), ("validation_accuracy", accuracy)]
        summary = tf.Summary(value=[tf.Summary.Value(tag=t, simple_value=v) for t, v in values])
        self.writer.add_summary(summary, epoch)
        self.writer.flush()
