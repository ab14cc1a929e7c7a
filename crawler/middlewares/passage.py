"""Lets a request through to Tor, or refuses it by name."""

from __future__ import annotations

import logging
from typing import NoReturn

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest

from config.profiles import Profile, read_profiles
from crawler.middlewares.account import ACCOUNT
from crawler.model.errors import AddressRefused
from crawler.passage import VISITOR, check_address, onion_of, proxy_for

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
        self._known = {onion_of(address) for address in crawler.settings.getlist("ADDRESSES")}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> PassageMiddleware:
        """The middleware as Scrapy makes it."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Returns when the request may go. Raises IgnoreRequest, which names it, when it may not."""
        if request.method not in ("GET", "HEAD"):
            self._refuse(f"refused {request.method} {request.url!r}: only pages are read, nothing is sent")
        try:
            host = check_address(request.url, self._profile)
        except AddressRefused as error:
            self._refuse(str(error))
        if self._known and onion_of(request.url) not in self._known and not self._is_clear_net(host):
            self._refuse(
                f"refused {request.url!r}: no accepted address of {self._market} (a clone?); "
                f"accept one with: npswatch market mirrors {self._market} add URL"
            )
        socks = self._settings.get("TOR_SOCKS")
        if not socks:
            self._refuse(f"refused {request.url!r}: no Tor is attached")
        request.meta["proxy"] = proxy_for(socks, self._market, request.meta.get(ACCOUNT, VISITOR))

    def _is_clear_net(self, host: str) -> bool:
        return self._profile is not None and host in self._profile.clear_net

    def _refuse(self, why: str) -> NoReturn:
        if self._stats is not None:
            self._stats.inc_value("guard/refused")
        _LOG.error(why)
        raise IgnoreRequest(why)
