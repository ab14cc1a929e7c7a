"""Signs that tell which page type a page is of, voted on by all pages of a site."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice

from crawler.model.page import PageType
from spiders.draft.candidates import text_of
from spiders.draft.found import FoundSelector, ReadPage

_FEWEST_PAGES = 4
_OWN = 0.9
_MOST_DOUBTED = 0.1
"""Of the pages that bear a sign no larger share may have been read as another type."""
_TITLED = 12
"""So many pages must share a part of the document's title before it speaks for pages without anything else."""
_HEADS = ("title", "h1", "h2", "h3")
_MOST_HEADS = 6
_SHORTEST_HEAD, _LONGEST_HEAD = 3, 120
_TYPED = (PageType.LISTING, PageType.CATEGORY, PageType.VENDOR, PageType.FEEDBACK)


def find_types(pages: Sequence[ReadPage]) -> list[FoundSelector]:
    """For each page type a selector that nearly all of its pages answer to and no page that is surely another."""
    front = _find_front(pages)
    found = [_of_type(kind.value, pages) for kind in _TYPED]
    return [each for each in (*found, front) if each is not None]


def _find_front(pages: Sequence[ReadPage]) -> FoundSelector | None:
    """What tells the one list that is headed by the bare word that the heads of the other lists add a category to.

    "Products" among "Lamps Products" and "Bells Products" is the list of everything, where a visit begins. Pages with
    addresses need no such sign. The page found is marked as the front page.
    """
    lists = [page for page in pages if page.kind == PageType.CATEGORY.value and page.url is None]
    rest = [page for page in pages if page.kind not in (PageType.CATEGORY.value, PageType.OTHER.value)]
    for tag in _HEADS:
        heads = [(page, head) for page in lists for head in _heads_of(page, tag)]
        once = [head for head, count in Counter(head for _, head in heads).items() if count == 1]
        for word in sorted(filter(_is_word, once)):
            longer = {head for _, head in heads if head.startswith(word + " ") or head.endswith(" " + word)}
            front, *others = [page for page, head in heads if head == word]
            if others or len(longer) < _FEWEST_PAGES or any(word in _heads_of(page, tag) for page in rest):
                continue
            front.kind, front.is_front = PageType.OTHER.value, True
            css = f"{tag} => {_pattern(('start', word))}$"
            return FoundSelector(key="page_type.other", css=css, agreed=0, pages=1, mended=1)
    return None


def _heads_of(page: ReadPage, tag: str) -> list[str]:
    return [text for text in map(text_of, islice(page.root.iter(tag), _MOST_HEADS)) if len(text) <= _LONGEST_HEAD]


def _is_word(head: str) -> bool:
    return len(head) >= _SHORTEST_HEAD and head.replace(" ", "").isalpha()


def _of_type(kind: str, pages: Sequence[ReadPage]) -> FoundSelector | None:
    own = [page for page in pages if page.kind == kind]
    others = [page for page in pages if page.kind != kind]
    if len(own) < _FEWEST_PAGES or len(others) < _FEWEST_PAGES:
        return None
    signs = [*_steps(own, others), *_title_parts(own, others)]
    return max(signs, key=_worth, default=None)


def _worth(found: FoundSelector) -> tuple[int, bool, int, int]:
    """What is best of two signs: what mends most, then a name, then on most pages, then the shorter."""
    return found.mended, " > " not in found.css, found.agreed, -len(found.css)


def _steps(own: Sequence[ReadPage], others: Sequence[ReadPage]) -> list[FoundSelector]:
    """The classes and ids of the type's pages; a page read as another type that has nearly all of them is one."""
    mine = Counter(step for page in own for step in page.steps)
    theirs = Counter(step for page in others for step in page.steps)
    common = {step: count for step, count in mine.items() if count >= _OWN * len(own)}
    clear = frozenset(step for step in common if theirs[step] <= _MOST_DOUBTED * len(own))
    found = []
    for step in clear:
        bearers = [page for page in others if step in page.steps]
        if all(_is_like(page, clear) and page.raw.gate is None and not page.is_front for page in bearers):
            found.append(_found(own, step, common[step], len(bearers)))
    return found


def _is_like(page: ReadPage, clear: frozenset[str]) -> bool:
    """Whether a page has nearly all the signs of a type, enough of them to be no chance."""
    return len(clear) >= _FEWEST_PAGES and len(clear & page.steps) >= _OWN * len(clear)


def _title_parts(own: Sequence[ReadPage], others: Sequence[ReadPage]) -> list[FoundSelector]:
    """What the document titles of the type begin or end with; it also speaks for a page that says nothing else."""
    mine = Counter(end for page in own for end in page.title_ends)
    found = []
    for end, count in mine.items():
        bearers = [page for page in others if end in page.title_ends]
        doubted = [page for page in bearers if page.kind == PageType.OTHER.value and not page.is_front]
        if count < max(_OWN * len(own), _FEWEST_PAGES) or len(doubted) < len(bearers):
            continue
        if not bearers or (count >= _TITLED and len(bearers) <= _MOST_DOUBTED * count):
            found.append(_found(own, f"title => {_pattern(end)}", count, len(bearers)))
    return found


def _pattern(end: tuple[str, str]) -> str:
    side, text = end
    escaped = re.escape(text).replace("\\ ", " ")
    return f"{escaped}$" if side == "end" else f"^{escaped}"


def _found(own: Sequence[ReadPage], css: str, agreed: int, mended: int) -> FoundSelector:
    return FoundSelector(key=f"page_type.{own[0].kind}", css=css, agreed=agreed, pages=len(own), mended=mended)
