"""What a profile's selectors correct: single fields by CSS, which pages are of which type, which are gates."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from parsel import Selector

from config.selectors import selector_faults
from crawler.model.errors import BadProfile
from crawler.model.words import RawPage, Words

_MANY = frozenset({"category", "cities"})
_LONGEST = 20_000
_MOST_MATCHES = 200


class Corrections:
    """A profile's selectors, ready to use. Raises BadProfile with every fault."""

    def __init__(self, name: str, selectors: Mapping[str, str]) -> None:
        faults = selector_faults(selectors)
        if faults:
            raise BadProfile(name, tuple(faults))
        self._selectors = dict(sorted(selectors.items()))

    def __bool__(self) -> bool:
        return bool(self._selectors)

    def page_type(self, page: Selector) -> str | None:
        """The page type whose selector matches, None where none does."""
        return self._first("page_type.", page)

    def gate(self, page: Selector) -> str | None:
        """The gate whose selector matches, None where none does."""
        return self._first("gate.", page)

    def _first(self, part: str, page: Selector) -> str | None:
        stated = ((key.removeprefix(part), css) for key, css in self._selectors.items() if key.startswith(part))
        return next((kind for kind, css in stated if page.css(css)), None)

    def correct(self, raw: RawPage, page: Selector) -> RawPage:
        """The page with the fields the selectors find; a selector that finds nothing changes nothing."""
        changed: dict[str, Any] = {}
        for part in ("listing", "vendor"):
            item = getattr(raw, part)
            better = self._better(part, page) if item is not None else {}
            if better:
                changed[part] = dataclasses.replace(item, **better)
        return dataclasses.replace(raw, **changed) if changed else raw

    def _better(self, part: str, page: Selector) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, css in self._selectors.items():
            name = key.removeprefix(part + ".")
            if name == key:
                continue
            words = [_words(name, text) for text in _texts(page, css)]
            if words:
                found[name] = tuple(words) if name in _MANY else words[0]
        return found


def _texts(page: Selector, css: str) -> Iterable[str]:
    for match in page.css(css)[:_MOST_MATCHES]:
        text = match.get() if "::" in css else str(match.xpath("string()").get())
        bare = " ".join(text.split())[:_LONGEST]
        if bare:
            yield bare


def _words(name: str, text: str) -> Words:
    return Words(text=text, rule=f"profile:{name}", confidence=1.0)
