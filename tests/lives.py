"""Trainings as processes of their own, quickly: forked from one that has imported TensorFlow.

A start would otherwise take seconds.
"""

import fnmatch
import multiprocessing
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import permissions
from trainings import LESSONS, ROOT

from support import console
from support.tensorflow1 import tf

KILLED = -signal.SIGKILL
# The process that forks has imported these, and has no session: its threads would be missing in
# the forks.
FORKS = multiprocessing.get_context("forkserver")
PRELOADED = ["tensorflow.compat.v1", "sklearn.metrics", "sklearn.model_selection", "tqdm"]
PRELOADED += ["matplotlib.backends.backend_agg", "matplotlib.colors", "matplotlib.style"]
PRELOADED += ["filelock", "requests", "PIL.PngImagePlugin", "pytest"]
FORKS.set_forkserver_preload(PRELOADED)


class Life:
    """A process of a lesson: `output` and `errors` so far, and `code`, None until it has ended."""

    def __init__(self, folder, lesson, flags, hook):
        self.files = folder / "output", folder / "errors"
        pipes = [FORKS.Pipe(duplex=False) for _ in self.files]
        args = [lesson.__name__, list(map(str, flags)), hook, *(writing for _, writing in pipes)]
        self.process = FORKS.Process(target=live, args=args)
        self.process.start()
        self.cats = []
        # Pipes, and not the files themselves: of a full disk, a life shall still tell.
        for (reading, writing), file in zip(pipes, self.files, strict=True):
            with reading, writing, file.open("wb") as stream:
                self.cats.append(subprocess.Popen(["cat"], stdin=reading, stdout=stream))

    output = property(lambda self: self.files[0].read_text())
    errors = property(lambda self: self.files[1].read_text())
    code = property(lambda self: self.process.exitcode if self.ended else None)

    @property
    def ended(self):
        """Whether it has ended, and all that it said is in the files."""
        running = [self.process.exitcode, *(cat.poll() for cat in self.cats)]
        return None not in running

    def until(self, condition=lambda: False, seconds=120):
        """Wait until `condition()`, or until the end. Return whether it was met."""
        deadline = time.monotonic() + seconds
        while not (met := condition()) and not self.ended:
            assert time.monotonic() < deadline, (self.output, self.errors)
            time.sleep(0.002)
        return met

    def signal(self, number):
        if not self.ended:
            os.kill(self.process.pid, number)

    def announced(self):
        """Return the last epoch that it said was done."""
        epochs = re.findall(r"^epoch (\d+)/\d+: .*\n", self.output, re.M)
        return int(epochs[-1]) if epochs else 0

    def resumed(self):
        """Return the epoch after which it said to go on."""
        found = re.search(r": resumed after epoch (\d+)\n", self.output)
        return int(found[1]) if found else None


def live(name, flags, hook, output, errors):
    """Be a life, in a process of its own."""
    # Also where this was started in the background, which makes a process deaf to Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, pipe in enumerate((output, errors), 1):
        os.dup2(pipe.fileno(), number)
        pipe.close()
    sys.stdout, sys.stderr = open(1, "w"), open(2, "w", buffering=1)  # noqa: SIM115
    os.chdir(ROOT)
    if hook:
        hook()
    sys.argv = [f"{name}.py", *flags]
    console.run(next(lesson for lesson in LESSONS if lesson.__name__ == name).main)


# Hooks: what a life shall do or suffer at one of its calls that change files.


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
    """Write the kinds of the calls to the file `log`, a line for each."""

    def note(kind, moment):
        if moment == "before":
            with Path(log).open("a") as file:
                file.write(f"{kind}\n")

    on_calls(note)


def on_call(kind, moment, occurrence, action, *args):
    """Do a thing right before or after one call; after `occurrence` others of its kind."""
    left = iter(range(occurrence))

    def act(*found):
        if fnmatch.fnmatch(found[0], kind) and found[1] == moment and next(left, None) is None:
            action(*args)

    on_calls(act)


def die():
    """Be killed."""
    os.kill(os.getpid(), signal.SIGKILL)


def allow(size):
    """Let no file grow beyond `size` bytes: to a program it is as if the disk were full there."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def read_only(folder, *call):
    """Let nobody write in `folder`, now or at a call; and be bound by permissions."""
    permissions.bind()
    on_call(*call, read_only, folder) if call else Path(folder).chmod(0o555)
