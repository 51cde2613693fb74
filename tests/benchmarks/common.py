"""What the benchmarks share: flags, the machine, processes, runs of a lesson, tables."""

import argparse
import csv
import importlib.metadata
import multiprocessing
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))  # for the lessons, data/ and support/
LESSONS = ["mlp", "cnn"]
SPAWN = multiprocessing.get_context("spawn")  # new processes, without what this one has imported


def parser(doc, repeats=None, lesson=True):
    """Return an ArgumentParser with --data, --lesson, and --repeats if it has a default."""
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=doc, formatter_class=form)
    parser.add_argument("--data", metavar="SOURCE", help="as in the lessons")
    if lesson:
        parser.add_argument("--lesson", choices=LESSONS, nargs="+", default=LESSONS, help="[both]")
    if repeats:
        text = f"how often everything is measured, in turn [{repeats}]"
        parser.add_argument("--repeats", type=int, default=repeats, metavar="N", help=text)
    return parser


def begin(parser, *modules):
    """Return the parsed flags; print the machine and the versions of what holds these modules."""
    args, cpuinfo = parser.parse_args(), Path("/proc/cpuinfo")
    args.source = ["--data", args.data] if args.data else []  # to hand on to a lesson
    packages = importlib.metadata.packages_distributions()
    if missing := [name for name in modules if name not in packages]:
        sys.exit(f"error: {', '.join(missing)} missing: see tests/benchmarks/requirements.txt")
    names = (packages[name][0] for name in modules)
    versions = [f"{name} {importlib.metadata.version(name)}" for name in names]
    model = re.search(r"model name\s*: (.*)", cpuinfo.read_text() if cpuinfo.exists() else "")
    processor = model[1] if model else platform.processor()
    print(f"{processor}, {os.cpu_count()} cores, {platform.system()};")
    print(f"Python {platform.python_version()}, {', '.join(versions)}.\n", flush=True)
    return args


def lesson(name):
    """Return the module of a lesson, "mlp" or "cnn"."""
    return importlib.import_module(f"{name}_mnist")


def load(source):
    """Return data.load(source), which prints which data it is."""
    digits = importlib.import_module("data").load(source)
    print(flush=True)
    return digits


def whole(digits):
    """Return the images and labels of training and validation together."""
    return [np.concatenate(pair) for pair in zip(digits.training, digits.validation, strict=True)]


def table(header, rows):
    """Print a Markdown table; columns whose header begins with a space are set to the right."""
    rule = ["---:" if title.startswith(" ") else "---" for title in header]
    for row in [[title.strip() for title in header], rule, *rows]:
        print(f"| {' | '.join(map(str, row))} |")
    print(flush=True)


def spread(values, digits=2):
    """Return "median (min - max)" of a list of numbers; of a single one, just that."""
    median, low, high = (f"{f(values):,.{digits}f}" for f in (statistics.median, min, max))
    return f"{median} ({low} - {high})" if len(values) > 1 else median


def in_turn(repeats, candidates):
    """Return {label: results} of functions {label: f(turn)}, which are all called in each turn."""
    results = {label: [] for label in candidates}
    for turn in range(repeats):
        for label, measure in candidates.items():
            results[label].append(measure(turn))
            print(f"turn {turn + 1} of {repeats}: {label}", file=sys.stderr, flush=True)
    return results


def fresh(function, *arguments):
    """Return what a function returns in a process of its own, on which no library has a hold."""
    with ProcessPoolExecutor(1, SPAWN) as process:
        return process.submit(function, *arguments).result()


def python(*words, root=ROOT):
    """Run Python with these words, on the modules of the checkout `root`; yield its lines."""
    options = {"env": os.environ | {"PYTHONPATH": str(root), "PYTHONUNBUFFERED": "1"}}
    words = [sys.executable, *map(str, words)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, **options) as process:
        yield from process.stdout
    if process.returncode:
        sys.exit(f"error: exit code {process.returncode} of: {' '.join(words)}")


def run_lesson(name, flags, root=ROOT):
    """Train as a user does; return the .output, the .accuracy in %, and seconds.

    These are .first: until the first epoch's line; .epochs: of all; .seconds: of the process.
    """
    lines, start, first = [], time.perf_counter(), None
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        for line in python(root / f"{name}_mnist.py", "--out", out, *flags, root=root):
            lines.append(line)
            if line.startswith("epoch 1/"):
                first = time.perf_counter() - start
        seconds = time.perf_counter() - start
        rows = csv.DictReader((out / "history.csv").read_text().splitlines())
    run = SimpleNamespace(output="".join(lines), first=first, seconds=seconds)
    run.epochs = sum(float(row["seconds"]) for row in rows)
    run.accuracy = float(re.search(r"test accuracy (.+?)%", run.output)[1])
    return run
