"""history.csv: what a training reached after each epoch.

Columns: epoch (from 1), loss (mean over the training batches), accuracy (of the validation
images, 0 to 1), seconds.
"""

import csv
from pathlib import Path

from data.errors import OutputError
from data.files import atomic, reported

COLUMNS = {"epoch": int, "loss": float, "accuracy": float, "seconds": float}


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
    if not path.exists():
        return []
    try:
        with reported(path, OutputError), path.open(newline="") as file:
            rows = csv.DictReader(file)
            return [{name: kind(row[name]) for name, kind in COLUMNS.items()} for row in rows]
    except (ValueError, KeyError, TypeError, csv.Error):
        raise OutputError(path, "damaged (delete it to go on without its rows)") from None
