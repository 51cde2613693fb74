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
from pathlib import Path

import common

SHARES = [1 / 12, 1 / 3, 1]  # of all training images: 5,000, 20,000 and 60,000 of MNIST's
BATCH_SIZES = [32, 128, 256, 1024]
CSV_ROWS = 42_000  # as in Kaggle's train.csv
READ = "import sys, data; data.load(*sys.argv[1:])"


def write_files(connection, source, folder):
    """Write, into `folder`, an IDX quartet for each of SHARES, and train.csv.

    Sends what data.load says, and the number of training images of each quartet.
    """
    import numpy as np

    with contextlib.redirect_stdout(io.StringIO()) as said:
        training, validation, test = common.load(source)
    images = np.concatenate([training.images, validation.images])
    labels = np.concatenate([training.labels, validation.labels])
    counts = [round(share * len(labels)) for share in SHARES]
    for number, count in enumerate(counts):
        quartet = folder / str(number)
        quartet.mkdir()
        parts = {"train": (images[:count], labels[:count]), "t10k": (test.images, test.labels)}
        for name, (pixels, digits) in parts.items():
            header = struct.pack(">4I", 0x803, len(digits), 28, 28)
            (quartet / f"{name}-images-idx3-ubyte").write_bytes(header + pixels.tobytes())
            header = struct.pack(">2I", 0x801, len(digits))
            (quartet / f"{name}-labels-idx1-ubyte").write_bytes(header + digits.tobytes())
    header = ",".join(["label", *(f"pixel{i}" for i in range(784))])
    rows = np.column_stack([labels, images])[:CSV_ROWS]
    np.savetxt(folder / "train.csv", rows, "%d", ",", header=header, comments="")
    connection.send((said.getvalue().strip(), counts))


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


def reading_table(args, variants):
    """Run Python with each of variants {label: arguments}, in turn; print seconds and memory."""
    rows = []
    for label, arguments in variants.items():
        runs = [common.run(["-c", *map(str, arguments)]) for _ in range(args.repeats)]
        seconds = common.spread([run.seconds for run in runs])
        rows.append([label, seconds, common.spread([run.peak_mb for run in runs], 0)])
    common.table(["reading", " s", " peak MB"], rows)


def main():
    """Print the tables; --only chooses some."""
    parser = common.parser(__doc__, repeats=3)
    parts = ["images", "batch", "reading"]
    text = f"tables: {', '.join(parts)} [all]"
    parser.add_argument("--only", nargs="+", choices=parts, default=parts, metavar="T", help=text)
    parser.add_argument("--epochs", type=int, default=2, metavar="N", help="of each run [2]")
    args = parser.parse_args()

    common.print_machine("tensorflow", "numpy")
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
            count, path = pairs[1]
            flags = {size: ["--data", path, "--batch-size", size] for size in BATCH_SIZES}
            lesson_table(args, "batch size", {size: (count, flags[size]) for size in flags})
        if "reading" in args.only:
            variants = {
                "nothing, only the imports": ["import data, sklearn.model_selection"],
                f"IDX, {counts[-1]:,} images and the test images": [READ, quartets[-1]],
                f"train.csv, {min(CSV_ROWS, counts[-1]):,} rows": [READ, f"{name}/train.csv"],
            }
            reading_table(args, variants)


if __name__ == "__main__":
    main()
