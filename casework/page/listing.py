"""The page of one listing: every field with the words it was read from, its history, its capture."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from markupsafe import Markup

from casework.page import figures
from casework.page.captured import CapturedPage, captured_page
from casework.page.filters import field_query
from casework.page.hostile import shown
from casework.page.offers import Offer, offers_of
from index.store import Body, Store

_MOST_OBSERVATIONS = 100
_MOST_REVIEWS = 50
_COMMA = Markup(", ")
_ARROW = Markup(" › ")
_IDENTIFIER_FIELDS = {"emails": "email", "pgp_fingerprints": "pgp"}
_NOT_CONTENT = frozenset(
    (
        *("id", "kind", "capture", "seen", "state", "template", "reader", "listing", "url", "sources"),
        *("first_seen", "last_seen", "times_seen"),
    )
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """One field of a listing: its value, and the words, rule and confidence it was read with where they are kept."""

    label: str
    value: Markup
    words: str | None = None
    rule: str | None = None
    confidence: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Observation:
    """One sighting that differed, and the fields in which it differed from the one before."""

    body: Body
    changed: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Identifier:
    """One identifier named in a listing, and the query that finds others who name it."""

    kind: str
    value: str
    query: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ListingPage:
    """All there is to see of one listing."""

    offer: Offer
    readings: tuple[Reading, ...]
    identifiers: tuple[Identifier, ...]
    history: tuple[Observation, ...]
    sightings_that_differ: int
    reviews: tuple[Body, ...]
    reviews_total: int
    capture: CapturedPage | None


def listing_page(store: Store, captures_folder: Path, id_: str) -> ListingPage | None:
    """The page of a listing, or None where there is none."""
    body = store.get("listing", id_)
    if body is None:
        return None
    of_it = field_query("listing", id_)
    seen = store.search(of_it, kind="observation", limit=_MOST_OBSERVATIONS, sort="-seen")
    reviews = store.search(of_it, kind="review", limit=_MOST_REVIEWS, sort="-date")
    return ListingPage(
        offer=offers_of(store, [body])[0],
        readings=_readings(body),
        identifiers=_identifiers(body),
        history=_history(seen.bodies),
        sightings_that_differ=seen.total,
        reviews=reviews.bodies,
        reviews_total=reviews.total,
        capture=captured_page(store, captures_folder, str(body.get("capture", ""))),
    )


def _texts(values: Any) -> Markup:
    return _COMMA.join(shown(value) for value in values)


def _places(values: Any) -> Markup:
    return _COMMA.join(_place(value) for value in values)


def _place(value: Mapping[str, Any]) -> Markup:
    text, country = shown(value.get("text", "")), value.get("country")
    return Markup("{} ({})").format(text, country) if country else text


def _rating(body: Body) -> Markup | None:
    if "rating" not in body:
        return None
    scale = body.get("rating_scale")
    return Markup("{}{}").format(figures.number(body["rating"]), f" of {figures.number(scale)}" if scale else "")


def _field(name: str, show: Callable[[Any], Any]) -> Callable[[Body], Markup | None]:
    def read(body: Body) -> Markup | None:
        return Markup("{}").format(show(body[name])) if body.get(name) is not None else None

    return read


def _of_offer(name: str, unit: str = "") -> Callable[[Body], Markup | None]:
    def read(body: Body) -> Markup | None:
        value = (body.get("offer") or {}).get(name)
        if value is None:
            return None
        text = figures.number(value) if isinstance(value, int | float) else shown(value)
        return Markup("{}{}").format(text, f" {unit}" if unit else "")

    return read


def _per_gram(body: Body) -> Markup | None:
    value = (body.get("offer") or {}).get("price_per_gram")
    return figures.money(value, "/g") if value else None


_READERS: dict[str, tuple[str, Callable[[Body], Markup | None]]] = {
    "title": ("Title", _field("title", shown)),
    "vendor": ("Vendor", _field("vendor", shown)),
    "price": ("Price", _field("price", figures.money)),
    "price_in": ("Same price in", _field("price_in", lambda prices: _COMMA.join(map(figures.money, prices)))),
    "price_per_gram": ("Price per gram", _per_gram),
    "quantity_g": ("Mass", _of_offer("quantity_g", "g")),
    "volume_ml": ("Volume", _of_offer("volume_ml", "ml")),
    "count": ("Units", _of_offer("count")),
    "dose_mg": ("Dose of a unit", _of_offer("dose_mg", "mg")),
    "form": ("Form", _of_offer("form")),
    "category": ("Category", _field("category", lambda path: _ARROW.join(map(shown, path)))),
    "ships_from": ("Ships from", _field("ships_from", _place)),
    "ships_to": ("Ships to", _field("ships_to", _places)),
    "delivery": ("Delivery", _field("delivery", lambda kinds: _COMMA.join(kind.replace("_", " ") for kind in kinds))),
    "cities": ("Cities", _field("cities", _texts)),
    "stock": ("In stock", _field("stock", lambda left: "sold out" if left == 0 else figures.number(left))),
    "sales": ("Sold", _field("sales", figures.number)),
    "rating": ("Rating", _rating),
    "review_count": ("Reviews", _field("review_count", figures.number)),
    "payment": ("Payment", _field("payment", _texts)),
    "escrow": ("Escrow", _field("escrow", lambda offered: "yes" if offered else "no")),
    "language": ("Language", _field("language", shown)),
}


def _readings(body: Body) -> tuple[Reading, ...]:
    sources = body.get("sources") or {}
    found = []
    for name, (label, read) in _READERS.items():
        value = read(body)
        if value is not None:
            found.append(_reading(label, value, sources.get(name) or sources.get(f"offer.{name}") or {}))
    return tuple(found)


def _reading(label: str, value: Markup, source: Mapping[str, Any]) -> Reading:
    return Reading(
        label=label,
        value=value,
        words=source.get("words"),
        rule=source.get("rule"),
        confidence=source.get("confidence"),
    )


def _identifiers(body: Body) -> tuple[Identifier, ...]:
    return tuple(
        Identifier(kind=kind, value=value, query=field_query(_IDENTIFIER_FIELDS.get(kind, kind), value))
        for kind, values in (body.get("identifiers") or {}).items()
        for value in values
    )


def _history(bodies: tuple[Body, ...]) -> tuple[Observation, ...]:
    """The sightings, newest first, each beside the one before it."""
    return tuple(
        Observation(body=body, changed=_changes(before, body) if before else ())
        for body, before in zip_longest(bodies, bodies[1:])
    )


def _changes(old: Body, new: Body) -> tuple[str, ...]:
    names = sorted((old.keys() | new.keys()) - _NOT_CONTENT)
    return tuple(name.replace("_", " ") for name in names if _as_text(old.get(name)) != _as_text(new.get(name)))


def _as_text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
