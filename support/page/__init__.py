"""A page to draw on, for this computer's browser: while one draws, the network reads.

index.html is the whole page. It asks this server alone, which listens on 127.0.0.1 alone:

GET /               the page
GET /network        what is drawn once: names and shapes of layers and weights, and examples
GET /weights/NAME   float32, little-endian, in C order
GET /alive          nothing, so that the page can say when the server has ended
POST /read          an image, uint8, 0 (paper) to 255 (ink): 140 x 280 or 140 x 140 as drawn, or
                    28 x 28 as the network takes it; the answer is what Server.read returns
"""

import base64
import hashlib
import io
import json
import os
import re
import socketserver
import sys
import threading
import webbrowser
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np

from data.errors import DataError, complain
from data.files import opened
from support import pictures, predictions
from support.tensorflow1 import tf

HEIGHT = 140  # of what is drawn, in pixels: seven times what is left of a digit in the end
SIZES = {28 * 28, HEIGHT * HEIGHT, HEIGHT * 2 * HEIGHT}  # bytes of an image
MAX_EXAMPLES = 2**20  # bytes of examples.npz: forty times what a training writes


def serve(run, args):
    """Serve the page until Ctrl-C; print its address, and open it where there is a browser.

    run   function: images uint8 [N, 784] -> (probabilities float [N, 10], layers: dict of float
          arrays [N, units] or [N, height, width, maps], in the order of the graph)
    args  `lesson` and `out`: the lesson's name and its training's folder; `no_browser`
    """
    values = tf.get_default_session().run({v.op.name: v for v in tf.trainable_variables()})
    weights = {name: value for name, value in values.items() if name.startswith("weights/")}
    with Server(run, weights, args.lesson, Path(args.out, "examples.npz")) as server:
        print(f"draw a digit at {server.url} (Ctrl-C ends it)", flush=True)
        desktop = sys.platform in ("darwin", "win32") or {"DISPLAY", "WAYLAND_DISPLAY"} & {
            *os.environ
        }
        if desktop and not args.no_browser:  # a browser in a thread, as some do not return
            threading.Thread(target=webbrowser.open, args=[server.url], daemon=True).start()
        server.serve_forever()


def encoded(array):
    """Return an array as text for JSON: base64 of its bytes, little-endian; floats as float32."""
    kind = "u1" if array.dtype == np.uint8 else "<f4"
    return base64.b64encode(np.ascontiguousarray(array, kind)).decode()


class Server(ThreadingHTTPServer):
    """The page's server on 127.0.0.1; `url` is its address. Its threads end with the process.

    run       as for serve()
    weights   dict "weights/NAME" -> float array, in the order of the graph
    name      of the lesson
    examples  path of examples.npz as figures.draw() writes it; it may be missing
    """

    def __init__(self, run, weights, name, examples):
        super().__init__(("127.0.0.1", 0), Handler)
        self.run, self.lock = run, threading.Lock()  # one run at a time
        self.hosts = [f"{host}:{self.server_port}" for host in ("127.0.0.1", "localhost")]
        self.url = f"http://{self.hosts[0]}/"
        page = Path(__file__).with_name("index.html").read_text("utf-8")
        # The page's own script and style, known by their hashes, and nothing else.
        allowed = [f"default-src 'none'; connect-src 'self'; img-src data:; base-uri 'none'"]
        for tag in ("script", "style"):
            text = re.search(f"<{tag}>(.*)</{tag}>", page, re.DOTALL)[1].encode()
            digest = base64.b64encode(hashlib.sha256(text).digest()).decode()
            allowed.append(f"{tag}-src 'sha256-{digest}'")
        self.policy = "; ".join([*allowed, "form-action 'none'; frame-ancestors 'none'"])
        probabilities, layers = run(np.zeros([1, 784], np.uint8))  # the first run is a slow one
        network = {
            "name": name,
            "layers": {layer: values.shape[1:] for layer, values in layers.items()},
            "weights": {key.partition("/")[2]: value.shape for key, value in weights.items()},
            "examples": _examples(examples),
        }
        self.files = {
            "/": ("text/html; charset=utf-8", page.encode()),
            "/network": ("application/json", json.dumps(network).encode()),
            "/alive": ("text/plain", b""),
        }
        for key, value in weights.items():
            self.files[f"/{key}"] = "application/octet-stream", value.astype("<f4").tobytes()

    def server_bind(self):
        """Bind without asking for the name of 127.0.0.1, which takes seconds on some computers."""
        socketserver.TCPServer.server_bind(self)
        self.server_port = self.server_address[1]

    def server_close(self):
        """Close when no run is going on, and begin none: Python's end must not break into one."""
        self.lock.acquire(timeout=5)
        super().server_close()

    def handle_error(self, request, address):
        """Say one line of what went wrong; nothing where the browser just left."""
        if not isinstance(error := sys.exception(), ConnectionError | TimeoutError):
            complain("error", f"{self.url}: {error!r}")

    def read(self, image):
        """Return what the network says of an image, bytes as for POST /read, for JSON.

        text    the number
        digits  list of dicts: text, box (in the image), pixels (uint8 [784]), probabilities (a
                list of ten), layers (name -> float32); both arrays are base64
        """
        image, layers = np.frombuffer(image, np.uint8), {}

        def classify(pixels):
            probabilities, values = self.run(pixels)
            for i, key in enumerate(pixels):
                layers[key.tobytes()] = {name: encoded(v[i]) for name, v in values.items()}
            return probabilities

        if image.size == 784:
            digits = [pictures.Digit(image, (0, 0, 28, 28))]
            picture = pictures.Picture("example", None, digits, [])
        else:
            try:
                picture = pictures.find(255 - image.reshape(HEIGHT, -1), "drawing")
            except DataError:
                return {"text": "", "digits": []}
        answers = predictions.answers(picture, classify)
        digits = [
            {
                "text": answer.text,
                "box": answer.digit.box,
                "pixels": encoded(answer.digit.pixels),
                "probabilities": np.round(answer.probabilities, 6).tolist(),
                "layers": layers[answer.digit.pixels.tobytes()],
            }
            for answer in answers
        ]
        return {"text": predictions.number(answers), "digits": digits}


