"""What the benchmarks share: flags, machine, workers asked in turn, runs of a lesson, tables."""

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
from pathlib import Path
from types import SimpleNamespace

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
    """Return an ArgumentParser with --data, --lesson, and --repeats if it has a default."""
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


def lesson(name):
    """Return the module of a lesson, "mlp" or "cnn"."""
    return importlib.import_module(LESSONS[name])


def installed(module):
    """Return "name version" of what a module was installed from, or None; nothing is imported."""
    names = importlib.metadata.packages_distributions().get(module)
    return f"{names[0]} {importlib.metadata.version(names[0])}" if names else None


def begin(parser, *modules):
    """Return the parsed flags; print the machine and the modules that are installed."""
    args, cpuinfo = parser.parse_args(), Path("/proc/cpuinfo")
    text = cpuinfo.read_text() if cpuinfo.exists() else platform.processor()
    model = re.search(r"model name\s*: (.*)", text)
    versions = [installed(name) or f"{name} is not installed" for name in modules]
    print(f"{model[1] if model else text}, {os.cpu_count()} cores, {platform.system()};")
    print(f"Python {platform.python_version()}, {', '.join(versions)}.\n", flush=True)
    if ONE_THREAD:
        print("Each candidate has one thread; seconds are CPU time.\n", flush=True)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0
    if load > 0.5:
        note(f"warning: this machine is busy (load average {load:.1f}): all will be slower")
    return args


def load(source):
    """Return data.load(source), which prints which data it is."""
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


def in_turn(repeats, candidates):
    """Return {label: results} of functions {label: f(turn)}, which are all called in each turn."""
    results = {label: [] for label in candidates}
    for turn in range(repeats):
        for label, measure in candidates.items():
            start = time.perf_counter()
            results[label].append(measure(turn))
            note(f"turn {turn + 1} of {repeats}, {label}: {time.perf_counter() - start:.1f} s")
    return results


def _serve(work, connection, arguments, options):
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # the tables alone go to standard output
    work(connection, *arguments, **options)


def answer(connection, about, function):
    """Send that this process is ready, then function(request) for each request, until None."""
    connection.send(about)
    for request in iter(connection.recv, None):
        connection.send(function(request))


class Worker:
    """A process of its own, kept alive, that runs `work(connection, *arguments, **options)`.

    So libraries with thread pools do not disturb each other: only the one that is asked works, on
    all cores, while the others wait at their pipes, in `answer`.
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


@contextlib.contextmanager
def asked(workers):
    """Yield a function from a request to candidates for in_turn; end the workers {label: Worker}.

    Each has answered a request of 10 steps, to warm up.
    """
    for worker in workers.values():
        worker.ask(10)
    yield lambda request: {
        label: lambda _, worker=worker: worker.ask(request) for label, worker in workers.items()
    }
    for worker in workers.values():
        worker.close()


def run(command):
    """Run Python with a list of arguments; return its .output, .seconds and .peak_mb of memory.

    Not on Windows, which has no wait4.
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryFile("w+") as output:
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
    return SimpleNamespace(output=text, seconds=seconds, peak_mb=kilobytes / 1024)


def run_lesson(name, flags):
    """Train with a lesson, "mlp" or "cnn", as its user does; return what run does, and more.

    These are the test .accuracy in per cent, and the seconds of all .epochs.
    """
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        lesson = str(ROOT / f"{LESSONS[name]}.py")
        result = run([lesson, "--out", str(out), *map(str, flags)])
        rows = csv.DictReader((out / "history.csv").read_text().splitlines())
        result.epochs = [float(row["seconds"]) for row in rows]
    result.accuracy = float(result.output.rpartition("test accuracy ")[2].partition("%")[0])
    return result


def keras():
    """Return Keras, with TensorFlow imported before it, and so without TensorFlow's messages."""
    from support.tensorflow1 import tf

    assert tf.Session
    return importlib.import_module("keras")


def whole(splits):
    """Return the images and labels of training and validation together."""
    import numpy as np

    return [np.concatenate(pair) for pair in zip(*splits[:2], strict=True)]


def source(args):
    """Return the flags that hand the benchmark's --data on to a lesson."""
    return ["--data", args.data] if args.data else []
