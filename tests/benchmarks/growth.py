"""Time and memory of the lessons against the number of images and the batch size; reading files.

Every figure is of a process of its own: the lesson's own command, or Python reading one source.
Sizes are those of real files, as --limit would still read them all: the first images of MNIST's
training files. Peak memory is what the system reports of the ended process (not on Windows).
"""

import contextlib
import io
import statistics
import struct
import tempfile
from functools import partial
from pathlib import Path

import common

SHARES = [1 / 12, 1 / 3, 1]  # of all training images: 5,000, 20,000 and 60,000 of MNIST's
BATCH_SIZES = [32, 128, 256, 1024]
CSV_ROWS = 42_000  # as in Kaggle's train.csv
READ = "import sys, data; data.load(*sys.argv[1:])"


def write_files(connection, source, folder):
    """Write, into `folder`, an IDX quartet for each of SHARES, and train.csv.

    Sends what data.load says, and {number of training images: the quartet's folder}.
    """
    import numpy as np

    with contextlib.redirect_stdout(io.StringIO()) as said:
        splits = common.load(source)
    images, labels = common.whole(splits)
    quartets = {}
    for share in SHARES:
        count = round(share * len(labels))
        quartets[count] = quartet = folder / str(count)
        quartet.mkdir()
        parts = {"train": (images[:count], labels[:count]), "t10k": splits[-1]}
        for name, (pixels, digits) in parts.items():
            header = struct.pack(">4I", 0x803, len(digits), 28, 28)
            (quartet / f"{name}-images-idx3-ubyte").write_bytes(header + pixels.tobytes())
            header = struct.pack(">2I", 0x801, len(digits))
            (quartet / f"{name}-labels-idx1-ubyte").write_bytes(header + digits.tobytes())
    header = ",".join(["label", *(f"pixel{i}" for i in range(784))])
    rows = np.column_stack([labels, images])[:CSV_ROWS]
    np.savetxt(folder / "train.csv", rows, "%d", ",", header=header, comments="")
    connection.send((said.getvalue().strip(), quartets))


def measured(repeats, commands):
    """Yield label and results of functions {label: f()}, run in turn."""
    candidates = {label: lambda _, run=run: run() for label, run in commands.items()}
    yield from common.in_turn(repeats, candidates).items()


def lesson_table(args, title, variants):
    """Run each lesson with variants [(label, images in the file, flags)], in turn."""
    commands = {
        (name, label, images): partial(common.run_lesson, name, ["--epochs", args.epochs, *flags])
        for name in common.lessons(args)
        for label, images, flags in variants
    }
    rows = []
    for (name, label, images), runs in measured(args.repeats, commands):
        seconds = [run.epochs[-1] for run in runs]
        rows.append([name.upper(), label, common.spread(seconds)])
        rows[-1].append(f"{1e6 * statistics.median(seconds) / images:.0f}")
        rows[-1].append(common.spread([run.peak_mb for run in runs], 0))
        rows[-1].append(f"{images * 785 / 2**20:.0f}")
    header = ["network", f" {title}", " s an epoch", " µs an image", " peak MB"]
    common.table([*header, " of them, training images"], rows)


def main():
    """Print the tables; --only chooses some."""
    parser = common.parser(__doc__, repeats=3)
    parts = ["images", "batch", "reading"]
    text = f"tables: {', '.join(parts)} [all]"
    parser.add_argument("--only", nargs="+", choices=parts, default=parts, metavar="T", help=text)
    parser.add_argument("--epochs", type=int, default=2, metavar="N", help="of each run [2]")
    args = common.begin(parser, "tensorflow", "numpy")

    with tempfile.TemporaryDirectory() as name:
        # In a process, so that this one stays small: a child's peak begins at its parent's size.
        said, quartets = common.Worker(write_files, args.data, Path(name)).about
        print(f"{said}\n")
        pairs = list(quartets.items())
        if "images" in args.only:
            variants = [(f"{count:,}", count, ["--data", path]) for count, path in pairs]
            lesson_table(args, "images", variants)
        if "batch" in args.only:
            count, path = pairs[1]
            flags = ["--data", path, "--batch-size"]
            variants = [(size, count, [*flags, size]) for size in BATCH_SIZES]
            lesson_table(args, "batch size", variants)
        if "reading" in args.only:
            count, path = pairs[-1]
            commands = {
                "nothing, only the imports": ["import data, sklearn.model_selection"],
                f"IDX, {count:,} images and the test images": [READ, str(path)],
                f"train.csv, {min(CSV_ROWS, count):,} rows": [READ, f"{name}/train.csv"],
            }
            runs = {label: partial(common.run, ["-c", *words]) for label, words in commands.items()}
            rows = []
            for label, done in measured(args.repeats, runs):
                rows.append([label, common.spread([run.seconds for run in done])])
                rows[-1].append(common.spread([run.peak_mb for run in done], 0))
            common.table(["reading", " s", " peak MB"], rows)


if __name__ == "__main__":
    main()
