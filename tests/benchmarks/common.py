"""What the benchmarks share: flags, machine, workers asked in turn, runs of a lesson, tables."""

import argparse
import contextlib
import csv
import importlib.metadata
import multiprocessing
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))  # for the lessons and data/

LESSONS = {"mlp": "mlp_mnist", "cnn": "cnn_mnist"}
REQUIREMENTS = "tests/benchmarks/requirements.txt"
DISTRIBUTIONS = {  # a package, and the names under which it is distributed
    "TensorFlow": ["tensorflow", "tensorflow-cpu"],
    "Keras": ["keras"],
    "PyTorch": ["torch"],
    "scikit-learn": ["scikit-learn"],
    "NumPy": ["numpy"],
}


def parser(doc, repeats=None, lesson=True):
    """Return an ArgumentParser with --data, --lesson and --repeats; `doc`: the module's docstring.

    repeats  the default of --repeats; None: without that flag
    """
    parser = argparse.ArgumentParser(
        description=doc, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", metavar="SOURCE", help="as in the lessons")
    if lesson:
        parser.add_argument("--lesson", choices=[*LESSONS, "both"], default="both", help="[both]")
    if repeats:
        text = f"how often everything is measured, in turn [{repeats}]"
        parser.add_argument("--repeats", type=int, default=repeats, metavar="N", help=text)
    return parser


def lessons(args):
    """Return the keys of LESSONS that the flag --lesson chooses."""
    return list(LESSONS) if args.lesson == "both" else [args.lesson]


def version(package):
    """Return the installed version of one of DISTRIBUTIONS, without importing it; None: absent."""
    for name in DISTRIBUTIONS[package]:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            return importlib.metadata.version(name)
    return None


def cpu():
    """Return the name of the processor."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def print_machine(*packages):
    """Print processor, cores and versions; name the packages that are not installed."""
    versions = [f"{name} {version(name)}" for name in packages if version(name)]
    versions.insert(0, f"Python {platform.python_version()}")
    print(f"{cpu()}, {os.cpu_count()} cores, {platform.system()}; {', '.join(versions)}.\n")
    for name in packages:
        if not version(name):
            missing = DISTRIBUTIONS[name][0]
            print(f"{missing}: not installed, pip install -r {REQUIREMENTS}\n")
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0
    if load > 0.5:
        note(f"warning: this machine is busy (load average {load:.1f}): all will be slower")
    sys.stdout.flush()


def load(source):
    """Return data.load(source), which prints which data it is; a fault in it ends the benchmark."""
    import data

    try:
        splits = data.load(source)
    except data.DataError as error:
        sys.exit(f"error: {error}")
    print(flush=True)
    return splits


def note(text):
    """Say on standard error how far the benchmark is; standard output is for the tables."""
    print(text, file=sys.stderr, flush=True)


def table(header, rows):
    """Print a Markdown table; columns whose header begins with a space are set to the right."""
    right = [title.startswith(" ") for title in header]
    rows = [[title.strip() for title in header], *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(header))]
    for number, row in enumerate(rows):
        cells = [
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(row, widths, right, strict=True)
        ]
        print(f"| {' | '.join(cells)} |")
        if number == 0:
            lines = ["-" * (w - r) + ":" * r for w, r in zip(widths, right, strict=True)]
            print(f"| {' | '.join(lines)} |")
    print(flush=True)


def spread(values, digits=2):
    """Return "median (min - max)" of a list of numbers; of a single one, just that."""
    median = f"{statistics.median(values):,.{digits}f}"
    if len(values) == 1:
        return median
    return f"{median} ({min(values):,.{digits}f} - {max(values):,.{digits}f})"


class Channel:
    """A worker's end of the pipe: it answers that it is ready, then every request."""

    def __init__(self, connection):
        self._connection = connection

    def requests(self):
        """Iterate over what is asked, until the benchmark has no more questions."""
        while (request := self._connection.recv()) is not None:
            yield request

    def answer(self, value):
        """Send the answer to the request."""
        self._connection.send(value)


def _serve(work, connection, arguments, options):
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # the tables alone go to standard output
    work(Channel(connection), *arguments, **options)


class Worker:
    """A process of its own, kept alive, that runs `work(channel, *arguments, **options)`.

    So libraries with thread pools do not disturb each other: only the one that is asked works, on
    all cores, while the others wait at their pipes.
    """

    def __init__(self, work, *arguments, **options):
        spawn = multiprocessing.get_context("spawn")
        self._connection, theirs = spawn.Pipe()
        task = (work, theirs, arguments, options)
        self._process = spawn.Process(target=_serve, args=task, daemon=True)
        self._process.start()
        theirs.close()
        self.name = work.__name__
        self.about = self._receive()  # its first answer: it is ready

    def _receive(self):
        try:
            return self._connection.recv()
        except EOFError:
            sys.exit(f"error: the process for {self.name} has ended; its message is above")

    def ask(self, request):
        """Return the worker's answer to a request."""
        self._connection.send(request)
        return self._receive()

    def close(self):
        """Let the process end."""
        self._connection.send(None)
        self._process.join()


class Result(NamedTuple):
    """What a finished process leaves."""

    output: str  # its standard output
    seconds: float  # wall clock, all in all
    peak_mb: float  # the most memory that it had at a time
    epochs: list  # of a lesson: the rows of history.csv, as dicts of float


def run(command):
    """Run a command to its end and measure it. Not on Windows, which has no wait4."""
    with tempfile.TemporaryFile("w+") as output:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        start = time.perf_counter()
        process = subprocess.Popen([sys.executable, *command], stdout=output, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read()
    if process.returncode:
        sys.exit(f"error: exit code {process.returncode} of: {' '.join(command)}\n{text}")
    kilobytes = usage.ru_maxrss / 1024 if sys.platform == "darwin" else usage.ru_maxrss
    return Result(text, seconds, kilobytes / 1024, [])


def run_lesson(name, flags):
    """Run a lesson, "mlp" or "cnn", as its user does, with these flags; --out is temporary."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        flags = [str(flag) for flag in flags]
        result = run([str(ROOT / f"{LESSONS[name]}.py"), "--out", str(out), *flags])
        with (out / "history.csv").open() as file:
            rows = [{k: float(v) for k, v in row.items()} for row in csv.DictReader(file)]
    return result._replace(epochs=rows)


def source(args):
    """Return the flags that hand the benchmark's --data on to a lesson."""
    return ["--data", args.data] if args.data else []
