"""Traps for crawlers: recognised by their addresses and by what their pages say, bounded, and named in the record.

Every rule has a bound, so that a crawl always ends; the bounds are in `config.manners.BOUNDS` and a profile may move
them. What is found beyond a bound is not fetched and counted with examples. Some bounds move with what later pages say:
what they held back is looked at once more when nothing else is left to read.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from config.manners import BOUNDS
from config.vocabulary import tree
from crawler.frontier.fingerprint import Sketch, alike
from crawler.frontier.put_off import Left, PutOff
from crawler.model.address import page_key, session_of
from crawler.model.words import RawPage

_EXAMPLES = 3
_BARREN_IN_A_ROW = 5
_REPEATS, _DEEPEST = 3, 12
_CROSSED = 3
_ALIKE_LISTINGS = 50
_PAGE_IN_PATH = re.compile(r"/(?:page|p|seite)[/-]?\d{1,9}/?$", re.I)
_DATE_IN_PATH = re.compile(r"/(?:19|20)\d\d[/-](?:0?[1-9]|1[0-2])(?:[/-]\d{1,2})?(?:/|$)")
_VARIABLE = re.compile(r"\d+|[A-Za-z0-9_-]*\d[A-Za-z0-9_-]{8,}")


class Trap(StrEnum):
    """What a crawler may be caught in."""

    SESSION_IDS = "session ids in addresses"
    CALENDAR = "calendar"
    ORDERS = "orders of a list"
    FILTERS = "filters of a list"
    ENDLESS_LIST = "endless pagination"
    MANY_LISTS = "ever new lists"
    LOOPING_PATH = "looping path"
    ALIKE = "near-identical pages"
    TOO_MANY_PAGES = "more pages than the market's bound"


_MAY_PASS = frozenset({Trap.FILTERS, Trap.ENDLESS_LIST, Trap.ALIKE})
"""Traps that a page read later may show to be none."""


@dataclass(kw_only=True, slots=True)
class Caught:
    """How often a trap was met, and where first."""

    count: int = 0
    examples: list[str] = field(default_factory=list)


@dataclass(kw_only=True, slots=True)
class _Row:
    """Pages of one shape that said the same, one after the other."""

    last: str | Sketch | None = None
    length: int = 1
    most: int = _ALIKE_LISTINGS


class Traps:
    """What one run of a market met, beginning with the addresses its frontier knows already."""

    def __init__(self, bounds: Mapping[str, int], known: Iterable[tuple[str, str]] = ()) -> None:
        self._bounds = BOUNDS | dict(bounds)
        self.caught: dict[Trap, Caught] = {}
        self._pages = 0
        self._orders: dict[str, set[str]] = defaultdict(set)
        self._filters: dict[str, _Filters] = defaultdict(_Filters)
        self._lists: dict[str, set[str]] = defaultdict(set)
        self._dates: Counter[str] = Counter()
        self._shown: dict[str, set[int]] = defaultdict(set)
        self._list_pages: Counter[str] = Counter()
        self._barren: Counter[str] = Counter()
        self._rows: dict[str, _Row] = {}
        self._put_off = PutOff()
        for url, kind in known:
            self.entered(url, kind)

    def refuses(self, url: str, kind: str, referer: str | None) -> bool:
        """Whether an address newly found is beyond a bound, and so is not fetched; it is counted by the trap's name."""
        if session_of(url) is not None:
            self._catch(Trap.SESSION_IDS, url)
        trap = self._trap(url, kind, referer)
        if trap is None:
            return False
        self._catch(trap, url)
        if trap in _MAY_PASS:
            self._put_off.keep(page_key(url), Left(url=url, kind=kind, referer=referer), trap)
        return True

    def passed(self) -> list[Left]:
        """Some of the addresses refused for what other pages said that are within all bounds by now."""
        free = self._put_off.free(lambda left: self._trap(left.url, left.kind, left.referer) is not None)
        for left in free:
            self._uncatch(left)
        return free

    def entered(self, url: str, kind: str) -> None:
        """An address was taken into the frontier."""
        self._pages += 1
        if left := self._put_off.drop(page_key(url)):
            self._uncatch(left)
        if kind != "category":
            return
        if _is_dated(url):
            self._dates[_undated(url)] += 1
        one = _ListAddress.of(url)
        if one.order:
            self._orders[one.base].add(one.order)
        if one.filters:
            self._filters[one.narrowed].add(one.filters)
        self._lists[shape(one.list)].add(one.list)
        self._list_pages[one.list] += 1

    def read(self, url: str, kind: str, raw: RawPage, said: str | Sketch) -> None:
        """A page was read: it may be one of many that say the same, or a page of a list that shows nothing new.

        ``said`` is the digest of its words, where none were read the sketch of its text.
        """
        self._note_row(url, raw, said)
        if kind in ("category", "entry"):
            self._note_list(url, raw)

    def report(self) -> list[dict[str, Any]]:
        """The traps met, for the run's record: name, how often, first examples without the market's address."""
        return [
            {"trap": trap.value, "count": caught.count, "examples": caught.examples}
            for trap, caught in sorted(self.caught.items())
        ]

    # --- by address --------------------------------------------------------------------------------------------------

    def _trap(self, url: str, kind: str, referer: str | None) -> Trap | None:
        return self._refusal(url, kind) or self._row_refusal(url, referer)

    def _refusal(self, url: str, kind: str) -> Trap | None:
        if self._pages >= self._bounds["pages"]:
            return Trap.TOO_MANY_PAGES
        if _loops(url):
            return Trap.LOOPING_PATH
        if kind != "category":
            return None
        if _is_dated(url) and self._dates[_undated(url)] >= self._bounds["calendar"]:
            return Trap.CALENDAR
        return self._list_refusal(url)

    def _list_refusal(self, url: str) -> Trap | None:
        one, bounds = _ListAddress.of(url), self._bounds
        if one.order and _is_beyond(self._orders[one.base], one.order, bounds["orders"]):
            return Trap.ORDERS
        if one.filters and self._filters[one.narrowed].is_beyond(one.filters, bounds["filters"]):
            return Trap.FILTERS
        if self._list_pages[one.list] >= bounds["list_pages"] or self._barren[one.list] >= _BARREN_IN_A_ROW:
            return Trap.ENDLESS_LIST
        if _is_beyond(self._lists[shape(one.list)], one.list, bounds["lists"]):
            return Trap.MANY_LISTS
        return None

    def _row_refusal(self, url: str, referer: str | None) -> Trap | None:
        """Pages that say the same lead nowhere new: what they link to among themselves is left."""
        if referer is None or shape(url) != shape(referer):
            return None
        row = self._rows.get(shape(url))
        return Trap.ALIKE if row is not None and row.length >= row.most else None

    # --- by content --------------------------------------------------------------------------------------------------

    def _note_row(self, url: str, raw: RawPage, said: str | Sketch) -> None:
        row = self._rows.setdefault(shape(url), _Row())
        row.length = row.length + 1 if _same(row.last, said) else 1
        row.last = said
        row.most = _ALIKE_LISTINGS if raw.listing is not None else self._bounds["alike"]

    def _note_list(self, url: str, raw: RawPage) -> None:
        name = _ListAddress.of(url).list
        found = {hash(page_key(link)) for link in (*raw.links.listing, *raw.links.vendor)}
        found |= {hash(review) for review in raw.reviews}
        self._barren[name] = 0 if found - self._shown[name] else self._barren[name] + 1
        self._shown[name] |= found

    def _catch(self, trap: Trap, url: str) -> None:
        caught = self.caught.setdefault(trap, Caught())
        caught.count += 1
        if len(caught.examples) < _EXAMPLES:
            caught.examples.append(_example(url))

    def _uncatch(self, left: Left) -> None:
        """The address was no trap after all."""
        for trap in map(Trap, left.traps):
            caught = self.caught[trap]
            caught.count -= 1
            if (example := _example(left.url)) in caught.examples:
                caught.examples.remove(example)
            if not caught.count:
                del self.caught[trap]


