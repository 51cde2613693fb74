"""Faults of the folder data/, and of downloads into it. Faulty mirrors: test_download.py."""

from faulty_server import PACKED, TABLES

from data import download, idx
from faults import NONE, SPLIT, Row, both, link, put
from faults.csv import HEADER
from faults.idx import TEST_IMAGES, TRAIN_IMAGES, TRAIN_LABELS

FETCHED = f"data/{TRAIN_IMAGES}.gz"
TAKES_SAMPLE = "going on with a sample, whose figures are NOT MNIST's"
SAMPLE_LINE = "data: a sample of 5,000 of MNIST's training images, whose figures are not "
SAMPLE_LINE += "MNIST's: 4000 training, 500 validation, 500 test images"


def small_mnist(here):
    """Have the lessons in `here` take four small files, in PACKED, for MNIST's own."""
    for file, table, own in [
        (here / "data/download.py", download.SHA256, TABLES["SHA256"]),
        (here / "data/idx.py", idx.FILES, TABLES["FILES"]),
    ]:
        text = file.read_text()
        for name, digest in table.items():
            text = text.replace(digest, own[name])
        for size, other in zip(download.SIZES.values(), TABLES["SIZES"].values(), strict=True):
            text = text.replace(f"{size:_}", f"{other}")
        file.write_text(text)


def in_data(*missing):
    """Return a builder of MNIST's files in data/, all but the `missing` ones."""
    names = [name for name in PACKED if name.removesuffix(".gz") not in missing]
    return both(*(put(f"data/{name}", PACKED[name]) for name in names))


def failed(place, reason):
    return f"{FETCHED}: cannot be fetched: http://127.0.0.1:{place}/{TRAIN_IMAGES}.gz: {reason}"


NAME = f"data/{TRAIN_LABELS}.gz"
REFUSED = failed(9, "no connection, or broken off")
FORBIDDEN = failed("PORT/status_403", "HTTP status 403")
FULL = {"mirror": "good", "largest_file": 5000, "asked": 1}
OTHER = f"{FETCHED}: not MNIST's own, so MNIST's {TEST_IMAGES}.gz would not belong to it"
OTHERS = "data: other files than MNIST's own have their names here"
SHORT = "data/train.csv: line 2: wrong number of cells (got 1, expected 785)"
DAMAGED = both(small_mnist, in_data(), put(NAME, PACKED[f"{TRAIN_LABELS}.gz"][:-30]))
WAY_OUT = "data: a file there that was downloaded may be deleted, and is then fetched again"
LEFT_ALONE = {  # what lies in data/: the builder, the flag, what the message says
    "a damaged file": (DAMAGED, "", f"{NAME}: Compressed file ended ..."),
    "a set that lacks a file": (in_data(TEST_IMAGES), "--data mnist", OTHER),
    "another set": (in_data(), "--data mnist", OTHERS),
    "a damaged train.csv": (put("data/train.csv", HEADER + b"\n7\n"), "", SHORT),
    "a dangling link": (link("none", FETCHED), "", f"{FETCHED}: {NONE}"),
    "a folder": (put(f"{FETCHED}/x"), "", f"{FETCHED}: Is a directory"),
}


def rows():
    read_only = {"mirror": "good", "modes": {"data": 0o555}}
    for fault, line, how in [
        ("forbidden", FORBIDDEN, {"mirror": "status_403", "asked": 1}),
        ("disk full", f"{FETCHED}: File too large", FULL),
        ("data/ is read-only", f"{FETCHED}: Permission denied", read_only),
    ]:
        command = "cnn_mnist.py --data mnist"
        yield Row(f"download: {fault}", small_mnist, command, 4, line, SPLIT, **how)
    # Where it is not asked for by name, it ends in a warning, and the sample.
    # The lesson then ends before it imports TensorFlow.
    build, line = both(small_mnist, put("full/x.tex")), "full: holds other files (expected ...)"
    for fault, warning, how in [
        ("refused", REFUSED, {}),
        ("disk full", f"{FETCHED}: File too large", FULL),
    ]:
        how = {**how, "warnings": (warning, TAKES_SAMPLE), "stdout": SAMPLE_LINE}
        yield Row(f"no --data: {fault}", build, "mlp_mnist.py --out full", 5, line, SPLIT, **how)
    for fault, (build, flag, line) in LEFT_ALONE.items():
        how = {"warnings": (WAY_OUT,) if build == DAMAGED else (), "mirror": "good"}
        command = f"mlp_mnist.py {flag}"
        yield Row(f"in data/, {fault}: left alone", build, command, 3, line, SPLIT, **how)
