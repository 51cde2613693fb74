"""Processes that begin quickly: forked from one that has imported TensorFlow."""

import contextlib
import importlib
import multiprocessing
import os
import re
import resource
import runpy
import shutil
import signal
import sys
import time
from pathlib import Path

import permissions
import pytest
from trainings import ROOT

from support import ground
from support.ground import tf

KILLED = -signal.SIGKILL
# What the process that forks has imported. It has no session, whose threads would not be forked.
PRELOADED = """tensorflow.compat.v1 sklearn.metrics sklearn.model_selection tqdm matplotlib.pyplot
matplotlib.backends.backend_agg PIL.PngImagePlugin scipy.ndimage filelock requests pytest"""
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(PRELOADED.split())


class Fork(FORKS.Process):
    """A process that makes a call; `output` and `errors`: what it has said so far."""

    def __init__(self, call, *args):
        super().__init__(target=call, args=args)
        # Pipes, and not files: of a full disk, it shall still tell. They hold all that it says.
        self.pipes, self.said = [FORKS.Pipe(duplex=False) for _ in range(2)], [b"", b""]
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TF_USE_LEGACY_KERAS", "1")  # for the process that forks: without Keras
            self.start()
        for reading, writing in self.pipes:
            os.set_blocking(reading.fileno(), False)
            writing.close()

    def run(self):
        """Make the call, in a process of its own."""
        for number, (_, writing) in enumerate(self.pipes, 1):
            os.dup2(writing.fileno(), number)
        sys.stdout, sys.stderr = open(1, "w"), open(2, "w", buffering=1)  # noqa: SIM115
        os.chdir(ROOT)
        super().run()

    def read(self, number):
        with contextlib.suppress(BlockingIOError):
            while piece := os.read(self.pipes[number][0].fileno(), 2**16):
                self.said[number] += piece
        return self.said[number].decode()

    output = property(lambda self: self.read(0))
    errors = property(lambda self: self.read(1))

    def end(self):
        """Wait for its end; return its exit code and what it said on standard error."""
        self.join()
        return self.exitcode, self.errors


class Life(Fork):
    """A process of a lesson, "mlp_mnist", after a hook."""

    def __init__(self, lesson, flags, hook):
        self.flags = [*map(str, flags)]
        super().__init__(live, lesson, self.flags, hook)

    def until(self, epoch):
        """Wait until it has announced an epoch, or has tested; or until its end."""
        while self.exitcode is None and self.announced() < epoch:
            if "\ntest accuracy" in self.output:
                break
            time.sleep(0.002)

    def announced(self):
        """Return the last epoch that it said was done, or 0."""
        return int([0, *re.findall(r"^epoch (\d+)/\d+: .*\n", self.output, re.M)][-1])

    def resumed(self):
        """Return the epoch after which it said to go on."""
        found = re.search(r": resumed after epoch (\d+)\n", self.output)
        return int(found[1]) if found else None


def live(lesson, flags, hook):
    """Be a life, from the hook to the exit."""
    hook()
    sys.argv = [f"{lesson}.py", *flags]
    ground.run(importlib.import_module(lesson).main)


def begin(here, words, mirrors, megabytes, largest_file, bound):
    """Be `python words` in the folder `here`, with that folder's modules, and within limits."""
    for name in [*sys.modules]:
        if name.partition(".")[0] in ("data", "support", "mlp_mnist", "cnn_mnist", "tensorflow"):
            del sys.modules[name]
    os.environ["MNIST_MIRRORS"] = mirrors
    os.chdir(here)
    sys.path[:0] = [str(here / "stubs"), str(here)]
    if bound:
        permissions.bind()
    allow(largest_file)
    (kilobytes,) = re.findall(r"VmData:\s+(\d+) kB", Path("/proc/self/status").read_text())
    # What the system refuses to give cannot slow this machine down.
    resource.setrlimit(resource.RLIMIT_DATA, (int(kilobytes) * 2**10 + megabytes * 2**20,) * 2)
    sys.argv = words[1:] if words[0] == "-m" else words
    run = runpy.run_module if words[0] == "-m" else runpy.run_path
    run(sys.argv[0], run_name="__main__")


# Hooks: what a life shall do or suffer at its calls that change files.


def on_calls(act):
    """Let act(kind, moment) be called before and after each call that changes files."""
    from filelock import FileLock
    from tensorflow.python.lib.io import _pywrap_file_io as of_tensorflow

    def watched(name, original):
        def call(*args, **kwargs):
            paths = [arg for arg in args if isinstance(arg, str | bytes | os.PathLike)]
            kind = " ".join([name, *(Path(os.fsdecode(path)).name for path in paths[-1:])])
            kind = re.sub(r"[0-9]+|[a-z]+(?=[.]png)", "N", kind)
            act(kind, "before")
            value = original(*args, **kwargs)
            act(kind, "after")
            return value

        return call

    calls = [(os, name) for name in ("mkdir", "rename", "replace", "fsync")]
    calls += [(of_tensorflow, name) for name in ("RenameFile", "DeleteFile")]
    calls += [(tf.train.Saver, "save"), (shutil, "rmtree"), (FileLock, "acquire")]
    for owner, name in calls:
        setattr(owner, name, watched(name, getattr(owner, name)))


def note_calls(log):
    """Write the kinds of the calls to the file `log`, a line for each moment."""

    def note(kind, moment):
        with log.open("a") as file:
            print(kind, file=file)

    on_calls(note)


def on_call(kind, moment, action, *args):
    """Do a thing right before or after each call of a kind."""
    on_calls(lambda *found: found == (kind, moment) and action(*args))


def die():
    """Be killed."""
    os.kill(os.getpid(), signal.SIGKILL)


def allow(size):
    """Let no file grow beyond `size` bytes: to a program it is as if the disk were full there."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
