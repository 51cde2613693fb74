"""The test accuracy of the lessons with their defaults, over several seeds.

Each run is the lesson's own command, in a temporary --out, one after the other: a seed of one
lesson, the same seed of the other, the next seed. Each uses the test images once, at its end.
Flags after -- go to the lessons, as in: accuracy.py --seeds 3 -- --epochs 2
"""

import statistics

import common


def summary(name, runs, flags):
    """Return a row: what the runs [(percent, seconds)] of a lesson come to."""
    percents, seconds = zip(*runs, strict=True)
    return [
        name.upper(),
        f"{statistics.mean(percents):.3f}",
        f"{statistics.stdev(percents):.3f}" if len(runs) > 1 else "",
        f"{min(percents):.2f} - {max(percents):.2f}",
        common.spread(seconds, 0),
        f"`{' '.join(['python', common.LESSONS[name] + '.py', *flags])} --seed N`",
    ]


def main():
    """Run the lessons for every seed; print each run as it ends, then the table."""
    parser = common.parser(__doc__)
    parser.add_argument("--seeds", type=int, default=5, metavar="N", help="0 to N - 1 [5]")
    parser.add_argument("flags", nargs="*", metavar="-- FLAGS", help="of the lessons")
    args = parser.parse_args()

    common.print_machine("tensorflow", "numpy")
    results = {name: [] for name in common.lessons(args)}
    for seed in range(args.seeds):
        for name, runs in results.items():
            result = common.run_lesson(name, [*common.source(args), *args.flags, "--seed", seed])
            runs.append((common.test_accuracy(result.output), result.seconds))
            if seed == 0 and name == next(iter(results)):
                print(result.output.partition("\n")[0] + "\n")  # which data
            percent, seconds = runs[-1]
            print(f"- {name.upper()}, seed {seed}: {percent:.2f} %, {seconds:.1f} s", flush=True)
    print()
    header = ["network", f" test accuracy, %: mean of {args.seeds}", " s.d.", " lowest - highest"]
    header += [" seconds in all: median (lowest - highest)", "command"]
    common.table(header, [summary(name, runs, args.flags) for name, runs in results.items()])


if __name__ == "__main__":
    main()
