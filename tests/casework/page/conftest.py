from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.opening import open_store
from index.store import Store
from tests.casework.page.desk import Desk
from tests.casework.page.made_market import made_documents
from tests.casework.page.served import served


@pytest.fixture(scope="session")
def made_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the captures of the invented markets, and their embedded index."""
    home = tmp_path_factory.mktemp("home")
    store = open_store(f"sqlite:///{home}/index.db")
    assert store.put(made_documents(home / "captures")) == ()
    store.close()
    return home


@pytest.fixture(scope="session")
def made_store(made_home: Path) -> Iterator[Store]:
    store = open_store(f"sqlite:///{made_home}/index.db")
    yield store
    store.close()


@pytest.fixture(scope="session")
def page_address(made_store: Store, made_home: Path) -> Iterator[str]:
    """The page over the invented markets, really served on a loopback port."""
    with served(made_store, made_home) as address:
        yield address


@pytest.fixture
def desk(made_home: Path, tmp_path: Path) -> Iterator[Desk]:
    """The page over a copy of the home, for one test to write into."""
    home = Path(shutil.copytree(made_home, tmp_path / "home"))
    store = open_store(f"sqlite:///{home}/index.db")
    with served(store, home) as address:
        yield Desk(address=address, home=home, store=store)
    store.close()
