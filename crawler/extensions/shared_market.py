"""Keeps a market's lease while it is crawled, and brings its state to the server that many machines share."""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.utils.defer import deferred_from_coro

from crawler.frontier.holds import hold, lift
from crawler.model.errors import LeaseLost, SharedStateUnavailable
from crawler.shared.register import MarketRegister
from crawler.shared.server import SharedServer
from crawler.shared.state import SharedState

_LOG = logging.getLogger(__name__)
_TICK = 1.0
_RENEW = 5.0
_LAST_SECONDS = 60.0
_WHO = "shared state"


class SharedMarket:
    """Takes the market's lease before its frontier is opened, and gives it up when all is flushed.

    Every closed page is brought to the server at once. While the server is away the market is held; nothing leaves for
    the market once the lease may have run out. A lease that another worker has taken ends the run.
    Settings: ``SHARED`` (the server's address), ``MARKET``, ``STATE``.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        if not settings.get("SHARED") or not settings.get("MARKET"):
            raise NotConfigured("no shared state")
        self._crawler = crawler
        self._market: str = settings["MARKET"]
        self._server = SharedServer(settings["SHARED"])
        self._state = SharedState(self._server, self._market, Path(settings["STATE"]))
        self._state.open()
        self._register = MarketRegister(self._server)
        if settings.getlist("ADDRESSES"):
            self._register.add(self._market, tuple(settings.getlist("ADDRESSES")))
        self._register.begun(self._market)
        settings.set("LEASE", self._state.lease, priority="cmdline")
        self._beat: asyncio.Task[None] | None = None
        self._wanted = False
        self._lost = False
        for receiver, signal in (
            (self._opened, signals.spider_opened),
            (self._closed_a_page, signals.item_scraped),
            (self._stopped, signals.engine_stopped),
        ):
            crawler.signals.connect(receiver, signal)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> SharedMarket:
        """The extension as Scrapy makes it, the lease taken. Raises HomeLocked when another worker has the market."""
        return cls(crawler)

    def _opened(self) -> None:
        self._beat = asyncio.ensure_future(self._keep())

    def _closed_a_page(self) -> None:
        """Flushes once the signal has reached everybody, so that the page is closed in the frontier by then."""
        if not self._wanted:
            self._wanted = True
            asyncio.get_running_loop().call_soon(self._flush)

    async def _keep(self) -> None:
        renewed = time.monotonic()
        while not self._lost:
            await asyncio.sleep(_TICK)
            if time.monotonic() - renewed >= _RENEW:
                renewed = time.monotonic()
                self._attempt(self._state.lease.renew)
            self._flush()

    def _flush(self) -> None:
        self._wanted = False
        if not self._lost:
            self._attempt(self._state.flush)

    def _attempt(self, work: Any) -> None:
        try:
            work()
            self._send(lift, who=_WHO)
        except SharedStateUnavailable as error:
            self._send(hold, who=_WHO, why=str(error))
        except LeaseLost as error:
            self._lost = True
            self._send(hold, who=_WHO, why=str(error))
            if self._crawler.engine is not None and self._crawler.spider is not None:
                deferred_from_coro(self._crawler.engine.close_spider_async(reason="another worker took over"))

    def _send(self, signal: object, **words: str) -> None:
        self._crawler.signals.send_catch_log(signal, **words)

    def _stopped(self) -> None:
        """The last flush waits for a server that is away; what it does not take, the next worker does again."""
        if self._beat is not None:
            self._beat.cancel()
        limit = time.monotonic() + _LAST_SECONDS
        while not self._lost:
            try:
                self._state.lease.renew()
                self._state.flush()
                self._register.ended(self._market, self._waiting())
                self._state.close()
                break
            except SharedStateUnavailable as error:
                if time.monotonic() > limit:
                    _LOG.error("%s; another worker will take over %s", error, self._market)
                    break
                time.sleep(_TICK)
            except LeaseLost as error:
                _LOG.warning("%s", error)
                break
        self._server.close()

    def _waiting(self) -> int:
        stats = self._crawler.stats
        return int(stats.get_value("frontier/waiting", 0)) if stats is not None else 0
