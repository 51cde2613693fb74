"""A person's pictures: every kind of file is read as the same digit, or refused in one line."""

import contextlib
import io

import numpy as np
import pytest
from PIL import Image, ImageDraw
from scipy import ndimage
from sklearn.datasets import load_digits

from support import pictures
from support.ground import DataError
from support.reading import answers


def four(size=300, width=26, ink=20, paper=240):
    """Draw a 4 with a pen: an "L" form and a stroke through it."""
    image = Image.new("L", (size, size), paper)
    pen = ImageDraw.Draw(image)
    scale = size / 300
    for line in ([(120, 60), (90, 170), (210, 170)], [(180, 100), (170, 250)]):
        points = [(x * scale, y * scale) for x, y in line]
        pen.line(points, fill=ink, width=max(1, round(width * scale)), joint="curve")
    return image


def read(tmp_path, image, name="digit.png", **options):
    path = tmp_path / name
    image.save(path, **options)
    return pictures.read_one(str(path)).reshape(28, 28)


def alike(a, b):
    """Return the correlation of two images, 1 for the same."""
    return np.corrcoef(ndimage.gaussian_filter(np.stack([a, b]) / 255.0, [0, 1, 1]).reshape(2, -1))[
        0, 1
    ]


@pytest.fixture
def expected(tmp_path):
    """Return the 4, drawn neatly, as `read` makes it."""
    return read(tmp_path, four())


def test_the_convention_of_mnist(expected):
    assert expected.dtype == np.uint8
    rows, columns = np.nonzero(expected)
    height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
    assert max(height, width) == 20
    assert width == pytest.approx(height * 146 / 216, abs=1.5)  # the aspect ratio of the drawing
    centre = ndimage.center_of_mass(expected)
    assert centre == pytest.approx((13.5, 13.5), abs=0.6)
    assert expected.max() == 255
    assert expected[0].max() == expected[-1].max() == 0
    # It is the 4 that was drawn: ink where the strokes are, none above the bar's right end.
    assert expected[18, 16] > 60
    assert expected[8, 10] > 100
    assert expected[22, 6] == 0


def photograph(image, seed=0):
    """Return a drawing as a bad photograph shows it: shadow, noise, blur, specks, ruled lines."""
    rng = np.random.default_rng(seed)
    grey = np.asarray(image, float)
    row, column = np.mgrid[: grey.shape[0], : grey.shape[1]]
    grey[::60] -= 40
    grey *= 0.35 + 0.5 * column / column.max() + 0.15 * row / row.max()
    grey = ndimage.gaussian_filter(grey, 1) + rng.normal(0, 5, grey.shape)
    for y, x in rng.integers(5, 290, [8, 2]):
        grey[y : y + 3, x : x + 3] -= 60
    return Image.fromarray(grey.clip(0, 255).astype(np.uint8))


def lit(image, edge):
    """Return a drawing under light that falls off to the right, or at a shadow's bent edge."""
    row, column = np.mgrid[: image.height, : image.width] / image.width
    light = 1 - 0.5 * column
    if edge:
        shadow = column < 0.5 - 0.05 * np.sin(12 * (row - column))
        light = 1 - 0.55 * ndimage.gaussian_filter(shadow.astype(float), 2)
    return Image.fromarray((np.asarray(image) * light).astype(np.uint8))


def striped(image):
    """Return a drawing of whose strokes a dry pen has left out stripes."""
    row, column = np.mgrid[: image.height, : image.width]
    return Image.fromarray(np.where((row + 0.7 * column) % 50 < 16, 240, image).astype(np.uint8))


def holed(image, every):
    """Return a drawing of whose ink a pixel is missing here and there."""
    pixels = np.array(image)
    pixels[::every, ::every] = 240
    return Image.fromarray(pixels)


def paler(image):
    """Return a drawing whose pen was pressed less to the right."""
    grey, column = np.asarray(image, float), np.mgrid[: image.height, : image.width][1]
    return Image.fromarray(np.where(column > 160, 240 - 0.28 * (240 - grey), grey).astype(np.uint8))


def ruled(image):
    pen = ImageDraw.Draw(image)
    for y in range(7, image.height, 24):
        pen.line([(0, y), (image.width, y)], 150)
    return image


