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
            text = text.replace(f"{size:_},", f"{other},")
        file.write_text(text)


def in_data(*missing):
    """Return a builder of MNIST's files in data/, all but the `missing` ones."""
    names = [name for name in PACKED if name.removesuffix(".gz") not in missing]
    return both(*(put(f"data/{name}", PACKED[name]) for name in names))


def rows():
    no_mirror = f"{FETCHED}: cannot be fetched: http://127.0.0.1:{{}}/{TRAIN_IMAGES}.gz: {{}}"
    refused = no_mirror.format(9, "no connection, or broken off")
    forbidden = no_mirror.format("PORT/status_403", "HTTP status 403")
    full, read_only = f"{FETCHED}: File too large", f"{FETCHED}: Permission denied"
    good = {"mirror": "good"}
    for fault, line, how in [
        ("refused", refused, {}),
        ("forbidden", forbidden, {"mirror": "status_403", "asked": 1}),
        ("disk full", full, {**good, "largest_file": 5000, "asked": 1}),
        ("data/ is read-only", read_only, {**good, "modes": {"data": 0o555}}),
    ]:
        command = "cnn_mnist.py --data mnist"
        yield Row(f"download: {fault}", small_mnist, command, 4, line, SPLIT, **how)
    # Where it is not asked for by name, it ends in a warning, and the sample.
    # The lesson then ends before it imports TensorFlow.
    build, line = put("full/thesis.tex"), "full: holds other files (expected ...)"
    for fault, warning, how in [
        ("refused", refused, {}),
        ("disk full", full, {**good, "largest_file": 5000, "asked": 1}),
    ]:
        how = {**how, "warnings": (warning, TAKES_SAMPLE), "stdout": SAMPLE_LINE}
        builder = both(small_mnist, build)
        yield Row(f"no --data: {fault}", builder, "mlp_mnist.py --out full", 5, line, SPLIT, **how)
    name = f"{TRAIN_LABELS}.gz"
    way_out = "data: a file there that was downloaded may be deleted, and is then fetched again"
    damaged = both(small_mnist, in_data(), put(f"data/{name}", PACKED[name][:-30]))
    other = f"{FETCHED}: not MNIST's own, so MNIST's {TEST_IMAGES}.gz would not belong to it"
    names = "data: other files than MNIST's own have their names here"
    short = "data/train.csv: line 2: wrong number of cells (got 1, expected 785)"
    mnist = " --data mnist"
    for fault, build, source, line in [
        ("a damaged file", damaged, "", f"data/{name}: Compressed file ended ..."),
        ("a set that lacks a file", in_data(TEST_IMAGES), mnist, other),
        ("another set", in_data(), mnist, names),
        ("a damaged train.csv", put("data/train.csv", HEADER + b"\n7\n"), "", short),
        ("a dangling link", link("none", FETCHED), "", f"{FETCHED}: {NONE}"),
        ("a folder", put(f"{FETCHED}/x"), "", f"{FETCHED}: Is a directory"),
    ]:
        fault = f"in data/, {fault}: left alone"
        warnings = (way_out,) if "damaged file" in fault else ()
        command = f"mlp_mnist.py{source}"
        yield Row(fault, build, command, 3, line, SPLIT, warnings, mirror="good")
