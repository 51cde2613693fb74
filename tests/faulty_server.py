"""An HTTP server that does what a mirror must not do."""

import contextlib
import gzip
import hashlib
import http.server
import threading

from builders import quartet

from data import download, idx

# Four small files in the place of MNIST's, and what data/'s tables must then say of them.
CONTENTS = quartet()
PACKED = {f"{name}.gz": gzip.compress(content, mtime=0) for name, content in CONTENTS.items()}
TABLES = {
    "SHA256": {n: hashlib.sha256(PACKED[f"{n}.gz"]).hexdigest() for n in CONTENTS},
    "SIZES": {n: len(PACKED[f"{n}.gz"]) for n in CONTENTS},
    "FILES": {n: hashlib.sha256(content).hexdigest() for n, content in CONTENTS.items()},
}


def offer_small_mnist(server, monkeypatch):
    """Have `server` offer the four small files, and data/ expect them."""
    server.files = PACKED
    monkeypatch.setattr(download, "SHA256", TABLES["SHA256"])
    monkeypatch.setattr(download, "SIZES", TABLES["SIZES"])
    monkeypatch.setattr(idx, "FILES", TABLES["FILES"])


class Handler(http.server.BaseHTTPRequestHandler):
    """Hands a request to that method of the server that its mirror is named after."""

    def do_GET(self):
        _, fault, name = self.path.split("/")
        self.server.asked.append((fault, name))
        with contextlib.suppress(OSError):  # the client may leave at any time
            getattr(self.server, fault)(self, self.server.files.get(name, b""))

    def start(self, length, status=200, location=None):
        """Send an answer's head, which says how many bytes follow."""
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        if location:
            self.send_header("Location", location)
        self.end_headers()

    def log_message(self, *_):
        """Say nothing: the base class reports every request on standard error."""


class FaultyServer(http.server.ThreadingHTTPServer):
    """An HTTP server on 127.0.0.1, whose mirrors are named after what they do wrong.

    `server.mirror("short")` is the address of a mirror that `short` below answers for. Whatever is
    asked for, the name after the last slash is looked up in `server.files`.
    """

    def __init__(self, files):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files = files
        self.asked = []  # (mirror, name), in the order of the requests
        self.stopped = threading.Event()
        threading.Thread(target=self.serve_forever, args=[0.02]).start()

    def mirror(self, fault):
        return f"http://127.0.0.1:{self.server_port}/{fault}/"

    def stop(self):
        self.stopped.set()
        self.shutdown()
        self.server_close()

    def good(self, answer, body):
        answer.start(len(body))
        answer.wfile.write(body)

    def status_403(self, answer, body):
        answer.start(0, 403)

    def page(self, answer, body):
        self.good(answer, b"<html>Please sign in</html>")

    def redirect_to_itself(self, answer, body):
        answer.start(0, 302, self.mirror("redirect_to_itself") + "x")

    def endless_headers(self, answer, body):
        answer.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not self.stopped.is_set():
            answer.wfile.write(b"X: y\r\n" * 1000)

    def stall_before(self, answer, body):
        self.stopped.wait()

    def stall_inside(self, answer, body):
        answer.start(len(body))
        answer.wfile.write(body[: len(body) // 2])
        self.stopped.wait()

    def byte_by_byte(self, answer, body):
        answer.start(len(body))
        while not self.stopped.wait(0.2):
            answer.wfile.write(b"x")

    def endless(self, answer, body):
        answer.send_response(200)
        answer.end_headers()
        while not self.stopped.is_set():
            answer.wfile.write(bytes(2**16))

    def short(self, answer, body):
        answer.start(len(body))
        answer.wfile.write(body[:-1])

    def hang_up(self, answer, body):
        pass
