"""A way for TCP between two network namespaces: over a socket in the file system, which knows no namespaces."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

_PIECE = 65536

Connect = Callable[[], socket.socket]


@contextmanager
def lead_to(path: Path, port: int) -> Iterator[None]:
    """Whoever connects to the file speaks with a port of this namespace's loopback."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        with _forwarded(server, lambda: socket.create_connection(("127.0.0.1", port))):
            yield


@contextmanager
def lead_from(port: int, path: Path) -> Iterator[None]:
    """Whoever connects to the port of this namespace's loopback speaks with whom the file leads to."""

    def connect() -> socket.socket:
        line = socket.socket(socket.AF_UNIX)
        line.connect(str(path))
        return line

    with socket.create_server(("127.0.0.1", port)) as server, _forwarded(server, connect):
        yield


@contextmanager
def _forwarded(server: socket.socket, connect: Connect) -> Iterator[None]:
    server.listen(64)
    threading.Thread(target=_accept, args=(server, connect), daemon=True).start()
    with ExitStack() as stack:
        stack.callback(server.close)
        yield


def _accept(server: socket.socket, connect: Connect) -> None:
    while True:
        try:
            near, _ = server.accept()
        except OSError:  # closed: all is over
            return
        far = connect()
        for one, other in ((near, far), (far, near)):
            threading.Thread(target=_pump, args=(one, other), daemon=True).start()


def _pump(one: socket.socket, other: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := one.recv(_PIECE):
            other.sendall(piece)
    with contextlib.suppress(OSError):
        other.shutdown(socket.SHUT_WR)
