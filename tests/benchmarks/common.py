"""What the benchmarks share: flags, machine, workers asked in turn, runs of a lesson, tables."""

import argparse
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
    sys.path.insert(0, str(ROOT))  # for the lessons, data/ and support/

# On a busy machine: BENCHMARK_ONE_THREAD=1 gives each candidate one thread, and counts the seconds
# of computation (CPU time), which do not grow while other programs have their turn.
ONE_THREAD = os.environ.get("BENCHMARK_ONE_THREAD") == "1"
THREADS = ["OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"]
if ONE_THREAD:
    os.environ.update(dict.fromkeys(THREADS, "1"))
clock = time.process_time if ONE_THREAD else time.perf_counter

LESSONS = {"mlp": "mlp_mnist", "cnn": "cnn_mnist"}


def parser(doc, repeats=None, lesson=True):
    """Return an ArgumentParser with --data, --lesson and --repeats; `doc`: the module's docstring.

    repeats  the default of --repeats; None: without that flag
    """
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=doc, formatter_class=form)
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


def distribution(module):
    """Return "name version" of what an importable module was installed from; None: not installed.

    The module is not imported.
    """
    names = importlib.metadata.packages_distributions().get(module)
    return f"{names[0]} {importlib.metadata.version(names[0])}" if names else None


def print_machine(*modules):
    """Print processor, cores and versions; name the modules that are not installed."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    versions = [distribution(name) or f"{name} is not installed" for name in modules]
    print(f"{[*models, platform.processor()][0]}, {os.cpu_count()} cores, {platform.system()};")
    print(f"Python {platform.python_version()}, {', '.join(versions)}.\n", flush=True)
    if ONE_THREAD:
        print("Each candidate has one thread; seconds are CPU time.\n", flush=True)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0
    if load > 0.5:
        note(f"warning: this machine is busy (load average {load:.1f}): all will be slower")


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


def _serve(work, connection, arguments, options):
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # the tables alone go to standard output
    work(connection, *arguments, **options)


class Worker:
    """A process of its own, kept alive, that runs `work(connection, *arguments, **options)`.

    `work` sends that it is ready, then an answer to each request, until it receives None. So
    libraries with thread pools do not disturb each other: only the one that is asked works, on all
    cores, while the others wait at their pipes.
    """

    def __init__(self, work, *arguments, **options):
        spawn = multiprocessing.get_context("spawn")
        self._connection, theirs = spawn.Pipe()
        task = (work, theirs, arguments, options)
        self._process = spawn.Process(target=_serve, args=task, daemon=True)
        self._process.start()
        theirs.close()
        self.name = work.__name__
        self.about = self._receive()  # what it sent when it was ready

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
    """Run Python with a list of arguments, and measure it. Not on Windows, which has no wait4."""
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
    """Train with a lesson, "mlp" or "cnn", as its user does, with these flags and its own --out."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        lesson = str(ROOT / f"{LESSONS[name]}.py")
        result = run([lesson, "--out", str(out), *map(str, flags)])
        with (out / "history.csv").open() as file:
            rows = [{k: float(v) for k, v in row.items()} for row in csv.DictReader(file)]
    return result._replace(epochs=rows)


def test_accuracy(output):
    """Return the test accuracy in per cent that a lesson printed."""
    return float(output.rpartition("test accuracy ")[2].partition("%")[0])


def source(args):
    """Return the flags that hand the benchmark's --data on to a lesson."""
    return ["--data", args.data] if args.data else []
