"""Parser health: how often each field of a market is filled, and when that changes."""

from __future__ import annotations

import dataclasses
from collections import Counter
from dataclasses import dataclass, field

from crawler.model.page import PageType
from crawler.model.words import RawPage

_FEWEST = 10
_FALL = 0.4
_GATE_SHARE = 0.8
_SAME_SHARE = 0.9
_WATCHED = {
    "listing": ("title", "vendor", "price", "category", "ships_from", "ships_to", "stock", "rating", "description"),
    "vendor": ("name", "description", "joined", "rating"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class FillRates:
    """How many pages of each type were read, how often each field was filled, and how alike the titles were.

    ``filled`` counts by ``listing.title``; ``gates`` are pages that were gates instead of content; ``same`` is the
    largest share of listings with one and the same title.
    """

    pages: dict[str, int] = field(default_factory=dict)
    filled: dict[str, int] = field(default_factory=dict)
    gates: dict[str, int] = field(default_factory=dict)
    same: float = 0.0

    def rate(self, name: str) -> float | None:
        """The share of its pages that fill a field, None before there are enough pages to say."""
        pages = self.pages.get(name.partition(".")[0], 0)
        return self.filled.get(name, 0) / pages if pages >= _FEWEST else None


class Health:
    """Counts the pages of one run of one market."""

    def __init__(self) -> None:
        self._pages: Counter[str] = Counter()
        self._filled: Counter[str] = Counter()
        self._gates: Counter[str] = Counter()
        self._titles: Counter[str] = Counter()

    def count(self, raw: RawPage) -> None:
        """Adds a page."""
        self._pages[raw.page_type] += 1
        if raw.gate:
            self._gates[raw.gate] += 1
        if raw.listing and raw.listing.title:
            self._titles[raw.listing.title.text] += 1
        for part, names in _WATCHED.items():
            item = getattr(raw, part)
            if item is not None and raw.page_type == part:
                self._filled.update(f"{part}.{name}" for name in names if getattr(item, name))

    def rates(self) -> FillRates:
        """The counts so far."""
        titles = self._titles.total()
        same = self._titles.most_common(1)[0][1] / titles if titles >= _FEWEST else 0.0
        return FillRates(pages=dict(self._pages), filled=dict(self._filled), gates=dict(self._gates), same=same)


def drift(before: FillRates, now: FillRates) -> tuple[str, ...]:
    """What went wrong since the rates before, one sentence an alarm; empty when nothing did."""
    alarms = [f"{name} was on {was:.0%} of pages, now on {rate:.0%}" for name, was, rate in _fallen(before, now)]
    pages = sum(now.pages.values())
    gates = now.pages.get(PageType.GATE.value, 0)
    if pages >= _FEWEST and gates >= pages * _GATE_SHARE:
        most = max(now.gates, key=lambda gate: now.gates[gate])
        alarms.append(f"{gates} of {pages} pages are gates, most of them {most}")
    if now.same >= _SAME_SHARE:
        alarms.append(f"{now.same:.0%} of listings have the same title")
    return tuple(alarms)


def _fallen(before: FillRates, now: FillRates) -> list[tuple[str, float, float]]:
    found = []
    for name in sorted(before.filled):
        was, rate = before.rate(name), now.rate(name)
        if was is not None and rate is not None and was - rate >= _FALL:
            found.append((name, was, rate))
    return found


def as_table(rates: FillRates) -> dict[str, object]:
    """The rates as plain values, to be kept with a run."""
    return dataclasses.asdict(rates)
