"""CSV files of digits, against files written by Python's csv module."""

import csv
import io

import numpy as np
import pytest
from builders import PIXELS, digits, write_csv
from fuzz import targets
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data import kaggle
from data.errors import DataError

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
    targets.same(found, images)
    if labels is None:
        assert found_labels is None
    else:
        targets.same(found_labels, labels)
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


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.booleans(), st.integers(0, 9), st.sampled_from(sorted(FORMS)), st.data())
def test_columns_are_found_by_name(labelled, seed, form, data):
    images, labels = digits(3, seed)
    table = np.column_stack([labels, images])[:, not labelled :]
    names = np.array(["label", *PIXELS][not labelled :])
    order = np.random.default_rng(seed).permutation(len(names))
    text = io.StringIO(newline="")
    csv.writer(text, **FORMS[form]).writerows([names[order], *table[:, order].tolist()])
    mark = data.draw(st.sampled_from(["", "\ufeff"]))
    assert targets.csv_file((mark + text.getvalue()).encode()) == "read"
    check(targets.path("file.csv"), images, labels if labelled else None)


def test_images_alone(tmp_path, capsys):
    images, labels = digits(9)
    path = write_csv(tmp_path / "a.csv", images, labels, [*FROM_1, "class"])
    np.testing.assert_array_equal(kaggle.read_images(path), images)
    expected = f"warning: {path}: has labels, which are not used (labels: column class)\n"
    assert capsys.readouterr().err == expected
    kaggle.read_images(write_csv(path, images))
    assert capsys.readouterr().err == ""


HARMLESS = {
    "BOM": lambda text: b"\xef\xbb\xbf" + text,
    "CRLF without the last": lambda text: text.replace(b"\n", b"\r\n").removesuffix(b"\r\n"),
    "leading zeros": lambda text: text.replace(b",0,", b",000,"),
    "some quoted": lambda text: text.replace(b",0,", b',"0",', 5),
    "blank lines": lambda text: text.replace(b"\n", b"\n\n", 2) + b"\n\r\n",
    "blanks around numbers": lambda text: text.replace(b",0,", b" , 0 ,"),
    "blanks around names": lambda text: text.replace(b",pixel", b", pixel"),
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
    check(write_csv(tmp_path / "a", images % 256), (images % 256).astype(np.uint8), None)


WRONG = {  # a cell: what is said of it
    **dict.fromkeys(["nan", "inf", "7.5", "-1", "256", "511"]),  # 511 is 255 in a byte
    **{"1e3": "1000", "": "''", "1O": "'1O'", "0x1F": "'0x1F'", "1_0": "'1_0'"},
    **{"1;2": "'1;2'", "٣": "'٣'", "1" * 200: "inf"},
}


@pytest.mark.parametrize("value", WRONG, ids=ascii)
def test_a_wrong_cell_is_named_by_line_column_and_value(tmp_path, value):
    names = [*PIXELS[::-1], "label"]
    for row, column in [(0, "pixel0"), (3, "label"), (1499, "pixel783")]:
        table = np.column_stack(digits(1500)).astype(object)
        table[row, names.index(column)] = value
        path = write_csv(tmp_path / "train.csv", table, header=names)
        if row == 3:  # that blank lines count as lines of the file
            path.write_text(path.read_text().replace("\n", "\n\n", 1))
        with pytest.raises(DataError) as error:
            kaggle.read(path)
        assert str(error.value) == (
            f"{path}: line {row + 2 + (row == 3)}, column {column}: wrong value "
            f"(got {WRONG[value] or value}, expected a whole number from 0 to 255)"
        )


def test_a_file_without_a_header_is_not_guessed_at(tmp_path):
    images, labels = digits(20)
    table = np.column_stack([images, labels])  # the labels last, and nothing that says so
    table[:, 0] = 0
    path = write_csv(tmp_path / "a", table, None, [])
    with pytest.raises(DataError, match="column 1 is the same in all rows"):
        kaggle.read(path)
    table[3, 0] = 10
    message = r"line 4, column 1: no digit \(got 10, expected 0 to 9\)"
    with pytest.raises(DataError, match=message):
        kaggle.read(write_csv(path, table, None, []))
