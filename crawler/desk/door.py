"""The door of a market: its entry page, asked for once to see whether it lets in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.desk.marks import is_signed_in
from crawler.desk.sessions import Session
from crawler.desk.shown import asked_wait, refresh_target, text_of
from crawler.middlewares.account import ACCOUNT, TRIED
from crawler.middlewares.mirrors import MirrorsMiddleware
from crawler.model.address import page_key
from crawler.model.page import Gate
from crawler.model.sighting import Sighting


class DoorUnreachable(Exception):
    """Nothing came back from the entry page. Raised by ``Door``; says nothing about the market or a session."""


class Reader(Protocol):
    """A spider, as far as the door needs one."""

    def see(self, response: Response) -> Sighting:
        """The page, raw words only."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What stood at the door: a gate or none, whether the page is one for somebody signed in, what it asks for.

    ``wait`` is in seconds, ``leads_to`` where the page goes on by itself.
    """

    gate: Gate | None
    signed_in: bool | None
    shows: str
    wait: float | None
    leads_to: str | None
    sighting: Sighting


def answer_of(response: Response, sighting: Sighting, gate: Gate | None, selector: str | None) -> Answer:
    """What a response that was read says as an answer of the door."""
    return Answer(
        gate=gate,
        signed_in=is_signed_in(response, selector),
        shows=text_of(response) if gate is not None else "",
        wait=asked_wait(response, datetime.now(UTC)),
        leads_to=refresh_target(response),
        sighting=sighting,
    )


class Door:
    """Asks for a market's entry page, outside the frontier, where the market is read now.

    What comes back is kept and indexed as any page.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._profile: Any = getattr(crawler.spider, "profile", None)
        self.marker: str | None = self._profile.signed_in if self._profile else None

    @property
    def entries(self) -> tuple[str, ...]:
        """The addresses of the entry pages, the first is the door."""
        paths = self._profile.entry_paths if self._profile else ("",)
        mirrors = self._crawler.get_downloader_middleware(MirrorsMiddleware)
        return tuple(urljoin(mirrors.address, path) for path in paths) if mirrors is not None else ()

    @property
    def host(self) -> str:
        """The host of the address in use; empty where none is known."""
        entries = self.entries
        return (urlsplit(entries[0]).hostname or "").lower() if entries else ""

    def is_at(self, url: str) -> bool:
        """Whether an address is that of an entry page."""
        return page_key(url) in {page_key(entry) for entry in self.entries}

    async def ask(self, session: Session | None = None, url: str | None = None) -> Answer:
        """What stands at the door, or at the address named, for a session or a visitor. Raises DoorUnreachable."""
        engine, spider = self._crawler.engine, self._crawler.spider
        if engine is None or spider is None or not self.entries:
            raise DoorUnreachable("the run has no entry page")
        slot = self._crawler.settings["MARKET"]  # the market's pace holds here too
        meta = {TRIED: session, "kind": "entry", "download_slot": slot}
        request = Request(url or self.entries[0], meta=meta, dont_filter=True)
        try:
            response = await engine.download_async(request)
        except Exception as error:  # whatever stops a download, it is no word of the market
            raise DoorUnreachable(str(error)) from error
        made_with = response.request.meta if response.request is not None else {}
        if session is not None and ACCOUNT not in made_with:
            raise DoorUnreachable("the market answers at a host that the session is not for")
        reader: Reader = spider  # type: ignore[assignment]  # every spider of ours can see
        sighting = reader.see(response)
        if self._crawler.stats is not None:
            self._crawler.stats.inc_value("desk/asked")
            if sighting.page.gate is not None:
                self._crawler.stats.inc_value("gates/asked_again")
        await engine.scraper.start_itemproc_async(sighting, response=response)
        return answer_of(response, sighting, sighting.page.gate, self.marker)
