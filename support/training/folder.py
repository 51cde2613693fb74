"""The folder of a training run, `--out`: one run at a time writes there, and overwrites no other.

training.json               the lesson, its flags, and what identifies the images
model-EPOCH.*, checkpoint   the newest three checkpoints, written by tf.train.Saver
history.csv                 a row for each epoch: epoch, loss (mean over the training batches),
                            accuracy (of the validation images, 0 to 1), seconds
events.out.tfevents.*       the same figures, and the graph, for TensorBoard
.lock                       locked by the operating system while a run writes here
earlier-1, earlier-2 ...    runs that were in the folder before
"""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from errno import ENOLCK, EOPNOTSUPP
from pathlib import Path

from filelock import FileLock, Timeout

from support.ground import OutputError, complain
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


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other runs out of `folder` for a while, or raise OutputError if one is there."""
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


def check(folder: Path) -> None:
    """Raise OutputError if `folder` is somebody else's, or if nothing can be written there."""
    names = [path.name for path in folder.iterdir() if not path.name.startswith(".")]
    if names and "training.json" not in names:
        raise OutputError(folder, "holds other files", expected="an empty or a new folder")
    with tempfile.TemporaryFile(dir=folder):
        pass  # better now than after the seconds that TensorFlow takes


def set_aside(folder: Path) -> None:
    """Move a run that is in `folder` to FOLDER/earlier-1, -2 ... inside."""
    file = folder / "training.json"
    if file.exists():
        description.read(folder)  # or is the file somebody else's?
    if not checkpoints.exist(folder):
        return
    names = (folder / f"earlier-{number}" for number in range(1, 10**6))
    earlier = next(path for path in names if not path.exists())
    earlier.mkdir()
    shutil.copy(file, earlier)
    for path in [path for pattern in OURS for path in folder.glob(pattern)]:
        path.rename(earlier / path.name)
    print(f"{folder}: held a training already, which is kept in {earlier}")
