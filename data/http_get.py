"""Get one file over HTTP, of known size and sha256, within a deadline."""

import hashlib
import threading
import time
import urllib.error
import urllib.request

from tqdm import tqdm

LEAST = 2**14  # bytes that must arrive within the time that `get` calls patience


class Refused(Exception):
    """Why an address did not give the file, in a few words."""


def get(address, size, sha256, deadline, patience):
    """Return what `address` sends, if it is `size` bytes with that `sha256`; else Refused.

    Args:
        address: http or https, the latter with its certificate checked.
        size: bytes; a longer body is given up as soon as it is longer.
        sha256: in hexadecimal digits.
        deadline: time.monotonic() at which to give up in any case.
        patience: seconds in which LEAST more bytes must arrive.

    A socket's timeout bounds neither the look-up of a name nor a server that sends a byte now and
    then. So a thread of its own does the waiting, and is abandoned when the time is up.
    """
    body, problems, given_up = bytearray(), [], threading.Event()

    def receive():
        try:
            with urllib.request.urlopen(address, timeout=patience) as answer:
                while not given_up.is_set() and len(body) <= size:
                    block = answer.read1(LEAST)
                    if not block:
                        break
                    body.extend(block)
        except urllib.error.HTTPError as problem:
            problems.append(f"HTTP status {problem.code}")
        except Exception as problem:  # whatever a broken server provokes is a reason to go on
            problems.append(str(getattr(problem, "reason", problem)) or type(problem).__name__)

    thread = threading.Thread(target=receive, daemon=True)
    thread.start()
    name = address.rpartition("/")[2]
    # disable=None: a bar on a terminal only.
    with tqdm(desc=name, total=size, unit="B", unit_scale=True, disable=None, leave=False) as bar:
        seen, since = 0, time.monotonic()
        while thread.is_alive():
            thread.join(0.05)
            bar.update(len(body) - bar.n)
            now = time.monotonic()
            if len(body) - seen >= LEAST:
                seen, since = len(body), now
            if thread.is_alive() and now > min(deadline, since + patience):
                given_up.set()
                late = "out of time" if now > deadline else f"stalled for {patience} s"
                raise Refused(f"{late} after {len(body)} bytes")
    if problems:
        raise Refused(problems[0])
    if len(body) != size:
        got = f"{len(body)} bytes" if len(body) < size else "more"
        raise Refused(f"wrong size (got {got}, expected {size} bytes)")
    if (got := hashlib.sha256(body).hexdigest()) != sha256:
        raise Refused(f"wrong content (got sha256 {got}, expected {sha256})")
    return bytes(body)
