"""`--predict`: pictures and Kaggle's test.csv, read by a network that a short training gave."""

import contextlib
import csv
import io
import re
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage
from trainings import ROOT

import cnn_mnist
import data
import mlp_mnist
from data.errors import DataError

LINE = r"^(?P<file>.*): (?P<digit>\d)   \((?P<probabilities>(\d: \d+\.\d%(  )?){10})\)$"


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Return the folder of a CNN that was trained for some seconds on 4,000 real digits."""
    out = tmp_path_factory.mktemp("cnn") / "run"
    with contextlib.redirect_stdout(io.StringIO()):
        cnn_mnist.main(["--data", "sample", "--epochs", "20", "--out", str(out)])
    return out


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
    """Return the digit read in each file, after checking the form of the output."""
    cnn_mnist.main(["--out", str(out), "--predict", *map(str, files), *flags])
    output = capsys.readouterr()
    assert not output.err
    found = [m for m in map(re.compile(LINE).match, output.out.splitlines()) if m]
    assert [m["file"] for m in found] == [str(file) for file in files]
    for m in found:
        shares = [float(share) for share in re.findall(r"\d: (\d+\.\d)%", m["probabilities"])]
        assert sum(shares) == pytest.approx(100, abs=0.6)
        assert int(m["digit"]) == np.argmax(shares)
    return np.array([int(m["digit"]) for m in found])


def test_photographs_of_digits(trained, digits, tmp_path, capsys):
    images, labels = digits
    rng = np.random.default_rng(0)
    files = [tmp_path / f"{i}.jpg" for i in range(len(images))]
    for file, image in zip(files, images, strict=True):
        photograph(image, rng).save(file)
    assert np.mean(predict(trained, files, capsys) == labels) >= 0.88


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
            labels.append(digit)
            image.rotate(angle, fillcolor=paper).save(files[-1])
    # After a training of seconds; with a wrong polarity, size or place hardly any is read.
    assert np.mean(predict(trained, files, capsys) == labels) >= 0.7


def test_show_prints_the_image_too(trained, digits, tmp_path, capsys):
    file = tmp_path / "digit.png"
    Image.fromarray(digits[0][0]).save(file)
    cnn_mnist.main(["--out", str(trained), "--predict", str(file), "--show"])
    *picture, line = capsys.readouterr().out.splitlines()
    assert len(picture) == 28
    assert "@" in "".join(picture)
    assert re.match(LINE, line)


def rows_of(images, path):
    """Write images as Kaggle's test.csv."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([f"pixel{i}" for i in range(784)])
        writer.writerows(images.reshape(-1, 784).tolist())


def test_submission(trained, digits, tmp_path, capsys):
    images, labels = digits
    # More than the 1,000 rows that are classified at a time.
    many = np.concatenate([images] * 20)
    rows_of(many, tmp_path / "test.csv")
    cnn_mnist.main(["--out", str(trained), "--predict", str(tmp_path / "test.csv")])
    output = capsys.readouterr().out
    submission = trained / "submission.csv"
    assert output == f"{tmp_path / 'test.csv'}: 1200 rows classified, written to {submission}\n"
    with submission.open(newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["ImageId", "Label"]
    assert [row[0] for row in rows] == [str(i + 1) for i in range(1200)]
    answers = np.array([int(row[1]) for row in rows])
    np.testing.assert_array_equal(answers, np.tile(answers[:60], 20))
    assert np.mean(answers[:60] == labels) >= 0.9
    assert submission.read_bytes().endswith(b"\n")


def test_pictures_and_rows_in_one_call(trained, digits, tmp_path, capsys):
    rows_of(digits[0], tmp_path / "test.csv")
    Image.fromarray(digits[0][1]).save(tmp_path / "digit.png")
    files = [str(tmp_path / "test.csv"), str(tmp_path / "digit.png")]
    cnn_mnist.main(["--out", str(trained), "--predict", *files])
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith(f"{files[0]}: 60 rows classified")
    assert re.match(LINE, second)["digit"] == str(digits[1][1])


def test_one_bad_file_and_nothing_is_written(trained, digits, tmp_path):
    (trained / "submission.csv").unlink(missing_ok=True)
    rows_of(digits[0], tmp_path / "test.csv")
    (tmp_path / "digit.png").write_bytes(b"no picture")
    files = [str(tmp_path / "test.csv"), str(tmp_path / "digit.png")]
    with pytest.raises(DataError, match=r"digit\.png: not a picture"):
        cnn_mnist.main(["--out", str(trained), "--predict", *files])
    assert not (trained / "submission.csv").exists()


@pytest.mark.parametrize("name", ["digit.png", "test.csv"])
def test_a_bad_file_is_one_line_and_exit_code_3_before_tensorflow(name, tmp_path):
    (tmp_path / name).write_text("neither\n")
    code = (
        "import sys, mlp_mnist\nfrom support import console\n"
        f"sys.argv = ['mlp_mnist.py', '--predict', {str(tmp_path / name)!r}]\n"
        "code = console.run(mlp_mnist.main)\n"
        "assert 'tensorflow' not in sys.modules\nsys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 3
    assert re.fullmatch(rf"error: {re.escape(str(tmp_path / name))}: [^\n]+\n", done.stderr)


def test_training_on_a_kaggle_file(digits, tmp_path, capsys):
    """Its labelled rows are split into all three parts; no other file is needed."""
    images, labels = digits
    with (tmp_path / "train.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["label", *(f"pixel{i}" for i in range(784))])
        for _ in range(10):
            rows = zip(labels.tolist(), images.reshape(-1, 784).tolist(), strict=True)
            writer.writerows([label, *pixels] for label, pixels in rows)
    for source in (tmp_path, tmp_path / "train.csv"):
        out = tmp_path / "run"
        mlp_mnist.main(["--data", str(source), "--epochs", "3", "--out", str(out)])
        output = capsys.readouterr().out
        assert "480 training, 60 validation, 60 test images" in output
        assert re.search(r"^test accuracy \d+\.\d\d% \(\d+ / 60\)$", output, re.M)
