"""A market whose truth is known, walked page by page; what a crawl would see of it goes through the real survey.

Of all items of its back end 29 % are deleted and 13 % hidden, as in a seized one; the rest show on category and vendor
pages. During a run listings appear and vanish, and pages fail.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from crawler.model.page import Gate, Listing, Page, PageType
from crawler.model.sighting import Capture, Sighting
from crawler.model.words import Links, RawCard, RawCount, RawPage
from pipelines.census import Census
from pipelines.documents import documents_of, listing_id
from pipelines.lifecycle import LifeRegister
from pipelines.survey import Findings, Survey

HOST = "http://simulated.onion"
DELETED, HIDDEN = 0.29, 0.13
_START = datetime(2026, 1, 1, tzinfo=UTC)
_NEVER = 2.0


@dataclass(kw_only=True)
class Item:
    """An item of the back end: visible from one moment of the run to another; hidden ones answer by address alone."""

    number: int
    category: int
    vendor: int
    born: float = -1.0
    dies: float = _NEVER
    hidden: bool = False

    def lives(self, now: float) -> bool:
        return self.born <= now < self.dies

    def listed(self, now: float) -> bool:
        return self.lives(now) and not self.hidden


@dataclass(kw_only=True)
class SimulatedMarket:
    """The market, and what a home keeps of it."""

    seed: int
    items: int = 700
    turnover: float = 0.03
    failing: float = 0.0
    page_size: int = 20
    all_items: list[Item] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.register, self.census = LifeRegister(None), Census(None)
        self.survey = Survey("m", self.census, self.register)
        self.runs = 0
        self.pages_of_a_run = 1.0
        for number in range(self.items):
            self._add(number)

    def _add(self, number: int, **life: float) -> None:
        chance = self.rng.random()
        category, vendor = int(self.rng.betavariate(1, 3) * 12), int(self.rng.betavariate(1, 2) * 40)
        item = Item(number=number, category=category, vendor=vendor, hidden=chance < HIDDEN and not life, **life)
        if not life and HIDDEN <= chance < HIDDEN + DELETED:
            item.dies = -0.5
        self.all_items.append(item)

    def stir(self) -> None:
        """Settles what is dead, and plans who appears and who vanishes in the next run."""
        for item in self.all_items:
            item.born, item.dies = -1.0, (_NEVER if item.lives(1.0) else -0.5)
        shown = [item for item in self.all_items if item.listed(0.0)]
        for item in shown:
            if self.rng.random() < self.turnover:
                item.dies = self.rng.random()
        for _ in range(sum(self.rng.random() < self.turnover for _ in shown)):
            self._add(len(self.all_items), born=self.rng.random())

    def visible_in_run(self) -> int:
        """The truth: listings any visitor could see at some moment of the run."""
        return sum(any(item.listed(at) for at in (0.0, max(0.0, item.born))) for item in self.all_items)

    def run(self, *, resumed: bool = False, until: float = _NEVER, blind: bool = False) -> Findings:
        """One run of a crawl: category pages with the listings they lead to, vendor pages, then what is due."""
        self.runs += 1
        self.census.begin(resumed=resumed)
        self.moment, self.until = 0, until
        self.documents: list[Any] = []
        if not blind:
            self._walk()
        self.pages_of_a_run = max(1.0, self.moment)
        with self.register.changing():
            finished = until >= _NEVER and not blind
            findings = self.survey.conclude(time=self._time().isoformat(), finished=finished, blind=blind)
        self.documents += findings.documents
        return findings

    def now(self) -> float:
        return min(1.0, self.moment / self.pages_of_a_run)

    def _walk(self) -> None:
        read: set[int] = set()
        for category in range(12):
            for shown in self._category(category):
                for item in shown:
                    if item.number not in read:
                        read.add(item.number)
                        self._listing(item)
        for vendor in range(40):
            self._vendor(vendor)
        known = {known.id for known in self.register.living()}
        for item in self.all_items:
            if item.number not in read and listing_id("m", self.key(item)) in known:
                self._listing(item)

    def _category(self, category: int) -> Iterator[list[Item]]:
        number = 0
        while True:
            now = self.now()
            of_it = [each for each in self.all_items if each.category == category and each.listed(now)]
            of_it.sort(key=lambda each: (-each.born, -each.number))
            shown = of_it[number * self.page_size : (number + 1) * self.page_size]
            more = len(of_it) > (number + 1) * self.page_size
            path = f"/c/{category}" + (f"?page={number + 1}" if number else "")
            following = f"{HOST}/c/{category}?page={number + 2}" if more else None
            if not self._page("category", path, shown, following, len(of_it)):
                return
            yield shown
            if not more:
                return
            number += 1

    def _vendor(self, vendor: int) -> None:
        now = self.now()
        shown = [each for each in self.all_items if each.vendor == vendor and each.listed(now)]
        self._page("vendor", f"/v/{vendor}", shown, None, None)

    def _page(self, kind: str, path: str, shown: list[Item], following: str | None, total: int | None) -> bool:
        if self.now() >= self.until:
            return False
        if self.rng.random() < self.failing:
            self._note(
                kind,
                path,
                RawPage(page_type="gate", gate="error", reader="1"),
                Page(page_type=PageType.GATE, gate=Gate.ERROR),
                500,
            )
            return False
        urls = tuple(HOST + self.key(each) for each in shown)
        raw = RawPage(
            page_type=kind,
            cards=tuple(RawCard(url=url, title="x") for url in urls),
            links=Links(listing=urls, next=following),
            counts=(RawCount(url=HOST + path, count=f"{total:,}"),) if total is not None else (),
            reader="1",
        )
        self._note(kind, path, raw, Page(page_type=PageType(kind)), 200)
        return True

    def _listing(self, item: Item) -> None:
        if self.now() >= self.until:
            return
        if self.rng.random() < self.failing:
            self._note(
                "listing",
                self.key(item),
                RawPage(page_type="gate", gate="error", reader="1"),
                Page(page_type=PageType.GATE, gate=Gate.ERROR),
                500,
            )
        elif item.lives(self.now()):
            page = Page(page_type=PageType.LISTING, listing=Listing(title=f"lot {item.number}"))
            self._note("listing", self.key(item), RawPage(page_type="listing", reader="1"), page, 200)
        else:
            self._note(
                "listing",
                self.key(item),
                RawPage(page_type="gate", gate="error", reader="1"),
                Page(page_type=PageType.GATE, gate=Gate.ERROR),
                404,
            )

    def _note(self, kind: str, path: str, raw: RawPage, page: Page, status: int) -> None:
        self.moment += 1
        capture = Capture(
            market="m", run=f"r{self.runs}", url=HOST + path, time=self._time(), status=status,
            payload_digest="sha256:00", record_id=f"<urn:{self.runs}:{self.moment}>", warc="m/r.warc.gz", offset=0,
            length=9,
        )  # fmt: skip
        sighting = Sighting(
            market="m", url=HOST + path, time=capture.time, raw=raw, page=page, capture=capture, expected=kind
        )
        self.documents += documents_of(sighting, self.register)
        self.survey.note(sighting)

    def _time(self) -> datetime:
        """A clock that jumps: no state may rest on it."""
        return _START + timedelta(days=self.rng.choice((-400, 0, 3)), seconds=self.moment)

    @staticmethod
    def key(item: Item) -> str:
        return f"/l/{item.number}"
