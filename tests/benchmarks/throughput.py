"""Training images per second: the lessons' networks and loop beside those of other libraries.

All candidates train the same network on float32 with Adam and the same batch size, without
distortion, each in its own process on all cores, in turn; the ratios are taken within a turn.
A row more shows the whole step of the lesson: distortion, moving average, learning rate.

PyTorch's loop has the data in memory and fused Adam. Keras and PyTorch convolve, add the bias,
activate, pool: the usual order. "Pooling first" is PyTorch with the lesson's cheaper order.
"""

import common
from candidates import keras_fit, layers, lesson_loop, pytorch_loop, session_loop, sklearn_fit

IMAGES = {"mlp": 55_000, "cnn": 25_600}  # each candidate trains on so many in each turn
WARM_UP = 10  # steps before the first measurement
OURS = "session loop, plain Adam"

# label: (package, work, its options, the lessons that it is for)
PEERS = {
    "Keras fit": ("Keras", keras_fit, {}, ["mlp", "cnn"]),
    "Keras fit, 50 steps per execution": (
        "Keras",
        keras_fit,
        {"steps_per_execution": 50},
        ["mlp", "cnn"],
    ),
    "PyTorch": ("PyTorch", pytorch_loop, {}, ["mlp", "cnn"]),
    "PyTorch, channels_last": ("PyTorch", pytorch_loop, {"last": True}, ["cnn"]),
    "PyTorch, pooling first": ("PyTorch", pytorch_loop, {"pool_first": True}, ["cnn"]),
    "PyTorch, channels_last, pooling first": (
        "PyTorch",
        pytorch_loop,
        {"last": True, "pool_first": True},
        ["cnn"],
    ),
    "scikit-learn MLPClassifier": ("scikit-learn", sklearn_fit, {}, ["mlp"]),
}


def start(name, splits, batch_size, network, activation):
    """Start a worker for each candidate whose package is installed; return {label: worker}."""
    workers = {
        OURS: common.Worker(session_loop, name, splits, batch_size),
        "the whole step of the lesson": common.Worker(lesson_loop, name, splits, batch_size),
    }
    peer = (splits, batch_size, network, activation)
    for label, (package, work, options, for_lessons) in PEERS.items():
        if name in for_lessons and common.version(package):
            workers[label] = common.Worker(work, *peer, **options)
    parameters = {worker.about for worker in workers.values()} - {None}
    assert len(parameters) == 1, f"the networks differ: {parameters} parameters"
    return workers


def measure(name, splits, batch_size, images, repeats):
    """Return the rows of the table for one lesson and batch size."""
    reader = common.Worker(layers, name)
    network, activation = reader.about
    reader.close()
    workers = start(name, splits, batch_size, network, activation)
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
    """Measure every lesson at batch size 128 and at its own, and print one table."""
    parser = common.parser(__doc__, repeats=5)
    parser.add_argument("--images", type=int, metavar="N", help=f"in each turn {IMAGES}")
    parser.add_argument("--batch-size", type=int, metavar="N", help="only this one")
    args = parser.parse_args()

    import importlib

    common.print_machine("TensorFlow", "Keras", "PyTorch", "scikit-learn", "NumPy")
    splits = common.load(args.data)
    rows = []
    for name in common.lessons(args):
        own = importlib.import_module(common.LESSONS[name]).BATCH_SIZE
        for batch_size in [args.batch_size] if args.batch_size else sorted({128, own}):
            images = args.images or IMAGES[name]
            rows += measure(name, splits, batch_size, images, args.repeats)
    spread = "" if args.repeats == 1 else f": median of {args.repeats} turns (lowest - highest)"
    header = ["network", " batch", "loop", f" images/s{spread}", " session loop is faster by"]
    common.table(header, rows)


if __name__ == "__main__":
    main()
