"""The same training step in several libraries, each as work for a process of its own.

Every function sets itself up, answers with its number of parameters, and then answers each
request, a number of steps, with the seconds that these took. All train on float32 with Adam and
the mean cross-entropy of a batch, in an order that is new for each pass. The peers' networks are
built from `layers`, which is read off the lesson's own graph.
"""

import importlib
import itertools
import tempfile
import time

from common import LESSONS

RATE = 1e-3  # Adam's learning rate where the lesson's schedule is left out; no matter for speed
NO_LAYERS = [  # types of operation that a model may have besides convolution, pooling, product
    *("Relu", "Sigmoid", "Tanh", "AddV2", "BiasAdd", "Reshape"),
    *("Const", "Identity", "ReadVariableOp"),
]


def layers(channel, name):
    """Answer with the layers of a lesson's network, as a list of dicts, and its activation."""
    from support.tensorflow1 import tf

    lesson = importlib.import_module(LESSONS[name])
    found = []
    with tf.Graph().as_default() as graph:
        weights, biases = lesson.variables()
        x = tf.placeholder(tf.float32, [None, 784])
        before = len(graph.get_operations())
        lesson.model(x, weights, biases, lesson.ACTIVATION)
        for op in graph.get_operations()[before:]:
            if op.type == "Conv2D":
                kind = {"kind": "conv", "padding": op.get_attr("padding").decode()}
            elif op.type == "MatMul":
                kind = {"kind": "dense"}
            elif op.type == "MaxPool":
                size = {"size": op.get_attr("ksize")[1], "stride": op.get_attr("strides")[1]}
                kind = {"kind": "pool", "padding": op.get_attr("padding").decode(), **size}
            elif op.type in NO_LAYERS:
                continue
            else:
                raise SystemExit(f"error: the benchmarks do not know the layer {op.type} ({name})")
            if kind["kind"] != "pool":
                kind["weights"] = op.inputs[1].shape.as_list()
            found.append({**kind, "output": op.outputs[0].shape.as_list()[1:]})
    channel.answer((found, lesson.ACTIVATION))


def batches(count, size):
    """Yield the rows of whole batches, without end, in a fresh order for each pass."""
    import numpy as np

    random = np.random.default_rng(0)
    while True:
        order = random.permutation(count)
        for start in range(0, count - size + 1, size):
            yield order[start : start + size]


def timed(channel, step, indices):
    """Answer requests by calling step(rows) for each batch of `indices`."""
    for steps in channel.requests():
        start = time.perf_counter()
        for rows in itertools.islice(indices, steps):
            step(rows)
        channel.answer(time.perf_counter() - start)


def session_loop(channel, name, splits, batch_size):
    """Run the lesson's network and loop, with a plain Adam step."""
    from support.tensorflow1 import tf

    lesson = importlib.import_module(LESSONS[name])
    training = splits[0]
    with tf.Graph().as_default() as graph:
        images = tf.placeholder(tf.uint8, [None, 784])
        labels = tf.placeholder(tf.uint8, [None])
        weights, biases = lesson.variables()
        logits = lesson.model(tf.cast(images, tf.float32) / 255, weights, biases, lesson.ACTIVATION)
        losses = tf.nn.softmax_cross_entropy_with_logits_v2(tf.one_hot(labels, 10), logits)
        train_op = tf.train.AdamOptimizer(RATE).minimize(tf.reduce_mean(losses))
        initialize = tf.global_variables_initializer()
    with tf.Session(graph=graph) as session:
        session.run(initialize)

        def step(rows):
            feed = {images: training.images[rows], labels: training.labels[rows]}
            session.run(train_op, feed)

        learned = [*weights.values(), *biases.values()]
        channel.answer(sum(variable.shape.num_elements() for variable in learned))
        timed(channel, step, batches(len(training.images), batch_size))


def lesson_loop(channel, name, splits, batch_size, distort=True):
    """Run the lesson itself, by its main(), over the batches of its first epoch again and again.

    Its progress bar is replaced by a stop-watch; nothing else is, if distort is true.
    """
    import data
    from support import augment, console

    lesson = importlib.import_module(LESSONS[name])

    def progress(to_do, *_):
        channel.answer(None)  # the network's parameters are known from the session loop
        whole = itertools.cycle([batch for batch in to_do if len(batch) == batch_size])
        for steps in channel.requests():
            start = time.perf_counter()
            yield from itertools.islice(whole, steps)
            channel.answer(time.perf_counter() - start)
        raise SystemExit

    data.load = lambda *_: splits
    console.progress = progress
    if not distort:
        augment.distort = lambda images, *_, **__: images
    with tempfile.TemporaryDirectory() as out:
        lesson.main(["--out", f"{out}/run", "--batch-size", str(batch_size)])


