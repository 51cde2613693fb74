"""Faults of the folder of a training, --out: all are seen before TensorFlow is imported.

What is seen after it, such as damaged checkpoints, stands in test_runs.py and test_kills.py; each
flag that must be the same to resume, in test_runs.py.
"""

import json

import mlp_mnist
from faults import DEVICE, SPLIT, Row, both, fifo, four_files, link, nothing, put
from support.training.description import FLAGS as NAMES

FLAGS = {flag: getattr(mlp_mnist, flag.upper()) for flag in NAMES}
DIGITS = "data: not MNIST's own content (same format), IDX files in digits: "
DIGITS += "220 training, 20 validation, 40 test images"
NO_TRAINING = "run: holds no training: train first, or name another --out"
OTHER_FILES = "run: holds other files (expected an empty or a new folder)"
OTHER_IMAGES = "got [220, 20, 40], CRC ..., expected [1, 2, 3], CRC 01234567"
OTHER_LESSON = "run: another lesson's training (got cnn_mnist, expected mlp_mnist)"
FILE = "run/training.json"
LINKED = "run/.lock: Too many levels of symbolic links"
UNREADABLE = f"{FILE}: cannot be read as the description of a training"


def description(seed="0", lesson="mlp_mnist"):
    """Return the bytes of a training.json; `seed` as it stands there."""
    images = {"images": "[1, 2, 3], CRC 01234567"}
    text = json.dumps({"lesson": lesson, **FLAGS, **images, "seed": "SEED"})
    return text.replace('"SEED"', seed).encode()


TO_TRAIN = {  # what is wrong with the folder `run`: the builder, a flag, the message
    "other things": (put("run/thesis.tex", b"years of work"), "", OTHER_FILES),
    "a file": (put("run"), "", "run: File exists"),
    "a description of something else": (put(FILE, b'{"marathon": "42 km"}'), "", UNREADABLE),
    "a folder as its lock": (put("run/.lock/x"), "", "run/.lock: Is a directory"),
    "a link as its lock": (both(put(FILE, description()), link("x", "run/.lock")), "", LINKED),
    "missing": (nothing, "--resume", NO_TRAINING),
    "images": (
        put(FILE, description()),
        "--resume",
        f"run: trained with other images ({OTHER_IMAGES})",
    ),
}
TO_USE = {  # the same, where a trained network is to be used
    "missing": (nothing, "--draw", NO_TRAINING),
    "another lesson's": (put(FILE, description(lesson="cnn_mnist")), "--draw", OTHER_LESSON),
    "cut": (put(FILE, b'{"lesson": "mlp_m'), "--predict 7.png", UNREADABLE),
    "too long": (put(FILE, b" " * 70_000 + description()), "--predict 7.png", UNREADABLE),
    **{
        f"seed {seed}": (put(FILE, description(seed)), "--draw", UNREADABLE)
        for seed in ("null", '"0"', "[0]", "1.5", "NaN", "true", "-1", "2147483648")
    },
    "a FIFO": (fifo(FILE), "--predict test.csv", f"{FILE}: {DEVICE}"),
    "a folder": (put(f"{FILE}/x"), "--predict test.csv", f"{FILE}: Is a directory"),
}


def rows():
    for fault, (build, flag, message) in TO_TRAIN.items():
        build, command = both(four_files, build), f"mlp_mnist.py --data digits --out run {flag}"
        name = f"--out to train in: {fault} {flag}"
        yield Row(name, build, command, 5, message, SPLIT, stdout=DIGITS)
    build, command = (
        both(four_files, put(FILE, description())),
        "mlp_mnist.py --data digits --out run",
    )
    how, message = {"modes": {"run": 0o555}, "stdout": DIGITS}, "run: Permission denied"
    yield Row("--out to train in: read-only", build, command, 5, message, SPLIT, **how)
    for fault, (build, flag, message) in TO_USE.items():
        command = f"mlp_mnist.py --out run {flag}"
        yield Row(f"--out to use: {fault} {flag}", build, command, 5, message)
