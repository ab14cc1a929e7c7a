"""The pool: at most one Tor client a processor core, markets spread over them for good."""

from __future__ import annotations

import hashlib
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crawler.home import Home
from crawler.model.errors import TorUnavailable
from crawler.tor.client import BOOTSTRAP_SECONDS, Progress, TorClient, attach, tor_program
from crawler.tor.keeper import FAULT, LOG, kept_ports, start_keeper, used
from crawler.tor.torrc import read_tor_settings

_ATTACH_SECONDS = 30.0
_POLL_SECONDS = 0.1


def place_of(market: str, clients: int | None = None) -> int:
    """Which client of the pool carries a market: always the same on a machine with as many cores."""
    number = int.from_bytes(hashlib.sha256(market.encode()).digest()[:8], "big")
    return number % max(1, clients or os.cpu_count() or 1)


@contextmanager
def kept(
    home: Home, market: str, *, seconds: float = BOOTSTRAP_SECONDS, progress: Progress | None = None
) -> Iterator[TorClient]:
    """The Tor client of a market in this home, ready to build circuits.

    It is shared by all crawls of the home whose markets fall to it, and ends some seconds after the last one.
    Raises TorUnavailable when it does not start, BadInput for faults in ``tor.toml``.
    """
    tor_program()
    read_tor_settings(home.tor_settings).transport()
    folder = home.tor / str(place_of(market))
    with used(folder), _attached(folder, start_keeper(folder, home.tor_settings)) as client:
        client.wait_until_ready(seconds, progress)
        yield client


def _attached(folder: Path, keeper: subprocess.Popen[bytes]) -> TorClient:
    limit = time.monotonic() + _ATTACH_SECONDS
    while True:
        keeper.poll()  # reaped, when another keeps the folder already
        if (folder / FAULT).exists():
            raise TorUnavailable((folder / FAULT).read_text(encoding="utf-8"))
        try:
            if ports := kept_ports(folder):
                return attach(*ports)
        except TorUnavailable:
            if time.monotonic() > limit:
                raise
        if time.monotonic() > limit:
            raise TorUnavailable(f"Tor did not start within {_ATTACH_SECONDS:.0f} s; see {folder / LOG}")
        time.sleep(_POLL_SECONDS)
