from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from casework.page.server import build_app
from index.store import Store, open_store
from tests.casework.page.made_market import made_documents


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def store(home: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{home}/index.db")
    assert opened.put(made_documents(home / "captures")) == ()
    opened.refresh()
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def page_address(store: Store, home: Path) -> Iterator[str]:
    """The page, really served on a loopback port."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(build_app(store, home), log_config=None, lifespan="off", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listening.close()
