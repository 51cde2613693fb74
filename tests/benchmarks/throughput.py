"""Training images per second: the lessons' networks and loop beside those of other libraries.

All candidates train the same network on float32 with Adam and the same batch size, without
distortion, each in its own process on all cores, in turn; the ratios are taken within a turn.
A row more shows the whole step of the lesson: distortion, weight decay, learning rate.

PyTorch's loop has the data in memory and fused Adam. Keras and PyTorch convolve, add the bias,
activate, pool: the usual order. "Pooling first" is PyTorch with the lesson's cheaper order.
"""

import common
from candidates import keras_fit, layers, lesson_loop, pytorch_loop, session_loop

IMAGES = {"mlp": 55_000, "cnn": 12_800}  # each candidate trains on so many in each turn
OURS = "session loop, plain Adam"
KERAS = {  # options of Model.compile
    "Keras fit": {},
    "Keras fit, jit_compile=True": {"jit_compile": True},
    "Keras fit, 50 steps per execution": {"steps_per_execution": 50},
    "Keras fit, jit_compile=False, 50 steps per execution": {
        "jit_compile": False,
        "steps_per_execution": 50,
    },
}
PYTORCH = {  # those with options are for pictures: for the CNN alone
    "PyTorch": {},
    "PyTorch, channels_last": {"last": True},
    "PyTorch, pooling first": {"early": True},
    "PyTorch, channels_last, pooling first": {"last": True, "early": True},
}


def start(name, splits, batch_size):
    """Start a worker for each candidate whose module is installed; return {label: worker}."""
    task = (name, splits, batch_size)
    workers = {OURS: common.Worker(session_loop, *task)}
    workers["the whole step of the lesson"] = common.Worker(lesson_loop, *task)
    peer = (splits, batch_size, *common.Worker(layers, name).about)
    for module, work, variants in (("keras", keras_fit, KERAS), ("torch", pytorch_loop, PYTORCH)):
        for label, options in variants.items() if common.installed(module) else ():
            if name == "cnn" or module == "keras" or not options:
                workers[label] = common.Worker(work, *peer, **options)
    parameters = {worker.about for worker in workers.values()} - {None}
    assert len(parameters) == 1, f"the networks differ: {parameters} parameters"
    return workers


def measure(name, splits, batch_size, images, repeats):
    """Yield the rows of the table for one lesson and batch size."""
    steps = max(1, min(images, len(splits[0].images)) // batch_size)
    with common.asked(start(name, splits, batch_size)) as ask:
        seconds = common.in_turn(repeats, ask(steps))
    for label, values in seconds.items():
        ratios = [theirs / ours for ours, theirs in zip(seconds[OURS], values, strict=True)]
        rates = common.spread([steps * batch_size / value for value in values], 0)
        yield name.upper(), batch_size, label, rates, common.spread(ratios)


def main():
    """Measure every lesson at its own batch size, and print one table."""
    parser = common.parser(__doc__, repeats=5)
    parser.add_argument("--images", type=int, metavar="N", help=f"in each turn {IMAGES}")
    parser.add_argument("--batch-size", type=int, metavar="N", help="instead of the lesson's own")
    args = common.begin(parser, "tensorflow", "keras", "torch", "numpy")

    splits = common.load(args.data)
    rows = []
    for name in common.lessons(args):
        size = args.batch_size or common.lesson(name).BATCH_SIZE
        rows += measure(name, splits, size, args.images or IMAGES[name], args.repeats)
    spread = f": median of {args.repeats} turns (lowest - highest)"
    header = ["network", " batch", "loop", f" images/s{spread}", " session loop is faster by"]
    common.table(header, rows)


if __name__ == "__main__":
    main()
