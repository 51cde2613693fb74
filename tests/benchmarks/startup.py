"""What a person waits for before anything happens: --help, --predict, the first training step.

Each figure is of a fresh process, with warm files. TensorFlow's import is shown beside.
"""

import itertools
import tempfile
import time

import common

# Runs a lesson up to the end of its first step, and prints when each stage was over.
FIRST_STEP = """
import importlib, sys, time
import data
from support.tensorflow1 import tf
marks = []
lesson = importlib.import_module(sys.argv.pop(1))
load = data.load
def timed_load(*arguments):
    marks.append(time.time())
    splits = load(*arguments)
    marks.append(time.time())
    tf.Session  # imports TensorFlow: now, not a line later
    marks.append(time.time())
    return splits
def progress(starts, **_):
    marks.append(time.time())
    yield starts[0]
    print("marks", *marks, time.time())
    raise SystemExit
data.load, lesson.tqdm = timed_load, progress
lesson.main()
"""
STAGES = ["Python, imports (scikit-learn's too), flags", "reading the data", "importing TensorFlow"]
STAGES += ["graph and session", "first step"]
TENSORFLOW = "from support.tensorflow1 import tf; tf.Session"


def first_step(name, args):
    """Return the seconds of each of STAGES, in one process."""
    with tempfile.TemporaryDirectory() as out:
        flags = [common.LESSONS[name], "--out", f"{out}/run", *common.source(args)]
        start = time.time()
        output = common.run(["-c", FIRST_STEP, *flags]).output
    marks = [start, *map(float, output.rpartition("marks")[2].split())]
    return [after - before for before, after in itertools.pairwise(marks)]


def measure(name, args):
    """Yield the rows of one lesson."""
    lesson = str(common.ROOT / f"{common.LESSONS[name]}.py")
    with tempfile.TemporaryDirectory() as folder:
        use = [lesson, "--out", f"{folder}/run"]
        common.run([*use, "--data", "sample", "--epochs", "12"])  # enough to be sure of a digit
        commands = {
            "--help": [lesson, "--help"],
            "importing TensorFlow alone, through support/": ["-c", TENSORFLOW],
            "--predict docs/my_digit.png, all in all": [
                *(*use, "--predict", str(common.ROOT / "docs/my_digit.png"))
            ],
        }
        runs = {
            label: lambda _, command=command: common.run(command).seconds
            for label, command in commands.items()
        }
        runs["training"] = lambda _: first_step(name, args)
        seconds = common.in_turn(args.repeats, runs)
    stages = seconds.pop("training")
    for stage, values in zip(STAGES, zip(*stages, strict=True), strict=True):
        seconds[f"training: {stage}"] = values
    seconds["training, from the command to the end of the first step"] = list(map(sum, stages))
    for label, values in seconds.items():
        yield name.upper(), label, common.spread(values)


def main():
    """Measure every lesson and print one table."""
    args = common.begin(common.parser(__doc__, repeats=5), "tensorflow", "numpy")
    rows = [row for name in common.lessons(args) for row in measure(name, args)]
    common.table(["network", "what", " s: median (lowest - highest)"], rows)


if __name__ == "__main__":
    main()
