"""Where a page leads: links to listings, categories and vendors, and the next page; never links that act."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from crawler.model.words import Links, RawPage
from spiders.reader.cards import CardGroup
from spiders.reader.links import Link
from spiders.reader.sheet import Sheet
from spiders.reader.urls import is_permutation, kind_by_words, page_number
from spiders.reader.vocabulary import fold_label, labels

_MOST = 6_000
_LEAST_SIBLINGS = 3
_FILES = (
    ".jpg",
    ".jpeg",
    ".png",
    ".gif",
    ".css",
    ".js",
    ".ico",
    ".svg",
    ".webp",
    ".zip",
    ".pdf",
    ".txt",
    ".asc",
    ".xml",
)


def find_links(
    sheet: Sheet, links: list[Link], group: CardGroup | None, shapes: Mapping[str, str], following: str | None
) -> Links:
    """The links to follow by what waits there. ``shapes`` are address shapes a template knows."""
    offers = dict.fromkeys(card.url for card in group.cards) if group else {}
    shape_of_offers = group.shape if group else ""
    vendors: dict[str, None] = {}
    categories: dict[str, None] = {}
    siblings = _siblings(sheet, links)
    for link in links[:_MOST]:
        if (
            link.url in offers
            or link.url in vendors
            or link.url == following
            or _is_file(link.url)
            or link.url == sheet.url
            or _is_empty(sheet, link)
        ):
            continue
        kind = shapes.get(link.shape.text) or (
            "listing" if link.shape.text == shape_of_offers else _kind(sheet, link, siblings, shape_of_offers)
        )
        if kind == "listing":
            offers[link.url] = None
        elif kind == "vendor":
            vendors[link.url] = None
        elif kind == "feedback" or (
            kind == "category" and not is_permutation(link.url) and page_number(link.url) in (None, 0, 1)
        ):
            categories[link.url] = None
    return Links(
        listing=tuple(offers)[:_MOST], category=tuple(categories)[:_MOST], vendor=tuple(vendors)[:_MOST], next=following
    )


def _is_empty(sheet: Sheet, link: Link) -> bool:
    """Whether there is nothing on the page to click: a trap for those who follow every address."""
    dom = sheet.dom
    return not link.text and dom.end[link.node] == link.node + 1 and dom.first[link.node] == dom.last[link.node]


def _is_file(url: str) -> bool:
    try:
        return urlsplit(url).path.lower().endswith(_FILES)
    except ValueError:
        return True


def _siblings(sheet: Sheet, links: list[Link]) -> dict[int, int]:
    """How many links stand at each kind of place."""
    counts: dict[int, int] = {}
    for link in links:
        place = sheet.dom.crc[link.node]
        counts[place] = counts.get(place, 0) + 1
    return counts


def _kind(sheet: Sheet, link: Link, siblings: Mapping[int, int], offers: str) -> str | None:
    said = kind_by_words(link.shape)
    if said == "listing" and offers and link.shape.text != offers:
        said = "category" if not link.shape.tail else None
    if said:
        return said
    if fold_label(link.text) in labels().home or not link.text or len(link.text) > 60:
        return None
    return "category" if siblings[sheet.dom.crc[link.node]] >= _LEAST_SIBLINGS else None


def links_to_follow(raw: RawPage) -> tuple[str, ...]:
    """The addresses of a page worth fetching, the next page of its list first, then listings, vendors, categories."""
    first = (raw.links.next,) if raw.links.next else ()
    return tuple(dict.fromkeys((*first, *raw.links.listing, *raw.links.vendor, *raw.links.category)))
