"""The test accuracy of the lessons with their defaults, over several seeds.

Each run is the lesson's own command, and uses the test images once, at its end.
Flags after -- go to the lessons, as in: accuracy.py --seeds 3 -- --epochs 2
"""

import statistics

import common


def main():
    """Run both lessons for each seed in turn; print the table."""
    parser = common.parser(__doc__)
    parser.add_argument("--seeds", type=int, default=5, metavar="N", help="0 to N - 1 [5]")
    parser.add_argument("flags", nargs="*", metavar="-- FLAGS", help="of the lessons")
    args = common.begin(parser, "tensorflow", "numpy")

    def candidate(name):
        def run(seed):
            done = common.run_lesson(name, [*common.source(args), *args.flags, "--seed", seed])
            if seed == 0 and name == common.lessons(args)[0]:
                print(done.output.partition("\n")[0] + "\n")  # which data
            print(f"- {name.upper()}, seed {seed}: {done.accuracy:.2f} %, {done.seconds:.1f} s")
            return done.accuracy, done.seconds

        return run

    candidates = {name: candidate(name) for name in common.lessons(args)}
    rows = []
    for name, runs in common.in_turn(args.seeds, candidates).items():
        percents, seconds = zip(*runs, strict=True)
        deviation = f"{statistics.stdev(percents):.3f}" if len(runs) > 1 else ""
        rows.append([name.upper(), f"{statistics.mean(percents):.3f}", deviation])
        rows[-1] += [f"{min(percents):.2f} - {max(percents):.2f}", common.spread(seconds, 0)]
        command = ["python", f"{common.LESSONS[name]}.py", *args.flags, "--seed N"]
        rows[-1].append(f"`{' '.join(command)}`")
    print()
    header = ["network", f" test accuracy, %: mean of {args.seeds}", " s.d.", " lowest - highest"]
    header += [" seconds in all: median (lowest - highest)", "command"]
    common.table(header, rows)


if __name__ == "__main__":
    main()
