"""From a source to arrays of digits: `digits = data.load(source)`.

This folder is also where the files of MNIST, or other data, may lie: see README.md here.
"""

from support.ground import door

__getattr__ = door(
    __name__,
    Digits="splits",
    Split="splits",
    fetch="download",
    load="splits",
    read_parquet="parquet",
    read_rows="rows",
    write_submission="submission",
)
