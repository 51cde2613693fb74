"""Time and memory of the lessons against the number of images and the batch size; start-up.

Every figure is of a process of its own: the lesson's own command, or Python reading one source.
Sizes are those of real files, as --limit would still read them all: the first images of MNIST's
training files. Peak memory is what the system reports of the ended process (not on Windows).
"""

import contextlib
import io
import itertools
import statistics
import tempfile
import time
from pathlib import Path

import common

SHARES = [1 / 12, 1 / 6, 1 / 3, 2 / 3, 1]  # of all training images: 5,000 to 60,000 of MNIST's
BATCH_SIZES = [32, 64, 128, 256, 512, 1024]
CSV_ROWS = 42_000  # as in Kaggle's train.csv

READ = "import sys, data; data.load(*sys.argv[1:])"
IMPORTS = {
    "Python alone": "pass",
    "`import tensorflow.compat.v1`": "import tensorflow.compat.v1",
    "the same through data/tensorflow1.py": "from support.tensorflow1 import tf; tf.Session",
}
# Runs a lesson up to the end of its first step, and prints when each stage was over.
STARTUP = """
import importlib, sys, time
from support import console
import data
marks = []
lesson = importlib.import_module(sys.argv.pop(1))
load = data.load
def timed_load(*arguments):
    marks.append(time.time())
    splits = load(*arguments)
    marks.append(time.time())
    support.tensorflow1.tf.Session  # imports TensorFlow: now, not a line later
    marks.append(time.time())
    return splits
def progress(batches, *_):
    marks.append(time.time())
    yield batches[0]
    marks.append(time.time())
    print("marks", *marks)
    raise SystemExit
data.load, console.progress = timed_load, progress
lesson.main()
"""
STAGES = ["Python, the lesson's imports, flags", "reading the data", "importing TensorFlow"]
STAGES += ["graph and session", "first step"]


def write_files(channel, source, folder):
    """Write, into `folder`, an IDX quartet for each of SHARES, and train.csv.

    Answers with what data.load says, and with the number of training images of each quartet.
    """
    import struct

    import numpy as np

    with contextlib.redirect_stdout(io.StringIO()) as said:
        training, validation, test = common.load(source)
    images = np.concatenate([training.images, validation.images])
    labels = np.concatenate([training.labels, validation.labels])
    for number, share in enumerate(SHARES):
        quartet = folder / str(number)
        quartet.mkdir()
        count = round(share * len(labels))
        parts = {"train": (images[:count], labels[:count]), "t10k": (test.images, test.labels)}
        for name, (pixels, digits) in parts.items():
            header = struct.pack(">4I", 0x803, len(digits), 28, 28)
            (quartet / f"{name}-images-idx3-ubyte").write_bytes(header + pixels.tobytes())
            header = struct.pack(">2I", 0x801, len(digits))
            (quartet / f"{name}-labels-idx1-ubyte").write_bytes(header + digits.tobytes())
    with (folder / "train.csv").open("w") as file:
        print("label", *(f"pixel{i}" for i in range(784)), sep=",", file=file)
        for label, pixels in zip(labels[:CSV_ROWS].tolist(), images[:CSV_ROWS], strict=True):
            print(label, *pixels.tolist(), sep=",", file=file)
    channel.answer((said.getvalue().strip(), [round(share * len(labels)) for share in SHARES]))


def lesson_table(args, title, variants):
    """Run each lesson with variants {label: (images in the file, flags)}, in turn."""
    results = {(name, label): [] for name in common.lessons(args) for label in variants}
    for turn in range(args.repeats):
        for (name, label), runs in results.items():
            runs.append(common.run_lesson(name, ["--epochs", args.epochs, *variants[label][1]]))
            common.note(f"{name}, {title} {label}, turn {turn}: {runs[-1].seconds:.1f} s")
    rows = []
    for (name, label), runs in results.items():
        seconds = [run.epochs[-1]["seconds"] for run in runs]
        images = variants[label][0]
        each = f"{1e6 * statistics.median(seconds) / images:.0f}"
        memory = common.spread([run.peak_mb for run in runs], 0)
        megabytes = f"{images * 785 / 2**20:.0f}"
        rows.append([name.upper(), label, common.spread(seconds), each, memory, megabytes])
    header = ["network", f" {title}", " s an epoch", " µs an image", " peak MB"]
    common.table([*header, " of them, training images"], rows)


