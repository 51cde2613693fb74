"""data.load: which data it takes, how it splits them, and what it says."""

import contextlib
import gzip
import io
import os
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from builders import (
    NAMES,
    digits,
    npy,
    quartet,
    write_csv,
    write_npz,
    write_pictures,
    write_quartet,
)
from faulty_server import offer_small_mnist
from PIL import Image

import data
from data import folders, idx, sources
from support.ground import DataError, described

MNIST_DIR = os.environ.get("MNIST_DIR")
IDX = "data: not MNIST's own content (same format), IDX files in {}: "
COUNTS = "220 training, 20 validation, 40 test images\n"
FOUR = (*digits(240, 0), *digits(40, 1))


@pytest.fixture(autouse=True)
def pictures_of_bytes(monkeypatch):
    """Let a file of 784 bytes be a picture."""

    def read_one(path):
        content = path.read_bytes()
        if len(content) != 784:
            raise DataError(path, "no digit to be seen")
        return np.frombuffer(content, np.uint8)

    monkeypatch.setattr(folders.pictures, "read_one", read_one, raising=False)


def rows(*splits):
    """Return all images and labels of `splits` as a sorted list of rows."""
    return sorted((*image, label) for split in splits for image, label in zip(*split, strict=True))


def assert_split(splits, whole, counts):
    """Assert that the parts are `whole` again, with so many of each digit."""
    for split, count in zip(splits, counts, strict=True):
        assert isinstance(split, data.Split)
        assert split.images.dtype == split.labels.dtype == np.uint8
        assert split.images.shape == (len(split.labels), 784)
        assert split.images.flags.c_contiguous
        assert np.bincount(split.labels).tolist() == [count] * 10
    assert rows(*splits) == rows(whole)


def assert_quartet(splits):
    """Assert that these are the arrays of builders.quartet() by default."""
    assert_split(splits[:2], digits(240, 0), [22, 2])
    assert_split(splits[2:], digits(40, 1), [4])


# ---- The forms in which sets lie on people's disks: functions that write them into a folder


def csv_pair(folder, train="train.csv", test="test.csv", **how):
    write_csv(folder / train, *digits(240, 0), **how)
    write_csv(folder / test, *digits(40, 1), **how)


def small_csv(folder, *names, **how):
    for name in names:
        write_csv(folder / name, *digits(100), **how)


def emnist(folder):
    """Write EMNIST's digits, each on its side, and beside them its letters."""
    for each, content in quartet().items():
        if "images" in each:
            images = np.frombuffer(content[16:], np.uint8).reshape(-1, 28, 28)
            content = content[:16] + images.transpose(0, 2, 1).tobytes()
        for kind in ("digits", "letters"):
            content = content[:9] + b"\x1a" + content[10:] if kind == "letters" else content
            name = folder / f"emnist-{kind}-{each.replace('t10k', 'test')}.gz"
            name.parent.mkdir(exist_ok=True)
            name.write_bytes(gzip.compress(content))


def pictures(folder, train, test, names=None):
    write_pictures(folder / train, *digits(240, 0))
    write_pictures(folder / test, *digits(40, 1))
    (folder / train / "3" / ".DS_Store").touch()
    for digit, name in enumerate(names or ()):
        for part in (train, test):
            (folder / part / str(digit)).rename(folder / part / name)


def renamed(folder, name, packed=False):
    write_quartet(folder, packed, name=name)


def torchvision(folder):
    for packed in (False, True):
        write_quartet(folder / "MNIST/raw", packed)


def fashion(folder):
    write_quartet(folder / "fashion-mnist", packed=True)
    write_quartet(folder / "FashionMNIST/raw")


def keras(folder, names="x_train y_train x_test y_test", shape=(-1, 28, 28)):
    """Write an mnist.npz whose arrays have these names, and images of this shape."""
    arrays = [each.reshape(shape) if each.ndim == 2 else each for each in FOUR]
    np.savez(folder / "mnist.npz", **dict(zip(names.split(), arrays, strict=True)))


