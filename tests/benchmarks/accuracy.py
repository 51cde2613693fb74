"""The test accuracy of the lessons with their defaults, over several seeds.

Each run is the lesson's own command, in a temporary --out, one after the other: a seed of one
lesson, the same seed of the other, the next seed. Each uses the test images once, at its end.
Flags after -- go to the lessons, as in: accuracy.py --seeds 3 -- --epochs 2
"""

import re
import statistics

import common


def read(output):
    """Return the accuracy in percent, and the number of parameters, from a lesson's output."""
    percent = re.findall(r"^test accuracy (\S+)% of ", output, re.M)[-1]
    return float(percent), re.search(r"([\d,]+) parameters", output)[1]


def summary(name, runs, flags):
    """Return a row: what the runs [(percent, seconds, parameters)] of a lesson come to."""
    percents, seconds = [run[0] for run in runs], [run[1] for run in runs]
    return [
        name.upper(),
        runs[0][2],
        f"{statistics.mean(percents):.3f}",
        f"{statistics.stdev(percents):.3f}" if len(runs) > 1 else "",
        f"{min(percents):.2f} - {max(percents):.2f}",
        f"{statistics.median(seconds):.0f}",
        f"`{' '.join(['python', common.LESSONS[name] + '.py', *flags])} --seed N`",
    ]


def main():
    """Run the lessons for every seed; print each run as it ends, then the table."""
    parser = common.parser(__doc__)
    parser.add_argument("--seeds", type=int, default=5, metavar="N", help="0 to N - 1 [5]")
    parser.add_argument("flags", nargs="*", metavar="-- FLAGS", help="of the lessons")
    args = parser.parse_args()

    common.print_machine("TensorFlow", "NumPy")
    results = {name: [] for name in common.lessons(args)}
    for seed in range(args.seeds):
        for name, runs in results.items():
            flags = [*common.source(args), *args.flags, "--seed", seed]
            result = common.run_lesson(name, flags)
            percent, parameters = read(result.output)
            runs.append((percent, result.seconds, parameters))
            if seed == 0 and name == next(iter(results)):
                print(re.search(r"^data: .*$", result.output, re.M)[0] + "\n")
            print(
                f"- {name.upper()}, seed {seed}: {percent:.2f}%, {result.seconds:.1f} s", flush=True
            )
    print()
    header = ["network", " parameters", f" test accuracy, %: mean of {args.seeds}", " s.d."]
    header += [" lowest - highest", " seconds in all, median", "command"]
    common.table(header, [summary(name, runs, args.flags) for name, runs in results.items()])


if __name__ == "__main__":
    main()
