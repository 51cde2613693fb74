"""IDX files, against files built by hand."""

import gzip
import os

import numpy as np
import pytest
from builders import NAMES, digits, images_file, labels_file, write_quartet
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


@pytest.mark.parametrize(
    ("name", "content"),
    [("a", RAW), ("a.gz", RAW), ("a", PACKED), ("a.gz", MEMBERS)],
    ids=["raw", "raw, .gz", "gz", "members, .gz"],
)
def test_the_content_decides_whether_it_is_gzip(tmp_path, name, content):
    np.testing.assert_array_equal(read(tmp_path / name, content), LABELS, strict=True)


@pytest.mark.parametrize("whole", [RAW, PACKED, MEMBERS], ids=["raw", "gz", "members"])
def test_cut_at_every_byte_or_longer(tmp_path, whole):
    # Not by a zero: behind a gzip stream it is padding, to gzip itself and to Python's gzip.
    longer = [whole + more for more in (b"\1", b"\x1f", gzip.compress(b"\0"))]
    for changed in [whole[:end] for end in range(len(whole))] + longer:
        with pytest.raises(DataError, match=f"^{tmp_path}/a: "):
            read(tmp_path / "a", changed)


def test_a_flip_of_any_bit_of_a_gzip_file_is_harmless_or_found(tmp_path):
    found = 0
    for place in range(len(PACKED)):
        for bit in range(8):
            flipped = bytes([PACKED[place] ^ 1 << bit])
            try:
                values = read(tmp_path / "a", PACKED[:place] + flipped + PACKED[place + 1 :])
            except DataError:
                found += 1
            else:
                np.testing.assert_array_equal(values, LABELS)
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
        ({"more": -1}, r"wrong size \(got 7071 bytes, expected 7072 bytes\)"),
        ({"magic": 0x801}, r"not the IDX file it should be \(got labels, expected 0x00000803"),
    ]:
        large(path, 9, **how)
        with pytest.raises(DataError, match=message):
            idx.read_file(path, idx.IMAGES)


IMAGES, TRAINED_ON = digits(240)
TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS = NAMES
GZ = gzip.compress(labels_file(TRAINED_ON), mtime=0)
MOST = 2**30 // 784


def whole(**header):
    return images_file(IMAGES, **header)


NUMBER = f"number of items out of range (got {{}}, expected 1 to {MOST})"
MAGIC = "not the IDX file it should be (got {}, expected 0x00000803, images)"
EARLY = "ends early (got {} bytes, expected {} bytes)"
LETTERS = labels_file((np.arange(240) % 26).astype(np.uint8))
REFUSED = {  # what is wrong: name of the file, its content, what is said of it
    "empty": (TRAIN_IMAGES, b"", EARLY.format(0, 4)),
    "labels as images": (TRAIN_IMAGES, labels_file(TRAINED_ON), MAGIC.format("labels")),
    "a byte of the magic number": (
        TRAIN_IMAGES,
        whole(magic=0x01000803),
        MAGIC.format("the first bytes 01 00 08 03"),
    ),
    "28 x 29": (
        TEST_IMAGES,
        whole(sizes=(240, 28, 29)),
        "wrong image size (got 28 x 29, expected 28 x 28)",
    ),
    "one label fewer": (
        TEST_LABELS,
        labels_file(TRAINED_ON[:39]),
        "not as many labels as images (got 39, expected 40)",
    ),
    "letters": (
        TRAIN_LABELS,
        LETTERS,
        "label 10 (from 0): no digit; labels 0 to 25: letters? These lessons read digits (got 10, "
        "expected 0 to 9)",
    ),
    "gz: CRC": (TRAIN_LABELS, GZ[:-8] + bytes([GZ[-8] ^ 1]) + GZ[-7:], "CRC check failed "),
    "gz: flipped byte": (
        TRAIN_LABELS,
        GZ[:14] + bytes([GZ[14] ^ 0xFF]) + GZ[15:],
        "Error -3 while",
    ),
    "0 images": (TRAIN_IMAGES, whole(sizes=(0, 28, 28)), NUMBER.format(0)),
    "more than 1 GiB": (TRAIN_IMAGES, whole(sizes=(MOST + 1, 28, 28)), NUMBER.format(MOST + 1)),
    "a byte too few": (TRAIN_IMAGES, whole()[:-1], EARLY.format(188175, 188176)),
    "a byte too many": (
        TRAIN_IMAGES,
        whole() + b"\0",
        "longer than its header says (expected 188176 bytes)",
    ),
    "another one, packed": (
        f"{TRAIN_LABELS}.gz",
        gzip.compress(labels_file((TRAINED_ON + 1) % 10)),
        "differs from ",
    ),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_what_is_refused_in_the_place_of_one_of_four_good_files(tmp_path, fault):
    name, content, message = REFUSED[fault]
    write_quartet(tmp_path)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError) as error:
        data.load(tmp_path)
    assert str(error.value).startswith(f"{tmp_path / name}: {message}")
