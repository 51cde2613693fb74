"""`--predict`: what it reads, in which order, what it says, and what it writes."""

import argparse
import contextlib
import csv
import re
import signal
from pathlib import Path

import numpy as np
import pytest
from builders import images_file, labels_file, write_csv
from PIL import Image

import cnn_mnist
import data
from support.ground import DataError, Interrupted, OutputError
from support.reading import inputs, outputs, reader

LINE = re.compile(r"(.*): ([\d? ]+)   \(((?:\d: \d+\.\d%(?:  )?)+)\)")


@pytest.fixture(scope="module")
def digits():
    """Return 60 images that a training on the sample has not seen, uint8 [60, 784], and labels."""
    return [array[:60] for array in data.load("sample").test]


class Session:
    """Runs a network that knows some digits: by their ink, as a shifted image has the same."""

    def __init__(self, images, labels):
        self.sums, self.labels, self.runs = images.sum(axis=1, dtype=int), labels, 0

    def run(self, asked, feed):
        self.runs += 1
        (pixels,) = feed.values()
        nearest = np.abs(pixels.sum(axis=1, dtype=int)[:, np.newaxis] - self.sums).argmin(axis=1)
        return np.where(np.arange(10) == self.labels[nearest, np.newaxis], 0.91, 0.01)


@pytest.fixture
def session(digits, tmp_path, monkeypatch):
    (tmp_path / "out").mkdir()
    monkeypatch.chdir(tmp_path)
    return Session(*digits)


def read(session, *names, before=lambda: None, **flags):
    """Read files with a Session; before: called where a lesson imports TensorFlow."""
    flags = dict.fromkeys(("show", "table", "draw", "export")) | flags
    with reader.Reader(argparse.Namespace(predict=names, out="out", **flags)) as one:
        before()
        one.answer(session, argparse.Namespace(images="images", probabilities="probabilities"))


def save(image, *names):
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image.reshape(28, 28)).save(name)


def drawn(images):
    """Return digits side by side, dark on light and large."""
    row = 255 - np.pad(np.hstack(images.reshape(-1, 28, 28)), 20)
    return Image.fromarray(row).resize([6 * row.shape[1], 6 * row.shape[0]])


def test_a_trained_network_reads_pictures(digits, on_sample, tmp_path, capsys):
    for number, (image, label) in enumerate(zip(*digits, strict=True)):
        (tmp_path / f"{label}").mkdir(exist_ok=True)
        drawn(image).save(tmp_path / f"{label}/{number}.jpg")
    with contextlib.suppress(DataError):  # of a picture in which no digit was seen
        cnn_mnist.main(["--out", str(on_sample(cnn_mnist)[0]), "--predict", str(tmp_path)])
    # With a wrong polarity, size or place barely any is read.
    assert float(re.search(r"\naccuracy (.*)% of 60 images", capsys.readouterr().out)[1]) >= 85


def test_a_number_is_read_drawn_and_written_to_a_table(session, digits, capsys):
    drawn(digits[0][:4]).save("number.png")
    save(digits[0][0], "1.png")
    Path("bad.png").write_bytes(b"no picture")
    write_csv("test.csv", digits[0][1:2])
    for _ in range(2):  # the table of before may be overwritten
        with pytest.raises(DataError, match=r"^bad\.png: not a picture"):
            read(session, "1.png", "bad.png", "test.csv", "number.png", table="t.csv", show=True)
    drawing, line = capsys.readouterr().out.splitlines()[-2:]
    assert len(LINE.fullmatch(line)[2]) == 4
    assert drawing == "number.png: drawn in out/read/number.png"
    with Image.open("number.png") as picture, Image.open("out/read/number.png") as sheet:
        assert sheet.height > picture.height + 84  # the inputs stand beneath
    header, one, bad, two, *number = csv.reader(Path("t.csv").read_text().splitlines())
    first, second = map(str, digits[1][:2])
    assert (header, bad) == (outputs.HEADER, ["bad.png"])
    assert one[:5] == ["1.png", "", first, first, "0.9100"]
    assert two == ["test.csv", "1", second, second, "0.9100"]
    left, top, right, bottom = np.array([row[5:] for row in number], float).T
    assert all(np.diff([0, *np.ravel([left, right], "F"), 1]) > 0)
    assert all(np.diff([0 * top, top, bottom, 0 * top + 1], axis=0).ravel() > 0)


def test_folders_are_read_in_natural_order_and_what_is_passed_over_is_said(session, digits, capsys):
    save(digits[0][0], "mine/10.webp", "mine/2.tif", "mine/1.bmp", "mine/3.gif", "mine/a/b/7.PNG")
    Path("mine/notes.txt").touch()
    read(session, "mine", "mine/1*", "mine/**")
    out, err = capsys.readouterr()
    folder = ["mine/1.bmp", "mine/2.tif", "mine/3.gif", "mine/10.webp"]
    names = [LINE.fullmatch(line)[1] for line in out.splitlines()]
    assert names == [*folder, folder[0], folder[3], *folder, "mine/a/b/7.PNG"]
    over = "passed over, as no pictures: "
    assert err == f"warning: mine: {over}a, notes.txt\nwarning: mine/**: {over}notes.txt\n"


