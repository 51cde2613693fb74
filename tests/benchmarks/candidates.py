"""The same training steps in several libraries, each to be asked in a process of its own.

Every function sets itself up, and returns the seconds that so many steps take.
"""

import time

import common
import networks
import numpy as np

from support.ground import tf
from support.training import augment

RATE = 1e-3  # Adam's learning rate: no matter for speed
WARM = 10  # steps before those that are timed


def timed(step, steps, size=0, count=0):
    """Return the seconds of so many step(rows), each of `size` images out of `count`."""
    order = np.random.default_rng(0).permutation(count)
    for i in range(WARM + steps):
        if i == WARM:
            start = time.perf_counter()
        step(order[i * size : (i + 1) * size])
    return time.perf_counter() - start


def lesson_steps(name, split, size, steps, plain=False):
    """Do a lesson's training step in a session; plain: Adam alone, on images as they are."""
    session = tf.Session(graph=tf.Graph())
    if plain:  # not before the session: naming it imports TensorFlow, and sets all names anew
        augment.distort = lambda images, seed: images
        tf.assign_sub = lambda weights, change: tf.no_op()
    with session.graph.as_default():
        network = common.lesson(name).build(0, "relu")
        session.run(tf.global_variables_initializer())
    scopes = {operation.name.split("/")[0] for operation in session.graph.get_operations()}
    assert plain == scopes.isdisjoint({"distort", "AssignSubVariableOp"})

    def step(rows):
        feed = {network.upright: split.images[rows], network.labels: split.labels[rows]}
        session.run([network.loss, network.train_op], {**feed, network.learning_rate: RATE})

    return timed(step, steps, size, len(split.labels))


def keras_steps(name, split, size, steps, **options):
    """Let keras.Model.fit do the steps on a lesson's network, compiled with these options."""
    assert tf.Session  # imports TensorFlow before Keras does, and so without its messages
    import keras

    model = keras.Sequential([keras.Input([28, 28, 1] if name == "cnn" else [784])])
    *hidden, last = networks.layers(networks.WORDS[name])
    for layer in hidden:
        *kernel, _, width = layer.shape
        if layer.padding:
            model.add(keras.layers.Conv2D(width, kernel, padding=layer.padding, activation="relu"))
        else:
            model.add(keras.layers.Dense(width, activation="relu"))
        if layer.pooled:
            model.add(keras.layers.MaxPooling2D(2))
    model.add(keras.layers.Flatten())
    model.add(keras.layers.Dense(last.shape[-1]))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(RATE), loss, **options)
    x = (split.images.astype(np.float32) / 255).reshape(-1, *model.input_shape[1:])
    y = split.labels.astype(np.int32)
    for count in (50 * size, steps * size):  # the first to compile and to warm up
        start = time.perf_counter()
        model.fit(x[:count], y[:count], size, epochs=1, verbose=0)
    return time.perf_counter() - start


def pytorch_steps(name, split, size, steps, fast=False):
    """Do the steps in PyTorch; fast: channels last, and pooling first, as in the lesson."""
    import torch
    from torch import nn

    modules = []
    for layer in networks.layers(networks.WORDS[name]):
        *kernel, inputs, width = layer.shape
        if layer.padding:
            modules.append(nn.Conv2d(inputs, width, kernel, padding=layer.padding))
        else:
            modules += [nn.Flatten(), nn.Linear(inputs, width)]
        pool = [nn.MaxPool2d(2)] if layer.pooled else []
        modules += [*pool, nn.ReLU()] if fast else [nn.ReLU(), *pool]
    model = nn.Sequential(*modules[:-1])  # the last layer's are logits
    x = torch.from_numpy(split.images).float() / 255
    y = torch.from_numpy(split.labels).long()
    x = x.reshape(-1, 1, 28, 28) if name == "cnn" else x
    if fast:
        model = model.to(memory_format=torch.channels_last)
        x = x.contiguous(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(model.parameters(), RATE, fused=True)

    def step(rows):
        rows = torch.from_numpy(rows)
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x[rows]), y[rows]).backward()
        optimizer.step()

    return timed(step, steps, size, len(split.labels))


def products(size, count):
    """Multiply square float32 matrices in a session, as a bound; the seconds are one product's."""
    session = tf.Session(graph=tf.Graph())
    with session.graph.as_default():
        # A variable, as TensorFlow would compute a product of constants only once.
        matrix = tf.Variable(tf.random.stateless_normal([size, size], [0, 0]))
        product = tf.matmul(matrix, matrix).op  # the op: without fetching its result
        session.run(tf.global_variables_initializer())
    return timed(lambda _: session.run(product), count) / count
