"""Seconds until the accuracy that the official examples end with: our CNN lesson beside them.

Keras:    keras.io/examples/vision/mnist_convnet: 15 epochs, batch size 128, Adam.
PyTorch:  github.com/pytorch/examples, mnist/main.py: 14 epochs, batch size 64, Adadelta.
Both are written anew from their published settings, with the data in memory as one array; the
PyTorch example's own loader, which handles image by image, is slower. It is shuffled here, too.

Seconds are those of all epochs with what belongs to them (ours and Keras: validation; PyTorch: a
test in each epoch), without imports, start and reading the data, for all three. Ours: the lesson's
own command with few epochs, in which its learning rate falls to zero; of those numbers of epochs,
the smallest counts that ends with the example's accuracy or a better one. The lesson trains on
55,000 images, Keras's example on 54,000, PyTorch's on 60,000, as their settings say.
"""

import re
import statistics
import time

import common

PEERS = {"Keras": "Keras example mnist_convnet", "PyTorch": "PyTorch example mnist"}


def keras_example(channel, seed, splits, epochs):
    """Answer with [(seconds so far, correct test answers)] of each epoch of the Keras example."""
    import numpy as np

    from support.tensorflow1 import tf

    assert tf.Session  # imports TensorFlow, without its messages, before Keras does
    import keras
    from keras import layers

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
    channel.answer(None)

    class Watch(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.start = time.perf_counter()

        def on_epoch_end(self, epoch, logs=None):
            nonlocal seconds
            seconds += time.perf_counter() - self.start
            # The example tests once, at its end; these tests are not in the seconds.
            digits = model.predict(images[1], batch_size=1000, verbose=0).argmax(axis=1)
            results.append((seconds, int(np.sum(digits == splits[1].labels))))

    for _ in channel.requests():
        settings = {"batch_size": 128, "epochs": epochs, "validation_split": 0.1, "verbose": 0}
        model.fit(images[0], labels[0], callbacks=[Watch()], **settings)
        channel.answer(results)


def pytorch_example(channel, seed, splits, epochs):
    """Answer with [(seconds so far, correct test answers)] of each epoch of PyTorch's example."""
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
    channel.answer(None)
    for _ in channel.requests():
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
            correct = int((digits == test_y).sum())
            schedule.step()
            results.append((time.perf_counter() - start, correct))
        channel.answer(results)


EXAMPLES = {"Keras": (keras_example, 15), "PyTorch": (pytorch_example, 14)}


def main():
    """Run ours with each number of epochs and each example, in turn; print both tables."""
    parser = common.parser(__doc__, repeats=1, lesson=False)
    text = "numbers of epochs to train ours with [1 2 3 4]"
    parser.add_argument("--epochs", type=int, nargs="+", default=[1, 2, 3, 4], help=text)
    for package, (_, epochs) in EXAMPLES.items():
        flag, text = f"--{package.lower()}-epochs", f"shorten the example [{epochs}]"
        parser.add_argument(flag, type=int, default=epochs, metavar="N", help=text)
    args = parser.parse_args()

    import numpy as np

    import data

    common.print_machine("TensorFlow", "Keras", "PyTorch", "NumPy")
    training, validation, test = common.load(args.data)
    whole = data.Split(*(np.concatenate(pair) for pair in zip(training, validation, strict=True)))
    peers = {package: pair for package, pair in EXAMPLES.items() if common.version(package)}
    ours = {epochs: [] for epochs in args.epochs}  # (seconds, correct, start) of each turn
    theirs = {package: [] for package in peers}  # of each turn: (seconds, correct) of each epoch
    for turn in range(args.repeats):
        for epochs, runs in ours.items():
            flags = [*common.source(args), "--epochs", epochs, "--seed", turn]
            result = common.run_lesson("cnn", flags)
            correct = int(re.findall(r"test accuracy \S+ \((\d+) / ", result.output)[-1])
            seconds = sum(row["seconds"] for row in result.epochs)
            runs.append((seconds, correct, result.seconds - seconds))
            common.note(f"turn {turn}: ours, --epochs {epochs}: {seconds:.1f} s, {correct} correct")
        for package, (work, _) in peers.items():
            epochs = getattr(args, f"{package.lower()}_epochs")
            worker = common.Worker(work, turn, (whole, test), epochs)
            theirs[package].append(worker.ask("train"))
            worker.close()
            seconds, correct = theirs[package][-1][-1]
            common.note(f"turn {turn}: {PEERS[package]}: {seconds:.1f} s, {correct} correct")
    print_tables(ours, theirs, len(test.labels))


def print_tables(ours, theirs, total):
    """Print every candidate, then how much sooner ours has the accuracy of each example."""

    def row(label, epochs, seconds, correct, beside=""):
        percent = common.spread([100 * value / total for value in correct])
        return [label, epochs, common.spread(seconds, 1), percent, beside]

    rows = []
    for epochs, runs in ours.items():
        seconds, correct, start = zip(*runs, strict=True)
        rows.append(row("ours: cnn_mnist.py", epochs, seconds, correct, common.spread(start, 1)))
    for package, runs in theirs.items():
        seconds, correct = zip(*(run[-1] for run in runs), strict=True)
        rows.append(row(PEERS[package], len(runs[0]), seconds, correct))
    header = ["candidate", " epochs", " s", " test accuracy, %", " s beside: start, test, saving"]
    common.table(header, rows)

    rows = []
    for package, runs in theirs.items():
        goal = statistics.median(run[-1][1] for run in runs)
        enough = [n for n, own in ours.items() if statistics.median(o[1] for o in own) >= goal]
        seconds = [run[0] for run in ours[min(enough)]] if enough else []
        # Where an example's last epoch is not its best, it had the accuracy before its end.
        first = [next(s for s, correct in run if correct >= run[-1][1]) for run in runs]
        for until, times in (("its end", [run[-1][0] for run in runs]), ("it first had it", first)):
            ratios = [theirs / own for own, theirs in zip(seconds, times, strict=bool(seconds))]
            rows.append(
                [
                    f"{PEERS[package]}, until {until}",
                    f"{100 * goal / total:.2f}",
                    common.spread(times, 1),
                    min(enough, default="not reached"),
                    common.spread(seconds, 1) if enough else "",
                    common.spread(ratios, 1) if enough else "",
                ]
            )
    header = ["example", " its final accuracy, %", " s", " ours: epochs", " s", " faster by"]
    common.table(header, rows)


if __name__ == "__main__":
    main()
