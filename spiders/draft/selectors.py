"""CSS selectors that find on all pages of a market what the reader found on most of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

from lxml import etree
from parsel import css2xpath

from config.selectors import FIELDS, split_selector
from spiders.draft.candidates import (
    elements,
    labelled_selectors,
    own_texts,
    placed_selectors,
    row_selectors,
    text_of,
    text_selectors,
)
from spiders.draft.found import FEWEST_PAGES, MOST_MENDED, FoundSelector, ReadPage, is_trusted
from spiders.reader.dom import even
from spiders.reader.profiled import MANY, MOST_MATCHES
from spiders.reader.world import is_place

_LONGEST_TEXT = 2_000
_LONGEST_ROW = 200
_MOST_CANDIDATES = 24
_MOST_LABELLED = 12
_MOST_WITH_LABEL = 2.0
_FEWEST_KNOWN = 2
_TWICE_AS_LONG = 2
_BY_PLACE = ":nth-of-type"
_DIGIT = re.compile(r"\d")
_NAMES = {"listing.vendor": "vendor", "listing.title": "title", "vendor.name": "vendor"}
"""Fields that cards state as well, under these names."""
_PLACES = frozenset({"listing.ships_from", "listing.ships_to"})
_FREE = frozenset({"description"})
"""Long texts: a selector would take their paragraphs for one line, and the reader finds them by what they are."""
_ITEMS = ("listing", "vendor")

_Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Field:
    """A field on all pages of its type: what the reader says there, and what is known of its values elsewhere."""

    key: str
    pages: Sequence[ReadPage]
    wanted: Sequence[_Words | None]
    cards: set[str]

    @property
    def name(self) -> str:
        return self.key.partition(".")[2]

    @property
    def stated(self) -> int:
        return sum(words is not None for words in self.wanted)


@dataclass(slots=True)
class _Votes:
    """What became of a selector on the pages: on how many it agreed and on which words, what it found on the others.

    ``filled`` are pages where the reader has nothing, ``other`` those where it says something else.
    """

    agreed: int = 0
    known: set[str] = field(default_factory=set)
    filled: list[tuple[int, _Words]] = field(default_factory=list)
    other: list[tuple[int, _Words]] = field(default_factory=list)


def find_selectors(pages: Sequence[ReadPage]) -> list[FoundSelector]:
    """The selectors of all fields for which one agrees with the reader nearly always.

    Where the reader has nothing, or what no other page confirms, and the selector finds what others do confirm, the
    page counts as mended.
    """
    found: list[FoundSelector] = []
    for part in _ITEMS:
        own = [page for page in pages if page.raw.page_type == part and getattr(page.raw, part) is not None]
        if len(own) >= FEWEST_PAGES:
            names = sorted(FIELDS[part] - _FREE)
            found += filter(None, (_of_field(_field(part, name, own, pages)) for name in names))
    return found


def _field(part: str, name: str, own: Sequence[ReadPage], pages: Sequence[ReadPage]) -> _Field:
    named = _NAMES.get(f"{part}.{name}")
    cards = (getattr(card, named) for page in pages for card in page.raw.cards) if named else ()
    known = {even(text) for text in cards if text}
    return _Field(f"{part}.{name}", own, [page.said(part, name) for page in own], known)


def _of_field(field: _Field) -> FoundSelector | None:
    if field.stated < FEWEST_PAGES or len(set(filter(None, field.wanted))) == 1:
        return None
    tried = (_tried(css, field) for css in _candidates(field))
    return max(filter(None, tried), key=_worth, default=None)


def _tried(css: str, field: _Field) -> FoundSelector | None:
    """The selector with its votes, None where it disagrees too often or mends more than it is trusted with."""
    votes = _voted(css, field)
    missed = [at for at, texts in votes.filled if _is_missed(field, css, at, texts, votes.known)]
    mistaken = [at for at, texts in votes.other if _is_mistaken(field, css, at, texts, votes.known | field.cards)]
    agreed, mended = votes.agreed, len(missed) + len(mistaken)
    wrong = len(votes.filled) + len(votes.other) - mended
    most = _MOST_WITH_LABEL if _has_label(css) else MOST_MENDED
    if not is_trusted(agreed=agreed, wrong=wrong, mended=mended, stated=field.stated - len(mistaken), most=most):
        return None
    return FoundSelector(key=field.key, css=css, agreed=agreed, pages=field.stated, mended=mended)


def _worth(found: FoundSelector) -> tuple[int, bool, int]:
    """What is best of two selectors: on most pages right, then with the label beside the field, then the shorter."""
    return found.agreed + found.mended, ":contains(" in found.css, -len(found.css)


def _has_label(css: str) -> bool:
    return ":contains(" in css or " => " in css


def _is_missed(field: _Field, css: str, at: int, texts: _Words, known: set[str]) -> bool:
    """Whether the texts found where the reader has nothing look like what the field says on other pages."""
    if len(known) < _FEWEST_KNOWN or _BY_PLACE in css or _is_claimed(field, at, texts):
        return False
    return _has_label(css) or all(_is_alike(field, text) for text in texts)


def _is_mistaken(field: _Field, css: str, at: int, texts: _Words, known: set[str]) -> bool:
    """Whether other pages know the texts found, and none knows what the reader says there."""
    if field.key not in _NAMES or _BY_PLACE in css or _is_claimed(field, at, texts):
        return False
    return set(texts) <= known and not known & set(field.wanted[at] or ())


def _is_claimed(field: _Field, at: int, texts: _Words) -> bool:
    """Whether another field, a card or a review of the page says these words, by which they are not this one's."""
    page, part, own = field.pages[at], field.key.partition(".")[0], field.name
    claimed = {text for name in FIELDS[part] if name != own for text in page.said(part, name) or ()}
    return any(
        text in claimed
        or any(text in words or words in text for words in page.beside)
        or not any(map(str.isalnum, text))
        for text in texts
    )


