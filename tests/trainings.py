"""Whole trainings as a person starts them, for the tests."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import cnn_mnist
import mlp_mnist

ROOT = Path(__file__).parent.parent
LESSONS = [mlp_mnist, cnn_mnist]
each_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.__name__)


def run(lesson, *flags, timeout=600):
    """Start a lesson as a person does; return what it did."""
    command = [sys.executable, f"{lesson.__name__}.py", *map(str, flags)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=timeout)


def printed_accuracy(result):
    """Return the accuracy, from 0 to 1, that a training printed, once, at its end."""
    found = re.findall(r"^test accuracy (\d+\.\d\d)% \((\d+) / (\d+)\)$", result.stdout, re.M)
    assert len(found) == 1, result
    percent, correct, total = found[0]
    assert f"{int(correct) / int(total):.2%}" == f"{percent}%"
    return int(correct) / int(total)
