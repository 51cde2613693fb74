"""How near a training step is to what this machine's matrix multiplications allow.

The limit: the floating-point operations of the step's convolutions and matrix products, divided
by the rate of tf.matmul for large square matrices, float32, in the same kind of session, on all
cores. Counted as 2 for each multiplication with its addition, once forward and twice backward,
except for the gradient of the first layer's input, which nobody needs. Distortion, pooling,
activations and Adam count as no work at all: what they take is the distance to the limit.

Then a profile of the lesson's whole step, by type of operation, from TensorFlow's own tracing.
"""

import collections
import math
import re
import statistics
from types import SimpleNamespace

import common
from candidates import layers, lesson_loop, session_loop

SIZES = [1024, 2048, 4096]  # of the square matrices; the fastest counts
PROFILED = 30  # steps
TOP = 10  # rows of the profile
MATMUL, WHOLE = "tf.matmul", "the whole lesson"
LOOPS = {
    "plain Adam": (session_loop, {}),
    "the lesson without distortion": (lesson_loop, {"distort": False}),
    WHOLE: (lesson_loop, {}),
}


def work(network):
    """Return the floating-point operations of a training step for one image."""
    macs = []  # multiplications, each with its addition, of each layer
    for layer in network:
        if "weights" in layer:  # used at each place of a map, or once
            macs.append(math.prod(layer["weights"]) * math.prod(layer["output"][:-1]))
    return 6 * sum(macs) - 2 * macs[0]


def multiply(connection):
    """Answer each request with operations per second."""
    from support.tensorflow1 import tf

    with tf.Graph().as_default(), tf.Session() as session:
        products = {}
        for size in SIZES:
            # Variables, as TensorFlow would compute a product of constants only once.
            a, b = (tf.Variable(tf.random.stateless_normal([size, size], [0, i])) for i in (0, 1))
            products[size] = tf.matmul(a, b).op  # the op: without fetching its result
        session.run(tf.global_variables_initializer())

        def rate(size):
            count, start = max(1, 4096**3 // size**3 // 2), common.clock()
            for _ in range(count):
                session.run(products[size])
            return count * 2 * size**3 / (common.clock() - start)

        common.answer(connection, None, lambda _: max(map(rate, SIZES)))


def profile(connection, name, splits, batch_size):
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

    def send(_seconds):
        connection.send(summed(traces))
        traces.clear()

    vars(tf)["Session"] = Tracing
    lesson_loop(SimpleNamespace(recv=connection.recv, send=send), name, splits, batch_size)


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
        reached = first = spans[0][0]
        for start, end in spans:
            none += max(0, start - reached)
            reached = max(reached, end)
        whole += reached - first
    scale = 1000 * len(traces)
    kinds = {kind: value / scale for kind, value in kinds.items()}
    return kinds, none / scale, whole / scale


def measure(name, splits, args):
    """Return the rows of the table of limits, and the profile, of one lesson."""
    task = (name, splits, common.lesson(name).BATCH_SIZE)
    flops = work(common.Worker(layers, name).about[0]) * task[-1]
    workers = {label: common.Worker(loop, *task, **kw) for label, (loop, kw) in LOOPS.items()}
    with common.asked({MATMUL: common.Worker(multiply), **workers}) as ask:
        seconds = common.in_turn(args.repeats, ask(args.steps))
    rates = seconds.pop(MATMUL)
    limit = f"{1000 * flops / statistics.median(rates):.2f}"
    counted = [f"{flops / 1e6:,.0f}", common.spread([rate / 1e9 for rate in rates], 0), limit]
    rows = []
    for label, values in seconds.items():
        steps = [value / args.steps for value in values]
        shares = [100 * flops / r / s for r, s in zip(rates, steps, strict=True)]
        measured = [common.spread([1000 * s for s in steps]), common.spread(shares, 0)]
        rows.append([name.upper(), task[-1], label, *counted, *measured])
    with common.asked({name: common.Worker(profile, *task)}) as ask:
        traced = common.in_turn(1, ask(PROFILED))[name][0]
    return rows, (*traced, 1000 * statistics.median(seconds[WHOLE]) / args.steps)


def print_profile(name, kinds, none, whole, step):
    """Print the TOP types of operation, and what is left of a step's milliseconds."""
    ranked = sorted(kinds.items(), key=lambda pair: -pair[1])
    rows = [*ranked[:TOP], (f"{len(ranked[TOP:])} other types", sum(v for _, v in ranked[TOP:]))]
    rows.append(("no operation running", none))
    rows.append(("before and after: Python, feeding (untraced step less traced)", step - whole))
    print(f"{name.upper()}: where the {step:.2f} ms of a whole step go.")
    print("Operations run at the same time too, so shares can add up to over 100 %.\n")
    rows = [(kind, f"{value:.2f}", f"{value / step:.0%}") for kind, value in rows]
    common.table(["operation", " ms in a step", " share"], rows)


def main():
    """Measure each lesson at its own batch size; print the limits, then the profiles."""
    parser = common.parser(__doc__, repeats=5)
    parser.add_argument("--steps", type=int, default=100, metavar="N", help="in each turn [100]")
    args = common.begin(parser, "tensorflow", "numpy")

    splits = common.load(args.data)
    rows, profiles = [], []
    for name in common.lessons(args):
        limits, profiled = measure(name, splits, args)
        rows += limits
        profiles.append((name, *profiled))
    header = ["network", " batch", "step", " MFLOP", " GFLOP/s of matmul", " limit, ms"]
    common.table([*header, " step, ms", " of the limit, %"], rows)
    for entry in profiles:
        print_profile(*entry)


if __name__ == "__main__":
    main()
