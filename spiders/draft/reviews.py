"""Selectors for the boxes of reviews and what stands in them, as the reader found it on the pages of a site."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from lxml import etree
from parsel import Selector

from crawler.model.page import PageType
from crawler.model.words import RawPage, RawReview
from spiders.draft.candidates import elements, own_steps, own_texts, placed_selectors, text_of
from spiders.draft.found import FEWEST_PAGES, MOST_MENDED, RIGHT, STATED, FoundSelector, ReadPage
from spiders.reader.dom import even
from spiders.reader.profiled import Corrections

_FIELDS = ("text", "rating", "buyer", "date", "price")
_MASKED = frozenset({"rating", "date", "price"})
_FEWEST_REVIEWS = 8
_SAMPLE = 12
_MOST_BOXES = 5
_MOST_INNER = 30
_MOST_LEVELS = 6
_MOST_IN_BOX = 60
_MOST_ALIGNED = 150
_COVERED = 0.9
_RARE = 0.08

_BEFORE_NAME = re.compile(r"[^\W\d_]{2,12}:?\s+$")
_NOTHING = RawPage(page_type=PageType.OTHER.value, reader="", template="")
_Said = dict[str, str]


@dataclass(frozen=True, slots=True)
class _Aligned:
    """A review's box with what the reader says stands in it."""

    box: etree._Element
    said: _Said


@dataclass(frozen=True, kw_only=True, slots=True)
class _Tried:
    """Selectors with what they find: how many of the reader's reviews and how many more, on how many pages."""

    selectors: Mapping[str, str]
    covered: int
    more: int
    agreed: int
    pages: int
    mended: int

    def told(self) -> list[FoundSelector]:
        return [
            FoundSelector(key=key, css=css, agreed=self.agreed, pages=self.pages, mended=self.mended)
            for key, css in self.selectors.items()
        ]


def find_reviews(pages: Sequence[ReadPage]) -> list[FoundSelector]:
    """The selectors of the box and of every field that the reader fills; none where one of them has no selector.

    Where a profile names review boxes they take the place of what the reader finds: they must find nearly all of it.
    What the reader says of a tenth of the reviews is outvoted by the others, as with any field of a draft.
    """
    stated = [page for page in pages if page.raw.reviews]
    if len(stated) < FEWEST_PAGES or sum(len(page.raw.reviews) for page in stated) < _FEWEST_REVIEWS:
        return []
    tried = []
    for box in _boxes(stated):
        inner = _inner(box, stated)
        if inner and (found := _tried({"review": box, **inner}, pages)):
            tried.append(found)
    best = max(tried, key=lambda found: (found.covered - found.more, -len(found.selectors["review"])), default=None)
    return [] if best is None else best.told()


