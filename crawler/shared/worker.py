"""A worker: takes markets that are due from the register and crawls each in a process of its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from crawler.home import Home
from crawler.model.errors import SharedStateUnavailable
from crawler.schedule.entry import Outcome
from crawler.schedule.process import CrawlProcess
from crawler.shared.register import DueMarket, MarketRegister

_LOOK_SECONDS = 1.0
_AFTER_FAILURE_SECONDS = 60.0


class StartsCrawls(Protocol):
    """Whoever starts the crawl of a market."""

    def start(self, market: str) -> CrawlProcess:
        """A crawl of a market."""


class Worker:
    """Crawls up to ``at_once`` markets side by side; those that other workers have are left to them."""

    def __init__(
        self,
        home: Home,
        register: MarketRegister,
        crawls: StartsCrawls,
        *,
        at_once: int,
        every: float | None,
        tell: Callable[[str, Outcome], None],
        warn: Callable[[str], None],
    ) -> None:
        self._home = home
        self._register = register
        self._crawls = crawls
        self._at_once = at_once
        self._every = every
        self._tell = tell
        self._warn = warn
        self._running: dict[str, CrawlProcess] = {}
        self._not_before: dict[str, float] = {}

    def run(self, asked_to_end: Callable[[], bool], *, until_done: bool) -> None:
        """Works until asked to end, or until no market is due and none is being worked on by any worker."""
        while not asked_to_end():
            self._reap()
            try:
                due = self._register.due(self._every)
                if until_done and not due and not self._running and not self._register.leased():
                    break
                self._begin(due)
            except SharedStateUnavailable as error:
                self._warn(f"{error}; trying again")
            time.sleep(_LOOK_SECONDS)
        self._end_all()

    def _begin(self, due: list[DueMarket]) -> None:
        for each in due:
            if len(self._running) >= self._at_once:
                return
            if each.market not in self._running and self._not_before.get(each.market, 0.0) <= time.monotonic():
                if self._home.addresses(each.market) != each.addresses:
                    self._home.remember_addresses(each.market, each.addresses)
                self._running[each.market] = self._crawls.start(each.market)

    def _reap(self) -> None:
        for market, process in list(self._running.items()):
            outcome = process.outcome()
            if outcome is not None:
                del self._running[market]
                if not outcome.printed:  # it did not get as far as a run: another worker was faster, or Tor is away
                    self._not_before[market] = time.monotonic() + _AFTER_FAILURE_SECONDS
                self._tell(market, outcome)

    def _end_all(self) -> None:
        for process in self._running.values():
            process.ask_to_end()
        while self._running:
            self._reap()
            time.sleep(_LOOK_SECONDS / 10)
