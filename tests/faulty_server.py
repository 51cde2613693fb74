"""An HTTP server that does what a mirror must not do."""

import contextlib
import gzip
import hashlib
import socket
import struct
import threading

from builders import quartet

from data import download, idx


def offer_small_mnist(server, monkeypatch):
    """Have `server` offer four small files, and data/ expect them; return data/'s tables then."""
    contents = quartet()
    packed = {name: gzip.compress(content) for name, content in contents.items()}
    server.files = {f"{name}.gz": content for name, content in packed.items()}
    tables = {
        table: {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
        for table, files in (("SHA256", packed), ("FILES", contents))
    }
    monkeypatch.setattr(download, "SHA256", tables["SHA256"])
    monkeypatch.setattr(idx, "FILES", tables["FILES"])
    return tables


def head(length, status="200 OK", more=""):
    """Return the start of an HTTP answer, after which the connection is closed."""
    lines = f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n"
    return f"{lines}{more}\r\n".encode()


class FaultyServer:
    """An HTTP server on 127.0.0.1, whose mirrors are named after what they do wrong.

    `server.mirror("short")` is the address of a mirror that `short` below answers for. Whatever is
    asked for, the name after the last slash is looked up in `server.files`.
    """

    def __init__(self, files):
        self.files = files
        self.asked = []  # (mirror, name), in the order of the requests
        self.certificate = None  # an ssl.SSLContext turns http into https
        self.stopped = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def mirror(self, fault):
        return f"http{'s' * bool(self.certificate)}://127.0.0.1:{self.port}/{fault}/"

    def stop(self):
        self.stopped.set()
        self.listener.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                threading.Thread(target=self._answer, args=[connection], daemon=True).start()

    def _answer(self, connection):
        with contextlib.suppress(OSError), connection:  # the client may leave at any time
            if self.certificate:
                connection = self.certificate.wrap_socket(connection, server_side=True)
            request = connection.recv(65536).decode()
            _, fault, name = request.split()[1].split("/")
            self.asked.append((fault, name))
            getattr(self, fault)(connection, self.files.get(name, b""))

    def good(self, connection, body):
        connection.sendall(head(len(body)) + body)

    def status_403(self, connection, body):
        connection.sendall(head(6, "403 Forbidden") + b"Denied")

    def page(self, connection, body):
        page = b"<html>Please sign in</html>"
        connection.sendall(head(len(page), more="Content-Type: text/html\r\n") + page)

    def redirect_to_page(self, connection, body):
        connection.sendall(head(0, "302 Found", f"Location: {self.mirror('page')}x\r\n"))

    def redirect_to_itself(self, connection, body):
        location = f"Location: {self.mirror('redirect_to_itself')}x\r\n"
        connection.sendall(head(0, "302 Found", location))

    def stall_before(self, connection, body):
        self.stopped.wait()

    def stall_inside(self, connection, body):
        connection.sendall(head(len(body)) + body[: len(body) // 2])
        self.stopped.wait()

    def endless_headers(self, connection, body):
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while not self.stopped.is_set():
            connection.sendall(b"X: y\r\n" * 1000)

    def longer(self, connection, body):
        connection.sendall(head(len(body) + 1) + body + b"!")

    def short(self, connection, body):
        connection.sendall(head(len(body)) + body[:-1])

    def empty(self, connection, body):
        connection.sendall(head(0))

    def wrong(self, connection, body):
        connection.sendall(head(len(body)) + bytes(len(body)))

    def reset(self, connection, body):
        connection.sendall(head(len(body)) + body[: len(body) // 2])
        # Linger for 0 s: close with a reset instead of an orderly end.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def hang_up(self, connection, body):
        pass

    def no_http(self, connection, body):
        connection.sendall(b"220 smtp.example.org ready\r\n")
