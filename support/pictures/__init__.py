"""A person's picture file, read as an image such as MNIST's.

Pillow and SciPy take half a second to import: they are imported where they are used.
"""

import contextlib
import os
import warnings

import numpy as np

from support.pictures import ink
from data.errors import DataError
from data.files import opened

MOST_PIXELS = 65_000_000  # of a picture: as many as a phone's camera of 64 megapixels gives
MOST_BYTES = 2**27  # of its file, 128 MiB: Pillow holds each part of a PNG as a whole
WORK = 400  # pixels: the longer side at which the ink is looked for


def read(path):
    """Read a PNG or JPEG of one digit as an image in MNIST's convention: uint8 [784], 0 to 255.

    Any size, colour or grey, dark on light or light on dark, also with transparency, EXIF
    orientation or 16 bits. Shadows, noise, specks, ruled lines and a dark border are removed.
    28 x 28 pixels with a black border are taken as they are.

    DataError: not a PNG or JPEG, damaged, above MOST_PIXELS or MOST_BYTES, below 8 pixels in
    height or width, over 50 times as long as wide, blank, or more than one digit: two tall pieces
    of ink side by side (the detached bar of a 5 is not tall).
    """
    grey = _load(path)
    border = np.concatenate([grey[[0, -1]].ravel(), grey[:, [0, -1]].ravel()])
    if grey.shape == (28, 28) and not border.any() and grey.max() > 2 * ink.BLANK:
        return np.round(grey).astype(np.uint8).ravel()
    return ink.normalized(path, grey)


def as_text(pixels):
    """Return an image, uint8 [784], as 28 lines of text, two characters to a pixel."""
    shades = np.array(list(" .:-=+*#%@"))[np.asarray(pixels).astype(int) * 10 // 256]
    return "\n".join("".join(row).rstrip() for row in shades.repeat(2).reshape(28, 56))


def _load(path):
    """Return a picture's brightness, float [height, width], 0 to 255, about WORK pixels long."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    most = f"at most {MOST_PIXELS:,} pixels"
    with opened(path) as file, contextlib.ExitStack() as stack:
        length = file.seek(0, os.SEEK_END)
        if length > MOST_BYTES:
            raise DataError(path, "too many bytes", length, f"at most {MOST_BYTES}")
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")  # Pillow's about size: ours is stricter, and an error
        try:
            image = stack.enter_context(Image.open(file))
        except UnidentifiedImageError:
            raise DataError(path, "not a picture", expected="a PNG or JPEG file") from None
        except Image.DecompressionBombError:  # far more than MOST_PIXELS
            raise DataError(path, "picture too large", expected=most) from None
        except Exception as problem:  # Pillow raises many kinds; each means a damaged file
            raise DataError(path, f"damaged picture: {problem}") from None
        # MPO is a JPEG with a second picture behind it, as some phones write it.
        if image.format not in ("PNG", "JPEG", "MPO"):
            raise DataError(path, "wrong format", image.format, "PNG or JPEG")
        size = f"{image.width} x {image.height} pixels"
        if image.width * image.height > MOST_PIXELS:
            raise DataError(path, "picture too large", size, most)
        if min(image.size) < 8:
            raise DataError(path, "picture too small", size, "at least 8 x 8")
        if max(image.size) > 50 * min(image.size):
            raise DataError(path, "picture too narrow", size, "at most 50 times as long as wide")
        try:
            image.verify()  # a PNG's checksums, which decoding passes over
            image = stack.enter_context(Image.open(file))
            image.draft("RGB", (2 * WORK, 2 * WORK))  # JPEG: decode no more than is needed
            image = _reduced(image)
            image = _flat(image) if image.mode == "RGBA" else image
            grey = ImageOps.exif_transpose(image).convert("F")
        except MemoryError:  # no damage
            raise
        except Exception as problem:
            raise DataError(path, f"damaged picture: {problem}") from None
    scale = WORK / max(grey.size)
    if scale < 1 or (scale > 2 and max(grey.size) > 28):
        size = [max(1, round(side * scale)) for side in grey.size]
        grey = grey.resize(size, Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC)
    return np.asarray(grey)


def _reduced(image):
    """Return a picture in grey, or RGBA if it has transparency, not much longer than 2 * WORK.

    In bands: each copy of the whole would cost up to 260 MB, which a file of 260 KB can cause.
    """
    from PIL import Image

    factor = max(1, max(image.size) // (2 * WORK))
    mode = "RGBA" if image.has_transparency_data else "L"
    bands, step = [], 64 * factor
    for top in range(0, image.height, step):
        band = image.crop((0, top, image.width, min(top + step, image.height)))
        if band.mode.startswith("I"):  # 16 bits: convert("L") would clip them to white
            band = Image.fromarray(np.asarray(band, np.float32) / 257)
        else:
            band = band.convert(mode)
        bands.append(band.reduce(factor))
    reduced = Image.new(bands[0].mode, (bands[0].width, sum(band.height for band in bands)))
    for number, band in enumerate(bands):
        reduced.paste(band, (0, 64 * number))
    reduced.info = image.info  # EXIF's orientation is in there
    return reduced


def _flat(image):
    """Return RGBA in grey: what is transparent becomes white, or black under white ink."""
    from PIL import Image

    for paper in ("white", "black"):
        flat = Image.alpha_composite(Image.new("RGBA", image.size, paper), image).convert("L")
        darkest, lightest = flat.getextrema()
        if lightest - darkest >= ink.BLANK:
            break
    return flat
