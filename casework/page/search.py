"""The search page: what was asked, what was found, what it could be narrowed by, and where a query went wrong."""

from __future__ import annotations

from dataclasses import dataclass

from casework.page.filters import FACETS, Filter, Search
from casework.page.offers import Offer, offers_of
from crawler.model.errors import BadInput, BadQuery
from index.folding import fold
from index.query import parse
from index.store import Store

PAGE_SIZE = 25
FURTHEST_HIT = 10_000
_FACET_SIZE = 40
SORTS = {
    "": "best match, else newest",
    "-last_seen": "last seen, newest first",
    "-first_seen": "first seen, newest first",
    "first_seen": "first seen, oldest first",
    "price_per_gram": "price per gram, low to high",
    "-price_per_gram": "price per gram, high to low",
    "price": "price, low to high",
    "-price": "price, high to low",
    "-times_seen": "most often seen",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class FacetValue:
    """One value of a facet with its listings; ``link`` picks or drops it, None where it cannot be searched for."""

    value: str
    listings: int
    picked: bool
    link: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Facet:
    """A field's most common values."""

    field: str
    heading: str
    values: tuple[FacetValue, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Mistake:
    """Where a query cannot be read: the words before, at and after the place, and what is wrong there."""

    before: str
    at: str
    after: str
    what: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A search answered: the rows of one page, how many there are in all, the facets, or the mistake in the query."""

    search: Search
    total: int = 0
    offers: tuple[Offer, ...] = ()
    facets: tuple[Facet, ...] = ()
    mistake: Mistake | None = None
    empty_index: bool = False

    @property
    def first(self) -> int:
        """The number of the first row shown, from 1."""
        return (self.search.page - 1) * PAGE_SIZE + 1

    @property
    def pages(self) -> int:
        """How many pages can be turned."""
        return max(1, -(-min(self.total, FURTHEST_HIT) // PAGE_SIZE))

    def nearby_pages(self) -> list[int]:
        """The pages to offer: the first, the last and those around this one."""
        here = self.search.page
        near = {1, self.pages, *range(here - 2, here + 3)}
        return sorted(page for page in near if 1 <= page <= self.pages)


def find(store: Store, search: Search) -> Found:
    """The answer to a search. Raises BadInput for an order or page there is not."""
    if search.sort not in SORTS:
        raise BadInput(f"no order {search.sort[:40]!r}; there are {', '.join(name for name in SORTS if name)}")
    if search.page < 1 or search.page * PAGE_SIZE > FURTHEST_HIT:
        raise BadInput(f"pages run from 1 to {FURTHEST_HIT // PAGE_SIZE}; narrow the search to see the rest")
    try:
        parse(search.words.strip() or "*")
        return _answer(store, search)
    except BadQuery as error:
        return Found(search=search, mistake=_mistake(search.words, error))


def _answer(store: Store, search: Search) -> Found:
    offset = (search.page - 1) * PAGE_SIZE
    hits = store.search(search.query(), limit=PAGE_SIZE, offset=offset, sort=search.sort or None)
    return Found(
        search=search,
        total=hits.total,
        offers=tuple(offers_of(store, hits.bodies)),
        facets=_facets(store, search) if hits.total or search.filters else (),
        empty_index=not hits.total and store.count("*") == 0,
    )


def _facets(store: Store, search: Search) -> tuple[Facet, ...]:
    """The facets; a field with values picked is counted without them, so that others can be added."""
    narrowed = {each.field for each in search.filters}
    counts = store.facets(search.query(), [name for name in FACETS if name not in narrowed], size=_FACET_SIZE)
    for field in narrowed:
        counts |= store.facets(search.query(without=field), [field], size=_FACET_SIZE)
    facets = (_facet(field, counts[field], search) for field in FACETS)
    return tuple(facet for facet in facets if facet.values)


def _facet(field: str, counts: list[tuple[str, int]], search: Search) -> Facet:
    there = dict(counts)
    picked = {each.value: there.get(each.value, 0) for each in search.filters if each.field == field}
    return Facet(
        field=field,
        heading=FACETS[field],
        values=tuple(_facet_value(Filter(field, value), n, search) for value, n in (picked | there).items()),
    )


def _facet_value(each: Filter, listings: int, search: Search) -> FacetValue:
    return FacetValue(
        value=each.value,
        listings=listings,
        picked=each in search.filters,
        link=search.toggled(each).address() if fold(each.value) else None,
    )


def _mistake(words: str, error: BadQuery) -> Mistake:
    stripped = words.strip()
    place = min(error.position, len(stripped))
    return Mistake(
        before=stripped[:place], at=stripped[place : place + 1], after=stripped[place + 1 :], what=str(error)
    )
