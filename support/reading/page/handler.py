"""The page's requests over HTTP, and what is refused."""

import base64
import hashlib
import json
import re
from http.server import BaseHTTPRequestHandler

HEIGHT = 140  # of what is drawn: enough for 28 x 28, and searched sooner than more pixels
SIZES = [28 * 28, HEIGHT * HEIGHT, HEIGHT * 2 * HEIGHT]  # bytes of an image


def policy(page):
    """Return a Content-Security-Policy: the browser runs the page's own script, and no other."""
    rules = ["default-src 'none'", "connect-src 'self'", "img-src data:", "frame-ancestors 'none'"]
    for tag in ("script", "style"):
        text = re.search(f"<{tag}>(.*)</{tag}>", page, re.DOTALL)[1]
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        rules.append(f"{tag}-src 'sha256-{digest}'")
    return "; ".join(rules)


class Handler(BaseHTTPRequestHandler):
    """Answers a browser, request by request."""

    protocol_version = "HTTP/1.1"  # keeps the connection
    disable_nagle_algorithm = True  # else the second packet of an answer waits for 40 ms
    timeout = 30  # seconds of silence
    error_content_type = "text/plain; charset=utf-8"
    error_message_format = "%(message)s\n"

    def answer(self):
        """Answer a request of any method."""
        host, method = self.headers["Host"], "POST" if self.path == "/read" else "GET"
        # Another host is another site's name for 127.0.0.1 (DNS rebinding).
        if host not in self.server.hosts or self.headers["Origin"] not in (None, f"http://{host}"):
            self.send_error(403, "only the page itself is answered")
        elif method == "GET" and self.path not in self.server.files:
            self.send_error(404, "no such page")
        elif self.command != method:
            self.send_error(405, f"wrong method (got {self.command}, expected {method})")
        elif method == "GET":
            self._send(*self.server.files[self.path])
        else:
            self._read()

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer

    def _read(self):
        length = self.headers["Content-Length"] or ""
        size = int(length) if re.fullmatch("[0-9]{1,99}", length) else -1
        faults = f"(got {length[:20]!a}, expected {SIZES})"
        if size > max(SIZES):
            return self.send_error(413, f"too many bytes {faults}")
        if size not in SIZES or len(image := self.rfile.read(size)) < size:
            return self.send_error(400, f"not the bytes of an image {faults}")
        try:
            with self.server.lock:  # one session.run at a time, be there ever so many tabs
                answer = json.dumps(self.server.read(image)).encode()
        except Exception as error:  # a fault of ours: it ends neither the page nor the server
            self.server.handle_error(self.request, self.client_address)
            return self.send_error(500, f"could not be read: {error!r}".splitlines()[0])
        return self._send("application/json", answer)

    def _send(self, kind, content):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", len(content))
        self.end_headers()
        self.wfile.write(content)

    def end_headers(self):
        """Add to every answer what keeps other sites out."""
        self.send_header("Content-Security-Policy", self.server.policy)
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, *args):
        """Print nothing: a line for each stroke would bury the address."""
