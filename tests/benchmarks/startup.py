"""What a person waits for: --help, the lines of a training of one epoch, --predict.

Each figure is of a fresh process, with warm files.
"""

import tempfile
import time

import common

LINES = {"data:": "its line `data:`", "network:": "`network:`", "epoch": "`epoch 1`", "": "its end"}


def seconds(words):
    """Return {a line's first word: seconds until a process prints it}; "": until its end."""
    start, found = time.perf_counter(), {}
    for line in common.python(*words):
        found[line.split(" ")[0]] = time.perf_counter() - start
    return found | {"": time.perf_counter() - start}


def measure(name, args):
    """Yield the rows of one lesson."""
    lesson, picture = common.ROOT / f"{name}_mnist.py", common.ROOT / "docs/my_digit.png"
    with tempfile.TemporaryDirectory() as folder:
        use = [lesson, "--out", f"{folder}/run"]
        commands = {"--help": [lesson, "--help"], "--epochs 1": [*use, "--epochs", 1, *args.source]}
        commands["--predict docs/my_digit.png"] = [*use, "--predict", picture]
        tasks = {label: lambda _, words=words: seconds(words) for label, words in commands.items()}
        results = common.in_turn(args.repeats, tasks)
    for label, runs in results.items():
        for word in filter(runs[0].get, LINES):
            yield name.upper(), label, LINES[word], common.spread([run[word] for run in runs])


def main():
    """Measure every lesson and print one table."""
    args = common.begin(common.parser(__doc__, repeats=5), "tensorflow", "numpy")
    rows = [row for name in args.lesson for row in measure(name, args)]
    common.table(["network", "command", "until", " s: median (lowest - highest)"], rows)


if __name__ == "__main__":
    main()
