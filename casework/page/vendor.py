"""The page of one vendor on one market: keys, listings, what buyers said."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from casework.page.exact import exactly
from casework.page.filters import Filter, Search, field_query
from casework.page.offers import Offer, offers_of
from index.folding import fold
from index.store import Body, Hits, Store

_MOST_LISTINGS = 100
_MOST_REVIEWS = 50
_MOST_SHARERS = 50
_MOST_LOOKED_THROUGH = 20_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Fingerprint:
    """A full PGP fingerprint, and the other vendor pages that show the same key."""

    value: str
    others: tuple[Body, ...]

    @property
    def grouped(self) -> str:
        """The fingerprint in groups of four, as people compare it."""
        return " ".join(self.value[start : start + 4] for start in range(0, len(self.value), 4))


@dataclass(frozen=True, kw_only=True, slots=True)
class VendorPage:
    """All there is to see of one vendor."""

    body: Body
    fingerprints: tuple[Fingerprint, ...]
    offers: tuple[Offer, ...]
    offers_total: int
    all_link: str | None
    reviews: tuple[Body, ...]
    reviews_total: int


def vendor_page(store: Store, id_: str) -> VendorPage | None:
    """The page of a vendor, or None where there is none."""
    body = store.get("vendor", id_)
    if body is None:
        return None
    name, market = str(body.get("name") or ""), str(body["market"])
    listings = _of_vendor(store, name, market, "listing", _MOST_LISTINGS, "-last_seen")
    reviews = _of_vendor(store, name, market, "review", _MOST_REVIEWS, "-date")
    filters = (Filter("vendor", name), Filter("market", market))
    return VendorPage(
        body=body,
        fingerprints=tuple(_fingerprint(store, value, id_) for value in body.get("pgp_fingerprints") or ()),
        offers=tuple(offers_of(store, listings.bodies)),
        offers_total=listings.total,
        all_link=Search(filters=filters).address() if fold(name) and fold(market) else None,
        reviews=reviews.bodies,
        reviews_total=reviews.total,
    )


def _of_vendor(store: Store, name: str, market: str, kind: str, most: int, sort: str) -> Hits:
    """What one vendor has on one market, and nothing of a vendor with a longer name."""
    if not name or not fold(market):
        return Hits(total=0, bodies=())
    there = exactly(store, "market", market, kind=kind)
    if not fold(name):
        return _without_letters(store, name, there, kind, most, sort)
    return store.search(f"{exactly(store, 'vendor', name, kind=kind)} {there}", kind=kind, limit=most, sort=sort)


def _without_letters(store: Store, name: str, there: str, kind: str, most: int, sort: str) -> Hits:
    """What is found by looking through the market: a name of signs alone, such as ★★★, cannot be searched for."""
    looked_through = islice(store.scan(there, kind), _MOST_LOOKED_THROUGH)
    found = [body for body in looked_through if str(body.get("vendor", "")).casefold() == name.casefold()]
    newest = sorted(found, key=lambda body: str(body.get(sort.removeprefix("-"), "")), reverse=True)
    return Hits(total=len(found), bodies=tuple(newest[:most]))


def _fingerprint(store: Store, value: str, id_: str) -> Fingerprint:
    hits = store.search(field_query("pgp", value), kind="vendor", limit=_MOST_SHARERS)
    return Fingerprint(value=value, others=tuple(body for body in hits.bodies if body["id"] != id_))
