"""Training images per second: the lessons' networks and loop beside those of other libraries.

All candidates train the same network on float32 with Adam and the same batch size, without
distortion, each in its own process on all cores, in turn; the ratios are taken within a turn.
A row more shows the whole step of the lesson: distortion, weight decay, learning rate.

PyTorch's loop has the data in memory and fused Adam. Keras and PyTorch convolve, add the bias,
activate, pool: the usual order. "Pooling first" is PyTorch with the lesson's cheaper order.
"""

from functools import partial

import common
from candidates import STEPS, keras_fit, lesson_loop, pytorch_loop

OURS = "session loop, plain Adam"
CANDIDATES = {
    OURS: partial(lesson_loop, distort=False, decay=False),
    "the whole step of the lesson": lesson_loop,
    "Keras fit": keras_fit,
    "Keras fit, jit_compile=True": partial(keras_fit, jit_compile=True),
    "Keras fit, 50 steps per execution": partial(keras_fit, steps_per_execution=50),
    "Keras fit, jit_compile=False, 50 steps per execution": partial(
        keras_fit, jit_compile=False, steps_per_execution=50
    ),
    "PyTorch": pytorch_loop,
}
FOR_CONVOLUTIONS = {
    "PyTorch, channels_last": partial(pytorch_loop, last=True),
    "PyTorch, pooling first": partial(pytorch_loop, early=True),
    "PyTorch, channels_last, pooling first": partial(pytorch_loop, last=True, early=True),
}


def measure(name, splits, args):
    """Yield the rows of the table for one lesson, at its own batch size."""
    size = common.lesson(name).BATCH_SIZE
    steps = min(STEPS, len(splits[0].images) // size)
    candidates = CANDIDATES | FOR_CONVOLUTIONS if name == "cnn" else CANDIDATES
    tasks = {label: partial(work, name, splits, size) for label, work in candidates.items()}
    seconds = common.steps_in_turn(args.repeats, steps, tasks)
    for label, values in seconds.items():
        ratios = [theirs / ours for ours, theirs in zip(seconds[OURS], values, strict=True)]
        rates = common.spread([steps * size / value for value in values], 0)
        yield name.upper(), size, label, rates, common.spread(ratios)


def main():
    """Measure every lesson, and print one table."""
    parser = common.parser(__doc__, repeats=5)
    args = common.begin(parser, "tensorflow", "keras", "torch", "numpy")

    splits = common.load(args.data)
    rows = [row for name in args.lesson for row in measure(name, splits, args)]
    spread = f": median of {args.repeats} turns (lowest - highest)"
    header = ["network", " batch", "loop", f" images/s{spread}", " session loop is faster by"]
    common.table(header, rows)


if __name__ == "__main__":
    main()
