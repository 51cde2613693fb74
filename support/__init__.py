"""What a person needs around a lesson, and the lesson's reader does not."""

import sys


def _without_traceback(kind, error, traceback):
    if not issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, traceback)


# A lesson's first import is from this package: from here on, Ctrl-C during the other imports ends
# it without a traceback. (Later, console.run() answers.)
sys.excepthook = _without_traceback
