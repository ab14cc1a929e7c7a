"""Fields read at the places a site taught."""

from __future__ import annotations

import dataclasses
from typing import Any, cast

from crawler.model.words import RawListing, Words
from spiders.reader.sheet import Sheet, read_label
from spiders.reader.template import Template

_FILLED_BY_PLACE = ("vendor", "price", "stock", "rating")
_LONGEST = 300
MOST_AT_PLACE = 12


def trimmed(words: Words | None, template: Template, name: str) -> Words | None:
    """The words without what every value of this field begins and ends with on this site."""
    if words is None or name not in template.trims:
        return words
    start, end = template.trims[name]
    text = words.text.removeprefix(start).removesuffix(end).strip()
    return dataclasses.replace(words, text=text) if text else words


def placed(sheet: Sheet, template: Template, page_type: str, field: str) -> Words | None:
    """The words at the place where pages of this type carry the field, None where the page has no such place."""
    place = template.place(page_type, field)
    if place is None:
        return None
    dom, before = sheet.dom, 0
    for node, crc in enumerate(dom.crc):
        if crc != place.crc or dom.last[node] == dom.first[node]:
            continue
        if before < place.nth:
            before += 1
            continue
        k = dom.first[node]
        if sheet.within("cards", k) or sheet.within("reviews", k):
            if place.nth:
                return None
            continue
        text = dom.line(node)[:_LONGEST]
        if k in sheet.frame:
            return None
        return Words(
            text=text, rule=f"template:{field}", confidence=round(min(0.99, 0.6 + 0.4 * place.agreed / place.pages), 2)
        )
    return None


def with_places(sheet: Sheet, template: Template, listing: RawListing) -> RawListing:
    """The listing with fields that were doubtful or missing taken from where the site always has them."""
    better: dict[str, Words] = {}
    for name in _FILLED_BY_PLACE:
        now: Words | None = getattr(listing, name)
        if now is not None and now.rule.startswith("label:"):
            continue
        found = placed(sheet, template, "listing", name)
        if found and (now is None or now.confidence < found.confidence) and _fits(name, found.text):
            better[name] = found
    return dataclasses.replace(listing, **cast(Any, better)) if better else listing


def _fits(name: str, text: str) -> bool:
    if name == "vendor":
        return len(text) <= 60 and read_label(text) is None
    return any(letter.isdigit() for letter in text) and len(text) <= 120
