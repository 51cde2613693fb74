"""The flags of a lesson, checked before anything else is loaded."""

import argparse
import math
import os
import re
import shlex
import subprocess
import sys

from support.ground import complain
from support.training import description

# Beyond it, a batch of the convolutions' results does not fit into an ordinary computer's memory.
MAX_BATCH_SIZE = 10_000
# TensorFlow's checkpoints take * ? [ ] and \ for patterns, and encode names as UTF-8.
FOLDER = rf"[^\x00-\x1f*?[\]{'' if os.name == 'nt' else chr(92) * 2}\ud800-\udfff]+"


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        """Print one line, as for every other error, instead of the usage and a line."""
        complain("error", message.removeprefix("argument "))
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
            expected = f"{name} from {low} to {high}"
            raise argparse.ArgumentTypeError(f"wrong value (got {text}, expected {expected})")
        return value

    return parse_number


def _name(text):
    """Return what may name a file: "" would be the working directory."""
    if not text or "\0" in text:
        raise argparse.ArgumentTypeError(f"not a name (got {text!a})")
    return text


def _without_dashes(argv):
    """Return words without "--", behind which -x.png is a name: argparse takes none for a flag."""
    if "--" not in argv:
        return argv
    end = argv.index("--")
    names = [f"./{word}" if word.startswith("-") else word for word in argv[end + 1 :]]
    return [*argv[:end], *names]


def parse(
    argv: list[str] | str | None,
    lesson: str,
    doc: str | None,
    epochs: int,
    batch_size: int,
    learning_rate: float,
    activation: str,
    seed: int,
) -> argparse.Namespace:
    """Return a lesson's flags as a namespace; a wrong flag prints one line and exits with 2.

    Args:
        argv: a list of words, or one str as it would be typed; None for the command line. In a
            notebook, whose command line is not the person's, None means no flags.
        lesson: "mlp" or "cnn"; as args.lesson, "mlp_mnist" or "cnn_mnist".
        doc: the lesson's docstring, whose first line heads --help.
        epochs, batch_size, learning_rate, activation, seed: the lesson's defaults. With --predict
            and --draw, those of the run in args.out stand in place of them.

    Raises:
        OutputError: --predict or --draw, and args.out holds no run of this lesson.
    """
    typed = argv is None and "ipykernel" not in sys.modules
    argv = shlex.split(argv) if isinstance(argv, str) else sys.argv[1:] if typed else argv or []
    name = f"{lesson}_mnist"
    defaults = {"epochs": epochs, "batch_size": batch_size, "learning_rate": learning_rate}
    defaults |= {"activation": activation, "seed": seed, "out": f"runs/{lesson}"}
    # SUPPRESS: only what was given is in the namespace, so that what does not apply is refused.
    parser = _Parser(
        prog=f"{name}.py",
        description=(doc or "").partition("\n")[0],  # python -OO keeps none
        allow_abbrev=False,
        argument_default=argparse.SUPPRESS,
    )
    training = parser.add_argument_group("training", "Without a flag: what stands in brackets.")
    use = parser.add_argument_group("use of a trained network")

    def number(flag, kind, low, high, meaning):
        option = {"metavar": "N" if kind is int else "R", "type": _number(kind, low, high)}
        default = defaults.get(flag.removeprefix("--").replace("-", "_"), "all")
        training.add_argument(flag, help=f"{meaning} [{default}]", **option)

    training.add_argument(
        "--data",
        metavar="SOURCE",
        help="a folder or file: MNIST's files, Kaggle's train.csv, Keras's mnist.npz, pictures in "
        "folders 0 to 9 (all forms: data/README.md); 'mnist' (downloaded where it is missing), or "
        "'sample' (5,000 digits) [what lies in data/, else a download, else the sample]",
    )
    number("--epochs", int, 1, 100_000, "passes over the training images")
    number("--batch-size", int, 1, MAX_BATCH_SIZE, "images in a training step")
    number("--learning-rate", float, 1e-9, 10, "the highest rate of the schedule")
    meaning = f"of the hidden layers [{defaults['activation']}]"
    training.add_argument("--activation", choices=description.ACTIVATIONS, help=meaning)
    meaning = "the same seed gives the same result, on the same machine"
    number("--seed", int, 0, 2**31 - 1, meaning)
    number("--limit", int, 1, 10**9, "train on the first N images only, for a quick look")
    training.add_argument(
        "--resume",
        action="store_true",
        help="go on with the training in FOLDER, from its newest checkpoint; needs the same flags",
    )
    parser.add_argument(
        "--out",
        metavar="FOLDER",
        help=f"for all that a training leaves behind [{defaults['out']}]. A training that it holds "
        "is never overwritten: without --resume it is moved to FOLDER/earlier-1, -2 ...",
    )
    use.add_argument(
        "--predict",
        nargs="+",
        metavar="FILE",
        type=_name,
        help="read pictures, folders of them, or a quoted pattern: 'scans/**' looks into folders "
        "within folders. Rows of data (CSV, MNIST's files; 'test', 'mnist': the test images that "
        "--data would take): with labels, print how many are right; without, as in Kaggle's "
        "test.csv, write FOLDER/submission.csv. Trains nothing",
    )
    show = "with --predict: draw what was read, and what the network was given, in FOLDER/read/"
    use.add_argument("--show", action="store_true", help=show)
    table = "with --predict: write the answers to FILE, too, a CSV file with a line for each digit"
    use.add_argument("--table", metavar="FILE", type=_name, help=table)
    draw = "open a page to draw on in the browser, and watch the network read; trains nothing"
    use.add_argument("--draw", action="store_true", help=draw)
    no_browser = "with --draw: only print the page's address"
    use.add_argument("--no-browser", action="store_true", help=no_browser)

    given = vars(parser.parse_args(_without_dashes(argv)))
    _refuse_what_does_not_apply(parser, given, {action.dest for action in training._group_actions})
    unset = ["data", "limit", "predict", "resume", "show", "table", "draw", "no_browser"]
    args = argparse.Namespace(**(dict.fromkeys(unset) | defaults | given))
    if not re.fullmatch(FOLDER, args.out):
        parser.error(f"--out: not a name that TensorFlow can use (got {args.out!a})")
    args.lesson, args.go_on = name, _command(argv, given, typed)
    if args.predict or args.draw:
        vars(args).update(description.flags_of(args.out, name))
    return args


def _refuse_what_does_not_apply(parser, given, training):
    """Refuse flags that would be ignored."""
    modes = [name for name in ("predict", "draw") if name in given]
    if len(modes) == 2:
        parser.error("--draw: does not go with --predict")
    needed = {"show": "predict", "table": "predict", "no_browser": "draw"}
    for name in given:
        flag = "--" + name.replace("_", "-")
        if name in needed and needed[name] not in given:
            parser.error(f"{flag}: goes with --{needed[name]} only")
        if modes and name in training:
            parser.error(f"{flag}: trains, and --{modes[0]} does not")


def _command(argv, given, typed):
    """Return what to type to resume this training."""
    words = [*argv] if "resume" in given else [*argv, "--resume"]
    if not typed:
        return f"main({words})"
    # With this very Python, which may be that of an environment that is not activated.
    join = subprocess.list2cmdline if os.name == "nt" else shlex.join
    return join([sys.executable, sys.argv[0], *words])
