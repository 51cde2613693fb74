"""The page's requests over HTTP, and what is refused."""

import re
import secrets
from http.server import BaseHTTPRequestHandler
from typing import Any

from support.reading.page.answering import POSTS

POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
POLICY += "img-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


class Handler(BaseHTTPRequestHandler):
    """Answers a browser, request by request."""

    server: Any  # a Server, whose module imports this one
    protocol_version = "HTTP/1.1"  # keeps the connection
    disable_nagle_algorithm = True  # else the second packet of an answer waits for 40 ms
    timeout = 30  # seconds of silence
    error_content_type = "text/plain; charset=utf-8"
    error_message_format = "%(message)s\n"

    def answer(self) -> None:
        """Answer a request of any method; none any more on a connection that outlives the page."""
        if self.server.closed:
            self.close_connection = True
            return
        host, (secret, _, name) = self.headers["Host"], self.path[1:].partition("/")
        method = "POST" if name in POSTS else "GET"
        # Another host is another site's name for 127.0.0.1 (DNS rebinding).
        if host not in self.server.hosts or self.headers["Origin"] not in (None, f"http://{host}"):
            self.send_error(403, "only the page itself is answered")
        # Other users of this computer reach the port, too, but do not know the secret.
        elif not secrets.compare_digest(secret.encode(), self.server.secret.encode()):
            self.send_error(404, "no such page: open the address that the lesson prints")
        elif self.command != method:
            self.send_error(405, f"wrong method (got {self.command}, expected {method})")
        else:
            self._answer(name, method)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer

    def _answer(self, name, method):
        asked = [name]
        if method == "POST":
            asked.append(self._body(POSTS[name]))
            if asked[1] is None:
                return
        try:
            answer = getattr(self.server, method.lower())(*asked)
        except Exception as error:  # a fault of ours: it ends neither the page nor the server
            self.server.handle_error(self.request, self.client_address)
            self.send_error(500, f"could not be read: {error!r}".splitlines()[0])
            return
        if answer is None:
            self.send_error(404, "no such page")
        else:
            self._send(*answer)

    def _body(self, post):
        """Return the bytes of a question; None, and refuse it, if they are too many or too few."""
        length = self.headers["Content-Length"] or ""
        size = int(length) if re.fullmatch("[0-9]{1,99}", length) else 0
        faults = f"(got {length[:20]!a}, expected a multiple of {post.unit})"
        if size > post.unit * post.most:
            self.send_error(413, f"too many bytes {faults}")
        elif size % post.unit or not size or len(body := self.rfile.read(size)) < size:
            self.send_error(400, f"not the bytes of an image {faults}")
        else:
            return body
        return None

    def _send(self, kind, content):
        self.send_response(200)
        charset = "; charset=utf-8" if kind.startswith("text/") else ""
        self.send_header("Content-Type", kind + charset)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def end_headers(self) -> None:
        """Add to every answer what keeps other sites out."""
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.send_header("Referrer-Policy", "no-referrer")  # which would hold the secret
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, *args) -> None:
        """Print nothing: a line for each stroke would bury the address."""
