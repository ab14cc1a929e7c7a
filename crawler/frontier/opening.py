"""Opens the frontier an address names."""

from __future__ import annotations

from pathlib import Path

from crawler.frontier.frontier import Frontier
from crawler.frontier.ledger import Ledger, open_ledger
from crawler.model.errors import BadInput

_FILE = "sqlite:///"


def open_frontier(address: str | None, market: str) -> Frontier:
    """The market's frontier, this process's alone until it is closed; without an address nothing outlives it.

    Addresses: ``sqlite:////absolute/file.db``. Raises HomeLocked while another process works the market, BadInput for
    an address no frontier has.
    """
    if not address:
        return Ledger(None)
    if address.startswith(_FILE):
        return open_ledger(Path(address.removeprefix(_FILE)), market)
    raise BadInput(f"no frontier has the address {address!r}; name sqlite:////absolute/file.db")
