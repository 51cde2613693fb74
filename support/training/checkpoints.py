"""The checkpoints in the folder of a training run, as tf.train.Saver writes them.

TensorFlow checks the CRC of each tensor that is read. Its file `checkpoint` is not relied on.
"""

import os
import re
from pathlib import Path

from support.ground import OutputError, complain, reported, tf

MAX_EPOCHS = 10**6  # more than any run has
# What is there once an epoch was saved, whatever a person has deleted since.
TRACES = ("model-*.index", "history.csv", "saved_model")


def exist(folder: str | Path) -> bool:
    """Return whether `folder` holds, or held, a checkpoint."""
    return any(path for pattern in TRACES for path in Path(folder).glob(pattern))


def paths(folder: str | Path, epochs: int = MAX_EPOCHS) -> list[str]:
    """Return the paths of the checkpoints up to an epoch, oldest first, as a Saver takes them."""
    with reported(folder, OutputError):
        names = [path.name for path in Path(folder).iterdir()]
    found = (re.fullmatch(r"model-(0|[1-9][0-9]*)\.index", name) for name in names)
    steps = sorted(int(match[1]) for match in found if match and int(match[1]) <= epochs)
    return [str(Path(folder, f"model-{step}")) for step in steps]


def latest(folder: str | Path, epochs: int = MAX_EPOCHS) -> str:
    """Return the path of the newest whole checkpoint up to an epoch.

    Raises:
        OutputError: there is none, or it lacks a variable of the graph that is being built.
    """
    for path in reversed(paths(folder, epochs)):
        try:
            reader = tf.train.load_checkpoint(path)
            for name in reader.get_variable_to_shape_map():
                reader.get_tensor(name)  # compares its CRC
        except (tf.errors.OpError, IndexError, ValueError, RuntimeError):
            if not os.path.lexists(f"{path}.index"):  # a run beside us has newer ones by now
                return latest(folder, epochs)
            complain("warning", f"{path}: damaged; trying the one before")
            continue
        _compare(path, reader.get_variable_to_shape_map())
        return path
    problem = "none of its checkpoints is whole" if exist(folder) else "holds no checkpoint yet"
    raise OutputError(folder, problem)


def _compare(path, stored):
    """Raise OutputError if a variable of this graph is not in a checkpoint as it should be."""
    for variable in tf.global_variables():
        name, shape = variable.op.name, variable.shape.as_list()
        if stored.get(name) != shape:
            problem = f"another network than this lesson's: variable {name}"
            raise OutputError(path, problem, stored.get(name, "none"), shape)


def resume(folder: str | Path, epochs: int, session, saver) -> int:
    """Restore the newest whole checkpoint up to an epoch, and return of which it is.

    Args:
        folder: of the run.
        epochs: the last one that it announced.
        session: gets the values of the variables.
        saver: the tf.train.Saver of the run, which from then on deletes the older checkpoints.
    """
    path = latest(folder, epochs)
    saver.restore(session, path)
    older = paths(folder)
    saver.recover_last_checkpoints(older[: older.index(path) + 1])
    return int(path.rpartition("-")[2])
