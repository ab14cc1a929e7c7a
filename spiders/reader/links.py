"""The links of a page that may be followed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from spiders.reader.sheet import Sheet
from spiders.reader.urls import Shape, is_never, resolve, same_site, shape_of

_MOST_LINKS = 6_000
_LONGEST_TEXT = 300
_FIGURE = re.compile(r"[(\[]?[+−-]?\d[\d\s.,%+/]{0,12}[)\]]?|[★☆⭐|/·]{1,10}")


@dataclass(slots=True)
class Link:
    """A link on the page that may be followed."""

    node: int
    url: str
    shape: Shape
    text: str


def name_in_link(sheet: Sheet, node: int) -> str:
    """The words of a link to someone, without the figures in elements of their own behind the name."""
    dom = sheet.dom
    start, stop = dom.first[node], dom.last[node]
    while stop - start > 1 and _FIGURE.fullmatch(dom.texts[stop - 1]):
        stop -= 1
    return " ".join(dom.span(start, stop).split())[:_LONGEST_TEXT] if stop > start else ""


def page_links(sheet: Sheet) -> list[Link]:
    """The links of the page that lead to pages of the same site, never those that act."""
    dom, found = sheet.dom, []
    for node in dom.links[:_MOST_LINKS]:
        url = resolve(sheet.url, dom.attrs[node].get("href", ""))
        if url is None or not same_site(sheet.url, url, sheet.host):
            continue
        text = dom.line(node)[:_LONGEST_TEXT]
        if is_never(url, text):
            continue
        found.append(Link(node, url, shape_of(url), text))
    return found
