"""How well trained networks read pictures of digits, of numbers, and of neither, kind by kind.

    python tests/benchmarks/pictures.py runs/mlp runs/cnn --seeds 3
    python tests/benchmarks/pictures.py runs/cnn --pictures FOLDER

Pictures are drawn here: the strokes of a pen, or MNIST's test digits written large, on paper, in
bad light, in a frame. Or they are people's own: FOLDER/truth.csv has the columns file (its first
folder is a part), truth (empty: no digit) and kind. Public repositories about MNIST hold many.
Refused: no digit was found, or, of drawn ones, the answer has a "?". Plain: grey, Otsu's threshold,
20 pixels, centred by mass.
"""

import csv
import json
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import common
import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from scipy import ndimage
from scipy.interpolate import CubicSpline

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
LETTERS = "AEFHKMNPRTWXYaefhkmnrtwx"  # none that could be a digit, such as O, l or g
PAGE = (675, 900)  # height and width of a photograph


def mask(strokes, height, pen, rng):
    """Return a digit as float [height', width'], 0 to 1, of about `height`, drawn with a pen."""
    width = height * rng.uniform(0.8, 1.1)
    slant, turn = rng.uniform(-0.05, 0.3), rng.uniform(-0.08, 0.08)
    image = Image.new("L", [3 * height, 3 * height])
    tool = ImageDraw.Draw(image)
    shift = ndimage.gaussian_filter(rng.normal(0, 1, [2, 200]), [0, 25]) * 22  # an unsteady hand
    for stroke in strokes:
        points = np.array([point.split(",") for point in stroke.split()], float)
        curve = CubicSpline(range(len(points)), points)(np.linspace(0, len(points) - 1, 60))
        curve += shift[:, curve.sum(axis=1).astype(int).clip(0, 199)].T
        x, y = (curve.T - 50) * [[width], [height]] / 100
        x, y = x - slant * y, y
        line = [*zip(1.5 * height + x - turn * y, 1.5 * height + y + turn * x, strict=True)]
        tool.line(line, 255, pen, "curve")
        for point in line[:: 1 if pen > 3 else 60]:
            tool.circle(point, pen / 2, 255)
    return np.asarray(image.crop(image.getbbox()), float) / 255


# From ink, float [height, width], to a picture.


def place(shape, pieces):
    """Return a page's coverage with ink, float [shape], from (mask, top, left)."""
    page = np.zeros(shape)
    for piece, top, left in pieces:
        part = page[int(top) :, int(left) :][: piece.shape[0], : piece.shape[1]]
        np.maximum(part, piece[: part.shape[0], : part.shape[1]], out=part)
    return page


def clean(ink, _rng=None, paper=(255, 255, 255), colour=(0, 0, 0)):
    """Return ink on paper as a drawing program saves it."""
    page = np.asarray(paper, float) + ink[:, :, None] * np.subtract(colour, paper)
    return Image.fromarray(page.round().astype(np.uint8))


def photograph(
    ink, rng, paper=(236, 234, 226), colour=(40, 40, 70), shadow=None, noise=4, blur=1.2
):
    """Return ink on paper as a camera shows it: uneven light, a shadow's edge, blur, noise.

    shadow  how many pixels wide its edge is
    """
    row, column = np.mgrid[: ink.shape[0], : ink.shape[1]] / max(ink.shape)
    angle = rng.uniform(0, 6.3)
    light = 0.85 + 0.25 * (np.cos(angle) * (row - 0.4) + np.sin(angle) * (column - 0.5))
    if shadow:
        lit = np.cos(angle) * (row - 0.38) + np.sin(angle) * (column - 0.5)
        lit = lit + 0.03 * np.sin(12 * (row - column)) > 0
        light *= 0.45 + 0.55 * ndimage.gaussian_filter(lit.astype(float), shadow)
    page = paper + ink[:, :, None] * (np.asarray(colour, float) - paper)
    page = ndimage.gaussian_filter(page * light[:, :, None], [blur, blur, 0])
    return Image.fromarray((page + rng.normal(0, noise, page.shape)).clip(0, 255).astype(np.uint8))