def kmnist(folder):
    for name, array in zip(KMNIST.split(), FOUR, strict=True):
        images = array.reshape(-1, 28, 28) if array.ndim == 2 else array
        np.savez_compressed(folder / f"kmnist-{name}.npz", images)


def hugging_face(folder):
    pyarrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    for part, (images, labels) in (("train", digits(240, 0)), ("test", digits(40, 1))):
        rows = []
        for image, label in zip(images, labels, strict=True):
            packed = io.BytesIO()
            Image.fromarray(image.reshape(28, 28)).save(packed, "PNG")
            rows.append({"image": {"bytes": packed.getvalue(), "path": None}, "label": int(label)})
        name = folder / f"{part}-00000-of-00001.parquet"
        parquet.write_table(pyarrow.Table.from_pylist(rows), name)


def housing(folder):
    """Write tables that are not of digits, as Colab has them."""
    for part in ("train", "test"):
        (folder / f"california_housing_{part}.csv").write_text('"longitude","latitude"\n-1,2\n')


def all_of(*writers):
    return lambda folder: [write(folder) for write in writers]


KMNIST = "train-imgs train-labels test-imgs test-labels"
SMALL = ("mnist_train_small.csv", "mnist_test.csv")
MNIST, NPZ = "MNIST, IDX files in {}", "npz, {}/mnist.npz"
PAIR = "CSV, {{0}}/{}.csv and {{0}}/{}.csv (labels: column {})"
TWO = "pictures in {0}/training and {0}/testing"
TOO = ", which is there too: name it to use it)"
PARQUET = "Parquet, {0}/train-00000-of-00001.parquet and {0}/test-00000-of-00001.parquet"
FORMS = {  # how files are written into a folder: what is said of it there
    "a browser's copies": (partial(renamed, name=lambda n: f"{n.upper()} (1)", packed=True), MNIST),
    "-idx as .idx": (partial(renamed, name=lambda n: n.replace("-idx", ".idx")), MNIST),
    "underscores": (partial(renamed, name=lambda n: n.replace("-", "_")), MNIST),
    "torchvision": (torchvision, f"{MNIST}/MNIST/raw"),
    "a folder around each": (partial(renamed, name="{0}/{0}".format), f"{MNIST}/{NAMES[0]}"),
    "EMNIST beside letters": (emnist, "EMNIST's digits, turned upright, IDX files in {}"),
    "train.csv and a test.csv with labels": (csv_pair, PAIR.format("train", "test", "label")),
    "a pair, upper case, copies, no header": (
        partial(csv_pair, train="Fashion_Train (2).csv", test="fashion_test.csv", header=[]),
        PAIR.format("Fashion_Train (2)", "fashion_test", "1, no header"),
    ),
    "Colab's": (
        all_of(partial(csv_pair, train=SMALL[0], test=SMALL[1], delimiter=";"), housing),
        PAIR.format(SMALL[0][:-4], SMALL[1][:-4], "label, separated by ;"),
    ),
    "Keras": (lambda here: write_npz(here / "mnist.npz"), NPZ),
    "Keras, flat": (partial(keras, shape=(-1, 784)), NPZ),
    "Keras, with a channel": (partial(keras, shape=(-1, 28, 28, 1)), NPZ),
    "train_images": (
        partial(keras, names="train_images train_labels test_images test_labels"),
        NPZ,
    ),
    "KMNIST's": (kmnist, "npz, {}/kmnist-train-imgs.npz and the three files beside it"),
    "Hugging Face": (hugging_face, PARQUET),
    "words": (partial(pictures, train="training", test="testing", names=folders.WORDS), TWO),
    "validation beside training, testing": (
        all_of(
            partial(pictures, train="training", test="testing"),
            partial(pictures, train="val", test="val"),
        ),
        f"{TWO} (not {{0}}/val{TOO}",
    ),
    "deep down, Train, TEST": (
        lambda here: pictures(here / "mnist_png", "Train", "TEST"),
        "pictures in {0}/mnist_png/Train and {0}/mnist_png/TEST",
    ),
}


