"""The checkpoints in a training's folder, and what they belong to.

A checkpoint is whole once its .index exists: TensorFlow renames the .data file first, and when it
restores it checks the CRC of each tensor. TensorFlow's own file `checkpoint`, which it writes after
the .index, is not relied on: that it exists is all that counts.
"""

import contextlib
import json
import re
import sys
from pathlib import Path

from data.errors import OutputError
from data.files import opened, reported
from support.flags import ACTIVATIONS
from support.tensorflow1 import tf

# What must stay the same for a resumed training to end as an uninterrupted one would have.
FLAGS = ("epochs", "batch_size", "learning_rate", "activation", "seed")
DATA = "data-00000-of-00001"  # how the name of a .data file ends
UNFINISHED = re.compile(r"model-[0-9]+\..*\.tempstate[0-9]+|checkpoint\.tmp[0-9a-f]{32}")


def describe(folder, network):
    """Return the dict of FOLDER/training.json; OutputError if it is not one of `network`."""
    file = Path(folder) / "training.json"
    try:
        with reported(file, OutputError):
            if not file.exists():
                raise OutputError(folder, "holds no training: train first, or name another --out")
        with opened(file, OutputError) as stream:
            found = json.loads(stream.read(2**16))  # more would not be a description
        trained, *_ = [found[name] for name in ("network", *FLAGS)]
        if found["activation"] not in ACTIVATIONS:  # it becomes a function's name
            raise ValueError
    except (ValueError, KeyError, TypeError, RecursionError):
        raise OutputError(file, "cannot be read as the description of a training") from None
    if trained != network:
        raise OutputError(file, "another network's training", f"{trained!s:.40}", network)
    return found


def steps(folder):
    """Return the steps of the checkpoints in FOLDER, whole or not, in rising order."""
    with reported(folder, OutputError):
        names = [path.name for path in Path(folder).iterdir()]
    found = (re.fullmatch(rf"model-([0-9]+)\.(index|{DATA})", name) for name in names)
    return sorted({int(match[1]) for match in found if match})


def begun(folder):
    """Return whether FOLDER holds, or held, a checkpoint that was written to its end."""
    indexes = (Path(folder) / f"model-{step}.index" for step in steps(folder))
    return (Path(folder) / "checkpoint").exists() or any(path.exists() for path in indexes)


def restore(folder, saver, session):
    """Bring back the newest whole checkpoint in FOLDER and return its step.

    A damaged one is passed over with a warning. OutputError if none is whole, or there is none.
    """
    found = steps(folder)
    paths = [str(Path(folder) / f"model-{step}") for step in found]
    for last in reversed(range(len(found))):
        try:
            saver.restore(session, paths[last])
        except (tf.errors.OpError, ValueError):
            print(f"warning: {paths[last]}: damaged; trying the one before", file=sys.stderr)
        else:
            # So that the saver counts these, too, among the checkpoints that it keeps.
            older = [path for path in paths[: last + 1] if Path(f"{path}.index").exists()]
            newest = older[-saver.saver_def.max_to_keep :]
            saver.set_last_checkpoints_with_time([(path, 0) for path in newest])
            return found[last]
    problem = "none of its checkpoints is whole" if begun(folder) else "no checkpoint yet"
    raise OutputError(folder, problem)


def sweep(folder, saver):
    """Delete what killed trainings left in FOLDER; for the one training that writes there.

    Half-written files, and those older than the newest checkpoint that `saver` counts as kept
    which it does not count: else they would stay, as a saver deletes one for each that it writes.
    """
    folder = Path(folder)
    kept = [int(path.rpartition("-")[2]) for path in saver.last_checkpoints]
    with contextlib.suppress(OSError, OutputError):  # what is wrong is reported by who needs it
        for path in folder.iterdir():
            if UNFINISHED.fullmatch(path.name):
                path.unlink()
        for step in set(steps(folder)) - set(kept):
            if kept and step < kept[-1]:
                (folder / f"model-{step}.index").unlink(missing_ok=True)  # first: see above
                (folder / f"model-{step}.{DATA}").unlink(missing_ok=True)
