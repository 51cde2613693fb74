"""--watch: the page while a network is trained, by the session that trains it."""

import contextlib
import time

from support.ground import Interrupted
from support.reading.page import examples
from support.reading.page.model import Model
from support.reading.page.server import Server

MAX_SHARE = 0.06  # of the training's time for the page, at the most, while somebody looks
MAX_POINTS = 400  # of the curve of losses


class Watch:
    """Serves the page between the steps of a training; without args.watch it does nothing.

    What is asked for is computed by one session.run after another between two training steps,
    which changes nothing in the training: what is fed is an image, what is fetched is read.

    Args:
        args: the lesson's flags.
        run: the training.Run, whose attribute `watch` this is to become.
        session: the one that trains.
        network: the lesson's Net.
        test: images uint8 [N, 784] and labels [N]: one of each digit is shown.
    """

    def __init__(self, args, run, session, network, test):
        self.server = None
        if not args.watch:
            return
        self.run, self.losses, self.every, self.sum, self.count = run, [], 1, 0.0, 0
        self.next, self.done = 0.0, False
        labels = test.labels.tolist()
        first = [labels.index(digit) for digit in sorted(set(labels))]
        shown = examples.of(test.images[first], test.labels[first], test.labels[first])
        self.context = contextlib.ExitStack()
        server = Server(Model(session, network), args.lesson, shown)
        self.server = self.context.enter_context(server)
        self.server.training = self._state
        self.server.announce(args, "watch at")

    def step(self, loss: float) -> None:
        """Note a step's loss; compute what the page asks for, if it is its turn."""
        if not self.server:
            return
        self.sum, self.count = self.sum + float(loss), self.count + 1
        if self.count == self.every:
            self.losses.append(self.sum / self.count)
            self.sum, self.count = 0.0, 0
        if len(self.losses) > MAX_POINTS:  # each two become one
            self.losses = [
                (a + b) / 2 for a, b in zip(self.losses[::2], self.losses[1::2], strict=False)
            ]
            self.every *= 2
        start = time.perf_counter()
        if start >= self.next and self.server.jobs.work():
            end = time.perf_counter()
            self.next = end + (end - start) / MAX_SHARE

    def go_on(self) -> None:
        """Serve the page of the trained network, until Ctrl-C."""
        if self.server:
            self.done = True
            print("the training is done; the page goes on (Ctrl-C ends it)", flush=True)
            # The run, whose signal it is, raises it when it gives its folder back.
            with contextlib.suppress(Interrupted):
                self.server.jobs.work_until(self.run.signals.check)

    def close(self) -> None:
        """End the page."""
        if self.server:
            self.context.close()
            self.server = None

    def _state(self):
        """Return how far the training is, for JSON."""
        rows = self.run.history
        return {
            "done": self.done,
            "progress": 1.0 if self.done else self.run.progress,
            "epochs": [self.run.epochs, self.run.args.epochs],
            "every": self.every,
            "losses": self.losses,
            "accuracies": [row["accuracy"] for row in rows],
        }
