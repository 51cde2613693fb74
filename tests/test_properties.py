"""Properties: whatever happens to a file, it is read as its format says, or refused in one line.

The rule itself, and the independent readers, are in fuzz/targets.py. Here hypothesis makes the
files: valid ones, damaged in up to three places, before or after they are packed.
"""

import csv
import gzip
import io
import struct
from pathlib import Path

import numpy as np
import pandas
import pytest
from builders import PIXELS, digits, images_file, labels_file
from fuzz import targets
from fuzz.mutations import KINDS, change
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data import idx, kaggle


def examples(count):
    """Run a test with `count` examples, the same ones every time."""
    slow = [HealthCheck.too_slow]  # on a busy machine
    return settings(max_examples=count, derandomize=True, suppress_health_check=slow)


NUMBERS = st.integers(0, 24) | st.integers(0, 20_000)  # half of the places: where headers are
NEW = st.binary(max_size=4) | st.sampled_from(
    [b",", b"\n", b"\r\n", b"\r", b'"', b'""', b"-1", b"0", b"7", b"256", b"1e2", b" ", b"\0"]
)
CHANGES = st.lists(st.tuples(st.sampled_from(KINDS), NUMBERS, NUMBERS, NEW), max_size=3)
FIELDS = st.lists(  # of an IDX file's header: which, and its new value
    st.tuples(
        st.integers(0, 3),
        st.sampled_from([0x801, 0x802, 0x803, 0x803 << 8, 0xD03])
        | st.sampled_from([0, 1, 2, 3, 27, 28, 29, 784, 2**16, 2**31, 2**32 - 1])
        | st.integers(0, 2**32 - 1),
    ),
    max_size=2,
)


def damaged(data, changes):
    for how in changes:
        data = change(data, *how)
    return data


@examples(500)
@given(
    sizes=st.tuples(st.booleans(), st.integers(0, 3), st.integers(0, 9)),
    label=st.sampled_from([0, 9, 10, 255]),
    fields=FIELDS,
    inside=CHANGES,
    level=st.none() | st.integers(0, 9),
    outside=CHANGES,
)
def test_an_idx_file(sizes, label, fields, inside, level, outside):
    is_images, count, seed = sizes
    images, labels = digits(count if is_images else 12 * count, seed)
    labels[-1:] = label
    data = images_file(images) if is_images else labels_file(labels)
    for place, value in fields:
        data = change(data, "overwrite", 4 * place, 0, struct.pack(">I", value))
    data = damaged(data, inside)
    if level is not None:
        data = damaged(gzip.compress(data, level, mtime=0), outside)
    outcomes = [targets.idx_file(data, magic) for magic in (idx.IMAGES, idx.LABELS)]
    assert outcomes != ["read", "read"]


AWKWARD = ["256", "300", "10", "", "-1", "1.0", "1e2", " 1", "1 ", "0007", "٣", "x", '"7"', '""']
AWKWARD += ['"1\n2"', '"1\r\n2"', "1\r", "\ufeff1", "NaN", "0x1", "1_0", "1;2", "'1'", "²", "\0"]


@pytest.mark.parametrize("cell", ["0", "007", "9", "+1", "0.5", "inf", *AWKWARD])
def test_a_cell(cell):
    """That the rule holds; and that what is read as a number is that number to Python, too."""
    for column in (0, 1, 784):
        row = ["0"] * 785
        row[column] = cell
        data = ",".join(["label", *PIXELS]) + "\n" + ",".join(row) + "\n"
        if targets.csv_file(data.encode()) == "read":
            images, labels, _ = kaggle.read(Path(targets.folder().name, "file.csv"))
            value = float(cell.strip("\"'\r\n\ufeff "))
            assert [*labels, *images[0]] == [*[0] * column, value, *[0] * (784 - column)]


@st.composite
def csv_files(draw):
    """Return a CSV file, damaged or not; and its table, where it is not."""
    header = [[], ["label"]][draw(st.booleans())] + PIXELS
    rows = draw(st.integers(1, 3))
    images, labels = digits(rows, draw(st.integers(0, 9)))
    table = (np.column_stack([labels, images]) if len(header) == 785 else images).astype(str)
    if draw(st.booleans()):
        order = np.random.default_rng(draw(st.integers(0, 9))).permutation(len(header))
        header, table = [header[i] for i in order], table[:, order]
    text, end = io.StringIO(newline=""), draw(st.sampled_from(["\n", "\r\n"]))
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    csv.writer(text, quoting=quoting, lineterminator=end).writerows([header, *table.tolist()])
    data = draw(st.sampled_from([b"", b"\xef\xbb\xbf"])) + text.getvalue().encode()
    changes = draw(CHANGES)
    return damaged(data, changes), None if changes else (header, table.astype(np.uint8))


@examples(200)
@given(case=csv_files())
def test_a_csv_file(case):
    data, whole = case
    outcome = targets.csv_file(data)
    if whole:
        header, table = whole
        assert outcome == "read"
        images, labels, _ = kaggle.read(Path(targets.folder().name, "file.csv"))
        targets.same(images, table[:, [header.index(name) for name in PIXELS]])
        if "label" in header:
            targets.same(labels, table[:, header.index("label")])
        else:
            assert labels is None
    elif outcome == "read" and b"pixel0" in data.split(b"\n")[0]:
        # What is read in spite of the damage, a library's reader reads as the same.
        table = pandas.read_csv(io.BytesIO(data), skipinitialspace=True)
        table.columns = [name.strip().lower() for name in table.columns]
        images, *_ = kaggle.read(Path(targets.folder().name, "file.csv"))
        targets.same(images, table[PIXELS].to_numpy().astype(np.uint8))
