"""Kaggle's CSV files, against files written by Python's csv module and against pandas."""

import csv
import re
import tracemalloc

import numpy as np
import pytest
from builders import PIXELS, digits, write_csv
from hypothesis import example, given
from hypothesis import strategies as st

from data import kaggle
from data.files import DataError, OutputError

FORMS = {
    "plain": {},
    "CRLF": {"lineterminator": "\r\n"},
    "quoted": {"quoting": csv.QUOTE_ALL},
    "quoted, CRLF": {"quoting": csv.QUOTE_ALL, "lineterminator": "\r\n"},
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("rows", [1, 7, 1500])  # 1500: several chunks
def test_read_train(tmp_path, rows, form):
    images, labels = digits(rows)
    path = write_csv(tmp_path / "train.csv", images, labels, **form)
    for array, expected in zip(kaggle.read_train(path), (images, labels), strict=True):
        assert array.dtype == np.uint8
        assert array.flags.c_contiguous
        np.testing.assert_array_equal(array, expected)


def test_read_test(tmp_path):
    images, _ = digits(9)
    found = kaggle.read_test(write_csv(tmp_path / "test.csv", images))
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, images)


def test_equals_pandas(tmp_path):
    import pandas

    path = write_csv(tmp_path / "train.csv", *digits(50))
    table = pandas.read_csv(path)
    images, labels = kaggle.read_train(path)
    np.testing.assert_array_equal(images, table[PIXELS].to_numpy())
    np.testing.assert_array_equal(labels, table["label"].to_numpy())


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_columns_are_found_by_name(tmp_path, form):
    images, labels = digits(20)
    order = np.random.default_rng(1).permutation(785)
    header = np.array(["label", *PIXELS])[order].tolist()
    table = np.column_stack([labels, images])[:, order]
    path = write_csv(tmp_path / "train.csv", table, header=header, **form)
    np.testing.assert_array_equal(kaggle.read_train(path)[0], images)
    np.testing.assert_array_equal(kaggle.read_train(path)[1], labels)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: b"\xef\xbb\xbf" + text,
        lambda text: text.removesuffix(b"\n"),
        lambda text: text.replace(b"\n", b"\r\n").removesuffix(b"\r\n"),
        lambda text: text.replace(b",0,", b",000,"),
        lambda text: text.replace(b",0,", b',"0",', 5),
    ],
    ids=["BOM", "no newline at the end", "CRLF without the last", "leading zeros", "some quoted"],
)
def test_harmless_differences(tmp_path, change):
    images, labels = digits(5)
    path = write_csv(tmp_path / "train.csv", images, labels)
    path.write_bytes(change(path.read_bytes()))
    np.testing.assert_array_equal(kaggle.read_train(path)[0], images)
    np.testing.assert_array_equal(kaggle.read_train(path)[1], labels)


@pytest.mark.parametrize("value", [0, 9, 10, 99, 100, 199, 200, 249, 250, 255])
def test_every_kind_of_value_in_every_place(tmp_path, value):
    images, labels = digits(2)
    for column in (0, 1, 783):
        images[0, column] = value
    path = write_csv(tmp_path / "train.csv", images, labels)
    np.testing.assert_array_equal(kaggle.read_train(path)[0], images)


@pytest.mark.parametrize("row", [0, 3, 1499])
@pytest.mark.parametrize("column", ["label", "pixel0", "pixel1", "pixel783"])
@pytest.mark.parametrize("form", [{}, {"quoting": csv.QUOTE_ALL}], ids=["plain", "quoted"])
def test_a_wrong_cell_is_named_by_line_column_and_value(tmp_path, row, column, form):
    images, labels = digits(1500)
    table = np.column_stack([labels, images]).astype(int)
    table[row, ["label", *PIXELS].index(column)] = 256
    header = ["label", *PIXELS]
    path = write_csv(tmp_path / "train.csv", table, header=header, **form)
    most = 9 if column == "label" else 255
    with pytest.raises(DataError) as error:
        kaggle.read_train(path)
    assert str(error.value) == (
        f"{path}: line {row + 2}, column {column}: wrong value "
        f"(got '256', expected a whole number from 0 to {most})"
    )


PLAIN_CELL = r"(25[0-5]|2[0-4]\d|[01]?\d?\d)"


@given(
    text=st.text("012569,\n\r", max_size=30)
    | st.lists(st.lists(st.integers(0, 256), min_size=3, max_size=3), max_size=5).map(
        lambda rows: "".join(",".join(map(str, row)) + "\r\n" for row in rows)
    )
)
@example("2,5,2\n")  # the hundreds of one cell are not those of the next
@example("0,,0\n")
@example("0,0,0\r\n1,1,1")
def test_the_fast_parser_takes_a_plain_grid_and_nothing_else(text):
    # What it does not take goes to the slow one: so whole files alone would not show a difference.
    line = rf"{PLAIN_CELL},{PLAIN_CELL},{PLAIN_CELL}"
    found = kaggle._parse(text.encode() or b"\n", 3)
    if re.fullmatch(rf"{line}(\r?\n{line})*(\r?\n)?", text):
        expected = [[int(cell) for cell in line.split(",")] for line in text.split()]
        np.testing.assert_array_equal(found, expected)
        assert found.dtype == np.uint8
    else:
        assert found is None


def test_memory_follows_the_images_and_not_the_text(tmp_path):
    path = tmp_path / "train.csv"
    row = ",".join(["7", *["128"] * 784]) + "\n"
    with path.open("w") as file:
        file.write(",".join(["label", *PIXELS]) + "\n")
        for _ in range(12_000):
            file.write(row)
    tracemalloc.start()
    images, _ = kaggle.read_train(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert images.shape == (12_000, 784)
    assert peak < 2 * images.nbytes + 2**24 < path.stat().st_size


def test_write_submission(tmp_path):
    path = tmp_path / "submission.csv"
    path.write_text("what was there before")
    kaggle.write_submission(path, np.array([3, 0, 9], np.uint8))
    assert path.read_bytes() == b"ImageId,Label\n1,3\n2,0\n3,9\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_submission_that_cannot_be_written_leaves_what_was_there(tmp_path):
    path = tmp_path / "submission.csv"
    path.write_text("what was there before")
    with pytest.raises(TypeError):
        kaggle.write_submission(path, 3)
    assert path.read_text() == "what was there before"
    for wrong in (tmp_path, tmp_path / "no" / "submission.csv", path / "submission.csv"):
        with pytest.raises(OutputError, match=f"^{wrong}: ") as error:
            kaggle.write_submission(wrong, [3])
        assert error.value.exit_code == 5
    assert list(tmp_path.iterdir()) == [path]