class _Filters:
    """The combinations of the same parameters met on one path.

    Filters cross: each value is met with many of the others. Where a parameter alone tells the page (``act=fb&id=7``)
    there are hardly more combinations than it has values.
    """

    def __init__(self) -> None:
        self._met: set[str] = set()
        self._values: dict[str, set[str]] = defaultdict(set)

    def add(self, filters: str) -> None:
        self._met.add(filters)
        for name, value in parse_qsl(filters, keep_blank_values=True):
            self._values[name].add(value)

    def is_beyond(self, filters: str, most: int) -> bool:
        """Whether the combination is new, and one too many."""
        if not _is_beyond(self._met, filters, most):
            return False
        return len(self._met) >= _CROSSED * max(len(values) for values in self._values.values())


@dataclass(frozen=True, kw_only=True, slots=True)
class _ListAddress:
    """A list's address in its parts: the list whatever its page, the base whatever its order, the filters set."""

    list: str
    base: str
    order: str
    filters: str
    narrowed: str

    @classmethod
    def of(cls, url: str) -> _ListAddress:
        parts = urlsplit(page_key(url))
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        in_path = _PAGE_IN_PATH.search(parts.path)
        path = parts.path[: in_path.start()] if in_path else parts.path
        orders, pages = _words("order"), _words("page")
        order = [pair for pair in pairs if pair[0].lower() in orders]
        page = [pair for pair in pairs if pair[0].lower() in pages]
        filters = [pair for pair in pairs if pair[0].lower() not in orders | pages]
        return cls(
            list=f"{path}?{urlencode(filters + order)}",
            base=f"{parts.path}?{urlencode(filters + page)}",
            order=urlencode(order),
            filters=urlencode(filters),
            narrowed=f"{path}?{'&'.join(name for name, _ in filters)}",
        )


def shape(url: str) -> str:
    """An address with what varies in it left out: pages of one kind share it."""
    parts = urlsplit(url)
    names = sorted({name for name, _ in parse_qsl(parts.query, keep_blank_values=True)})
    return _VARIABLE.sub("#", parts.path) + ("?" + "&".join(names) if names else "")


def _example(url: str) -> str:
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _same(one: str | Sketch | None, other: str | Sketch) -> bool:
    if isinstance(one, tuple) and isinstance(other, tuple):
        return alike(one, other)
    return one == other


def _loops(url: str) -> bool:
    steps = [step for step in urlsplit(url).path.split("/") if step]
    repeated = any(count >= _REPEATS and not step.isdecimal() for step, count in Counter(steps).items())
    return len(steps) > _DEEPEST or repeated


def _is_beyond(met: set[str], one: str, most: int) -> bool:
    return one not in met and len(met) >= most


def _is_dated(url: str) -> bool:
    parts = urlsplit(url)
    names = {name.lower() for name, value in parse_qsl(parts.query) if any(char.isdigit() for char in value)}
    steps = {step.lower() for step in parts.path.split("/")}
    return bool(names & _words("calendar_query") or _DATE_IN_PATH.search(parts.path) or steps & _words("calendar_path"))


def _undated(url: str) -> str:
    return _VARIABLE.sub("#", urlsplit(url).path)


@cache
def _words(kind: str) -> frozenset[str]:
    return frozenset(tree("trap_words")[kind])
