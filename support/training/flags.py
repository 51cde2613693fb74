"""The flags of a lesson, checked before anything else is loaded."""

import argparse
import os
import re
import shlex
import subprocess
import sys

from support.ground import UsageError, in_cell
from support.training import arguments, description

# TensorFlow's checkpoints take * ? [ ] and \ for patterns, and encode names as UTF-8.
FORBIDDEN = r"\x00-\x1f*?[\]\ud800-\udfff"
FORBIDDEN += "" if os.name == "nt" else r"\\"  # there it separates folders
UNSET = ["data", "limit", "resume", "watch", "predict", "show", "table", "draw", "export"]
MODES = ["predict", "draw", "export"]  # which train nothing
NEEDED = {"show": ["predict"], "table": ["predict"], "no_browser": ["draw", "watch"]}


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
    """Return a lesson's flags as a namespace.

    Args:
        argv: a list of words, or one str as it would be typed; None for the command line. In a
            notebook, whose command line is not the person's, None means no flags.
        lesson: "mlp" or "cnn"; as args.lesson, "mlp_mnist" or "cnn_mnist".
        doc: the lesson's docstring, whose first line heads --help.
        epochs: the lesson's default, as is each of the four that follow. Of a network that is
            used, and not trained, those that it was trained with stand in place of them.
        batch_size: images in a training step.
        learning_rate: the highest of the schedule.
        activation: one of description.ACTIVATIONS.
        seed: of everything random.

    Raises:
        UsageError: a flag is wrong, or does not apply.
        OutputError: a network is to be used, and args.out holds no run of this lesson.
    """
    typed = argv is None and not in_cell()
    words = _words(sys.argv[1:] if typed else argv or [])
    name = f"{lesson}_mnist"
    defaults: dict = {"epochs": epochs, "batch_size": batch_size, "learning_rate": learning_rate}
    defaults |= {"activation": activation, "seed": seed, "out": f"runs/{lesson}"}
    head = (doc or "").partition("\n")[0]  # python -OO keeps none
    parser, training = arguments.parser(f"{name}.py", head, defaults)
    given = vars(parser.parse_args(_without_dashes(words)))
    _refuse_what_does_not_apply(given, training)
    args = argparse.Namespace(**(dict.fromkeys([*UNSET, "no_browser"]) | defaults | given))
    if not re.fullmatch(f"[^{FORBIDDEN}]+", args.out):
        raise UsageError("--out", f"not a name that TensorFlow can use (got {args.out!a})")
    args.lesson, args.resume_command = name, _command(words, given, typed)
    args.trains = not set(MODES) & given.keys()
    if not args.trains:
        vars(args).update(description.flags_of(args.out, name))
    return args


def _words(argv):
    """Return what was typed, or is given to main(), as a list of words."""
    try:
        return shlex.split(argv) if isinstance(argv, str) else [str(word) for word in argv]
    except ValueError as problem:  # a quote that is not closed
        raise UsageError(argv, str(problem)) from None


def _without_dashes(words):
    """Return words without "--", behind which -x.png is a name: argparse takes none for a flag."""
    if "--" not in words:
        return words
    end = words.index("--")
    names = [f"./{word}" if word.startswith("-") else word for word in words[end + 1 :]]
    return [*words[:end], *names]


def _refuse_what_does_not_apply(given, training):
    """Refuse flags that would be ignored."""
    modes = [name for name in MODES if name in given]
    if len(modes) > 1:
        raise UsageError(f"--{modes[1]}", f"does not go with --{modes[0]}")
    for name in given:
        flag, needed = "--" + name.replace("_", "-"), NEEDED.get(name)
        if needed and not set(needed) & given.keys():
            raise UsageError(flag, f"goes with --{' or --'.join(needed)} only")
        if modes and name in training:
            raise UsageError(flag, f"trains, and --{modes[0]} does not")


def _command(words, given, typed):
    """Return what to type to resume this training."""
    words = [*words] if "resume" in given else [*words, "--resume"]
    if not typed:
        return f"main({words})"
    # With this very Python, which may be that of an environment that is not activated.
    join = subprocess.list2cmdline if os.name == "nt" else shlex.join
    return join([sys.executable, sys.argv[0], *words])
