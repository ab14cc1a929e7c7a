"""What all tests share: the services of a run, sites of our own behind onion addresses."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from crawler.tor.client import attach
from crawler.tor.endpoint import Endpoint
from tests.services import OWNER, RUN_FOLDER, shared_service
from tests.sites import Site, serve_site

# The same examples at every run of a landing, so that it fails for what was changed; elsewhere new ones are sought.
# No deadline anywhere: other tests share the processors.
settings.register_profile("landing", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None)
settings.load_profile("landing" if os.environ.get("CI") else "search")

pytest_plugins = ["tests.fixtures.elasticsearch", "tests.fixtures.redis", "tests.fixtures.spreading"]


def pytest_configure(config: pytest.Config) -> None:
    """Names the folder in which the run's shared services are found."""
    if not hasattr(config, "workerinput"):
        os.environ[RUN_FOLDER] = tempfile.mkdtemp(prefix="npswatch-tests-")
        os.environ[OWNER] = str(os.getpid())
    logging.getLogger("stem").propagate = False  # it reports each line it reads from a closing control port
    for name in ("NPSWATCH_HOME", "NPSWATCH_STORE", "NPSWATCH_TOR_SOCKS", "NPSWATCH_TOR_CONTROL"):
        os.environ.pop(name, None)
    os.environ["NPSWATCH_DESK_PATIENCE"] = "0s"  # no run waits for a person where no test plays one


@pytest.fixture(scope="session")
def tor() -> dict[str, str]:
    """Where the shared private Tor network's client and host answer."""
    return shared_service("tor")


@pytest.fixture(scope="session")
def elasticsearch_address() -> str:
    """The address of the shared Elasticsearch."""
    return str(shared_service("elasticsearch")["address"])


@pytest.fixture
def publish(tor: dict[str, str]) -> Iterator[Callable[[int], str]]:
    """Publishes a loopback port in the shared network; gives its address.

    The service is gone with the test: the host of hundreds would be busier with their circuits than with the last one.
    """
    host = attach(Endpoint.parse(tor["host_socks"], "host"), Endpoint.parse(tor["host_control"], "host"))
    with host:
        yield lambda port: f"http://{host.publish_onion(port).host}/"


@pytest.fixture
def site() -> Iterator[Site]:
    """A site on loopback that answers what the test tells it to."""
    with serve_site() as running:
        yield running


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An operator's home for one test."""
    return tmp_path / "home"