def _is_alike(field: _Field, text: str) -> bool:
    """Whether a text has the look of the field's values: as long, with figures where all have some, a place, known."""
    if text in field.cards:
        return True
    said = [each for words in field.wanted for each in words or ()]
    if field.key in _PLACES:
        return is_place(text)
    if len(text) > _TWICE_AS_LONG * max(map(len, said)):
        return False
    figures = sum(bool(_DIGIT.search(each)) for each in said)
    if figures == len(said):
        return _masked(text) in map(_masked, said)
    return field.key not in _NAMES and text in said


def _masked(text: str) -> str:
    return re.sub(r"[\d.,\s]+", "0", text)


def _candidates(field: _Field) -> list[str]:
    placed: Counter[str] = Counter()
    labelled: Counter[str] = Counter()
    for page, words in zip(field.pages, field.wanted, strict=True):
        if words is None:
            continue
        longest = max(map(len, words)) + _LONGEST_TEXT
        by_place: set[str] = set()
        by_label: set[str] = set()
        for element in elements(page.root):
            text = text_of(element) if _could_say(element, longest) else ""
            if text in words:
                by_place.update(placed_selectors(element))
                by_label.update(labelled_selectors(element))
            elif len(words) == 1 and len(words[0]) < _LONGEST_ROW:
                by_label.update(_beside_label(element, text, words[0]))
        placed.update(by_place)
        labelled.update(by_label)
    return [*_most(placed, _MOST_CANDIDATES), *_most(labelled, _MOST_LABELLED)]


def _beside_label(element: etree._Element, text: str, value: str) -> Iterator[str]:
    if text and len(text) < _LONGEST_ROW and text.endswith(value):
        yield from row_selectors(element, text, value)
    for own in own_texts(element):
        if own.endswith(value):
            yield from text_selectors(element, own, value)


def _most(votes: Counter[str], count: int) -> list[str]:
    return [css for css, _ in sorted(votes.items(), key=lambda pair: (-pair[1], len(pair[0]), pair[0]))][:count]


def _could_say(element: etree._Element, longest: int) -> bool:
    """Whether the element is small enough to hold these words and nothing else."""
    length = 0
    for piece in element.itertext():
        length += len(piece)
        if length > longest:
            return False
    return length > 0


def _voted(selector: str, field: _Field) -> _Votes:
    votes = _Votes()
    for at, (texts, words) in enumerate(zip(_texts(selector, field.pages), field.wanted, strict=True)):
        if texts:
            got = texts if field.name in MANY else texts[:1]
            if got == words:
                votes.agreed += 1
                votes.known.update(got)
            else:
                (votes.filled if words is None else votes.other).append((at, got))
    return votes


def _texts(selector: str, pages: Sequence[ReadPage]) -> Iterator[_Words]:
    """What a selector finds on each page, as a profile's selector would."""
    split = split_selector(selector)
    find = cast(Callable[[etree._Element], list[etree._Element | str]], etree.XPath(css2xpath(split.css)))
    pattern = re.compile(split.pattern) if split.pattern else None
    for page in pages:
        found = find(page.root)[:MOST_MATCHES]
        texts = [text for text in (even(each) if isinstance(each, str) else text_of(each) for each in found) if text]
        yield tuple(match[1] for match in map(pattern.search, texts) if match) if pattern else tuple(texts)
