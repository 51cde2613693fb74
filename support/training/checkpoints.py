"""The checkpoints in the folder of a training run, as tf.train.Saver writes them.

TensorFlow checks the CRC of each tensor that is read. Its file `checkpoint` is not relied on.
"""

import re
from pathlib import Path

from support.ground import OutputError, complain, reported, tf

MAX_EPOCHS = 10**6


def exist(folder: str | Path) -> bool:
    """Return whether `folder` holds, or held, a checkpoint."""
    return any(Path(folder).glob("model-*")) or Path(folder, "checkpoint").exists()


def paths(folder: str | Path, epochs: int = MAX_EPOCHS) -> list[str]:
    """Return the paths of the checkpoints up to an epoch, oldest first, as a Saver takes them."""
    with reported(folder, OutputError):
        names = [path.name for path in Path(folder).iterdir()]
    found = (re.fullmatch(r"model-([0-9]+)\.index", name) for name in names)
    steps = sorted(int(match[1]) for match in found if match and int(match[1]) <= epochs)
    return [str(Path(folder, f"model-{step}")) for step in steps]


def latest(folder: str | Path, epochs: int = MAX_EPOCHS) -> str:
    """Return the path of the newest whole checkpoint up to an epoch.

    Raises:
        OutputError: there is none.
    """
    for path in reversed(paths(folder, epochs)):
        try:
            reader = tf.train.load_checkpoint(path)
            for name in reader.get_variable_to_shape_map():
                reader.get_tensor(name)  # compares its CRC
            return path
        except (tf.errors.OpError, IndexError, ValueError, RuntimeError):
            if not Path(f"{path}.index").exists():  # a run beside us has newer ones by now
                return latest(folder, epochs)
            complain("warning", f"{path}: damaged; trying the one before")
    problem = "none of its checkpoints is whole" if exist(folder) else "holds no checkpoint yet"
    raise OutputError(folder, problem)
