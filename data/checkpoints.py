"""The checkpoints in a training's folder, and what they belong to.

A checkpoint is whole once its .index exists: TensorFlow renames the .data file first, and when it
restores it checks the CRC of each tensor. TensorFlow's own file `checkpoint` is not relied on.
"""

import json
import re
import sys
from pathlib import Path

from data.errors import OutputError
from data.files import reported
from data.tensorflow1 import tf

# What must stay the same for a resumed training to end as an uninterrupted one would have.
FLAGS = ("epochs", "batch_size", "learning_rate", "activation", "seed")


def describe(folder, network):
    """Return the dict of FOLDER/training.json; OutputError if it is not one of `network`."""
    file = Path(folder) / "training.json"
    try:
        with reported(file, OutputError):
            if not file.exists():
                raise OutputError(folder, "holds no training: train first, or name another --out")
            found = json.loads(file.read_text(encoding="utf-8"))
        trained, *_ = [found[name] for name in ("network", *FLAGS)]
    except (ValueError, KeyError, TypeError):
        raise OutputError(file, "cannot be read as the description of a training") from None
    if trained != network:
        raise OutputError(file, "another network's training", trained, network)
    return found


def steps(folder):
    """Return the steps of the checkpoints in FOLDER, in rising order."""
    found = (re.fullmatch(r"model-([0-9]+)\.index", path.name) for path in Path(folder).iterdir())
    return sorted(int(match[1]) for match in found if match)


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
            saver.set_last_checkpoints_with_time([(path, 0) for path in paths[: last + 1]])
            return found[last]
    raise OutputError(folder, "none of its checkpoints is whole" if found else "no checkpoint yet")
