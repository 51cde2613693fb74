"""IDX files, against files built by hand and against mlxtend's reader."""

import gzip
import hashlib
import os
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from builders import NAMES, digits, images_file, labels_file, quartet, write_quartet

from data import idx
from data.files import DataError

MNIST_DIR = os.environ.get("MNIST_DIR")
needs_mnist = pytest.mark.skipif(not MNIST_DIR, reason="MNIST_DIR is not set")


@pytest.mark.parametrize("packed", [False, True], ids=["raw", "gz"])
def test_four_files_are_read(tmp_path, packed):
    write_quartet(tmp_path, packed, train=12, test=5)
    found = idx.read(tmp_path)
    for array, expected in zip(found, [*digits(12, 0), *digits(5, 1)], strict=False):
        assert array.dtype == np.uint8
        np.testing.assert_array_equal(array, expected)
    assert found.is_mnist is False


@pytest.mark.parametrize("spelling", ["{}", "{}.gz"])
@pytest.mark.parametrize("packed", [False, True], ids=["raw", "gz"])
@pytest.mark.parametrize("dot", [False, True], ids=["-idx", ".idx"])
def test_every_spelling_is_read_and_the_content_decides_whether_it_is_gzip(
    tmp_path, spelling, packed, dot
):
    for name, content in quartet(train=3, test=2).items():
        name = spelling.format(name.replace("-idx", ".idx") if dot else name)
        Path(tmp_path, name).write_bytes(gzip.compress(content) if packed else content)
    np.testing.assert_array_equal(idx.read(tmp_path).train_images, digits(3)[0])


def test_a_file_in_two_spellings_must_have_one_content(tmp_path):
    write_quartet(tmp_path, packed=False)
    write_quartet(tmp_path, packed=True)
    idx.read(tmp_path)
    other = labels_file((digits(240)[1] + 1) % 10)
    Path(tmp_path, f"{NAMES[1]}.gz").write_bytes(gzip.compress(other))
    with pytest.raises(DataError, match=r"train-labels.* and train-labels.*\.gz differ"):
        idx.read(tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_the_missing_file_is_named(tmp_path, name):
    write_quartet(tmp_path)
    Path(tmp_path, name).rename(Path(tmp_path, name.upper()))  # case counts
    with pytest.raises(DataError, match=rf"no {name} \(expected e.g. {name}, {name}.gz, ") as error:
        idx.read(tmp_path)
    assert str(error.value).startswith(f"{tmp_path}: ")


def test_equals_another_reader(tmp_path):
    from mlxtend.data import loadlocal_mnist

    write_quartet(tmp_path)
    images, labels = loadlocal_mnist(str(tmp_path / NAMES[0]), str(tmp_path / NAMES[1]))
    found = idx.read(tmp_path)
    np.testing.assert_array_equal(found.train_images, images)
    np.testing.assert_array_equal(found.train_labels, labels)


@needs_mnist
def test_mnist_itself_is_recognised(tmp_path):
    found = idx.read(MNIST_DIR)
    assert found.is_mnist is True
    assert found.train_images.shape == (60000, 784)
    assert found.test_labels.shape == (10000,)
    assert np.bincount(found.test_labels).tolist() == [
        980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009
    ]  # fmt: skip
    assert round(float(found.train_images.mean() / 255), 4) == 0.1307  # the mean that all cite


@needs_mnist
@pytest.mark.parametrize("name", NAMES)
def test_the_table_has_mnists_own_hashes(name):
    content = gzip.decompress(Path(MNIST_DIR, f"{name}.gz").read_bytes())
    assert hashlib.sha256(content).hexdigest() == idx.FILES[name]


@pytest.mark.parametrize("packed", [False, True], ids=["raw", "gz"])
@pytest.mark.parametrize("magic", [idx.IMAGES, idx.LABELS], ids=["images", "labels"])
def test_truncated_at_every_byte_or_longer_by_one(tmp_path, packed, magic):
    images, labels = digits(1 if magic == idx.IMAGES else 10)
    whole = images_file(images) if magic == idx.IMAGES else labels_file(labels)
    whole = gzip.compress(whole) if packed else whole
    path = tmp_path / "file"
    path.write_bytes(whole)
    idx.read_file(path, magic)
    shorter = [whole[:end] for end in range(len(whole))]
    longer = [whole + bytes([byte]) for byte in range(256)]
    for changed in shorter + longer:
        path.write_bytes(changed)
        with pytest.raises(DataError, match=f"^{path}: "):
            idx.read_file(path, magic)


def test_a_flip_of_any_bit_of_a_gzip_file_is_harmless_or_found(tmp_path):
    labels = digits(10)[1]
    whole, path, found = gzip.compress(labels_file(labels)), tmp_path / "file", 0
    for place in range(len(whole)):
        for bit in range(8):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << bit]) + whole[place + 1 :])
            try:
                values, _ = idx.read_file(path, idx.LABELS)
            except DataError:
                found += 1
            else:
                np.testing.assert_array_equal(values, labels)
    # Harmless: gzip's flags, time and system (7 bytes), and the unused bits after the last code.
    assert found > 8 * (len(whole) - 8)


@pytest.mark.parametrize("count", [2**20, 2**31, 2**32 - 1])
@pytest.mark.parametrize("packed", [False, True], ids=["raw", "gz"])
def test_a_false_promise_costs_no_memory(tmp_path, count, packed):
    content = images_file(digits(2)[0], sizes=(count, 28, 28))
    path = tmp_path / "file"
    path.write_bytes(gzip.compress(content) if packed else content)
    assert _peak_while_refused(path) < 2**22


def test_a_gzip_bomb_costs_what_its_header_promises(tmp_path):
    path = tmp_path / "bomb"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(images_file(digits(2)[0]))
        for _ in range(200):
            file.write(bytes(2**20))
    assert _peak_while_refused(path) < 2**22
    # The same, where the last bytes of the file lie about the length.
    packed = path.read_bytes()
    path.write_bytes(packed[:-4] + struct.pack("<I", 16 + 2 * 784))
    assert _peak_while_refused(path) < 2**22


def _peak_while_refused(path):
    tracemalloc.start()
    try:
        with pytest.raises(DataError):
            idx.read_file(path, idx.IMAGES)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
