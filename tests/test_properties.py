"""Properties: whatever happens to a file, it is read as its format says, or refused in one line.

The rule itself, and the independent readers, are in fuzz/targets.py. Here hypothesis makes the
files: valid ones, damaged in up to three places, before or after they are packed.
"""

import contextlib
import csv
import gzip
import io
import json
import struct
import tracemalloc
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from builders import NAMES, PIXELS, digits, images_file, labels_file
from fuzz import targets
from fuzz.mutations import KINDS, PNG_MAGIC, change, change_part
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from data import idx, kaggle
from support import history, pictures
from data.errors import DataError


def examples(count):
    """Run a test with `count` examples, the same ones every time."""
    slow = [HealthCheck.too_slow]  # a picture takes a tenth of a second
    return settings(max_examples=count, derandomize=True, suppress_health_check=slow)


NUMBERS = st.integers(0, 24) | st.integers(0, 20_000)  # half of the places: where headers are
NEW = st.binary(max_size=4) | st.sampled_from(
    [b",", b"\n", b"\r\n", b"\r", b'"', b'""', b"-1", b"0", b"7", b"256", b"1e2", b" ", b"\0"]
)
CHANGES = st.lists(st.tuples(st.sampled_from(KINDS), NUMBERS, NUMBERS, NEW), max_size=3)


def damaged(data, changes):
    for how in changes:
        data = change(data, *how)
    return data


# IDX

FIELDS = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from([0x801, 0x802, 0x803, 0x803 << 8, 0xD03])
        | st.sampled_from([0, 1, 2, 3, 27, 28, 29, 784, 2**16, 2**31, 2**32 - 1])
        | st.integers(0, 2**32 - 1),
    ),
    max_size=2,
)


@st.composite
def idx_files(draw):
    """Return an IDX file, raw or gzip, damaged or not, and the kind of it."""
    is_images = draw(st.booleans())
    images, labels = digits(draw(st.integers(0, 3 if is_images else 40)), draw(st.integers(0, 9)))
    if len(labels):
        place = draw(st.integers(0, len(labels) - 1))
        labels[place] = draw(st.sampled_from([labels[place], 0, 9, 10, 255]))
    data = images_file(images) if is_images else labels_file(labels)
    for place, value in draw(FIELDS):
        data = change(data, "overwrite", 4 * place, 0, struct.pack(">I", value))
    when = draw(st.sampled_from(["raw", "before packing", "after packing", "both"]))
    if when != "after packing":
        data = damaged(data, draw(CHANGES))
    if when != "raw":
        data = gzip.compress(data, draw(st.integers(0, 9)), mtime=draw(st.integers(0, 2**32 - 1)))
    if when in ("after packing", "both") and draw(st.booleans()):
        data = damaged(data, draw(CHANGES))
    return data, idx.IMAGES if is_images else idx.LABELS


@examples(500)
@given(case=idx_files())
def test_an_idx_file(case):
    data, magic = case
    outcome = targets.idx_file(data, magic)
    if targets.expected_idx(data, magic)[0] is None:
        assert outcome != "read"
    # The other kind of file never passes for this one.
    assert targets.idx_file(data, idx.IMAGES + idx.LABELS - magic) != "read" or outcome != "read"


@examples(150)
@given(
    counts=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    extra=st.sampled_from([0, 0, 0, 1]),
    swapped=st.sampled_from([(), (), (0, 1), (0, 2), (1, 3), (2, 3)]),
    packed=st.tuples(*[st.booleans()] * 4),
    hit=st.integers(0, 3),
    changes=CHANGES,
)
def test_the_four_idx_files(tmp_path_factory, counts, extra, swapped, packed, hit, changes):
    from mlxtend.data import loadlocal_mnist

    train, test = (digits(count, seed) for seed, count in enumerate(counts))
    more_labels = digits(counts[1] + extra)[1]
    files = images_file(train[0]), labels_file(train[1]), images_file(test[0])
    files = [*files, labels_file(more_labels)]
    if swapped:
        first, second = swapped
        files[first], files[second] = files[second], files[first]
    files[hit] = damaged(files[hit], changes)
    folder = tmp_path_factory.mktemp("idx")
    for name, data, pack in zip(NAMES, files, packed, strict=True):
        (folder / name).write_bytes(gzip.compress(data) if pack else data)

    magics = [idx.IMAGES, idx.LABELS] * 2
    expected = [targets.expected_idx(*case)[0] for case in zip(files, magics, strict=True)]
    whole = all(array is not None for array in expected)
    whole = whole and all(len(expected[i]) == len(expected[i + 1]) for i in (0, 2))
    found = None
    with contextlib.suppress(DataError):
        found = idx.read(folder)
    assert (found is not None) == whole
    if not whole:
        return
    assert not found.is_mnist
    for array, right in zip(found, expected, strict=False):
        targets.same(array, right)
    if not any(packed):  # a library's reader
        for start in (0, 2):
            pair = loadlocal_mnist(*(str(folder / name) for name in NAMES[start : start + 2]))
            np.testing.assert_array_equal(found[start], pair[0])
            np.testing.assert_array_equal(found[start + 1], pair[1])


