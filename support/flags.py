"""The flags of a lesson, checked before anything else is loaded."""

import argparse
import math
import os
import shlex
import subprocess
import sys
from pathlib import Path

from data.errors import printable

ACTIVATIONS = ["relu", "sigmoid", "tanh"]  # names of functions of tf.nn


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        """Print one line, as for every other error, instead of the usage and a line."""
        print(f"error: {printable(message.removeprefix('argument '))}", file=sys.stderr)
        sys.exit(2)


def _number(kind, low, high):
    """Return an argparse type: an int or a float from `low` to `high`, both included."""

    def parse_number(text):
        try:
            value = kind(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high:  # so is NaN
            name = "a whole number" if kind is int else "a number"
            raise argparse.ArgumentTypeError(
                f"wrong value (got {text}, expected {name} from {low} to {high})"
            )
        return value

    return parse_number


def parse(argv, doc, epochs, batch_size, learning_rate, activation, seed, out):
    """Return a lesson's flags as a namespace; a wrong flag prints one line and exits with 2.

    argv  list of str, or None for the command line
    doc   the lesson's docstring; its first line heads --help
    The others are the lesson's defaults for the flags of the same names.
    """
    parser = _Parser(
        prog=Path(sys.argv[0]).name, description=doc.partition("\n")[0], allow_abbrev=False
    )
    add = parser.add_argument_group(
        "training", "Without a flag: what stands in brackets."
    ).add_argument
    add(
        "--data",
        metavar="SOURCE",
        help="a folder with MNIST's four files or Kaggle's train.csv, a CSV file, 'mnist' "
        "(downloaded where it is missing), or 'sample' (5,000 digits) "
        "[what lies in data/, else a download, else the sample]",
    )
    add(
        "--epochs",
        type=_number(int, 1, 100_000),
        metavar="N",
        default=epochs,
        help="passes over the training images [%(default)s]",
    )
    add(
        "--batch-size",
        type=_number(int, 1, 100_000),
        metavar="N",
        default=batch_size,
        help="images in a training step [%(default)s]",
    )
    add(
        "--learning-rate",
        type=_number(float, 1e-9, 10),
        metavar="R",
        default=learning_rate,
        help="the highest rate of the schedule [%(default)s]",
    )
    add(
        "--activation",
        choices=ACTIVATIONS,
        default=activation,
        help="of the hidden layers [%(default)s]",
    )
    add(
        "--seed",
        type=_number(int, 0, 2**31 - 1),
        metavar="N",
        default=seed,
        help="the same seed gives the same result, on the same machine [%(default)s]",
    )
    add(
        "--limit",
        type=_number(int, 1, 10**9),
        metavar="N",
        help="train on the first N images only, for a quick look [all]",
    )
    add(
        "--out",
        metavar="FOLDER",
        default=out,
        help="for checkpoints, pictures and the exported model [%(default)s]. A training that it "
        "holds is never overwritten: without --resume it is moved to FOLDER-1, FOLDER-2 ...",
    )
    add(
        "--resume",
        action="store_true",
        help="go on with the training in FOLDER, from its newest checkpoint; needs the same flags",
    )
    add = parser.add_argument_group("use of a trained network").add_argument
    add(
        "--predict",
        nargs="+",
        metavar="FILE",
        help="classify pictures of a digit (PNG, JPEG), or the rows of Kaggle's test.csv into "
        "FOLDER/submission.csv, with the newest checkpoint in FOLDER; trains nothing",
    )
    add("--show", action="store_true", help="with --predict: print the 28 x 28 pixels, too")
    args = parser.parse_args(argv)
    if sum(file.lower().endswith(".csv") for file in args.predict or ()) > 1:
        parser.error("--predict: more than one CSV file, for only one submission.csv")
    if args.show and not args.predict:
        parser.error("--show: goes with --predict only")
    if set(args.out) & set("*?[]") or not args.out.isprintable():
        parser.error(f"--out: not a name that TensorFlow can use (got {args.out!a})")
    words = [*(sys.argv[1:] if argv is None else argv), *["--resume"] * (not args.resume)]
    # With this very Python, which may be that of an environment that is not activated.
    python, here = Path(sys.executable), Path.cwd()
    python = python.relative_to(here) if python.is_relative_to(here) else python
    join = subprocess.list2cmdline if os.name == "nt" else shlex.join
    command = join([str(python), sys.argv[0], *words])
    args.go_on = command if argv is None else f"main({words})"
    return args
