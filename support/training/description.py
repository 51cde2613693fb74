"""What a training run is: training.json in its folder, by which it is known again."""

import json
import zlib
from pathlib import Path

from support.ground import OutputError, atomic, opened, reported

ACTIVATIONS = ("relu", "sigmoid", "tanh")
# What must stay the same if a resumed run is to end as an uninterrupted one.
FLAGS = ("epochs", "batch_size", "learning_rate", "activation", "seed")
MAX_BYTES = 2**16  # some hundred times what training.json takes


def of(args, digits) -> dict:
    """Return what training.json says of a run with the flags `args` on `digits`, a data.Digits."""
    crc = 0
    for split in digits:
        crc = zlib.crc32(split.labels, zlib.crc32(split.images, crc))
    images = f"{[len(split.labels) for split in digits]}, CRC {crc:08x}"
    flags = {flag: getattr(args, flag) for flag in FLAGS}
    return {"lesson": args.lesson, **flags, "images": images}


def write(folder: str | Path, description: dict) -> None:
    """Write FOLDER/training.json."""
    with atomic(Path(folder, "training.json")) as temporary:
        temporary.write_text(json.dumps(description, indent=1) + "\n")


def read(folder: str | Path) -> dict:
    """Return the content of FOLDER/training.json: "lesson", FLAGS, "images".

    Raises:
        OutputError: there is none, or it is not what a training run writes.
    """
    file = Path(folder, "training.json")
    with reported(file, OutputError):
        if not file.exists():
            raise OutputError(folder, "holds no training: train first, or name another --out")
    try:
        with opened(file, OutputError) as stream:
            description = json.loads(stream.read(MAX_BYTES))
        if not isinstance(description["lesson"], str) or not set(FLAGS) <= description.keys():
            raise ValueError
        if description["activation"] not in ACTIVATIONS:
            raise ValueError
    except (ValueError, KeyError, TypeError, RecursionError):
        raise OutputError(file, "cannot be read as the description of a training") from None
    return description


def compare(folder: str | Path, description: dict) -> None:
    """Raise OutputError if the run in `folder` is another one than `description` says."""
    stored = read(folder)
    for name, got in description.items():
        if got != stored.get(name):
            problem = f"trained with other {name.replace('_', ' ')}"
            raise OutputError(folder, problem, got, stored.get(name))


def flags_of(folder: str | Path, lesson: str) -> dict:
    """Return the FLAGS that the network in `folder` was trained with.

    Raises:
        OutputError: it holds no run, or not one of `lesson`, such as "mlp_mnist".
    """
    description = read(folder)
    if (got := description["lesson"]) != lesson:
        raise OutputError(folder, "another lesson's training", f"{got:.40}", lesson)
    return {flag: description[flag] for flag in FLAGS}