# Kaggle's CSV

TOO_MUCH = ["256", "300", "999", "10"]  # for a pixel, or for a label only
AWKWARD = ["", "-1", "10", "1.0", "1e2", " 1", "1 ", "0007", "٣", "x", '"7"', '""', "+1"]
AWKWARD += ['"1\n2"', '"1\r\n2"', "1\r", "\ufeff1", "NaN", "0x1", "1_0", "1;2", "'1'", "²", "\0"]

CELLS = st.sampled_from(TOO_MUCH) | st.sampled_from(AWKWARD)


@pytest.mark.parametrize("cell", ["0", "007", "9", *TOO_MUCH, *AWKWARD])
def test_a_cell(cell):
    for column in (0, 1, 784):
        for others in ("0", '"0"'):
            row = [others] * 785
            row[column] = cell
            data = ",".join(["label", *PIXELS]) + "\n" + ",".join(row) + "\n"
            targets.train_csv(data.encode())


@pytest.mark.parametrize("place", [0, 1, 400, 784])
@pytest.mark.parametrize("times", [0, 2], ids=["missing", "twice"])
def test_a_column(place, times):
    lines = [["label", *PIXELS], ["1"] * 785]
    lines = [
        [*line[:place], *line[place : place + 1] * times, *line[place + 1 :]] for line in lines
    ]
    data = "\n".join(map(",".join, lines)).encode()
    is_test = (place, times) == (0, 0)
    assert (targets.test_csv(data) == "read") == is_test
    assert targets.train_csv(data) != "read"


@pytest.mark.parametrize("first", ["\n", "\r\n", "\r", "\r\r\n", "\n\n", "\x0b", "\u2028"])
def test_a_line_end(first):
    row = ",".join(["0"] * 784)
    for second in ("", "\n", "\r\n", "\r", "\r\r\n", "\n\n", "\n\r\n", "\x0c", "\u2028"):
        targets.test_csv((",".join(PIXELS) + first + row + second).encode())
        targets.test_csv((",".join(PIXELS) + "\n" + row + first + row + second).encode())


@st.composite
def csv_files(draw):
    """Return a CSV file, damaged or not, whether it is train.csv, and the size of a chunk."""
    is_train = draw(st.booleans())
    header = ["label"] * is_train + PIXELS
    rows = draw(st.integers(1, 3))
    images, labels = digits(rows, draw(st.integers(0, 9)))
    table = np.column_stack([labels, images] if is_train else [images]).astype(str).tolist()
    places = st.sampled_from([0, 783]) | st.integers(0, 784)
    for row, column, cell in draw(st.lists(st.tuples(places, places, CELLS), max_size=1)):
        table[row % rows][column % len(header)] = cell
    if draw(st.booleans()):
        order = np.random.default_rng(draw(st.integers(0, 9))).permutation(len(header))
        header, *table = ([row[i] for i in order] for row in [header, *table])
    end = draw(st.sampled_from([*["\n", "\r\n"] * 3, "\r", "\r\r\n"]))
    text = end.join(",".join(row) for row in [header, *table])
    if draw(st.booleans()):  # every cell in quotes, as a writer of CSV does it
        file = io.StringIO(newline="")
        csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator=end).writerows([header, *table])
        text = file.getvalue().removesuffix(end)
    text += draw(st.sampled_from([end, end, "", "", end * 2]))
    data = draw(st.sampled_from(["", "", "\ufeff"])).encode() + text.encode()
    if draw(st.booleans()):
        data = damaged(data, draw(CHANGES))
    return data, is_train, draw(st.sampled_from([2**20, 1, 3000, 5000]))


@examples(200)
@given(case=csv_files())
def test_a_csv_file(case):
    import pandas

    data, is_train, chunk = case
    with mock.patch.object(kaggle, "CHUNK", chunk):
        outcome = (targets.train_csv if is_train else targets.test_csv)(data)
    if outcome == "read":
        assert (targets.test_csv if is_train else targets.train_csv)(data) != "read"
        # A library's reader takes it, too.
        table = pandas.read_csv(io.BytesIO(data), dtype=int)
        columns = ["label"] * is_train + PIXELS
        targets.same(targets.csv_values(data, columns), table[columns].to_numpy().astype(np.uint8))


