"""Time and memory of the lessons against the number of images.

Every training is the lesson's own command, on a file of the first images of MNIST's training
files: with --limit, it would read them all. Peak memory is what the system reports of the ended
process (not on Windows).
"""

import statistics
import tempfile
from functools import partial
from pathlib import Path

import common
import numpy as np

SHARES = [1 / 12, 1 / 3, 1]  # of all training images: 5,000, 20,000 and 60,000 of MNIST's


def write_files(source, folder):
    """Write an mnist.npz for each of SHARES; return {number of training images: its path}."""
    splits, paths = common.load(source), {}
    (images, labels), test = common.whole(splits), splits[-1]
    for share in SHARES:
        count = round(share * len(labels))
        paths[count] = folder / str(count) / "mnist.npz"
        paths[count].parent.mkdir()
        np.savez(
            paths[count],
            x_train=images[:count].reshape(-1, 28, 28),
            y_train=labels[:count],
            x_test=test.images.reshape(-1, 28, 28),
            y_test=test.labels,
        )
    return paths


def main():
    """Train two epochs with each lesson on each number of images; the second is timed."""
    args = common.begin(common.parser(__doc__, repeats=3), "tensorflow", "numpy")
    with tempfile.TemporaryDirectory() as folder:
        paths = write_files(args.data, Path(folder))

        def train(name, path, _):
            return common.run_lesson(name, ["--data", path, "--epochs", 2])

        candidates = {
            (name, count): partial(train, name, path)
            for name in args.lesson
            for count, path in paths.items()
        }
        results = common.in_turn(args.repeats, candidates)
    rows = []
    for (name, count), runs in results.items():
        seconds = [run.epochs[-1] for run in runs]
        rows.append([name.upper(), f"{count:,}", common.spread(seconds)])
        rows[-1].append(f"{1e6 * statistics.median(seconds) / count:.0f}")
        rows[-1].append(common.spread([run.peak_mb for run in runs], 0))
        rows[-1].append(f"{count * 785 / 2**20:.0f}")
    header = ["network", " images", " s an epoch", " µs an image", " peak MB"]
    common.table([*header, " of them, training images"], rows)


if __name__ == "__main__":
    main()
