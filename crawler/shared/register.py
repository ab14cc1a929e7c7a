"""Which markets the workers share, where they answer and when each is due."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

from crawler.shared.server import SharedServer, key

_MARKETS = "markets"
_RUNS = "runs"
_UNFINISHED_SECONDS = 600.0  # a run that left pages waiting (a gate, a limit) is worth another look soon


@dataclass(frozen=True, kw_only=True, slots=True)
class DueMarket:
    """A market to be crawled now, at its addresses, the best first."""

    market: str
    addresses: tuple[str, ...]


class MarketRegister:
    """The markets of all workers of one server."""

    def __init__(self, server: SharedServer) -> None:
        self._server = server

    def add(self, market: str, addresses: tuple[str, ...]) -> None:
        """Makes a market known to all workers; addresses known already are replaced."""
        with self._server.asked() as client:
            client.hset(key(_MARKETS), market, json.dumps(addresses))

    def addresses(self, market: str) -> tuple[str, ...]:
        """Where a market answers; empty for one that no worker has made known."""
        with self._server.asked() as client:
            return tuple(json.loads(client.hget(key(_MARKETS), market) or "[]"))

    def is_empty(self) -> bool:
        """Whether no worker has made a market known."""
        with self._server.asked() as client:
            return not client.hlen(key(_MARKETS))

    def begun(self, market: str) -> None:
        """A run goes on: if its worker dies, the market is due at once."""
        self._note(market, 0.0)

    def ended(self, market: str, waiting: int) -> None:
        """A run has ended, with so many pages left waiting."""
        self._note(market, time.time() + _UNFINISHED_SECONDS if waiting else None)

    def due(self, every: float | None) -> list[DueMarket]:
        """The markets nobody works on that are due.

        One that was crawled to its end is due again ``every`` seconds later; with None, never.
        """
        with self._server.asked() as client:
            addresses = client.hgetall(key(_MARKETS))
            runs = {market: json.loads(run) for market, run in client.hgetall(key(_RUNS)).items()}
            free = [market for market in sorted(addresses) if not client.exists(key("market", market, "lease"))]
        return [
            DueMarket(market=market, addresses=tuple(json.loads(addresses[market])))
            for market in free
            if _is_due(runs.get(market), every)
        ]

    def leased(self) -> int:
        """How many of the markets are being worked on."""
        with self._server.asked() as client:
            return sum(client.exists(key("market", market, "lease")) for market in client.hkeys(key(_MARKETS)))

    def _note(self, market: str, due: float | None) -> None:
        with self._server.asked() as client:
            client.hset(key(_RUNS), market, json.dumps({"noted": time.time(), "due": due}))


def _is_due(run: dict[str, Any] | None, every: float | None) -> bool:
    if run is None:
        return True
    if run["due"] is not None:
        return bool(run["due"] <= time.time())
    return every is not None and bool(run["noted"] + every <= time.time())
