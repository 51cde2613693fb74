"""What a training run is: training.json in its folder, by which it is known again."""

import json
import os
import zlib
from pathlib import Path

from support.ground import OutputError, atomic, complain, opened, precision, reported, tf

ACTIVATIONS = ("relu", "sigmoid", "tanh")
RANGES: dict[str, tuple[type, float, float]] = {  # of the flags that are numbers
    "epochs": (int, 1, 100_000),
    # A larger batch of the convolutions' results does not fit into an ordinary memory.
    "batch_size": (int, 1, 10_000),
    "learning_rate": (float, 1e-9, 10),
    "seed": (int, 0, 2**31 - 1),
    "limit": (int, 1, 10**9),
}
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
    return {"lesson": args.lesson, **flags, "images": images, "precision": precision()}


def machine() -> dict:
    """Return what else decides the last bits of a result: TensorFlow's version, its threads.

    It takes a thread for each processor that it may use, unless its environment variables say more.
    """
    mine = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    threads = {
        f"{name}_op_threads": int(os.environ.get(f"TF_NUM_{name.upper()}OP_THREADS") or mine or 1)
        for name in ("intra", "inter")
    }
    return {"tensorflow": tf.__version__, **threads}


def write(folder: str | Path, description: dict) -> None:
    """Write FOLDER/training.json."""
    with atomic(Path(folder, "training.json")) as temporary:
        temporary.write_text(json.dumps(description, indent=1) + "\n")


def read(folder: str | Path) -> dict:
    """Return the content of FOLDER/training.json: "lesson", FLAGS, "images" and more.

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
        valid = isinstance(description["lesson"], str) and description["activation"] in ACTIVATIONS
        numbers = [name for name in FLAGS if name in RANGES]
        if not valid or not all(_in_range(description[name], *RANGES[name]) for name in numbers):
            raise ValueError
    except (ValueError, KeyError, TypeError, RecursionError):
        raise OutputError(file, "cannot be read as the description of a training") from None
    return description


def _in_range(value, kind, low, high):
    return type(value) in (int, kind) and low <= value <= high


def compare(folder: str | Path, description: dict) -> None:
    """Raise OutputError if the run in `folder` is another one than `description` says."""
    stored = {"precision": "float32"} | read(folder)  # which older runs do not tell
    for name, got in description.items():
        if got != stored.get(name):
            problem = f"trained with other {name.replace('_', ' ')}"
            raise OutputError(folder, problem, got, stored.get(name))


def note_machine(folder: str | Path, description: dict, resumed: bool) -> None:
    """Write `description` with machine(); of a resumed run, warn of what began otherwise."""
    found = machine()
    if not resumed:
        write(folder, description | found)
        return
    stored = found | read(folder)
    names = [name for name in found if found[name] != stored[name]]
    differ = [f"{name.replace('_', ' ')} {found[name]} instead of {stored[name]}" for name in names]
    if differ:
        complain("warning", f"{folder}: the last digits may differ: {', '.join(differ)}")


def flags_of(folder: str | Path, lesson: str) -> dict:
    """Return the FLAGS that the network in `folder` was trained with.

    Raises:
        OutputError: it holds no run, or not one of `lesson`, such as "mlp_mnist".
    """
    description = read(folder)
    if (got := description["lesson"]) != lesson:
        raise OutputError(folder, "another lesson's training", f"{got:.40}", lesson)
    return {flag: description[flag] for flag in FLAGS}
