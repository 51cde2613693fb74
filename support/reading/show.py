"""How a picture was read: in a line, and drawn, with its digits boxed and what the network saw."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from support.ground import OutputError, atomic, reported

SIDE = 84  # pixels: three for each of the 28 that the network is given
ROW = 12  # digits beneath the picture, in a row
PAPER, INK, MARK = (250, 250, 250), (20, 20, 20), (215, 60, 40)


def shares(answers) -> str:
    """Return the probability of each digit; of several Answers, that of each one's likeliest."""
    if len(answers) == 1:
        pairs = [*enumerate(answers[0].probabilities)]
    else:
        pairs = [(one.probabilities.argmax(), one.probabilities.max()) for one in answers]
    return "  ".join(f"{digit}: {share:.1%}" for digit, share in pairs)


def draw(path, picture, answers) -> None:
    """Write `path`, a PNG: the picture with a box around each digit, and beneath it the inputs.

    Args:
        path: of the file; its folder is made.
        picture: a pictures.Picture.
        answers: list of Answer, of which the text, the probabilities, and the digit are shown.

    Raises:
        OutputError: it cannot be written.
    """
    font, large = ImageFont.load_default(14), ImageFont.load_default(22)
    columns, rows = min(ROW, len(answers)), -(-len(answers) // ROW)  # rounded up
    width = max(picture.image.width, 320, columns * (SIDE + 16) + 16)
    height = picture.image.height
    sheet = Image.new("RGB", (width, height + rows * (SIDE + 48) + 16), PAPER)
    sheet.paste(picture.image)
    tool = ImageDraw.Draw(sheet)
    for i, one in enumerate(answers):
        left, top, right, bottom = one.digit.box
        tool.rectangle([left - 3, top - 3, right + 3, bottom + 3], outline=MARK, width=2)
        tool.text((left, max(0, top - 28)), one.text, MARK, large)
        x, y = 16 + i % ROW * (SIDE + 16), height + 16 + i // ROW * (SIDE + 48)
        pixels = Image.fromarray(np.asarray(one.pixels).reshape(28, 28))
        sheet.paste(pixels.resize((SIDE, SIDE), Image.Resampling.NEAREST), (x, y))
        tool.text((x, y + SIDE + 4), f"{one.text}  {one.probabilities.max():.1%}", INK, font)
    with reported(path, OutputError):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    with atomic(path) as temporary:
        sheet.save(temporary, format="PNG")