# Pictures


def four(size, paper=0, ink=255, mode="L"):
    image = Image.new(mode, (size, size), paper)
    pen, scale = ImageDraw.Draw(image), size / 300
    for line in ([(120, 60), (90, 170), (210, 170)], [(180, 100), (170, 250)]):
        points = [(x * scale, y * scale) for x, y in line]
        pen.line(points, fill=ink, width=max(1, round(26 * scale)))
    return image


def saved(image, **options):
    file = io.BytesIO()
    image.save(file, **options)
    return file.getvalue()


TURNED = Image.Exif()
TURNED[0x0112] = 6
PICTURES = {
    "28 x 28": saved(four(28), format="PNG"),
    "28 x 28, filtered": saved(four(28).rotate(20), format="PNG", compress_level=9),
    "grey": saved(four(40, 255, 20), format="PNG"),
    "transparent": saved(four(28, (0, 0, 0, 0), (0, 0, 0, 255), "RGBA"), format="PNG"),
    "palette": saved(four(30).convert("P"), format="PNG"),
    "bilevel": saved(four(30).convert("1"), format="PNG"),
    "16 bits": saved(Image.fromarray(np.asarray(four(28)).astype(np.uint16) * 257), format="PNG"),
    "JPEG": saved(four(40, 255, 20), format="JPEG"),
    "JPEG, turned": saved(four(40, 255, 20), format="JPEG", exif=TURNED),
}


def peak_of(data):
    """Let the target judge a picture; return the outcome and the peak of Python's memory."""
    tracemalloc.start()
    try:
        return targets.picture(data), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", PICTURES)
def test_the_whole_picture_is_read(name):
    assert peak_of(PICTURES[name])[0] == "read"


@examples(100)
@given(
    name=st.sampled_from(sorted(PICTURES)),
    changes=st.lists(st.tuples(st.booleans(), NUMBERS, CHANGES.filter(len)), max_size=2),
)
def test_a_picture(name, changes):
    data = PICTURES[name]
    for in_part, pick, how in changes:
        if in_part:  # in a PNG's chunk, whose CRC is then made right
            data = change_part(data, pick, 0, lambda body, how=how: damaged(body, how))
        else:
            data = damaged(data, how)
    assert peak_of(data)[1] < 2**26


@examples(40)
@given(width=st.integers(0, 2**31) | st.integers(0, 90), height=st.integers(0, 2**31))
@example(width=8000, height=8000)
@example(width=28, height=28)
@example(width=8, height=400)
@example(width=30, height=8222)
def test_a_pictures_false_promise_costs_no_memory(width, height):
    header = struct.pack(">II", width, height)
    data = change_part(PICTURES["28 x 28"], 0, 0, lambda body: header + body[8:])
    assert data.startswith(PNG_MAGIC)
    outcome, peak = peak_of(data)
    assert peak < 2**26
    if width * height > pictures.MOST_PIXELS:
        assert outcome != "read"


# What a training leaves behind

DESCRIPTION = {
    **{"network": "mlp_mnist", "epochs": 3, "batch_size": 200, "learning_rate": 0.003},
    **{"activation": "relu", "seed": 1, "training_images": "500 (CRC 0123abcd)"},
}
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda values: st.lists(values, max_size=2) | st.dictionaries(st.text(max_size=3), values),
    max_leaves=4,
)


@examples(300)
@given(
    entries=st.dictionaries(st.sampled_from(sorted(DESCRIPTION)), VALUES, max_size=2),
    missing=st.lists(st.sampled_from(sorted(DESCRIPTION)), max_size=1),
    depth=st.sampled_from([0, 0, 0, 0, 1, 30_000]),
    changes=CHANGES,
)
def test_a_trainings_description(entries, missing, depth, changes):
    found = {**DESCRIPTION, **entries}
    for name in missing:
        del found[name]
    data = b"[" * depth + json.dumps(found, indent=1).encode()
    outcome = targets.training_json(damaged(data, changes))
    if not (entries or missing or depth or changes):
        assert outcome == "read"


FINITE = st.floats(allow_nan=False, allow_infinity=False)
ROWS = st.lists(
    st.fixed_dictionaries({"loss": FINITE, "accuracy": st.floats(0, 1), "seconds": FINITE}),
    max_size=4,
).map(lambda rows: [{"epoch": number, **row} for number, row in enumerate(rows, 1)])


@examples(300)
@given(rows=ROWS, changes=CHANGES)
def test_a_history(tmp_path_factory, rows, changes):
    folder = tmp_path_factory.mktemp("history")
    history.write(folder, rows)
    assert history.read(folder) == rows
    data = Path(folder, "history.csv").read_bytes()
    targets.history_csv(damaged(data, changes))