def keras_fit(channel, splits, batch_size, network, activation, **options):
    """Run keras.Model.fit, one call for a request, with the TensorFlow backend."""
    import numpy as np

    from support.tensorflow1 import tf

    assert tf.Session  # imports TensorFlow, without its messages, before Keras does
    import keras

    convolution = network[0]["kind"] == "conv"
    layer = [keras.Input([28, 28, 1] if convolution else [784])]
    for i, spec in enumerate(network):
        inner = activation if i < len(network) - 1 else None
        if spec["kind"] == "conv":
            *kernel, _, filters = spec["weights"]
            padding = spec["padding"].lower()
            new = keras.layers.Conv2D(filters, kernel, padding=padding, activation=inner)
        elif spec["kind"] == "pool":
            padding = spec["padding"].lower()
            new = keras.layers.MaxPooling2D(spec["size"], spec["stride"], padding)
        else:
            if convolution and network[i - 1]["kind"] != "dense":
                layer.append(keras.layers.Flatten())
            new = keras.layers.Dense(spec["weights"][1], activation=inner)
        layer.append(new)
    model = keras.Sequential(layer)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(RATE), loss, **options)
    x = splits[0].images.astype(np.float32) / 255
    x, y = x.reshape(-1, *model.input_shape[1:]), splits[0].labels.astype(np.int32)
    channel.answer(model.count_params())
    for steps in channel.requests():
        count = steps * batch_size
        start = time.perf_counter()
        model.fit(x[:count], y[:count], batch_size, epochs=1, verbose=0, shuffle=True)
        channel.answer(time.perf_counter() - start)


def pytorch_loop(channel, splits, batch_size, network, activation, last=False, pool_first=False):
    """Run a PyTorch loop over tensors in memory, indexed by a permutation: no DataLoader.

    last: memory format channels_last. pool_first: pooling before the activation.
    """
    import torch
    from torch import nn

    torch.manual_seed(0)
    functions = {"relu": nn.ReLU(), "sigmoid": nn.Sigmoid(), "tanh": nn.Tanh()}
    modules = []
    for i, spec in enumerate(network):
        if spec["kind"] == "conv":
            height, width, inputs, outputs = spec["weights"]
            padding = (height // 2, width // 2) if spec["padding"] == "SAME" else 0
            modules.append(nn.Conv2d(inputs, outputs, (height, width), padding=padding))
        elif spec["kind"] == "pool":
            same = spec["padding"] == "SAME"
            pool = nn.MaxPool2d(spec["size"], spec["stride"], ceil_mode=same)
            modules.insert(len(modules) - 1 if pool_first else len(modules), pool)
            continue
        else:
            if i and network[i - 1]["kind"] != "dense":
                modules.append(nn.Flatten())
            modules.append(nn.Linear(*spec["weights"]))
        if i < len(network) - 1:
            modules.append(functions[activation])
    model = nn.Sequential(*modules)
    x = torch.from_numpy(splits[0].images).float() / 255
    y = torch.from_numpy(splits[0].labels).long()
    if network[0]["kind"] == "conv":
        x = x.reshape(-1, 1, 28, 28)
    if last:
        model = model.to(memory_format=torch.channels_last)
        x = x.contiguous(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(model.parameters(), RATE, fused=True)

    def step(rows):
        rows = torch.from_numpy(rows)
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x[rows]), y[rows]).backward()
        optimizer.step()

    channel.answer(sum(parameter.numel() for parameter in model.parameters()))
    timed(channel, step, batches(len(x), batch_size))


def sklearn_fit(channel, splits, batch_size, network, activation):
    """Run MLPClassifier.partial_fit, one call for a request: it makes the batches itself."""
    import numpy as np
    from sklearn.neural_network import MLPClassifier

    hidden = [spec["weights"][1] for spec in network[:-1]]
    function = {"sigmoid": "logistic"}.get(activation, activation)
    model = MLPClassifier(
        hidden, activation=function, alpha=0, batch_size=batch_size, learning_rate_init=RATE
    )
    x, y = splits[0].images.astype(np.float32) / 255, splits[0].labels
    model.partial_fit(x[:batch_size], y[:batch_size], classes=range(10))
    channel.answer(sum(array.size for array in [*model.coefs_, *model.intercepts_]))
    for steps in channel.requests():
        count = steps * batch_size
        start = time.perf_counter()
        model.partial_fit(x[:count], y[:count])
        channel.answer(time.perf_counter() - start)
