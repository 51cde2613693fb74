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
    cells += [deviation, f"{min(percents):.2f} - {max(percents):.2f}", common.spread(seconds, 0)]
    shares = [s / other.seconds for s, other in zip(seconds, against, strict=True)]
    return [*cells, common.spread(shares)]


def main():
    """Run both lessons for each seed in turn; print the table."""
    parser = common.parser(__doc__)
    parser.add_argument("--seeds", type=int, default=5, metavar="N", help="0 to N - 1 [5]")
    parser.add_argument("--against", metavar="FOLDER", help="another checkout, for comparison")
    parser.add_argument("flags", nargs="*", metavar="-- FLAGS", help="of the lessons")
    args = common.begin(parser, "tensorflow", "numpy")
    roots = [Path(args.against).resolve(), common.ROOT] if args.against else [common.ROOT]

    def train(name, root, seed):
        run = common.run_lesson(name, [*args.source, *args.flags, "--seed", seed], root)
        print(f"{name.upper()}, {root.name}, seed {seed}: {run.accuracy:.2f} %", flush=True)
        return run

    tasks = {(name, root): partial(train, name, root) for name in args.lesson for root in roots}
    results = common.in_turn(args.seeds, tasks)
    rows = []
    for (name, root), runs in results.items():
        label = name.upper() if root == common.ROOT else f"{name.upper()} of {root.name}"
        rows.append(row(label, runs, results[name, roots[0]]))
    print(f"\n{runs[0].output.splitlines()[0]}\n")  # which data
    header = ["network", " parameters", " seeds", " test accuracy, %: mean", " s.d."]
    header += [" lowest - highest", " seconds in all: median (lowest - highest)"]
    header += [f" times {args.against}'s seconds"] if args.against else []
    common.table(header, [cells[: len(header)] for cells in rows])


if __name__ == "__main__":
    main()
