"""How near a training step is to what this machine's matrix multiplications allow.

The limit: the floating-point operations of the step's convolutions and matrix products, divided
by the rate of tf.matmul for large square matrices, float32, in the same kind of session, on all
cores. Counted as 2 for each multiplication with its addition, once forward and twice backward,
except for the gradient of the first layer's input, which nobody needs. Distortion, pooling,
activations and Adam count as no work at all: what they take is the distance to the limit.

Then a profile of the lesson's whole step, by type of operation, from TensorFlow's own tracing.
"""

import collections
import re
import statistics
import time

import common
from candidates import layers, lesson_loop, session_loop

SIZES = [1024, 2048, 4096]  # of the square matrices; the fastest counts
PROFILED = 30  # steps
TOP = 10  # rows of the profile
LOOPS = {
    "plain Adam": (session_loop, {}),
    "the lesson without distortion": (lesson_loop, {"distort": False}),
    "the whole lesson": (lesson_loop, {}),
}


def work(network):
    """Return the floating-point operations of a training step for one image."""
    macs = []  # multiplications, each with its addition, of each layer
    for layer in network:
        if layer["kind"] == "conv":
            height, width, inputs, _ = layer["weights"]
            rows, columns, outputs = layer["output"]
            macs.append(rows * columns * outputs * height * width * inputs)
        elif layer["kind"] == "dense":
            inputs, outputs = layer["weights"]
            macs.append(inputs * outputs)
    return 6 * sum(macs) - 2 * macs[0]


def multiply(channel):
    """Answer each request, the size of a square matrix, with multiplications per second."""
    from support.tensorflow1 import tf

    with tf.Session() as session:
        products = {}
        for size in SIZES:
            # Variables, as TensorFlow would compute a product of constants only once.
            a, b = (tf.Variable(tf.random.stateless_normal([size, size], [0, i])) for i in (0, 1))
            products[size] = tf.matmul(a, b).op  # the op: without fetching its result
        session.run(tf.global_variables_initializer())
        channel.answer(None)
        for size in channel.requests():
            count = max(1, 4096**3 // size**3 // 2)
            start = time.perf_counter()
            for _ in range(count):
                session.run(products[size])
            channel.answer(count * 2 * size**3 / (time.perf_counter() - start))


def profile(channel, name, splits, batch_size):
    """Answer a number of steps with what `summed` makes of TensorFlow's traces of them."""
    from support.tensorflow1 import tf

    options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
    traces = []

    class Tracing(tf.Session):
        def run(self, fetches, feed_dict=None):
            metadata = tf.RunMetadata()
            result = super().run(fetches, feed_dict, options, metadata)
            traces.append(metadata.step_stats)
            return result

    class Summing:
        requests = channel.requests

        @staticmethod
        def answer(seconds):
            channel.answer(summed(traces))
            traces.clear()

    vars(tf)["Session"] = Tracing
    lesson_loop(Summing, name, splits, batch_size)


def summed(traces):
    """Return {type of operation: milliseconds in a step}, and how long none and all took."""
    kinds, none, whole = collections.Counter(), 0, 0
    for stats in traces:
        spans = []
        for node in (node for device in stats.dev_stats for node in device.node_stats):
            # A label is "name = Type(inputs)". Types are those after TensorFlow's optimisation.
            found = re.search(r" = (\w+)\(", node.timeline_label)
            start = node.all_start_micros + node.op_start_rel_micros
            end = node.all_start_micros + node.op_end_rel_micros
            kinds[found[1] if found else "other"] += end - start
            spans.append((start, end))
        spans.sort()
        reached = spans[0][0]
        for start, end in spans:
            none += max(0, start - reached)
            reached = max(reached, end)
        whole += reached - spans[0][0]
    scale = 1000 * len(traces)
    kinds = {kind: value / scale for kind, value in kinds.items()}
    return kinds, none / scale, whole / scale


def measure(name, splits, batch_size, args):
    """Return the rows of the table of limits, and the profile, of one lesson."""
    reader = common.Worker(layers, name)
    flops = work(reader.about[0]) * batch_size
    reader.close()
    rate = common.Worker(multiply)
    workers = {
        label: common.Worker(loop, name, splits, batch_size, **options)
        for label, (loop, options) in LOOPS.items()
    }
    for worker in workers.values():
        worker.ask(10)  # to warm up
    rates, steps = [], {label: [] for label in workers}
    for turn in range(args.repeats):
        rates.append(max(rate.ask(size) for size in SIZES))
        for label, worker in workers.items():
            steps[label].append(worker.ask(args.steps) / args.steps)
        common.note(f"{name}, turn {turn}: {rates[-1] / 1e9:.0f} GFLOP/s")
    for worker in [rate, *workers.values()]:
        worker.close()
    rows = []
    for label, seconds in steps.items():
        shares = [100 * flops / r / s for r, s in zip(rates, seconds, strict=True)]
        rows.append(
            [
                name.upper(),
                batch_size,
                label,
                f"{flops / 1e6:,.0f}",
                common.spread([r / 1e9 for r in rates], 0),
                f"{1000 * flops / statistics.median(rates):.2f}",
                common.spread([1000 * s for s in seconds]),
                common.spread(shares, 0),
            ]
        )
    tracer = common.Worker(profile, name, splits, batch_size)
    tracer.ask(10)
    traced = tracer.ask(PROFILED)
    tracer.close()
    return rows, (*traced, 1000 * statistics.median(steps["the whole lesson"]))


def print_profile(name, batch_size, kinds, none, whole, step):
    """Print the TOP types of operation, and what is left of a step's milliseconds."""
    ranked = sorted(kinds.items(), key=lambda pair: -pair[1])
    rows = [*ranked[:TOP], (f"{len(ranked[TOP:])} other types", sum(v for _, v in ranked[TOP:]))]
    rows.append(("no operation running", none))
    rows.append(("before and after: Python, feeding (untraced step less traced)", step - whole))
    print(f"{name.upper()}, batch size {batch_size}: where the {step:.2f} ms of a whole step go.")
    print("Operations run at the same time too, so shares can add up to over 100 %.\n")
    rows = [(kind, f"{value:.2f}", f"{value / step:.0%}") for kind, value in rows]
    common.table(["operation", " ms in a step", " share"], rows)


def main():
    """Measure each lesson at its own batch size; print the limits, then the profiles."""
    parser = common.parser(__doc__, repeats=5)
    parser.add_argument("--steps", type=int, default=100, metavar="N", help="in each turn [100]")
    args = parser.parse_args()

    import importlib

    common.print_machine("TensorFlow", "NumPy")
    splits = common.load(args.data)
    rows, profiles = [], []
    for name in common.lessons(args):
        batch_size = importlib.import_module(common.LESSONS[name]).BATCH_SIZE
        limits, profiled = measure(name, splits, batch_size, args)
        rows += limits
        profiles.append((name, batch_size, *profiled))
    header = ["network", " batch", "step", " MFLOP", " GFLOP/s of matmul", " limit, ms"]
    common.table([*header, " step, ms", " of the limit, %"], rows)
    for entry in profiles:
        print_profile(*entry)


if __name__ == "__main__":
    main()