def transparent(image, white_ink):
    """Return ink on nothing: white ink can be seen on a dark page only."""
    alpha = Image.fromarray(255 - np.asarray(image.point(lambda v: 255 if v > 128 else 0)))
    flat = Image.new("RGBA", image.size, (255,) * 3 if white_ink else (0, 0, 0))
    flat.putalpha(alpha)
    return flat


def exif(orientation):
    tags = Image.Exif()
    tags[0x0112] = orientation
    return {"exif": tags}


CASES = {
    "light on dark": lambda: (four(ink=240, paper=20), {}),
    "faint pencil": lambda: (four(ink=170, paper=210), {}),
    "large": lambda: (four(2000), {}),
    "small": lambda: (four(40), {}),
    "thin": lambda: (four(width=6), {}),
    "off-centre": lambda: (Image.fromarray(np.pad(four(), [(0, 400), (500, 0)], "edge")), {}),
    "cropped to the ink": lambda: (four().crop((76, 58, 224, 252)), {}),
    "cropped, in thick ink, blurred": lambda: (
        Image.fromarray(ndimage.gaussian_filter(np.asarray(four(width=40))[47:263, 77:223], 6)),
        {},
    ),
    "cropped, in thick ink, uneven light": lambda: (
        lit(four(width=45).crop((75, 55, 260, 300)), edge=False),
        {},
    ),
    "shadow with a bent edge": lambda: (
        lit(Image.fromarray(np.pad(four(width=9), [(200, 175), (500, 100)], "edge")), edge=True),
        {},
    ),
    "paler in part": lambda: (paler(four()), {}),
    "ruled, 120 pixels": lambda: (ruled(four(120)), {}),
    "dashes": lambda: (striped(four(width=14)), {}),
    "colour": lambda: (Image.merge("RGB", [four(ink=20), four(ink=40), four(ink=150)]), {}),
    "palette": lambda: (four().convert("P"), {}),
    "bilevel": lambda: (four().convert("1"), {}),
    "16 bits": lambda: (Image.fromarray(np.asarray(four()).astype(np.uint16) * 257), {}),
    "transparent, black ink": lambda: (transparent(four(), white_ink=False), {}),
    "transparent, white ink": lambda: (transparent(four(), white_ink=True), {}),
    "photograph": lambda: (photograph(four()), {}),
    "dark border": lambda: (Image.fromarray(np.pad(four(), 12, constant_values=0)), {}),
    "JPEG": lambda: (four(), {"name": "digit.jpg", "quality": 40}),
    "JPEG under a wrong name": lambda: (four(), {"format": "JPEG"}),
    "JPEG in CMYK": lambda: (four().convert("CMYK"), {"name": "digit.jpg"}),
    "turned, as EXIF says": lambda: (
        four().transpose(Image.Transpose.ROTATE_90),
        {"name": "digit.jpg", **exif(6)},
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_kind_of_picture_gives_the_same_image(case, expected, tmp_path):
    image, options = case()
    assert alike(read(tmp_path, image, **options), expected) > 0.9


def test_an_image_of_mnist_comes_back_as_it_was(expected, tmp_path):
    np.testing.assert_array_equal(read(tmp_path, Image.fromarray(expected)), expected)


def saved(image, **options):
    file = io.BytesIO()
    image.save(file, **options)
    return file.getvalue()


REFUSED = {  # besides those in faults/pictures.py
    "black": (lambda: saved(Image.new("L", (200, 200), 0), format="PNG"), "no digit"),
    "28 x 28, black": (lambda: saved(Image.new("L", (28, 28), 0), format="PNG"), "no digit"),
    "transparent": (lambda: saved(Image.new("RGBA", (99, 99)), format="PNG"), "no digit"),
}


@pytest.mark.parametrize(("content", "pattern"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_a_picture_of_a_digit_is_refused(content, pattern, tmp_path, recwarn):
    path = tmp_path / "digit.png"
    path.write_bytes(content())
    with pytest.raises(DataError, match=pattern) as error:
        pictures.read(str(path))
    assert str(error.value).startswith(f"{path}: ")
    assert "\n" not in str(error.value)
    assert not recwarn.list


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_picture_cut_anywhere_or_with_any_byte_changed_never_breaks(kind, tmp_path):
    whole = saved(four(60), format=kind)
    path = tmp_path / "digit.png"
    rng = np.random.default_rng(0)
    for position in rng.integers(0, len(whole), 60):
        changed = bytearray(whole)
        changed[position] ^= 1 << rng.integers(8)
        for content in (whole[:position], bytes(changed)):
            path.write_bytes(content)
            with contextlib.suppress(DataError):
                for digit in pictures.read(str(path)).digits:
                    assert digit.pixels.shape == (784,)


def page(*marks, size=(400, 700)):
    """Return white paper with pen strokes: lists of (x, y)."""
    image = Image.new("L", size[::-1], 255)
    for points in marks:
        ImageDraw.Draw(image).line(points, 0, 12, "curve")
    return image


def one(x, y, height=150):
    return [(x, y), (x + 5, y + height)]


def find(image):
    return pictures.find(np.asarray(image), "page")


def boxes(picture):
    return [digit.box for digit in picture.digits]


def test_digits_come_row_by_row_with_a_blank_between_rows_and_wide_gaps():
    image = page(one(60, 40), one(120, 40), one(400, 40), one(60, 230), one(130, 230))
    picture = find(image)
    corners = [(left // 10 * 10, top // 100) for left, top, *_ in boxes(picture)]
    assert corners == [(50, 0), (110, 0), (390, 0), (50, 2), (120, 2)]
    assert [digit.before for digit in picture.digits] == ["", "", " ", " ", ""]


def test_digits_closer_than_their_pen_is_wide_are_not_the_dashes_of_one():
    image = page(*[one(100 + 22 * i, 100) for i in range(5)])
    assert len(find(image).digits) == 5


def test_digits_that_touch_may_be_cut_where_little_ink_is_cut():
    image = page(
        one(200, 100, 200), [(170, 300), (240, 300)], [(240, 300), (330, 190)], one(320, 110)
    )
    (digit,) = find(image).digits
    widths = [(left.box[2], right.box[0]) for left, right in digit.halves()]
    assert any(210 < end < 270 and 210 < start < 270 for end, start in widths)
    assert len(widths) > 1


SIGNS = {  # what stands between two digits
    "dot": [[(262, 244), (270, 244)]],
    "dash": [[(240, 180), (295, 180)]],
    "sign": [[(235, 180), (305, 180)], [(270, 145), (270, 215)]],
}


@pytest.mark.parametrize(("word", "marks"), SIGNS.items(), ids=SIGNS)
def test_a_sign_is_named_and_not_read(word, marks):
    picture = find(page(one(200, 100), one(340, 100), *marks))
    assert len(picture.digits) == 2
    assert [word in warning for warning in picture.warnings] == [True]


def test_ink_as_tall_as_the_digits_beside_it_is_not_lost():
    grid = [[(x, 100), (x, 250)] for x in (300, 350, 400)]
    grid += [[(300, y), (400, y)] for y in (106, 152, 198, 244)]
    image = page(one(100, 100), one(200, 100), one(500, 100), *grid)
    digits = find(image).digits
    assert [digit.least > 0.9 for digit in digits] == [False, False, True, False]
    assert answers.number(answers.answer(digits, lambda images: sure(images, 1, 0.9))) == "11?1"


def test_pinholes_of_a_felt_pen_are_no_holes():
    (digit,) = find(holed(four(width=40), every=7)).digits
    assert digit.least == 0


def test_a_line_of_one_pixel_in_black_and_white_is_a_digit():
    image = page(one(100, 100))
    ImageDraw.Draw(image).line([(200, 100), (200, 250)], 0, 1)
    assert len(find(image).digits) == 2


def test_evenly_spaced_digits_are_one_number_and_columns_one_row():
    for step, before in ((110, ""), (180, "")):
        image = page(*[one(40 + step * i, 100, 60) for i in range(4)])
        assert [digit.before for digit in find(image).digits] == [before] * 4
    image = page(one(40, 40, 60), one(600, 45, 60), one(40, 240, 60), one(600, 245, 60))
    assert [left // 100 for left, *_ in boxes(find(image))] == [0, 5, 0, 5]


def sure(images, digit, share=0.999):
    """Return probabilities: of a digit a share, of the others the rest."""
    result = np.full([len(images), 10], (1 - share) / 9)
    result[:, digit] = share
    return result


def network(shares):
    """Return a classify: of images in which the first pixel's value is a key, (digit, share)."""

    def classify(images):
        return np.concatenate([sure([0], *shares[image.max()]) for image in images])

    return classify


def digit(key, box=(0, 0, 100, 100), **more):
    return pictures.Digit(np.full(784, key, np.uint8), box, **more)


DOUBTS = {  # what a digit may be, what a network says of each, and what is read
    "touching": ({"halves": lambda: [[digit(2), digit(3)]]}, {1: (6, 0.95)}, "10"),
    "one, surely": ({"halves": lambda: [[digit(2), digit(3)]]}, {1: (6, 0.9995)}, "6"),
    "a 1 taken for a 7": ({"american": digit(2).pixels}, {1: (7, 0.999)}, "1"),
    "a 4, surely": ({"american": digit(2).pixels}, {1: (4, 0.9999)}, "4"),
    "a band beside it": ({"alone": lambda: [digit(4)]}, {1: (8, 0.87)}, "9"),
    "no digit": ({"least": 0.95}, {1: (8, 0.94)}, "?"),
}


@pytest.mark.parametrize(("more", "shares", "text"), DOUBTS.values(), ids=DOUBTS)
def test_the_network_decides_what_is_in_doubt(more, shares, text):
    classify = network({2: (1, 0.998), 3: (0, 0.998), 4: (9, 0.999)} | shares)
    found = answers.answer([digit(1, length=1.3, **more)], classify)
    assert answers.number(found) == text


def test_the_one_digit_of_a_picture_is_only_one(tmp_path):
    page(one(100, 100), one(200, 100)).save(tmp_path / "two.png")
    with pytest.raises(DataError, match=r"more than one digit \(got 2, expected 1\)"):
        pictures.read_one(str(tmp_path / "two.png"))


SURROUNDINGS = {  # the pen's width, and what it draws
    "a box": (3, [[(60, 20), (640, 20), (640, 380), (60, 380), (60, 20)]]),
    "an underline": (3, [[(150, 330), (560, 325)]]),
    "a crossed-out try": (
        12,
        [[*map(tuple, np.random.default_rng(3).normal([560, 200], 30, [40, 2]))]],
    ),
    "ruled lines": (3, [[(0, y), (700, y + 4)] for y in range(50, 400, 90)]),
}


@pytest.mark.parametrize(("width", "marks"), SURROUNDINGS.values(), ids=SURROUNDINGS)
def test_what_stands_around_a_digit_is_left_out(width, marks):
    image = page(size=(400, 700))
    pen = ImageDraw.Draw(image)
    for points in marks:
        pen.line(points, 0, width)
    image.paste(four(300, ink=0, paper=255).crop((60, 40, 240, 270)), (250, 90))
    (digit,) = find(image).digits
    alone = page(size=(400, 700))
    alone.paste(four(300, ink=0, paper=255).crop((60, 40, 240, 270)), (250, 90))
    (expected,) = find(alone).digits
    assert alike(digit.pixels.reshape(28, 28), expected.pixels.reshape(28, 28)) > 0.85


@pytest.mark.parametrize(("size", "share"), [(8, 0.85), (128, 0.9)])
def test_digits_of_8_by_8_pixels_that_reach_the_edges(size, share):
    """Other writers' digits, from scikit-learn, as they are, and enlarged."""
    found = []
    for image in load_digits().images[:100]:
        small = Image.fromarray((image * 255 / 16).astype(np.uint8))
        with contextlib.suppress(DataError):
            digits = pictures.find(small.resize([size, size], Image.Resampling.BICUBIC), "").digits
            _, top, _, bottom = digits[0].box
            found.append(len(digits) == 1 and bottom - top > 0.85 * (32 if size == 8 else size))
    assert sum(found) >= 100 * share


def test_colours_as_bright_as_their_paper_are_seen():
    image = Image.new("RGB", (300, 300), (190, 60, 60))
    image.paste((0, 140, 20), mask=four(ink=255, paper=0))
    assert len(pictures.find(np.asarray(image), "colours").digits) == 1
