"""matplotlib, with its own defaults, whatever a person's settings are.

Pictures are drawn on its Figure, without pyplot, so that in a notebook neither the backend nor the
current figure changes.
"""

import contextlib
import logging
import os
import sys
from collections.abc import Iterator

# Where it cannot keep a cache it says so in two lines, which help nobody here.
logging.getLogger("matplotlib").setLevel(logging.ERROR)
# It cannot be imported where this variable names a backend that there is not.
backend = None if "matplotlib" in sys.modules else os.environ.pop("MPLBACKEND", None)
import matplotlib  # noqa: E402
from matplotlib.colors import LogNorm  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402
from matplotlib.ticker import MaxNLocator, PercentFormatter  # noqa: E402

__all__ = ["Figure", "LogNorm", "MaxNLocator", "PercentFormatter", "plain"]

if backend:
    os.environ["MPLBACKEND"] = backend
    with contextlib.suppress(ValueError):
        matplotlib.rcParams["backend"] = backend


@contextlib.contextmanager
def plain() -> Iterator[None]:
    """Draw with matplotlib's defaults for a while, and not as a person's matplotlibrc says."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        yield
