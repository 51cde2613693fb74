"""The folder of one training, so that it can be gone on with, looked at and used.

training.json            the network, its flags, and what identifies the training images
model-STEP.index, .data* the newest three checkpoints, written by tf.train.Saver
history.csv              a row per epoch: epoch, loss, accuracy, seconds
events.out.tfevents.*    the same figures, and the graph, for TensorBoard
lock                     locked, by the operating system, while a training writes here
"""

import contextlib
import json
import math
import os
import weakref
import zlib
from pathlib import Path
from typing import ClassVar

from support import checkpoints, history
from data.errors import OutputError
from data.files import atomic, reported, sweep, without_waiting


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
        trained_with = {flag: getattr(args, flag) for flag in checkpoints.FLAGS}
        self.description = {"network": network, **trained_with}
        self.description["training_images"] = f"{len(training.images)} (CRC {crc:08x})"
        with reported(self.folder, OutputError):
            self._check() if self.resume else self._claim()

    def _check(self):
        stored = checkpoints.describe(self.folder, self.description["network"])
        for name, got in self.description.items():
            if got != stored.get(name):
                flag = name.replace("_", " ")
                raise OutputError(self.folder, f"trained with other {flag}", got, stored.get(name))
        self._lock()
        sweep(self.folder)

    def _claim(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        own_lock = not os.path.lexists(self.folder / "lock")
        self._lock()
        sweep(self.folder)
        held = {path.name for path in self.folder.iterdir()} - {"lock"}
        if "training.json" in held and not (len(held) == 1 and self._aborted()):
            names = (Path(f"{self.folder}-{number}") for number in range(1, 10**6))
            aside = next(path for path in names if not path.exists())
            if os.name == "nt":
                self.unlock()  # Windows moves no folder with an open file
            self.folder.rename(aside)
            print(f"{self.folder}: held a training already, which is kept in {aside}")
            self.folder.mkdir()
            self._lock()
        elif held - {"training.json"}:
            self.unlock()
            if own_lock:
                (self.folder / "lock").unlink()
            raise OutputError(self.folder, "holds other files", expected="an empty or a new folder")
        with atomic(self.folder / "training.json") as temporary:
            temporary.write_text(json.dumps(self.description, indent=1) + "\n")

    def _aborted(self):
        """Return whether training.json is one of ours; by itself, it holds nothing to lose."""
        with contextlib.suppress(OutputError):
            return bool(checkpoints.describe(self.folder, self.description["network"]))

    def _lock(self):
        """Lock the folder until this object, or this process, ends, however it ends."""
        # In a notebook, a run that was interrupted lives on in the traceback on display.
        Run.locked.pop(self.folder.resolve(), lambda: None)()
        handle = open(self.folder / "lock", "a", opener=without_waiting)  # noqa: SIM115
        try:
            if os.name == "nt":
                import msvcrt

                msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            handle.close()
            raise OutputError(self.folder, "another training is writing here") from None
        except OSError:
            pass  # a file system without locks
        self.open = contextlib.ExitStack()
        self.open.callback(handle.close)
        self.unlock = weakref.finalize(self, self.open.close)
        Run.locked[self.folder.resolve()] = self.unlock

    def restore(self, saver, session, steps_per_epoch):
        """Return the number of steps done before; for more than 0, all variables are restored."""
        resumable = self.resume and checkpoints.begun(self.folder)
        step = checkpoints.restore(self.folder, saver, session) if resumable else 0
        if self.resume:
            rows = history.read(self.folder)
            self.history = [row for row in rows if row["epoch"] <= step // steps_per_epoch]
            print(f"{self.folder}: going on after step {step}")
        checkpoints.sweep(self.folder, saver)
        self.open.callback(checkpoints.sweep, self.folder, saver)
        self.events = history.Events(self.folder, session.graph)
        self.open.callback(self.events.close)
        return step

    def record(self, epoch, loss, accuracy, seconds):
        """Add an epoch to history.csv and to TensorBoard's events; OutputError if loss is NaN."""
        if not math.isfinite(loss):
            problem = f"diverged in epoch {epoch}; the checkpoints before it are kept"
            raise OutputError(self.folder, problem, f"loss {loss}", "a lower --learning-rate")
        row = {"epoch": epoch, "loss": loss, "accuracy": accuracy, "seconds": seconds}
        for before in self.history:
            if before["epoch"] == epoch:  # resumed at its end: it took as long as it took then
                row["seconds"] = before["seconds"]
        self.history = [*(before for before in self.history if before["epoch"] < epoch), row]
        history.write(self.folder, self.history)
        self.events.add(epoch, training_loss=loss, validation_accuracy=accuracy)
