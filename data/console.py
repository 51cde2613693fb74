"""What stands between a lesson and the person at the terminal: progress, tables, errors."""

import math
import os
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
    except BrokenPipeError:
        # Whoever read our output has left (`| head`). Nothing can be written any more, not even
        # by Python's own flush at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + 13
    except Exception as error:
        # For example a full disk while a checkpoint is written. Anything of our own is a bug,
        # which should show its traceback.
        if not type(error).__module__.startswith("tensorflow"):
            raise
        print(f"error: TensorFlow: {str(error).partition(chr(10))[0]}", file=sys.stderr)
        return OutputError.exit_code
    return 0
