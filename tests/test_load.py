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
    refusal,
    turned,
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
TRAIN, TEST = digits(240, 0), digits(40, 1)


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
        assert split.images.dtype == split.labels.dtype == np.uint8
        assert split.images.shape == (len(split.labels), 784)
        assert split.images.flags.c_contiguous
        assert np.bincount(split.labels).tolist() == [count] * 10
    assert rows(*splits) == rows(whole)


def assert_quartet(splits):
    """Assert that these are the arrays of builders.quartet() by default."""
    assert_split(splits[:2], TRAIN, [22, 2])
    assert_split(splits[2:], TEST, [4])


# ---- The forms in which sets lie on people's disks: functions that write them into a folder


def csv_pair(folder, train="train", test="test", **how):
    write_csv(folder / f"{train}.csv", *TRAIN, **how)
    write_csv(folder / f"{test}.csv", *TEST, **how)


def emnist(folder):
    """Write EMNIST's digits, each on its side, and beside them its letters."""
    folder.mkdir(exist_ok=True)
    for name, content in quartet().items():
        if "images" in name:
            images = np.frombuffer(content[16:], np.uint8)
            content = content[:16] + turned(images).tobytes()
        for kind in ("digits", "letters"):
            path = folder / f"emnist-{kind}-{name.replace('t10k', 'test')}.gz"
            path.write_bytes(gzip.compress(content))
            content = content[:9] + b"\x1a" + content[10:]


def pictures(folder, train, test, names="0123456789"):
    for part, split in ((train, TRAIN), (test, TEST)):
        write_pictures(folder / part, *split)
        for digit, name in enumerate(names):
            (folder / part / str(digit)).rename(folder / part / name)
        (folder / part / names[3] / ".DS_Store").touch()


def keras(folder, names="x_train y_train x_test y_test", shape=(-1, 28, 28)):
    arrays = [TRAIN[0].reshape(shape), TRAIN[1], TEST[0].reshape(shape), TEST[1]]
    np.savez_compressed(folder / "mnist.npz", **dict(zip(names.split(), arrays, strict=True)))


def kmnist(folder):
    for part, (images, labels) in (("train", TRAIN), ("test", TEST)):
        np.savez(folder / f"kmnist-{part}-imgs.npz", images.reshape(-1, 28, 28))
        np.savez(folder / f"kmnist-{part}-labels.npz", labels)


def hugging_face(folder):
    pyarrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    for part, (images, labels) in (("train", TRAIN), ("test", TEST)):
        files = [io.BytesIO() for _ in labels]
        for image, file in zip(images, files, strict=True):
            Image.fromarray(image.reshape(28, 28)).save(file, "PNG")
        table = {"image": [{"bytes": f.getvalue()} for f in files], "label": labels.tolist()}
        parquet.write_table(pyarrow.table(table), folder / f"{part}-00000-of-00001.parquet")


def lay(folder, words):
    """Write a set for each word: a CSV file, mnist.npz, MNIST's four (raw), EMNIST, or pictures."""
    for path in (folder / word for word in words.split()):
        path.parent.mkdir(parents=True, exist_ok=True)
        if "housing" in path.name:  # no digits; Colab has it
            path.write_text('"longitude","latitude"\n-1,2\n')
        elif path.suffix == ".csv":
            write_csv(path, *digits(100))
        elif path.suffix == ".npz":
            write_npz(path)
        elif path.name == "raw":
            write_quartet(path)
        else:
            emnist(path) if path.name == "emnist" else write_pictures(path, *digits(40))


def all_of(*writers):
    return lambda folder: [write(folder) for write in writers]


def renamed(name, packed=False):
    return partial(write_quartet, name=name, packed=packed)


