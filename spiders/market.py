"""The spider that walks any market: reads each page, hands over its words, follows where it leads."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Self
from urllib.parse import urljoin

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.settings import BaseSettings

from config.profiles import Profile
from crawler.model.address import on_same_host
from crawler.model.page import Gate, Page, PageType
from crawler.model.reading import Received
from crawler.model.sighting import Capture, Sighting
from crawler.model.words import RawPage
from spiders.reader import SiteReader, Template, TemplateShelf

_ERRORS = 300  # also a redirect that may not be followed
_KINDS = ("listing", "category", "vendor")
_MOST_EARLY = 30  # of a site whose pages teach nothing more are read as they are


class MarketSpider(Spider):
    """Walks one market from its entry pages, passively: what it finds it reads, and nothing is sent.

    ``start_url`` may name the address on the command line (`scrapy crawl market -a start_url=…`); otherwise the
    addresses come from the setting ``ADDRESSES``. What the market taught is kept in the folder of the setting
    ``TEMPLATES``, and the next run begins with it. Pages read before a market's first lesson are kept in memory until
    they are read again with it.
    """

    name = "market"
    profile: Profile | None = None

    def __init__(self, start_url: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._start_url = start_url
        self._kept: str | None = None
        self._followed: set[tuple[str, str, str]] = set()
        self._early: dict[str, Received] = {}

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Names the market after the spider, unless the command line named it."""
        super().update_settings(settings)
        if not settings.get("MARKET"):
            settings.set("MARKET", cls.name, priority="spider")
        if cls.profile is not None:
            delay = 1 / cls.profile.pace if cls.profile.pace else 0
            settings.set("DOWNLOAD_DELAY", delay, priority="spider")
            settings.set("ROBOTSTXT_OBEY", cls.profile.keeps_to_robots, priority="spider")

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """The spider as Scrapy makes it; an address named on the command line is the market's accepted one."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        if spider._start_url:
            crawler.settings.set("ADDRESSES", [spider._start_url], priority="cmdline")
        return spider

    async def start(self) -> AsyncIterator[Any]:
        """The entry pages of the market."""
        addresses = self.settings.getlist("ADDRESSES")
        paths = (*self.profile.entry_paths, *self.profile.mirror_paths) if self.profile else ("",)
        for address in addresses[:1]:
            for path in paths:
                yield Request(urljoin(address, path), meta={"kind": "entry"}, dont_filter=True)

    def parse(self, response: Response, **_: Any) -> Iterator[Any]:
        """Requests for where the page leads, then the sighting itself, raw words only."""
        sighting = self.see(response)
        yield from self._follow(response, sighting.raw)
        yield sighting

    def see(self, response: Response) -> Sighting:
        """The page, raw words only; where it leads is in them and is not followed."""
        received = Received(
            body=response.body,
            url=response.url,
            content_type=(response.headers.get("Content-Type") or b"").decode("latin-1") or None,
            status=response.status,
        )
        capture: Capture | None = response.meta.get("capture")
        raw = self._read(received, capture)
        return Sighting(
            market=self.settings.get("MARKET") or self.name,
            url=response.url,
            time=capture.time if capture is not None else datetime.now(UTC),
            raw=raw,
            page=Page.of(raw),
            capture=capture,
            asked=response.meta.get("page_key"),
            expected=response.meta.get("kind"),
        )

    @cached_property
    def _shelf(self) -> TemplateShelf | None:
        folder = self.settings.get("TEMPLATES")
        return TemplateShelf(Path(folder)) if folder else None

    def waits(self, item: Sighting) -> bool:
        """Whether the page was read before the market taught a lesson, and there is none yet."""
        return self._is_early(item) and not self._site.knows_the_site

    def again(self, item: Sighting) -> RawPage | None:
        """What such a page says by the lesson, or at the end of a run by what there was to learn from.

        None for a page that was read with a lesson.
        """
        if not self._is_early(item) or item.capture is None:
            return None
        self._site.conclude()
        return self._taught(self._early.pop(item.capture.record_id))

    def _is_early(self, item: Sighting) -> bool:
        return item.capture is not None and item.capture.record_id in self._early

    @cached_property
    def _earlier(self) -> Template | None:
        """What the site taught earlier runs."""
        return self._shelf.current() if self._shelf else None

    @cached_property
    def _site(self) -> SiteReader:
        return SiteReader(profile=self.profile, earlier=self._earlier)

    @cached_property
    def _newcomer(self) -> SiteReader:
        return SiteReader(profile=self.profile, template=self._earlier or Template())

    def _read(self, received: Received, capture: Capture | None) -> RawPage:
        self._site.learn(received)
        if self._site.knows_the_site or capture is None or len(self._early) >= _MOST_EARLY:
            return self._taught(received)
        self._early[capture.record_id] = received
        return _or_error(self._newcomer.read(received), received)

    def _taught(self, received: Received) -> RawPage:
        """The page as the site's lesson reads it."""
        raw = self._site.read(received)
        if self._shelf is not None and raw.template != self._kept:
            self._shelf.keep(self._site.template)  # before any item says that it was read with it
            self._kept = raw.template
        return _or_error(raw, received)

    def _follow(self, response: Response, raw: RawPage) -> Iterator[Request]:
        mirrors = self.settings.getlist("ADDRESSES")
        found = [(kind, url) for kind in _KINDS for url in getattr(raw.links, kind)]
        if raw.links.next:
            found.append(("category", raw.links.next))
        for kind, link in found:
            url = on_same_host(link, response.url, mirrors)
            # A page links to the same ones as the pages before it: the frontier is asked once a run for each, and again
            # where another type of page leads there, for a link may be left because of the page it stands on.
            if url is not None and (kind, url, raw.page_type) not in self._followed:
                self._followed.add((kind, url, raw.page_type))
                yield Request(url, meta={"kind": kind}, headers={"Referer": response.url})


def _or_error(raw: RawPage, received: Received) -> RawPage:
    """What was read, or an error where the market's answer says so and the page does not."""
    if received.status >= _ERRORS and raw.gate is None:
        return RawPage(page_type=PageType.GATE.value, gate=Gate.ERROR.value, reader=raw.reader, gone=raw.gone)
    return raw
