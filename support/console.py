"""What stands between a lesson and the person at the terminal: progress, tables, errors."""

import math
import os
import re
import signal
import sys

from data.errors import DataError, OutputError


def announce(network, variables):
    """Print what the network is, and how many numbers it learns."""
    parameters = sum(math.prod(variable.shape) for variable in variables)
    print(f"network: {network}, {parameters:,} parameters")


def progress(batches, label):
    """Iterate over a list, with a progress bar on standard error if that is a terminal."""
    from tqdm import tqdm  # here: --help has no use for it

    return tqdm(batches, desc=label, unit="batch", leave=False, disable=None)


def print_report(labels, digits):
    """Print precision, recall and F1 of each class: true labels and answers, both int [N]."""
    from sklearn.metrics import classification_report  # here: it takes a second to import

    print(classification_report(labels, digits, digits=4, zero_division=0))


class Terminated(KeyboardInterrupt):
    """SIGTERM, which is to end a training just as Ctrl-C does."""


def _terminate(signum, frame):
    raise Terminated


def run(main):
    """Run a lesson's `main` as a command and return its exit code.

    2 arguments (by argparse itself), 3 input, 4 download, 5 checkpoint or output folder,
    130 Ctrl-C, 143 SIGTERM. Every error is one line on standard error.
    """
    signal.signal(signal.SIGTERM, _terminate)
    # A line is shown at once in `| tee log`, too, and any file name can be printed.
    sys.stdout.reconfigure(line_buffering=True, errors="backslashreplace")
    try:
        main()
        sys.stdout.flush()
    except DataError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except Terminated:
        return 128 + signal.SIGTERM
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except MemoryError:
        print("error: not enough memory (try a smaller --batch-size)", file=sys.stderr)
        return 3
    except Exception as error:
        if isinstance(error, OSError) and error.filename is None:
            # Standard output. Nothing can be written to it, not even by Python's flush at exit.
            nothing = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nothing, sys.stdout.fileno())
            if isinstance(error, BrokenPipeError):  # whoever read it has left (`| head`)
                return 128 + 13
            try:
                print(f"error: {OutputError('standard output', error.strerror)}", file=sys.stderr)
            except OSError:  # the same file
                os.dup2(nothing, sys.stderr.fileno())
        elif type(error).__module__.startswith("tensorflow"):
            print(f"error: {_of_tensorflow(str(error))}", file=sys.stderr)
        else:  # a bug of our own, which should show its traceback
            raise
        return OutputError.exit_code
    return 0


def _of_tensorflow(message):
    """Return what TensorFlow says about a file, such as a checkpoint on a full disk, our way."""
    # "Graph execution error: ... Node: 'save/SaveV2'\n" and only then what happened.
    found = re.search(r"^Node: .*\n(.+)$", message, re.M)
    text = found[1] if found else message.partition("\n")[0]
    file, mark, problem = text.rpartition("; ")  # "FILE; No space left on device"
    file = re.sub(r"\.tempstate[0-9]+$", "", file)
    return OutputError(file, problem) if mark else OutputError("TensorFlow", text)
