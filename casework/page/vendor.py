"""The page of one vendor on one market: keys, listings, what buyers said."""

from __future__ import annotations

from dataclasses import dataclass

from casework.page.filters import Filter, Search, field_query
from casework.page.offers import Offer, offers_of
from index.folding import fold
from index.store import Body, Store

_MOST_LISTINGS = 100
_MOST_REVIEWS = 50
_MOST_SHARERS = 50


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
    all_link: str
    reviews: tuple[Body, ...]
    reviews_total: int


def vendor_page(store: Store, id_: str) -> VendorPage | None:
    """The page of a vendor, or None where there is none."""
    body = store.get("vendor", id_)
    if body is None:
        return None
    name = str(body.get("name") or "")
    query = _query(name, str(body["market"]))
    listings = store.search(query, limit=_MOST_LISTINGS, sort="-last_seen") if query else None
    reviews = store.search(query, kind="review", limit=_MOST_REVIEWS, sort="-date") if query else None
    filters = (Filter("vendor", name), Filter("market", str(body["market"])))
    return VendorPage(
        body=body,
        fingerprints=tuple(_fingerprint(store, value, id_) for value in body.get("pgp_fingerprints") or ()),
        offers=tuple(offers_of(store, listings.bodies)) if listings else (),
        offers_total=listings.total if listings else 0,
        all_link=Search(filters=filters).address() if query else "/",
        reviews=reviews.bodies if reviews else (),
        reviews_total=reviews.total if reviews else 0,
    )


def _query(name: str, market: str) -> str | None:
    """The query for what belongs to the vendor; None for a name without a letter or digit to look for."""
    return f"{field_query('vendor', name)} {field_query('market', market)}" if fold(name) else None


def _fingerprint(store: Store, value: str, id_: str) -> Fingerprint:
    hits = store.search(field_query("pgp", value), kind="vendor", limit=_MOST_SHARERS)
    return Fingerprint(value=value, others=tuple(body for body in hits.bodies if body["id"] != id_))
