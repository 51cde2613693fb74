"""Faults in what is typed behind a lesson's name."""

import os

from faults import Row, nothing

NOT_UTF8 = os.fsdecode(b"\xff")
RANGES = {  # of each flag: what it takes, values that it refuses
    "--epochs": ("a whole number from 1 to 100000", "0 1.5 100001"),
    "--batch-size": ("a whole number from 1 to 10000", "0 10001"),
    "--learning-rate": ("a number from 1e-09 to 10", "0 nan 11 fast"),
    "--seed": ("a whole number from 0 to 2147483647", "-1 2147483648"),
    "--limit": ("a whole number from 1 to 1000000000", "0 1000000001"),
}
ARGUMENTS = {  # what is typed: the message
    "--activation softmax": "--activation: invalid choice: ...",
    "--epoch 3": "unrecognized arguments: --epoch 3 (did you mean --epochs?)",
    "--batch_size=1": "unrecognized arguments: --batch_size=1 (did you mean --batch-size?)",
    "--lr 1": "unrecognized arguments: --lr 1 (did you mean --learning-rate?)",
    "'two\nlines'": "unrecognized arguments: two\\nlines",
    "--data ''": "--data: not a name (got '')",
    "--predict": "--predict: expected at least one argument",
    "--show": "--show: goes with --predict only",
    "--no-browser": "--no-browser: goes with --draw or --watch only",
    "--draw --predict 7.png": "--draw: does not go with --predict",
    "--predict 7.png --data sample": "--data: trains, and --predict does not",
    "--draw --epochs 150": "--epochs: trains, and --draw does not",
    "--out 'runs/[a]'": "--out: not a name that TensorFlow can use (got 'runs/[a]')",
    r"--out 'a\b'": "--out: not a name that TensorFlow can use (got 'a\\\\b')",
    f"--out {NOT_UTF8}": "--out: not a name that TensorFlow can use (got '\\udcff')",
}


def rows():
    for flag, (expected, values) in RANGES.items():
        for number, value in enumerate(values.split()):
            lesson = ("mlp_mnist.py", "cnn_mnist.py")[number % 2]
            message = f"{flag}: wrong value (got {value}, expected {expected})"
            yield Row(f"{flag} {value}", nothing, f"{lesson} {flag} {value}", 2, message)
    for words, message in ARGUMENTS.items():
        yield Row(f"arguments: {words}", nothing, f"mlp_mnist.py {words}", 2, message)
