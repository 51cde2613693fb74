"""The folder of a training run: flags, checkpoints, history, figures, export.

And what is done to images in the graph: distort(), and straighten(), which predictions use, too.
"""

from support.ground import door

__getattr__ = door(
    __name__,
    Run="runs",
    distort="augment",
    straighten="augment",
    latest="checkpoints",
    parse="flags",
    draw="figures",
)
