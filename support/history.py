"""What a training reached after each epoch: history.csv, and the same for TensorBoard.

Columns: epoch (from 1), loss (mean over the training batches), accuracy (of the validation
images, 0 to 1), seconds.
"""

import contextlib
import csv
import io
import math
import os
import secrets
import socket
import time
from pathlib import Path

from data.errors import OutputError
from data.files import atomic, opened
from support.tensorflow1 import tf

COLUMNS = {"epoch": int, "loss": float, "accuracy": float, "seconds": float}
LONGEST = 2**24  # bytes read: a multiple of what the largest --epochs fills


def write(folder, rows):
    """Write a list of dicts, a row per epoch, to FOLDER/history.csv. OutputError if it cannot."""
    with atomic(Path(folder, "history.csv")) as temporary, temporary.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([kind(row[name]) for name, kind in COLUMNS.items()] for row in rows)


def read(folder):
    """Return the rows of FOLDER/history.csv as they were written; none where it is missing.

    OutputError: it cannot be read.
    """
    path = Path(folder, "history.csv")
    if not os.path.lexists(path):
        return []
    try:
        with opened(path, OutputError) as file:
            lines = csv.DictReader(io.StringIO(file.read(LONGEST).decode(), newline=""))
        rows = [{name: kind(line[name]) for name, kind in COLUMNS.items()} for line in lines]
        for row in rows:
            finite = math.isfinite(row["loss"]) and math.isfinite(row["seconds"])
            if not (finite and 1 <= row["epoch"] <= 10**5 and 0 <= row["accuracy"] <= 1):
                raise ValueError  # no training writes such a row, and no figure shows it
        return rows
    except (ValueError, KeyError, TypeError, csv.Error):
        raise OutputError(path, "damaged (delete it to go on without its rows)") from None


class Events:
    """A new file of events in `folder`: the graph, and figures by epoch. OutputError if it fails.

    tf.summary.FileWriter does the same in a thread, where a full disk ends in a traceback. The
    format: a TFRecord file of Event messages, the first of which names the version.
    """

    def __init__(self, folder, graph):
        name = f"{int(time.time())}.{socket.gethostname()}.{secrets.token_hex(4)}"
        self.file = Path(folder, f"events.out.tfevents.{name}")
        with self._reported():
            self.writer = tf.io.TFRecordWriter(str(self.file))
        self._write(file_version="brain.Event:2")
        self._write(graph_def=graph.as_graph_def(add_shapes=True).SerializeToString())

    def add(self, epoch, **figures):
        """Write numbers by their names."""
        values = [tf.Summary.Value(tag=tag, simple_value=figures[tag]) for tag in figures]
        self._write(step=epoch, summary=tf.Summary(value=values))

    def close(self):
        """Close the file. What was written is there already, so this reports nothing."""
        with contextlib.suppress(tf.errors.OpError):
            self.writer.close()

    def _write(self, **content):
        with self._reported():
            self.writer.write(tf.Event(wall_time=time.time(), **content).SerializeToString())
            self.writer.flush()

    @contextlib.contextmanager
    def _reported(self):
        try:
            yield
        except tf.errors.OpError as problem:  # its message: "FILE; No space left on device"
            raise OutputError(self.file, problem.message.rpartition("; ")[2]) from None
