"""The page of one substance: what a gram costs over time, who offers it, cheapest first."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from casework.page.exact import exactly
from casework.page.filters import Filter, Search, field_query
from casework.page.offers import Offer, offers_of, substances_of
from crawler.model.errors import BadInput
from index.folding import fold
from index.store import Body, Point, Store

_MOST_OFFERS = 100
_MOST_VALUES = 30
_FEWEST_POINTS = 3
_INTERVALS = ("week", "day", "hour")
_MEDIAN = 50.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Count:
    """A market or vendor with its offers of the substance; ``link`` leads to them, None where no search finds it."""

    value: str
    listings: int
    link: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SubstancePage:
    """All there is to see of one substance, prices in one currency at a time: nothing is converted.

    ``currencies`` are those its offers are priced in by the gram, with their offers, most first.
    """

    name: str
    substance: dict[str, Any]
    search_link: str
    total: int
    first_seen: Body
    markets: tuple[Count, ...]
    vendors: tuple[Count, ...]
    currencies: tuple[tuple[str, int], ...]
    currency: str
    interval: str
    points: tuple[Point, ...]
    offers: tuple[Offer, ...]
    offers_priced: int

    @property
    def chart(self) -> str:
        """The points as JSON for the chart: seconds since 1970, and lowest, median, highest price of a gram."""
        return json.dumps(
            {
                "unit": f"{self.currency}/g",
                "time": [int(point.time.timestamp()) for point in self.points],
                "low": [point.minimum for point in self.points],
                "median": [point.percentiles[_MEDIAN] for point in self.points],
                "high": [point.maximum for point in self.points],
            }
        )


def substance_page(store: Store, name: str, currency: str | None) -> SubstancePage | None:
    """The page of a substance in a currency (else the most common one), or None where nothing of it is offered."""
    if not fold(name):
        return None
    query = exactly(store, "substance", name)
    first = store.search(query, limit=1, sort="first_seen")
    if not first.total:
        return None
    counts = store.facets(query, ["market", "vendor", "price_per_gram_currency"], size=_MOST_VALUES)
    currencies = counts["price_per_gram_currency"]
    chosen = _chosen(currencies, currency)
    priced = field_query("price_per_gram_currency", chosen) if chosen else "price_per_gram:*"
    seen = exactly(store, "substance", name, kind="observation")
    interval, points = _points(store, f"{seen} {priced}")
    hits = store.search(f"{query} {priced}", limit=_MOST_OFFERS, sort="price_per_gram")
    return SubstancePage(
        name=name,
        substance=_named(first.bodies[0], name),
        search_link=_search(query, name).address(),
        total=first.total,
        first_seen=first.bodies[0],
        markets=_counts(_search(query, name), "market", counts["market"]),
        vendors=_counts(_search(query, name), "vendor", counts["vendor"]),
        currencies=tuple(currencies),
        currency=chosen,
        interval=interval,
        points=tuple(points),
        offers=tuple(offers_of(store, hits.bodies)),
        offers_priced=hits.total,
    )


def _search(query: str, name: str) -> Search:
    """The search for the substance: by a filter where that finds nothing else."""
    picked = Filter("substance", name)
    return Search(filters=(picked,)) if query == field_query("substance", name) else Search(words=query)


def _counts(search: Search, field: str, counts: list[tuple[str, int]]) -> tuple[Count, ...]:
    return tuple(Count(value=value, listings=listings, link=_link(search, field, value)) for value, listings in counts)


def _link(search: Search, field: str, value: str) -> str | None:
    return search.toggled(Filter(field, value)).address() if fold(value) else None


def _chosen(currencies: list[tuple[str, int]], asked: str | None) -> str:
    known = [name for name, _ in currencies]
    if asked and asked not in known:
        raise BadInput(f"no offer is priced in {asked[:10]!r} by the gram; there are {', '.join(known) or 'none'}")
    return asked or (known[0] if known else "")


def _points(store: Store, query: str) -> tuple[str, list[Point]]:
    """The prices as they were seen, by the widest interval that still shows a movement."""
    best: tuple[str, list[Point]] = (_INTERVALS[0], [])
    for interval in _INTERVALS:
        points = store.series(
            query,
            kind="observation",
            time_field="seen",
            value_field="price_per_gram",
            interval=interval,
            percentiles=[_MEDIAN],
        )
        if len(points) > len(best[1]):
            best = (interval, points)
        if len(points) >= _FEWEST_POINTS:
            break
    return best


def _named(body: Body, name: str) -> dict[str, Any]:
    """What the listing says of the substance; empty where it calls it by another name."""
    return next((each for each in substances_of(body) if fold(each["name"]) == fold(name)), {})
