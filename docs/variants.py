"""Train a lesson with something changed: the ladder of page 2, and the answers to exercises.

    python docs/variants.py ladder --epochs 10
    python docs/variants.py perceptron --epochs 10
    python docs/variants.py convolution --epochs 2

Prints a row for each change: the accuracy on the validation images after the last epoch, as a mean
over the seeds with their range, and the loss of the last epoch.
"""

import argparse
import contextlib
import io
import re
import shlex
import sys
import tempfile
import types
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np

import mlp_mnist
from support.training import history, runs

HERE = Path(__file__).parent
LESSONS = {"ladder": "mlp_mnist", "perceptron": "mlp_mnist", "convolution": "cnn_mnist"}
RATE = 0.3  # of plain steps, which need a larger one than Adam's
ADAM = "tf.train.AdamOptimizer(learning_rate)"
PLAIN = "tf.train.GradientDescentOptimizer(learning_rate)"
DECAY = "learning_rate * WEIGHT_DECAY"
# What is taken out, by replacing text of lesson 1.
TAKEN_OUT = {
    "straightening": {"training.straighten(images)": "tf.identity(images)"},
    "distortions": {"model(distorted,": "model(x,"},
    "weight decay": {"tf.control_dependencies(decay)": "tf.control_dependencies([])"},
    "the schedule": {" * schedule(run.progress)": ""},
    "Adam": {ADAM: PLAIN, DECAY: f"{mlp_mnist.LEARNING_RATE / RATE} * {DECAY}"},
}
SHUFFLED = "    x = tf.gather(x, np.random.default_rng(0).permutation(784), axis=1)\n    h1 = f("
ALL = {old: new for change in TAKEN_OUT.values() for old, new in change.items()}
LADDER = {"nothing": {}, **TAKEN_OUT, "all of them: plain steps alone": ALL}
LADDER["the order of the pixels"] = {"    h1 = f(": SHUFFLED}  # which page 4 begins with


def source(lesson):
    """Return the text of a lesson, by its name."""
    return (HERE.parent / f"{lesson}.py").read_text()


def code(line):
    """Return a line without the comment behind its code."""
    return line.partition("  # ")[0].rstrip()


def patched(text, diff):
    """Return a lesson's text with the lines of a diff taken out and put in.

    Each line that the diff takes out or shows must be in the text once, whatever its comment; a
    line that it puts in follows the line above it.
    """
    lines = text.splitlines()
    place = 0
    for line in diff.splitlines():
        if line[0] != "+":
            places = [i for i, other in enumerate(lines) if code(other) == code(line[1:])]
            if len(places) != 1:
                raise ValueError(f"not once in the lesson: {line}")
            place = places[0]
        if line[0] == "-":
            del lines[place]
            continue
        if line[0] == "+":
            lines.insert(place, line[1:])
        place += 1
    return "\n".join(lines) + "\n"


def variants(name):
    """Return {title: (changed text, flags)}, of the ladder or of a page's exercises."""
    text = source(LESSONS[name])
    if name == "ladder":
        found = {}
        for title, change in LADDER.items():
            changed = text
            for old, new in change.items():
                if changed.count(old) != 1:
                    raise ValueError(f"not once in the lesson: {old}")
                changed = changed.replace(old, new)
            found[title] = changed, ["--learning-rate", str(RATE)] if PLAIN in changed else []
        return found
    page = (HERE / f"{name}.md").read_text()
    found = {"as it is": (text, [])}
    for title, answer in re.findall(
        r"^\*\*(\d+\. .*?)\*\*.*?<details>(.*?)</details>", page, re.M | re.S
    ):
        diff = "".join(re.findall(r"^```diff\n(.*?)^```", answer, re.M | re.S))
        flags = re.findall(r"^`python mine\.py (.+)`$", answer, re.M)
        if diff or flags:
            found[title] = patched(text, diff), shlex.split(" ".join(flags[:1]))
    return found


def module(lesson, text):
    """Return a lesson, by its name, in a changed text."""
    changed = types.ModuleType(lesson)
    exec(compile(text, f"{lesson}.py, changed", "exec"), vars(changed))
    return changed


def train(lesson, text, flags):
    """Train a lesson in a changed text; return the last row of its history."""
    with tempfile.TemporaryDirectory() as out, mock.patch.object(runs.Run, "finish"):
        with contextlib.redirect_stdout(io.StringIO()):
            module(lesson, text).main([*flags, "--out", out])
        return history.read(out)[-1]


def main(argv=None):
    """Train what the command line names, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=LESSONS)
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--data", default=None, help="as the lessons' flag")
    parser.add_argument("--only", default="", help="those whose titles contain this")
    args = parser.parse_args(argv)
    flags = ["--data", args.data] * (args.data is not None) + ["--epochs", str(args.epochs)]
    print("| taken out | accuracy, %: mean | lowest - highest | loss |\n|---|---:|---:|---:|")
    for title, (text, own) in variants(args.name).items():
        if args.only in title and "FOLDER" not in own:  # of a person's own pictures
            rows = [
                train(LESSONS[args.name], text, [*flags, *own, "--seed", str(seed)])
                for seed in args.seeds
            ]
            accuracies = [100 * row["accuracy"] for row in rows]
            spread = f"{min(accuracies):.2f} - {max(accuracies):.2f}"
            loss = np.mean([row["loss"] for row in rows])
            print(f"| {title} | {np.mean(accuracies):.2f} | {spread} | {loss:.4f} |", flush=True)


if __name__ == "__main__":
    main()
