"""Listings as rows of a table: what an investigator compares at a glance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from casework.page.filters import Filter, Search
from crawler.model.identity import stable_id
from index.folding import fold
from index.store import Body, Store


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """A listing's body with the link to its vendor, None where the vendor has no name to look for."""

    body: Body
    vendor_link: str | None

    @property
    def title(self) -> str:
        """The title, or the page's place on its market where it has none."""
        return str(self.body.get("title") or self.body.get("listing_id") or "untitled")

    @property
    def substances(self) -> list[dict[str, Any]]:
        """The substances offered, each name once."""
        return substances_of(self.body)

    @property
    def per_gram(self) -> dict[str, Any] | None:
        """The price of one gram."""
        found: dict[str, Any] | None = (self.body.get("offer") or {}).get("price_per_gram")
        return found


def offers_of(store: Store, bodies: Sequence[Body]) -> list[Offer]:
    """The listings as rows; a vendor whose own page was never read is linked to a search for the name."""
    ids = {_vendor_id(body) for body in bodies if body.get("vendor")}
    known = store.get_many("vendor", sorted(ids)) if ids else {}
    return [Offer(body=body, vendor_link=_vendor_link(body, known)) for body in bodies]


def substances_of(body: Body) -> list[dict[str, Any]]:
    """The substances of a listing, each name once, in the order read."""
    found = (body.get("offer") or {}).get("substances") or ()
    return list({each["name"]: each for each in found}.values())


def substance_link(name: str) -> str:
    """The page of a substance."""
    return f"/substance/{quote(name, safe='')}"


def _vendor_id(body: Body) -> str:
    # As the pipelines make it: a vendor is one name on one market, whatever its case.
    return stable_id("vendor", str(body.get("market", "")), str(body["vendor"]).casefold())


def _vendor_link(body: Body, known: dict[str, Body]) -> str | None:
    name = body.get("vendor")
    if not name:
        return None
    if _vendor_id(body) in known:
        return f"/vendor/{_vendor_id(body)}"
    if not fold(str(name)):
        return None
    filters = (Filter("vendor", str(name)), Filter("market", str(body.get("market", ""))))
    return Search(filters=filters).address()
