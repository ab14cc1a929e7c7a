"""The investigators' page, served on loopback."""

from __future__ import annotations

import errno
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.model.desk import DeskBook
from crawler.model.errors import BadInput
from index.opening import open_store
from index.store import Store

if TYPE_CHECKING:
    from fastapi import FastAPI

LOOPBACK = "127.0.0.1"
_BACKLOG = 128
_SECONDS_TO_END = 2


def serve_page(
    store_address: str,
    home_folder: Path,
    port: int,
    *,
    desk: DeskBook | None = None,
    ready: Callable[[str], None] | None = None,
) -> None:
    """Nothing; serves the page on this machine only until Ctrl-C.

    ``port`` 0 takes any free one. ``desk`` is shown where it is given. ``ready`` gets the page's address once it
    answers; without it, a person who watches sees the address printed. Raises BadInput where the port is taken,
    StoreUnavailable without an index.
    """
    listening = _listening(port)
    address = f"http://{LOOPBACK}:{listening.getsockname()[1]}/"
    try:
        store = open_store(store_address)
        try:
            _serve(build_app(store, home_folder, desk), listening, address, ready or _print_address)
        finally:
            store.close()
    finally:
        listening.close()


def check_port(port: int) -> None:
    """Nothing; raises BadInput where the page could not be served at this loopback port."""
    _listening(port).close()


def build_app(store: Store, home_folder: Path, desk: DeskBook | None = None) -> FastAPI:
    """The page as an ASGI application over an open store; captures are read below the home."""
    from casework.page.routes import make_app

    return make_app(store, home_folder, desk)


def _serve(app: FastAPI, listening: socket.socket, address: str, ready: Callable[[str], None]) -> None:
    import uvicorn

    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,  # what an investigator asks is kept nowhere
        server_header=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=_SECONDS_TO_END,
    )
    ready(address)
    try:
        uvicorn.Server(config).run(sockets=[listening])
    except KeyboardInterrupt:
        return  # how a person ends it


def _listening(port: int) -> socket.socket:
    """A socket that listens already: who comes before the server is up waits for it."""
    opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((LOOPBACK, port))
        opened.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        opened.close()
        if isinstance(error, OverflowError):
            raise BadInput(f"{port} is no port: --port takes 0 to 65535") from error
        why = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be used: {error.strerror}"
        raise BadInput(f"port {port} {why}; name another with --port N, or 0 for any") from error
    return opened


def _print_address(address: str) -> None:
    if sys.stderr.isatty():
        print(f"The page is at {address} (Ctrl-C ends it)", file=sys.stderr)
