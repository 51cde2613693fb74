"""The server of the page, which is index.html, on 127.0.0.1 alone.

The page is index.html. Its server listens on 127.0.0.1 alone, and answers nobody but the page:

GET /, /alive      the page; nothing, as a sign of life
GET /network       names and shapes of layers and weights, and examples, as JSON
GET /weights/NAME  float32, little-endian
POST /read         an image, uint8, 0 (paper) to 255 (ink): 140 x 280 or 140 x 140 of what is drawn,
                   or 28 x 28 of an example; the answer: Server.read()
"""

import base64
import contextlib
import json
import os
import socketserver
import sys
import threading
import webbrowser
import zipfile
from http.server import ThreadingHTTPServer
from pathlib import Path

import numpy as np

from support import pictures
from support.ground import DataError, complain, opened, tf
from support.reading import answers as reading
from support.reading.page.handler import HEIGHT, Handler, policy


def serve(session, network, args, check):
    """Serve the page until Ctrl-C; print its address, and open it where there is a browser.

    session, network  the values of the variables; the lesson's Network
    args              `lesson` and `out`: the lesson's name and its training's folder; `no_browser`
    check             called twice a second: raises Interrupted after Ctrl-C and the like
    """

    def run(pixels):
        return session.run([network.probabilities, network.layers], {network.images: pixels})

    variables = {v.op.name: v for v in tf.trainable_variables() if v.op.name.startswith("weights/")}
    weights = session.run(variables)
    with Server(run, weights, args.lesson, Path(args.out, "examples.npz")) as server:
        print(f"draw at {server.url} (Ctrl-C ends it)", flush=True)
        screen = {"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys()
        if not args.no_browser and (screen or sys.platform in ("darwin", "win32")):
            # In a thread, as some browsers do not return before they are closed.
            threading.Thread(target=webbrowser.open, args=[server.url], daemon=True).start()
        server.service_actions = check
        server.serve_forever()


class Server(ThreadingHTTPServer):
    """The page's server; its threads end with the process.

    run       images uint8 [N, 784] -> (probabilities float [N, 10], layers), layers being a dict of
              float arrays [N, units] or [N, height, width, maps], in the order of the graph
    weights   dict "weights/NAME" -> float array, in the order of the graph
    lesson    its name; examples: path of examples.npz, as figures.draw() writes it, if it is there
    """

    def __init__(self, run, weights, lesson, examples):
        super().__init__(("127.0.0.1", 0), Handler)
        self.run, self.lock = run, threading.Lock()
        self.hosts = [f"{host}:{self.server_port}" for host in ("127.0.0.1", "localhost")]
        self.url = f"http://{self.hosts[0]}/"
        page = Path(__file__).with_name("index.html").read_text("utf-8")
        self.policy = policy(page)
        _, layers = run(np.zeros([1, 784], np.uint8))  # which makes the next one faster, too
        network = {
            "name": lesson,
            "layers": {name: values.shape[1:] for name, values in layers.items()},
            "weights": {name.partition("/")[2]: value.shape for name, value in weights.items()},
            "examples": _examples(examples),
        }
        self.files = {
            "/": ("text/html; charset=utf-8", page.encode()),
            "/alive": ("text/plain", b""),
            "/network": ("application/json", json.dumps(network).encode()),
        }
        for name, value in weights.items():
            self.files[f"/{name}"] = "application/octet-stream", value.astype("<f4").tobytes()

    def server_bind(self):
        """Bind without looking up the name of 127.0.0.1, which takes some computers seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_port = self.server_address[1]

    def server_close(self):
        """Close between two readings: Python's end would abort in the middle of one."""
        self.lock.acquire(timeout=5)
        super().server_close()

    def handle_error(self, request, client_address):
        """Report in one line; a browser that has left, or is silent, not at all."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            complain("error", f"{self.url}: {error!r}")

    def read(self, image):
        """Return what the network says of an image (bytes, as for POST /read), for JSON.

        text    the number
        digits  for each: text, box in the image, pixels, probabilities, layers; arrays in base64
        """
        image, layers = np.frombuffer(image, np.uint8), {}

        def classify(pixels):
            probabilities, values = self.run(pixels)
            for i, digit in enumerate(pixels):
                layers[digit.tobytes()] = {name: value[i] for name, value in values.items()}
            return probabilities

        if image.size == 784:  # answered as it was in the test
            digit = pictures.Digit(image, (0, 0, 28, 28))
            answers = [reading.Answer(digit, image, classify(image[np.newaxis])[0])]
        else:  # answered as a picture is by --predict
            answers = []
            with contextlib.suppress(DataError):  # nothing that could be a digit
                picture = pictures.find(255 - image.reshape(HEIGHT, -1), "drawing")
                answers = reading.answer(picture.digits, classify)
        return {
            "text": reading.number(answers),
            "digits": [_shown(answer, layers[answer.pixels.tobytes()]) for answer in answers],
        }


def _shown(answer, layers):
    return {
        "text": answer.text,
        "box": answer.digit.box,
        "pixels": _text(answer.pixels, "u1"),
        "probabilities": answer.probabilities.tolist(),
        "layers": {name: _text(values, "<f4") for name, values in layers.items()},
    }


def _text(array, dtype):
    return base64.b64encode(array.astype(dtype).tobytes()).decode()


def _examples(path):
    """Return test images for JSON, each as pixels, label, and what the network answered."""
    try:
        with opened(path) as stream, np.load(stream) as arrays:
            rows = zip(arrays["images"], arrays["labels"], arrays["digits"], strict=True)
            return [(_text(i.reshape(784), "u1"), int(label), int(d)) for i, label, d in rows]
    except (DataError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        if path.exists():
            complain("warning", f"{path}: cannot be read; the page goes without its examples")
        return []
