"""Training images per second: the lessons' networks and loop beside those of other libraries.

All candidates train the same network on float32 with Adam and the same batch size, on images as
they are, each in its own process on all cores, in turn; the ratios are taken within a turn. A row
more shows the lesson's whole step, with weight decay and with the images changed.
PyTorch's loop has the data in memory and fused Adam. Keras and PyTorch convolve, add the bias,
activate, pool: the usual order. "Pooling first" is PyTorch with the lesson's cheaper order.
The bound: the operations of the step's convolutions and products at the rate of the machine's own
tf.matmul of large square matrices. All the rest of a step counts as no work.
"""

from functools import partial

import common
import networks
from candidates import WARM, keras_steps, lesson_steps, products, pytorch_steps

SIZE = 2048  # of the square matrices
OURS, BOUND = "session loop", "the bound"
LESSONS = {OURS: partial(lesson_steps, plain=True), "the lesson's whole step": lesson_steps}
IN_GRAPH = {"jit_compile": False, "steps_per_execution": 50}
PEERS = {
    "Keras fit": keras_steps,
    "Keras fit, jit_compile=True": partial(keras_steps, jit_compile=True),
    "Keras fit, 50 steps per execution": partial(keras_steps, steps_per_execution=50),
    "Keras fit, jit_compile=False, 50 steps per execution": partial(keras_steps, **IN_GRAPH),
    "PyTorch": pytorch_steps,
}
FASTEST = {"PyTorch, channels_last, pooling first": partial(pytorch_steps, fast=True)}


def measure(name, split, args):
    """Yield the rows of the table for one lesson, at its own batch size."""
    size = common.lesson(name).BATCH_SIZE
    steps = min(200, len(split.labels) // size - WARM)
    peers = {} if args.ours else PEERS | (FASTEST if name == "cnn" else {})
    tasks = {label: partial(f, name, split, size, steps) for label, f in (LESSONS | peers).items()}
    tasks[BOUND] = partial(products, SIZE, 20)
    fresh = {label: lambda _, task=task: common.fresh(task) for label, task in tasks.items()}
    seconds = common.in_turn(args.repeats, fresh)
    work = networks.operations(networks.layers(networks.WORDS[name])) * size * steps
    seconds[BOUND] = [work / (2 * SIZE**3) * value for value in seconds[BOUND]]
    for label, values in seconds.items():
        ratios = [theirs / ours for ours, theirs in zip(seconds[OURS], values, strict=True)]
        shares = [100 * least / value for least, value in zip(seconds[BOUND], values, strict=True)]
        rates = common.spread([steps * size / value for value in values], 0)
        yield name.upper(), size, label, rates, common.spread(ratios), common.spread(shares, 0)


def main():
    """Measure every lesson, and print one table."""
    parser = common.parser(__doc__, repeats=5)
    parser.add_argument("--ours", action="store_true", help="without Keras and PyTorch")
    peers = [] if parser.parse_args().ours else ["keras", "torch"]
    args = common.begin(parser, "tensorflow", "numpy", *peers)
    split = common.load(args.data).training
    rows = [row for name in args.lesson for row in measure(name, split, args)]
    header = ["network", " batch", "loop", f" images/s: median of {args.repeats} turns"]
    common.table([*header, " session loop is faster by", " % of the bound"], rows)


if __name__ == "__main__":
    main()
