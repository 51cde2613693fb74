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
from support.ground import tf
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
TENSORFLOW = "from support.ground import tf; tf.Session"


def first_step(name, args):
    """Return the seconds of each of STAGES, in one process."""
    with tempfile.TemporaryDirectory() as out:
        flags = [f"{name}_mnist", "--out", f"{out}/run", *args.source]
        start = time.time()
        output = common.run(["-c", FIRST_STEP, *flags]).output
    marks = [start, *map(float, output.rpartition("marks")[2].split())]
    return [after - before for before, after in itertools.pairwise(marks)]


def measure(name, args):
    """Yield the rows of one lesson."""
    lesson = str(common.ROOT / f"{name}_mnist.py")
    picture = str(common.ROOT / "docs/my_digit.png")

    def seconds(*command):
        return lambda _: common.run(command).seconds

    with tempfile.TemporaryDirectory() as folder:
        use = [lesson, "--out", f"{folder}/run"]
        common.run([*use, "--data", "sample", "--epochs", "12"])  # enough to be sure of a digit
        results = common.in_turn(
            args.repeats,
            {
                "--help": seconds(lesson, "--help"),
                "importing TensorFlow alone, through support/": seconds("-c", TENSORFLOW),
                "--predict docs/my_digit.png, all in all": seconds(*use, "--predict", picture),
                "training": lambda _: first_step(name, args),
            },
        )
    trainings = results.pop("training")
    for stage, values in zip(STAGES, zip(*trainings, strict=True), strict=True):
        results[f"training: {stage}"] = values
    results["training, from the command to the end of the first step"] = list(map(sum, trainings))
    for label, values in results.items():
        yield name.upper(), label, common.spread(values)


def main():
    """Measure every lesson and print one table."""
    args = common.begin(common.parser(__doc__, repeats=5), "tensorflow", "numpy")
    rows = [row for name in args.lesson for row in measure(name, args)]
    common.table(["network", "what", " s: median (lowest - highest)"], rows)


if __name__ == "__main__":
    main()
