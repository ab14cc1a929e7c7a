"""Scrapy's scheduler over the ledger."""

from __future__ import annotations

import logging
import time
from collections import deque
from typing import Any

from scrapy import Request, Spider, signals
from scrapy.core.scheduler import BaseScheduler
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.frontier.frontier import Entry, Frontier
from crawler.frontier.holds import Holds, Postponed, hold, lift
from crawler.frontier.opening import open_frontier
from crawler.frontier.revisit import due_again
from crawler.model.address import on_living_host

_LOG = logging.getLogger(__name__)
_KEY = "page_key"


class LedgerScheduler(BaseScheduler):
    """Hands out what waits in the market's frontier and closes each page when its item is safe, or it failed.

    While somebody holds the market (`crawler.frontier.holds`) nothing is handed out and the run goes on.
    Settings: ``FRONTIER`` (address; without it nothing is remembered, as for `scrapy shell`), ``MARKET``, ``FRESH``,
    ``LIMIT_PAGES``, ``ADDRESSES`` (the market's addresses of today).
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self._address: str | None = settings.get("FRONTIER")
        self._market: str = settings.get("MARKET") or "visitor"
        self._fresh = settings.getbool("FRESH")
        self._limit = settings.getint("LIMIT_PAGES") or None
        self._most_in_flight = settings.getint("CONCURRENT_REQUESTS")
        self._addresses: list[str] = settings.getlist("ADDRESSES")
        self._handed_out = 0
        self._again: deque[Request] = deque()
        self._holds = Holds()
        self._stats = crawler.stats
        self._flying: dict[str, Entry] = {}
        self.frontier: Frontier
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
        """Opens the frontier; an unfinished run goes on."""
        self._spider = spider
        self.frontier = open_frontier(self._address, self._market)
        resumed = self.frontier.begin(time.time(), fresh=self._fresh)
        self._count("frontier/resumed", int(resumed))
        self._count("frontier/planned", self.frontier.counts().waiting)

    def close(self, reason: str) -> None:
        """Writes the frontier's state into the stats and closes it."""
        counts = self.frontier.counts()
        self._count("frontier/waiting", counts.waiting)
        self._count("frontier/failed", counts.failed)
        self._count("frontier/known", counts.waiting + counts.read + counts.failed)
        self.frontier.close()

    def has_pending_requests(self) -> bool:
        """Whether something waits that may still be handed out in this run, perhaps after a hold."""
        if self._holds or self._again:
            return True
        return not self._limit_reached() and self.frontier.next_at() is not None

    def enqueue_request(self, request: Request) -> bool:
        """Takes a new page into the frontier; a retry or redirect of a page in flight waits in memory."""
        if _KEY in request.meta or self._address is None:  # without a market (`scrapy shell`) requests stay as they are
            self._again.append(request)
            return True
        referer = (request.headers.get("Referer") or b"").decode("latin-1") or None
        kind = request.meta.get("kind", "entry")
        added = self.frontier.add(request.url, kind, referer, time.time())
        if added and self._stats is not None:
            self._stats.inc_value("frontier/added")
        return added

    def next_request(self) -> Request | None:
        """The next request, or None when nothing may be handed out now."""
        if self._holds:
            return None
        if self._again:
            return self._again.popleft()
        if self._limit_reached() or len(self._flying) >= self._most_in_flight:
            return None
        entry = self.frontier.take(time.time())
        if entry is None:
            return None
        self._flying[entry.key] = entry
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
            entry, now = self._landed(response.meta[_KEY]), time.time()
            due = due_again(entry.kind, entry.memory, now)
            self.frontier.read(entry.key, response.url, entry.memory, due, now)

    def _item_lost(self, response: Response | None) -> None:
        if response is not None and _KEY in response.meta:
            self._fail(response.meta[_KEY], "its item was not kept; see the log")

    def _spider_failed(self, failure: Failure, response: Response) -> None:
        if _KEY in response.meta:
            self._fail(response.meta[_KEY], f"reading failed: {failure.value!r}")

    def _fail(self, key: str, why: str) -> None:
        entry, now = self._landed(key), time.time()
        self.frontier.fail(key, why, entry.memory, due_again(entry.kind, entry.memory, now), now)

    def _landed(self, key: str) -> Entry:
        return self._flying.pop(key)

    def _download_failed(self, failure: Failure) -> None:
        request: Any = getattr(failure, "request", None)
        if isinstance(failure.value, Postponed):
            self._postponed(request)
            return
        why = str(failure.value) or type(failure.value).__name__
        if self._stats is not None:
            self._stats.inc_value("pages/failed")
        if request is not None and _KEY in request.meta:
            self._fail(request.meta[_KEY], why)

    def _postponed(self, request: Any) -> None:
        self._handed_out -= 1
        self.frontier.give_back(self._landed(request.meta[_KEY]).key)

    def _count(self, name: str, value: int) -> None:
        if self._stats is not None:
            self._stats.set_value(name, value)