def test_pictures_in_folders_0_to_9_are_scored(session, digits, capsys):
    images, labels = digits
    for number in range(8):
        save(images[number], f"mine/{labels[number]}/{number}.png")
    other = (labels[0] + 1) % 10
    save(images[0], f"mine/{other}/wrong.png")
    Path(f"mine/{labels[1]}/bad.png").touch()
    with pytest.raises(DataError, match=r"bad\.png: not a picture"):
        read(session, "mine")
    _, _, score = capsys.readouterr().out.partition("\naccuracy ")
    first, header, *rows = score.splitlines()
    assert first.startswith("80.00% of 10 images; ")
    assert header.split() == [*"0123456789", "none"]
    counts = np.array([row.split()[1:] for row in rows], int)
    assert [counts[other][labels[0]], counts[labels[1]][-1], counts.sum()] == [1, 1, 10]


def test_rows_with_labels_are_scored(session, digits, capsys):
    wrong = np.append((digits[1][:15] + 1) % 10, digits[1][15:]).astype(np.uint8)
    write_csv("rows.csv", digits[0], wrong)
    Path("t10k-images-idx3-ubyte").write_bytes(images_file(digits[0]))
    Path("t10k-labels-idx1-ubyte").write_bytes(labels_file(wrong))
    for name in ("rows.csv", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"):
        read(session, name)
        assert re.match(rf"{name} \(label.*\): accuracy 75.00% of 60 i", capsys.readouterr().out)
    read(session, "sample")
    assert "\nsample (its test images): accuracy " in capsys.readouterr().out
    assert not any(Path("out").iterdir())


def test_rows_without_labels_become_a_submission(session, digits, capsys):
    write_csv("test.csv", np.concatenate([digits[0]] * 20))  # more than are classified at a time
    read(session, "test.csv")
    said = capsys.readouterr().out
    assert said == "test.csv: 1200 rows classified, written to out/submission.csv\n"
    answers = np.loadtxt("out/submission.csv", int, delimiter=",", skiprows=1)[:, 1]
    assert answers.tolist() == [*digits[1]] * 20


def test_no_output_takes_the_name_of_an_input_or_of_another_output(session, digits, tmp_path):
    save(digits[0][0], "out/read/1.png", "a/1.png", "b/1.png", "b/1.bmp")
    for name in ("out/submission.csv", "test.csv"):
        write_csv(name, digits[0][:3])
    Path("link").symlink_to("out")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.*")}
    read(session, "link/submission.csv", "test.csv", "link/read/1.png", "a/1.png", "b", show=True)
    assert {path: path.read_bytes() for path in before} == before
    names = sorted(path.name for path in Path("out").rglob("*.*"))
    assert names[:5] == ["1-2.png", "1-3.png", "1-4.png", "1-5.png", "1.png"]
    assert names[5:] == ["submission-2.csv", "submission-3.csv", "submission.csv"]


def test_none_waits_for_another_and_none_cancels_another(session, digits, capsys, monkeypatch):
    save(digits[0][0], "1.png", "2.png", "3.png", "4.png")
    Path("out/read").touch()  # so no drawing can be written
    find, lines = inputs.pictures.read, []

    def noted(name):
        lines.append(capsys.readouterr().out.count("\n"))
        if name == "2.png":
            raise MemoryError
        return find(name)

    monkeypatch.setattr(inputs.pictures, "read", noted, raising=False)
    with pytest.raises(OutputError, match=r"^out/read/4\.png: File exists"):
        read(session, "1.png", "2.png", "3.png", "4.png", show=True)
    assert lines == [0, 1, 0, 1]
    out, err = capsys.readouterr()
    assert LINE.fullmatch(out.rstrip("\n"))[1] == "4.png"
    assert err == "error: out/read/3.png: File exists\n"


@pytest.mark.parametrize("runs", [0, 1])
@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_between_two_pieces_of_work(signum, runs, session, digits):
    write_csv("test.csv", np.concatenate([digits[0]] * 40))
    answer = session.run
    session.run = lambda *asked: signal.raise_signal(signum) or answer(*asked)
    early = (lambda: signal.raise_signal(signum)) if runs == 0 else lambda: None
    with pytest.raises(Interrupted) as error:
        read(session, "test.csv", before=early, table="answers.csv")
    assert (error.value.exit_code, session.runs) == (128 + signum, runs)
    assert [path.name for path in Path().iterdir() if path.is_file()] == ["test.csv"]
