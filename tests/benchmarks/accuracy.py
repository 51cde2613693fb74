"""The test accuracy of the lessons with their defaults, over several seeds, and their seconds.

Each run is the lesson's own command, and uses the test images once, at its end. --against names
the folder of another checkout, such as `git worktree add ../before COMMIT` makes: its lessons run
in turn with these. Flags after -- go to the lessons, as in: accuracy.py --seeds 3 -- --epochs 2
"""

import re
import statistics
from functools import partial
from pathlib import Path

import common


def row(label, runs, against):
    """Return the table's row of some runs, compared with those of `against`."""
    percents, seconds = [run.accuracy for run in runs], [run.seconds for run in runs]
    parameters = re.search(r"network: (.+) parameters", runs[0].output)[1]
    deviation = f"{statistics.stdev(percents):.3f}" if len(runs) > 1 else ""
    cells = [label, parameters, f"0 - {len(runs) - 1}", f"{statistics.mean(percents):.3f}"]
    cells += [deviation, f"{min(percents):.2f} - {max(percents):.2f}"]
    cells += [common.spread([run.first for run in runs], 1), common.spread(seconds, 0)]
    ratios = [run.seconds / other.seconds for run, other in zip(runs, against, strict=True)]
    return [*cells, common.spread(ratios)]


def main():
    """Run both lessons for each seed in turn; print the table."""
    parser = common.parser(__doc__)
    parser.add_argument("--seeds", type=int, default=5, metavar="N", help="0 to N - 1 [5]")
    parser.add_argument("--against", metavar="FOLDER", help="another checkout, for comparison")
    parser.add_argument("flags", nargs="*", metavar="-- FLAGS", help="of the lessons")
    args = common.begin(parser, "tensorflow", "numpy")

    def train(label, name, root, seed):
        run = common.run_lesson(name, [*args.source, *args.flags, "--seed", seed], root)
        print(f"{label}, seed {seed}: {run.accuracy:.2f} %", flush=True)
        return run

    checkouts, rows = {"": common.ROOT}, []
    if args.against:
        checkouts[f" of {Path(args.against).name}"] = Path(args.against).resolve()
    for name in args.lesson:
        labels = {name.upper() + of: root for of, root in checkouts.items()}
        tasks = {label: partial(train, label, name, root) for label, root in labels.items()}
        results = common.in_turn(args.seeds, tasks)
        *_, against = results.values()
        rows += [row(label, runs, against) for label, runs in results.items()]
    print(f"\n{against[0].output.splitlines()[0]}\n")  # which data
    header = ["network", " parameters", " seeds", " test accuracy, %: mean", " s.d."]
    header += [" lowest - highest", " s until the first epoch's line", " s in all: median (range)"]
    header += [f" times those of {Path(args.against).name}"] if args.against else []
    common.table(header, [cells[: len(header)] for cells in rows])


if __name__ == "__main__":
    main()
