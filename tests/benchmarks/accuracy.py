"""The test accuracy of the lessons with their defaults, over several seeds.

Each run is the lesson's own command, and uses the test images once, at its end.
Flags after -- go to the lessons, as in: accuracy.py --seeds 3 -- --epochs 2
"""

import re
import statistics
from functools import partial

import common


def main():
    """Run both lessons for each seed in turn; print the table."""
    parser = common.parser(__doc__)
    parser.add_argument("--seeds", type=int, default=5, metavar="N", help="0 to N - 1 [5]")
    parser.add_argument("flags", nargs="*", metavar="-- FLAGS", help="of the lessons")
    args = common.begin(parser, "tensorflow", "numpy")

    def train(name, seed):
        run = common.run_lesson(name, [*args.source, *args.flags, "--seed", seed])
        print(f"{name.upper()}, seed {seed}: {run.accuracy:.2f} %", flush=True)
        return run

    results = common.in_turn(args.seeds, {name: partial(train, name) for name in args.lesson})
    rows = []
    for name, runs in results.items():
        parameters = re.search(r"network: (.+) parameters", runs[0].output)[1]
        percents = [run.accuracy for run in runs]
        deviation = f"{statistics.stdev(percents):.3f}" if len(runs) > 1 else ""
        rows.append([name.upper(), parameters, f"0 - {args.seeds - 1}"])
        rows[-1] += [f"{statistics.mean(percents):.3f}", deviation]
        rows[-1] += [f"{min(percents):.2f} - {max(percents):.2f}"]
        rows[-1] += [common.spread([run.seconds for run in runs], 0)]
    print(f"\n{runs[0].output.splitlines()[0]}\n")  # which data
    header = ["network", " parameters", " seeds", " test accuracy, %: mean", " s.d."]
    header += [" lowest - highest", " seconds in all: median (lowest - highest)"]
    common.table(header, rows)


if __name__ == "__main__":
    main()
