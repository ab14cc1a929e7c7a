"""Scrapy's scheduler over a market's frontier."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scrapy import Request, Spider, signals
from scrapy.core.scheduler import BaseScheduler
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.utils.misc import load_object
from twisted.python.failure import Failure

from config.profiles import Profile
from crawler.frontier.again import AskAgain, Forbidden
from crawler.frontier.frontier import Entry, Frontier
from crawler.frontier.holds import GIVEN_BACK, LEFT_OUT, PAGE_KEY, Holds, Postponed, hold, lift
from crawler.frontier.ledger import Ledger, open_ledger
from crawler.frontier.memory import Kept
from crawler.frontier.run import Arrival, MarketRun
from crawler.model.address import on_living_host
from crawler.model.errors import NoSpace
from crawler.model.sighting import Capture, Sighting
from crawler.model.signals import out_of_space

_LOG = logging.getLogger(__name__)
_KEY = PAGE_KEY


class LedgerScheduler(BaseScheduler):
    """Hands out what waits in the market's frontier and closes each page when its item is safe, or it failed.

    While somebody holds the market (`crawler.frontier.holds`) nothing is handed out and the run goes on.
    Settings: ``FRONTIER`` (a file; without it nothing is remembered, as for `scrapy shell`), ``MARKET``, ``FRESH``,
    ``LIMIT_PAGES``, ``ADDRESSES`` (the market's addresses of today), ``CONCURRENT_REQUESTS`` (the most in flight),
    ``RETRY_EXCEPTIONS``.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self._file: str | None = settings.get("FRONTIER")
        self._market: str = settings.get("MARKET") or "visitor"
        self._fresh = settings.getbool("FRESH")
        self._limit = settings.getint("LIMIT_PAGES") or None
        self._at_once = settings.getint("CONCURRENT_REQUESTS")
        self._addresses: list[str] = settings.getlist("ADDRESSES")
        self._come_to_nothing = tuple(load_object(each) for each in settings.getlist("RETRY_EXCEPTIONS"))
        self._again: deque[Request] = deque()
        self._crawler = crawler
        self._full = False
        self._told = 0.0
        self._holds = Holds()
        self._stats = crawler.stats
        self.frontier: Frontier
        self.run: MarketRun
        self._spider: Spider
        for receiver, signal in (
            (self._item_scraped, signals.item_scraped),
            (self._item_lost, signals.item_error),
            (self._item_lost, signals.item_dropped),
            (self._spider_failed, signals.spider_error),
            (self._answered, signals.response_received),
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
        self.frontier = open_ledger(Path(self._file), self._market) if self._file else Ledger(None)
        profile = getattr(spider, "profile", None) or Profile(name=self._market)
        self.run = MarketRun(self.frontier, profile, fresh=self._fresh, limit=self._limit, at_once=self._at_once)
        resumed = self.run.begin(time.time())
        self._count("frontier/resumed", int(resumed))
        self._count("frontier/planned", self.run.counts().waiting)

    def close(self, reason: str) -> None:
        """Writes the frontier's state into the stats and closes it."""
        counts = self.run.counts()
        self._count("frontier/asked", self.run.asked)
        self._count("frontier/waiting", counts.waiting)
        self._count("frontier/failed", counts.failed)
        self._count("frontier/known", counts.waiting + counts.read + counts.failed)
        self._count("frontier/traps", self.run.traps.report())
        self._count("frontier/dead", self.run.breaker.given_up)
        if counts.waiting and (why := self._kept(lambda: self.run.why_over(time.time()))):
            self._count("frontier/why_left", why)
        self._kept(self.run.end)
        if self._full:
            self.frontier.close()

    def has_pending_requests(self) -> bool:
        """Whether something waits that may still be handed out in this run, perhaps after a hold."""
        return bool(self._holds or self._again) or not self._kept(lambda: self.run.is_over(time.time()))

    def enqueue_request(self, request: Request) -> bool:
        """Takes a new page into the frontier; a redirect of a page in flight waits in memory."""
        if _KEY in request.meta or self._file is None:  # without a market (`scrapy shell`) requests stay as they are
            if self._holds and _KEY in request.meta:  # begins anew after the hold: a redirect may have led to its gate
                self._give_back(request.meta[_KEY])
                return False
            self._again.append(request)
            return True
        referer = (request.headers.get("Referer") or b"").decode("latin-1") or None
        kind, now = request.meta.get("kind", "entry"), time.time()
        added = bool(self._kept(lambda: self.run.found(request.url, kind, referer, now)))
        if added and self._stats is not None:
            self._stats.inc_value("frontier/added")
        return added

    def next_request(self) -> Request | None:
        """The next request, or None when nothing may be handed out now."""
        if self._holds:
            return None
        if self._again:
            return self._again.popleft()
        now = time.time()
        entry: Entry | None = self._kept(lambda: self.run.take(now))
        if entry is None:
            self._say_when_it_opens(now)
            return None
        return self._request(entry)

    def _request(self, entry: Entry) -> Request:
        memory = entry.memory
        headers = {"Referer": entry.referer, "If-None-Match": memory.etag, "If-Modified-Since": memory.last_modified}
        return Request(
            on_living_host(entry.url, self._addresses),
            callback=getattr(self._spider, "parse", None),
            errback=self._download_failed,
            headers={name: value for name, value in headers.items() if value},
            meta={
                _KEY: entry.key,
                "kind": entry.kind,
                "last_try": self.run.is_last_try(entry),
                "kept": memory.kept,
                "download_slot": self._market,  # one pace for a market, whatever its addresses
            },
            dont_filter=True,
        )

    def _hold(self, who: str, why: str) -> None:
        if self._holds.put(who, why):
            while self._again:
                self._give_back(self._again.popleft().meta[_KEY])
            _LOG.warning("%s waits: %s", self._spider.name, why)
            if self._stats is not None:
                self._stats.inc_value(f"holds/{who}")

    def _lift(self, who: str) -> None:
        self._holds.lift(who)

    def _answered(self) -> None:
        self.run.answered()

    def _item_scraped(self, item: Any, response: Response | None) -> None:
        if response is None or _KEY not in response.meta or not isinstance(item, Sighting):
            return
        key, now = response.meta[_KEY], time.time()
        if GIVEN_BACK in response.meta:
            self._give_back(key)
        elif LEFT_OUT in response.meta:
            self._count_failure(response.meta)
            self._kept(lambda: self.run.failed(key, response.meta[LEFT_OUT], now))
        else:
            self._kept(lambda: self.run.read(key, _arrival(item, response), now))

    def _item_lost(self, response: Response | None, failure: Failure | None = None) -> None:
        if response is not None and _KEY in response.meta:
            if failure is not None and isinstance(failure.value, NoSpace):
                self._stop(failure.value)
            self._fail(response.meta, "its item was not kept; see the log")

    def _spider_failed(self, failure: Failure, response: Response) -> None:
        if _KEY in response.meta:
            self._fail(response.meta, f"reading failed: {failure.value!r}")

    def _fail(self, meta: dict[str, Any], why: str) -> None:
        self._note_failure(meta)
        self._kept(lambda: self.run.failed(meta[_KEY], why, time.time()))

    def _note_failure(self, meta: dict[str, Any]) -> None:
        if self._stats is not None:
            self._stats.inc_value(f"pages/failed/{meta.get('kind')}")

    def _give_back(self, key: str) -> None:
        self._kept(lambda: self.run.give_back(key))

    def _kept(self, write: Callable[[], Any]) -> Any:
        """What a write to the frontier gave; None after the first that failed.

        From then on no page is closed: a link it led to may be among what could not be kept.
        """
        if self._full:
            return None
        try:
            return write()
        except NoSpace as error:
            self._stop(error)
            return None

    def _stop(self, error: NoSpace) -> None:
        self._full = True
        self._crawler.signals.send_catch_log(out_of_space, error=error)

    def _download_failed(self, failure: Failure) -> None:
        request: Any = getattr(failure, "request", None)
        key, why = request.meta[_KEY], str(failure.value) or type(failure.value).__name__
        if isinstance(failure.value, Postponed):
            self._give_back(key)
        elif isinstance(failure.value, Forbidden):
            self._kept(lambda: self.run.failed(key, why, time.time()))
        elif self._kept(lambda: self._is_tried_again(key, failure.value, why)) is False:
            self._count_failure(request.meta)

    def _count_failure(self, meta: dict[str, Any]) -> None:
        if self._stats is not None:
            self._stats.inc_value("pages/failed")
            self._note_failure(meta)

    def _is_tried_again(self, key: str, error: Any, why: str) -> bool:
        now = time.time()
        if isinstance(error, AskAgain) and error.wait:
            self.run.asked_to_wait(now, error.wait)
        if isinstance(error, (AskAgain, *self._come_to_nothing)):
            return self.run.came_to_nothing(key, why, now, error=isinstance(error, AskAgain))
        self.run.failed(key, why, now)
        return False

    def _say_when_it_opens(self, now: float) -> None:
        opens = self.run.opens_at(now)
        if opens > now and opens != self._told:
            self._told = opens
            _LOG.info("%s waits %.0f s for its hours, or because it does not answer", self._market, opens - now)

    def _count(self, name: str, value: Any) -> None:
        if self._stats is not None:
            self._stats.set_value(name, value)


def _arrival(item: Sighting, response: Response) -> Arrival:
    """What is to be remembered of a page; only a whole page with a capture can be asked for conditionally."""
    kept = _kept(item.capture) if item.capture is not None else None
    whole = response.status == 200 and kept is not None
    headers = response.headers
    return Arrival(
        url=response.url,
        raw=item.raw,
        body=response.body,
        etag=_text(headers.get("ETag")) if whole else None,
        last_modified=_text(headers.get("Last-Modified")) if whole else None,
        kept=kept if whole else None,
    )


def _text(value: bytes | None) -> str | None:
    return value.decode("latin-1") if value else None


def _kept(capture: Capture) -> Kept:
    return Kept(
        record_id=capture.refers_to or capture.record_id,
        warc=capture.warc,
        offset=capture.offset,
        length=capture.length,
    )
