"""Seconds until the accuracy that the official examples end with: our CNN lesson beside them.

Keras:    keras.io/examples/vision/mnist_convnet: 15 epochs, batch size 128, Adam.
PyTorch:  github.com/pytorch/examples, mnist/main.py: 14 epochs, batch size 64, Adadelta.
Both are written anew from their published settings, with the data in memory as one array, which
is faster than the PyTorch example's own loader. Seconds are those of all epochs with what belongs
to them (ours and Keras: validation; PyTorch: tests), without imports, start and reading the data.
Ours: the lesson's own command; its smallest number of epochs that ends as accurate counts. It
trains on 55,000 images, Keras's example on 54,000, PyTorch's on 60,000, as their settings say.
"""

import statistics
import time
from functools import partial

import common


def keras_example(connection, seed, splits, epochs):
    """Send [(seconds so far, test accuracy in %)] of each epoch of the Keras example."""
    import numpy as np

    keras = common.keras()
    layers = keras.layers
    keras.utils.set_random_seed(seed)
    images = [split.images.astype(np.float32).reshape(-1, 28, 28, 1) / 255 for split in splits]
    labels = [keras.utils.to_categorical(split.labels, 10) for split in splits]
    model = keras.Sequential([keras.Input([28, 28, 1])])
    for filters in (32, 64):
        model.add(layers.Conv2D(filters, 3, activation="relu"))
        model.add(layers.MaxPooling2D(2))
    for layer in (layers.Flatten(), layers.Dropout(0.5), layers.Dense(10, activation="softmax")):
        model.add(layer)
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    results, seconds = [], 0.0

    class Watch(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.start = time.perf_counter()

        def on_epoch_end(self, epoch, logs=None):
            nonlocal seconds
            seconds += time.perf_counter() - self.start
            # The example tests once, at its end; these tests are not in the seconds.
            digits = model.predict(images[1], batch_size=1000, verbose=0).argmax(axis=1)
            results.append((seconds, 100 * float(np.mean(digits == splits[1].labels))))

    settings = {"batch_size": 128, "epochs": epochs, "validation_split": 0.1, "verbose": 0}
    model.fit(images[0], labels[0], callbacks=[Watch()], **settings)
    connection.send(results)


def pytorch_example(connection, seed, splits, epochs):
    """Send [(seconds so far, test accuracy in %)] of each epoch of PyTorch's example."""
    import torch
    from torch import nn
    from torch.nn import functional

    torch.manual_seed(seed)
    scaled = [torch.from_numpy(split.images).float().reshape(-1, 1, 28, 28) for split in splits]
    x, test_x = ((images / 255 - 0.1307) / 0.3081 for images in scaled)
    y, test_y = (torch.from_numpy(split.labels).long() for split in splits)
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
            functional.cross_entropy(model(x[rows]), y[rows]).backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            digits = torch.cat([model(part).argmax(dim=1) for part in test_x.split(1000)])
        schedule.step()
        accuracy = 100 * float((digits == test_y).float().mean())
        results.append((time.perf_counter() - start, accuracy))
    connection.send(results)


EXAMPLES = {  # label: (module, work, epochs)
    "Keras example mnist_convnet": ("keras", keras_example, 15),
    "PyTorch example mnist": ("torch", pytorch_example, 14),
}


def rows(ours, theirs):
    """Yield the row of every candidate: of an example, how much sooner ours is as accurate."""
    for epochs, runs in ours.items():
        seconds, percent, beside = map(common.spread, zip(*runs, strict=True))
        yield ["ours: cnn_mnist.py", epochs, seconds, percent, beside, "", "", ""]
    for label, runs in theirs.items():
        ends, percents = zip(*(run[-1] for run in runs), strict=True)
        goal = statistics.median(percents)
        # Where an example's last epoch is not its best, it had the accuracy before its end.
        first = [next(s for s, percent in run if percent >= run[-1][1]) for run in runs]
        enough = [n for n, own in ours.items() if statistics.median(o[1] for o in own) >= goal]
        faster = ["not reached", "", ""]
        if enough:
            seconds = [own[0] for own in ours[min(enough)]]
            ratios = [[t / s for s, t in zip(seconds, x, strict=True)] for x in (ends, first)]
            faster = [common.spread(each, 1) for each in ratios] + [min(enough)]
        yield [label, len(runs[0]), common.spread(ends), common.spread(percents), "", *faster]


def main():
    """Run ours with each number of epochs and each example, in turn; print the table."""
    parser = common.parser(__doc__, repeats=1, lesson=False)
    text = "numbers of epochs to train ours with [1 2 3]"
    parser.add_argument("--epochs", type=int, nargs="+", default=[1, 2, 3], help=text)
    text = "end the examples after so many"
    parser.add_argument("--example-epochs", type=int, default=100, metavar="N", help=text)
    args = common.begin(parser, "tensorflow", "keras", "torch", "numpy")

    import data

    splits = common.load(args.data)
    pair = data.Split(*common.whole(splits)), splits[-1]

    def lesson(epochs, turn):
        flags = [*common.source(args), "--epochs", epochs, "--seed", turn]
        result = common.run_lesson("cnn", flags)
        return sum(result.epochs), result.accuracy, result.seconds - sum(result.epochs)

    def example(work, epochs, turn):
        worker = common.Worker(work, turn, pair, min(epochs, args.example_epochs))
        worker.close()
        return worker.about

    candidates = {epochs: partial(lesson, epochs) for epochs in args.epochs}
    for label, (module, work, epochs) in EXAMPLES.items():
        if common.installed(module):
            candidates[label] = partial(example, work, epochs)
    results = common.in_turn(args.repeats, candidates)
    ours = {epochs: results.pop(epochs) for epochs in args.epochs}  # (s, %, s beside) of each turn
    header = ["candidate", " epochs", " s", " test accuracy, %", " s beside: start, test, saving"]
    header += [" ours is faster: until its end", " until it first was as accurate", " with epochs"]
    common.table(header, rows(ours, results))  # results: of each turn, (s, %) of each epoch


if __name__ == "__main__":
    main()
