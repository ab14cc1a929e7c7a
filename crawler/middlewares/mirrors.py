"""Asks for each page at the market's address that lives, and takes new addresses only from a list its key signed."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadCancelledError, IgnoreRequest, NotConfigured
from scrapy.http import Response

from config.profiles import Profile
from crawler.frontier.holds import Postponed
from crawler.home import Home, default_home
from crawler.mirrors.book import MirrorBook
from crawler.mirrors.living import Living
from crawler.model.address import page_key
from crawler.model.errors import MirrorsRefused

_LOG = logging.getLogger(__name__)


class MirrorsMiddleware:
    """Fails over to a market's next address when one is dead; the pages that failed there are asked for again.

    A page under one of the profile's ``mirror_paths`` is read as a signed list of mirrors.
    Settings: ``MARKET``, ``ADDRESSES``, ``HOME``.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self._stats = crawler.stats
        self._market: str = settings["MARKET"]
        self._profile: Profile | None = getattr(crawler.spidercls, "profile", None)
        self._book = MirrorBook(Home.at(Path(settings.get("HOME") or default_home())), self._market, self._profile)
        self._living = Living(settings.getlist("ADDRESSES"))
        self._lists = {page_key(path) for path in self._profile.mirror_paths} if self._profile else set()
        crawler.signals.connect(self._received, signals.response_received)
        crawler.signals.connect(self._closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> MirrorsMiddleware:
        """The middleware as Scrapy makes it. Raises NotConfigured where no market is crawled at known addresses."""
        if not crawler.settings.get("MARKET") or not crawler.settings.getlist("ADDRESSES"):
            raise NotConfigured("no market with known addresses")
        return cls(crawler)

    @property
    def address(self) -> str:
        """The address in use."""
        return self._living.current

    def process_request(self, request: Request) -> Request | None:
        """The request at the address that lives; a redirect goes where the market sends it."""
        moved = self._living.moved(request.url)
        if moved == request.url or request.meta.get("redirect_times"):
            return None
        return request.replace(url=moved)

    def process_response(self, request: Request, response: Response) -> Response:
        """The response unchanged; its address lives."""
        self._living.answered(request.url)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Raises Postponed when another address is to be tried; the exceptions here are those of a healthy Tor."""
        if isinstance(exception, IgnoreRequest | DownloadCancelledError):
            return
        before = self._living.current
        ask_elsewhere = self._living.failed(request.url)
        if self._living.current != before:
            _LOG.warning("%s: %s is dead (%s); going on at %s", self._market, before, exception, self._living.current)
            self._note("failovers", self._living.failovers)
        if ask_elsewhere:
            raise Postponed(f"{before} is dead") from exception

    def _received(self, response: Response) -> None:
        if page_key(response.url) not in self._lists:
            return
        try:
            new = self._book.accept(response.body)
        except MirrorsRefused as error:
            _LOG.warning("%s: %s", self._market, error)
            self._note("refused", error.reason)
            return
        self._living.addresses.extend(each for each in new if each not in self._living.addresses)
        self._note("accepted", len(new))
        _LOG.info("%s: a signed list of mirrors was accepted, %d addresses are new", self._market, len(new))

    def _closed(self) -> None:
        if self._living.failovers and self._living.answered_last is not None:
            self._book.lives(self._living.answered_last)

    def _note(self, name: str, value: Any) -> None:
        if self._stats is not None:
            self._stats.set_value(f"mirrors/{name}", value)
