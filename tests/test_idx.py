"""IDX files, against files built by hand."""

import gzip
import os

import numpy as np
import pytest
from builders import NAMES, digits, images_file, labels_file, refusal, write_quartet
from trainings import python

import data
from data import idx
from support.ground import DataError

LABELS = digits(10)[1]
RAW = labels_file(LABELS)
PACKED = gzip.compress(RAW)
MEMBERS = b"".join(gzip.compress(part) for part in (b"", RAW[:5], RAW[5:]))


def read(path, content):
    path.write_bytes(content)
    return idx.read_file(path, idx.LABELS)[0]


@pytest.mark.parametrize("whole", [RAW, PACKED, MEMBERS], ids=["raw", "gz", "members"])
def test_whole_or_cut_at_every_byte_or_longer(tmp_path, whole):
    for name in ("a", "a.gz"):  # the content decides whether it is gzip
        np.testing.assert_array_equal(read(tmp_path / name, whole), LABELS, strict=True)
    # Not by a zero: behind a gzip stream it is padding, to gzip itself and to Python's gzip.
    longer = [whole + more for more in (b"\1", b"\x1f", gzip.compress(b"\0"))]
    for changed in [whole[:end] for end in range(len(whole))] + longer:
        assert refusal(read, tmp_path / "a", changed).startswith(f"{tmp_path}/a: ")


def test_a_flip_of_any_bit_of_a_gzip_file_is_harmless_or_found(tmp_path):
    found = 0
    for bit in range(8 * len(PACKED)):
        flipped = bytearray(PACKED)
        flipped[bit // 8] ^= 1 << bit % 8
        try:
            np.testing.assert_array_equal(read(tmp_path / "a", flipped), LABELS)
        except DataError:
            found += 1
    # Harmless: gzip's flags, time and system (7 bytes), and the unused bits after the last code.
    assert found > 8 * (len(PACKED) - 8)


def large(path, count, more=0, magic=0x803):
    """Write raw images, the first of them random, the rest a hole in the file."""
    path.write_bytes(images_file(digits(1)[0], magic, (count, 28, 28)))
    os.truncate(path, 16 + 784 * count + more)


def test_large_raw_images_are_mapped_into_memory(tmp_path):
    path, count = tmp_path / "images", 2**30 // 784 + 9  # more than may be read
    large(path, count)
    code = "import resource, sys; resource.setrlimit(resource.RLIMIT_DATA, (2**28, 2**28))\n"
    code += "from data import idx; values, digest = idx.read_file(sys.argv[1], idx.IMAGES)\n"
    code += "print(values.shape, values.dtype, values[0].sum(), values[-1].sum(), digest)"
    said = f"({count}, 784) uint8 {digits(1)[0].sum()} 0 \n"
    assert python("-c", code, path) == (0, said, "")


def test_large_images_are_checked_and_packed_ones_are_read(tmp_path, monkeypatch):
    path = tmp_path / "images"
    monkeypatch.setattr(idx, "MIN_MAPPED", 2000)
    path.write_bytes(gzip.compress(images_file(digits(9)[0])))
    np.testing.assert_array_equal(idx.read_file(path, idx.IMAGES)[0], digits(9)[0])
    for how, message in [
        ({"more": -1}, "wrong size (got 7071 bytes, expected 7072 bytes)"),
        ({"magic": 0x801}, "not the IDX file it should be (got labels, expected 0x00000803"),
    ]:
        large(path, 9, **how)
        assert refusal(idx.read_file, path, idx.IMAGES).startswith(f"{path}: {message}")


IMAGES, TRAINED_ON = digits(240)
WHOLE = images_file(IMAGES)
TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS = NAMES
OTHERS = gzip.compress(labels_file((TRAINED_ON + 1) % 10))
MOST = 2**30 // 784
NUMBER = f"number of items out of range (got {{}}, expected 1 to {MOST})"
MAGIC = "not the IDX file it should be (got {}, expected 0x00000803, images)"
LETTERS = "label 10 (from 0): no digit; labels 0 to 25: letters? These lessons read digits (got 10"
REFUSED = {  # what is said of a file: its name, its content
    "ends early (got 0 bytes, expected 4 bytes)": (TRAIN_IMAGES, b""),
    MAGIC.format("labels"): (TRAIN_IMAGES, labels_file(TRAINED_ON)),
    MAGIC.format("the first bytes 01 00 08 03"): (TRAIN_IMAGES, b"\1" + WHOLE[1:]),
    NUMBER.format(0): (TRAIN_IMAGES, images_file(IMAGES, sizes=(0, 28, 28))),
    NUMBER.format(MOST + 1): (TRAIN_IMAGES, images_file(IMAGES, sizes=(MOST + 1, 28, 28))),
    "ends early (got 188175 bytes, expected 188176 bytes)": (TRAIN_IMAGES, WHOLE[:-1]),
    "longer than its header says (expected 188176 bytes)": (TRAIN_IMAGES, WHOLE + b"\0"),
    "wrong image size (got 28 x 29, exp": (TEST_IMAGES, images_file(IMAGES, sizes=(240, 28, 29))),
    LETTERS: (TRAIN_LABELS, labels_file((np.arange(240) % 26).astype(np.uint8))),
    "differs from ": (f"{TRAIN_LABELS}.gz", OTHERS),
}


@pytest.mark.parametrize("message", REFUSED)
def test_what_is_refused_in_the_place_of_one_of_four_good_files(tmp_path, message):
    name, content = REFUSED[message]
    write_quartet(tmp_path)
    (tmp_path / name).write_bytes(content)
    assert refusal(data.load, tmp_path).startswith(f"{tmp_path / name}: {message}")
