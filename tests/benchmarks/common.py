"""What the benchmarks share: flags, the machine, processes, runs of a lesson, tables."""

import argparse
import contextlib
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
    """Return the parsed flags; print the machine and the versions of what holds these modules.

    args.source: the flags that hand --data on to a lesson.
    """
    args, cpuinfo = parser.parse_args(), Path("/proc/cpuinfo")
    args.source = ["--data", args.data] if args.data else []
    packages = importlib.metadata.packages_distributions()
    if missing := [name for name in modules if name not in packages]:
        sys.exit(f"error: {', '.join(missing)} missing: see tests/benchmarks/requirements.txt")
    names = [packages[name][0] for name in modules]
    versions = [f"{name} {importlib.metadata.version(name)}" for name in names]
    text = cpuinfo.read_text() if cpuinfo.exists() else platform.processor()
    model = re.search(r"model name\s*: (.*)", text)
    print(f"{model[1] if model else text}, {os.cpu_count()} cores, {platform.system()};")
    print(f"Python {platform.python_version()}, {', '.join(versions)}.\n", flush=True)
    return args


def lesson(name):
    """Return the module of a lesson, "mlp" or "cnn"."""
    return importlib.import_module(f"{name}_mnist")


def load(source):
    """Return data.load(source), which prints which data it is."""
    import data

    splits = data.load(source)
    print(flush=True)
    return splits


def whole(splits):
    """Return the images and labels of training and validation together."""
    return [np.concatenate(pair) for pair in zip(*splits[:2], strict=True)]


def table(header, rows):
    """Print a Markdown table; columns whose header begins with a space are set to the right."""
    rule = ["---:" if title.startswith(" ") else "---" for title in header]
    for row in [[title.strip() for title in header], rule, *rows]:
        print(f"| {' | '.join(map(str, row))} |")
    print(flush=True)


def spread(values, digits=2):
    """Return "median (min - max)" of a list of numbers; of a single one, just that."""
    median = f"{statistics.median(values):,.{digits}f}"
    if len(values) == 1:
        return median
    return f"{median} ({min(values):,.{digits}f} - {max(values):,.{digits}f})"


def in_turn(repeats, candidates):
    """Return {label: results} of functions {label: f(turn)}, which are all called in each turn."""
    results = {label: [] for label in candidates}
    for turn in range(repeats):
        for label, measure in candidates.items():
            start = time.perf_counter()
            results[label].append(measure(turn))
            text = f"turn {turn + 1} of {repeats}, {label}: {time.perf_counter() - start:.1f} s"
            print(text, file=sys.stderr, flush=True)  # standard output is for the tables
    return results


def _set_up(candidate):
    global _measure
    _measure = candidate()


def _ask(steps):
    return _measure(steps)


def steps_in_turn(repeats, steps, candidates):
    """Return {label: results} of candidates that do so many training steps in each turn.

    candidates  {label: function that sets up a library, and returns measure(steps)}

    Each has a process of its own, kept alive, so that libraries with thread pools do not disturb
    each other: only the one that is asked works, on all cores, while the others wait.
    """
    with contextlib.ExitStack() as stack:
        asked = {}
        for label, candidate in candidates.items():
            process = ProcessPoolExecutor(1, SPAWN, _set_up, [candidate])
            stack.enter_context(process)
            process.submit(_ask, 10).result()  # to warm up
            asked[label] = lambda _, process=process: process.submit(_ask, steps).result()
        return in_turn(repeats, asked)


def run(command):
    """Run Python with a list of arguments; return its .output, .seconds and .peak_mb of memory.

    Not on Windows, which has no wait4.
    """
    environment, start = {**os.environ, "PYTHONPATH": str(ROOT)}, time.perf_counter()
    options = {"stdout": subprocess.PIPE, "text": True, "env": environment}
    with subprocess.Popen([sys.executable, *command], **options) as process:
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    if process.returncode:
        sys.exit(f"error: exit code {process.returncode} of: {' '.join(command)}\n{output}")
    kilobytes = usage.ru_maxrss / 1024 if sys.platform == "darwin" else usage.ru_maxrss
    return SimpleNamespace(output=output, seconds=seconds, peak_mb=kilobytes / 1024)


def run_lesson(name, flags):
    """Train with a lesson, "mlp" or "cnn", as its user does; return what run does, and more.

    These are the test .accuracy in per cent, and the seconds of all .epochs.
    """
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        result = run([str(ROOT / f"{name}_mnist.py"), "--out", str(out), *map(str, flags)])
        rows = csv.DictReader((out / "history.csv").read_text().splitlines())
        result.epochs = [float(row["seconds"]) for row in rows]
    result.accuracy = float(re.search(r"test accuracy (.+?)%", result.output)[1])
    return result
