"""The page served for a test, and a plain way to ask it."""

from __future__ import annotations

import http.client
import logging
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

from casework.page.server import build_app
from crawler.model.desk import DeskBook
from index.store import Store


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What came back: status, headers by small name, and the page."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def words(self) -> str:
        """What a person reads on the page, blanks made one."""
        reader = _Words()
        reader.feed(self.text)
        return " ".join("".join(reader.pieces).split())


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("td", "li", "p", "div", "th", "dd", "dt"):
            self.pieces.append(" ")


@contextmanager
def served(store: Store, home: Path, desk: DeskBook | None = None) -> Iterator[str]:
    """The address of the page on a free loopback port, answering until the block ends."""
    import uvicorn

    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(build_app(store, home, desk), log_config=None, lifespan="off", ws="none", server_header=False)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def ask(address: str, headers: Mapping[str, str] | None = None, method: str = "GET") -> Answer:
    """The answer to one request."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=20)
    try:
        connection.request(method, f"{parts.path or '/'}?{parts.query}", headers=dict(headers or {}))
        response = connection.getresponse()
        text = response.read().decode()
        return Answer(
            status=response.status, headers={name.lower(): value for name, value in response.getheaders()}, text=text
        )
    finally:
        connection.close()
