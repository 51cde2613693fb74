"""CSV files of digits, against files written by Python's csv module; and submission.csv."""

import csv
import gzip

import numpy as np
import pytest
from builders import PIXELS, digits, refusal, turned, write_csv
from faults.csv import HEADER, LINES, ROW

import data
from data import cells, tables

STYLES = {
    "plain": {},
    "CRLF": {"lineterminator": "\r\n"},
    "quoted": {"quoting": csv.QUOTE_ALL},
    "quoted by '": {"quoting": csv.QUOTE_ALL, "quotechar": "'"},
    "semicolons": {"delimiter": ";"},
    "tabs": {"delimiter": "\t"},
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
    "pandas, of a file without a header": ([*PANDAS, "784"], "labels: column 0"),
    "R": ([f"V{i}" for i in range(1, 786)], "labels: column V1"),
    "target": (["target", *PIXELS], "labels: column target"),
    "no header": ([], "labels: column 1, no header"),
}


def check(path, images, labels, note):
    """Check that tables.read reads these very arrays."""
    found, found_labels, found_note = tables.read(path)
    np.testing.assert_array_equal(found, images, strict=True)
    np.testing.assert_array_equal(found_labels, labels, strict=True)
    assert found_note == note


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("kind", HEADERS)
def test_every_dialect(tmp_path, kind, style):
    images, labels = digits(7)
    header, note = HEADERS[kind]
    note += {"semicolons": ", separated by ;", "tabs": ", separated by tabs"}.get(style, "")
    path = write_csv(tmp_path / "a", images, labels, header, **STYLES[style])
    check(path, images, labels, note)


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


def indexed(name, start=0, step=1):
    """Return a function that puts a column of numbers before the others."""

    def change(text):
        head, *lines = text.splitlines()
        lines = [b"%d,%s" % (start + step * number, line) for number, line in enumerate(lines)]
        return b"\n".join([name.encode() + b"," + head, *lines])

    return change


def replaced(old, new, *count):
    return lambda text: text.replace(old, new, *count)


PASSED_OVER = ", passed over: column "
HARMLESS = {  # what is done to Kaggle's form: what is said of it more
    "BOM": (lambda text: b"\xef\xbb\xbf" + text, ""),
    "gzip": (gzip.compress, ""),
    "CRLF without the last": (lambda text: text.strip().replace(b"\n", b"\r\n"), ""),
    "CR alone": (replaced(b"\n", b"\r"), ""),
    "leading zeros": (replaced(b",0,", b",000,"), ""),
    "some quoted": (replaced(b",0,", b',"0",', 5), ""),
    "blank lines": (lambda text: text.replace(b"\n", b"\n\n", 2) + b"\n\r\n", ""),
    "blanks around numbers": (replaced(b",0,", b" , 0 ,"), ""),
    "blanks around names": (replaced(b",pixel", b", pixel"), ""),
    "as floats": (lambda text: text.replace(b",0,", b",0.0,").replace(b",100,", b",1e2,"), ""),
    "Excel's first line": (lambda text: b"sep=,\r\n" + text, ""),
    "sep=;": (lambda text: b"\xef\xbb\xbfsep=;\n" + text.replace(b",", b";"), ", separated by ;"),
    "empty columns of Excel": (replaced(b"\n", b",,\n"), ""),
    "pandas' index": (indexed(""), f"{PASSED_OVER}1"),
    "pandas' index, read again": (indexed("Unnamed: 0", 300), f"{PASSED_OVER}Unnamed: 0"),
    "two": (lambda t: indexed("")(indexed("id", 9, -1)(t)), f"{PASSED_OVER}1{PASSED_OVER}id"),
}


@pytest.mark.parametrize("change", HARMLESS)
def test_harmless_differences(tmp_path, change):
    (images, labels), (change, said) = digits(5), HARMLESS[change]
    path = write_csv(tmp_path / "train.csv", images, labels)
    before = path.read_bytes()
    path.write_bytes(change(before))
    assert path.read_bytes() != before
    check(path, images, labels, f"labels: column label{said}")


def test_as_numpy_saves_it(tmp_path):
    path, (images, labels) = tmp_path / "a.csv", digits(7)
    table = np.column_stack([labels, images])
    np.savetxt(path, table, delimiter=",", encoding="utf-8-sig")  # with a byte order mark
    check(path, images, labels, "labels: column 1, no header")


def test_every_value_in_every_place(tmp_path):
    images = np.add.outer(np.arange(256), np.arange(784)).astype(np.uint8)  # modulo 256
    check(write_csv(tmp_path / "a", images), images, None, "no labels")


def test_a_packed_file_may_not_be_too_long(tmp_path, monkeypatch):
    path = write_csv(tmp_path / "a", *digits(400))
    monkeypatch.setattr(cells, "MAX_BYTES", 10**5)
    path.write_bytes(gzip.compress(path.read_bytes()))
    assert refusal(tables.read, path).startswith(f"{path}: too many bytes when unpacked")


def test_emnist_by_its_name_is_turned_upright(tmp_path):
    images, labels = digits(20)
    path = write_csv(tmp_path / "emnist-digits-train.csv", turned(images), labels)
    said = "labels: column label, turned upright, as EMNIST's are transposed"
    check(path, images, labels, said)


# ---- What is refused

WRONG = {  # a cell: what is said of it
    **dict.fromkeys(["nan", "7.5", "-1", "256", "511"]),  # 511 is 255 in a byte
    **{"1" * 200: "inf", "x" * 50: "'" + "x" * 39},
    **{word: f"'{word}'" for word in ("", "1O", "0x1F", "1_0", "٣")},
}
PLACES = [(0, "pixel0"), (3, "label"), (29, "pixel783")]


