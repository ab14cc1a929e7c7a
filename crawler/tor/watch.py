"""Watches the Tor that carries a market: whether it works, whether it is still the same, how its circuits stand."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from crawler.model.errors import TorUnavailable
from crawler.tor.client import check_socks
from crawler.tor.control import Control
from crawler.tor.endpoint import Endpoint


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """How a Tor stands: whether it works, if not why; ``life`` counts the Tors met, one more after each death."""

    works: bool
    words: str
    life: int
    bootstrap: int | None = None
    version: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Circuits:
    """The circuits of one identity: how many stand, how old the oldest is in seconds, how many were ever seen."""

    standing: int
    oldest: float
    seen: int


class Watch:
    """Looks at one Tor; each method may block for as long as Tor takes to answer, so call it in a thread.

    ``client_keys`` (onion label → x25519 private key) are told to each Tor that is met.
    """

    def __init__(self, socks: Endpoint, control: Endpoint | None, client_keys: Mapping[str, str]) -> None:
        self._socks = socks
        self._control = control
        self._keys = dict(client_keys)
        self._connection: Control | None = None
        self._version: str | None = None
        self._life = 0
        self._seen: set[tuple[int, str]] = set()
        self._lock = threading.Lock()

    def look(self) -> Standing:
        """How Tor stands now; a connection that was lost is sought anew."""
        with self._lock:
            try:
                return self._standing()
            except TorUnavailable as error:
                return Standing(works=False, words=str(error), life=self._life)

    def circuits(self, users: frozenset[str]) -> Circuits | None:
        """The circuits of these SOCKS users; None while Tor does not answer or no control port is known."""
        with self._lock:
            if self._connection is None:
                return None
            try:
                found = [circuit for circuit in self._connection.circuits() if circuit.user in users]
            except TorUnavailable:
                return None
            self._seen.update((self._life, circuit.number) for circuit in found)
            now = datetime.now(UTC)
            ages = [(now - circuit.since).total_seconds() for circuit in found if circuit.since and circuit.built]
            return Circuits(standing=len(found), oldest=round(max(ages, default=0.0), 1), seen=len(self._seen))

    def renew(self, user: str) -> int:
        """How many circuits of one SOCKS user were closed, so that his next request builds new ones."""
        with self._lock:
            try:
                return self._connection.close_circuits(user) if self._connection is not None else 0
            except TorUnavailable:
                return 0

    def close(self) -> None:
        """Closes the control connection."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()

    def _standing(self) -> Standing:
        if self._control is None:
            check_socks(self._socks)
            return Standing(works=True, words="its SOCKS port answers", life=self._life)
        connection = self._connected(self._control)
        percent, words = connection.bootstrap()
        if percent < 100:
            sentence = f"Tor stands at {percent} % ({words})"
        elif not connection.network_up():
            sentence = "Tor hears nothing from its network: is this machine's line cut?"
        else:
            return self._told(works=True, words=words, percent=percent)
        return self._told(works=False, words=sentence, percent=percent)

    def _told(self, *, works: bool, words: str, percent: int) -> Standing:
        return Standing(works=works, words=words, life=self._life, bootstrap=percent, version=self._version)

    def _connected(self, control: Endpoint) -> Control:
        if self._connection is not None and self._connection.alive:
            return self._connection
        if self._connection is not None:
            self._connection.close()
            self._connection = None
            self._life += 1
        connection = Control(control)
        for label, key in self._keys.items():
            connection.add_client_key(label, key)
        self._connection, self._version = connection, connection.version()
        return connection
