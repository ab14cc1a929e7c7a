"""Lets a request through to Tor, or refuses it by name."""

from __future__ import annotations

import logging

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest

from config.profiles import Profile, read_profiles
from crawler.model.errors import AddressRefused
from crawler.passage import check_address, proxy_for

_LOG = logging.getLogger(__name__)


class PassageMiddleware:
    """Checks each address, redirects' targets included, and gives the request its market's identity in Tor.

    Settings: ``TOR_SOCKS``, ``MARKET``. Only GET and HEAD pass: the tool is a reader.
    """

    def __init__(self, crawler: Crawler) -> None:
        market = crawler.settings.get("MARKET") or "visitor"
        self._profile: Profile | None = read_profiles().get(market)
        self._settings = crawler.settings
        self._market = market
        self._stats = crawler.stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> PassageMiddleware:
        """The middleware as Scrapy makes it."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Returns when the request may go. Raises IgnoreRequest, which names it, when it may not."""
        if request.method not in ("GET", "HEAD"):
            self._refuse(f"refused {request.method} {request.url!r}: only pages are read, nothing is sent")
        try:
            check_address(request.url, self._profile)
        except AddressRefused as error:
            self._refuse(str(error))
        socks = self._settings.get("TOR_SOCKS")
        if not socks:
            self._refuse(f"refused {request.url!r}: no Tor is attached")
        request.meta["proxy"] = proxy_for(socks, self._market)

    def _refuse(self, why: str) -> None:
        if self._stats is not None:
            self._stats.inc_value("guard/refused")
        _LOG.error(why)
        raise IgnoreRequest(why)
