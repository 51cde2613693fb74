"""Trainings as processes of their own, quickly: forked from one that has imported TensorFlow.

A start would otherwise take seconds. Run as a script, this file is the process that forks.
"""

import fnmatch
import importlib
import json
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
from trainings import LESSONS

from support import console
from support.tensorflow1 import tf

KILLED = -signal.SIGKILL
PRELOADED = ["tensorflow.compat.v1", "sklearn.metrics", "sklearn.model_selection", "tqdm"]
PRELOADED += ["matplotlib.backends.backend_agg", "matplotlib.colors", "matplotlib.style"]
PRELOADED += ["filelock", "requests", "PIL.PngImagePlugin"]


class Life:
    """A process of a lesson: `output` and `errors` so far, and `code`, None until it has ended."""

    def __init__(self, server, folder, lesson, flags, hook):
        self.folder = folder
        message = [str(folder), lesson.__name__, list(map(str, flags)), hook]
        server.stdin.write(json.dumps(message) + "\n")
        server.stdin.flush()
        self.until(lambda: self._read("pid"))
        self.pid = int(self._read("pid"))

    def _read(self, name):
        path = self.folder / name
        return path.read_text() if path.exists() else ""

    output = property(lambda self: self._read("output"))
    errors = property(lambda self: self._read("errors"))
    code = property(lambda self: int(self._read("code") or -1000) if self.ended else None)
    ended = property(lambda self: self._read("code").endswith("\n"))

    def until(self, condition=lambda: False, seconds=120):
        """Wait until `condition()`, or until the end. Return whether it was met."""
        deadline = time.monotonic() + seconds
        while not (met := condition()) and not self.ended:
            assert time.monotonic() < deadline, (self.output, self.errors)
            time.sleep(0.002)
        return met

    def signal(self, number):
        if not self.ended:
            os.kill(self.pid, number)

    def announced(self):
        """Return the last epoch that it said was done."""
        epochs = re.findall(r"^epoch (\d+)/\d+: .*\n", self.output, re.M)
        return int(epochs[-1]) if epochs else 0

    def resumed(self):
        """Return the epoch after which it said to go on."""
        found = re.search(r": resumed after epoch (\d+)\n", self.output)
        return int(found[1]) if found else None


def serve():
    """Fork a life for each line of standard input: [folder, lesson, flags, hook]."""
    for name in PRELOADED:  # and no session: its threads would be missing in the forks
        importlib.import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the forks below
    while (line := sys.stdin.readline()) and os.fork():
        pass
    if not line:
        return
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    folder, name, flags, hook = json.loads(line)
    # Pipes, and not the files themselves: of a full disk, a life shall still tell.
    files = [Path(folder, stream).open("wb") for stream in ("output", "errors")]  # noqa: SIM115
    cats = [subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=file) for file in files]
    if pid := os.fork():
        Path(folder, "pid").write_text(str(pid))
        for cat in cats:
            cat.stdin.close()
        status = os.waitpid(pid, 0)[1]
        for cat in cats:
            cat.wait()
        Path(folder, "code").write_text(f"{os.waitstatus_to_exitcode(status)}\n")
        os._exit(0)
    # Also where this was started in the background, which makes a process deaf to Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, cat in enumerate(cats, 1):
        os.dup2(cat.stdin.fileno(), number)
    sys.stdout, sys.stderr = open(1, "w"), open(2, "w", buffering=1)  # noqa: SIM115
    if hook:
        globals()[hook[0]](*hook[1:])
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
            globals()[action](*args)

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
    on_call(*call, "read_only", folder) if call else Path(folder).chmod(0o555)


if __name__ == "__main__":
    serve()
