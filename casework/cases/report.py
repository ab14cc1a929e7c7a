"""The report of a case: one HTML page, readable and printable, that loads nothing and leads nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from casework.cases.acts import CONTENT_ACTS
from casework.cases.case import Case, Snapshot
from casework.cases.evidence_files import Evidence
from casework.cases.handling import handling_named
from casework.cases.rows import Cell, listings_table
from casework.cases.summary import summary_of
from casework.cases.words import WordList
from casework.page.hostile import seen, shown

_TEMPLATES = Path(__file__).with_name("templates")
_NOT_AMONG_FIELDS = frozenset(("id", "title", "description", "capture", "payload_digest"))
_MONEY = {"price": "currency", "price_per_gram": "price_per_gram_currency"}
_BETWEEN = "; "
_TRANSLATED = frozenset(("delivery", "form", "classes", "linked_crimes", "state"))
_TIMES = frozenset(("first_seen", "last_seen"))


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldShown:
    """One field of a listing: its heading, its value, and the words, rule and confidence it was read with."""

    heading: str
    value: str
    words: str
    rule: str
    confidence: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ListingShown:
    """One listing in the report."""

    number: int
    snapshot: Snapshot
    fields: tuple[FieldShown, ...]
    digest: str


def report_text(case: Case, evidence: Evidence, words: WordList) -> str:
    """The page. Words of a market stand in it as text, everything invisible in them spelt out."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    environment.filters |= {"shown": shown, "seen": seen, "figure": _figure, "moment": _moment}
    return environment.get_template("report.html").render(
        case=case,
        colour=handling_named(case.handling).colour,
        words=words,
        text=words.report,
        summary=summary_of(case),
        listings=_listings(case, evidence, words),
        acts=[act for act in case.acts if act.act in CONTENT_ACTS],
        evidence=evidence,
    )


def _listings(case: Case, evidence: Evidence, words: WordList) -> list[ListingShown]:
    table = listings_table(case, evidence)
    shown_ = []
    for number, (snapshot, row) in enumerate(zip(case.named("listing"), table.rows, strict=True), start=1):
        cells = dict(zip(table.columns, row, strict=True))
        fields = tuple(_fields(cells, snapshot.body, words))
        digest = str(cells["payload_digest"] or "")
        shown_.append(ListingShown(number=number, snapshot=snapshot, fields=fields, digest=digest))
    return shown_


def _fields(cells: Mapping[str, Cell], body: Mapping[str, Any], words: WordList) -> list[FieldShown]:
    sources = body.get("sources") or {}
    found = []
    for name, cell in cells.items():
        if cell is None or name in _NOT_AMONG_FIELDS or name in _MONEY.values():
            continue
        source = sources.get(name) or sources.get(f"offer.{name}") or _matched(name, body)
        found.append(
            FieldShown(
                heading=words.column[name],
                value=_value(name, cell, cells, words),
                words=str(source.get("words") or ""),
                rule=str(source.get("rule") or ""),
                confidence=source.get("confidence"),
            )
        )
    return found


def _matched(name: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The words the substances were read from, and how sure the least sure of them is."""
    found = (body.get("offer") or {}).get("substances") or ()
    if name != "substances" or not found:
        return {}
    words = _BETWEEN.join(str(each.get("matched_text") or "") for each in found)
    return {"words": words, "confidence": min(float(each.get("confidence") or 0) for each in found)}


def _value(name: str, cell: Cell, cells: Mapping[str, Cell], words: WordList) -> str:
    if isinstance(cell, bool):
        return words.value["yes" if cell else "no"]
    if isinstance(cell, int | float):
        return f"{_figure(cell)} {cells.get(_MONEY.get(name, '')) or ''}".strip()
    if name in _TRANSLATED:
        return _BETWEEN.join(words.value.get(each, each) for each in str(cell).split(_BETWEEN))
    return _moment(str(cell)) if name in _TIMES else str(cell)


def _figure(value: float | int) -> str:
    """A number with at most eight digits behind the point and no needless zeros."""
    return f"{value:.8f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _moment(time: str) -> str:
    """A time to the minute, as written."""
    return f"{time[:10]} {time[11:16]} UTC" if len(time) >= len("2026-01-01T00:00") else time
