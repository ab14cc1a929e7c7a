"""Parser health: how often each field of a market is filled, and when that changes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any
from urllib.parse import urlsplit

from crawler.model.page import PageType
from crawler.model.sighting import Sighting

FEWEST = 10
"""So many pages are needed before anything is said of a share of them."""
FALL = 0.4
"""A share that fell by so much is an alarm."""
SAME = "same"
SAME_SHARE = 0.9
"""Of the listings of a market no such share says the same."""
_GATE_SHARE = 0.8
PROMISED = 0.8
"""So many of the pages linked as a kind, or at an address shape, are that kind where a link or shape says anything."""
_MOST_SHAPES = 300
_LONGEST_SHAPE = 120
_MOST_SIGNATURES = 5_000
WATCHED = {
    "listing": ("title", "vendor", "price", "category", "ships_from", "ships_to", "stock", "rating", "description"),
    "vendor": ("name", "description", "joined", "rating"),
}
CORE = frozenset({"listing.title", "listing.vendor", "listing.price", "vendor.name"})
"""Fields whose loss is told while a run goes on, not only at its end."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FillRates:
    """How many pages of each type were read, how often each field was filled, and how alike they were.

    ``filled`` counts by ``listing.title``; ``gates`` are pages that were gates instead of content; ``linked`` counts
    pages by what the link to them promised, ``as_linked`` those that were it; ``shapes`` counts pages by the shape of
    their address, ``of_shape`` by shape and type (``/item/# listing``); ``same`` is the largest share of listings that
    say the same.
    """

    pages: dict[str, int] = field(default_factory=dict)
    filled: dict[str, int] = field(default_factory=dict)
    gates: dict[str, int] = field(default_factory=dict)
    linked: dict[str, int] = field(default_factory=dict)
    as_linked: dict[str, int] = field(default_factory=dict)
    shapes: dict[str, int] = field(default_factory=dict)
    of_shape: dict[str, int] = field(default_factory=dict)
    same: float = 0.0

    def rate(self, name: str) -> float | None:
        """The share of its pages that fill a field, None before there are enough pages to say."""
        pages = self.pages.get(name.partition(".")[0], 0)
        return self.filled.get(name, 0) / pages if pages >= FEWEST else None

    def kept_promise(self, kind: str) -> float | None:
        """The share of pages linked as a kind that were it, None before there are enough."""
        linked = self.linked.get(kind, 0)
        return self.as_linked.get(kind, 0) / linked if linked >= FEWEST else None

    def share_of(self, kind: str, shape: str) -> float | None:
        """The share of pages at an address shape that are of a kind, None before there are enough."""
        pages = self.shapes.get(shape, 0)
        return self.of_shape.get(f"{shape} {kind}", 0) / pages if pages >= FEWEST else None

    def shares(self) -> dict[str, float]:
        """All rates that can be told, by field, to four places."""
        names = [f"{part}.{name}" for part, own in WATCHED.items() for name in own]
        told = ((name, self.rate(name)) for name in names)
        return {name: round(rate, 4) for name, rate in told if rate is not None}


