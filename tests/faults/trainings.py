"""Faults of the folder of a training, --out: all are seen before TensorFlow is imported.

What is seen after it, such as damaged checkpoints, stands in test_runs.py and test_kills.py.
"""

import json
import os

import mlp_mnist
from faults import DEVICE, SPLIT, Row, both, four_files, nothing, put
from support import checkpoints

FLAGS = {flag: getattr(mlp_mnist, flag.upper()) for flag in checkpoints.FLAGS}
DIGITS = "data: not MNIST's own content (same format), IDX files in digits: "
DIGITS += "220 training, 20 validation, 40 test images"
NO_TRAINING = "run: holds no training: train first, or name another --out"
UNREADABLE = "run/training.json: cannot be read as the description of a training"
OTHERS = "holds other files (expected an empty or a new folder)"


def described(out="run", **changes):
    """Return a builder of `out` with the training.json of mlp_mnist.py, with other entries."""
    description = {"lesson": "mlp_mnist", **FLAGS, "images": "[1, 2, 3], CRC 01234567"} | changes
    return put(f"{out}/training.json", json.dumps(description).encode())


BEGUN = {  # what is wrong with the folder of a new training: the builder, its name, the message
    "of other things": (put("full/thesis.tex", b"years of work"), "full", f"full: {OTHERS}"),
    "a file": (put("run"), "run", "run: File exists"),
}
OUT = {  # what is wrong with the folder `run`: the builder, the message
    "missing": (nothing, NO_TRAINING),
    "training.json cut": (put("run/training.json", b'{"lesson": "mlp_m'), UNREADABLE),
    "training.json too long": (put("run/training.json", b" " * 70_000 + b"{}"), UNREADABLE),
    "training.json a FIFO": (
        lambda here: (here / "run").mkdir() or os.mkfifo(here / "run/training.json"),
        f"run/training.json: {DEVICE}",
    ),
    "training.json a folder": (
        put("run/training.json/x"),
        "run/training.json: Is a directory",
    ),
}
OTHER = {  # what is different in a training to resume: its training.json, and the difference
    "seed": (described(seed=1), "got 0, expected 1"),
    "images": (described(), "got [220, 20, 40], CRC ..., expected [1, 2, 3], CRC 01234567"),
}


def rows():
    for fault, (build, out, message) in BEGUN.items():
        command = f"cnn_mnist.py --data digits --out {out}"
        build = both(four_files, build)
        yield Row(f"--out, folder {fault}", build, command, 5, message, SPLIT, stdout=DIGITS)
    resumed = {
        f"of other {name}": (build, f"run: trained with other {name} ({difference})")
        for name, (build, difference) in OTHER.items()
    }
    resumed["missing"] = OUT["missing"]
    for fault, (build, message) in resumed.items():
        command = "mlp_mnist.py --data digits --out run --resume"
        build = both(four_files, build)
        yield Row(f"--resume, folder {fault}", build, command, 5, message, SPLIT, stdout=DIGITS)
    message = "run: another lesson's training (got cnn_mnist, expected mlp_mnist)"
    other = {"another lesson's": (described(lesson="cnn_mnist"), message)}
    for number, (fault, (build, message)) in enumerate({**OUT, **other}.items()):
        command = ("--predict 7.png", "--predict test.csv", "--draw")[number % 3]
        command = f"mlp_mnist.py --out run {command}"
        yield Row(f"{command}, folder {fault}", build, command, 5, message)