TRAIN_IMAGES = "train_images train_labels test_images test_labels"
HOUSING = "california_housing_train.csv california_housing_test.csv"
COLAB = {"train": "mnist_train_small", "test": "mnist_test"}
COPIES = {"train": "Fashion_Train (2)", "test": "fashion_test", "header": []}
MNIST, NPZ = "MNIST, IDX files in {}", "npz, {}/mnist.npz"
PAIR = "CSV, {{0}}/{}.csv and {{0}}/{}.csv (labels: column {})"
TWO = "pictures in {0}/training and {0}/testing"
TESTING = partial(pictures, train="training", test="testing")
TOO = ", which is there too: name it to use it)"
DEEP = "pictures in {0}/mnist_png/Train and {0}/mnist_png/TEST"
PARQUET = "Parquet, {0}/train-00000-of-00001.parquet and {0}/test-00000-of-00001.parquet"
FORMS = {  # how files are written into a folder: what is said of it there
    "a browser's copies": (renamed(lambda n: f"{n.upper()} (1)", packed=True), MNIST),
    "-idx as .idx": (renamed(lambda n: n.replace("-idx", ".idx")), MNIST),
    "underscores": (renamed(lambda n: n.replace("-", "_")), MNIST),
    "torchvision": (
        lambda here: [write_quartet(here / "MNIST/raw", packed) for packed in (False, True)],
        f"{MNIST}/MNIST/raw",
    ),
    "a folder around each": (renamed("{0}/{0}".format), f"{MNIST}/{NAMES[0]}"),
    "EMNIST beside letters": (emnist, "EMNIST's digits, turned upright, IDX files in {}"),
    "test.csv with labels": (csv_pair, PAIR.format("train", "test", "label")),
    "copies, no header": (
        partial(csv_pair, **COPIES),
        PAIR.format(COPIES["train"], COPIES["test"], "1, no header"),
    ),
    "Colab's": (
        all_of(partial(csv_pair, **COLAB, delimiter=";"), partial(lay, words=HOUSING)),
        PAIR.format(*COLAB.values(), "label, separated by ;"),
    ),
    "Keras, flat": (partial(keras, shape=(-1, 784)), NPZ),
    "Keras, with a channel": (partial(keras, shape=(-1, 28, 28, 1)), NPZ),
    "train_images": (partial(keras, names=TRAIN_IMAGES), NPZ),
    "KMNIST's": (kmnist, "npz, {}/kmnist-train-imgs.npz and the three files beside it"),
    "Hugging Face": (hugging_face, PARQUET),
    "words": (partial(TESTING, names=folders.WORDS), TWO),
    "validation beside training, testing": (
        all_of(TESTING, partial(lay, words="val")),
        f"{TWO} (not {{0}}/val{TOO}",
    ),
    "deep down": (lambda here: pictures(here / "mnist_png", "Train", "TEST"), DEEP),
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


@pytest.mark.parametrize("name", ["train.csv", "a/mnist_train.csv", "archive/Data/my.csv", "."])
def test_a_csv_file_or_ten_folders_of_pictures(tmp_path, capsys, name):
    is_csv, path = name.endswith(".csv"), tmp_path / name
    (write_csv if is_csv else write_pictures)(path, *digits(400))
    beside = path.parent if is_csv else tmp_path
    for other in ("test.csv", "submission.csv", "sample_submission.csv", "history.csv"):
        write_csv(beside / other, digits(9)[0])  # none to train on
    write_csv(beside / "b/mnist_test.csv", *digits(9))  # the test set of another
    form = f"CSV, {path} (labels: column label)" if is_csv else f"pictures in {tmp_path}"
    for source in (tmp_path, str(path)):
        assert_split(data.load(source), digits(400), [32, 4, 4])
        expected = f"data: {form}: 320 training, 40 validation, 40 test images\n"
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
        assert refusal(data.load, tmp_path).startswith(f"{tmp_path}/{message}")


X = TRAIN[0].reshape(-1, 28, 28)
PROMISE = npy(X).replace(b"(240, 28, 28)}      ", b"(9000000000000000,)}")  # 9 PB
IMAGES = "x_train: wrong images (got uint8 [{}], expected [N, 28, 28])"
WHOLE = "{}_train: wrong values (got {}, expected whole numbers from 0 to 255)"
LETTERS = "y_train: no digit; labels 0 to 25: letters? These lessons read digits (got 10, expected"
BAD_NPZ = {  # what another array is: what is said
    "no array": ({"y_test": None}, "an array is missing (got x_train, y_train, x_test, expected"),
    "0 to 1": ({"x_train": X / 255}, WHOLE.format("x", "float64 from 0 to 1")),
    "14 x 14": ({"x_train": X[:, ::2, ::2]}, IMAGES.format("240, 14, 14")),
    "no images": ({"x_train": X[:0]}, IMAGES.format("0, 28, 28")),
    "labels infinity": (
        {"y_train": np.full(240, np.inf)},
        WHOLE.format("y", "float64 from inf to inf"),
    ),
    "negative": ({"y_train": np.arange(-9, 231)}, WHOLE.format("y", "int64 from -9 to 230")),
    "words": ({"y_train": np.full(240, "one")}, WHOLE.format("y", "<U3")),
    "one label for ten": ({"y_train": np.eye(240, 10)}, "y_train: wrong labels (got float64 [240,"),
    "letters": ({"y_train": np.arange(240) % 26}, LETTERS),
    "a pickle": ({"x_train": npy(X.astype(object))}, "cannot be read: it holds Python objects, w"),
    "a large promise": ({"x_train": PROMISE}, "cannot be read: "),
    "a broken header": ({"x_train": npy(X).replace(b"'descr'", b"'desc\xf2")}, "cannot be read: "),
}


@pytest.mark.parametrize("fault", BAD_NPZ)
def test_npz_that_is_refused(tmp_path, fault):
    changes, message = BAD_NPZ[fault]
    path = write_npz(tmp_path / "mnist.npz", **changes)
    assert refusal(data.load, tmp_path).startswith(f"{path}: {message}")


def test_npz_damaged_anywhere(tmp_path):
    path = write_npz(tmp_path / "mnist.npz")
    whole, header = path.read_bytes(), npy(TRAIN[1])
    for place in range(0, len(whole), 997):
        flipped = whole[:place] + bytes([whole[place] ^ 255]) + whole[place + 1 :]
        for content in (whole[:place], flipped):
            path.write_bytes(content)
            assert refusal(data.load, path).startswith(f"{path}: ")
    for bit in range(0, 8 * 128, 5):  # with a checksum that is right
        byte = bytes([header[bit // 8] ^ 1 << bit % 8])
        write_npz(path, y_train=header[: bit // 8] + byte + header[bit // 8 + 1 :])
        with contextlib.suppress(DataError):
            data.load(path)


PAGE = b"\n <!DOCTYPE html><title>404</title>"
KINDS = {  # what a file's first bytes are called: the bytes
    "a zip archive: unpack it, and name the folder": b"PK\3\4",
    "packed by bzip2: unpack it": b"BZh9",
    "packed by xz: unpack it": b"\xfd7zXZ\0",
    "a 7z archive: unpack it": b"7z\xbc\xaf\x27\x1c",
    "a rar archive: unpack it": b"Rar!\x1a",
    "a tar archive: unpack it": gzip.compress(bytes(257) + b"ustar"),
    "a pickle, which is never opened, as it can run code: save its ": b"\x80\x04\x95\0",
    "a single .npy array: images and labels belong in one mnist.npz": npy(X)[:200],
    "a .mat file of MATLAB: save its arrays as mnist.npz": b"MATLAB 5.0 MAT-file",
    "an HDF5 file: save its arrays as mnist.npz": b"\x89HDF\r\n",
    "a Parquet file: name the file itself, in .parquet": b"PAR1",
    "an Arrow file: save it as CSV": b"ARROW1",
    "a workbook of Excel: save it as CSV": b"PK" + bytes(28) + b"[Content_Types].xml",
    "a file of PyTorch, and in it a pickle": b"PK" + bytes(28) + b"archive/data.pkl",
    "text in UTF-16: save it as UTF-8": "label,".encode("utf-16"),
    "LIBSVM's sparse form, `label index:value`: save it as CSV": b"5 153:3 154:18 155:18\n",
    "numbers separated by blanks: separate them by commas": b" ".join([b"0"] * 785),
    "a picture: --predict reads it": b"\x89PNG\r\n",
    "a web page, saved in place of the file: download it again": PAGE,
    "a web page": gzip.compress(PAGE),
    "an ARFF file: save it as CSV": b"% MNIST\n" * 99 + b"@RELATION mnist_784\n",
    "gzip: unpack it once": gzip.compress(gzip.compress(b"")),
    "IDX with 2 dimensions of 32-bit integers": bytes([0, 0, 12, 2]) + bytes(9),  # QMNIST's labels
    "IDX with 3 dimensions of floats": bytes([0, 0, 13, 3]) + bytes(9),
}
PLACES = {  # where such a file lies: what is named, and how the message begins
    "file": ("file", "file: not a file to train on (got "),
    f"idx/{NAMES[1]}": ("idx", f"idx/{NAMES[1]}: not the IDX file it should be (got "),
    "train.csv": ("train.csv", "train.csv: "),
    "new/file": ("new", "new: nothing to train on (got file ("),
}


@pytest.mark.parametrize("called", KINDS)
def test_what_a_file_is_that_is_no_data(tmp_path, called):
    write_quartet(tmp_path / "idx")
    for file, (source, said) in PLACES.items():
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_bytes(KINDS[called])
        message = refusal(data.load, tmp_path / source)
        assert message.startswith(f"{tmp_path}/{said}")
        assert called in message.removeprefix(f"{tmp_path}/{said}")


def ones(upright):
    """Return 240 images of which the ones are bars."""
    images, labels = digits(240)
    bars = np.zeros((24, 28, 28), np.uint8)
    bars[:, 4:24, 12:15] = 255
    images[labels == 1] = bars.reshape(-1, 784) if upright else turned(bars)
    return {"x_train": images}


ODD = {  # what is said of the training set: what is odd in it
    "": ones(upright=True),
    "its ones lie on their side: are the images transposed?": ones(upright=False),
    "its images are dark on light, and MNIST's are light on dark": {"x_train": 255 - X},
    "its brightest pixel is 1, and MNIST's is 255": {"x_train": X // 128},
    "no image of 8, 9 to train on: the network will never answer 8, 9": {"y_train": TRAIN[1] % 8},
}


@pytest.mark.parametrize("said", ODD)
def test_what_is_unlike_mnist_gets_a_warning(tmp_path, capsys, said):
    path = write_npz(tmp_path / "a.NPZ", **ODD[said])
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
    message = f"{tmp_path}: too few images of the digit 7 (got 2, expected at least 3)"
    assert refusal(data.load, tmp_path) == message


def test_limit_keeps_the_first_training_images_only(tmp_path, capsys):
    folder = tmp_path / os.fsdecode(b"\xff\n")  # a name that cannot be printed as it is
    write_quartet(folder)
    whole, limited = data.load(folder), data.load(folder, limit=30)
    assert rows(limited[0]) == rows([array[:30] for array in whole[0]])
    assert rows(*limited[1:]) == rows(*whole[1:])
    assert data.load(folder, limit=221)[0].labels.shape == (220,)
    said, thirty = IDX.format(f"{tmp_path}/\\udcff\\n"), COUNTS.replace("220", "30")
    assert capsys.readouterr().out == said + COUNTS + said + thirty + said + COUNTS


def test_images_that_stay_on_disk(tmp_path, monkeypatch):
    write_quartet(tmp_path)
    monkeypatch.setattr(idx, "MIN_MAPPED", 1000)
    training, validation, test = data.load(tmp_path)
    assert isinstance(training.images, np.memmap)
    np.testing.assert_array_equal(training.images, TRAIN[0][:220])
    np.testing.assert_array_equal(validation.labels, TRAIN[1][220:])
    np.testing.assert_array_equal(test.images, TEST[0])


EMNIST = [f"emnist-{k}-{p}.csv" for k in ("digits", "balanced") for p in ("train", "test")]
UPRIGHT = "EMNIST's digits, turned upright, IDX files in {0}/emnist"
NOTHING = "{{0}}: nothing to train on (got {}, expected MNIST's four IDX files, a CSV file, mnist.n"
SEVERAL = {  # what lies in a folder: what is read, and named, or why nothing is
    "raw mnist.npz train.csv my.csv": "{0}/raw (not {0}/mnist.npz, {0}/train.csv, {0}/my.csv" + TOO,
    "mnist.npz fashion-mnist/raw": "npz, {0}/mnist.npz (not {0}/fashion-mnist/",
    "MNIST/raw fashion-mnist/raw": "{0}/MNIST/raw (not {0}/fashion-mnist/",
    " ".join([*EMNIST, "emnist"]): f"{UPRIGHT} (not {{0}}/{EMNIST[0]}{TOO}",
    " ".join(EMNIST): f"{{0}}/{EMNIST[1]} (labels: column label, turned upright",
    "raw a/train.csv b/train.csv": "{0}/raw (not {0}/a/train.csv, {0}/b/train.csv" + TOO,
    "a/train.csv train.csv": "{0}/train.csv (labels: column label) (not {0}/a/train.csv" + TOO,
    "mine mnist.npz": "npz, {0}/mnist.npz (not {0}/mine" + TOO,
    HOUSING: "california_housing_train.csv: line 1: wrong columns: missing pix",
    "a/train a/test b/train b/test": "{0}: holds a/train and b/train: name the one to train on",
    "a/b/c/raw": NOTHING.format("a"),
    "__MACOSX/train.csv": NOTHING.format("__MACOSX"),
    "test.csv": NOTHING.format("test.csv"),
}


@pytest.mark.parametrize("words", SEVERAL)
def test_of_several_sets_the_best_is_taken_and_the_others_named(tmp_path, capsys, words):
    lay(tmp_path, words)
    try:
        data.load(tmp_path)
    except DataError as error:
        print(error)
    assert SEVERAL[words].format(tmp_path) in capsys.readouterr().out


def test_a_set_in_two_halves(tmp_path):
    lay(tmp_path, "a/raw b/raw")
    for path in (tmp_path / "a/raw" / NAMES[0], tmp_path / "b/raw" / NAMES[2]):
        path.unlink()
    message = f"{tmp_path}: MNIST's four files lie in different folders"
    assert refusal(data.load, tmp_path) == message


def test_a_folder_that_nobody_can_enter_does_not_hide_the_files_beside_it(unprivileged):
    csv_pair(unprivileged)
    (unprivileged / "lost+found").mkdir(0o000)
    assert_quartet(data.load(unprivileged))


def test_the_sample(capsys):
    counts = [np.bincount(each.labels).tolist() for each in data.load("sample")]
    assert counts == [[count] * 10 for count in (400, 50, 50)]
    assert "a sample of 5,000 of MNIST's training images, whose" in capsys.readouterr().out


@pytest.mark.skipif(not MNIST_DIR, reason="MNIST_DIR is not set")
def test_the_sample_is_made_as_the_readme_says():
    code = Path(sources.FOLDER, "README.md").read_text().split("```python\n")[1].split("```")[0]
    code = code.replace('"data/sample.npz", ', "").replace('"data/', f'"{MNIST_DIR}/')
    made = {}
    exec(code.replace("np.savez_compressed", "made.update"), {"made": made})
    with np.load(sources.SAMPLE) as stored:
        for name in ("X", "y"):
            np.testing.assert_array_equal(stored[name], made[name], strict=True)


def test_one_file_with_its_labels_for_a_trained_network(tmp_path):
    write_quartet(tmp_path, packed=True)
    path, other = (tmp_path / f"{name}.gz" for name in NAMES[2:])
    csv = write_csv(tmp_path / "emnist-digits-test.csv", turned(TEST[0]), TEST[1])
    for source in (path, other, write_npz(tmp_path / "a.npz"), csv):
        images, labels, note = data.read_rows(source)
        np.testing.assert_array_equal(images, TEST[0], strict=True)
        np.testing.assert_array_equal(labels, TEST[1], strict=True)
        assert note.startswith("labels: ")
    other.unlink()
    assert data.read_rows(path)[1:] == (None, "no labels")
    path.rename(tmp_path / "a.gz")
    write_quartet(tmp_path / "raw")
    Path(tmp_path, "raw", NAMES[2]).unlink()
    alone = tmp_path / "raw" / NAMES[3]
    assert refusal(data.read_rows, alone) == f"{alone}: no images of this name lie here"


def test_a_file_of_mnist_names_its_folder(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    write_csv(tmp_path / "train.csv", *digits(100))
    write_quartet(tmp_path, packed=True)
    for name in NAMES:
        assert_quartet(data.load(f"~/{name}.gz"))
    assert capsys.readouterr().out == 4 * (IDX.format(tmp_path) + COUNTS)
    emnist(tmp_path)
    assert_quartet(data.load(tmp_path / "emnist-digits-test-labels-idx1-ubyte.gz"))
    assert "EMNIST's digits, turned upright" in capsys.readouterr().out
    Path(tmp_path, f"{NAMES[3]}.gz").unlink()
    message = f"{tmp_path}: no {NAMES[3]}"
    assert refusal(data.load, tmp_path / f"{NAMES[0]}.gz") == message


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
    # This project's own files there must not be taken for data.
    files = [path for path in Path(data.__file__).parent.iterdir() if path.suffix in (".py", ".md")]
    assert len(files) > 9
    assert [path.name for path in files if described(path)] == []


def test_mnist_by_name_is_fetched_whatever_else_lies_there(own, server, capsys):
    for name in "ab":
        write_csv(own / f"{name}.csv", *digits(9))
    assert refusal(data.load).startswith("data: holds a.csv and b.csv")
    data.load("mnist")
    assert capsys.readouterr() == (MNIST_LINE, "")
    assert len(server.asked) == 4


def test_train_csv_beside_the_rest_of_a_download_without_a_network(own, server, capsys):
    write_csv(own / "train.csv", *digits(100))
    write_quartet(own, packed=True)
    Path(own, f"{NAMES[0]}.gz").unlink()
    data.load()
    assert server.asked == []
    out, errors = capsys.readouterr()
    assert out.startswith("data: CSV, data/train.csv (labels: column label): 80 training, ")
    assert errors == f"warning: data: MNIST's files there are not used: no {NAMES[0]}\n"


@pytest.mark.skipif(not MNIST_DIR, reason="MNIST_DIR is not set")
def test_mnist_itself(capsys):
    training, validation, test = data.load(MNIST_DIR)
    said = f"data: MNIST, IDX files in {MNIST_DIR}: "
    said += "55000 training, 5000 validation, 10000 test images\n"
    assert capsys.readouterr() == (said, "")
    labels = np.bincount([*training.labels, *validation.labels])
    np.testing.assert_allclose(np.bincount(validation.labels), labels / 12, atol=1)
    counts = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert np.bincount(test.labels).tolist() == counts
    images = np.concatenate([training.images, validation.images])
    assert round(float(images.mean() / 255), 4) == 0.1307  # the mean that all cite
