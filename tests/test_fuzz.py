"""The project's readers, given the inputs that broke a reader once, and changes of them.

`python -m pytest tests/test_fuzz.py --hypothesis-profile long` tries many more. What it finds
belongs into fuzz/inputs/, named after its hash, and is replayed from then on.
"""

import gzip
import hashlib
import re
import zlib
from pathlib import Path

import pytest
from fuzz.targets import TARGETS
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from data import idx

INPUTS = Path(__file__).parent / "fuzz/inputs"
WORDS = [b"0", b"7", b"256", b"-1", b'"', b"\n", b"\r\n", b"\r", b",", b"nan", b"{", b"[", b"'"]
WORDS += [b'"7"', b'"1\n2"', b"\r\r\n", b"\xef\xbb\xbf", b"1e3", b" 1", b"007", b"null", b"\0"]

# Where a change begins: anywhere (which is drawn twice as often), where a header is, at a line, a
# cell or what ends one.
PARTS = [b"(?s).", b"(?s).", b"(?s)(?<!.{24}).", b"[^\n]+", b"[^,\n]+", b"[\n,]"]


@st.composite
def changed(draw, inputs, data=None, inside=True):
    """Return one of `inputs`, or `data`, with one to four changes.

    inside: change what is packed in a gzip file, not only the file.
    """
    data = draw(st.sampled_from(inputs)) if data is None else data
    if inside and data.startswith(b"\x1f\x8b") and draw(st.booleans()):
        try:
            return gzip.compress(draw(changed(inputs, gzip.decompress(data), False)), mtime=0)
        except (OSError, EOFError, zlib.error):
            pass  # no whole gzip file
    for _ in range(draw(st.sampled_from([1, 1, 1, 2, 3, 4]))):
        part = draw(st.sampled_from(PARTS))
        spans = [found.span() for found in re.finditer(part, data)] or [(0, 0)]
        start, stop = draw(st.sampled_from(spans))
        stop = max(start, stop + draw(st.sampled_from([-1, 0, 0, 3, 1000, len(data)])))
        block, other = data[start:stop], draw(st.sampled_from(inputs))
        flipped = [bytes([byte ^ 1 << bit]) + block[1:] for byte in block[:1] for bit in range(8)]
        blocks = st.sampled_from([b"", block + block, other[start:stop], other[:1000], *WORDS])
        few = st.binary(min_size=1, max_size=4)
        new = draw(blocks | few | st.sampled_from(flipped or [b""]))
        data = data[:start] + new + data[stop:]
    return data


@pytest.mark.parametrize("name", TARGETS)
def test_inputs_are_read_as_their_format_says_or_refused(name, tmp_path, capfd):
    saved = {path.name: path.read_bytes() for path in sorted((INPUTS / name).iterdir())}
    assert list(saved) == [hashlib.sha256(data).hexdigest()[:16] for data in saved.values()]
    assert {TARGETS[name](tmp_path, data) for data in saved.values()} == {True, False}

    @given(changed(list(saved.values())))
    def try_others(data):
        TARGETS[name](tmp_path, data)

    try_others()
    assert capfd.readouterr() == ("", "")


def test_a_broken_reader_is_found(tmp_path, monkeypatch):
    """From a single input, which it reads as the format says."""
    original, seed = idx.read_file, b"\0\0\x08\x01\0\0\0\x03\1\2\1"

    def careless(path, magic):
        values, digest = original(path, magic)
        return values.clip(0, 2), digest

    @settings(max_examples=20_000, phases=[Phase.generate])
    @given(changed([seed]))
    def try_others(data):
        TARGETS["idx"](tmp_path, data)

    monkeypatch.setattr(idx, "read_file", careless)
    assert TARGETS["idx"](tmp_path, seed)
    with pytest.raises(AssertionError, match="Arrays are not equal"):
        try_others()
