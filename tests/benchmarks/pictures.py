"""How well a trained network reads pictures of digits and of numbers, kind by kind.

    python tests/benchmarks/pictures.py runs/cnn --seeds 3

Every picture is drawn here: strokes of a pen, and MNIST's test digits written large, on paper, in
bad light, in a frame, on a screen. A kind's row says how many were right, wrong, wrong above 90 %,
and refused (no digit found, or "?").
"""

import argparse
import sys
from functools import partial
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from scipy import ndimage
from scipy.interpolate import CubicSpline

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # for the lesson, data/ and support/

import cnn_mnist
import data
from data.errors import DataError
from support import checkpoints, pictures, predictions
from support.tensorflow1 import tf

# A digit's strokes: points of a curve in a box of 100 x 100, y down.
HANDS = {
    "0": ["50,2 24,20 18,55 32,92 54,98 76,80 80,45 70,12 50,2"],
    "0 slashed": ["50,2 24,20 18,55 32,92 54,98 76,80 80,45 70,12 50,2", "14,96 86,4"],
    "1": ["52,2 50,50 49,98"],
    "1 flag": ["34,22 52,2", "52,2 51,50 50,98"],
    "1 German": ["18,46 58,2", "58,2 57,50 56,98"],
    "2": ["22,24 34,6 56,2 74,16 70,40 44,70 20,97", "20,97 82,96"],
    "2 loop": ["22,22 46,2 72,16 62,50 36,88 20,88 30,76 54,90 84,94"],
    "3": ["24,12 48,2 72,14 68,36 42,46", "42,46 70,54 78,76 58,96 22,88"],
    "4": ["54,2 16,66", "16,66 86,64", "66,40 62,98"],
    "4 closed": ["62,98 64,2", "64,2 14,68", "14,68 86,66"],
    "5": ["32,4 27,44", "27,44 52,38 74,54 72,84 48,98 22,90", "32,4 76,3"],
    "6": ["68,4 38,26 22,62 32,92 56,98 74,80 66,58 44,54 24,74"],
    "7": ["18,6 80,4", "80,4 56,46 44,98"],
    "7 crossed": ["18,6 80,4", "80,4 56,46 44,98", "34,52 74,48"],
    "8": ["52,48 28,30 32,6 54,2 74,14 66,36 32,62 26,86 48,98 72,88 74,64 52,48"],
    "9": ["74,28 58,4 34,8 24,32 40,50 62,44 74,28", "74,28 72,60 62,98"],
}


def mask(strokes, height, pen, rng):
    """Return a digit as float [height', width'], 0 to 1, of about `height`, drawn with a pen."""
    width = height * rng.uniform(0.8, 1.1)
    slant, turn = rng.uniform(-0.05, 0.3), rng.uniform(-0.08, 0.08)
    image = Image.new("L", [3 * height, 3 * height])
    tool = ImageDraw.Draw(image)
    shift = ndimage.gaussian_filter(rng.normal(0, 1, [2, 200]), [0, 25]) * 22  # an unsteady hand
    for stroke in strokes:
        points = np.array([point.split(",") for point in stroke.split()], float)
        at = np.linspace(0, len(points) - 1, 60)
        curve = CubicSpline(range(len(points)), points)(at)
        curve += shift[:, curve.sum(axis=1).astype(int).clip(0, 199)].T
        x, y = curve.T
        x, y = (x - 50) * width / 100 - slant * (y - 50) * height / 100, (y - 50) * height / 100
        x, y = x - turn * y, y + turn * x
        line = [(1.5 * height + a, 1.5 * height + b) for a, b in zip(x, y, strict=True)]
        tool.line(line, 255, pen, "curve")
        for a, b in line[:: 1 if pen > 3 else 60]:
            tool.ellipse([a - pen / 2, b - pen / 2, a + pen / 2, b + pen / 2], 255)
    box = image.getbbox()
    return np.asarray(image.crop(box), float) / 255


def place(shape, pieces):
    """Return a page's coverage with ink, float [shape], from (mask, top, left)."""
    page = np.zeros(shape)
    for piece, top, left in pieces:
        part = page[int(top) :, int(left) :][: piece.shape[0], : piece.shape[1]]
        np.maximum(part, piece[: part.shape[0], : part.shape[1]], out=part)
    return page


