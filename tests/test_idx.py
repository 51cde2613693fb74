"""IDX files, against files built by hand; what is refused, and how: faults/idx.py."""

import gzip
import os

import numpy as np
import pytest
from builders import NAMES, digits, images_file, labels_file, write_quartet
from trainings import python

from data import idx
from data.errors import DataError


@pytest.mark.parametrize("packed", [False, True], ids=["raw", "gz"])
def test_the_content_decides_whether_it_is_gzip(tmp_path, packed):
    write_quartet(tmp_path, packed, train=12, test=5)
    for end in ("", ".gz"):
        for path in tmp_path.iterdir():
            path.rename(tmp_path / f"{path.name.removesuffix('.gz')}{end}")
        *arrays, is_mnist = idx.read({name: [tmp_path / f"{name}{end}"] for name in NAMES})
        for array, expected in zip(arrays, [*digits(12, 0), *digits(5, 1)], strict=True):
            assert array.dtype == np.uint8
            np.testing.assert_array_equal(array, expected)
        assert is_mnist is False


@pytest.mark.parametrize(
    ("whole", "magic"),
    [
        (images_file(digits(1)[0]), idx.IMAGES),
        (labels_file(digits(10)[1]), idx.LABELS),
        (gzip.compress(labels_file(digits(10)[1])), idx.LABELS),
    ],
    ids=["images", "labels", "labels, gz"],
)
def test_truncated_at_every_byte_or_longer_by_one(tmp_path, whole, magic):
    path = tmp_path / "file"
    path.write_bytes(whole)
    idx.read_file(path, magic)
    # Not by a zero: behind a gzip stream it is padding, to gzip itself and to Python's gzip.
    for changed in [whole[:end] for end in range(len(whole))] + [whole + b"\1", whole + b"\x1f"]:
        path.write_bytes(changed)
        with pytest.raises(DataError, match=f"^{path}: "):
            idx.read_file(path, magic)


def test_a_gzip_file_of_several_members(tmp_path):
    labels = digits(10)[1]
    whole, path = labels_file(labels), tmp_path / "file"
    members = [gzip.compress(part) for part in (b"", whole[:5], whole[5:], b"")]
    path.write_bytes(b"".join(members))
    np.testing.assert_array_equal(idx.read_file(path, idx.LABELS)[0], labels)
    path.write_bytes(b"".join([*members, gzip.compress(b"\0")]))
    with pytest.raises(DataError, match="longer than its header says"):
        idx.read_file(path, idx.LABELS)


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
        ({"more": 1}, r"wrong size \(got 7073 bytes, expected 7072 bytes\)"),
        ({"magic": 0x801}, r"not the IDX file it should be \(got labels, expected 0x00000803"),
    ]:
        large(path, 9, **how)
        with pytest.raises(DataError, match=message):
            idx.read_file(path, idx.IMAGES)
