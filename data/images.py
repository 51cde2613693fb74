"""What all forms of data share: images of 28 x 28 pixels, and labels that are digits."""

from collections.abc import Iterator

import numpy as np

from support.ground import DataError

SIDE = 28  # an image is SIDE x SIDE pixels, SIDE * SIDE in a row


def upright(images: np.ndarray) -> np.ndarray:
    """Return transposed images, uint8 [N, 784], turned upright."""
    return images.reshape(-1, SIDE, SIDE).transpose(0, 2, 1).reshape(-1, SIDE * SIDE)


def no_digit(path, place: str, labels: np.ndarray) -> DataError:
    """Return the error for labels [N] of which one, at `place` in words, is not 0 to 9."""
    first = labels[(labels < 0) | (labels > 9)][0]
    problem = f"{place}: no digit; labels {labels.min()} to {labels.max()}"
    letters = ": letters? These lessons read digits" if labels.max() > 10 else ""
    return DataError(path, f"{problem}{letters}", first, "0 to 9")


def oddities(images: np.ndarray, labels: np.ndarray) -> Iterator[str]:
    """Yield, in words, in what uint8 [N, 784], with labels uint8 [N], is unlike MNIST's images."""
    if lacking := sorted(set(range(10)) - set(np.unique(labels).tolist())):
        digits = ", ".join(map(str, lacking))
        yield f"no image of {digits} to train on: the network will never answer {digits}"
    images, labels = images[:20_000], labels[:20_000]
    ones = images[labels == 1].reshape(-1, SIDE, SIDE) > 127
    if len(ones) > 9 and ones.any(axis=1).sum() > 1.2 * ones.any(axis=2).sum():
        yield "its ones lie on their side: are the images transposed?"
    if images.mean() > 127:
        yield "its images are dark on light, and MNIST's are light on dark"
    if images.max() < 128:
        yield f"its brightest pixel is {images.max()}, and MNIST's is 255"
