"""CSV files of digits, against files written by Python's csv module."""

import csv

import numpy as np
import pytest
from builders import PIXELS, digits, write_csv

from data import kaggle
from support.ground import DataError

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


def check(path, images, labels, note):
    """Check that kaggle.read reads these very arrays."""
    found, found_labels, found_note = kaggle.read(path)
    np.testing.assert_array_equal(found, images, strict=True)
    np.testing.assert_array_equal(found_labels, labels, strict=True)
    assert found_note == note


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


def test_columns_are_found_by_name(tmp_path):
    images, labels = digits(3)
    order = np.random.default_rng(0).permutation(785)
    table, names = np.column_stack([labels, images]), ["label", *PIXELS]
    path = write_csv(tmp_path / "a.csv", table[:, order], None, [names[i] for i in order])
    check(path, images, labels, "labels: column label")


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
    "as floats": lambda text: text.replace(b",0,", b",0.0,").replace(b",100,", b",1e2,"),
}


@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS)
def test_harmless_differences(tmp_path, change):
    images, labels = digits(5)
    path = write_csv(tmp_path / "train.csv", images, labels)
    before = path.read_bytes()
    path.write_bytes(change(before))
    assert path.read_bytes() != before
    check(path, images, labels, "labels: column label")


def test_as_numpy_saves_it(tmp_path):
    path, (images, labels) = tmp_path / "a.csv", digits(7)
    table = np.column_stack([labels, images])
    np.savetxt(path, table, delimiter=",", encoding="utf-8-sig")  # with a byte order mark
    check(path, images, labels, "labels: column 1, no header")


def test_every_value_in_every_place(tmp_path):
    images = np.add.outer(np.arange(256), np.arange(784)).astype(np.uint8)  # modulo 256
    check(write_csv(tmp_path / "a", images), images, None, "no labels")


WRONG = {  # a cell: what is said of it
    **dict.fromkeys(["nan", "7.5", "-1", "256", "511"]),  # 511 is 255 in a byte
    **{"1" * 200: "inf", "x" * 50: "'" + "x" * 39},
    **{word: f"'{word}'" for word in ("", "1O", "0x1F", "1_0", "٣")},
}
PLACES = [(0, "pixel0"), (3, "label"), (29, "pixel783")]


@pytest.mark.parametrize(
    ("value", "row", "column"),
    [(value, *PLACES[number % 3]) for number, value in enumerate(WRONG)],
    ids=ascii,
)
def test_a_wrong_cell_is_named_by_line_column_and_value(tmp_path, value, row, column):
    names = [*PIXELS[::-1], "label"]
    table = np.column_stack(digits(30)).astype(object)
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
