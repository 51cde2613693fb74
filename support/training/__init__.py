"""The folder of a training run: flags, checkpoints, history, figures, export; and augment.py."""

from support.ground import door

__getattr__ = door(
    __name__,
    Run="runs",
    distort="augment",
    straighten="augment",
    latest="checkpoints",
    parse="flags",
    flags_of="description",
    draw="figures",
)