def photograph(
    ink, rng, paper=(236, 234, 226), colour=(40, 40, 70), shadow=None, noise=4, blur=1.2
):
    """Return ink on paper as a camera shows it: uneven light, a shadow's edge, blur, noise."""
    height, width = ink.shape
    row, column = np.mgrid[:height, :width] / max(ink.shape)
    angle = rng.uniform(0, 6.3)
    light = 0.85 + 0.25 * (np.cos(angle) * (row - 0.4) + np.sin(angle) * (column - 0.5))
    if shadow is not None:  # the width of its edge, in pixels
        lit = np.cos(angle) * (row - 0.38) + np.sin(angle) * (column - 0.5)
        lit = lit + 0.03 * np.sin(12 * (row - column)) > 0
        light *= 0.45 + 0.55 * ndimage.gaussian_filter(lit.astype(float), shadow)
    paper = np.broadcast_to(np.asarray(paper, float), [height, width, 3])
    page = paper + ink[:, :, None] * (np.asarray(colour, float) - paper)
    page = ndimage.gaussian_filter(page * light[:, :, None], [blur, blur, 0])
    return Image.fromarray((page + rng.normal(0, noise, page.shape)).clip(0, 255).astype(np.uint8))


def clean(ink, paper=(255, 255, 255), colour=(0, 0, 0)):
    """Return ink on paper as a drawing program saves it."""
    page = np.asarray(paper, float) + ink[:, :, None] * np.subtract(colour, paper)
    return Image.fromarray(page.round().astype(np.uint8))


def on_page(digit, rng, shape=(675, 900)):
    """Return a digit's mask somewhere near the middle of a page."""
    room = np.subtract(shape, digit.shape)
    return place(shape, [(digit, *(room * rng.uniform(0.3, 0.7, 2)))])


def lines(ink, step, dark, squared=False):
    """Return a page with ruled lines, which are `dark` (0 to 1), 2 pixels thick, a little askew."""
    row, column = np.mgrid[: ink.shape[0], : ink.shape[1]]
    ruled = (row + 0.01 * column) % step < 2
    if squared:
        ruled |= (column - 0.01 * row) % step < 2
    return np.maximum(ink, dark * ruled)


def around(digit, rng, what):
    """Return a page with a digit and something drawn by the same pen around or beside it."""
    page = on_page(digit, rng)
    rows, columns = np.nonzero(page)
    top, bottom, left, right = rows.min(), rows.max(), columns.min(), columns.max()
    image = Image.fromarray((255 * page).astype(np.uint8))
    tool = ImageDraw.Draw(image)
    x, y, reach = (left + right) / 2, (top + bottom) / 2, (bottom - top) * rng.uniform(0.72, 0.9)
    if what == "circle":
        tool.ellipse([x - reach, y - reach, x + reach, y + reach], outline=255, width=7)
    elif what == "box":
        tool.rectangle([x - reach, y - reach, x + reach, y + reach], outline=255, width=4)
    elif what == "underline":
        tool.line([left - 30, bottom + 35, right + 40, bottom + 30], 255, 7)
    elif what == "scribble":
        points = np.array([right + 150, y]) + rng.normal(0, 28, [30, 2])
        tool.line([tuple(point) for point in points], 255, 6, "curve")
    elif what == "text":
        tool.text((60, top - 60), "Exercise 4   Write a digit", 255)
    elif what == "point":
        tool.ellipse([right + 30, bottom - 12, right + 44, bottom + 2], fill=255)
    return np.asarray(image, float) / 255


