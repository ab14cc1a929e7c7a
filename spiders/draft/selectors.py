"""CSS selectors that find on all pages of a market what the reader found on them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import cast

from lxml import etree
from parsel import css2xpath

from config.selectors import FIELDS
from crawler.model.page import PageType
from crawler.model.words import RawPage, Words
from spiders.reader.dom import visible
from spiders.reader.profiled import MANY, tree_of

_PLAIN = re.compile(r"[a-zA-Z_-]{2,40}")
_STEADY_TAGS = frozenset({"h1", "h2", "h3", "h4", "pre", "dl", "center"})
_LONGEST_TEXT = 2_000
_MOST_ELEMENTS = 4_000
_MOST_LEVELS = 4
_MOST_CANDIDATES = 24
_FEWEST_PAGES = 4
_RIGHT = 0.98
_STATED = 0.9
_OWN, _ELSEWHERE = 0.97, 0.0
_TYPED = (PageType.LISTING, PageType.CATEGORY, PageType.VENDOR, PageType.FEEDBACK)


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundSelector:
    """A selector with how often it agreed with the reader, of how many pages that state the field or have the type."""

    key: str
    css: str
    agreed: int
    pages: int


@dataclass(slots=True)
class ReadPage:
    """A page's tree with what the reader read from it; ``steps`` are the simple selectors its elements answer to."""

    root: etree._Element
    raw: RawPage
    steps: frozenset[str] = field(default=frozenset())

    @classmethod
    def of(cls, markup: str, raw: RawPage) -> ReadPage:
        """The page, its markup parsed as a profile's selectors see it."""
        root = tree_of(markup).root
        return cls(root, raw, frozenset(step for element in _elements(root) for step in _own_steps(element)))


def find_selectors(pages: Sequence[ReadPage]) -> list[FoundSelector]:
    """The selectors of all fields and page types for which one agrees with the reader nearly always."""
    found: list[FoundSelector] = []
    for part in ("listing", "vendor"):
        own = [page for page in pages if page.raw.page_type == part and getattr(page.raw, part) is not None]
        if len(own) >= _FEWEST_PAGES:
            found += filter(None, (_of_field(part, name, own) for name in sorted(FIELDS[part])))
    return found + list(filter(None, (_of_type(kind.value, pages) for kind in _TYPED)))


def _of_field(part: str, name: str, pages: Sequence[ReadPage]) -> FoundSelector | None:
    wanted = [_said(page.raw, part, name) for page in pages]
    stated = sum(words is not None for words in wanted)
    if stated < _FEWEST_PAGES or len(set(filter(None, wanted))) == 1:
        return None
    best: FoundSelector | None = None
    for css in _candidates(pages, wanted):
        agreed, wrong = _agreement(css, name, pages, wanted)
        if agreed < _STATED * stated or agreed < _RIGHT * (agreed + wrong):
            continue
        if best is None or (agreed, -len(css)) > (best.agreed, -len(best.css)):
            best = FoundSelector(key=f"{part}.{name}", css=css, agreed=agreed, pages=stated)
    return best


def _said(raw: RawPage, part: str, name: str) -> tuple[str, ...] | None:
    """What the reader says of the field, one text or several; None where the page does not state it."""
    value = getattr(getattr(raw, part), name)
    words: Iterable[Words] = value if isinstance(value, tuple) else () if value is None else (value,)
    return tuple(_even(each.text) for each in words) or None


def _even(text: str) -> str:
    return " ".join(visible(text).split())


def _elements(root: etree._Element) -> Iterator[etree._Element]:
    for element in islice(root.iter(etree.Element), _MOST_ELEMENTS):
        if element.tag not in ("script", "style", "html", "body", "head", "title"):
            yield element


def _text(element: etree._Element) -> str:
    return _even("".join(map(str, element.itertext())))


def _candidates(pages: Sequence[ReadPage], wanted: Sequence[tuple[str, ...] | None]) -> list[str]:
    votes: Counter[str] = Counter()
    for page, words in zip(pages, wanted, strict=True):
        if words is None:
            continue
        longest = max(map(len, words)) + _LONGEST_TEXT
        own: set[str] = set()
        for element in _elements(page.root):
            if _could_say(element, longest) and _text(element) in words:
                own.update(_selectors_of(element))
        votes.update(own)
    return [css for css, _ in sorted(votes.items(), key=lambda pair: (-pair[1], len(pair[0]), pair[0]))][
        :_MOST_CANDIDATES
    ]


def _could_say(element: etree._Element, longest: int) -> bool:
    """Whether the element is small enough to hold these words and nothing else."""
    length = 0
    for piece in element.itertext():
        length += len(piece)
        if length > longest:
            return False
    return length > 0


def _selectors_of(element: etree._Element) -> Iterator[str]:
    """Selectors for the element, from the plainest to those that name what stands around it."""
    own = [*_own_steps(element), str(element.tag)]
    place = _place(element)
    yield from (step for step in own if step != element.tag or element.tag in _STEADY_TAGS)
    above, levels = element.getparent(), 0
    while above is not None and levels < _MOST_LEVELS:
        for outer in _own_steps(above):
            for inner in own:
                yield f"{outer} > {inner}" if levels == 0 else f"{outer} {inner}"
            if place:
                yield f"{outer} > {place}" if levels == 0 else f"{outer} {place}"
        above, levels = above.getparent(), levels + 1


def _own_steps(element: etree._Element) -> Iterator[str]:
    named = element.get("id")
    if named and _PLAIN.fullmatch(named):
        yield f"{element.tag}#{named}"
    for word in (element.get("class") or "").split()[:6]:
        if _PLAIN.fullmatch(word):
            yield f"{element.tag}.{word}"
    prop = element.get("itemprop")
    if prop and _PLAIN.fullmatch(prop):
        yield f'{element.tag}[itemprop="{prop}"]'


def _place(element: etree._Element) -> str | None:
    parent = element.getparent()
    same = [each for each in parent if each.tag == element.tag] if parent is not None else []
    return f"{element.tag}:nth-of-type({same.index(element) + 1})" if 1 < len(same) < 30 else None


def _agreement(
    css: str, name: str, pages: Sequence[ReadPage], wanted: Sequence[tuple[str, ...] | None]
) -> tuple[int, int]:
    """On how many pages the selector finds what the reader says, and on how many anything else."""
    find = cast(Callable[[etree._Element], list[etree._Element]], etree.XPath(css2xpath(css)))
    agreed = wrong = 0
    for page, words in zip(pages, wanted, strict=True):
        texts = [text for text in map(_text, find(page.root)[:200]) if text]
        if texts:
            got = tuple(texts) if name in MANY else (texts[0],)
            agreed += got == words
            wrong += got != words
    return agreed, wrong


def _of_type(kind: str, pages: Sequence[ReadPage]) -> FoundSelector | None:
    """A selector that all pages of the type answer to and no other page."""
    own = [page for page in pages if page.raw.page_type == kind]
    others = [page for page in pages if page.raw.page_type != kind]
    if len(own) < _FEWEST_PAGES or len(others) < _FEWEST_PAGES:
        return None
    mine = Counter(step for page in own for step in page.steps)
    theirs = Counter(step for page in others for step in page.steps)
    right = [step for step, n in mine.items() if n >= _OWN * len(own) and theirs[step] <= _ELSEWHERE * len(others)]
    best = min(right, key=lambda step: (-mine[step], "#" not in step, len(step), step), default=None)
    if best is None:
        return None
    return FoundSelector(key=f"page_type.{kind}", css=best, agreed=mine[best], pages=len(own))
