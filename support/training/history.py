"""The figures of a training run, epoch by epoch: history.csv in its folder."""

import csv
import io
import math
from pathlib import Path

from support.ground import OutputError, atomic, opened, tf
from support.training.checkpoints import MAX_EPOCHS

COLUMNS = {"epoch": int, "loss": float, "accuracy": float, "seconds": float}
MAX_HISTORY = 2**24  # bytes read of a file: a multiple of what a run fills


def read(folder: str | Path, epochs: int = MAX_EPOCHS) -> list[dict]:
    """Return the rows of FOLDER/history.csv up to an epoch: dicts of COLUMNS; none without a file.

    Raises:
        OutputError: a row is not one that a training run writes.
    """
    file = Path(folder, "history.csv")
    if not file.exists():
        return []
    try:
        with opened(file, OutputError) as stream:
            lines = csv.DictReader(io.StringIO(stream.read(MAX_HISTORY).decode(), newline=""))
        rows = [{name: kind(line[name]) for name, kind in COLUMNS.items()} for line in lines]
        for row in rows:
            finite = math.isfinite(row["loss"]) and math.isfinite(row["seconds"])
            if not (finite and 1 <= row["epoch"] <= MAX_EPOCHS and 0 <= row["accuracy"] <= 1):
                raise ValueError
    except (ValueError, KeyError, TypeError, csv.Error):
        raise OutputError(file, "damaged (delete it to resume without its rows)") from None
    return [row for row in rows if row["epoch"] <= epochs]


def write(folder: str | Path, rows: list[dict]) -> None:
    """Write rows, dicts of COLUMNS, to FOLDER/history.csv."""
    with atomic(Path(folder, "history.csv")) as temporary, temporary.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def show(events, row: dict) -> None:
    """Hand a row, a dict of COLUMNS, to TensorBoard; `events` is a tf.summary.FileWriter."""
    for tag, name in (("training_loss", "loss"), ("validation_accuracy", "accuracy")):
        summary = tf.Summary(value=[tf.Summary.Value(tag=tag, simple_value=row[name])])
        events.add_summary(summary, row["epoch"])
    events.flush()  # so nobody needs to close it
