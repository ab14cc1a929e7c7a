"""What the selectors of a profile may name, and what is wrong with them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

from cssselect import SelectorError
from parsel import css2xpath

from crawler.model.page import Gate, PageType
from crawler.model.words import RawListing, RawVendor

_NO_WORDS = frozenset({"prices", "pgp_blocks"})
FIELDS = {
    "listing": frozenset(field.name for field in dataclasses.fields(RawListing)) - _NO_WORDS,
    "vendor": frozenset(field.name for field in dataclasses.fields(RawVendor)) - _NO_WORDS,
    "page_type": frozenset(kind.value for kind in PageType if kind is not PageType.GATE),
    "gate": frozenset(gate.value for gate in Gate),
}
"""What may stand behind the point of a selector's key, by what stands before it."""


def selector_faults(selectors: Mapping[str, str]) -> list[str]:
    """Everything wrong with a profile's selectors, one sentence a fault."""
    return [fault for key, css in sorted(selectors.items()) for fault in _faults(key, css)]


def css_fault(css: str) -> str:
    """What is wrong with a CSS selector; empty where nothing is."""
    try:
        css2xpath(css)
    except SelectorError as error:
        return str(error)
    return ""


def _faults(key: str, css: str) -> Iterator[str]:
    part, _, name = key.partition(".")
    if name not in FIELDS.get(part, frozenset()):
        yield f"selector {key!r} names no field; use listing.FIELD, vendor.FIELD, page_type.TYPE or gate.GATE"
    if fault := css_fault(css):
        yield f"selector {key!r} is no CSS: {fault}"
