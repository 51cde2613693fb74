"""Seconds until the accuracy that the official examples end with: our CNN lesson beside them.

Keras:    keras.io/examples/vision/mnist_convnet: 15 epochs, batch size 128, Adam.
PyTorch:  github.com/pytorch/examples, mnist/main.py: 14 epochs, batch size 64, Adadelta.
Both are written anew from their published settings, with the data in memory, which is faster than
the PyTorch example's own loader. Seconds are those of the epochs with what belongs to them (ours
and Keras: validation; PyTorch: tests), without imports, start and reading the data. Where an
example's last epoch is not its best, it had that accuracy before its end: this counts. Ours is the
lesson's own command, in as few epochs as end as accurate. It trains on 55,000 images, Keras's
example on 54,000, PyTorch's on 60,000, as their settings say.
"""

import time

import common
import numpy as np

import data
from support.ground import tf


def keras_example(training, test, epochs):
    """Return (seconds so far, test accuracy in %) of each epoch of the Keras example."""
    assert tf.Session  # imports TensorFlow before Keras does, and so without its messages
    import keras
    from keras import layers

    keras.utils.set_random_seed(0)
    x, test_x = (s.images.astype(np.float32).reshape(-1, 28, 28, 1) / 255 for s in (training, test))
    model = keras.Sequential([keras.Input([28, 28, 1])])
    for filters in (32, 64):
        model.add(layers.Conv2D(filters, 3, activation="relu"))
        model.add(layers.MaxPooling2D(2))
    for layer in (layers.Flatten(), layers.Dropout(0.5), layers.Dense(10, activation="softmax")):
        model.add(layer)
    model.compile("adam", "sparse_categorical_crossentropy")
    results, seconds = [], 0
    for _ in range(epochs):
        start = time.perf_counter()
        model.fit(x, training.labels, batch_size=128, validation_split=0.1, verbose=0)
        seconds += time.perf_counter() - start
        # The example tests once, at its end: these tests are not in the seconds.
        digits = model.predict(test_x, batch_size=1000, verbose=0).argmax(axis=1)
        results.append((seconds, 100 * np.mean(digits == test.labels)))
    return results


def pytorch_example(training, test, epochs):
    """Return the same of PyTorch's example."""
    import torch
    from torch import nn

    torch.manual_seed(0)
    scaled = [(s.images.astype(np.float32) / 255 - 0.1307) / 0.3081 for s in (training, test)]
    x, test_x = (torch.from_numpy(images).reshape(-1, 1, 28, 28) for images in scaled)
    y = torch.from_numpy(training.labels).long()
    features = [nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2)]
    dense = [nn.Flatten(), nn.Linear(64 * 12 * 12, 128), nn.ReLU(), nn.Dropout(0.5)]
    model = nn.Sequential(*features, nn.Dropout(0.25), *dense, nn.Linear(128, 10))
    optimizer = torch.optim.Adadelta(model.parameters(), lr=1.0)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.7)
    results, start = [], time.perf_counter()
    for _ in range(epochs):
        model.train()
        for rows in torch.randperm(len(x)).split(64):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x[rows]), y[rows]).backward()
            optimizer.step()
        schedule.step()
        model.eval()
        with torch.no_grad():
            digits = torch.cat([model(part).argmax(dim=1) for part in test_x.split(1000)])
        results.append((time.perf_counter() - start, 100 * np.mean(digits.numpy() == test.labels)))
    return results


EXAMPLES = {"Keras's mnist_convnet": (keras_example, 15), "PyTorch's mnist": (pytorch_example, 14)}


def main():
    """Run ours with each number of epochs, and each example; print the table."""
    parser = common.parser(__doc__, lesson=False)
    args = common.begin(parser, "tensorflow", "keras", "torch", "numpy")
    digits = common.load(args.data)
    training, rows, ours = data.Split(*common.whole(digits)), [], []
    for count in [1, 2, 3]:
        run = common.run_lesson("cnn", [*args.source, "--epochs", count])
        ours.append((count, run))
        cells = ["ours: cnn_mnist.py", count, f"{run.epochs:.1f}", f"{run.accuracy:.2f}"]
        rows.append([*cells, "", "", ""])
    for label, (example, count) in EXAMPLES.items():
        results = common.fresh(example, training, digits.test, count)
        end, goal = results[-1]
        first = next(seconds for seconds, percent in results if percent >= goal)
        rows.append([label, len(results), f"{end:.1f}", f"{goal:.2f}", f"{first:.1f}"])
        reached = [(f"{first / run.epochs:.1f}", n) for n, run in ours if run.accuracy >= goal]
        rows[-1] += reached[0] if reached else ["not reached", ""]
    header = ["candidate", " epochs", " s", " test accuracy, %", " first reached after, s"]
    common.table([*header, " ours is faster by", " with epochs"], rows)


if __name__ == "__main__":
    main()
