"""A picture file, of any common format, as a small upright image in RGB.

Whatever the file says, memory is bounded: MAX_BYTES of file, MAX_PIXELS decoded once, and of
those only about SIDE x SIDE are turned into RGB.
"""

import os
import re
import warnings
import zlib
from io import BytesIO

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from support.ground import DataError, complain, opened

MAX_BYTES = 2**27  # of a file, 128 MiB
MAX_PIXELS = 65_000_000  # as many as a phone's camera of 64 megapixels gives
MAX_SCANS = 50  # of a progressive JPEG, each of which is decoded in full; a camera's has about 10
MIN_SIDE, MAX_ASPECT = 8, 50
SIDE = 1200  # pixels: the longer side of the image that is searched for digits
FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP")  # JPEG: also MPO, as some phones write it
PAGES = ("GIF", "TIFF", "WEBP")  # may hold more than one; of MPO the others are previews
OTHERS = {  # what people mistake for a picture that can be read: a pattern of its first bytes
    "HEIC or AVIF, as phones write it; save it as JPEG": rb"....ftyp(hei|hev|mif|msf|avi)",
    "PDF; save its page as PNG": rb"%PDF",
    "SVG; save it as PNG": rb"\s*(<\?xml.*)?<svg",
    "an IDX file; it belongs behind --data": rb"\0\0[\x08-\x0e][\x01-\x04]",
    "gzip; MNIST's files belong behind --data": rb"\x1f\x8b",
    "CSV; it is read if its name ends in .csv": rb"[\w \"'.-]*(,[\w \"'.-]*){9}",
}


def load(path: str) -> Image.Image:
    """Return a picture file as a PIL image: RGB, upright, its longer side at most SIDE pixels.

    What is transparent becomes white, or black under white ink.

    Raises:
        DataError: not a picture, not in one of FORMATS, damaged, too large, too small, too narrow.
    """
    with opened(path) as file:
        length = file.seek(0, os.SEEK_END)
        if length > MAX_BYTES:
            raise DataError(path, "too many bytes", length, f"at most {MAX_BYTES}")
        file.seek(0)
        content = file.read(MAX_BYTES)
    content = _essential(path, content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's about size: ours is stricter, and an error
            image = Image.open(BytesIO(content), formats=FORMATS)
            _check(path, image, content)
            if image.format in PAGES and getattr(image, "is_animated", False):
                complain("warning", f"{path}: only the first of its pages is read")
            return _decoded(image)
    except (DataError, MemoryError):
        raise
    except UnidentifiedImageError:
        kinds = (kind for kind, start in OTHERS.items() if re.match(start, content, re.S))
        raise DataError(path, "not a picture", next(kinds, None), "a PNG or JPEG file") from None
    except Image.DecompressionBombError:  # more than twice Pillow's own limit
        expected = f"at most {MAX_PIXELS:,} pixels"
        raise DataError(path, "picture too large", expected=expected) from None
    except Exception as problem:  # Pillow raises many kinds; each means a damaged file
        raise DataError(path, f"damaged picture: {problem}") from None


def _essential(path, content):
    """Return a PNG without text, colour profile and the like; other files as they are.

    Each part is checked by its CRC, which decoding passes over. Source: PNG specification, third
    edition, section 5.3, https://www.w3.org/TR/png-3/#5Chunk-layout
    """
    if not content.startswith(b"\x89PNG\r\n\x1a\n"):
        return content
    content = memoryview(content)  # whose slices are no copies
    parts, start = [content[:8]], 8
    while start < len(content) and parts[-1][4:8] != b"IEND":
        end = start + 12 + int.from_bytes(content[start : start + 4], "big")
        part = content[start:end]
        if len(part) != end - start or zlib.crc32(part[4:-4]) != int.from_bytes(part[-4:], "big"):
            raise DataError(path, "damaged picture: a part of it is cut short or was changed")
        if part[4:8] in (b"IHDR", b"PLTE", b"tRNS", b"eXIf", b"IDAT", b"IEND"):
            parts.append(part)
        start = end
    if parts[-1][4:8] != b"IEND":
        raise DataError(path, "damaged picture: it has no end")
    return b"".join(parts)


def _check(path, image, content):
    """Refuse, before anything is decoded, what would cost too much."""
    size = f"{image.width} x {image.height} pixels"
    if image.width * image.height > MAX_PIXELS:
        raise DataError(path, "picture too large", size, f"at most {MAX_PIXELS:,} pixels")
    if min(image.size) < MIN_SIDE:
        raise DataError(path, "picture too small", size, f"at least {MIN_SIDE} x {MIN_SIDE}")
    if max(image.size) > MAX_ASPECT * min(image.size):
        expected = f"at most {MAX_ASPECT} times as long as wide"
        raise DataError(path, "picture too narrow", size, expected)
    # Each scan of a JPEG (also within TIFF) begins with these two bytes, which nothing else in it
    # contains, but for a thumbnail's scan and chance in a colour profile.
    if image.format in ("JPEG", "MPO") or image.info.get("compression") == "jpeg":
        scans = content.count(b"\xff\xda")
        if scans > MAX_SCANS:
            raise DataError(path, "JPEG with too many scans", scans, f"at most {MAX_SCANS}")


def _decoded(image):
    """Return the pixels, made smaller as early as possible."""
    image.draft("RGB", (2 * SIDE, 2 * SIDE))  # JPEG: decode no more than is needed
    if image.mode.startswith("I;16"):  # Pillow clips 16 bits, where the upper 8 are wanted
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    elif image.mode in ("1", "P", "PA", "I", "F"):  # have no mean to reduce by
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    if max(image.size) > 2 * SIDE:
        image = image.reduce(max(image.size) // SIDE)
    image = ImageOps.exif_transpose(image)
    if image.has_transparency_data:
        image = _opaque(image.convert("RGBA"))
    image = image.convert("RGB")
    image.thumbnail((SIDE, SIDE), Image.Resampling.BOX)
    return image


def _opaque(image):
    """Return RGBA on white, or on black if nothing can be seen on white."""

    def laid_on(paper):
        return Image.alpha_composite(Image.new("RGBA", image.size, paper), image).convert("RGB")

    on_white = laid_on("white")
    seen = max(high - low for low, high in on_white.getextrema())
    return on_white if seen > 30 else laid_on("black")
