"""All substances on offer: how many offers of each, and what a gram of it costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from statistics import median
from threading import Lock
from time import monotonic
from typing import Any

from casework.page.offers import substances_of
from crawler.model.errors import BadInput
from index.folding import fold
from index.store import Body, Store

MOST_READ = 20_000
_SECONDS_KEPT = 60.0
KINDS = {"": "all", "nps": "NPS", "emergent": "emergent", "other": "no NPS"}


@dataclass(frozen=True, kw_only=True, slots=True)
class GramPrice:
    """What a gram costs in one currency: the offers that say it, the lowest, the median, the highest."""

    currency: str
    offers: int
    lowest: float
    median: float
    highest: float


@dataclass(frozen=True, kw_only=True, slots=True)
class SubstanceRow:
    """A substance with its offers. Prices are those of listings that offer nothing else, most offers first."""

    name: str
    substance_class: str
    nps: bool
    emergent: bool
    offers: int
    prices: tuple[GramPrice, ...]

    @property
    def kind(self) -> str:
        """Which of the kinds it is."""
        if self.emergent:
            return "emergent"
        return "nps" if self.nps else "other"


@dataclass(frozen=True, kw_only=True, slots=True)
class SubstanceList:
    """The substances, most offers first, and how many listings of all were read for it."""

    rows: tuple[SubstanceRow, ...]
    read: int
    listings: int

    def of(self, kind: str, substance_class: str) -> tuple[SubstanceRow, ...]:
        """The rows of a kind and a class; empty strings take all. Raises BadInput for a kind there is not."""
        if kind not in KINDS:
            raise BadInput(f"no kind of substance {kind[:40]!r}; there are {', '.join(name for name in KINDS if name)}")
        return tuple(
            row
            for row in self.rows
            if kind in ("", row.kind) or (kind == "nps" and row.emergent)
            if substance_class in ("", row.substance_class)
        )

    def classes(self) -> list[tuple[str, int]]:
        """The classes with the number of their substances, most first."""
        counts = Counter(row.substance_class for row in self.rows if row.substance_class)
        return sorted(counts.items(), key=lambda each: (-each[1], each[0]))


class SubstanceLists:
    """The list of a store, made anew when listings came or went, and after a minute."""

    def __init__(self) -> None:
        self._made: tuple[float, SubstanceList] | None = None
        self._lock = Lock()

    def of(self, store: Store) -> SubstanceList:
        """The list."""
        with self._lock:
            listings = store.count("*")
            if not self._made or self._made[1].listings != listings or monotonic() - self._made[0] > _SECONDS_KEPT:
                self._made = (monotonic(), _list_of(store, listings))
            return self._made[1]


@dataclass(slots=True)
class _Tally:
    """What is counted of one substance while listings go by."""

    names: Counter[str] = field(default_factory=Counter)
    about: dict[str, Any] = field(default_factory=dict)
    prices: dict[str, list[float]] = field(default_factory=dict)


def _list_of(store: Store, listings: int) -> SubstanceList:
    tallies = _counted(islice(store.scan("*"), MOST_READ))
    rows = sorted((_row(tally) for tally in tallies.values()), key=lambda row: (-row.offers, row.name))
    return SubstanceList(rows=tuple(rows), read=min(listings, MOST_READ), listings=listings)


def _counted(bodies: Iterable[Body]) -> dict[str, _Tally]:
    tallies: dict[str, _Tally] = {}
    for body in bodies:
        found = {fold(each["name"]) or each["name"]: each for each in substances_of(body)}
        for key, each in found.items():
            tally = tallies.setdefault(key, _Tally())
            tally.names[each["name"]] += 1
            tally.about = tally.about or each
        if len(found) == 1:
            _count_price(tallies[next(iter(found))], body)
    return tallies


def _count_price(tally: _Tally, body: Body) -> None:
    price = body["offer"].get("price_per_gram")
    if price:
        tally.prices.setdefault(price["currency"], []).append(float(price["amount"]))


def _row(tally: _Tally) -> SubstanceRow:
    prices = (_price(currency, amounts) for currency, amounts in tally.prices.items())
    return SubstanceRow(
        name=tally.names.most_common(1)[0][0],
        substance_class=str(tally.about.get("class") or ""),
        nps=bool(tally.about.get("nps")),
        emergent=bool(tally.about.get("emergent")),
        offers=tally.names.total(),
        prices=tuple(sorted(prices, key=lambda price: (-price.offers, price.currency))),
    )


def _price(currency: str, amounts: list[float]) -> GramPrice:
    return GramPrice(
        currency=currency, offers=len(amounts), lowest=min(amounts), median=median(amounts), highest=max(amounts)
    )
