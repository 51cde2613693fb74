"""Seconds until the accuracy that the official examples end with: our CNN lesson beside them.

Keras:    keras.io/examples/vision/mnist_convnet: 15 epochs, batch size 128, Adam.
PyTorch:  github.com/pytorch/examples, mnist/main.py: 14 epochs, batch size 64, Adadelta.
Both are written anew from their published settings, with the data in memory as one array, which
is faster than the PyTorch example's own loader. Seconds are those of all epochs with what belongs
to them (ours and Keras: validation; PyTorch: tests), without imports, start and reading the data.
Ours: the lesson's own command; its smallest number of epochs that ends as accurate counts. It
trains on 55,000 images, Keras's example on 54,000, PyTorch's on 60,000, as their settings say.
"""

import time
from concurrent.futures import ProcessPoolExecutor

import common
import numpy as np

import data
from support.ground import tf

EPOCHS = [1, 2, 3]  # of ours


def keras_example(training, test):
    """Return (seconds so far, test accuracy in %) of each epoch of the Keras example."""
    assert tf.Session  # imports TensorFlow before Keras does, and so without its messages
    import keras
    from keras import layers

    keras.utils.set_random_seed(0)
    x, test_x = (s.images.astype(np.float32).reshape(-1, 28, 28, 1) / 255 for s in (training, test))
    y = keras.utils.to_categorical(training.labels, 10)
    model = keras.Sequential([keras.Input([28, 28, 1])])
    for filters in (32, 64):
        model.add(layers.Conv2D(filters, 3, activation="relu"))
        model.add(layers.MaxPooling2D(2))
    for layer in (layers.Flatten(), layers.Dropout(0.5), layers.Dense(10, activation="softmax")):
        model.add(layer)
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    results, seconds = [], 0
    for _ in range(15):
        start = time.perf_counter()
        model.fit(x, y, batch_size=128, validation_split=0.1, verbose=0)
        seconds += time.perf_counter() - start
        # The example tests once, at its end; these tests are not in the seconds. To begin fit()
        # anew for them takes it a twentieth of a second.
        digits = model.predict(test_x, batch_size=1000, verbose=0).argmax(axis=1)
        results.append((seconds, 100 * np.mean(digits == test.labels)))
    return results


def pytorch_example(training, test):
    """Return (seconds so far, test accuracy in %) of each epoch of PyTorch's example."""
    import torch
    from torch import nn

    torch.manual_seed(0)
    scaled = [(s.images.astype(np.float32) / 255 - 0.1307) / 0.3081 for s in (training, test)]
    x, test_x = (torch.from_numpy(images).reshape(-1, 1, 28, 28) for images in scaled)
    y, test_y = (torch.from_numpy(s.labels).long() for s in (training, test))
    features = [nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2)]
    dense = [nn.Flatten(), nn.Linear(64 * 12 * 12, 128), nn.ReLU(), nn.Dropout(0.5)]
    model = nn.Sequential(*features, nn.Dropout(0.25), *dense, nn.Linear(128, 10))
    optimizer = torch.optim.Adadelta(model.parameters(), lr=1.0)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.7)
    results, start = [], time.perf_counter()
    for _ in range(14):
        model.train()
        for rows in torch.randperm(len(x)).split(64):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x[rows]), y[rows]).backward()
            optimizer.step()
        schedule.step()
        model.eval()
        with torch.no_grad():
            digits = torch.cat([model(part).argmax(dim=1) for part in test_x.split(1000)])
        accuracy = 100 * float((digits == test_y).float().mean())
        results.append((time.perf_counter() - start, accuracy))
    return results


EXAMPLES = {"Keras example mnist_convnet": keras_example, "PyTorch example mnist": pytorch_example}


def sooner(ours, example):
    """Return how much sooner ours is as accurate as an example at its end, for its row."""
    end, goal = example[-1]
    # Where an example's last epoch is not its best, it had the accuracy before its end.
    first = next(seconds for seconds, percent in example if percent >= goal)
    for run in ours:
        if run.accuracy >= goal:
            seconds = sum(run.epochs)
            return f"{end / seconds:.1f}", f"{first / seconds:.1f}", len(run.epochs)
    return "not reached", "", ""


def main():
    """Run ours with each number of epochs, and each example; print the table."""
    parser = common.parser(__doc__, lesson=False)
    args = common.begin(parser, "tensorflow", "keras", "torch", "numpy")
    splits = common.load(args.data)
    training, test = data.Split(*common.whole(splits)), splits[-1]

    ours = [common.run_lesson("cnn", [*args.source, "--epochs", epochs]) for epochs in EPOCHS]
    rows = []
    for run in ours:
        seconds = sum(run.epochs)
        row = ["ours: cnn_mnist.py", len(run.epochs), f"{seconds:.2f}", f"{run.accuracy:.2f}"]
        rows.append([*row, f"{run.seconds - seconds:.2f}", "", "", ""])
    for label, example in EXAMPLES.items():
        with ProcessPoolExecutor(1, common.SPAWN) as process:  # each library has one of its own
            results = process.submit(example, training, test).result()
        end, percent = results[-1]
        row = [label, len(results), f"{end:.2f}", f"{percent:.2f}", ""]
        rows.append([*row, *sooner(ours, results)])
    header = ["candidate", " epochs", " s", " test accuracy, %", " s beside: start, test, saving"]
    header += [" ours is faster: until its end", " until it first was as accurate", " with epochs"]
    common.table(header, rows)


if __name__ == "__main__":
    main()
