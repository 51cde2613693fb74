"""Fuzz the project's readers: python tests/fuzz/run.py [--seconds N] [TARGET ...]

Changes the saved inputs at random, and goes on with those that have a new outcome. An input that
breaks a target's rule is saved in inputs/TARGET/, where tests/test_fuzz.py replays it from then
on; the exit code is then 1.
"""

import argparse
import gzip
import hashlib
import random
import re
import sys
import time
import zlib
from pathlib import Path

HERE = Path(__file__).resolve().parent
MAX_BYTES = 20_000  # of an input
WORDS = [b"0", b"7", b"256", b"-1", b'"', b"\n", b"\r\n", b"\r", b",", b"nan", b"{", b"[", b"'"]
WORDS += [b'"7"', b'"1\n2"', b"\r\r\n", b"\xef\xbb\xbf", b"1e3", b" 1", b"007", b"null", b"\0"]


def saved(name):
    """Return the paths of a target's saved inputs."""
    return sorted((HERE / "inputs" / name).iterdir())


def changed(data, seeds, generator):
    """Return bytes with one change, anywhere or where headers are."""
    start = min(generator.choice([24, MAX_BYTES]), len(data) + 1)
    start = generator.randrange(start)
    stop = start + min(generator.choice([0, 1, 4, 40, 1000]), len(data) - start)
    other = generator.choice(seeds)
    other = other[generator.randrange(len(other) + 1) :][:1000]
    new = generator.choice([*WORDS, other, generator.randbytes(generator.randint(1, 4))])
    before, block, after = data[:start], data[start:stop], data[stop:]
    flipped = bytes([after[0] ^ 1 << generator.randrange(8)]) + after[1:] if after else b""
    changes = [before + block + flipped, before + new + block + after, before + after, before]
    changes += [before + new + data[start + len(new) :], before + block + block + after]
    return generator.choice([*changes, before + after[: len(block)] + block + after[len(block) :]])


def changed_part(data, seeds, generator):
    """Do the same to what is packed in a gzip file, or to one line or cell of a text."""
    if data[:2] == b"\x1f\x8b":
        try:
            inside = changed(gzip.decompress(data), seeds, generator)
            return gzip.compress(inside, generator.randrange(10), mtime=0)
        except (OSError, EOFError, zlib.error):
            return changed(data, seeds, generator)
    parts = re.finditer(generator.choice([b"[^\n]+", b"[^,\n]+", b"\n|,"]), data)
    start, stop = generator.choice([part.span() for part in parts] or [(0, len(data))])
    return data[:start] + changed(data[start:stop], seeds, generator) + data[stop:]


def mutated(data, seeds, generator):
    """Return bytes after one to four changes."""
    for _ in range(generator.choice([1, 1, 1, 2, 3, 4])):
        data = generator.choice([changed, changed_part])(data, seeds, generator)
    return data[:MAX_BYTES]


def fuzz(name, target, seconds, generator):
    """Fuzz one target. Return whether its rule held."""
    seeds = [path.read_bytes() for path in saved(name)]
    outcomes, count, end = {target(data) for data in seeds}, 0, time.monotonic() + seconds
    while time.monotonic() < end:
        data, count = mutated(generator.choice(seeds), seeds, generator), count + 1
        try:
            outcome = target(data)
        except BaseException:
            path = HERE / "inputs" / name / hashlib.sha256(data).hexdigest()[:16]
            path.write_bytes(data)
            print(f"{name}: BROKEN: saved as {path}", flush=True)
            return False
        if outcome not in outcomes:
            outcomes.add(outcome)
            seeds.append(data)
    print(f"{name}: {count} executions, {len(outcomes)} outcomes", flush=True)
    return True


def main():
    sys.path[:0] = [str(HERE), str(HERE.parent.parent)]
    from targets import TARGETS

    parser = argparse.ArgumentParser(description=__doc__.split(":")[0])
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"{', '.join(TARGETS)} [all]")
    parser.add_argument("--seconds", type=float, default=60, help="for each target [%(default)s]")
    parser.add_argument("--seed", type=int, default=1, help="of all that is random [%(default)s]")
    args = parser.parse_args()
    generator = random.Random(args.seed)
    held = [fuzz(n, TARGETS[n], args.seconds, generator) for n in args.targets or TARGETS]
    return int(not all(held))


if __name__ == "__main__":
    sys.exit(main())
