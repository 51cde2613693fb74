"""Training images per second: the lessons' networks and loop beside those of other libraries.

All candidates train the same network on float32 with Adam and the same batch size, without
distortion, each in its own process on all cores, in turn; the ratios are taken within a turn.
A row more shows the whole step of the lesson: distortion, weight decay, learning rate.

PyTorch's loop has the data in memory and fused Adam. Keras and PyTorch convolve, add the bias,
activate, pool: the usual order. "Pooling first" is PyTorch with the lesson's cheaper order.
"""

import importlib

import common
from candidates import keras_fit, layers, lesson_loop, pytorch_loop, session_loop

IMAGES = {"mlp": 55_000, "cnn": 12_800}  # each candidate trains on so many in each turn
WARM_UP = 10  # steps before the first measurement
OURS = "session loop, plain Adam"
WHOLE = "the whole step of the lesson"

# label: (module, work, its options); those with options for pictures are for the CNN alone
PEERS = {
    "Keras fit": ("keras", keras_fit, {}),
    "Keras fit, jit_compile=True": ("keras", keras_fit, {"jit_compile": True}),
    "Keras fit, 50 steps per execution": ("keras", keras_fit, {"steps_per_execution": 50}),
    "Keras fit, jit_compile=False, 50 steps per execution": (
        *("keras", keras_fit),
        {"jit_compile": False, "steps_per_execution": 50},
    ),
    "PyTorch": ("torch", pytorch_loop, {}),
    "PyTorch, channels_last": ("torch", pytorch_loop, {"last": True}),
    "PyTorch, pooling first": ("torch", pytorch_loop, {"early": True}),
    "PyTorch, channels_last, pooling first": ("torch", pytorch_loop, {"last": True, "early": True}),
}


def start(name, splits, batch_size):
    """Start a worker for each candidate whose module is installed; return {label: worker}."""
    reader = common.Worker(layers, name)
    network, activation = reader.about
    workers = {
        OURS: common.Worker(session_loop, name, splits, batch_size),
        WHOLE: common.Worker(lesson_loop, name, splits, batch_size),
    }
    for label, (module, work, options) in PEERS.items():
        for_pictures = "last" in options or "early" in options
        if common.distribution(module) and (name == "cnn" or not for_pictures):
            peer = (splits, batch_size, network, activation)
            workers[label] = common.Worker(work, *peer, **options)
    parameters = {worker.about for worker in workers.values()} - {None}
    assert len(parameters) == 1, f"the networks differ: {parameters} parameters"
    return workers


def measure(name, splits, batch_size, images, repeats):
    """Return the rows of the table for one lesson and batch size."""
    workers = start(name, splits, batch_size)
    steps = max(1, min(images, len(splits[0].images)) // batch_size)
    for worker in workers.values():
        worker.ask(min(WARM_UP, steps))
    rates = {label: [] for label in workers}
    for turn in range(repeats):
        for label, worker in workers.items():
            rates[label].append(steps * batch_size / worker.ask(steps))
            common.note(f"{name}, batch {batch_size}, turn {turn}: {label} {rates[label][-1]:,.0f}")
    for worker in workers.values():
        worker.close()
    for label, values in rates.items():
        ratios = [ours / theirs for ours, theirs in zip(rates[OURS], values, strict=True)]
        ratio = "1" if label == OURS else common.spread(ratios)
        yield name.upper(), batch_size, label, common.spread(values, 0), ratio


def main():
    """Measure every lesson at its own batch size, and print one table."""
    parser = common.parser(__doc__, repeats=5)
    parser.add_argument("--images", type=int, metavar="N", help=f"in each turn {IMAGES}")
    parser.add_argument("--batch-size", type=int, metavar="N", help="instead of the lesson's own")
    args = parser.parse_args()

    common.print_machine("tensorflow", "keras", "torch", "numpy")
    splits = common.load(args.data)
    rows = []
    for name in common.lessons(args):
        size = args.batch_size or importlib.import_module(common.LESSONS[name]).BATCH_SIZE
        rows += measure(name, splits, size, args.images or IMAGES[name], args.repeats)
    spread = f": median of {args.repeats} turns (lowest - highest)"
    header = ["network", " batch", "loop", f" images/s{spread}", " session loop is faster by"]
    common.table(header, rows)


if __name__ == "__main__":
    main()
