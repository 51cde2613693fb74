"""The same training step in several libraries, each as work for a process of its own.

Every function sets itself up, sends its number of parameters, and then answers each request, a
number of steps, with the seconds that these took. All train on float32 with Adam and the mean
cross-entropy of a batch, in an order that is new for each pass. The peers' networks are built from
`network`, which read_layers reads off the lesson's own graph.
"""

import itertools
import tempfile

import common

RATE = 1e-3  # Adam's learning rate where the lesson's schedule is left out; no matter for speed
NO_LAYERS = "Relu Sigmoid Tanh AddV2 BiasAdd Reshape Const Identity ReadVariableOp"


def read_layers(name):
    """Return the layers of a lesson's network, as a list of dicts, and its activation."""
    from support.tensorflow1 import tf

    lesson, found = common.lesson(name), []
    with tf.Graph().as_default() as graph:
        weights, biases = lesson.variables()
        x = tf.placeholder(tf.float32, [None, 784])
        before = len(graph.get_operations())
        lesson.model(x, weights, biases, lesson.ACTIVATION)
        for op in graph.get_operations()[before:]:
            if op.type in NO_LAYERS.split():
                continue
            found.append({"kind": op.type, "output": op.outputs[0].shape.as_list()[1:]})
            if op.type == "MaxPool":
                found[-1]["size"] = op.get_attr("ksize")[1]
                assert op.get_attr("ksize") == op.get_attr("strides"), "pools must not overlap"
            else:
                assert op.type in ("Conv2D", "MatMul"), f"the peers know no layer {op.type}"
                found[-1]["weights"] = op.inputs[1].shape.as_list()
            if op.type != "MatMul":
                found[-1]["padding"] = op.get_attr("padding").decode()
    return found, lesson.ACTIVATION


def layers(connection, name):
    """Send read_layers(name), from a process that may import TensorFlow."""
    connection.send(read_layers(name))


def batches(splits, size):
    """Yield the rows of whole batches, without end, in a fresh order for each pass."""
    import numpy as np

    random, count = np.random.default_rng(0), len(splits[0].images)
    while True:
        order = random.permutation(count)
        for start in range(0, count - size + 1, size):
            yield order[start : start + size]


def answer(connection, parameters, step, rows):
    """Answer each request, a number of steps, with the seconds that so many step(rows) take."""

    def run(steps):
        start = common.clock()
        for each in itertools.islice(rows, steps):
            step(each)
        return common.clock() - start

    common.answer(connection, int(parameters), run)


def session_loop(connection, name, splits, batch_size):
    """Run the lesson's network and loop, with a plain Adam step."""
    from support.tensorflow1 import tf

    lesson, training = common.lesson(name), splits[0]
    with tf.Graph().as_default(), tf.Session() as session:
        images = tf.placeholder(tf.uint8, [None, 784])
        labels = tf.placeholder(tf.uint8, [None])
        weights, biases = lesson.variables()
        x = tf.cast(images, tf.float32) / 255
        logits, _ = lesson.model(x, weights, biases, lesson.ACTIVATION)
        loss = tf.losses.softmax_cross_entropy(tf.one_hot(labels, 10), logits)
        learned = tf.trainable_variables()
        train_op = tf.train.AdamOptimizer(RATE).minimize(loss)
        session.run(tf.global_variables_initializer())

        def step(rows):
            feed = {images: training.images[rows], labels: training.labels[rows]}
            session.run([loss, train_op], feed)

        parameters = sum(variable.shape.num_elements() for variable in learned)
        answer(connection, parameters, step, batches(splits, batch_size))


def lesson_loop(connection, name, splits, batch_size, distort=True):
    """Run the lesson itself, by its main(), over the batches of its first epoch again and again.

    Its progress bar is replaced by a stop-watch; nothing else is, if distort is true.
    """
    import data
    from support import augment

    lesson = common.lesson(name)

    def progress(starts, **_):
        connection.send(None)  # the network's parameters are known from the session loop
        whole = itertools.cycle(starts[: len(splits[0].images) // batch_size])
        for steps in iter(connection.recv, None):
            start = common.clock()
            yield from itertools.islice(whole, steps)
            connection.send(common.clock() - start)
        raise SystemExit

    data.load = lambda *_: splits
    lesson.tqdm = progress
    if not distort:
        augment.distort = lambda images, **_: images
    with tempfile.TemporaryDirectory() as out:
        lesson.main(["--out", f"{out}/run", "--batch-size", str(batch_size)])


def keras_fit(connection, splits, batch_size, network, activation, **options):
    """Run keras.Model.fit, one call for a request, with the TensorFlow backend."""
    import numpy as np

    keras = common.keras()
    convolution = network[0]["kind"] == "Conv2D"
    model = keras.Sequential([keras.Input([28, 28, 1] if convolution else [784])])
    for i, layer in enumerate(network):
        inner = activation if i < len(network) - 1 else None
        if layer["kind"] == "Conv2D":
            *kernel, _, maps = layer["weights"]
            padding = layer["padding"].lower()
            model.add(keras.layers.Conv2D(maps, kernel, padding=padding, activation=inner))
        elif layer["kind"] == "MaxPool":
            model.add(keras.layers.MaxPooling2D(layer["size"], padding=layer["padding"].lower()))
        else:
            if convolution:
                model.add(keras.layers.Flatten())
            model.add(keras.layers.Dense(layer["weights"][1], activation=inner))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(RATE), loss, **options)
    x = splits[0].images.astype(np.float32) / 255
    x, y = x.reshape(-1, *model.input_shape[1:]), splits[0].labels.astype(np.int32)

    def fit(steps):
        start, count = common.clock(), steps * batch_size
        model.fit(x[:count], y[:count], batch_size, epochs=1, verbose=0, shuffle=True)
        return common.clock() - start

    common.answer(connection, model.count_params(), fit)


def pytorch_loop(connection, splits, batch_size, network, activation, last=False, early=False):
    """Run an ordinary training loop of PyTorch.

    last   memory format channels_last
    early  pooling before the activation, as in the lesson
    """
    import torch
    from torch import nn

    torch.manual_seed(0)
    function = {"relu": nn.ReLU(), "sigmoid": nn.Sigmoid(), "tanh": nn.Tanh()}[activation]
    modules = []
    for layer in network:
        if layer["kind"] == "Conv2D":
            *kernel, inputs, maps = layer["weights"]
            modules += [nn.Conv2d(inputs, maps, kernel, padding=layer["padding"].lower()), function]
        elif layer["kind"] == "MaxPool":
            pool = nn.MaxPool2d(layer["size"], ceil_mode=layer["padding"] == "SAME")
            modules.insert(len(modules) - 1 if early else len(modules), pool)
        else:
            modules += [nn.Flatten(), nn.Linear(*layer["weights"]), function]
    model = nn.Sequential(*modules[:-1])  # the last layer's are logits
    x = torch.from_numpy(splits[0].images).float() / 255
    y = torch.from_numpy(splits[0].labels).long()
    if network[0]["kind"] == "Conv2D":
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

    parameters = sum(parameter.numel() for parameter in model.parameters())
    answer(connection, parameters, step, batches(splits, batch_size))
