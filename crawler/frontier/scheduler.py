"""Scrapy's scheduler over the ledger."""

from __future__ import annotations

import logging
import time
from collections import deque
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from scrapy import Request, Spider, signals
from scrapy.core.scheduler import BaseScheduler
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.frontier.holds import Holds, Postponed, hold, lift
from crawler.frontier.ledger import Entry, Ledger
from crawler.frontier.lock import market_lock
from crawler.model.address import on_living_host

_LOG = logging.getLogger(__name__)
_KEY = "page_key"


class LedgerScheduler(BaseScheduler):
    """Hands out what waits in the market's ledger and closes each page when its item is safe, or it failed.

    While somebody holds the market (`crawler.frontier.holds`) nothing is handed out and the run goes on.
    Settings: ``LEDGER`` (path; without it nothing is remembered, as for `scrapy shell`), ``FRESH``,
    ``LIMIT_PAGES``, ``ADDRESSES`` (the market's addresses of today).
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self._path = Path(settings["LEDGER"]) if settings.get("LEDGER") else None
        self._fresh = settings.getbool("FRESH")
        self._limit = settings.getint("LIMIT_PAGES") or None
        self._addresses: list[str] = settings.getlist("ADDRESSES")
        self._handed_out = 0
        self._lock = ExitStack()
        self._again: deque[Request] = deque()
        self._holds = Holds()
        self._stats = crawler.stats
        self.ledger: Ledger
        self._spider: Spider
        for receiver, signal in (
            (self._item_scraped, signals.item_scraped),
            (self._item_lost, signals.item_error),
            (self._item_lost, signals.item_dropped),
            (self._spider_failed, signals.spider_error),
            (self._hold, hold),
            (self._lift, lift),
        ):
            crawler.signals.connect(receiver, signal)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> LedgerScheduler:
        """The scheduler as Scrapy makes it."""
        return cls(crawler)

    def open(self, spider: Spider) -> None:
        """Opens the ledger; an unfinished run goes on."""
        self._spider = spider
        if self._path is not None:
            self._lock.enter_context(market_lock(self._path.parent, spider.name))
        self.ledger = Ledger(self._path)
        resumed = self.ledger.begin(time.time(), fresh=self._fresh)
        self._count("frontier/resumed", int(resumed))
        self._count("frontier/planned", self.ledger.counts().waiting)

    def close(self, reason: str) -> None:
        """Writes the ledger's state into the stats and closes it."""
        counts = self.ledger.counts()
        self._count("frontier/waiting", counts.waiting)
        self._count("frontier/failed", counts.failed)
        self._count("frontier/known", counts.waiting + counts.read + counts.failed)
        self.ledger.close()
        self._lock.close()

    def has_pending_requests(self) -> bool:
        """Whether something waits that may still be handed out in this run, perhaps after a hold."""
        if self._holds or self._again:
            return True
        return not self._limit_reached() and self.ledger.peek()

    def enqueue_request(self, request: Request) -> bool:
        """Takes a new page into the ledger; a retry or redirect of a page in flight waits in memory."""
        if _KEY in request.meta or self._path is None:  # without a market (`scrapy shell`) requests stay as they are
            self._again.append(request)
            return True
        referer = (request.headers.get("Referer") or b"").decode("latin-1") or None
        kind = request.meta.get("kind", "entry")
        added = self.ledger.add(request.url, kind, referer, time.time())
        if added and self._stats is not None:
            self._stats.inc_value("frontier/added")
        return added

    def next_request(self) -> Request | None:
        """The next request, or None when nothing may be handed out now."""
        if self._holds:
            return None
        if self._again:
            return self._again.popleft()
        if self._limit_reached():
            return None
        entry = self.ledger.take()
        if entry is None:
            return None
        self._handed_out += 1
        return self._request(entry)

    def _request(self, entry: Entry) -> Request:
        headers = {"Referer": entry.referer} if entry.referer else None
        return Request(
            on_living_host(entry.url, self._addresses),
            callback=getattr(self._spider, "parse", None),
            errback=self._download_failed,
            headers=headers,
            meta={_KEY: entry.key, "kind": entry.kind},
            dont_filter=True,
        )

    def _limit_reached(self) -> bool:
        return self._limit is not None and self._handed_out >= self._limit

    def _hold(self, who: str, why: str) -> None:
        if self._holds.put(who, why):
            _LOG.warning("%s waits: %s", self._spider.name, why)
            if self._stats is not None:
                self._stats.inc_value(f"holds/{who}")

    def _lift(self, who: str) -> None:
        self._holds.lift(who)

    def _item_scraped(self, response: Response | None) -> None:
        if response is not None and _KEY in response.meta:
            self.ledger.read(response.meta[_KEY], response.url, time.time())

    def _item_lost(self, response: Response | None) -> None:
        if response is not None and _KEY in response.meta:
            self.ledger.fail(response.meta[_KEY], "its item was not kept; see the log", time.time())

    def _spider_failed(self, failure: Failure, response: Response) -> None:
        if _KEY in response.meta:
            self.ledger.fail(response.meta[_KEY], f"reading failed: {failure.value!r}", time.time())

    def _download_failed(self, failure: Failure) -> None:
        request: Any = getattr(failure, "request", None)
        if isinstance(failure.value, Postponed):
            self._postponed(request)
            return
        why = str(failure.value) or type(failure.value).__name__
        if self._stats is not None:
            self._stats.inc_value("pages/failed")
        if request is not None and _KEY in request.meta:
            self.ledger.fail(request.meta[_KEY], why, time.time())

    def _postponed(self, request: Any) -> None:
        self._handed_out -= 1
        self.ledger.give_back(request.meta[_KEY])

    def _count(self, name: str, value: int) -> None:
        if self._stats is not None:
            self._stats.set_value(name, value)
