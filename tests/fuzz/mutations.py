"""Damage to a file's bytes: in any place, or in a part that its format gives a meaning."""

import gzip
import re
import zlib

KINDS = ("flip", "insert", "delete", "overwrite", "truncate", "double", "swap")


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


def change_part(data, pick, kind, start, length, new):
    """Do the same to what is packed in a gzip file, or to one line or cell of a text.

    `pick` is any whole number: which kind of part, and which one.
    """
    if data[:2] == b"\x1f\x8b":
        try:
            inside = gzip.decompress(data)
        except (OSError, EOFError, zlib.error):
            return change(data, kind, start, length, new)
        return gzip.compress(change(inside, kind, start, length, new), pick % 10, mtime=0)
    parts = list(re.finditer([b"[^\n]+", b"[^,\n]+", b"\n|,"][pick % 3], data))
    if not parts:
        return change(data, kind, start, length, new)
    first, last = parts[pick // 3 % len(parts)].span()
    return data[:first] + change(data[first:last], kind, start, length, new) + data[last:]