def _boxes(stated: Sequence[ReadPage]) -> list[str]:
    """The selectors of boxes that most reviews lie in, one by one."""
    votes: Counter[str] = Counter()
    step = max(1, len(stated) // _SAMPLE)
    for page in islice(stated, 0, None, step):
        found = [box for box in _boxes_of(page) if box is not None]
        votes.update({css for box in found for css in (*placed_selectors(box), *_bare(box))})
    ranked = sorted(votes.items(), key=lambda pair: (-pair[1], len(pair[0]), pair[0]))
    fitting = (css for css, _ in ranked if _fits(css, stated))
    return list(islice(fitting, _MOST_BOXES))


def _bare(box: etree._Element) -> Iterator[str]:
    above = box.getparent()
    if above is not None and above.tag not in ("html", "body"):
        yield from (f"{step} > {box.tag}" for step in [*own_steps(above), str(above.tag)])


def _fits(css: str, stated: Sequence[ReadPage]) -> bool:
    """Whether on most pages there are about as many boxes as reviews: a head or an empty row may be among them."""
    near = sum(0 <= len(_found(page, css)) - len(page.raw.reviews) <= 2 for page in stated)
    return near >= STATED * len(stated)


def _found(page: ReadPage, css: str) -> list[etree._Element]:
    return [match.root for match in Selector(root=page.root).css(css)]


def _boxes_of(page: ReadPage) -> Iterator[etree._Element | None]:
    """For each review of the page the smallest element that holds its words, and no other review's."""
    by_text: dict[str, list[etree._Element]] = {}
    for element in elements(page.root):
        if len(element) <= _MOST_IN_BOX:
            for text in {text_of(element), *own_texts(element)}:
                by_text.setdefault(text, []).append(element)
    for review in page.raw.reviews:
        said = _said(review)
        anchors = min((by_text.get(text, []) for text in said.values()), key=lambda found: len(found) or 999)
        around = (_box_around(anchor, said) for anchor in anchors)
        yield next((box for box in around if box is not None), None)


def _box_around(anchor: etree._Element, said: _Said) -> etree._Element | None:
    box: etree._Element | None = anchor
    for _ in range(_MOST_LEVELS):
        if box is None or box.tag in ("body", "html"):
            return None
        text = text_of(box)
        if all(words in text for words in said.values()):
            return box
        box = box.getparent()
    return None


def _said(review: RawReview) -> _Said:
    return {name: even(words) for name in _FIELDS if (words := getattr(review, name))}


def _aligned(css: str, stated: Sequence[ReadPage]) -> Iterator[_Aligned]:
    """The boxes with what stands in them, on pages where each review has one."""
    for page in stated:
        boxes = [box for box in _found(page, css) if text_of(box)]
        said = [_said(review) for review in page.raw.reviews]
        holding = [box for box in boxes if any(_holds(box, words) for words in said)]
        if len(holding) == len(said):
            yield from (_Aligned(box, words) for box, words in zip(holding, said, strict=True) if _holds(box, words))


def _holds(box: etree._Element, said: _Said) -> bool:
    text = text_of(box)
    return all(words in text for words in said.values())


def _inner(css: str, stated: Sequence[ReadPage]) -> dict[str, str]:
    """For each field of the boxes the selector that gives the reader's words; nothing where a field has none."""
    rows = list(islice(_aligned(css, stated), _MOST_ALIGNED))
    found: dict[str, str] = {}
    for name in _FIELDS:
        having = sum(name in row.said for row in rows)
        if having <= _RARE * len(rows):
            continue
        candidates = (inner for inner in _field_candidates(name, rows) if _adds_little(name, inner, rows))
        tried = ((_right(name, inner, rows), inner) for inner in candidates)
        right, best = max(tried, key=_worth, default=(0, ""))
        if right < RIGHT * having:
            return {}
        found[f"review.{name}"] = best
    return found


def _worth(tried: tuple[int, str]) -> tuple[int, int, bool, int]:
    """What is best of two selectors: the oftener right, then the one with more names, without counting, the shorter."""
    right, inner = tried
    css = inner.partition(" => ")[0]
    return right, css.count(".") + css.count("#"), ":nth-of-type" not in css, -len(inner)


def _adds_little(name: str, inner: str, rows: Sequence[_Aligned]) -> bool:
    """Whether the selector finds the field seldom where the reader does not, and then no words of another field."""
    lacking = [row for row in rows if name not in row.said]
    found = [(row, text) for row in lacking if (text := _first(row.box, inner)) is not None]
    claimed = sum(text in row.said.values() for row, text in found)
    return not claimed and len(found) <= MOST_MENDED * (len(rows) - len(lacking))


def _right(name: str, inner: str, rows: Sequence[_Aligned]) -> int:
    """How often the selector finds what the reader says; where that is nothing, both may be right."""
    return sum(_first(row.box, inner) == row.said[name] for row in rows if name in row.said)


def _first(box: etree._Element, inner: str) -> str | None:
    css, _, pattern = inner.partition(" => ")
    for match in Selector(root=box).css(css):
        text = even(match.get() if "::" in css else str(match.xpath("string()").get()))
        taken = re.search(pattern, text) if pattern else None
        text = taken[1 if taken.re.groups else 0] if taken else "" if pattern else text
        if text:
            return text
    return None


def _field_candidates(name: str, rows: Sequence[_Aligned]) -> list[str]:
    votes: Counter[str] = Counter()
    for row in rows:
        words = row.said.get(name)
        if words is None:
            continue
        found: set[str] = set()
        for element in islice(row.box.iter(etree.Element), _MOST_IN_BOX):
            whole = text_of(element)
            if words not in whole:
                continue
            steps = list(_steps(row.box, element))
            if whole == words:
                found.update(steps)
            if words in own_texts(element):
                found.update(f"{step}::text" for step in steps)
            if name == "buyer" and (before := _BEFORE_NAME.search(whole[: whole.index(words)])):
                found.update(f"{step} => {re.escape(before[0].strip())}\\s+(\\S+)" for step in steps)
            if name in _MASKED:
                found.update(f"{step} => {_mask(words)}" for step in steps)
        votes.update(found)
    return [css for css, _ in sorted(votes.items(), key=lambda pair: (-pair[1], len(pair[0]), pair[0]))][:_MOST_INNER]


def _steps(box: etree._Element, element: etree._Element) -> Iterator[str]:
    """How the element is found in its box: by name, by tag, by its place among its kind, by what it lies in."""
    if element is box:
        yield ":scope"
        return
    own = [*own_steps(element), str(element.tag)]
    above = element.getparent()
    same = [each for each in above if each.tag == element.tag] if above is not None else []
    if len(same) > 1:
        own.append(f"{element.tag}:nth-of-type({same.index(element) + 1})")
    yield from own
    if above is not None and above is not box:
        outer = [*own_steps(above), str(above.tag)]
        beside = above.getparent()
        kin = [each for each in beside if each.tag == above.tag] if beside is not None else []
        if len(kin) > 1:
            outer.append(f"{above.tag}:nth-of-type({kin.index(above) + 1})")
        yield from (f"{step} > {inner}" for step in outer for inner in own)
    elif above is box:
        yield from (f":scope > {inner}" for inner in own)


def _mask(words: str) -> str:
    """The form of a figure or date as a regular expression: "2024-07-23" is three numbers with dashes."""
    pieces = re.findall(r"\d+|[^\W\d_]+|\s+|.", words)
    forms = (
        r"\d+"
        if piece.isdigit()
        else r"[^\W\d_]+"
        if piece.isalpha()
        else r"\s"
        if piece.isspace()
        else re.escape(piece)
        for piece in pieces
    )
    return "".join(forms)


def _tried(selectors: Mapping[str, str], pages: Sequence[ReadPage]) -> _Tried | None:
    """The selectors with how often the page's reviews are then the reader's, None where they disagree too often."""
    corrections = Corrections("draft", selectors)
    agreed = mended = stated = covered = total = more = 0
    for page in pages:
        want = [_said(review) for review in page.raw.reviews]
        have = [_said(review) for review in corrections.correct(_NOTHING, Selector(root=page.root), None).reviews]
        same = _covered(want, have)
        stated, total, covered = stated + bool(want), total + len(want), covered + same
        more += max(0, len(have) - same)
        agreed += bool(want) and same == len(want)
        mended += len(have) > len(want)
    if covered < max(_FEWEST_REVIEWS, _COVERED * total) or more > MOST_MENDED * total:
        return None
    return _Tried(selectors=selectors, covered=covered, more=more, agreed=agreed, pages=stated, mended=mended)


def _covered(want: Sequence[_Said], have: Sequence[_Said]) -> int:
    """How many of the reader's reviews are, with all they say, among those that the selectors find, in its order."""
    kept, count = list(have), 0
    for said in want:
        at = next((at for at, other in enumerate(kept) if said.items() <= other.items()), None)
        if at is not None:
            count += 1
            kept = kept[at + 1 :]
    return count
