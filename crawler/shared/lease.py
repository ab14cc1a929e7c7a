"""A market's lease: one worker at a time has it; it runs out when its worker dies."""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from redis.exceptions import WatchError

from crawler.model.errors import HomeLocked, LeaseLost, SharedStateUnavailable
from crawler.shared.server import SharedServer, key

SECONDS = 15.0
_TAKE = """
if redis.call('EXISTS', KEYS[1]) == 1 then return {0, redis.call('GET', KEYS[1])} end
local count = redis.call('INCR', KEYS[2])
local token = ARGV[1] .. ' ' .. count
redis.call('SET', KEYS[1], token, 'PX', ARGV[2])
return {1, token}
"""
# A server that was away may have let the lease run out; it is still ours when nobody has taken one since.
_RENEW = """
local holder = redis.call('GET', KEYS[1])
if holder == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
if holder or redis.call('GET', KEYS[2]) ~= ARGV[3] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""
_GIVE_UP = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


class Lease:
    """The right to work on a market, for a few seconds at a time.

    Its holder's own clock counts from before the server was asked, so that the holder stops before another may begin.
    """

    def __init__(self, server: SharedServer, market: str, seconds: float = SECONDS) -> None:
        self._server = server
        self._market = market
        self._seconds = seconds
        self._worker = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._keys = (key("market", market, "lease"), key("market", market, "leases"))
        self._token = ""
        self._until = 0.0

    def take(self) -> None:
        """Takes the lease. Raises HomeLocked, with the holder's name, when another has it."""
        asked = time.monotonic()
        with self._server.asked() as client:
            taken, token = client.eval(_TAKE, 2, *self._keys, self._worker, self._milliseconds())
        if not taken:
            holder = token.split(" ")[0]
            raise HomeLocked(f"{self._market} is being crawled by worker {holder}; wait for it or end it")
        self._token = token
        self._until = asked + self._seconds

    def renew(self) -> None:
        """Prolongs the lease. Raises LeaseLost when another worker has taken it."""
        asked = time.monotonic()
        count = self._token.rpartition(" ")[2]
        with self._server.asked() as client:
            renewed = client.eval(_RENEW, 2, *self._keys, self._token, self._milliseconds(), count)
        if not renewed:
            raise self._lost()
        self._until = asked + self._seconds

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Renews the lease from a thread of its own until the context is left, for work that takes longer."""
        over = threading.Event()

        def renew() -> None:
            while not over.wait(self._seconds / 3):
                with suppress(SharedStateUnavailable, LeaseLost):  # whoever writes next is told
                    self.renew()

        thread = threading.Thread(target=renew, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def check(self) -> None:
        """Returns while the lease is surely ours, by our own clock. Raises LeaseLost otherwise."""
        if time.monotonic() >= self._until:
            raise LeaseLost(f"the lease of {self._market} has run out unrenewed")

    def write(self, commands: list[tuple[Any, ...]]) -> None:
        """Runs all commands at the server or none, if the lease is ours there. Raises LeaseLost when it is not."""
        with self._server.asked() as client, client.pipeline() as line:
            try:
                line.watch(self._keys[0])
                if line.get(self._keys[0]) != self._token:
                    raise self._lost()
                line.multi()
                for command in commands:
                    line.execute_command(*command)
                line.execute()
            except WatchError as error:
                raise self._lost() from error

    def give_up(self) -> None:
        """Lets the next worker have the market."""
        with self._server.asked() as client:
            client.eval(_GIVE_UP, 1, self._keys[0], self._token)
        self._until = 0.0

    def _milliseconds(self) -> int:
        return int(self._seconds * 1000)

    def _lost(self) -> LeaseLost:
        self._until = 0.0
        return LeaseLost(f"another worker has taken over {self._market}")
