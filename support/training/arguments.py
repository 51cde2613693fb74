"""Which flags a lesson has, and what each takes."""

import argparse
import difflib
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from support.ground import UsageError
from support.training.description import ACTIVATIONS, RANGES


class Parser(argparse.ArgumentParser):
    """Raises what is wrong as a UsageError, which is one line, instead of printing the usage."""

    def error(self, message: str) -> NoReturn:
        """Raise UsageError with argparse's message."""
        flag, _, problem = message.removeprefix("argument ").partition(": ")
        raise UsageError(flag, problem)

    def parse_args(self, words: list[str]) -> argparse.Namespace:  # type: ignore[override]
        """Return the flags in `words`; one that is not known raises UsageError with a guess."""
        given, unknown = self.parse_known_args(words)
        if unknown:
            typed = unknown[0].partition("=")[0].replace("_", "-")
            flags = [flag for flag in self._option_string_actions if flag.startswith("--")]
            # --lr, as other programs call it: the initials of --learning-rate.
            guesses = [flag for flag in flags if re.sub(r"(\w)\w*-?", r"\1", flag) == typed]
            guesses += difflib.get_close_matches(typed, flags, 1, 0.7)
            hint = f" (did you mean {guesses[0]}?)" if guesses else ""
            raise UsageError("unrecognized arguments", " ".join(unknown) + hint)
        return given


def _number(kind: type, low: float, high: float) -> Callable[[str], float]:
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


def _path(text: str) -> str:
    """Return a name, with ~ for the home folder, which a shell would have put in its place."""
    if not text or "\0" in text:  # "" would be the working directory
        raise argparse.ArgumentTypeError(f"not a name (got {text!a})")
    return str(Path(text).expanduser()) if re.match("~(/|$)", text) else text


def parser(name: str, doc: str, defaults: dict) -> tuple[Parser, set[str]]:
    """Return the parser of a lesson's flags, and the names of those that only training takes.

    Args:
        name: of the lesson's file.
        doc: one line about the lesson.
        defaults: of the flags by their names, to be shown; only what is typed gets into the
            parser's result, so that what does not apply can be refused.
    """
    parser = Parser(
        prog=name, description=doc, allow_abbrev=False, argument_default=argparse.SUPPRESS
    )
    training = parser.add_argument_group("training", "Without a flag: what stands in brackets.")
    use = parser.add_argument_group("use of a trained network")

    def number(name, meaning):
        kind, low, high = RANGES[name]
        option = {"metavar": "N" if kind is int else "R", "type": _number(kind, low, high)}
        meaning += f" [{defaults.get(name, 'all')}]"
        training.add_argument("--" + name.replace("_", "-"), help=meaning, **option)

    training.add_argument(
        "--data",
        metavar="SOURCE",
        type=_path,
        help="a folder or file: MNIST's files, Kaggle's train.csv, Keras's mnist.npz, pictures in "
        "folders 0 to 9 (all forms: data/README.md); 'mnist' (downloaded where it is missing), or "
        "'sample' (5,000 digits) [what lies in data/, else a download, else the sample]",
    )
    number("epochs", "passes over the training images")
    number("batch_size", "images in a training step")
    number("learning_rate", "the highest rate of the schedule")
    meaning = f"of the hidden layers [{defaults['activation']}]"
    training.add_argument("--activation", choices=ACTIVATIONS, help=meaning)
    number("seed", "the same seed gives the same result, on the same machine")
    number("limit", "train on the first N images only, for a quick look")
    training.add_argument(
        "--resume",
        action="store_true",
        help="go on with the training in FOLDER, from its newest checkpoint; needs the same flags",
    )
    watch = "open a page in the browser, and watch the network learn; after that, as --draw"
    training.add_argument("--watch", action="store_true", help=watch)
    parser.add_argument(
        "--out",
        metavar="FOLDER",
        type=_path,
        help=f"for all that a training leaves behind [{defaults['out']}]. A training that it holds "
        "is never overwritten: without --resume it is moved to FOLDER/earlier-1, -2 ...",
    )
    use.add_argument(
        "--predict",
        nargs="+",
        metavar="FILE",
        type=_path,
        help="read pictures, folders of them, or a quoted pattern: 'scans/**' looks into folders "
        "within folders. Rows of data (CSV, MNIST's files; 'test', 'mnist': the test images that "
        "--data would take): with labels, print how many are right; without, as in Kaggle's "
        "test.csv, write FOLDER/submission.csv. Trains nothing",
    )
    show = "with --predict: draw what was read, and what the network was given, in FOLDER/read/"
    use.add_argument("--show", action="store_true", help=show)
    table = "with --predict: write the answers to FILE, too, a CSV file with a line for each digit"
    use.add_argument("--table", metavar="FILE", type=_path, help=table)
    draw = "open a page to draw on in the browser, and watch the network read; trains nothing"
    use.add_argument("--draw", action="store_true", help=draw)
    export = "write the page to draw on as one file, which needs no Python; trains nothing"
    use.add_argument("--export", metavar="PAGE.html", type=_path, help=export)
    no_browser = "with --draw or --watch: only print the page's address"
    parser.add_argument("--no-browser", action="store_true", help=no_browser)
    return parser, {action.dest for action in training._group_actions}
