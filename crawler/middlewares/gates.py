"""Notices a gate on the very page it stands before: that page's content is not read, the page waits again."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, NotConfigured
from scrapy.http import Response

from crawler.desk.desk import Desk
from crawler.desk.door import answer_of
from crawler.desk.doorman import WALLS, Doorman
from crawler.desk.marks import is_signed_in, leads_to_sign_in
from crawler.desk.waiting import Patience
from crawler.frontier.holds import GIVEN_BACK, LEFT_OUT, PAGE_KEY
from crawler.middlewares.account import JAR, AccountCookies
from crawler.middlewares.capture import KEPT
from crawler.model.page import Gate, Page, PageType
from crawler.model.sighting import Sighting
from crawler.model.words import RawPage

_MOST_TIMES = 3
_MOST_IN_A_ROW = 20
_LEARNT_FROM = 3


class GateMiddleware:
    """Stands between spider and frontier: what a gate stood before is given back, and the doorman called.

    Settings: ``HOME``, ``SHARED``, ``MARKET``, and those of `Patience`.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._patience = Patience.of(crawler)
        self._doorman: Doorman | None = None
        self._stood_before: Counter[str] = Counter()
        self._in_a_row = 0
        self._signed_in_pages = 0
        crawler.signals.connect(self._opened, signals.spider_opened)
        crawler.signals.connect(self._closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> GateMiddleware:
        """The middleware as Scrapy makes it. Raises NotConfigured where no market is crawled."""
        if not crawler.settings.get("STATE"):
            raise NotConfigured("no market: nothing waits at the desk")
        return cls(crawler)

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """What the page gave; of a page a gate stands before, its sighting as a gate alone."""
        given = [each async for each in result]
        sightings = [each for each in given if isinstance(each, Sighting)]
        if self._doorman is not None and sightings and PAGE_KEY in response.meta:
            gate = self._gate(response, sightings[0])
            doubted = gate is None and self._is_visitors_version(self._doorman, response, sightings[0])
            if gate is not None or doubted:
                sighting = _as_gate(sightings[0], gate or Gate.LOGIN)
                given = [self._met(self._doorman, response, sighting, gate or Gate.LOGIN, doubted=doubted)]
            else:
                self._passed(self._doorman, response)
        for each in given:
            yield each

    def _opened(self) -> None:
        cookies = self._crawler.get_downloader_middleware(AccountCookies)
        if cookies is None:
            raise CloseSpider("cookies are switched off")
        desk = Desk(Path(self._crawler.settings["HOME"]), self._crawler.settings.get("SHARED"))
        self._doorman = Doorman(self._crawler, desk, cookies, self._patience)
        self._doorman.begin()

    def _closed(self, reason: str) -> None:
        if self._doorman is not None:
            self._doorman.end(finished=reason == "finished")

    def _gate(self, response: Response, sighting: Sighting) -> Gate | None:
        page = sighting.page
        if page.gate is not None:
            return page.gate if page.gate in WALLS else None
        led_there = "redirect_urls" in response.meta and leads_to_sign_in(response.url)
        return Gate.LOGIN if led_there and page.page_type is PageType.OTHER else None

    def _is_visitors_version(self, doorman: Doorman, response: Response, sighting: Sighting) -> bool:
        """Whether a page of the account shows what a visitor sees; without a marker, learnt from the pages before."""
        if sighting.page.gate is not None or doorman.session is None or not self._is_of_session_in_use(response):
            return False
        marker = doorman.door.marker
        signed_in = is_signed_in(response, marker)
        if signed_in:
            self._signed_in_pages += 1
        learnt = self._signed_in_pages >= _LEARNT_FROM and not doorman.marks_deceive
        return signed_in is False and (marker is not None or learnt)

    def _is_of_session_in_use(self, response: Response) -> bool:
        session = self._doorman.session if self._doorman else None
        return bool(response.meta.get(JAR) == (session.record.id if session else None))

    def _met(self, doorman: Doorman, response: Response, sighting: Sighting, gate: Gate, *, doubted: bool) -> Sighting:
        key = response.meta[PAGE_KEY]
        self._stood_before[key] += 1
        self._in_a_row += 1
        self._count("gates/asked_again")
        if self._stays_shut(doorman, key, gate):
            response.meta[LEFT_OUT] = f"{gate.value} stands before it"
            return sighting
        response.meta[GIVEN_BACK] = True
        of_others = gate in (Gate.LOGIN, Gate.CAPTCHA) and not self._is_of_session_in_use(response)
        stale = of_others or KEPT in response.flags
        if not stale:
            tell = doorman.doubts if doubted else doorman.met
            tell(answer_of(response, sighting, gate, doorman.door.marker), response.url)
        return sighting

    def _stays_shut(self, doorman: Doorman, key: str, gate: Gate) -> bool:
        """Whether the gate is this page's own: nobody will open it, or it stood there again and again."""
        if gate in doorman.dismissed and self._in_a_row > _MOST_IN_A_ROW:
            doorman.dismissed.discard(gate)
        return not doorman.waits and (doorman.is_dismissed(gate) or self._stood_before[key] >= _MOST_TIMES)

    def _passed(self, doorman: Doorman, response: Response) -> None:
        self._in_a_row = 0
        again = self._stood_before.pop(response.meta[PAGE_KEY], 0) > 0
        doorman.passed(again=again and not doorman.waits)

    def _count(self, name: str) -> None:
        if self._crawler.stats is not None:
            self._crawler.stats.inc_value(name)


def _as_gate(sighting: Sighting, gate: Gate) -> Sighting:
    raw = RawPage(
        page_type=PageType.GATE.value, gate=gate.value, reader=sighting.raw.reader, template=sighting.raw.template
    )
    return dataclasses.replace(sighting, raw=raw, page=Page(page_type=PageType.GATE, gate=gate))
