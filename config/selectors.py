"""What the selectors of a profile may name, and what is wrong with them.

A selector is CSS, also with ``::text`` or ``::attr(NAME)``; behind `` => `` may stand a regular expression whose first
group (or whole match) is what is taken of the text: ``div.from => From (.+)``. With ``only`` before it a field is
absent where the selector finds nothing; without, the reader's own finding stays.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping

from cssselect import SelectorError
from parsel import css2xpath

from crawler.model.page import Gate, PageType
from crawler.model.words import RawListing, RawOption, RawReview, RawVendor

WHOLE = ""
"""Stands for the box of a card, review or price option, in which the selectors of its parts search."""
_NO_WORDS = frozenset({"prices", "pgp_blocks"})
FIELDS = {
    "listing": frozenset(field.name for field in dataclasses.fields(RawListing)) - _NO_WORDS,
    "vendor": frozenset(field.name for field in dataclasses.fields(RawVendor)) - _NO_WORDS,
    "card": frozenset({WHOLE, "title", "vendor", "price", "link"}),
    "review": frozenset(field.name for field in dataclasses.fields(RawReview)) | {WHOLE},
    "option": frozenset(field.name for field in dataclasses.fields(RawOption)) | {WHOLE},
    "link": frozenset({"next"}),
    "page_type": frozenset(kind.value for kind in PageType if kind is not PageType.GATE),
    "gate": frozenset(gate.value for gate in Gate),
}
"""What may stand behind the point of a selector's key, by what stands before it."""
_BOXES = ("card", "review", "option")
_PATTERN = " => "
_ONLY = "only "


@dataclasses.dataclass(frozen=True, slots=True)
class SplitSelector:
    """A selector in its parts: the CSS, the regular expression or None, whether a field has no other source."""

    css: str
    pattern: str | None
    only: bool


def split_selector(selector: str) -> SplitSelector:
    """The parts of a selector."""
    css, arrow, pattern = selector.removeprefix(_ONLY).partition(_PATTERN)
    return SplitSelector(css.strip(), pattern.strip() if arrow else None, selector.startswith(_ONLY))


def selector_faults(selectors: Mapping[str, str]) -> list[str]:
    """Everything wrong with a profile's selectors, one sentence a fault."""
    faults = [fault for key, selector in sorted(selectors.items()) for fault in _faults(key, selector)]
    for part in _BOXES:
        if part not in selectors and any(key.startswith(f"{part}.") for key in selectors):
            faults.append(f"selectors of {part}.… need one of the whole {part}, called {part!r}")
    return faults


def css_fault(css: str) -> str:
    """What is wrong with a CSS selector; empty where nothing is."""
    try:
        css2xpath(css)
    except SelectorError as error:
        return str(error)
    return ""


def _faults(key: str, selector: str) -> Iterator[str]:
    part, _, name = key.partition(".")
    if name not in FIELDS.get(part, frozenset()):
        yield f"selector {key!r} names no field; use listing.FIELD, vendor.FIELD, page_type.TYPE or another of the docs"
    split = split_selector(selector)
    if fault := css_fault(split.css):
        yield f"selector {key!r} is no CSS: {fault}"
    try:
        re.compile(split.pattern or "")
    except re.error as error:
        yield f"selector {key!r} has no regular expression behind =>: {error}"
