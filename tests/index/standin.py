"""A real HTTP server that stands before Elasticsearch: passes requests on, or answers as a test tells it to."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

Rule = Callable[[str], tuple[int, Any] | None]
"""What to answer a path with instead of passing it on; None passes it on."""


@dataclass
class StandIn:
    """What it was asked, and how it answers."""

    address: str
    rule: Rule = lambda path: None
    cut: Callable[[str], bool] = lambda path: False
    """Whether the line is cut after the server did what it was asked, before it can say so."""
    change: Callable[[str, dict[str, Any]], dict[str, Any]] = lambda path, body: body
    away: Callable[[str], bool] = lambda path: False
    """Whether the line is cut before the server hears anything: it is down."""
    largest: int | None = None
    """Bytes of the largest request it lets in, as a proxy has a limit of its own."""
    asked: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)
    is_elasticsearch: bool = True

    def ruled(self, path: str, size: int) -> tuple[int, Any] | None:
        """What it answers by itself to a request of so many bytes; None passes it on."""
        if self.largest is not None and size > self.largest:
            return 413, {"error": "request too large"}
        return self.rule(path)


@contextmanager
def stand_in(behind: str, tls: ssl.SSLContext | None = None) -> Iterator[StandIn]:  # noqa: C901  # one handler, each way to answer
    """A running stand-in before the server at ``behind``."""
    target = urlsplit(behind)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if state.away(self.path):
                self._hang_up()
                return
            state.asked.append(f"{self.command} {self.path}")
            state.hosts.add(self.headers["Host"])
            ruled = state.ruled(self.path, len(body))
            if ruled:
                self._send(ruled[0], json.dumps(ruled[1]).encode(), "application/json")
                return
            onward = http.client.HTTPConnection(str(target.hostname), target.port, timeout=60)
            kept = {name: value for name, value in self.headers.items() if name.lower() in ("content-type", "accept")}
            onward.request(self.command, self.path, body, kept)
            answer = onward.getresponse()
            said = answer.read()
            if state.cut(self.path):
                self._hang_up()
                return
            if said:
                said = json.dumps(state.change(self.path, json.loads(said))).encode()
            self._send(answer.status, said, answer.headers["Content-Type"] or "application/json")
            onward.close()

        def _hang_up(self) -> None:
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True

        def _send(self, status: int, body: bytes, content_type: str) -> None:
            self.send_response(status)
            if state.is_elasticsearch:
                self.send_header("X-Elastic-Product", "Elasticsearch")
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _answer  # noqa: N815

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    state = StandIn(address=f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