@pytest.fixture
def own(tmp_path, server, monkeypatch):
    """Return an empty folder in the place of data/, and a good mirror of four small files."""
    offer_small_mnist(server, monkeypatch)
    monkeypatch.setenv("MNIST_MIRRORS", server.mirror("good"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sources, "FOLDER", tmp_path / "data")
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


@pytest.mark.parametrize("form", FORMS)
def test_forms_with_test_images_in_a_folder_and_in_data(own, server, capsys, form):
    write, said = FORMS[form]
    write(own)
    for source, folder in ((own, own), (None, "data")):
        assert_quartet(data.load(source))
        out, errors = capsys.readouterr()
        assert out == f"data: {said.format(folder)}: {COUNTS}"
        assert errors == "" or "letters" in errors  # which are not used
    assert server.asked == []


SINGLE = {  # how files without test images are written: what is said of them
    "train.csv": "CSV, {}/train.csv (labels: column label)",
    "a/mnist_train.csv": "CSV, {}/a/mnist_train.csv (labels: column label)",
    "archive/Data/my.csv": "CSV, {}/archive/Data/my.csv (labels: column label)",
    ".": "pictures in {}",
}


@pytest.mark.parametrize("name", SINGLE)
def test_a_csv_file_or_ten_folders_of_pictures(tmp_path, capsys, name):
    is_csv, path = name.endswith(".csv"), tmp_path / name
    (write_csv if is_csv else write_pictures)(path, *digits(400))
    beside = path.parent if is_csv else tmp_path
    for other in ("test.csv", "submission.csv", "sample_submission.csv", "history.csv"):
        write_csv(beside / other, digits(9)[0])  # none to train on
    write_csv(beside / "b/mnist_test.csv", *digits(9))  # the test set of another
    for source in (tmp_path, str(path)):
        assert_split(data.load(source), digits(400), [32, 4, 4])
        expected = f"data: {SINGLE[name].format(tmp_path)}: "
        expected += "320 training, 40 validation, 40 test images\n"
        assert capsys.readouterr() == (expected, "")


def test_pictures_that_cannot_be_read_are_counted(tmp_path, capsys):
    write_pictures(tmp_path, *digits(400))
    bad = [tmp_path / "3" / "blank.png", tmp_path / "7" / "notes.txt"]
    for path in bad:
        path.touch()
    assert rows(*data.load(tmp_path)) == rows(digits(400))
    said = f"warning: {tmp_path}: 2 of 402 files are left out, the first is "
    assert capsys.readouterr().err == f"{said}{bad[0]}: no digit to be seen\n"
    for folder, message in [("4", "4: no picture of a digit in it"), ("[0-6]", "0/000.png: no di")]:
        for path in tmp_path.glob(f"{folder}/*"):
            path.write_bytes(b"")
        with pytest.raises(DataError, match=f"^{tmp_path}/{message}"):
            data.load(tmp_path)


X = digits(240)[0].reshape(-1, 28, 28)
PROMISE = npy(X).replace(b"(240, 28, 28)}      ", b"(9000000000000000,)}")  # 9 PB
TRUE = npy(X).replace(b"(240, 28, 28)}", b"(True, 28, 28)}")
BROKEN = npy(X).replace(b"'descr'", b"'desc\xf2")
HALF, INFINITY = np.full(240, 0.5), np.full(240, np.inf)
IMAGES = "x_train: wrong images (got {}, expected [N, 28, 28])"
WHOLE = "_train: wrong values (got {}, expected whole numbers"
LACKS = "an array is missing (got x_train, y_train, x_test, expected x_train, y_train and, if "
LETTERS = (
    "y_train: no digit; labels 0 to 25: letters? These lessons read digits (got 10, expected 0 "
)
ONE_HOT = "y_train: wrong labels (got float64 [240, 10], expected integers [240])"
BAD_NPZ = {  # what another array is: what is said
    "no array": ({"y_test": None}, LACKS),
    "pixels from 0 to 1": ({"x_train": X / 255}, f"x{WHOLE.format('float64 from 0 to 1')}"),
    "14 x 14": ({"x_train": X[:, ::2, ::2]}, IMAGES.format("uint8 [240, 14, 14]")),
    "no images": ({"x_train": X[:0]}, IMAGES.format("uint8 [0, 28, 28]")),
    "labels of 0.5": ({"y_train": HALF}, f"y{WHOLE.format('float64 from 0.5 to 0.5')}"),
    "labels infinity": ({"y_train": INFINITY}, f"y{WHOLE.format('float64 from inf to inf')}"),
    "negative labels": (
        {"y_train": X[:, 0, 0].astype(int) - 9},
        f"y{WHOLE.format('int64 from -9')[:30]}",
    ),
    "words": ({"y_train": np.full(240, "one")}, f"y{WHOLE.format('<U3')}"),
    "one label for ten": ({"y_train": np.eye(10)[digits(240)[1]]}, ONE_HOT),
    "letters": ({"y_train": np.arange(240) % 26}, LETTERS),
    "a pickle": ({"x_train": npy(X.astype(object))}, "cannot be read: it holds Python objects, w"),
    "a large promise": ({"x_train": PROMISE}, "cannot be read: "),
    "a shape of True": ({"x_train": TRUE}, "cannot be read: "),
    "a broken header": ({"x_train": BROKEN}, "cannot be read: "),
}


@pytest.mark.parametrize("fault", BAD_NPZ)
def test_npz_that_is_refused(tmp_path, fault):
    changes, message = BAD_NPZ[fault]
    path = write_npz(tmp_path / "mnist.npz", **changes)
    with pytest.raises(DataError) as error:
        data.load(tmp_path)
    assert str(error.value).startswith(f"{path}: {message}")
    assert "allow_pickle" not in str(error.value)


def test_npz_damaged_anywhere(tmp_path):
    path = write_npz(tmp_path / "mnist.npz")
    whole = path.read_bytes()
    for place in range(0, len(whole), 997):
        flipped = whole[:place] + bytes([whole[place] ^ 255]) + whole[place + 1 :]
        for content in (whole[:place], flipped):
            path.write_bytes(content)
            with pytest.raises(DataError, match=f"^{path}: "):
                data.load(path)
    header = npy(digits(240)[1])
    for bit in range(0, 8 * 128, 5):  # with a checksum that is right
        byte = bytes([header[bit // 8] ^ 1 << bit % 8])
        write_npz(path, y_train=header[: bit // 8] + byte + header[bit // 8 + 1 :])
        with contextlib.suppress(DataError):
            data.load(path)


# ---- What is refused, and what is said of it


def apart(folder):
    for half, missing in (("a", NAMES[0]), ("b", NAMES[2])):
        write_quartet(folder / half)
        (folder / half / missing).unlink()


NOTHING = "nothing to train on (got {}, expected MNIST's four IDX files, a CSV file, mnist.npz, "
AMBIGUOUS = {  # how files are written into a folder: what is said of it
    "two pairs of ten folders": (
        lambda here: [pictures(here / name, "train", "test") for name in "ab"],
        "holds a/train and b/train: name the one to train on",
    ),
    "a set in two halves": (apart, "MNIST's four files lie in different folders"),
    "three levels down": (lambda here: write_quartet(here / "a/b/c"), NOTHING.format("a")),
    "no 7": (
        lambda here: [(here / f"digit_{d}").mkdir() for d in range(7)],
        "no folder 7, 8, 9 of",
    ),
    "MacOS's leftovers": (lambda here: csv_pair(here / "__MACOSX"), NOTHING.format("__MACOSX")),
    "only test.csv": (lambda here: small_csv(here, "test.csv"), NOTHING.format("test.csv")),
}


@pytest.mark.parametrize("case", AMBIGUOUS)
def test_a_folder_that_is_refused(tmp_path, case):
    write, message = AMBIGUOUS[case]
    write(tmp_path)
    with pytest.raises(DataError) as error:
        data.load(tmp_path)
    assert str(error.value).startswith(f"{tmp_path}: {message}")


PAGE = b"\n <!DOCTYPE html><title>404</title>"
KINDS = {  # what a file's first bytes are called: the bytes
    "a zip archive: unpack it, and name the folder": b"PK\3\4",
    "packed by bzip2: unpack it": b"BZh9",
    "packed by xz: unpack it": b"\xfd7zXZ\0",
    "a 7z archive: unpack it": b"7z\xbc\xaf\x27\x1c",
    "a rar archive: unpack it": b"Rar!\x1a",
    "a tar archive: unpack it": gzip.compress(bytes(257) + b"ustar"),
    "a pickle, which is never opened, as it can run code: save its ": b"\x80\x04\x95\0",
    "a pickle": gzip.compress(b"\x80\x03]q"),
    "a single .npy array: images and labels belong in one mnist.npz": npy(X)[:200],
    "a .mat file of MATLAB: save its arrays as mnist.npz": b"MATLAB 5.0 MAT-file",
    "an HDF5 file: save its arrays as mnist.npz": b"\x89HDF\r\n",
    "a Parquet file: name the file itself, in .parquet": b"PAR1",
    "an Arrow file: save it as CSV": b"ARROW1",
    "a workbook of Excel: save it as CSV": b"PK" + bytes(28) + b"[Content_Types].xml",
    "a workbook of Excel": b"\xd0\xcf\x11\xe0",
    "a file of PyTorch, and in it a pickle": b"PK" + bytes(28) + b"archive/data.pkl",
    "text in UTF-16: save it as UTF-8": "label,".encode("utf-16"),
    "LIBSVM's sparse form": b"5 153:3 154:18 155:18\n",
    "numbers separated by blanks": b" ".join([b"0"] * 785),
    "a picture: --predict reads it": b"\x89PNG\r\n",
    "a picture": b"\xff\xd8\xff\xe0",
    "a web page, saved in place of the file: download it again": PAGE,
    "a web page": gzip.compress(PAGE),
    "an ARFF file: save it as CSV": b"% MNIST\n" * 99 + b"@RELATION mnist_784\n",
    "gzip: unpack it once": gzip.compress(gzip.compress(b"")),
    "IDX with 2 dimensions of 32-bit integers": bytes([0, 0, 12, 2]) + bytes(9),  # QMNIST's labels
    "IDX with 3 dimensions of floats": bytes([0, 0, 13, 3]) + bytes(9),
}


@pytest.mark.parametrize("called", KINDS)
def test_what_a_file_is_that_is_no_data(tmp_path, called):
    """By itself, in the place of a good file of each form, and in a folder of other things."""
    write_quartet(tmp_path / "idx")
    for source, file, said in [
        ("file", "file", "file: not a file to train on (got "),
        ("idx", f"idx/{NAMES[1]}", f"idx/{NAMES[1]}: not the IDX file it should be (got "),
        ("train.csv", "train.csv", "train.csv: "),
        ("new", "new/file", "new: nothing to train on (got file ("),
    ]:
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_bytes(KINDS[called])
        with pytest.raises(DataError) as error:
            data.load(tmp_path / source)
        assert str(error.value).startswith(f"{tmp_path}/{said}")
        assert f"{called}" in str(error.value).removeprefix(f"{tmp_path}/{said}")


def ones(upright):
    """Return 240 images of which the ones are bars."""
    images, labels = digits(240)
    bars = np.zeros((24, 28, 28), np.uint8)
    bars[:, 4:24, 12:15] = 255
    images[labels == 1] = (bars if upright else bars.transpose(0, 2, 1)).reshape(-1, 784)
    return images


ODD = {  # what is said of the training images: these
    "": ones(upright=True),
    "its ones lie on their side: are the images transposed?": ones(upright=False),
    "its images are dark on light, and MNIST's are light on dark": 255 - digits(240)[0],
    "its brightest pixel is 1, and MNIST's is 255": digits(240)[0] // 128,
}


@pytest.mark.parametrize("said", ODD)
def test_images_that_look_unlike_mnists_get_a_warning(tmp_path, capsys, said):
    path = write_npz(tmp_path / "a.NPZ", x_train=ODD[said].reshape(-1, 28, 28))
    data.load(path)
    assert capsys.readouterr().err == (f"warning: {path}: {said}\n" if said else "")


# ---- How a set is cut, limited and named


def test_the_split_is_always_the_same_and_mixed(tmp_path):
    write_csv(tmp_path / "train.csv", *digits(400))
    first = data.load(tmp_path)
    np.random.seed(1)  # the global generator, which scikit-learn uses unless it is told otherwise
    for one, other in zip(first, data.load(tmp_path), strict=True):
        np.testing.assert_array_equal(one.images, other.images)
        np.testing.assert_array_equal(one.labels, other.labels)
    assert first[0].labels[:100].tolist() != digits(100)[1].tolist()


@pytest.mark.parametrize(("count", "counts"), [(3, [1, 1, 1]), (7, [5, 1, 1]), (9, [7, 1, 1])])
def test_of_a_few_pictures_every_part_has_one_of_each_digit(tmp_path, count, counts):
    write_pictures(tmp_path, *digits(10 * count))
    assert_split(data.load(tmp_path), digits(10 * count), counts)
    for path in sorted(Path(tmp_path, "7").iterdir())[2:]:
        path.unlink()
    message = r"too few images of the digit 7 \(got 2, expected at least 3\)"
    with pytest.raises(DataError, match=f"^{tmp_path}: {message}$"):
        data.load(tmp_path)


def test_a_digit_of_which_there_is_no_image(tmp_path, capsys):
    images, labels = digits(400)
    path = write_csv(tmp_path / "train.csv", images[labels % 7 < 6], labels[labels % 7 < 6])
    data.load(tmp_path)
    said = f"warning: {path}: no image of 6 to train on: the network will never answer 6\n"
    assert capsys.readouterr().err == said


def test_limit_keeps_the_first_training_images_only(tmp_path, capsys):
    folder = tmp_path / os.fsdecode(b"\xff\n")  # a name that cannot be printed as it is
    write_quartet(folder)
    whole, limited = data.load(folder), data.load(folder, limit=30)
    for array, all_of_it in zip(limited[0], whole[0], strict=True):
        np.testing.assert_array_equal(array, all_of_it[:30])
    assert rows(*limited[1:]) == rows(*whole[1:])
    assert data.load(folder, limit=221)[0].labels.shape == (220,)
    said = IDX.format(f"{tmp_path}/\\udcff\\n")
    thirty = COUNTS.replace("220", "30")
    assert capsys.readouterr().out == said + COUNTS + said + thirty + said + COUNTS


def test_images_that_stay_on_disk(tmp_path, monkeypatch):
    write_quartet(tmp_path)
    monkeypatch.setattr(idx, "MIN_MAPPED", 1000)
    training, validation, test = data.load(tmp_path)
    assert isinstance(training.images, np.memmap)
    np.testing.assert_array_equal(training.images, digits(240)[0][:220])
    np.testing.assert_array_equal(validation.labels, digits(240)[1][220:])
    np.testing.assert_array_equal(test.images, digits(40, 1)[0])


EMNIST = [f"emnist-{k}-{p}.csv" for k in ("digits", "balanced") for p in ("train", "test")]
SEVERAL = {  # what lies in a folder: what is read, and named
    "all forms": (
        all_of(write_quartet, keras, lambda here: small_csv(here, "train.csv", "mine.csv")),
        f"IDX files in {{0}} (not {{0}}/mnist.npz, {{0}}/train.csv, {{0}}/mine.csv{TOO}",
    ),
    "Keras's cache": (all_of(keras, fashion), "npz, {0}/mnist.npz (not {0}/fashion-mnist/"),
    "torchvision's": (all_of(torchvision, fashion), "{0}/MNIST/raw (not {0}/fashion-mnist/"),
    "EMNIST from Kaggle": (
        all_of(lambda here: small_csv(here, *EMNIST), lambda here: emnist(here / "source")),
        f"EMNIST's digits, turned upright, IDX files in {{0}}/source (not {{0}}/{EMNIST[0]}{TOO}",
    ),
    "EMNIST as CSV": (
        lambda here: small_csv(here, *EMNIST),
        f"CSV, {{0}}/{EMNIST[0]} and {{0}}/{EMNIST[1]} (labels: column label, turned upright",
    ),
    "two competitions": (
        all_of(write_quartet, lambda here: small_csv(here, "a/train.csv", "b/train.csv")),
        f"IDX files in {{0}} (not {{0}}/a/train.csv, {{0}}/b/train.csv{TOO}",
    ),
    "one in a folder": (
        lambda here: small_csv(here, "a/train.csv", "train.csv"),
        f"CSV, {{0}}/train.csv (labels: column label) (not {{0}}/a/train.csv{TOO}",
    ),
    "pictures, too": (
        all_of(lambda here: write_pictures(here / "mine", *digits(40)), keras),
        f"npz, {{0}}/mnist.npz (not {{0}}/mine{TOO}",
    ),
    "tables alone": (housing, "california_housing_train.csv: line 1: wrong columns: missing pix"),
}


@pytest.mark.parametrize("case", SEVERAL)
def test_of_several_sets_the_best_is_taken_and_the_others_named(tmp_path, capsys, case):
    write, said = SEVERAL[case]
    write(tmp_path)
    try:
        data.load(tmp_path)
    except DataError as error:
        print(error)
    assert said.format(tmp_path) in capsys.readouterr().out


def test_a_folder_that_nobody_can_enter_does_not_hide_the_files_beside_it(unprivileged):
    csv_pair(unprivileged)
    (unprivileged / "lost+found").mkdir(0o000)
    assert_quartet(data.load(unprivileged))


def test_the_sample(capsys):
    splits = data.load("sample")
    assert [np.bincount(each.labels).tolist() for each in splits] == [
        [n] * 10 for n in (400, 50, 50)
    ]
    assert "a sample of 5,000 of MNIST's training images, whose" in capsys.readouterr().out


@pytest.mark.skipif(not MNIST_DIR, reason="MNIST_DIR is not set")
def test_the_sample_is_made_as_the_readme_says():
    readme = Path(sources.FOLDER, "README.md").read_text()
    code = readme.split("```python\n")[1].split("```")[0]
    made = {}
    for old, new in (('"data/', f'"{MNIST_DIR}/'), ("np.savez_compressed", "made.update")):
        code = code.replace(old, new)
    exec(code.replace(f'"{MNIST_DIR}/sample.npz", ', ""), {"made": made})
    with np.load(sources.SAMPLE) as stored:
        for name in ("X", "y"):
            np.testing.assert_array_equal(stored[name], made[name], strict=True)


def test_one_file_with_its_labels_for_a_trained_network(tmp_path):
    write_quartet(tmp_path, packed=True)
    (images, labels), path = digits(40, 1), tmp_path / f"{NAMES[2]}.gz"
    csv_path = write_csv(tmp_path / "emnist-digits-test.csv", images, labels)
    for source in (path, tmp_path / f"{NAMES[3]}.gz", write_npz(tmp_path / "a.npz"), csv_path):
        found, found_labels, note = data.read_labelled(source)
        if source == csv_path:
            found = found.reshape(-1, 28, 28).transpose(0, 2, 1).reshape(-1, 784)
        np.testing.assert_array_equal(found, images, strict=True)
        np.testing.assert_array_equal(found_labels, labels, strict=True)
        assert note.startswith("labels: ")
    Path(tmp_path, f"{NAMES[3]}.gz").unlink()
    found, found_labels, note = data.read_labelled(path)
    assert (found_labels, note) == (None, "no labels")
    path.unlink()
    write_quartet(tmp_path / "raw")
    Path(tmp_path, "raw", NAMES[2]).unlink()
    with pytest.raises(DataError, match="no images of this name lie here"):
        data.read_labelled(tmp_path / "raw" / NAMES[3])


def test_a_home_in_a_path(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    write_quartet(tmp_path / "mnist")
    assert_quartet(data.load("~/mnist"))


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


# ---- What lies in data/

MNIST_LINE = f"data: MNIST, IDX files in data: {COUNTS}"


@pytest.mark.parametrize("source", [None, "mnist"])
def test_nothing_there_a_download(unprivileged, own, server, capsys, source):
    assert_quartet(data.load(source))
    assert capsys.readouterr() == (MNIST_LINE, "")
    own.chmod(0o555)  # with the files there, nothing is written any more
    data.load(source)
    assert [name for _, name in server.asked] == [f"{name}.gz" for name in NAMES]
    assert sorted(path.name for path in own.iterdir()) == sorted(server.files)
    own.chmod(0o755)
    Path(own, f"{NAMES[2]}.gz").unlink()  # an interrupted download
    data.load(source)
    assert server.asked[4:] == [("good", f"{NAMES[2]}.gz")]


def test_a_file_in_data_that_is_not_used_is_named(own, capsys):
    (own / "digits.zip").write_bytes(b"PK\3\4")
    write_npz(own / "mine.npz")
    write_npz(own / "sample.npz")  # ours
    data.load()
    assert capsys.readouterr() == (
        MNIST_LINE,
        "warning: data: not used: digits.zip (a zip archive: unpack it, and name the folder), "
        "mine.npz (arrays of NumPy: name the file itself)\n",
    )
    (own / "mine.npz").rename(own / "mnist.npz")
    (own / "digits.zip").unlink()
    data.load()
    others = "(not data/mnist.npz, which is there too: name it to use it)"
    assert capsys.readouterr() == (MNIST_LINE.replace("in data", f"in data {others}"), "")
    # This project's own files there must not be taken for data.
    files = [path for path in Path(data.__file__).parent.iterdir() if path.suffix in (".py", ".md")]
    assert len(files) > 9
    assert [path.name for path in files if described(path)] == []


def test_mnist_by_name_is_fetched_whatever_else_lies_there(own, server, capsys):
    for name in "ab":
        write_csv(own / f"{name}.csv", *digits(9))
    with pytest.raises(DataError, match=r"^data: holds a\.csv and b\.csv"):
        data.load()
    data.load("mnist")
    assert capsys.readouterr() == (MNIST_LINE, "")
    assert len(server.asked) == 4


def test_train_csv_beside_the_rest_of_a_download_without_a_network(own, server, capsys):
    write_csv(own / "train.csv", *digits(100))
    write_quartet(own, packed=True)
    Path(own, f"{NAMES[0]}.gz").unlink()
    data.load()
    assert server.asked == []
    assert capsys.readouterr() == (
        "data: CSV, data/train.csv (labels: column label): "
        "80 training, 10 validation, 10 test images\n",
        f"warning: data: MNIST's files there are not used: no {NAMES[0]}\n",
    )


@pytest.mark.skipif(not MNIST_DIR, reason="MNIST_DIR is not set")
def test_mnist_itself(capsys):
    training, validation, test = data.load(MNIST_DIR)
    said = f"data: MNIST, IDX files in {MNIST_DIR}: "
    said += "55000 training, 5000 validation, 10000 test images\n"
    assert capsys.readouterr() == (said, "")
    labels = np.bincount([*training.labels, *validation.labels])
    np.testing.assert_allclose(np.bincount(validation.labels), labels / 12, atol=1)
    assert np.bincount(test.labels).tolist() == [
        980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009
    ]  # fmt: skip
    images = np.concatenate([training.images, validation.images])
    assert round(float(images.mean() / 255), 4) == 0.1307  # the mean that all cite