def process_table(args, title, variants):
    """Run Python with each of variants {label: arguments}, in turn; print seconds and memory."""
    results = {label: [] for label in variants}
    for _ in range(args.repeats):
        for label, arguments in variants.items():
            results[label].append(common.run([str(argument) for argument in arguments]))
    rows = []
    for label, runs in results.items():
        seconds = common.spread([run.seconds for run in runs])
        rows.append([label, seconds, common.spread([run.peak_mb for run in runs], 0)])
    common.table([title, " s", " peak MB"], rows)


def start_up(args, source):
    """Print how long each stage of a lesson's start takes, up to its first training step."""
    for name in common.lessons(args):
        stages = []
        for _ in range(args.repeats):
            with tempfile.TemporaryDirectory() as out:
                flags = [common.LESSONS[name], "--out", f"{out}/run", "--data", source]
                start = time.time()
                output = common.run(["-c", STARTUP, *flags]).output
            marks = [start, *(float(word) for word in output.rpartition("marks")[2].split())]
            stages.append([b - a for a, b in itertools.pairwise(marks)])
        columns = list(zip(*stages, strict=True))
        rows = [(stage, common.spread(c)) for stage, c in zip(STAGES, columns, strict=True)]
        rows.append(("together", common.spread([sum(s) for s in stages])))
        rows.append(("without TensorFlow's import", common.spread([sum(s) - s[2] for s in stages])))
        common.table([f"start of {common.LESSONS[name]}.py", " s"], rows)


def main():
    """Print the tables; --only chooses some."""
    parser = common.parser(__doc__, repeats=3)
    parts = ["images", "batch", "reading", "imports", "start"]
    text = f"tables: {', '.join(parts)} [all]"
    parser.add_argument("--only", nargs="+", choices=parts, default=parts, metavar="T", help=text)
    parser.add_argument("--epochs", type=int, default=2, metavar="N", help="of each run [2]")
    args = parser.parse_args()

    common.print_machine("TensorFlow", "NumPy")
    with tempfile.TemporaryDirectory() as name:
        # In a process, so that this one stays small: a child's peak begins at its parent's size.
        said, counts = common.Worker(write_files, args.data, Path(name)).about
        print(f"{said}\n")
        quartets = [Path(name, str(number)) for number in range(len(SHARES))]
        pairs = list(zip(counts, quartets, strict=True))
        if "images" in args.only:
            variants = {f"{count:,}": (count, ["--data", path]) for count, path in pairs}
            lesson_table(args, "images", variants)
        if "batch" in args.only:
            count, path = pairs[2]
            flags = {size: ["--data", path, "--batch-size", size] for size in BATCH_SIZES}
            lesson_table(args, "batch size", {size: (count, flags[size]) for size in flags})
        if "reading" in args.only:
            variants = {
                "nothing, only the imports": ["-c", "import data, sklearn.model_selection"],
                f"IDX, {counts[-1]:,} images and the test images": ["-c", READ, quartets[-1]],
                f"train.csv, {min(CSV_ROWS, counts[-1]):,} rows": ["-c", READ, f"{name}/train.csv"],
            }
            process_table(args, "reading", variants)
        if "imports" in args.only:
            process_table(args, "process", {k: ["-c", v] for k, v in IMPORTS.items()})
        if "start" in args.only:
            start_up(args, str(quartets[-1]))


if __name__ == "__main__":
    main()