def _examples(path):
    """Return the examples of a training for JSON: pixels, label, and what the network answered."""
    if not path.exists():
        return []
    try:
        with opened(path) as stream, np.load(io.BytesIO(stream.read(MAX_EXAMPLES))) as arrays:
            images, labels, digits = (arrays[name] for name in ("images", "labels", "digits"))
        return [
            {"pixels": encoded(image.reshape(784)), "label": int(label), "answer": int(digit)}
            for image, label, digit in zip(images, labels, digits, strict=True)
        ]
    except (DataError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        complain("warning", f"{path}: cannot be read; the page shows no examples")
        return []


class Handler(BaseHTTPRequestHandler):
    """Answers one browser tab. Refused: other hosts and origins, and what is not asked for."""

    protocol_version = "HTTP/1.1"  # keeps the connection
    disable_nagle_algorithm = True  # else the second packet of an answer waits for 40 ms
    timeout = 30  # seconds of silence
    error_content_type = "text/plain; charset=utf-8"
    error_message_format = "%(message)s\n"

    def answer(self):
        """Answer a request, whatever its method."""
        host, method = self.headers.get("Host"), "POST" if self.path == "/read" else "GET"
        # Another host: another site's name for this address (DNS rebinding).
        if host not in self.server.hosts or self.headers.get("Origin") not in (
            None,
            f"http://{host}",
        ):
            self.send_error(403, "only for the page itself")
        elif method == "GET" and self.path not in self.server.files:
            self.send_error(404, f"no such page: {self.path}")
        elif self.command != method:
            self.send_error(405, f"{self.path} takes {method} only")
        elif method == "GET":
            self._send(*self.server.files[self.path])
        else:
            self._read()

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer

    def _read(self):
        length = self.headers.get("Content-Length", "")
        size = int(length) if re.fullmatch("[0-9]{1,9}", length) else -1
        expected = f"expected {', '.join(map(str, sorted(SIZES)))} bytes"
        if size > max(SIZES):
            self.send_error(413, f"too large an image (got {size}, {expected})")
        elif size not in SIZES or len(body := self.rfile.read(size)) != size:
            self.send_error(400, f"not an image (got {length!r}, {expected})")
        else:
            with self.server.lock:
                answer = self.server.read(body)
            self._send("application/json", json.dumps(answer).encode())

    def _send(self, kind, content):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", len(content))
        self.end_headers()
        self.wfile.write(content)

    def end_headers(self):
        """Add to every answer what keeps other sites away from it, and it from other sites."""
        self.send_header("Content-Security-Policy", self.server.policy)
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, *args):
        """Print nothing: a line for every stroke would hide the address."""
