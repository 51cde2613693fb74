"""The folder of a training run: flags, checkpoints, history, figures, export; and distortion."""

from support.ground import door

__getattr__ = door(
    __name__,
    Run="runs",
    distort="augment",
    latest="checkpoints",
    parse="flags",
    flags_of="description",
    draw="figures",
)
