"""Networks written as words: the lessons', which their peers copy, and those of trials.

3v24   a convolution with 3 x 3 kernels and 24 maps, without padding (TensorFlow's VALID)
3s24   the same with padding (SAME); 3r24: its input is then added to its output, too
3v24p  max-pooling over 2 x 2 pixels follows
256    a dense layer of 256 units

A last dense layer, of the ten logits, is not written. All others are activated by relu.
"""

import math
import re
from typing import NamedTuple

WORDS = {"mlp": "256 256", "cnn": "3v16 3v16p 3v48 3v48p 3s96 3s96p"}


class Layer(NamedTuple):
    """A layer, with its share of the network's variables and of its computation."""

    kind: str  # "v", "s", "r", or "dense"
    shape: list  # of its weights
    pooled: bool
    places: int  # rows times columns to which the weights are applied, 1 if dense

    @property
    def parameters(self):
        """Return how many weights and biases it has."""
        return math.prod(self.shape) + self.shape[-1]

    @property
    def multiplications(self):
        """Return how many it does for an image, each with an addition."""
        return math.prod(self.shape) * self.places


def layers(words):
    """Return the Layers of a network, a string of words."""
    found, side, maps = [], 28, 1
    for word in [*words.split(), "10"]:
        size, kind, width, pooled = re.fullmatch(r"(?:(\d)([vsr]))?(\d+)(p?)", word).groups()
        if size:
            shape = [int(size), int(size), maps, int(width)]
            side -= int(size) - 1 if kind == "v" else 0
        else:
            shape = [side * side * maps, int(width)]
            side = 1
        found.append(Layer(kind or "dense", shape, bool(pooled), side * side))
        side = side // 2 if pooled else side
        maps = int(width)
    return found
