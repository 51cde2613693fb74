"""The same training step in several libraries, each in a process of its own.

Every function sets itself up, and returns the function from a number of steps to the seconds that
these take. All train on float32 with Adam and the mean cross-entropy of a batch, in an order that
is new for each pass.
"""

import itertools
import time
from types import SimpleNamespace

import common
import networks
import numpy as np

from support import augment
from support.ground import tf

STEPS = 200  # of each candidate in each turn
RATE = 1e-3  # Adam's learning rate: no matter for speed


def batches(splits, size):
    """Yield the rows of whole batches, without end, in a fresh order for each pass."""
    random, count = np.random.default_rng(0), len(splits[0].images)
    while True:
        order = random.permutation(count)
        for start in range(0, count - size + 1, size):
            yield order[start : start + size]


def timed(step, rows):
    """Return the function from a number to the seconds that so many step(batch) of rows take."""

    def measure(steps):
        start = time.perf_counter()
        for batch in itertools.islice(rows, steps):
            step(batch)
        return time.perf_counter() - start

    return measure


def lesson_step(name, splits, distort=True, decay=True):
    """Return step(rows), which does a lesson's training step; it takes options of session.run."""
    session = tf.Session(graph=tf.Graph())
    # What is left out is replaced by nothing to do, for this process alone. Not before the session:
    # to name it imports TensorFlow, and sets all names anew.
    if not distort:
        augment.distort = lambda images, seed: images
    if not decay:
        tf.assign_sub = lambda weights, change: weights
    lesson, training = common.lesson(name), splits[0]
    with session.graph.as_default():
        network = lesson.build(SimpleNamespace(seed=0, activation="relu"))
        session.run(tf.global_variables_initializer())
    kinds = {operation.type for operation in session.graph.get_operations()}
    assert ("ResizeBicubic" in kinds, "AssignSubVariableOp" in kinds) == (distort, decay)

    def step(rows, *options):
        feed = {network.images: training.images[rows], network.labels: training.labels[rows]}
        feed[network.learning_rate] = RATE
        session.run([network.loss, network.train_op], feed, *options)

    return step


def lesson_loop(name, splits, batch_size, **parts):
    """Run the lesson's step in a session, with or without its parts, see lesson_step."""
    return timed(lesson_step(name, splits, **parts), batches(splits, batch_size))


def keras_fit(name, splits, batch_size, **options):
    """Run keras.Model.fit on a lesson's network, compiled with these options."""
    assert tf.Session  # imports TensorFlow before Keras does, and so without its messages
    import keras

    model = keras.Sequential([keras.Input([28, 28, 1] if name == "cnn" else [784])])
    *hidden, last = networks.layers(networks.WORDS[name])
    for layer in hidden:
        *kernel, _, width = layer.shape
        if layer.kind == "dense":
            model.add(keras.layers.Dense(width, activation="relu"))
        else:
            padding = "valid" if layer.kind == "v" else "same"
            model.add(keras.layers.Conv2D(width, kernel, padding=padding, activation="relu"))
        if layer.pooled:
            model.add(keras.layers.MaxPooling2D(2))
    model.add(keras.layers.Flatten())
    model.add(keras.layers.Dense(last.shape[-1]))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(RATE), loss, **options)
    x = splits[0].images.astype(np.float32) / 255
    x, y = x.reshape(-1, *model.input_shape[1:]), splits[0].labels.astype(np.int32)

    def fit(steps):
        start, count = time.perf_counter(), steps * batch_size
        model.fit(x[:count], y[:count], batch_size, epochs=1, verbose=0, shuffle=True)
        return time.perf_counter() - start

    return fit


def pytorch_loop(name, splits, batch_size, last=False, early=False):
    """Run an ordinary training loop of PyTorch on a lesson's network.

    last   memory format channels_last
    early  pooling before the activation, as in the lesson
    """
    import torch
    from torch import nn

    torch.manual_seed(0)
    modules = []
    for layer in networks.layers(networks.WORDS[name]):
        *kernel, inputs, width = layer.shape
        if layer.kind == "dense":
            modules += [nn.Flatten(), nn.Linear(inputs, width)]
        else:
            padding = "valid" if layer.kind == "v" else "same"
            modules.append(nn.Conv2d(inputs, width, kernel, padding=padding))
        pool = [nn.MaxPool2d(2)] if layer.pooled else []
        modules += [*pool, nn.ReLU()] if early else [nn.ReLU(), *pool]
    model = nn.Sequential(*modules[:-1])  # the last layer's are logits
    x = torch.from_numpy(splits[0].images).float() / 255
    y = torch.from_numpy(splits[0].labels).long()
    if name == "cnn":
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

    return timed(step, batches(splits, batch_size))