def note(ink, rng, edge):
    """Return a photograph of a sheet on a dark table, or (edge) with the table at its right."""
    image, (height, width) = photograph(ink, rng), ink.shape
    grain = ndimage.gaussian_filter(rng.normal(0, 1, ink.shape), [1, 30])[:, :, None]
    table = np.array([75, 48, 35]) + 12.5 * grain / grain.std()
    table = Image.fromarray(table.clip(0, 255).astype(np.uint8))
    corners, offset = [-20, -20, width - 130, height + 20], (0, 0)
    if not edge:
        image = image.resize([width * 11 // 20, height * 11 // 20])
        corners, offset = [190, 140, 700, 520], (width * 9 // 40, height * 9 // 40)
    sheet = Image.new("L", table.size)
    ImageDraw.Draw(sheet).rectangle(corners, fill=255)
    sheet = sheet.rotate(rng.uniform(-4, 4), Image.Resampling.BICUBIC).filter(ImageFilter.BLUR)
    table.paste(image, offset, sheet.crop((*offset, *np.add(offset, image.size))))
    return table


def small(ink, rng, heights):
    """Return 28 x 28 pixels, white on black, with a digit of some height anywhere."""
    digit, height = Image.fromarray((255 * ink).astype(np.uint8)), int(rng.integers(*heights))
    width = max(2, min(26, round(height * digit.width / digit.height)))
    image, place = Image.new("L", (28, 28)), rng.integers(1, [28 - width, 28 - height])
    image.paste(digit.resize((width, height), Image.Resampling.BOX), tuple(map(int, place)))
    return image


# What is done to a digit's ink, or to the page that it is on: functions of ink and rng.


def gaps(ink, rng, every, size):
    """Return a digit of which every so many pixels `size` pixels are missing."""
    row, column = np.mgrid[: ink.shape[0], : ink.shape[1]]
    return ink * ((row + 0.7 * column + rng.uniform(0, every)) % every >= size)


def lines(ink, _, step, dark, squared=False):
    """Return a page with ruled lines, which are `dark` (0 to 1), 2 pixels thick, a little askew."""
    row, column = np.mgrid[: ink.shape[0], : ink.shape[1]]
    ruled = (row + 0.01 * column) % step < 2
    return np.maximum(ink, dark * (ruled | squared & ((column - 0.01 * row) % step < 2)))


def beside(ink, rng, what):
    """Return a page with something drawn by the same pen around or beside the digit."""
    image = Image.fromarray((255 * ink).astype(np.uint8))
    tool, (left, top, right, bottom) = ImageDraw.Draw(image), image.getbbox()
    x, y = (left + right - 1) / 2, (top + bottom - 1) / 2
    reach = (bottom - top - 1) * rng.uniform(0.72, 0.9)
    if what in ("circle", "box"):
        draw, pen = (tool.ellipse, 7) if what == "circle" else (tool.rectangle, 4)
        draw([x - reach, y - reach, x + reach, y + reach], outline=255, width=pen)
    elif what == "underline":
        tool.line([left - 30, bottom + 34, right + 39, bottom + 29], 255, 7)
    elif what == "scribble":
        tool.line([*map(tuple, rng.normal([right + 149, y], 28, [30, 2]))], 255, 6, "curve")
    else:
        tool.text((60, top - 60), "Exercise 4   Write a digit", 255)
    return np.asarray(image, float) / 255


def put(ink, rng, page=None, more=None, look=photograph, **options):
    """Return a picture of ink near the middle of a page, with `more` done to the page."""
    if page:
        top, left = np.subtract(page, ink.shape) * rng.uniform(0.3, 0.7, 2)
        ink = place(page, [(ink, top, left)])
    return look(more(ink, rng) if more else ink, rng, **options)


def one(height, pen, page=PAGE, change=lambda ink, _: ink, **options):
    """Return a kind of picture of one digit, with `change` done to its ink."""
    return lambda draw, rng: put(change(draw(height, pen), rng), rng, page, **options)


RULED = partial(lines, step=45, dark=0.25)
CHALK = {"paper": (0, 0, 0), "colour": (255, 255, 255)}
KINDS = {  # of a picture of one digit: functions of draw(height, pen), which gives its ink, and rng
    "black on white": one(200, 20, (280, 280), look=clean),
    "white on black, thin": one(200, 3, (280, 280), look=clean, **CHALK),
    "white on black, 28 x 28, small": one(200, 24, None, look=small, heights=(10, 16)),
    "white on black, 28 x 28": one(200, 24, None, look=small, heights=(18, 24)),
    "cropped to the ink": one(200, 24, None, look=clean),
    "red on white, 64 x 64": one(46, 5, (64, 64), look=clean, colour=(230, 20, 30)),
    "green on red": one(200, 24, (300, 300), look=clean, paper=(190, 60, 60), colour=(0, 140, 20)),
    "dotted pen": one(200, 13, (300, 300), partial(gaps, every=22, size=9), look=clean),
    "frame": one(180, 16, more=lambda *page: beside(*page, "box")[100:575, 150:750], look=clean),
    "bilevel scan": one(90, 5, (1200, 900), look=lambda ink, _: clean(ink > 0.5).convert("1")),
    "pen": one(260, 8),
    "pen, large photograph": one(1100, 30, (3000, 4000)),
    "pencil": one(260, 4, colour=(190, 190, 185)),
    "highlighter": one(260, 26, colour=(240, 230, 60)),
    "dashes of a dry pen": one(260, 8, change=partial(gaps, every=60, size=14)),
    "hard shadow": one(260, 8, shadow=3),
    "soft shadow": one(260, 8, shadow=25),
    "pale lines": one(260, 8, more=RULED),
    "dark lines": one(260, 8, more=partial(lines, step=45, dark=0.6)),
    "pale squares": one(260, 8, more=partial(lines, step=25, dark=0.25, squared=True)),
    "dark squares": one(260, 8, more=partial(lines, step=35, dark=0.55, squared=True)),
    "circle": one(200, 7, more=partial(beside, what="circle")),
    "box": one(200, 7, more=partial(beside, what="box")),
    "underline": one(200, 7, more=partial(beside, what="underline")),
    "crossed-out try": one(200, 7, more=partial(beside, what="scribble")),
    "printed text": one(200, 7, more=partial(beside, what="text")),
    "note on a table": one(330, 9, look=note, edge=False),
    "edge of the sheet": one(240, 8, look=note, edge=True),
    "small in a photograph": one(56, 3),
    "tiny in a photograph": one(34, 2, blur=0.8),
    "touching the edge": one(260, 8, None, lambda ink, _: np.pad(ink, [(0, 90), (0, 70)])),
}


def several(rows, gap, between=0, pen=9, margin=70, **options):
    """Return a layout of rows, lists of heights of digits: (number of digits, its picture).

    gap, between  pixels between the boxes of two digits of a row, and between rows
    """

    def picture(draw, rng):
        pieces, top = [], 0
        for heights in rows:
            digits, left = [draw(height, pen) for height in heights], 0
            tallest = max(map(len, digits))
            for digit in digits:
                pieces.append((digit, top + rng.integers(0, tallest - len(digit) + 1), left))
                left += digit.shape[1] + gap
            top += tallest + between
        width = max(left + digit.shape[1] for digit, _, left in pieces)
        return put(np.pad(place((top - between, width), pieces), margin), rng, **options)

    return sum(map(len, rows)), picture


def apart(height, right, down):
    """Return a layout of two digits, the second of a height and somewhere right of the first."""

    def picture(draw, rng):
        first, second = draw(180), draw(height)
        left = 70 + first.shape[1] + right
        return put(place((560, 560), [(first, 190, 70), (second, 190 + down, left)]), rng)

    return 2, picture


LAYOUTS = {  # of a number: how many digits it has, and its picture
    "two": several([[200, 190]], 45),
    "two, narrow gap": several([[200] * 2], 12),
    "two, touching": several([[200] * 2], -8),
    "two, on a canvas": several([[180] * 2], 40, pen=14, margin=80, look=clean, **CHALK),
    "two in 28 x 28": several([[16] * 2], 2, pen=2, margin=3, look=clean, **CHALK),
    "two, pale lines": several([[200, 190]], 30, margin=80, more=RULED),
    "two, large and small": apart(100, 50, 80),
    "superscript": apart(80, 15, -50),
    "staircase": apart(170, 30, 110),
    "four": several([[200] * 4], 35),
    "four, narrow gaps": several([[200] * 4], 12),
    "column": several([[150]] * 3, 0, between=35),
    "two rows": several([[180] * 2] * 2, 60, between=60),
    "three rows of three": several([[180] * 3] * 3, 55, between=50),
    "ten on a page": several([[60] * 10], 14, pen=4, margin=0, page=(900, 1200)),
}


def no_digit(_, rng, letter):
    """Return a photograph of a printed letter, or of a line to and fro."""
    image, size = Image.new("L", PAGE[::-1]), int(rng.integers(120, 360))
    if letter:
        text, font = LETTERS[rng.integers(len(LETTERS))], ImageFont.load_default(size)
        ImageDraw.Draw(image).text((300, 120), text, 255, font)
    else:
        points = rng.normal([450, 340], size / 4, [rng.integers(12, 40), 2])
        ImageDraw.Draw(image).line([*map(tuple, points)], 255, 7, "curve")
    return photograph(np.asarray(image, float) / 255, rng)


NEITHER = {
    "letters": partial(no_digit, letter=True),
    "scribbles": partial(no_digit, letter=False),
}


def drawn(kind, number, seed, written):
    """Return a picture of a kind, a layout or neither, and the truth.

    written  people's digits, uint8 [N, 28, 28], and their labels; None: strokes of a pen
    """
    rng = np.random.default_rng([seed, number])
    truth = []

    def draw(height, pen=9):
        if written is None:
            at = 7 * seed + number if kind in KINDS else rng.integers(99)
            name = list(HANDS)[at % len(HANDS)]
            truth.append(name[0])
            return mask(HANDS[name], height, pen, rng)
        images, labels = written
        i = rng.integers(len(labels))
        truth.append(str(labels[i]))
        image = Image.fromarray(images[i])
        image = image.crop(image.getbbox())
        size = np.multiply(image.size, height / max(image.size)).round().astype(int).clip(2)
        return ((np.asarray(image.resize(size), float) / 255 - 0.35) / 0.3).clip(0, 1)

    how = LAYOUTS[kind][1] if kind in LAYOUTS else (KINDS | NEITHER)[kind]
    return how(draw, rng), "".join(truth)


def kept(folder):
    """Yield (part and kind, file, truth) of the pictures in a folder's truth.csv."""
    with Path(folder, "truth.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            yield (
                f"{row['file'].split('/')[0]}: {row['kind']}",
                Path(folder, row["file"]),
                row["truth"],
            )


def opened(folder):
    """Return the function from pixels to probabilities of the network of a lesson in a folder."""
    from support import training
    from support.ground import tf

    described = json.loads(Path(folder, "training.json").read_text())
    lesson = common.lesson(described["lesson"].removesuffix("_mnist"))
    with tf.Graph().as_default() as graph:
        session = tf.Session(graph=graph)
        network = lesson.build(described["seed"], described["activation"])
        tf.train.Saver().restore(session, training.latest(folder))
    return partial(lesson.classify, session, network)


def judged(answers, truth, strict):
    """Return [right, wrong, sure, refused], as 0 and 1, of what was read in a picture.

    sure    wrong, above 90 % and without "?"; where there is no digit, any without "?"
    strict  whether an answer with "?" counts as refused, rather than by its digits
    """
    texts = [one.text for one in answers]
    doubt = ["?" in text for text in texts]
    if set(texts) <= {"?"} or (any(doubt) if strict and truth else not truth and all(doubt)):
        return [0, 0, 0, 1]
    wrong = "".join(texts).replace("?", "") != truth.replace(" ", "")
    sure = not any(doubt) and min(one.probabilities.max() for one in answers) > 0.9
    return [not wrong, wrong, wrong and (sure or not truth), 0]


def tally(cases, networks, strict=True):
    """Return {kind: int [networks, 5]} of cases (kind, file, truth), each of which is read once.

    The last column: how many the plainest preparation, of one digit only, lets a network read.
    """
    from support import pictures, reading
    from support.ground import DataError

    counts = {}
    for kind, path, truth in cases:
        try:
            digits = pictures.read(path).digits
        except DataError:
            digits = []
        plain = [each for digit in digits[:1] for each in digit.alone() or [digit]]
        found = [
            judged(reading.answer(digits, each), truth, strict)
            + judged(reading.answer(plain, each), truth, False)[:1]
            for each in networks
        ]
        counts[kind] = counts.get(kind, 0) + np.array(found, int)
    return counts


def pages(kinds, seeds, written, file):
    """Yield (kind, file, truth) of pictures that are drawn, one after the other, in a file."""
    for number, kind in enumerate(kinds):
        for seed in range(seeds):
            image, truth = drawn(kind, number, seed, written)
            image.save(file, compress_level=1)
            yield kind, file, truth


def show(title, counts):
    """Print a table of {kind: int [5]}, and of all together."""
    print(f"{title}\n")
    rows = []
    for kind, each in (counts | {"**all**": sum(counts.values())}).items():
        n = each[[0, 1, 3]].sum()
        rows.append([kind, n, *(f"{count / n:.1%}" for count in each)])
    common.table(
        ["kind", " n", " right", " wrong", " wrong, sure", " refused", " plain right"], rows
    )


def main():
    """Print a table for each hand and network."""
    parser = common.parser(__doc__, lesson=False)
    parser.add_argument("folders", nargs="+", metavar="FOLDER", help="--out of a training run")
    parser.add_argument("--seeds", type=int, default=10, help="pictures of a kind and hand [10]")
    parser.add_argument(
        "--pictures", metavar="FOLDER", help="with truth.csv, in place of drawn ones"
    )
    args = common.begin(parser, "tensorflow", "numpy", "PIL", "scipy")
    networks, counts = [opened(folder) for folder in args.folders], {}
    with TemporaryDirectory() as folder:
        if args.pictures:
            counts[args.pictures] = tally(kept(args.pictures), networks, strict=False)
        else:
            test = common.load(args.data).test
            people = test.images.reshape(-1, 28, 28), test.labels
            for hand, written in {"strokes": None, "MNIST's test digits": people}.items():
                for group, kinds in GROUPS.items():
                    cases = pages(kinds, args.seeds, written, Path(folder, "page.png"))
                    counts[f"{hand}, {group}"] = tally(cases, networks)
    for title, each in counts.items():
        for i, name in enumerate(args.folders):
            show(f"{name}, {title}", {kind: four[i] for kind, four in each.items()})


GROUPS = {"one digit": KINDS, "numbers": LAYOUTS, "no digit": NEITHER}

if __name__ == "__main__":
    main()
