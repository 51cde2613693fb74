"""What the tests of trainings share: how they are started, and what they leave behind."""

import csv
import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

import cnn_mnist
import mlp_mnist
from support import training
from support.ground import tf

ROOT = Path(__file__).parent.parent
LESSONS = [mlp_mnist, cnn_mnist]
each_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.__name__)


def python(*words, **options):
    """Run `python` with `words` in the checkout; return its exit code, standard output and error.

    options: others of subprocess.run; a stream that is named there is not returned.
    """
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "cwd": ROOT}
    done = subprocess.run([sys.executable, *map(str, words)], text=True, **pipes | options)
    return done.returncode, done.stdout, done.stderr


def parsed(lesson, argv):
    """Return a lesson's flags, as its main() has them parsed."""
    names = ("EPOCHS", "BATCH_SIZE", "LEARNING_RATE", "ACTIVATION", "SEED")
    defaults = [getattr(lesson, name) for name in names]
    return training.parse(argv, lesson.__name__[:3], lesson.__doc__, *defaults)


def trained(lesson, out, epochs, *flags, **options):
    """Train into the folder `out`, as `flags` say; return what is printed."""
    words = [f"{lesson.__name__}.py", *flags, "--epochs", epochs, "--out", out]
    code, output, errors = python(*words, **options)
    assert (code, errors) == (0, ""), output
    return output


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def variables(prefix):
    """Return all variables in a checkpoint, {name: hash}."""
    reader = tf.train.load_checkpoint(str(prefix))
    names = sorted(reader.get_variable_to_shape_map())
    assert len(names) > 15
    return {name: sha256(reader.get_tensor(name)) for name in names}


def recorded(folder):
    """Return the rows of a training's history.csv, without the seconds."""
    with (folder / "history.csv").open(newline="") as file:
        return [row[:-1] for row in csv.reader(file)]
