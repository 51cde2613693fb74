"""CSV files of digits, against files written by Python's csv module and against pandas."""

import csv

import numpy as np
import pytest
from builders import PIXELS, digits, write_csv

from data import kaggle
from data.errors import DataError, OutputError

FORMS = {
    "plain": {},
    "CRLF": {"lineterminator": "\r\n"},
    "quoted": {"quoting": csv.QUOTE_ALL},
    "quoted by '": {"quoting": csv.QUOTE_ALL, "quotechar": "'"},
}
FROM_1 = [f"pixel{i}" for i in range(1, 785)]
SIZES = [f"{row}x{column}" for row in range(1, 29) for column in range(1, 29)]
PANDAS = [str(i) for i in range(784)]
HEADERS = {  # the first line: where the labels come from
    "Kaggle": (["label", *PIXELS], "labels: column label"),
    "Fashion-MNIST": (["label", *FROM_1], "labels: column label"),
    "MNIST in CSV": (["label", *SIZES], "labels: column label"),
    "OpenML": ([*FROM_1, "class"], "labels: column class"),
    "pandas": (["Label", *PANDAS], "labels: column Label"),
    "no header": ([], "labels: column 1, no header"),
}


def check(path, images, labels, note=None):
    """Check that kaggle.read reads these very arrays."""
    found, found_labels, found_note = kaggle.read(path)
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, images)
    if labels is None:
        assert found_labels is None
    else:
        assert found_labels.dtype == np.uint8
        np.testing.assert_array_equal(found_labels, labels)
    assert note in (None, found_note)


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("kind", HEADERS)
def test_every_dialect(tmp_path, kind, form):
    images, labels = digits(7)
    header, note = HEADERS[kind]
    check(write_csv(tmp_path / "a", images, labels, header, **form), images, labels, note)


@pytest.mark.parametrize("header", [PIXELS, SIZES, PANDAS, []], ids=["0", "1x1", "pandas", ""])
def test_without_labels(tmp_path, header):
    images, _ = digits(9)
    check(write_csv(tmp_path / "test.csv", images, None, header), images, None, "no labels")


def test_images_alone(tmp_path, capsys):
    images, labels = digits(9)
    path = write_csv(tmp_path / "a.csv", images)
    np.testing.assert_array_equal(kaggle.read_images(path), images)
    assert capsys.readouterr().err == ""
    write_csv(path, images, labels, [*FROM_1, "class"])
    np.testing.assert_array_equal(kaggle.read_images(path), images)
    expected = f"warning: {path}: has labels, which are not used (labels: column class)\n"
    assert capsys.readouterr().err == expected


def test_equals_pandas(tmp_path):
    import pandas

    path = write_csv(tmp_path / "train.csv", *digits(1500))
    table = pandas.read_csv(path)
    check(path, table[PIXELS].to_numpy(), table["label"].to_numpy())


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_columns_are_found_by_name(tmp_path, form):
    images, labels = digits(20)
    order = np.random.default_rng(1).permutation(785)
    header = np.array(["label", *PIXELS])[order].tolist()
    table = np.column_stack([labels, images])[:, order]
    check(write_csv(tmp_path / "a", table, None, header, **form), images, labels)


HARMLESS = {
    "BOM": lambda text: b"\xef\xbb\xbf" + text,
    "no newline at the end": lambda text: text.removesuffix(b"\n"),
    "CRLF without the last": lambda text: text.replace(b"\n", b"\r\n").removesuffix(b"\r\n"),
    "leading zeros": lambda text: text.replace(b",0,", b",000,"),
    "some quoted": lambda text: text.replace(b",0,", b',"0",', 5),
    "blank last lines": lambda text: text + b"\n\r\n",
    "a blank line": lambda text: text.replace(b"\n", b"\n\n", 2),
    "blanks around numbers": lambda text: text.replace(b",0,", b", 0 ,"),
    "blanks around names": lambda text: text.replace(b",pixel", b", pixel"),
    "0.0 for 0": lambda text: text.replace(b",0,", b",0.0,"),
    "exponents": lambda text: text.replace(b",100,", b",1e2,").replace(b",0,", b",0E0,"),
    "as floats": lambda text: text.replace(b"\n", b".0\n").replace(b"783.0", b"783"),
}


@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS)
def test_harmless_differences(tmp_path, change):
    images, labels = digits(5)
    path = write_csv(tmp_path / "train.csv", images, labels)
    before = path.read_bytes()
    path.write_bytes(change(before))
    assert path.read_bytes() != before
    check(path, images, labels)


def test_as_numpy_saves_it(tmp_path):
    images, labels = digits(7)
    np.savetxt(tmp_path / "a.csv", np.column_stack([labels, images]), delimiter=",")
    check(tmp_path / "a.csv", images, labels, "labels: column 1, no header")


def test_every_value_in_every_place(tmp_path):
    images = np.arange(784).reshape(1, -1).repeat(256, 0) + np.arange(256)[:, None]
    check(write_csv(tmp_path / "a", images % 256), images % 256, None)


@pytest.mark.parametrize("row", [0, 3, 1499])
@pytest.mark.parametrize("column", ["label", "pixel0", "pixel783"])
@pytest.mark.parametrize("value", [256, -1, 511, 0.5, "1O"])
def test_a_wrong_cell_is_named_by_line_column_and_value(tmp_path, row, column, value):
    table = np.column_stack(digits(1500)[::-1]).astype(object)
    table[row, ["label", *PIXELS].index(column)] = value
    path = write_csv(tmp_path / "train.csv", table, header=["label", *PIXELS])
    with path.open("r+") as file:
        file.readline()
        rest = file.read() if row == 3 else ""
        if rest:  # that blank lines count as lines of the file
            path.write_text(",".join(["label", *PIXELS]) + "\n\n" + rest)
    got = f"'{value}'" if isinstance(value, str) else value
    with pytest.raises(DataError) as error:
        kaggle.read(path)
    assert str(error.value) == (
        f"{path}: line {row + 2 + (row == 3)}, column {column}: wrong value "
        f"(got {got}, expected a whole number from 0 to 255)"
    )


def test_a_file_without_a_header_is_not_guessed_at(tmp_path):
    images, labels = digits(20)
    table = np.column_stack([images, labels])  # the labels last, and nothing that says so
    table[:, 0] = 0
    with pytest.raises(DataError, match="column 1 is the same in all rows"):
        kaggle.read(write_csv(tmp_path / "a", table, None, []))
    table[3, 0] = 10
    message = r"line 4, column 1: no digit \(got 10, expected 0 to 9\)"
    with pytest.raises(DataError, match=message):
        kaggle.read(write_csv(tmp_path / "a", table, None, []))
    with pytest.raises(DataError, match=r"line 1: wrong columns \(got 786 columns, expected 784 "):
        kaggle.read(write_csv(tmp_path / "a", np.column_stack([table, labels]), None, []))


def test_letters_are_no_digits(tmp_path):
    images, labels = digits(26)
    path = write_csv(tmp_path / "a", images, labels + np.arange(26) // 10 * 10)
    message = r"line 12, column label: no digit \(got 10, expected 0 to 9\)"
    with pytest.raises(DataError, match=message):
        kaggle.read(path)


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
