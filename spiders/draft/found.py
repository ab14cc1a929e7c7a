"""What drafting compares: pages with what the reader found on them, and selectors with how often they agree."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from lxml import etree

from crawler.model.words import RawPage, Words
from spiders.draft.candidates import elements, nested_steps, own_steps
from spiders.reader.dom import even
from spiders.reader.profiled import tree_of
from spiders.reader.title import title_parts

FEWEST_PAGES = 4
RIGHT = 0.98
STATED = 0.9
MOST_MENDED = 0.25


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundSelector:
    """A selector with how often it agreed with the reader, of how many pages that state the field or have the type.

    ``mended`` are further pages on which it finds what the reader missed or took from a wrong place.
    """

    key: str
    css: str
    agreed: int
    pages: int
    mended: int = 0


def is_trusted(*, agreed: int, wrong: int, mended: int, stated: int, most: float = MOST_MENDED) -> bool:
    """Whether a selector agrees with the reader on nearly all pages that state a thing, and mends no more than so much.

    ``most`` is the share of mended pages to those it agrees on.
    """
    enough = agreed >= max(FEWEST_PAGES, STATED * stated) and agreed >= RIGHT * (agreed + wrong)
    return enough and mended <= most * agreed


@dataclass(slots=True)
class ReadPage:
    """A page's tree with what the reader read from it.

    ``steps`` are the simple selectors its elements answer to, ``title_ends`` how the document's title begins and ends.
    ``beside`` are the words of its cards and reviews,
    ``kind`` is its type as all pages of the site together tell, ``stated`` what its card on another page says of it,
    ``is_front`` whether it is the list of everything among the lists of the site.
    """

    root: etree._Element
    raw: RawPage
    url: str | None = None
    steps: frozenset[str] = field(default=frozenset())
    title_ends: frozenset[tuple[str, str]] = field(default=frozenset())
    beside: frozenset[str] = field(default=frozenset())
    kind: str = ""
    stated: dict[str, str] = field(default_factory=dict)
    is_front: bool = False

    @classmethod
    def of(cls, markup: str, raw: RawPage, url: str | None) -> ReadPage:
        """The page, its markup parsed as a profile's selectors see it."""
        root = tree_of(markup).root
        steps = frozenset(step for element in elements(root) for step in (*own_steps(element), *nested_steps(element)))
        return cls(root, raw, url, steps, frozenset(_title_ends(root)), frozenset(_beside(raw)), raw.page_type)

    def said(self, part: str, name: str) -> tuple[str, ...] | None:
        """What the page says of a field, one text or several: as its card states it, else as it was read, or None."""
        if part == "listing" and name in self.stated:
            return (self.stated[name],)
        value = getattr(getattr(self.raw, part), name)
        words: Iterable[Words] = value if isinstance(value, tuple) else () if value is None else (value,)
        return tuple(even(each.text) for each in words) or None


def _title_ends(root: etree._Element) -> Iterable[tuple[str, str]]:
    title = next(root.iter("title"), None)
    parts = title_parts(even("".join(map(str, title.itertext())))) if title is not None else []
    if len(parts) > 1:
        yield from (("start", parts[0]), ("end", parts[-1]))


def _beside(raw: RawPage) -> Iterable[str]:
    for card in raw.cards:
        yield from (even(text) for text in (card.title, card.vendor, card.price) if text)
    for review in raw.reviews:
        said = (review.text, review.rating, review.buyer, review.date, review.price)
        yield from (even(text) for text in said if text)
