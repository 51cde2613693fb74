"""Damage to a file's bytes: in any place, or in a place that its format gives a meaning."""

import gzip
import re
import struct
import zlib

KINDS = ("flip", "insert", "delete", "overwrite", "truncate", "double", "swap")
PNG_MAGIC = b"\x89PNG\r\n\x1a\n"


def change(data, kind, start, length, new):
    """Return bytes with one change of a KIND at `start`, of `length` bytes, with the bytes `new`.

    Any whole numbers will do: they are taken modulo what there is.
    """
    start %= len(data) + 1
    stop = start + length % (len(data) - start + 1)
    before, block, after = data[:start], data[start:stop], data[stop:]
    if kind == "flip":
        flipped = bytes([after[0] ^ 1 << length % 8]) if after else b""
        return before + block + flipped + after[1:]
    changed = {
        "insert": before + new + block + after,
        "delete": before + after,
        "overwrite": before + new + data[start + len(new) :],
        "truncate": before,
        "double": before + block + block + after,
        "swap": before + after[: len(block)] + block + after[len(block) :],
    }
    return changed[kind]


def change_part(data, pick, start, change_bytes):
    """Return bytes after `change_bytes` (bytes -> bytes) of one part that the format names.

    Repacked as a writer would have done it: what is inside a gzip stream, a cell or a line of a
    text, or the body of a PNG's chunk. Other bytes are changed as a whole. `pick` and `start` are
    any whole numbers.
    """
    if data[:2] == b"\x1f\x8b":
        try:
            return gzip.compress(change_bytes(gzip.decompress(data)), pick % 10, mtime=0)
        except (OSError, EOFError, zlib.error):
            return change_bytes(data)
    if data.startswith(PNG_MAGIC):
        return _change_chunk(data, pick, change_bytes)
    separators = [b"[^\n]+", b"[^,\n]+", b"[^,\n]+", b"\n|,"]  # a line, a cell, a cell's end
    begin = data.find(b"\n") + 1 if pick % 5 else 0  # below the header, mostly
    parts = list(re.compile(separators[pick % 4]).finditer(data, begin))
    if not parts:
        return change_bytes(data)
    first, last = parts[start % len(parts)].span()
    return data[:first] + change_bytes(data[first:last]) + data[last:]


def _change_chunk(data, pick, change_bytes):
    """Change the body of one chunk of a PNG, and make its length and CRC right again."""
    place, chunks = len(PNG_MAGIC), []
    while place + 12 <= len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        chunks.append([data[place + 4 : place + 8], data[place + 8 : place + 8 + length]])
        place += 12 + length
    if chunks:
        chunk = chunks[pick % len(chunks)]
        chunk[1] = _change_packed(chunk[1], change_bytes)
    return PNG_MAGIC + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


def _change_packed(body, change_bytes):
    try:
        return zlib.compress(change_bytes(zlib.decompress(body)))
    except zlib.error:
        return change_bytes(body)
