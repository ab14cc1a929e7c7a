"""What a run says of its market: which listings hid, went or came back, and how much of the market it saw."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from crawler.model.address import page_key
from crawler.model.page import Gate, PageType
from crawler.model.sighting import Document, Sighting
from pipelines.census import LISTS, VENDORS, Census, Walk
from pipelines.documents import capture_id, life_event, listing_id
from pipelines.estimate import Estimate, Look, estimate
from pipelines.lifecycle import GONE, GONE_AFTER, HIDDEN, SEEN, Known, LifeRegister

_GONE_STATUSES = (404, 410)
_FEW = 5
_PASSES_OF_A_MARKET = 5
_SOURCES = {"category": LISTS, "entry": LISTS, "vendor": VENDORS}


@dataclass(frozen=True, kw_only=True, slots=True)
class Findings:
    """The outcome of a run: documents of the listings whose state turned, and the figures of its run document."""

    documents: tuple[Document, ...] = ()
    figures: dict[str, Any] = field(default_factory=dict)


class Survey:
    """Notes every page of a run and draws the balance at its end. Raises NoSpace where its files cannot be written."""

    def __init__(self, market: str, census: Census, register: LifeRegister) -> None:
        self._market = market
        self._census = census
        self._register = register
        self._said_gone: set[str] = set()

    def note(self, sighting: Sighting) -> None:
        """Takes in what a page says of lists and listings."""
        moment = self._census.turn_page()
        page = sighting.asked or page_key(sighting.url)
        page_type = sighting.page.page_type
        if page_type is PageType.GATE:
            self._note_gate(sighting, page, moment)
        elif page_type is PageType.LISTING:
            alias = listing_id(self._market, sighting.asked) if sighting.asked else None
            self._census.opened(listing_id(self._market, page_key(sighting.url)), alias)
        elif (source := _source_of(sighting)) is not None:
            self._note_list(sighting, page, source, moment)

    def conclude(self, *, time: str, finished: bool, blind: bool) -> Findings:
        """The balance of the run. ``finished``: nothing was left to read; a blind run says nothing of any listing.

        What it changes in the register lasts once the caller's transaction (`LifeRegister.changing`) ends.
        """
        complete = self._census.end(finished=finished and not blind)
        turned: dict[str, list[Document]] = {GONE: [], HIDDEN: [], SEEN: []}
        unreached = 0
        for known, state in self._verdicts(complete=complete, blind=blind):
            if state is None:
                unreached += 1
            else:
                turned[state] += self._turn(known, state, time)
        figures = {
            "listings/gone": len(turned[GONE]) // 2,
            "listings/hidden": self._register.count(HIDDEN),
            "listings/unreached": unreached,
            "coverage": self._coverage(complete=complete),
        }
        return Findings(documents=tuple(each for group in turned.values() for each in group), figures=figures)

    def _note_gate(self, sighting: Sighting, page: str, moment: int) -> None:
        gone = _says_gone(sighting)
        source = _SOURCES.get(sighting.expected or "")
        if source is None and gone:
            for key in {page, page_key(sighting.url)}:
                id_ = listing_id(self._market, key)
                self._said_gone.add(id_)
                self._register.said_gone(id_, capture_id(sighting))
        elif source is not None and gone:
            self._census.walked(
                page, source, None, (), moment
            )  # a list that is no more shows nothing; it has not failed
        elif source is not None:
            self._census.failed(page, source, moment)

    def _note_list(self, sighting: Sighting, page: str, source: str, moment: int) -> None:
        raw = sighting.raw
        urls = {*(card.url for card in raw.cards), *raw.links.listing}
        ids = {listing_id(self._market, page_key(url)) for url in urls}
        following = page_key(raw.links.next) if raw.links.next else None
        self._census.walked(page, source, following, ids, moment)
        for contradicted in ids & self._said_gone:
            self._said_gone.discard(contradicted)
            self._register.said_gone(contradicted, None)
        for count in raw.counts if source == LISTS else ():
            own = page_key(count.url) == page_key(sighting.url)
            self._census.counted(page if own else page_key(count.url), int(re.sub(r"\D", "", count.count)))

    def _verdicts(self, *, complete: bool, blind: bool) -> Iterator[tuple[Known, str | None]]:
        """Each living listing whose state turns, with the next; those of which the run says nothing, with None."""
        shown, opened = self._census.shown_ids(), self._census.opened_ids()
        living = list(self._register.living())
        saying = sum(known.says_gone is not None for known in living)
        trusted = not blind and saying <= max(_FEW, len(opened))
        for known in living:
            if known.says_gone is not None and trusted:
                yield known, GONE
            elif known.id in shown:
                self._register.shown(known.id)
                if known.state == HIDDEN:
                    yield known, SEEN
            elif known.id in opened:
                if complete and known.state != HIDDEN:
                    yield known, HIDDEN
            elif complete and known.state != HIDDEN and self._register.missed(known.id) >= GONE_AFTER:
                yield known, GONE
            else:
                yield known, None

    def _turn(self, known: Known, state: str, time: str) -> list[Document]:
        body = self._register.turned(known.id, state)
        return life_event(known.id, body, time, known.says_gone if state == GONE else None)

    def _coverage(self, *, complete: bool) -> dict[str, Any]:
        walks = self._census.walks()
        of_run = estimate([_look(walk) for walk in walks])
        passes = [
            {"source": walk.source, "seen": len(walk.seen), "pages": walk.pages, "failed": walk.failed}
            for walk in walks
        ]
        said = _plain(of_run) | {"complete": complete, "passes": passes}
        if (printed := self._census.printed()) is not None and printed.counted:
            share = round(printed.seen / printed.counted, 4)
            said["printed"] = {"lists": printed.lists, "counted": printed.counted, "seen": printed.seen, "share": share}
            said.setdefault("share", share)
        if (of_market := self._market_estimate()) is not None:
            said["market"] = of_market
        return said

    def _market_estimate(self) -> dict[str, Any] | None:
        """The same over the last complete passes: listings visible at any time between the first and the last."""
        passes = self._census.complete_passes(_PASSES_OF_A_MARKET)
        if len(passes) < 2:
            return None
        moments = [n / (len(passes) - 1) for n in range(len(passes))]
        looks = [Look(name=f"{at:.2f}", seen=seen, at=at, opening=at) for at, seen in zip(moments, passes, strict=True)]
        return _plain(estimate(looks)) | {"passes": len(passes)}


def _source_of(sighting: Sighting) -> str | None:
    """The source a page with several listings belongs to; None for a page that is no list."""
    page_type, raw = sighting.page.page_type, sighting.raw
    if page_type is PageType.VENDOR:
        return VENDORS
    if page_type is PageType.CATEGORY or sighting.expected == "category" or raw.cards:
        return LISTS
    return None


def _says_gone(sighting: Sighting) -> bool:
    status = sighting.capture.status if sighting.capture is not None else None
    return sighting.page.gate is Gate.ERROR and (status in _GONE_STATUSES or sighting.raw.gone)


def _look(walk: Walk) -> Look:
    asked = walk.pages + walk.failed
    return Look(
        name=walk.source,
        seen=walk.seen,
        at=walk.at,
        opening=walk.opening,
        reach=walk.pages / asked,
        cluster=len(walk.seen) / walk.pages if walk.failed else 1.0,
    )


def _plain(said: Estimate) -> dict[str, Any]:
    fields: dict[str, Any] = {"seen": said.seen, "low": said.low, "method": said.method}
    if said.total is not None and said.share is not None:
        fields |= {"estimate": said.total, "high": said.high, "share": round(said.share, 4)}
    return fields