def note(image, rng, edge):
    """Return a photograph of a sheet on a dark table, or (edge) with the table at its right."""
    width, height = image.size
    grain = ndimage.gaussian_filter(rng.normal(0, 1, [height, width]), [1, 30])[:, :, None]
    table = (np.array([75, 48, 35]) + 25 * grain / grain.std() * 0.5).clip(0, 255).astype(np.uint8)
    table = Image.fromarray(table)
    small = image if edge else image.resize([width * 11 // 20, height * 11 // 20])
    corners = (-20, -20, width - 130, height + 20) if edge else (190, 140, 700, 520)
    sheet = Image.new("L", image.size)
    ImageDraw.Draw(sheet).rectangle(corners, fill=255)
    sheet = sheet.rotate(rng.uniform(-4, 4), Image.Resampling.BICUBIC).filter(ImageFilter.BLUR)
    offset = (0, 0) if edge else (width * 9 // 40, height * 9 // 40)
    table.paste(
        small, offset, sheet.crop((*offset, offset[0] + small.width, offset[1] + small.height))
    )
    return table


def screenshot(digit, rng):
    """Return a drawing program's window: a title, buttons, colours, and a digit on its canvas."""
    image = Image.new("RGB", (820, 670), (240, 243, 249))
    tool = ImageDraw.Draw(image)
    tool.rectangle([12, 130, 790, 640], fill="white", outline=(200, 205, 215))
    tool.text((14, 6), "drawing.png - Paint", "black")
    tool.text((14, 100), "File    Edit    View    100 %", "black")
    for number in range(5):
        tool.rectangle([20 + 60 * number, 40, 60 + 60 * number, 80], outline=(90, 90, 90))
    for number, colour in enumerate(["black", "red", "orange", "green", "blue", "purple"]):
        tool.rectangle([400 + 24 * number, 50, 418 + 24 * number, 68], fill=colour)
    place = (int(rng.integers(150, 450)), int(rng.integers(170, 300)))
    image.paste("black", place, Image.fromarray((255 * digit).astype(np.uint8)))
    return image


def hollow(digit):
    """Return the outline of a digit that was drawn with a broad pen."""
    digit = np.pad(digit > 0.5, 6)
    return (ndimage.binary_dilation(digit, iterations=4) & ~digit).astype(float)


def dotted(digit, rng, gap, size):
    """Return a digit of which every `gap` pixels `size` pixels are missing: dots, or dashes."""
    row, column = np.mgrid[: digit.shape[0], : digit.shape[1]]
    return digit * ((row + 0.7 * column + rng.uniform(0, gap)) % gap >= size)


def black_28(draw, rng, low, high):
    """Return 28 x 28 pixels, white on black, with a digit of some height anywhere."""
    small = Image.fromarray((255 * draw(200, 24)).astype(np.uint8))
    height = int(rng.integers(low, high))
    width = max(2, min(26, round(height * small.width / small.height)))
    image = Image.new("L", (28, 28))
    place = rng.integers(1, 28 - width), rng.integers(1, 28 - height)
    image.paste(small.resize((width, height), Image.Resampling.BOX), tuple(map(int, place)))
    return image


KINDS = {  # of a picture of one digit; `draw(height, pen)` gives its mask
    "black on white": lambda draw, rng: clean(on_page(draw(200, 20), rng, (280, 280))),
    "white on black, thin": lambda draw, rng: clean(
        on_page(draw(200, 3), rng, (280, 280)), (0, 0, 0), (255,) * 3
    ),
    "white on black, 28 x 28, small": lambda draw, rng: black_28(draw, rng, 10, 16),
    "white on black, 28 x 28": lambda draw, rng: black_28(draw, rng, 18, 24),
    "cropped to the ink": lambda draw, rng: clean(draw(200, 24)),
    "red on white, 64 x 64": lambda draw, rng: clean(
        on_page(draw(46, 5), rng, (64, 64)), colour=(230, 20, 30)
    ),
    "green on red": lambda draw, rng: clean(
        on_page(draw(200, 24), rng, (300, 300)), (190, 60, 60), (0, 140, 20)
    ),
    "hollow outline": lambda draw, rng: clean(on_page(hollow(draw(220, 30)), rng, (320, 320))),
    "dotted pen": lambda draw, rng: clean(
        on_page(dotted(draw(200, 13), rng, 22, 9), rng, (300, 300))
    ),
    "frame": lambda draw, rng: clean(around(draw(180, 16), rng, "box")[100:575, 150:750]),
    "screenshot": lambda draw, rng: screenshot(draw(220, 9), rng),
    "bilevel scan": lambda draw, rng: clean(on_page(draw(90, 5), rng, (1200, 900)) > 0.5).convert(
        "1"
    ),
    "pen": lambda draw, rng: photograph(on_page(draw(260, 8), rng), rng),
    "pen, large photograph": lambda draw, rng: photograph(
        on_page(draw(1100, 30), rng, (3000, 4000)), rng
    ),
    "pencil": lambda draw, rng: photograph(on_page(draw(260, 4), rng), rng, colour=(190, 190, 185)),
    "highlighter": lambda draw, rng: photograph(
        on_page(draw(260, 26), rng), rng, colour=(240, 230, 60)
    ),
    "dashes of a dry pen": lambda draw, rng: photograph(
        on_page(dotted(draw(260, 8), rng, 60, 14), rng), rng
    ),
    "hard shadow": lambda draw, rng: photograph(on_page(draw(260, 8), rng), rng, shadow=3),
    "soft shadow": lambda draw, rng: photograph(on_page(draw(260, 8), rng), rng, shadow=25),
    "pale lines": lambda draw, rng: photograph(lines(on_page(draw(260, 8), rng), 45, 0.25), rng),
    "dark lines": lambda draw, rng: photograph(lines(on_page(draw(260, 8), rng), 45, 0.6), rng),
    "pale squares": lambda draw, rng: photograph(
        lines(on_page(draw(260, 8), rng), 25, 0.25, True), rng
    ),
    "dark squares": lambda draw, rng: photograph(
        lines(on_page(draw(260, 8), rng), 35, 0.55, True), rng
    ),
    "circle": lambda draw, rng: photograph(around(draw(200, 7), rng, "circle"), rng),
    "box": lambda draw, rng: photograph(around(draw(200, 7), rng, "box"), rng),
    "underline": lambda draw, rng: photograph(around(draw(200, 7), rng, "underline"), rng),
    "crossed-out try": lambda draw, rng: photograph(around(draw(200, 7), rng, "scribble"), rng),
    "printed text": lambda draw, rng: photograph(around(draw(200, 7), rng, "text"), rng),
    "note on a table": lambda draw, rng: note(
        photograph(on_page(draw(330, 9), rng), rng), rng, False
    ),
    "edge of the sheet": lambda draw, rng: note(
        photograph(on_page(draw(240, 8), rng), rng), rng, True
    ),
    "small in a photograph": lambda draw, rng: photograph(on_page(draw(56, 3), rng), rng),
    "tiny in a photograph": lambda draw, rng: photograph(on_page(draw(34, 2), rng), rng, blur=0.8),
    "touching the edge": lambda draw, rng: photograph(
        np.pad(draw(260, 8), [(0, 90), (0, 70)]), rng
    ),
}


def row(digits, gap, rng):
    """Return the mask of digits beside each other; `gap` in pixels between their boxes."""
    height, left, pieces = max(len(digit) for digit in digits), 0, []
    for digit in digits:
        pieces.append((digit, rng.integers(0, height - len(digit) + 1), left))
        left += digit.shape[1] + gap
    return place((height, left - gap), pieces)


def stack(rows, gap):
    """Return the mask of rows above each other."""
    pieces, top = [], 0
    for piece in rows:
        pieces.append((piece, top, 0))
        top += len(piece) + gap
    return place((top - gap, max(piece.shape[1] for piece in rows)), pieces)


def apart(draw, rng, second, right, down):
    """Return two digits, the second of a height and somewhere right of the first."""
    one, two = draw(180), draw(second)
    return place((420, 420), [(one, 120, 0), (two, 120 + down, one.shape[1] + right)])


def paper(page, rng, margin=70):
    return photograph(np.pad(page, margin), rng)


LAYOUTS = {  # of a number: how many digits it has, and its picture
    "two": (2, lambda draw, rng: paper(row([draw(200), draw(190)], 45, rng), rng)),
    "two, narrow gap": (2, lambda draw, rng: paper(row([draw(200), draw(200)], 12, rng), rng)),
    "two, touching": (2, lambda draw, rng: paper(row([draw(200), draw(200)], -8, rng), rng)),
    "two, on a canvas": (
        2,
        lambda draw, rng: clean(
            np.pad(row([draw(180, 14), draw(180, 14)], 40, rng), 80), (0, 0, 0), (255,) * 3
        ),
    ),
    "two in 28 x 28": (
        2,
        lambda draw, rng: clean(
            np.pad(row([draw(16, 2), draw(16, 2)], 2, rng), 3), (0, 0, 0), (255,) * 3
        ),
    ),
    "two, pale lines": (
        2,
        lambda draw, rng: photograph(
            lines(np.pad(row([draw(200), draw(190)], 30, rng), 80), 45, 0.25), rng
        ),
    ),
    "two, large and small": (2, lambda draw, rng: paper(apart(draw, rng, 100, 50, 80), rng)),
    "superscript": (2, lambda draw, rng: paper(apart(draw, rng, 80, 15, -50), rng)),
    "staircase": (2, lambda draw, rng: paper(apart(draw, rng, 170, 30, 110), rng)),
    "four": (4, lambda draw, rng: paper(row([draw(200) for _ in range(4)], 35, rng), rng)),
    "four, narrow gaps": (
        4,
        lambda draw, rng: paper(row([draw(200) for _ in range(4)], 12, rng), rng),
    ),
    "column": (3, lambda draw, rng: paper(stack([draw(150) for _ in range(3)], 35), rng)),
    "two rows": (
        4,
        lambda draw, rng: paper(
            stack([row([draw(180), draw(180)], 60, rng) for _ in range(2)], 60), rng
        ),
    ),
    "three rows of three": (
        9,
        lambda draw, rng: paper(
            stack([row([draw(180) for _ in range(3)], 55, rng) for _ in range(3)], 50), rng
        ),
    ),
    "ten on a page": (
        10,
        lambda draw, rng: photograph(
            on_page(row([draw(60, 4) for _ in range(10)], 14, rng), rng, (900, 1200)), rng
        ),
    ),
}


def drawn(kind, number, seed, written):
    """Return a picture of a kind or a layout, and the truth; `written`: images and labels, or None.

    The digits are drawn by a pen, or (`written`) people's, uint8 [N, 28, 28].
    """
    rng = np.random.default_rng([seed, number])
    truth = []

    def draw(height, pen=9):
        if written is None:
            name = list(HANDS)[
                (7 * seed + number if kind in KINDS else rng.integers(99)) % len(HANDS)
            ]
            truth.append(name[0])
            return mask(HANDS[name], height, pen, rng)
        images, labels = written
        i = rng.integers(len(labels))
        truth.append(str(labels[i]))
        image = Image.fromarray(images[i])
        image = image.crop(image.getbbox())
        size = (max(2, round(height * image.width / image.height)), height)
        return ((np.asarray(image.resize(size), float) / 255 - 0.35) / 0.3).clip(0, 1)

    picture = KINDS[kind](draw, rng) if kind in KINDS else LAYOUTS[kind][1](draw, rng)
    return picture, "".join(truth)


def judged(picture, truth, classify, folder):
    """Return (right, wrong, wrong above 90 %, refused) for a picture, as 0 and 1."""
    path = Path(folder, "picture.png")
    picture.save(path)
    try:
        answers = predictions.answer(pictures.read(str(path)).digits, classify)
    except DataError:
        return 0, 0, 0, 1
    texts = [one.text for one in answers]
    if "?" in texts:
        return 0, 0, 0, 1
    right = "".join(texts).replace("?", "") == truth
    sure = min(one.probabilities.max() for one in answers) > 0.9
    return right, not right, not right and sure, 0


def main():
    """Read every kind and layout, some seeds of each and both hands, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", help="of a training of cnn_mnist.py")
    parser.add_argument("--seeds", type=int, default=10, help="pictures of a kind and hand [10]")
    parser.add_argument("--data", help="for other people's digits, as the lessons' flag")
    args = parser.parse_args()
    *_, test = data.load(args.data)
    written = test.images.reshape(-1, 28, 28), test.labels
    settings = argparse.Namespace(**checkpoints.flags_of(args.folder, "cnn_mnist"))
    with tf.Graph().as_default(), tf.Session() as session, TemporaryDirectory() as folder:
        network = cnn_mnist.build(settings)
        tf.train.Saver().restore(session, checkpoints.latest(args.folder))
        for title, kinds in (("one digit", KINDS), ("numbers", LAYOUTS)):
            print(f"\n| {title} | right | wrong | of these above 90 % | refused |")
            print("|---|---|---|---|---|")
            total = np.zeros(4, int)
            for number, kind in enumerate(kinds):
                counts = np.zeros(4, int)
                for seed, hand in product(range(args.seeds), (None, written)):
                    picture, truth = drawn(kind, number, seed, hand)
                    classify = partial(cnn_mnist.classify, session, network)
                    counts += judged(picture, truth, classify, folder)
                print(f"| {kind} | {' | '.join(map(str, counts))} |", flush=True)
                total += counts
            shares = " | ".join(f"{share:.1%}" for share in total / total[[0, 1, 3]].sum())
            print(f"| **all** | {shares} |")


if __name__ == "__main__":
    main()
