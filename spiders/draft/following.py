"""The selector that finds the link to the next page of a list, as the reader found it on the pages of a site."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import cast

from lxml import etree
from parsel import css2xpath

from crawler.model.page import PageType
from spiders.draft.candidates import label_of, own_steps, placed_selectors, text_of
from spiders.draft.found import FEWEST_PAGES, FoundSelector, ReadPage, is_trusted
from spiders.reader.urls import resolve, shape_of

_MOST_CANDIDATES = 40
_MOST_LINKS = 2_000


def find_following(pages: Sequence[ReadPage]) -> FoundSelector | None:
    """The selector of the next page's link that agrees with the reader nearly always, None where none does.

    A page without a next page for the reader counts as mended when the link found leads where the others' lead.
    """
    stated = [page for page in pages if page.raw.links.next]
    if len(stated) < FEWEST_PAGES:
        return None
    shapes = frozenset(shape_of(page.raw.links.next).text for page in stated if page.raw.links.next)
    tried = (_tried(css, pages, shapes) for css in _candidates(stated))
    return max(filter(None, tried), key=lambda found: (found.agreed + found.mended, -len(found.css)), default=None)


def _tried(css: str, pages: Sequence[ReadPage], shapes: frozenset[str]) -> FoundSelector | None:
    find = cast(Callable[[etree._Element], list[str]], etree.XPath(f"({css2xpath(css)})[@href][1]/@href"))
    agreed = wrong = mended = 0
    stated = sum(page.raw.links.next is not None for page in pages)
    for page in pages:
        href = next(iter(find(page.root)), None)
        address = resolve(page.url, href) if href else None
        if address is None:
            continue
        if address == page.raw.links.next:
            agreed += 1
        elif page.raw.links.next is None and _may_follow(page, address, shapes):
            mended += 1
        else:
            wrong += 1
    if not is_trusted(agreed=agreed, wrong=wrong, mended=mended, stated=stated):
        return None
    return FoundSelector(key="link.next", css=css, agreed=agreed, pages=stated, mended=mended)


def _may_follow(page: ReadPage, address: str, shapes: frozenset[str]) -> bool:
    """Whether the link could be the next page of a list that the reader did not see as one."""
    lists = page.raw.page_type not in (PageType.LISTING.value, PageType.GATE.value)
    return lists and address != page.url and shape_of(address).text in shapes


def _candidates(stated: Sequence[ReadPage]) -> list[str]:
    votes: Counter[str] = Counter()
    for page in stated:
        links = islice(page.root.iter("a"), _MOST_LINKS)
        found = (link for link in links if resolve(page.url, link.get("href") or "") == page.raw.links.next)
        votes.update({css for link in found for css in _selectors(link)})
    return [css for css, _ in sorted(votes.items(), key=lambda pair: (-pair[1], len(pair[0]), pair[0]))][
        :_MOST_CANDIDATES
    ]


def _selectors(link: etree._Element) -> Iterator[str]:
    """By its relation, its words, what stands before it, and its place."""
    if "next" in (link.get("rel") or "").split():
        yield 'a[rel~="next"]'
    label = label_of(text_of(link)) or _sign(text_of(link))
    above = link.getparent()
    outer = [*own_steps(above), str(above.tag)] if above is not None else []
    if label:
        yield f'a:contains("{label}")'
        yield from (f'{step} > a:contains("{label}")' for step in outer)
    yield from _behind_current(link)
    yield from placed_selectors(link)


def _behind_current(link: etree._Element) -> Iterator[str]:
    """The link behind the number of the page that is shown, which is no link, or lies in an element of its own."""
    before, above = link.getprevious(), link.getparent()
    if before is not None and before.tag in ("b", "strong", "span", "em", "i"):
        yield from (f"{step} + a" for step in [*own_steps(before), str(before.tag)])
    row = above.getprevious() if above is not None and above.tag in ("li", "td", "span") else None
    if row is not None and above is not None and row.tag == above.tag:
        yield from (f"{step} + {above.tag} > a" for step in own_steps(row))


def _sign(text: str) -> str | None:
    """An arrow or the like, as a pager's link shows it; no number, which is another on each page."""
    return text if 0 < len(text) <= 3 and not any(char.isalnum() or char in "\"'\\" for char in text) else None