class Health:
    """Counts the pages of one run of one market."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[str]] = {
            each.name: Counter() for each in fields(FillRates) if each.name != "same"
        }
        self._alike: Counter[int] = Counter()
        self._signed = self._most_alike = 0

    def count(self, item: Sighting) -> None:
        """Adds a page."""
        page, counts = item.page, self._counts
        kind = page.page_type.value
        counts["pages"][kind] += 1
        if page.gate:
            counts["gates"][page.gate.value] += 1
        if item.expected in WATCHED and page.gate is None:
            counts["linked"][item.expected] += 1
            counts["as_linked"][item.expected] += kind == item.expected
        self._count_shape(shape_of(item.url), kind)
        if kind in WATCHED:
            counts["filled"].update(f"{kind}.{name}" for name in WATCHED[kind] if _value(item, kind, name))
        sign = signature(item)
        if sign is not None:
            self._signed += 1
            if sign in self._alike or len(self._alike) < _MOST_SIGNATURES:
                self._alike[sign] += 1
                self._most_alike = max(self._most_alike, self._alike[sign])

    def _count_shape(self, shape: str, kind: str) -> None:
        shapes = self._counts["shapes"]
        if kind != PageType.GATE and (shape in shapes or len(shapes) < _MOST_SHAPES):
            shapes[shape] += 1
            self._counts["of_shape"][f"{shape} {kind}"] += kind in WATCHED

    def alike(self, item: Sighting) -> int:
        """How many listings counted so far say the same as this one."""
        sign = signature(item)
        return 0 if sign is None else self._alike[sign]

    def kept_promise(self, kind: str, fewest: int) -> float | None:
        """The share of pages so far linked as a kind that were it, None before there are so many."""
        linked = self._counts["linked"][kind]
        return self._counts["as_linked"][kind] / linked if linked >= fewest else None

    def rate(self, name: str, fewest: int) -> float | None:
        """The share of pages so far that fill a field, None before there are so many."""
        pages = self._counts["pages"][name.partition(".")[0]]
        return self._counts["filled"][name] / pages if pages >= fewest else None

    @property
    def same(self) -> float:
        """The largest share of listings that say the same, 0 before there are enough."""
        return self._most_alike / self._signed if self._signed >= FEWEST else 0.0

    def rates(self) -> FillRates:
        """The counts so far."""
        return FillRates(**{name: dict(count) for name, count in self._counts.items()}, same=self.same)


def signature(item: Sighting) -> int | None:
    """A number that listings share which say the same; None for a page that is no listing."""
    listing = item.page.listing
    if item.page.page_type is not PageType.LISTING or listing is None or not listing.title:
        return None
    price = listing.price
    said = (listing.title, listing.vendor, (listing.description or "")[:500])
    return hash((*said, price and (price.amount, price.currency)))


def missing(item: Sighting) -> frozenset[str]:
    """The watched fields that a page of a listing or vendor does not fill."""
    kind = item.page.page_type.value
    return frozenset(f"{kind}.{name}" for name in WATCHED.get(kind, ()) if not _value(item, kind, name))


def drift(before: FillRates, now: FillRates, least: Mapping[str, float] | None = None) -> tuple[str, ...]:
    """What went wrong since the rates before, one sentence an alarm; empty when nothing did.

    ``least`` are the shares a profile expects.
    """
    return tuple(alarm for _, alarm in [*fallen(before, now, least or {}), *masks(before, now), *turned(before, now)])


def fallen(before: FillRates, now: FillRates, least: Mapping[str, float]) -> list[tuple[str, str]]:
    """The fields that used to be there, or are expected, and are gone: each with the sentence that says so."""
    found = []
    for name in sorted({*before.filled, *least}):
        was, rate = before.rate(name), now.rate(name)
        if rate is None:
            continue
        if was is not None and was - rate >= FALL:
            found.append((name, f"{name} was on {was:.0%} of pages, now on {rate:.0%}"))
        elif rate < least.get(name, 0.0):
            found.append((name, f"{name} is on {rate:.0%} of pages, the profile expects {least[name]:.0%}"))
    return found


def masks(before: FillRates, now: FillRates) -> Iterable[tuple[str, str]]:
    """What stands in place of content: gates, one page at many addresses."""
    pages, gates = sum(now.pages.values()), now.pages.get(PageType.GATE.value, 0)
    if pages >= FEWEST and gates >= pages * _GATE_SHARE:
        most = max(now.gates, key=lambda gate: now.gates[gate])
        yield "gate", f"{gates} of {pages} pages are gates, most of them {most}"
    if now.same >= SAME_SHARE:
        yield SAME, same_alarm(now.same)


def turned(before: FillRates, now: FillRates) -> Iterable[tuple[str, str]]:
    """The kinds of pages that are read as something else where links or address shapes used to lead to them."""
    for kind in WATCHED:
        was, rate = before.kept_promise(kind), now.kept_promise(kind)
        if _has_fallen(was, rate):
            yield linked(kind), f"{rate:.0%} of the pages linked as {kind} are one, {was:.0%} were"
            continue
        for shape in sorted(before.shapes):
            was, rate = before.share_of(kind, shape), now.share_of(kind, shape)
            if _has_fallen(was, rate):
                yield linked(kind), f"{rate:.0%} of the pages at {shape} are read as {kind}, {was:.0%} were"
                break


def _has_fallen(was: float | None, rate: float | None) -> bool:
    return was is not None and rate is not None and was >= PROMISED and was - rate >= FALL


def shape_of(url: str) -> str:
    """What the addresses of one kind of pages share: the first step of the path, how many follow, names in the query.

    ``/item/17/lamp`` and ``/item/4/ring`` are both ``/item/*/*``.
    """
    parts = urlsplit(url)
    first, *rest = [step for step in parts.path.split("/") if step] or [""]
    names = sorted({pair.partition("=")[0] for pair in parts.query.split("&") if pair})
    path = "/" + "/".join([re.sub(r"\d+", "#", first), *("*" for _ in rest)])
    return (path + ("?" + "&".join(names) if names else ""))[:_LONGEST_SHAPE]


def linked(kind: str) -> str:
    """The name of the doubt that a page is not of the kind that led to it."""
    return f"linked.{kind}"


def same_alarm(share: float) -> str:
    """The sentence for listings that say the same."""
    return f"{share:.0%} of listings say the same"


def as_table(rates: FillRates) -> dict[str, Any]:
    """The rates as plain values, to be kept with a run."""
    return asdict(rates)


def added(all_rates: Iterable[FillRates]) -> FillRates:
    """The counts of several runs together."""
    sums: dict[str, Counter[str]] = {}
    for rates in all_rates:
        for name, value in as_table(rates).items():
            if isinstance(value, dict):
                sums.setdefault(name, Counter()).update(value)
    counts: dict[str, Any] = {name: dict(count) for name, count in sums.items()}
    return FillRates(**counts)


def _value(item: Sighting, kind: str, name: str) -> bool:
    value = getattr(getattr(item.page, kind), name, None)
    return value is not None and value not in ((), "")
