"""`--predict`: pictures and Kaggle's test.csv, read by a network that a short training gave."""

import contextlib
import io
import re
import shutil

import numpy as np
import pytest
from builders import write_csv
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

import cnn_mnist
import data
from support import pictures, reading
from support.ground import DataError

LINE = r"^(?P<file>.*): (?P<digit>[\d? ]+)   \((?P<probabilities>(\d: \d+\.\d%(  )?){10})\)$"


@pytest.fixture(scope="module")
def trained(on_sample, tmp_path_factory):
    """Return the folder of a CNN that was trained for some seconds on 4,000 real digits."""
    return shutil.copytree(on_sample(cnn_mnist)[0], tmp_path_factory.mktemp("cnn") / "run")


@pytest.fixture(scope="module")
def digits():
    """Return 60 test images, uint8 [60, 28, 28], that the training has not seen, and labels."""
    with contextlib.redirect_stdout(io.StringIO()):
        _, _, test = data.load("sample")
    return test.images[:60].reshape(-1, 28, 28), test.labels[:60]


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


def predict(out, files, capsys, *flags):
    """Return the text read in each file, after checking the form of the output."""
    with contextlib.suppress(DataError):  # of a file in which no digit was seen
        cnn_mnist.main(["--out", str(out), "--predict", *map(str, files), *flags])
    found = {
        m["file"]: m for m in map(re.compile(LINE).match, capsys.readouterr().out.splitlines()) if m
    }
    for m in found.values():
        shares = [float(share) for share in re.findall(r"\d: (\d+\.\d)%", m["probabilities"])]
        assert sum(shares) == pytest.approx(100, abs=0.6)
    return np.array([found[str(f)]["digit"].rstrip("?") if str(f) in found else "" for f in files])


def test_photographs_of_digits(trained, digits, tmp_path, capsys):
    images, labels = digits
    rng = np.random.default_rng(0)
    files = [tmp_path / f"{i}.jpg" for i in range(len(images))]
    for file, image in zip(files, images, strict=True):
        photograph(image, rng).save(file)
    assert np.mean(predict(trained, files, capsys) == labels.astype(str)) >= 0.88


def test_digits_that_are_drawn(trained, tmp_path, capsys):
    """A typeface's digits, turned a little, thick and thin, dark on light and light on dark."""
    files, labels = [], []
    for digit in range(10):
        for angle, stroke, paper in [(-6, 2, 255), (0, 4, 255), (5, 3, 0)]:
            image = Image.new("L", (160, 200), paper)
            font = ImageFont.load_default(150)
            where = {"font": font, "anchor": "mm", "stroke_width": stroke}
            ImageDraw.Draw(image).text((80, 100), str(digit), 255 - paper, **where)
            files.append(tmp_path / f"{digit} turned by {angle}.png")
            labels.append(str(digit))
            image.rotate(angle, fillcolor=paper).save(files[-1])
    # After a training of seconds; with a wrong polarity, size or place hardly any is read.
    assert np.mean(predict(trained, files, capsys) == np.array(labels)) >= 0.7


def test_a_number_is_read_and_drawn(trained, digits, tmp_path, capsys):
    images, labels = digits
    file, row = tmp_path / "number.png", np.pad(np.hstack(images[:4]), 20)
    Image.fromarray(255 - row).resize([6 * row.shape[1], 6 * row.shape[0]]).save(file)
    cnn_mnist.main(["--out", str(trained), "--predict", str(file), "--show"])
    drawn, line = capsys.readouterr().out.splitlines()
    read = re.fullmatch(rf"{file}: ([\d?]+)   \((?:\d: \d+\.\d%(?:  )?){{4}}\)", line)[1]
    assert read.replace("?", "") == "".join(map(str, labels[:4]))
    path = trained / "read" / "number.png"
    assert drawn == f"{file}: drawn in {path}"
    assert Image.open(path).height > Image.open(file).height + 84  # the inputs stand beneath


class Answers:
    """A network of known answers: the probabilities depend on the mean of the pixels alone."""

    def __init__(self, *rows):
        self.rows = rows

    def __call__(self, pixels):
        return np.array([self.rows[min(int(p.mean() // 50), len(self.rows) - 1)] for p in pixels])


def shares(**of):
    row = np.full(10, (1 - sum(of.values())) / (10 - len(of)))
    for digit, share in of.items():
        row[int(digit[1:])] = share
    return row


def digit(mean, **options):
    return pictures.Digit(np.full(784, mean, np.uint8), (0, 0, 20, 20), **options)


def test_doubt_is_said():
    network = Answers(shares(d5=0.99), shares(d5=0.7), shares(d5=0.4))
    answers = reading.answer([digit(10), digit(60), digit(110)], network)
    assert [one.text for one in answers] == ["5", "5?", "?"]


def test_touching_digits_are_halved_where_the_halves_are_more_likely():
    halves = ((digit(60), digit(160)), (digit(60), digit(110)))  # the second cut is the better
    for share, length, number in ((0.6, 1.4, "13"), (0.99, 1.4, "8"), (0.999, 1.8, "13")):
        network = Answers(shares(d8=share), shares(d1=0.95), shares(d3=0.97), shares(d5=0.85))
        one = digit(10, halves=lambda: halves, length=length)
        assert reading.number(reading.answer([one], network)) == number


def test_a_european_form_counts_only_in_doubt():
    american = np.full(784, 60, np.uint8)
    for share, expected in ((0.7, "1"), (0.99, "7")):
        network = Answers(shares(d7=share), shares(d1=0.95))
        answers = reading.answer([digit(10, american=american)], network)
        assert reading.number(answers) == expected


def test_submission(trained, digits, tmp_path, capsys):
    images, labels = digits
    # More than the 1,000 rows that are classified at a time.
    path = write_csv(tmp_path / "test.csv", np.concatenate([images.reshape(-1, 784)] * 20))
    cnn_mnist.main(["--out", str(trained), "--predict", str(path)])
    submission = trained / "submission.csv"
    expected = f"{path}: 1200 rows classified, written to {submission}\n"
    assert capsys.readouterr().out == expected
    answers = [line.split(",")[-1] for line in submission.read_text().splitlines()[1:]]
    assert answers == 20 * answers[:60]
    assert np.mean(np.array(answers[:60], int) == labels) >= 0.9
    rows = [f"{number},{answer}\n" for number, answer in enumerate(answers, 1)]
    assert submission.read_bytes().decode() == "".join(["ImageId,Label\n", *rows])


def test_one_bad_file_does_not_cancel_the_others(trained, digits, tmp_path, capsys):
    """Pictures, a folder of them and rows in one call; the last error is raised."""
    images, labels = digits
    rows = write_csv(tmp_path / "test.csv", images.reshape(-1, 784))
    folder = tmp_path / "folder"
    folder.mkdir()
    Image.fromarray(images[1]).save(folder / "digit.png")
    (folder / "notes.txt").write_text("not looked at")
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(b"no picture")
    files = [str(tmp_path / "a.png"), str(rows), str(tmp_path / "b.png"), str(folder)]
    with pytest.raises(DataError, match=r"b\.png: not a picture") as error:
        cnn_mnist.main(["--out", str(trained), "--predict", *files])
    assert error.value.exit_code == 3
    output = capsys.readouterr()
    assert output.err.startswith(f"error: {files[0]}: not a picture")
    assert output.err.count("\n") == 1
    first, second = output.out.splitlines()
    assert first.startswith(f"{rows}: 60 rows classified")
    assert re.match(LINE, second)["digit"] == str(labels[1])
