"""What is remembered of each page of a site while the site is learnt."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from crawler.model.page import PageType
from crawler.model.reading import Received
from crawler.model.words import RawPage
from spiders.reader.categories import bare_name
from spiders.reader.dom import Dom
from spiders.reader.places import MOST_AT_PLACE
from spiders.reader.read import Reading
from spiders.reader.sellers import clean_name
from spiders.reader.template import Template, frame_word
from spiders.reader.title import title_parts
from spiders.reader.urls import kind_by_words, resolve, shape_of
from spiders.reader.vocabulary import fold

_LONGEST_FRAME_WORD = 100
_MOST_TEXTS = 600
_MOST_LINKS = 600


@dataclass(frozen=True, kw_only=True, slots=True)
class Lead:
    """What other pages of the site say of one: its type, and the title, vendor and price it carries."""

    page_type: str
    title: str | None = None
    vendor: str | None = None
    price: str | None = None


@dataclass(slots=True)
class Note:
    """What is remembered of a page: how it was read, its texts with their places, and the places it has.

    ``where`` are the places of each folded text, ``nths`` the first of them that it is at each place, from 0;
    ``sellers`` are the addresses that the names of vendors, on a listing or on cards, lead to, ``links`` all
    that the page links to, as place, address and words. ``kind`` is the page's
    type as it was read, until the structure of the whole site says better; then ``lead`` is what the site says of the
    page elsewhere.
    """

    url: str | None
    raw: RawPage
    kind: str
    sure: float
    framed: frozenset[str]
    title_parts: frozenset[str]
    where: dict[str, list[int]]
    crcs: frozenset[int]
    nths: dict[tuple[str, int], int] = field(default_factory=dict)
    paths: dict[int, str] = field(default_factory=dict)
    sellers: frozenset[str] = frozenset()
    links: tuple[tuple[int, str, str], ...] = ()
    categories: frozenset[str] = frozenset()
    lead: Lead | None = None


def note_of(dom: Dom, page: Received, reading: Reading, template: Template) -> Note:
    """What is remembered of a page that was read with this template."""
    raw = reading.raw
    nths: dict[tuple[str, int], int] = {}
    counts: Counter[int] = Counter()
    where: dict[str, list[int]] = defaultdict(list)
    paths: dict[int, str] = {}
    for k, text in enumerate(dom.texts[:_MOST_TEXTS]):
        owner = dom.owner[k]
        node = owner
        while node > 0 and dom.first[node] == k:
            crc = dom.crc[node]
            folded = fold(dom.line(node)[:300]) if dom.last[node] - k > 1 else fold(text[:300])
            if crc not in paths:
                paths[crc] = dom.path(node)
            nths.setdefault((folded, crc), counts[crc])
            counts[crc] += 1
            where[folded].append(crc)
            if dom.last[node] - k > MOST_AT_PLACE:
                break
            node = dom.parent[node]
    short = [k for k, text in enumerate(dom.texts) if len(text) <= _LONGEST_FRAME_WORD]
    framed = frozenset(frame_word(dom.crc[dom.owner[k]], fold(dom.texts[k])) for k in short)
    parts = frozenset(fold(part) for part in title_parts(dom.title))
    return Note(
        url=page.url,
        raw=raw,
        kind=raw.page_type,
        sure=reading.sure,
        framed=framed,
        title_parts=parts,
        where=dict(where),
        crcs=frozenset(dom.crc),
        nths=nths,
        paths=paths,
        sellers=_sellers(dom, page, raw),
        links=tuple(_links(dom, page)),
        categories=_category_names(dom, page, template),
    )


def _category_names(dom: Dom, page: Received, template: Template) -> frozenset[str]:
    """The folded words of the links that lead to categories."""
    found = set()
    for node in dom.links:
        text = dom.line(node)[:_LONGEST_FRAME_WORD]
        url = resolve(page.url, dom.attrs[node].get("href", "")) if text else None
        shape = shape_of(url) if url else None
        kind = (template.shapes.get(shape.text) or kind_by_words(shape)) if shape and shape.tail else None
        if kind == PageType.CATEGORY.value:
            found.add(bare_name(text))
    return frozenset(found - {""})


def _links(dom: Dom, page: Received) -> Iterable[tuple[int, str, str]]:
    for node in dom.links[:_MOST_LINKS]:
        url = resolve(page.url, dom.attrs[node].get("href", ""))
        if url:
            yield dom.crc[node], url, dom.line(node)[:_LONGEST_FRAME_WORD]


def _sellers(dom: Dom, page: Received, raw: RawPage) -> frozenset[str]:
    """The addresses that the names of vendors, on a listing or on cards, lead to."""
    named = {card.vendor for card in raw.cards if card.vendor}
    if raw.listing and raw.listing.vendor:
        named.add(raw.listing.vendor.text)
    found = set()
    for node in dom.links if named else ():
        url = resolve(page.url, dom.attrs[node].get("href", ""))
        if url and clean_name(dom.line(node)[:_LONGEST_FRAME_WORD]) in named and shape_of(url).tail:
            found.add(url)
    offers = {shape_of(card.url).text for card in raw.cards}
    return frozenset(url for url in found if shape_of(url).text not in offers)
