"""Keeps to a shop's robots.txt where its profile says so; fetched through Tor like every page."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.misc import load_object

from crawler.frontier.again import AskAgain, Forbidden

_AGENT = "npswatch"
_LONGEST_FILE = 512 * 1024
_LONGEST_DELAY = 60.0
_OWN = "robots"


class RobotsMiddleware:
    """Refuses what robots.txt forbids to all, and slows the market's pace down to its Crawl-delay, a minute at most.

    By RFC 9309: a file that is not there (4xx) forbids nothing; while it cannot be read nothing is fetched. Setting:
    ``ROBOTSTXT_OBEY``, which a profile's ``robots`` sets.
    """

    def __init__(self, crawler: Crawler) -> None:
        if not crawler.settings.getbool("ROBOTSTXT_OBEY"):
            raise NotConfigured("no robots.txt is kept to")
        self._crawler = crawler
        self._market: str = crawler.settings.get("MARKET") or "visitor"
        errors = [load_object(each) for each in crawler.settings.getlist("RETRY_EXCEPTIONS")]
        self._unread: tuple[type[Exception], ...] = (IgnoreRequest, OSError, *errors)
        self._rules: dict[str, asyncio.Task[Protego]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RobotsMiddleware:
        """The middleware as Scrapy makes it. Raises NotConfigured where no robots.txt is kept to."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Returns when the page may be fetched. Raises Forbidden when not, AskAgain while robots.txt is unreadable."""
        if request.meta.get(_OWN):
            return
        parts = urlsplit(request.url)
        site = f"{parts.scheme}://{parts.netloc}"
        if site not in self._rules:
            self._rules[site] = asyncio.ensure_future(self._fetched(site))
        try:
            rules = await asyncio.shield(self._rules[site])
        except AskAgain:
            self._rules.pop(site, None)
            raise
        if not rules.can_fetch(request.url, _AGENT):
            if self._crawler.stats is not None:
                self._crawler.stats.inc_value("robots/forbidden")
            raise Forbidden(f"robots.txt of the shop forbids {parts.path}")

    async def _fetched(self, site: str) -> Protego:
        engine: Any = self._crawler.engine
        request = Request(f"{site}/robots.txt", callback=NO_CALLBACK, meta={_OWN: True, "download_slot": self._market})
        try:
            response: Response = await engine.download_async(request)
        except self._unread as error:
            raise AskAgain(f"robots.txt could not be read: {error}") from error
        if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise AskAgain(f"robots.txt could not be read: status {response.status}")
        there = response.status < HTTPStatus.BAD_REQUEST
        rules = Protego.parse(response.body[:_LONGEST_FILE].decode("utf-8", "replace") if there else "")
        self._slow_down(engine, rules.crawl_delay(_AGENT))
        return rules

    def _slow_down(self, engine: Any, delay: float | None) -> None:
        own = self._crawler.settings.getfloat("DOWNLOAD_DELAY")
        if delay is None or delay <= own:
            return
        delay = min(float(delay), _LONGEST_DELAY)
        engine.downloader.per_slot_settings[self._market] = {"delay": delay, "concurrency": 1}
        if slot := engine.downloader.slots.get(self._market):
            slot.delay, slot.concurrency = delay, 1
