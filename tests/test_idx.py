"""IDX files, against files built by hand; what is refused, and how: faults/idx.py."""

import gzip
import os

import numpy as np
import pytest
from builders import digits, images_file, labels_file
from trainings import python

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
