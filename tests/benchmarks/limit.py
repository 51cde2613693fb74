"""How near a training step is to what this machine's matrix multiplications allow.

The limit: the floating-point operations of the step's convolutions and matrix products, divided
by the rate of tf.matmul for large square matrices, float32, in the same kind of session, on all
cores. Counted as 2 for each multiplication with its addition, once forward and twice backward,
except for the gradient of the first layer's input, which nobody needs. Distortion, pooling,
activations and Adam count as no work at all: what they take is the distance to the limit.

Then a profile of the lesson's whole step, by type of operation, from TensorFlow's own tracing.
"""

import collections
import itertools
import re
import statistics
import time
from functools import partial

import common
import networks
from candidates import STEPS, batches, lesson_loop, lesson_step

from support.ground import tf

SIZES = [1024, 2048, 4096]  # of the square matrices; the fastest counts
PROFILED = 30  # steps
TOP = 10  # rows of the profile
MATMUL = "tf.matmul"
LOOPS = {
    "plain Adam": partial(lesson_loop, distort=False, decay=False),
    "the lesson without distortion": partial(lesson_loop, distort=False),
    "the whole lesson": lesson_loop,
}


def work(layers):
    """Return the floating-point operations of a training step for one image."""
    multiplications = [layer.multiplications for layer in layers]
    return 6 * sum(multiplications) - 2 * multiplications[0]


def matmul():
    """Return the function that measures operations per second; it is asked for no steps."""
    session, products = tf.Session(graph=tf.Graph()), {}
    with session.graph.as_default():
        for size in SIZES:
            # Variables, as TensorFlow would compute a product of constants only once.
            a, b = (tf.Variable(tf.random.stateless_normal([size, size], [0, i])) for i in (0, 1))
            products[size] = tf.matmul(a, b).op  # the op: without fetching its result
        session.run(tf.global_variables_initializer())

    def rate(size):
        count, start = max(1, 4096**3 // size**3 // 2), time.perf_counter()
        for _ in range(count):
            session.run(products[size])
        return count * 2 * size**3 / (time.perf_counter() - start)

    return lambda steps: max(map(rate, SIZES))


def profile(name, splits, batch_size):
    """Return the function from a number of steps to what `summed` makes of their traces."""
    options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
    step, rows = lesson_step(name, splits), batches(splits, batch_size)

    def measure(steps):
        traces = []
        for batch in itertools.islice(rows, steps):
            metadata = tf.RunMetadata()
            step(batch, options, metadata)
            traces.append(metadata.step_stats)
        return summed(traces)

    return measure


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


def measure(name, splits, repeats):
    """Return the rows of the table of limits, and the milliseconds of the whole step."""
    size = common.lesson(name).BATCH_SIZE
    flops = work(networks.layers(networks.WORDS[name])) * size
    tasks = {label: partial(loop, name, splits, size) for label, loop in LOOPS.items()}
    results = common.steps_in_turn(repeats, STEPS, {MATMUL: matmul, **tasks})
    rates = results.pop(MATMUL)
    limits = [1000 * flops / rate for rate in rates]
    rows = []
    for label, seconds in results.items():
        steps = [1000 * each / STEPS for each in seconds]
        shares = [100 * limit / step for limit, step in zip(limits, steps, strict=True)]
        rows.append([name.upper(), size, label, f"{flops / 1e6:,.0f}"])
        rows[-1] += [common.spread([rate / 1e9 for rate in rates], 0)]
        rows[-1] += [f"{statistics.median(limits):.2f}"]
        rows[-1] += [common.spread(steps), common.spread(shares, 0)]
    return rows, statistics.median(steps)  # those of the last, the whole lesson


def print_profile(name, splits, step):
    """Print the TOP types of operation, and what is left of a step's milliseconds."""
    candidate = partial(profile, name, splits, common.lesson(name).BATCH_SIZE)
    ((kinds, none, whole),) = common.steps_in_turn(1, PROFILED, {name: candidate})[name]
    ranked = sorted(kinds.items(), key=lambda pair: -pair[1])
    rows = [*ranked[:TOP], (f"{len(ranked[TOP:])} other types", sum(v for _, v in ranked[TOP:]))]
    rows.append(("no operation running", none))
    rows.append(("before and after: Python, feeding (untraced step less traced)", step - whole))
    print(f"{name.upper()}: where the {step:.2f} ms of a whole step go.")
    print("Operations run at the same time too, so shares can add up to over 100 %.\n")
    rows = [(kind, f"{value:.2f}", f"{value / step:.0%}") for kind, value in rows]
    common.table(["operation", " ms in a step", " share"], rows)


def main():
    """Measure each lesson at its own batch size; print the limits and the profile of each."""
    args = common.begin(common.parser(__doc__, repeats=5), "tensorflow", "numpy")
    splits = common.load(args.data)
    header = ["network", " batch", "step", " MFLOP", " GFLOP/s of matmul", " limit, ms"]
    for name in args.lesson:
        rows, step = measure(name, splits, args.repeats)
        common.table([*header, " step, ms", " of the limit, %"], rows)
        print_profile(name, splits, step)


if __name__ == "__main__":
    main()
