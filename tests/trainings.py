"""Whole trainings as a person starts them, for the tests."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import cnn_mnist
import mlp_mnist

ROOT = Path(__file__).parent.parent
LESSONS = [mlp_mnist, cnn_mnist]
each_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.__name__)


def start(lesson, *flags):
    """Start a lesson as a person does; return its Popen, with pipes of text."""
    # What a script starts in the background ignores Ctrl-C, and so do its children; but what is
    # handled, other than by being ignored, is not inherited.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        command = [sys.executable, f"{lesson.__name__}.py", *map(str, flags)]
        return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, **pipes)
    finally:
        signal.signal(signal.SIGINT, before)


def run(lesson, *flags):
    """Start a lesson, wait for its end, and return exit code, standard output and error."""
    with start(lesson, *flags) as process:
        output, errors = process.communicate()
    return process.returncode, output, errors


def printed_accuracy(output):
    """Return the accuracy, from 0 to 1, that a training printed, once, at its end."""
    (percent,) = re.findall(r"^test accuracy (\d+\.\d\d)% of \d+ images$", output, re.M)
    return float(percent) / 100
