"""The tables of a case: listings, vendors, prices and evidence, one row each, the same in every format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from casework.cases.case import Case, Snapshot
from casework.cases.evidence_files import Evidence

Cell = str | int | float | bool | None
Body = Mapping[str, Any]
_BETWEEN = "; "


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A table: its name, its columns by their machine names, its rows."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def tables(case: Case, evidence: Evidence) -> tuple[Table, ...]:
    """All tables of a case."""
    return listings_table(case, evidence), vendors_table(case), prices_table(case), evidence_table(evidence)


def listings_table(case: Case, evidence: Evidence) -> Table:
    """One row a listing, as it was when it was last added."""
    digests = {row.capture: row.payload_digest for row in evidence.rows}
    rows = (
        (each.id, *_cells(_LISTING, each.body), digests.get(str(each.body.get("capture", ""))))
        for each in case.named("listing")
    )
    return Table(name="listings", columns=("id", *_LISTING, "payload_digest"), rows=tuple(rows))


def vendors_table(case: Case) -> Table:
    """One row a vendor: those named and those of the listings."""
    rows = ((each.id, *_cells(_VENDOR, each.body)) for each in case.latest("vendor"))
    return Table(name="vendors", columns=("id", *_VENDOR), rows=tuple(rows))


def prices_table(case: Case) -> Table:
    """One row a price: the headline price of each sighting that differed, and every option beside it."""
    rows: list[tuple[Cell, ...]] = []
    sightings = _sightings(case)
    for listing in case.named("listing"):
        for seen, body in sightings.get(listing.id) or [(listing.body.get("last_seen"), listing.body)]:
            rows += _prices(listing.id, seen, body)
    return Table(name="prices", columns=_PRICE_COLUMNS, rows=tuple(rows))


def evidence_table(evidence: Evidence) -> Table:
    """One row a capture: what was received when, its hash, and where its record lies in the folder."""
    plain = [row.plain() for row in evidence.rows]
    return Table(name="evidence", columns=EVIDENCE_COLUMNS, rows=tuple(tuple(row.values()) for row in plain))


EVIDENCE_COLUMNS = (
    *("capture", "market", "url", "time", "status", "content_type", "payload_digest", "record_id"),
    *("request_record_id", "file", "offset", "length", "source", "source_offset"),
)
_PRICE_COLUMNS = ("listing", "seen", "title", "vendor", "what", "quantity", "city", "amount", "currency")


def _at(path: str) -> Callable[[Body], Cell]:
    names = path.split(".")

    def read(body: Body) -> Cell:
        value: Any = body
        for name in names:
            value = value.get(name) if isinstance(value, Mapping) else None
        return value if value is None or isinstance(value, str | int | float | bool) else str(value)

    return read


def _joined(path: str, member: str = "") -> Callable[[Body], Cell]:
    holder, _, name = path.rpartition(".")

    def read(body: Body) -> Cell:
        values = ((body.get(holder) or {}) if holder else body).get(name) or ()
        words = (str(value.get(member) or "") if member else str(value) for value in values)
        return _BETWEEN.join(dict.fromkeys(word for word in words if word)) or None

    return read


def _any_true(name: str) -> Callable[[Body], Cell]:
    def read(body: Body) -> Cell:
        known = [each.get(name) for each in (body.get("offer") or {}).get("substances") or ()]
        return any(known) if known else None

    return read


def place_text(where: Mapping[str, Any] | None) -> str:
    """A place by its code and the page's words, such as ``NL (Netherlands)``."""
    if not where:
        return ""
    code, text = where.get("country"), str(where.get("text") or "")
    return f"{code} ({text})" if code and text and code != text else str(code or text)


def _places(name: str) -> Callable[[Body], Cell]:
    def read(body: Body) -> Cell:
        value = body.get(name) or ()
        each = [value] if isinstance(value, Mapping) else value
        return _BETWEEN.join(filter(None, map(place_text, each))) or None

    return read


def identifiers_text(body: Body) -> str:
    """All identifiers of a listing or vendor with their kinds."""
    kinds: Mapping[str, Iterable[str]] = body.get("identifiers") or {}
    return _BETWEEN.join(f"{kind} {value}" for kind in sorted(kinds) for value in kinds[kind])


_LISTING: dict[str, Callable[[Body], Cell]] = {
    "market": _at("market"),
    "title": _at("title"),
    "vendor": _at("vendor"),
    "substances": _joined("offer.substances", "name"),
    "classes": _joined("offer.substances", "class"),
    "nps": _any_true("nps"),
    "emergent": _any_true("emergent"),
    "quantity_g": _at("offer.quantity_g"),
    "volume_ml": _at("offer.volume_ml"),
    "count": _at("offer.count"),
    "dose_mg": _at("offer.dose_mg"),
    "form": _at("offer.form"),
    "price": _at("price.amount"),
    "currency": _at("price.currency"),
    "price_per_gram": _at("offer.price_per_gram.amount"),
    "price_per_gram_currency": _at("offer.price_per_gram.currency"),
    "ships_from": _places("ships_from"),
    "ships_to": _places("ships_to"),
    "cities": _joined("cities"),
    "delivery": _joined("delivery"),
    "category": _joined("category"),
    "payment": _joined("payment"),
    "escrow": _at("escrow"),
    "stock": _at("stock"),
    "sales": _at("sales"),
    "rating": _at("rating"),
    "language": _at("language"),
    "linked_crimes": _joined("linked_crimes"),
    "identifiers": lambda body: identifiers_text(body) or None,
    "state": _at("state"),
    "first_seen": _at("first_seen"),
    "last_seen": _at("last_seen"),
    "times_seen": _at("times_seen"),
    "description": _at("description"),
    "url": _at("url"),
    "capture": _at("capture"),
}
_VENDOR: dict[str, Callable[[Body], Cell]] = {
    "market": _at("market"),
    "name": _at("name"),
    "pgp_fingerprints": _joined("pgp_fingerprints"),
    "joined": _at("joined"),
    "level": _at("level"),
    "sales": _at("sales"),
    "rating": _at("rating"),
    "identifiers": lambda body: identifiers_text(body) or None,
    "first_seen": _at("first_seen"),
    "last_seen": _at("last_seen"),
    "times_seen": _at("times_seen"),
    "description": _at("description"),
    "url": _at("url"),
    "capture": _at("capture"),
}


def _cells(columns: Mapping[str, Callable[[Body], Cell]], body: Body) -> tuple[Cell, ...]:
    return tuple(read(body) for read in columns.values())


def _sightings(case: Case) -> dict[str, list[tuple[Any, Body]]]:
    found: dict[str, list[tuple[Any, Body]]] = {}
    observations: list[Snapshot] = sorted(case.latest("observation"), key=lambda each: str(each.body.get("seen", "")))
    for each in observations:
        found.setdefault(str(each.body.get("listing", "")), []).append((each.body.get("seen"), each.body))
    return found


def _prices(listing: str, seen: Cell, body: Body) -> Iterable[tuple[Cell, ...]]:
    head = (listing, seen, body.get("title"), body.get("vendor"))
    per_gram = (body.get("offer") or {}).get("price_per_gram")
    for what, money in (("price", body.get("price")), ("price per gram", per_gram)):
        if money:
            yield (*head, what, None, None, money.get("amount"), money.get("currency"))
    for option in body.get("prices") or ():
        yield (
            *head,
            "option",
            *(option.get(name) for name in ("quantity_text", "city", "amount", "currency")),
        )
