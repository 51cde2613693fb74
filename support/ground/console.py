"""What stands between a lesson and the person at the terminal: signals, exit codes, one line."""

import contextlib
import errno
import os
import re
import signal
import sys
import threading
from pathlib import Path

from support.ground.errors import DataError, OutputError, complain
from support.ground.files import reported

SIGNALS = {getattr(signal, name, None) for name in ("SIGINT", "SIGTERM", "SIGHUP")} - {None}


# What Python, its imports, its threads and TensorFlow say then.
SHORT_OF_MEMORY = "MemoryError|OSError|SystemError|RuntimeError: can't start|ResourceExh.*OOM"
SHORT_OF_MEMORY += "|ImportError: .* failed to map segment"


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, or another signal that asks for the end: SIGTERM, or SIGHUP of a closed terminal."""

    def __init__(self, signum, *_):
        super().__init__(signum)
        self.exit_code = 128 + signum


class Signals:
    """A context in which a signal is noted, and looked at only where check() is called.

    Python would raise KeyboardInterrupt anywhere, within session.run too, and TensorFlow's C++
    code does not survive every such place. Leaving the context looks once more. Outside the main
    thread, where Python hands out no signals, this does nothing.
    """

    def __enter__(self):
        self.noted, self.before = None, {}
        if threading.current_thread() is threading.main_thread():
            for signum in SIGNALS:
                if signal.getsignal(signum) != signal.SIG_IGN:  # as nohup wants it
                    self.before[signum] = signal.signal(signum, self._note)
        return self

    def _note(self, signum, frame):
        self.noted = signum

    def check(self):
        """Raise Interrupted if there was a signal."""
        if self.noted:
            raise Interrupted(self.noted)

    def __exit__(self, kind, *_):
        for signum, handler in self.before.items():
            signal.signal(signum, handler)
        if kind is None:
            self.check()


def run(main):
    """Run a lesson's `main` as a command, and exit.

    Exit codes: 2 arguments, 3 input, 4 download, 5 checkpoint or output folder, 130 Ctrl-C,
    143 SIGTERM, 129 SIGHUP. Every error is one line on standard error.
    """
    sys.exit(exit_code(main))


def exit_code(main):
    """Call `main` and return the exit code, as run() describes it."""
    _mend_standard_streams()
    before = {signum: signal.getsignal(signum) for signum in SIGNALS}
    for signum in SIGNALS:
        if before[signum] != signal.SIG_IGN:
            signal.signal(signum, _raise)
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
    except KeyboardInterrupt as stop:
        return getattr(stop, "exit_code", 128 + signal.SIGINT)
    except Exception as error:
        if isinstance(error, OSError) and error.errno != errno.ENOMEM:
            return _of_system(error)
        if re.match(SHORT_OF_MEMORY, f"{type(error).__name__}: {error}"):
            complain("error", "not enough memory (try a smaller --batch-size)")
            return DataError.exit_code
        if not type(error).__module__.startswith("tensorflow"):
            raise  # a bug of our own, which should show its traceback
        complain("error", _of_tensorflow(str(error)))
        return OutputError.exit_code
    finally:
        _discard_what_cannot_be_written(sys.stderr)
        # A notebook, or `python -i`, lives on. Else Python ends here, which a second Ctrl-C must
        # not turn into an abort.
        lives_on = hasattr(sys, "ps1") or sys.flags.interactive
        for signum, handler in before.items():
            signal.signal(signum, handler if lives_on else signal.SIG_IGN)


def _raise(signum, frame):
    raise Interrupted(signum)


def _discard_what_cannot_be_written(stream, probe=""):
    """Return whether there is something; after that, Python's flush at its exit has no fault."""
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
