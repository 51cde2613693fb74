"""What stands between a lesson and the person at the terminal: exit codes, one line."""

import contextlib
import errno
import os
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from support.ground.errors import DataError, OutputError, complain
from support.ground.files import reported
from support.ground.signals import SIGNALS, Interrupted

# What Python, its imports, its threads and TensorFlow say when the system refuses memory.
SHORT_OF_MEMORY = (
    "MemoryError",
    "OSError",  # ENOMEM; all others are told apart before
    "SystemError: .*(NULL|error return) without",
    "RuntimeError: can't start",
    "ResourceExh.*OOM",
    "ImportError: .*failed to map segment",
)


def in_cell() -> bool:
    """Return whether we are called from a notebook cell, where sys.argv is the kernel's."""
    return "ipykernel" in sys.modules and not hasattr(sys.modules["__main__"], "__file__")


def run(main: Callable[[], Any]) -> None:
    """Run a lesson's `main` as a command, and exit; in a notebook's cell, only call it.

    Exit codes: 2 arguments, 3 input, 4 download, 5 checkpoint or output folder, 130 Ctrl-C,
    143 SIGTERM, 129 SIGHUP. Every error is one line on standard error.
    """
    if in_cell():
        main()
    else:
        sys.exit(exit_code(main))


def exit_code(main: Callable[[], Any]) -> int:
    """Call `main` and return the exit code, as run() describes it."""
    _mend_standard_streams()
    before = {signum: signal.getsignal(signum) for signum in SIGNALS}
    for signum in SIGNALS:
        if before[signum] != signal.SIG_IGN:
            signal.signal(signum, _raise)
    try:
        return _answered(main)
    except KeyboardInterrupt as stop:  # also while another error was answered
        return getattr(stop, "exit_code", 128 + signal.SIGINT)
    finally:
        _discard_what_cannot_be_written(sys.stderr)
        # A notebook, or `python -i`, lives on. Otherwise Python ends here, and a second Ctrl-C must
        # not turn that into an abort.
        lives_on = hasattr(sys, "ps1") or sys.flags.interactive
        for signum, handler in before.items():
            signal.signal(signum, handler if lives_on else signal.SIG_IGN)


def _answered(main):
    """Call `main`; answer an error with a line; return the exit code."""
    try:
        with reported("working directory"):
            Path.cwd()
        try:
            main()
        finally:
            sys.stdout.flush()  # an error at Python's own exit would come too late for a line
        return 0
    except DataError as error:
        complain("error", error)
        return error.exit_code
    except Exception as error:
        if isinstance(error, OSError) and error.errno != errno.ENOMEM:
            return _of_system(error)
        if re.match("|".join(SHORT_OF_MEMORY), f"{type(error).__name__}: {error}"):
            complain("error", "not enough memory (when training, try a smaller --batch-size)")
            return DataError.exit_code
        if not type(error).__module__.startswith("tensorflow"):
            raise  # a bug of our own, which should show its traceback
        complain("error", _of_tensorflow(str(error)))
        return OutputError.exit_code


def _raise(signum, frame):
    """Raise Interrupted, once: who presses Ctrl-C again shall not interrupt the way out."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise Interrupted(signum)


def _discard_what_cannot_be_written(stream, probe=""):
    """Discard unwritable output, so that Python's exit flush cannot fail.

    Returns whether there was any.
    """
    try:
        print(end=probe, file=stream, flush=True)
        return False
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        return True


def _mend_standard_streams():
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        try:
            os.fstat(number)
        except OSError:  # closed, as by `>&-`: the next file that is opened would take its number
            os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, open(number, mode, closefd=False))  # noqa: SIM115
    with contextlib.suppress(AttributeError):  # a notebook's standard output
        # A line is shown at once in `| tee log`, too, and any file name can be printed.
        sys.stdout.reconfigure(line_buffering=True, errors="backslashreplace")


def _of_system(error):
    """Report an OSError that nobody translated; returns the exit code."""
    if error.filename is None and _discard_what_cannot_be_written(sys.stdout, "\n"):
        if isinstance(error, BrokenPipeError):  # whoever read it has left (`| head`)
            return 128 + 13
        error.filename = "standard output"
    complain("error", f"{error.filename or 'system'}: {error.strerror or error}")
    return OutputError.exit_code


def _of_tensorflow(message):
    """Return what TensorFlow says, in the line `FILE; No space left on device`, in our form."""
    lines = [line for line in message.splitlines() if "; " in line] or message.splitlines()
    file, _, problem = lines[0].rpartition("; ")
    return f"{file or 'TensorFlow'}: {problem}"
