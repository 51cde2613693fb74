"""The ground on which the rooms stand: errors, files, the console, TensorFlow's 1.x interface."""

from support.ground.console import in_cell, run
from support.ground.doors import door
from support.ground.errors import (
    DataError,
    DownloadError,
    OutputError,
    UsageError,
    complain,
    printable,
)
from support.ground.files import GZIP_MAGIC, MAX_BYTES, atomic, content, opened, reported
from support.ground.kinds import PACKED, described, named
from support.ground.signals import Interrupted, Signals
from support.ground.tensorflow1 import precision, tf

__all__ = [
    "GZIP_MAGIC",
    "MAX_BYTES",
    "PACKED",
    "DataError",
    "DownloadError",
    "Interrupted",
    "OutputError",
    "Signals",
    "UsageError",
    "atomic",
    "complain",
    "content",
    "described",
    "door",
    "in_cell",
    "named",
    "opened",
    "precision",
    "printable",
    "reported",
    "run",
    "tf",
]
