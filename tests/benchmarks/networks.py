"""Networks written as words: the lessons', which their peers copy, and those of trials.

3v24   a convolution with 3 x 3 kernels and 24 maps, without padding (TensorFlow's VALID)
3s24p  the same with padding (SAME); p: max-pooling over 2 x 2 pixels follows
256    a dense layer of 256 units

A last dense layer, of the ten logits, is not written. All others are activated by relu.
"""

import math
import re
from typing import NamedTuple

WORDS = {"mlp": "256 256", "cnn": "3v16 3v16p 3v48 3v48p 3s96 3s96p"}


class Layer(NamedTuple):
    """A layer of a network."""

    padding: str  # "valid" or "same", or "" if dense
    shape: list  # of its weights
    pooled: bool
    multiplications: int  # for an image, each with an addition


def layers(words):
    """Return the Layers of a network, a string of words."""
    found, side, maps = [], 28, 1
    for word in [*words.split(), "10"]:
        size, kind, width, pooled = re.fullmatch(r"(?:(\d)([vs]))?(\d+)(p?)", word).groups()
        shape = [int(size)] * 2 + [maps] if size else [side * side * maps]
        shape.append(int(width))
        side = side - int(size) + 1 if kind == "v" else side if size else 1
        padding = {"v": "valid", "s": "same", None: ""}[kind]
        found.append(Layer(padding, shape, bool(pooled), math.prod(shape) * side * side))
        side, maps = side // 2 if pooled else side, int(width)
    return found


def operations(layers):
    """Return the floating-point operations of a training step for one image."""
    # 2 for a multiplication with its addition, forward and twice back; no gradient of the pixels.
    return 6 * sum(each.multiplications for each in layers) - 2 * layers[0].multiplications
