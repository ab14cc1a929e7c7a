"""How many listings a page says there are: beside the names of its categories, and of the list it shows itself."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crawler.model.words import RawCount
from spiders.reader.links import Link
from spiders.reader.sheet import Sheet

_LONGEST = 200_000
_NUMBER = r"\d{1,3}(?:[.,' \u00a0]\d{3}){1,3}|\d{1,7}"
_OF = r"of|out of|von|de|sur|van|di|din|z|из|з|dan|ichidan|/"
_RANGE_OF = re.compile(
    rf"\b\d{{1,7}}\s*(?:[-–—]|to|bis|до|à|a)\s*\d{{1,7}}\s+(?:{_OF})\s+(?:about\s+)?({_NUMBER})(?![\d,.]*\d)",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(rf"[(\[]\s*({_NUMBER})\s*[)\]]\s*")
_ALONE = re.compile(rf"({_NUMBER})")


def find_counts(sheet: Sheet, links: Sequence[Link], categories: Sequence[str]) -> tuple[RawCount, ...]:
    """The counts printed on the page, each with the address of the list it is of; those of its own list first."""
    text = sheet.dom.span(0, len(sheet.dom.texts))[:_LONGEST]
    counts: dict[str, str] = {}
    if sheet.url and (own := _RANGE_OF.search(text)):
        counts[sheet.url] = own.group(1)
    wanted = frozenset(categories)
    for link in links:
        if link.url in wanted and link.url not in counts and (count := _beside(sheet, link)):
            counts[link.url] = count
    return tuple(RawCount(url=url, count=count) for url, count in counts.items())


def _beside(sheet: Sheet, link: Link) -> str | None:
    """The number that ends the link's words, in brackets or an element of its own, or that follows in brackets."""
    dom = sheet.dom
    first, last = dom.first[link.node], dom.last[link.node]
    if (inside := _IN_BRACKETS.search(link.text)) and inside.end() == len(link.text):
        return inside.group(1)
    if last - first > 1 and (alone := _ALONE.fullmatch(dom.texts[last - 1].strip())):
        return alone.group(1)
    after = dom.texts[last].strip() if last < len(dom.texts) and dom.glue[last] != "\n" else ""
    follows = _IN_BRACKETS.fullmatch(after)
    return follows.group(1) if follows else None