@pytest.mark.parametrize("value", WRONG, ids=ascii)
def test_a_wrong_cell_is_named_by_line_column_and_value(tmp_path, value):
    row, column = PLACES[list(WRONG).index(value) % 3]
    names = [*PIXELS[::-1], "label"]
    table = np.column_stack(digits(30)).astype(object)
    table[row, names.index(column)] = value
    path = write_csv(tmp_path / "train.csv", table, header=names)
    if row == 3:  # that blank lines count as lines of the file
        path.write_text(path.read_text().replace("\n", "\n\n", 1))
    assert refusal(tables.read, path) == (
        f"{path}: line {row + 2 + (row == 3)}, column {column}: wrong value "
        f"(got {WRONG[value] or value}, expected a whole number from 0 to 255)"
    )


def table(changes=None):
    """Return the bytes of a CSV file of ten rows; changes: {number of a line, from 1: another}."""
    return b"\n".join([*(dict(enumerate(LINES, 1)) | (changes or {})).values(), b""])


NAMES = "line 1: wrong columns: missing pixel0, pixel1, pixel2; unkn"
CELLS = "line {}: wrong number of cells (got {}, expected {})"
CONSTANT = "column 1 is the same in all rows (got 0, expected labels, or a header)"
LETTERS = "line 9, column label: no digit; labels 0 to 25: letters? These lessons read digits (got"
TWICE = "column id: not the numbers of the rows (got a number twice)"
REFUSED = {  # how what is said begins, and what else it says: the content
    "not a CSV file (got an empty file)": b"",
    "no rows below the header": HEADER + b"\n",
    "a line is too long (": b"7" * 10**6,
    "not a CSV file (got no text in UTF-8)": HEADER + b"\n0,1\n0,2\xff\n",
    "line 2, column label: wrong value (got 'seven'": table({2: b"seven" + ROW, 11: b"\xff" + ROW}),
    "line 1: wrong columns: unknown weight (got 786 c": table({1: HEADER + b",weight"}),
    "line 1: wrong columns: missing pixel7; unknown pixel5 (got 785 columns, ": table(
        {1: HEADER.replace(b",pixel7,", b",pixel5,")}
    ),
    "line 1: wrong columns (got 786 columns, expected 784 or 785)": b"7" + ROW + b",0\n",
    "line 1: wrong columns (got 1025 columns: images of 32 x 32 pixels?": b"7" + b",0" * 1024,
    "line 1: wrong columns (got 0 columns": b"\n" + HEADER + b"\n" + b"0," * 200_000,
    NAMES: b"a," * 32_000,
    f"{NAMES}...names of pictures: move each picture into a folder": b"filename,label\n1.png,7",
    CELLS.format(4, 784, 785): table({4: b"7" + ROW[2:]}),
    CELLS.format(2, 785, 786): table().replace(HEADER, HEADER + b","),
    CELLS.format(2, 786, 785): table().replace(b",255\n", b",0,255\n"),
    "line 2, column 789: wrong value (got 'x'": table({2: b"7" + ROW + b",0,0,0,x"}),
    "line 3, column 200001: wrong value (": HEADER + b"\n\n" + b"0," * 200_000 + b"x",
    "line 4": table({4: b"# seven"}),
    "line 5": table({5: b'7,0,"12' + ROW[4:]}),  # a quote that is never closed
    "line 5, column label: no digit; labels 0 to 10 (got 10": table({5: b"10" + ROW}),
    LETTERS: table({9: b"25" + ROW}),
    "line 9, column id: ": indexed("id")(table()).replace(b"\n7,", b"\nx,"),
    TWICE: indexed("id")(table()).replace(b"\n7,", b"\n6,"),
    CONSTANT: b"0" + ROW + b"\n" + b"0" + ROW,
    "Compressed file ended before": gzip.compress(table())[:-9],
}


@pytest.mark.parametrize("message", REFUSED)
def test_what_is_refused(tmp_path, message):
    path = tmp_path / "train.csv"
    path.write_bytes(REFUSED[message])
    said = refusal(tables.read, path)
    first, _, more = message.partition("...")
    assert said.startswith(f"{path}: {first}")
    assert more in said
    assert len(said) < 500


SUBMISSIONS = {  # test.csv, sample_submission.csv beside it: the submission's lines
    "Kaggle's": (lambda text: text, b"ImageId,Label\n1,0\n2,0\n3,0\n", "ImageId,Label 1,0 2,1 3,2"),
    "ids from 0": (indexed("id"), b"id,label\n0,0\n1,0\n2,0\n", "id,label 0,0 1,1 2,2"),
    "ids of its own": (indexed("id", 9, -1), b"id,label", "id,label 9,0 8,1 7,2"),
    "ids only beside it": (lambda text: text, b"i,l\n5,0\n6,0\n7,0\n", "i,l 5,0 6,1 7,2"),
    "packed": (lambda text: gzip.compress(indexed("id")(text)), b"", "ImageId,Label 0,0 1,1 2,2"),
    "no sample": (lambda text: text, b"", "ImageId,Label 1,0 2,1 3,2"),
}


@pytest.mark.parametrize("case", SUBMISSIONS)
def test_a_submission_has_the_ids_of_the_file(tmp_path, case):
    change, sample, expected = SUBMISSIONS[case]
    path = write_csv(tmp_path / "test.csv", digits(3)[0])
    path.write_bytes(change(path.read_bytes()))
    (tmp_path / "sample_submission.csv").write_bytes(sample)
    data.write_submission(tmp_path / "a.csv", np.arange(3), str(path))
    assert (tmp_path / "a.csv").read_text().split() == expected.split()
    data.write_submission(tmp_path / "a.csv", np.arange(3))
    assert (tmp_path / "a.csv").read_text() == "ImageId,Label\n1,0\n2,1\n3,2\n"
