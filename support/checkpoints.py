"""What a training keeps in its folder: description, checkpoints, history.

TensorFlow checks the CRC of each tensor that is read. Its file `checkpoint` is not relied on.
"""

import csv
import io
import json
import math
import re
import shutil
import zlib
from pathlib import Path

from data.errors import OutputError, complain
from data.files import atomic, opened, reported
from support.tensorflow1 import tf

ACTIVATIONS = ["relu", "sigmoid", "tanh"]  # names of functions of tf.nn
# What must stay the same if a resumed training is to end as an uninterrupted one.
FLAGS = ("epochs", "batch_size", "learning_rate", "activation", "seed")
COLUMNS = {"epoch": int, "loss": float, "accuracy": float, "seconds": float}  # of history.csv
# What is moved away together. The checkpoints go last: until then begun() knows of the rest.
OURS = "history.csv events.out.* curves.png confusion.png mistakes.png weights.png examples.npz "
OURS += "saved_model submission.csv read checkpoint model-*"
# More than any training has, and bytes read of a file: multiples of what a training fills.
MAX_EPOCHS, MAX_DESCRIPTION, MAX_HISTORY = 10**6, 2**16, 2**24


def describe(folder):
    """Return the dict of FOLDER/training.json: "lesson", FLAGS, "images". Else OutputError."""
    file = Path(folder, "training.json")
    with reported(file, OutputError):
        if not file.exists():
            raise OutputError(folder, "holds no training: train first, or name another --out")
    try:
        with opened(file, OutputError) as stream:
            description = json.loads(stream.read(MAX_DESCRIPTION))
        if not isinstance(description["lesson"], str) or not set(FLAGS) <= description.keys():
            raise ValueError
        if description["activation"] not in ACTIVATIONS:  # it becomes a function's name
            raise ValueError
    except (ValueError, KeyError, TypeError, RecursionError):
        raise OutputError(file, "cannot be read as the description of a training") from None
    return description


def description(args, splits):
    """Return what training.json says of a training with `args` on `splits`, a dict of str."""
    crc = 0
    for array in (array for split in splits for array in split):
        crc = zlib.crc32(array, crc)
    images = f"{[len(split.labels) for split in splits]}, CRC {crc:08x}"
    flags = {flag: getattr(args, flag) for flag in FLAGS}
    return {"lesson": args.lesson, **flags, "images": images}


def begin(folder, description):
    """Write FOLDER/training.json, after moving an earlier training to FOLDER/earlier-1, -2 ..."""
    file = Path(folder, "training.json")
    if file.exists():
        describe(folder)  # or is the file somebody else's?
    if begun(folder):
        names = (Path(folder, f"earlier-{number}") for number in range(1, 10**6))
        earlier = next(path for path in names if not path.exists())
        earlier.mkdir()
        shutil.copy(file, earlier)
        for path in [path for pattern in OURS.split() for path in Path(folder).glob(pattern)]:
            path.rename(earlier / path.name)
        print(f"{folder}: held a training already, which is kept in {earlier}")
    with atomic(file) as temporary:
        temporary.write_text(json.dumps(description, indent=1) + "\n")


def compare(folder, description):
    """Raise OutputError if the training in `folder` is another one than `description` says."""
    stored = describe(folder)
    for name, got in description.items():
        if got != stored.get(name):
            problem = f"trained with other {name.replace('_', ' ')}"
            raise OutputError(folder, problem, got, stored.get(name))


def flags_of(folder, lesson):
    """Return the dict of FLAGS that the network in `folder` was trained with.

    OutputError: it holds no training, or not one of `lesson`, such as "mlp_mnist".
    """
    description = describe(folder)
    if (got := description["lesson"]) != lesson:
        raise OutputError(folder, "another lesson's training", f"{got:.40}", lesson)
    return {flag: description[flag] for flag in FLAGS}


def begun(folder):
    """Return whether `folder` holds, or held, a checkpoint."""
    return any(Path(folder).glob("model-*")) or Path(folder, "checkpoint").exists()


def paths(folder, epochs=MAX_EPOCHS):
    """Return the paths of the checkpoints up to an epoch, as tf.train.Saver takes them."""
    with reported(folder, OutputError):
        names = [path.name for path in Path(folder).iterdir()]
    found = (re.fullmatch(r"model-([0-9]+)\.index", name) for name in names)
    steps = sorted(int(match[1]) for match in found if match and int(match[1]) <= epochs)
    return [str(Path(folder, f"model-{step}")) for step in steps]


def latest(folder, epochs=MAX_EPOCHS):
    """Return the path of the newest whole checkpoint up to an epoch; OutputError: there is none."""
    for path in reversed(paths(folder, epochs)):
        try:
            reader = tf.train.load_checkpoint(path)
            for name in reader.get_variable_to_shape_map():
                reader.get_tensor(name)  # compares its CRC
            return path
        except (tf.errors.OpError, IndexError, ValueError, RuntimeError):
            if not Path(f"{path}.index").exists():  # a training beside us has newer ones by now
                return latest(folder, epochs)
            complain("warning", f"{path}: damaged; trying the one before")
    problem = "none of its checkpoints is whole" if begun(folder) else "holds no checkpoint yet"
    raise OutputError(folder, problem)


def read_history(folder, epochs):
    """Return the rows of FOLDER/history.csv up to an epoch, dicts of COLUMNS; or OutputError."""
    file = Path(folder, "history.csv")
    if not file.exists():
        return []
    try:
        with opened(file, OutputError) as stream:
            lines = csv.DictReader(io.StringIO(stream.read(MAX_HISTORY).decode(), newline=""))
        rows = [{name: kind(line[name]) for name, kind in COLUMNS.items()} for line in lines]
        for row in rows:
            finite = math.isfinite(row["loss"]) and math.isfinite(row["seconds"])
            if not (finite and 1 <= row["epoch"] <= MAX_EPOCHS and 0 <= row["accuracy"] <= 1):
                raise ValueError  # no training writes such a row, and no figure shows it
        return [row for row in rows if row["epoch"] <= epochs]
    except (ValueError, KeyError, TypeError, csv.Error):
        raise OutputError(file, "damaged (delete it to resume without its rows)") from None


def write_history(folder, rows):
    """Write a list of dicts of COLUMNS, a row per epoch, to FOLDER/history.csv."""
    with atomic(Path(folder, "history.csv")) as temporary, temporary.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
