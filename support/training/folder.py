"""The folder of a training run, `--out`: one run at a time writes there, and overwrites no other.

training.json               the lesson, its flags, and what identifies the images
model-EPOCH.*, checkpoint   the newest three checkpoints, written by tf.train.Saver
history.csv                 a row for each epoch: epoch, loss (mean over the training batches),
                            accuracy (of the validation images, 0 to 1), seconds
curves.png, confusion.png, mistakes.png, weights.png    drawn when the run is done
examples.npz                test images to try on the page
saved_model/                the network for other programs
submission.csv, read/       what --predict leaves: answers to rows of data, and with --show pictures
events.out.tfevents.*       the same figures, and the graph, for TensorBoard
.lock                       locked by the operating system while a run writes here
earlier-1, earlier-2 ...    runs that were in the folder before
"""

import itertools
import os
import shutil
import tempfile
import warnings
from errno import ENOLCK, ENOSYS, EOPNOTSUPP
from pathlib import Path

from filelock import FileLock, Timeout

from support.ground import OutputError, complain, printable, reported
from support.training import checkpoints, description

# What moves away together. The checkpoints go last: until then the rest is known to be there.
OURS = (
    "history.csv",
    "events.out.*",
    "curves.png",
    "confusion.png",
    "mistakes.png",
    "weights.png",
    "examples.npz",
    "saved_model",
    "submission.csv",
    "read",
    "checkpoint",
    "model-*",
)
MOVING = ".earlier.mnist-unfinished"  # holds a part of OURS while they are moved


class Held:
    """A folder that no other run writes to while the context lasts.

    Args:
        path: the folder, which is made if there is none.

    Raises:
        OutputError: another run is there, other files are, or nothing can be written.
    """

    def __init__(self, path: Path):
        self.path, self.file = path, path / ".lock"
        self.lock = FileLock(self.file, timeout=0)

    def __enter__(self):
        """Lock the folder."""
        self.path.mkdir(parents=True, exist_ok=True)
        names = [path.name for path in self.path.iterdir() if not path.name.startswith(".")]
        if names and "training.json" not in names:
            raise OutputError(self.path, "holds other files", expected="an empty or a new folder")
        if names:
            description.read(self.path)  # or is the file somebody else's?
        with tempfile.TemporaryFile(dir=self.path):
            pass  # better now than after the seconds that TensorFlow takes
        self._acquire()
        self.ours = self._found()
        return self

    def __exit__(self, *_):
        """Give the folder back."""
        self.lock.release()

    def _acquire(self):
        with warnings.catch_warnings(record=True) as told:  # by the library: that it has no locks
            warnings.simplefilter("ignore")
            warnings.simplefilter("always", UserWarning)
            try:
                self.lock.acquire()
            except Timeout:
                raise OutputError(self.path, "another training is writing here") from None
            except OSError as problem:
                if problem.errno not in (ENOLCK, EOPNOTSUPP, ENOSYS):
                    raise OutputError(self.file, problem.strerror) from None
                told.append(problem)
        if told:
            line = f"{self.path}: its file system has no locks: start no second training"
            complain("warning", line)

    def _found(self):
        """Return what tells the folder and its lock from others that have their names later."""
        with reported(self.path, OutputError):
            found = [self.path.stat()]
        if os.path.lexists(self.file):
            found.append(self.file.lstat())
        return [(status.st_dev, status.st_ino) for status in found]

    def check(self) -> None:
        """Raise OutputError if the folder, or its lock, is not the one that was taken."""
        found = self._found()
        if found[0] != self.ours[0]:
            raise OutputError(self.path, "was moved away during the training")
        if found != self.ours:
            raise OutputError(self.file, "was deleted during the training, which ends here")


def set_aside(folder: Path) -> None:
    """Move a run that is in `folder` to FOLDER/earlier-1, -2 ... inside: whole, or not at all."""
    moving = folder / MOVING
    put_back(folder)
    if not checkpoints.exist(folder):
        return
    names = (folder / f"earlier-{number}" for number in itertools.count(1))
    earlier = next(path for path in names if not path.exists())
    try:
        moving.mkdir()
        shutil.copy(folder / "training.json", moving)
        for pattern in OURS:
            for path in folder.glob(pattern):
                with reported(path, OutputError):
                    path.rename(moving / path.name)
        moving.rename(earlier)
    except OutputError:
        put_back(folder)
        raise
    print(printable(f"{folder}: held a training already, which is kept in {earlier}"))


def put_back(folder: Path) -> None:
    """Undo what set_aside() has begun, and what kept it from its end."""
    moving = folder / MOVING
    for path in moving.glob("*"):
        if path.name != "training.json":  # a copy
            path.rename(folder / path.name)
    shutil.rmtree(moving, ignore_errors=True)
