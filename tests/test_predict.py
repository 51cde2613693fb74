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
from scipy import ndimage

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


def photograph(image, rng):
    """Return an MNIST image as a photograph of ink on paper: large, in bad light, noisy."""
    ink = np.asarray(Image.fromarray(image).resize([200, 200], Image.Resampling.BICUBIC)) / 255
    page = np.zeros([340, 400])
    top, left = rng.integers(30, 110), rng.integers(30, 170)
    page[top : top + 200, left : left + 200] = ink
    row, column = np.mgrid[:340, :400]
    light = 150 + 60 * np.cos(rng.uniform(0, 6)) * row / 340 + 40 * column / 400
    page = ndimage.gaussian_filter(light * (1 - 0.75 * page), 1.2)
    return Image.fromarray((page + rng.normal(0, 6, page.shape)).clip(0, 255).astype(np.uint8))


def test_a_trained_network_reads_photographs(digits, on_sample, tmp_path, capsys):
    rng = np.random.default_rng(0)
    for number, (image, label) in enumerate(zip(*digits, strict=True)):
        folder = tmp_path / "photographs" / str(label)
        folder.mkdir(parents=True, exist_ok=True)
        photograph(image.reshape(28, 28), rng).save(folder / f"{number}.jpg")
    with contextlib.suppress(DataError):  # of a picture in which no digit was seen
        cnn_mnist.main(["--out", str(on_sample(cnn_mnist)[0]), "--predict", f"{folder.parent}"])
    # With a wrong polarity, size or place barely any is read.
    assert float(re.search(r"\naccuracy (.*)% of 60 images", capsys.readouterr().out)[1]) >= 88


def test_a_number_is_read_drawn_and_written_to_a_table(session, digits, capsys):
    images, labels = digits
    number = "".join(map(str, labels[:4]))
    row = 255 - np.pad(np.hstack(images[:4].reshape(-1, 28, 28)), 20)
    Image.fromarray(row).resize([6 * row.shape[1], 6 * row.shape[0]]).save("number.png")
    save(images[0], "1.png")
    Path("bad.png").write_bytes(b"no picture")
    write_csv("test.csv", images[:2])
    files = ("1.png", "bad.png", "test.csv", "number.png")
    for _ in range(2):  # the table of before may be overwritten
        with pytest.raises(DataError, match=r"bad\.png"):
            read(session, *files, table="answers.csv", show=True)
    drawn, line = capsys.readouterr().out.splitlines()[-2:]
    assert len(LINE.fullmatch(line)[2]) == 4
    assert drawn == "number.png: drawn in out/read/number.png"
    with Image.open("number.png") as picture, Image.open("out/read/number.png") as sheet:
        assert sheet.height > picture.height + 84  # the inputs stand beneath
    header, one, bad, *rows = csv.reader(Path("answers.csv").read_text().splitlines())
    assert (header, bad) == (outputs.HEADER, ["bad.png"])
    assert one[:5] == ["1.png", "", number[0], number[0], "0.9100"]
    assert rows[:2] == [["test.csv", f"{n + 1}", *[number[n]] * 2, "0.9100"] for n in (0, 1)]
    boxes = np.array([row[5:] for row in rows[2:]], float)
    assert [row[0] for row in rows[2:]] == ["number.png"] * 4
    assert ((boxes[:, :2] > 0) & (boxes[:, :2] < boxes[:, 2:]) & (boxes[:, 2:] < 1)).all()
    assert (np.diff(boxes[:, 0]) > 0).all()


def test_folders_are_read_in_natural_order_and_what_is_passed_over_is_said(session, digits, capsys):
    save(digits[0][0], "mine/10.webp", "mine/2.tif", "mine/1.bmp", "mine/3.gif", "mine/a/b/7.PNG")
    Path("mine/notes.txt").touch()
    read(session, "mine", "mine/1*", "mine/**")
    out, err = capsys.readouterr()
    folder = ["mine/1.bmp", "mine/2.tif", "mine/3.gif", "mine/10.webp"]
    names = [LINE.fullmatch(line)[1] for line in out.splitlines()]
    assert names == [*folder, folder[0], folder[3], *folder, "mine/a/b/7.PNG"]
    passed_over = "passed over, as no pictures: "
    assert (
        err
        == f"warning: mine: {passed_over}a, notes.txt\nwarning: mine/**: {passed_over}notes.txt\n"
    )


def test_pictures_in_folders_0_to_9_are_scored(session, digits, capsys):
    images, labels = digits
    for number in range(8):
        save(images[number], f"mine/{labels[number]}/{number}.png")
    other = (labels[0] + 1) % 10
    save(images[0], f"mine/{other}/wrong.png")
    Path(f"mine/{labels[1]}/bad.png").touch()
    with pytest.raises(DataError, match=r"bad.png: not a picture"):
        read(session, "mine")
    _, _, score = capsys.readouterr().out.partition("\naccuracy ")
    first, header, *rows = score.splitlines()
    assert first == "80.00% of 10 images; a row for each digit, a column for each answer:"
    assert header.split() == [*"0123456789", "none"]
    counts = np.array([row.split() for row in rows], int)
    assert counts[:, 0].tolist() == [*range(10)]
    assert counts[other][1 + labels[0]] == counts[labels[1]][-1] == 1
    assert counts[:, 1:].sum() == 10


def test_rows_with_labels_are_scored(session, digits, capsys):
    images, labels = digits
    wrong = np.append((labels[:15] + 1) % 10, labels[15:]).astype(np.uint8)
    write_csv("rows.csv", images, wrong)
    Path("t10k-images-idx3-ubyte").write_bytes(images_file(images))
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
    rows = [f"{number},{label}\n" for number, label in enumerate([*digits[1]] * 20, 1)]
    assert Path("out/submission.csv").read_text() == "".join(["ImageId,Label\n", *rows])


def test_no_output_takes_the_name_of_an_input_or_of_another_output(session, digits, tmp_path):
    save(digits[0][0], "out/read/1.png", "a/1.png", "b/1.png", "b/1.bmp")
    for name in ("out/submission.csv", "test.csv"):
        write_csv(name, digits[0][:3])
    Path("link").symlink_to("out")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.*")}
    read(session, "link/submission.csv", "test.csv", "link/read/1.png", "a/1.png", "b", show=True)
    assert {path: path.read_bytes() for path in before} == before
    drawn = ["1-2.png", "1-3.png", "1-4.png", "1-5.png", "1.png", "submission-2.csv"]
    names = sorted(path.name for path in Path("out").rglob("*.*"))
    assert names == [*drawn, "submission-3.csv", "submission.csv"]


def test_each_is_answered_before_the_next_but_one_is_read_and_none_cancels_the_rest(
    session, digits, capsys, monkeypatch
):
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
def test_a_signal_ends_it_between_two_pieces_of_work(signum, runs, session, digits, monkeypatch):
    write_csv("test.csv", np.concatenate([digits[0]] * 40))
    answer = session.run

    def run(asked, feed):
        signal.raise_signal(signum)
        return answer(asked, feed)

    monkeypatch.setattr(session, "run", run)
    before = (lambda: signal.raise_signal(signum)) if runs == 0 else lambda: None
    with pytest.raises(Interrupted) as error:
        read(session, "test.csv", before=before, table="answers.csv")
    assert error.value.exit_code == 128 + signum
    assert session.runs == runs
    assert [path.name for path in Path().iterdir() if path.is_file()] == ["test.csv"]
