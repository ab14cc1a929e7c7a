"""A case at a glance: which substances at what price per gram, which vendors, from where to where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from casework.cases.case import Case
from casework.cases.rows import place_text

Body = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class PerGram:
    """Prices per gram in one currency: how many, the lowest, the median, the highest."""

    currency: str
    count: int
    lowest: float
    median: float
    highest: float


@dataclass(frozen=True, kw_only=True, slots=True)
class SubstanceRow:
    """A substance, its class, whether it is an NPS, how many listings offer it, and its prices per gram.

    Prices come from listings that offer nothing else, for a mixture's price says nothing of a part.
    """

    name: str
    substance_class: str
    nps: bool | None
    emergent: bool
    offers: int
    prices: tuple[PerGram, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class VendorRow:
    """A vendor's name on a market, how many listings of the case are theirs, and the keys their page shows."""

    market: str
    name: str
    offers: int
    fingerprints: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """From where to where, empty where the page does not say, with the cities named and the number of listings."""

    start: str
    goal: str
    cities: str
    offers: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Summary:
    """All three, most offers first."""

    substances: tuple[SubstanceRow, ...]
    vendors: tuple[VendorRow, ...]
    routes: tuple[Route, ...]


def summary_of(case: Case) -> Summary:
    """The summary of the listings an officer named."""
    bodies = [each.body for each in case.named("listing")]
    return Summary(substances=_substances(bodies), vendors=_vendors(case, bodies), routes=_routes(bodies))


def _substances(bodies: list[dict[str, Any]]) -> tuple[SubstanceRow, ...]:
    known: dict[str, Body] = {}
    offers: Counter[str] = Counter()
    prices: dict[str, dict[str, list[float]]] = {}
    for body in bodies:
        offer = body.get("offer") or {}
        named = {each["name"]: each for each in offer.get("substances") or ()}
        known = named | known
        offers.update(named.keys())
        per_gram = offer.get("price_per_gram")
        if len(named) == 1 and per_gram:
            by_currency = prices.setdefault(next(iter(named)), {})
            by_currency.setdefault(per_gram["currency"], []).append(float(per_gram["amount"]))
    rows = (
        SubstanceRow(
            name=name,
            substance_class=str(known[name].get("class", "")),
            nps=known[name].get("nps"),
            emergent=bool(known[name].get("emergent")),
            offers=count,
            prices=tuple(_per_gram(currency, found) for currency, found in sorted(prices.get(name, {}).items())),
        )
        for name, count in offers.items()
    )
    return tuple(sorted(rows, key=lambda row: (-row.offers, row.name)))


def _per_gram(currency: str, found: list[float]) -> PerGram:
    return PerGram(
        currency=currency, count=len(found), lowest=min(found), median=float(median(found)), highest=max(found)
    )


def _vendors(case: Case, bodies: list[dict[str, Any]]) -> tuple[VendorRow, ...]:
    offers = Counter((str(body["market"]), str(body["vendor"])) for body in bodies if body.get("vendor"))
    keys: dict[tuple[str, str], tuple[str, ...]] = {}
    for each in case.latest("vendor"):
        name = (str(each.body["market"]), str(each.body.get("name") or each.id))
        keys[name] = tuple(each.body.get("pgp_fingerprints") or ())
    rows = (
        VendorRow(market=market, name=name, offers=offers[market, name], fingerprints=keys.get((market, name), ()))
        for market, name in {**offers, **keys}
    )
    return tuple(sorted(rows, key=lambda row: (-row.offers, row.market, row.name)))


def _routes(bodies: list[dict[str, Any]]) -> tuple[Route, ...]:
    routes: Counter[tuple[str, str, str]] = Counter()
    for body in bodies:
        goals = ", ".join(filter(None, map(place_text, body.get("ships_to") or ())))
        routes[place_text(body.get("ships_from")), goals, ", ".join(map(str, body.get("cities") or ()))] += 1
    rows = (Route(start=key[0], goal=key[1], cities=key[2], offers=count) for key, count in routes.items())
    return tuple(sorted(rows, key=lambda row: (-row.offers, row.start, row.goal, row.cities)))
