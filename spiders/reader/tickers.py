"""Lines in which a page prints exchange rates: "BTC/USD 43,210", "1 XMR = 150 EUR", coins and prices in its frame."""

from __future__ import annotations

import re

from crawler.model.money import currency_of
from spiders.reader.sheet import Sheet

_NUMBER = r"[$€£₽]?\s?\d[\d.,' \u00a0]{0,16}(?<=\d)"
_PAIR = re.compile(
    rf"([A-Z]{{3,5}})\s?[/-]\s?([A-Z]{{3,4}})\b\W{{0,3}}?{_NUMBER}"
    rf"|1\s?([A-Za-z]{{3,8}}|[₿ɱŁΞ])\s?[=≈~]\s?{_NUMBER}(?:\s?(?:[$€£₽]|[A-Z]{{3}})(?![A-Za-z]))?"
)
_BARE = re.compile(r"([A-Z]{3,5}|[₿ɱŁΞ])\s?[:=≈]?\s?[$€£₽]\s?\d[\d.,  ]{0,14}")
_LONGEST = 60
_MOST_PIECES = 4
_MOST = 40


def rate_words(sheet: Sheet) -> tuple[str, ...]:
    """The page's own words of its exchange rates, in reading order; none of an offer or a review.

    A line counts where it names two currencies, or stands in the page's frame and is a coin and a price alone.
    """
    dom = sheet.dom
    found: dict[str, None] = {}
    for k, text in enumerate(dom.texts):
        if len(found) == _MOST or len(text) > _LONGEST or sheet.within("cards", k) or sheet.within("reviews", k):
            continue
        pair = _PAIR.match(_line(sheet, k))
        bare = _BARE.fullmatch(text) if dom.chrome[dom.owner[k]] else None
        if pair and _are_currencies(pair):
            found.setdefault(pair[0].strip())
        elif bare and currency_of(bare[1]):
            found.setdefault(bare[0].strip())
    return tuple(found)


def _line(sheet: Sheet, k: int) -> str:
    """The line that begins with text ``k``, as far as a rate may reach."""
    dom, stop = sheet.dom, k + 1
    while stop < len(dom.texts) and stop - k < _MOST_PIECES and dom.glue[stop] != "\n":
        stop += 1
    return " ".join(dom.span(k, stop).split())[: _LONGEST * 2]


def _are_currencies(match: re.Match[str]) -> bool:
    return all(currency_of(word) for word in match.groups() if word)
