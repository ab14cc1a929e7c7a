"""Closes the guard before anything is fetched, in every Scrapy command: crawl, fetch, shell and view."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import scrapy.downloadermiddlewares.cookies as cookies
from scrapy import signals
from scrapy.crawler import Crawler
from tldextract import TLDExtract

from crawler.guard import GUARD, Address, pin_name
from crawler.home import Home, default_home
from crawler.model.errors import StoreUnavailable
from crawler.tor.client import TorClient, attach
from crawler.tor.endpoint import Endpoint
from crawler.tor.pool import kept

_PORTS = {"http": 9200, "https": 9200, "redis": 6379}


class ClosedGuard:
    """Attaches to the Tor that the settings name, or starts one, then lets this process reach nothing else.

    Settings: ``TOR_SOCKS``, ``TOR_CONTROL`` (HOST:PORT, optional), ``STORE`` (the index's address), ``SHARED`` (that of
    the state many machines share).
    """

    def __init__(self, crawler: Crawler) -> None:
        self._stack = ExitStack()
        self._crawler = crawler
        # Cookies need the list of public suffixes; the packed copy serves, fetching it would be a leak.
        cookies._split_domain = TLDExtract(suffix_list_urls=(), cache_dir=None)
        client = self._stack.enter_context(self._tor())
        crawler.settings.set("TOR_SOCKS", str(client.socks), priority="cmdline")
        if client.control is not None:
            crawler.settings.set("TOR_CONTROL", str(client.control), priority="cmdline")
        index, shared = crawler.settings.get("STORE"), crawler.settings.get("SHARED")
        GUARD.close(client.endpoints | _endpoints(index, "the index") | _endpoints(shared, "the shared state"))
        crawler.signals.connect(self._close, signals.engine_stopped)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ClosedGuard:
        """The extension as Scrapy makes it, the guard closed."""
        return cls(crawler)

    def _tor(self) -> TorClient:
        settings = self._crawler.settings
        if settings.get("TOR_SOCKS"):
            control = settings.get("TOR_CONTROL")
            return attach(
                Endpoint.parse(settings["TOR_SOCKS"], "TOR_SOCKS"),
                Endpoint.parse(control, "TOR_CONTROL") if control else None,
            )
        home = Home.at(Path(settings.get("HOME") or default_home()))
        return self._stack.enter_context(kept(home, settings.get("MARKET") or "visitor"))

    def _close(self) -> None:
        self._stack.close()


def _endpoints(address: str | None, what: str) -> frozenset[Address]:
    """Where a server of ours answers; none for the embedded index. Its name is looked up here, once."""
    parts = urlsplit(address or "")
    if parts.scheme not in _PORTS or not parts.hostname:
        return frozenset()
    try:
        return pin_name(parts.hostname, parts.port or _PORTS[parts.scheme])
    except OSError as error:
        raise StoreUnavailable(f"{what}'s name {parts.hostname} has no address: {error}") from error
