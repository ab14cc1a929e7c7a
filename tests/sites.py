"""A site on loopback whose answers the test sets; it remembers what it was asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(kw_only=True)
class Answer:
    """What to send back."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "text/html; charset=utf-8"})


Page = Answer | Callable[["Request"], Answer]


@dataclass(frozen=True, kw_only=True)
class Request:
    """What was asked."""

    path: str
    headers: dict[str, str]
    at: float = field(default_factory=time.monotonic)


@dataclass(kw_only=True)
class Site:
    """The running site: its port, its pages by path, what it was asked so far."""

    port: int
    pages: dict[str, Page]
    asked: list[Request] = field(default_factory=list)

    def paths_asked(self) -> list[str]:
        """The paths asked for, in order."""
        return [request.path for request in self.asked]


@contextmanager
def serve_site(at: int = 0) -> Iterator[Site]:
    """A running site without pages, at a port or any: everything is 404 until the test adds some."""
    site = Site(port=0, pages={})

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def do_GET(self) -> None:
            request = Request(path=self.path, headers=dict(self.headers))
            site.asked.append(request)
            page = site.pages.get(self.path, Answer(status=404, body=b"<html><title>404</title>not found"))
            answer = page(request) if callable(page) else page
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Stays silent."""

    server = ThreadingHTTPServer(("127.0.0.1", at), Handler)
    server.daemon_threads = True
    site.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
