"""The server of the page, on 127.0.0.1 alone, whose address holds a secret.

Below http://127.0.0.1:PORT/SECRET/ lie

GET  the files of static/       index.html as the empty name
GET  network                    names, shapes, plan and examples, as JSON
GET  training                   how far a training is, as JSON; null where none goes on
GET  weights/NAME, biases/NAME  float32, little-endian
POST read/28                    an image, uint8 [784], as MNIST's: answering.read_image()
POST read/W                     sheets of what is drawn, each uint8 [140, W], 255 for ink: the same
POST classify                   images uint8 [N, 784]: float32 [N, 10], little-endian
POST picture                    a picture file: as for read, with the picture
"""

import json
import os
import secrets
import socketserver
import sys
import threading
import webbrowser
from collections.abc import Callable
from http.server import ThreadingHTTPServer
from pathlib import Path

from support.ground import complain
from support.reading.page import answering, examples
from support.reading.page.handler import Handler
from support.reading.page.jobs import Jobs
from support.reading.page.model import Model, description

PORT = 7840  # if it is free, so that a browser knows what it stored for the page
STATIC = Path(__file__).with_name("static")
KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}


def serve(session, network, args, check: Callable[[], None]) -> None:
    """Serve the page until `check` raises; print its address, and open it in a browser.

    Args:
        session: holds the values of the variables.
        network: the lesson's Net.
        args: the lesson's flags.
        check: raises Interrupted after Ctrl-C and the like.
    """
    shown = examples.read(Path(args.out, "examples.npz"))
    with Server(Model(session, network), args.lesson, shown) as server:
        server.announce(args, "draw at")
        server.jobs.work_until(check)


class Server(ThreadingHTTPServer):
    """The page's server. Requests are heard in threads, and computed where jobs.work() is called.

    So no thread but the lesson's own runs its session: in --watch that is the one that trains.

    Args:
        model: a Model, or what has its methods.
        lesson: its name.
        examples: what examples.read() returns.
    """

    daemon_threads = True
    allow_reuse_address = os.name != "nt"  # there it would share the port with another process
    allow_reuse_port = False

    def __init__(self, model, lesson, examples):
        try:
            super().__init__(("127.0.0.1", PORT), Handler)
        except OSError:
            super().__init__(("127.0.0.1", 0), Handler)
        self.model, self.jobs, self.training = model, Jobs(), None
        self.closed = False
        self.secret = secrets.token_urlsafe(9)
        self.hosts = [f"{host}:{self.server_port}" for host in ("127.0.0.1", "localhost")]
        self.url = f"http://{self.hosts[0]}/{self.secret}/"
        self.description = json.dumps(description(model, lesson, examples)).encode()
        self.files = {
            "" if path.name == "index.html" else path.name: (KINDS[path.suffix], path.read_bytes())
            for path in STATIC.iterdir()
            if path.suffix in KINDS
        }

    def __enter__(self):
        """Begin to listen, in a thread of its own."""
        self.thread = threading.Thread(target=self.serve_forever, args=[0.1], daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        """End listening, and whatever still waits for an answer."""
        self.closed = True
        self.shutdown()
        self.thread.join()
        self.server_close()
        self.jobs.cancel()

    def announce(self, args, words: str) -> None:
        """Print the address, and open it where there is a browser."""
        print(f"{words} {self.url} (Ctrl-C ends it)", flush=True)
        screen = {"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys()
        if not args.no_browser and (screen or sys.platform in ("darwin", "win32")):
            # In a thread, as some browsers do not return before they are closed.
            threading.Thread(target=webbrowser.open, args=[self.url], daemon=True).start()

    def get(self, name: str) -> tuple[str, bytes] | None:
        """Return the kind and the content of what GET asks for, or None."""
        if name == "network":
            return "application/json", self.description
        if name == "training":
            return "application/json", json.dumps(self.training and self.training()).encode()
        if name in self.model.shapes:
            value = self.jobs.compute(self.model.value, name)
            return "application/octet-stream", value.astype("<f4").tobytes()
        return self.files.get(name)

    def post(self, name: str, content: bytes) -> tuple[str, bytes]:
        """Return the kind and the content of the answer to POST; its size was checked."""
        return self.jobs.compute(answering.POSTS[name].answer, self.model, content)

    def server_bind(self) -> None:
        """Bind without looking up the name of 127.0.0.1, which takes some computers seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_port = self.server_address[1]

    def handle_error(self, request, client_address) -> None:
        """Report in one line; a browser that has left, or is silent, not at all."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            complain("error", f"{self.hosts[0]}: {error!r}")
