"""What a profile's selectors correct: single fields, cards, reviews and options, which pages are of which type."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree
from parsel import Selector, SelectorList, css2xpath

from config.selectors import WHOLE, selector_faults, split_selector
from crawler.model.errors import BadProfile
from crawler.model.words import RawCard, RawOption, RawPage, RawReview, Words
from spiders.reader.dom import even
from spiders.reader.urls import resolve

MANY = frozenset({"category", "cities"})
"""Fields whose selector gives every match, not the first alone."""
_LONGEST = 20_000
MOST_MATCHES = 200
_MOST_BOXES = 500
_MOST_MARKUP = 1_000_000
_ENDLESS = 20_000
_ENDLESS_TAG = re.compile(rf"<([a-zA-Z]\w{{0,20}})\s[^<>]{{{_ENDLESS},}}(?:>|(?=<)|$)")
"""lxml takes minutes to build an element of half a million attributes."""


@dataclass(frozen=True, slots=True)
class _Find:
    """One selector, ready to use."""

    css: str
    pattern: re.Pattern[str] | None
    only: bool

    @classmethod
    def of(cls, selector: str) -> _Find:
        split = split_selector(selector)
        return cls(split.css, re.compile(split.pattern) if split.pattern else None, split.only)

    def texts(self, place: Selector) -> Iterator[str]:
        """The texts found in a place, white space evened out, in the order they stand there."""
        for match in _first_matches(place, self.css, MOST_MATCHES):
            text = match.get() if "::" in self.css else str(match.xpath("string()").get())
            bare = self._taken(even(text)[:_LONGEST])
            if bare:
                yield bare

    def matches(self, place: Selector) -> bool:
        """Whether an element matches, and its text the regular expression."""
        return bool(_first_matches(place, self.css, 1)) if self.pattern is None else self.first(place) is not None

    def first(self, place: Selector) -> str | None:
        """The first text found."""
        return next(self.texts(place), None)

    def _taken(self, text: str) -> str:
        if self.pattern is None:
            return text
        match = self.pattern.search(text)
        return "" if match is None else str(match[1 if self.pattern.groups else 0] or "").strip()


def tree_of(markup: str) -> Selector:
    """The page as selectors search it, to a bound; of a tag of monstrous length only the name is kept."""
    bounded = _ENDLESS_TAG.sub(r"<\1>", markup[:_MOST_MARKUP]) if len(markup) > _ENDLESS else markup
    return Selector(text=bounded or "<html></html>")


class Corrections:
    """A profile's selectors, ready to use. Raises BadProfile with every fault."""

    def __init__(self, name: str, selectors: Mapping[str, str]) -> None:
        faults = selector_faults(selectors)
        if faults:
            raise BadProfile(name, tuple(faults))
        self._parts: dict[str, dict[str, _Find]] = {}
        for key, selector in sorted(selectors.items()):
            part, _, field = key.partition(".")
            self._parts.setdefault(part, {})[field] = _Find.of(selector)

    def __bool__(self) -> bool:
        return bool(self._parts)

    @property
    def tells_types(self) -> bool:
        """Whether there are selectors for page types."""
        return "page_type" in self._parts

    def page_type(self, page: Selector) -> str | None:
        """The page type whose selector matches, None where none does."""
        return self._first("page_type", page)

    def gate(self, page: Selector) -> str | None:
        """The gate whose selector matches, None where none does."""
        return self._first("gate", page)

    def _first(self, part: str, page: Selector) -> str | None:
        return next((name for name, find in self._parts.get(part, {}).items() if find.matches(page)), None)

    def correct(self, raw: RawPage, page: Selector, url: str | None) -> RawPage:
        """The page with what the selectors find; one that finds nothing changes nothing, unless it is `only`."""
        changed: dict[str, Any] = {}
        for part in ("listing", "vendor"):
            item = getattr(raw, part)
            better = self._better(part, page) if item is not None else {}
            if better:
                changed[part] = dataclasses.replace(item, **better)
        if cards := tuple(self._cards(page, url)):
            changed["cards"] = cards
            links = dict.fromkeys((*raw.links.listing, *(card.url for card in cards)))
            changed["links"] = dataclasses.replace(raw.links, listing=tuple(links))
        if reviews := tuple(RawReview(**said) for said in self._boxes("review", page)):
            changed["reviews"] = reviews
        following = self._following(page, url)
        if following:
            changed["links"] = dataclasses.replace(changed.get("links", raw.links), next=following)
        return dataclasses.replace(raw, **changed) if changed else raw

    def _better(self, part: str, page: Selector) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, find in self._parts.get(part, {}).items():
            words = [_words(name, text) for text in find.texts(page)]
            if words or find.only:
                found[name] = tuple(words) if name in MANY else next(iter(words), None)
        if part == "listing":
            options = tuple(RawOption(**said) for said in self._boxes("option", page) if "price" in said)
            found |= {"prices": options} if options else {}
        return found

    def _boxes(self, part: str, page: Selector) -> Iterator[dict[str, str]]:
        """What stands in each box of a kind, by field; boxes in which nothing stands are left out."""
        fields = self._parts.get(part, {})
        if WHOLE in fields:
            for box in _first_matches(page, fields[WHOLE].css, _MOST_BOXES):
                said = {name: find.first(box) for name, find in fields.items() if name != WHOLE}
                told = {name: text for name, text in said.items() if text is not None}
                if told:
                    yield told

    def _cards(self, page: Selector, url: str | None) -> Iterator[RawCard]:
        fields = self._parts.get("card", {})
        for box in _first_matches(page, fields[WHOLE].css, _MOST_BOXES) if WHOLE in fields else ():
            links = box.css(fields["link"].css) if "link" in fields else [box, *box.css("a")]
            href = next(filter(None, map(_address, links)), None)
            address = resolve(url, href) if href else None
            said = {name: fields[name].first(box) for name in ("title", "vendor", "price") if name in fields}
            title = said.pop("title", None) or (_text(links) if "title" not in fields else None)
            if address and title:
                yield RawCard(url=address, title=title, **said)

    def _following(self, page: Selector, url: str | None) -> str | None:
        find = self._parts.get("link", {}).get("next")
        href = next(filter(None, map(_address, page.css(find.css))), None) if find else None
        return resolve(url, href) if href else None


def _first_matches(place: Selector, css: str, most: int) -> SelectorList[Selector]:
    """The first matches in the order of the page, which may hold a hundred thousand of them."""
    return place.xpath(f"({css2xpath(css)})[position() <= {most}]")


def _address(match: Selector) -> str | None:
    """Where an element leads, or the attribute a selector named."""
    root: Any = match.root
    # Not by ``Selector.attrib``, which fails where another attribute has odd letters in its name.
    href: str | None = root.get("href") if isinstance(root, etree._Element) else match.get()
    return href


def _text(links: Iterable[Selector]) -> str | None:
    texts = (even(str(link.xpath("string()").get())) for link in links)
    return next(filter(None, texts), None)


def _words(name: str, text: str) -> Words:
    return Words(text=text, rule=f"profile:{name}", confidence=1.0)
