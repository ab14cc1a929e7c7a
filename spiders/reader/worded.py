"""Facts behind labels no table lists: what a label's words are about, checked by what stands behind it.

"Goes out from .... Germany", "Lagerbestand: 14": a word of the label says what it may be, the value proves it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from crawler.model.money import find_money
from crawler.model.words import Words
from spiders.reader.sheet import BESIDE_OFFER, COLONS, Sheet, read_label
from spiders.reader.vocabulary import fold_label, label_stems, labels
from spiders.reader.world import is_place

_LONGEST_LABEL = 48
_MOST_WORDS = 5
_LONGEST_VALUE = 200
_MOST_PIECES = 20
_MOST_TEXTS = 2_000
_COUNT = re.compile(r"\d[\d\s.,]{0,10}(?:\s?[^\W\d]{1,8}\.?)?")
_SCORE = re.compile(
    r"\d{1,2}(?:[.,]\d{1,2})?\s?(?:/|of|out of|von|из|sur|de|از|dan)\s?(?:5|10)\b.{0,24}"
    r"|\d[.,]\d{1,2}|\d{1,3}\s?%|[★⭐☆]{3,10}"
)
_LABEL_TAGS = frozenset({"dt", "td", "th", "b", "strong"})
_LEADERS = ("...", "…", "___")
_EDGES = " .:;,|·•"


def worded_place(sheet: Sheet, field: str) -> Words | None:
    """The places behind a label whose words speak of the field, ``ships_from`` or ``ships_to``."""
    return _worded(sheet, field, is_place)


def worded_stock(sheet: Sheet) -> Words | None:
    """How many are left, behind a label whose words speak of a store."""
    return _worded(sheet, "stock", lambda text: bool(_COUNT.fullmatch(text)) or fold_label(text) in labels().sold_out)


def worded_rating(sheet: Sheet) -> Words | None:
    """A score behind a label whose words speak of one."""
    return _worded(sheet, "rating", lambda text: _SCORE.fullmatch(text) is not None)


@lru_cache(maxsize=8192)
def states_fact(text: str) -> bool:
    """Whether a line is a short label and a figure or places, or a label led up to its value by dots: no prose."""
    mark = COLONS.search(text, 0, _LONGEST_LABEL)
    if mark is None or not mark.start() or len(text[: mark.start()].split()) > _MOST_WORDS:
        return False
    value = text[mark.end() :].strip(_EDGES)
    led = mark[0].strip().startswith(_LEADERS) and len(value) <= _LONGEST_VALUE
    return bool(value) and (led or is_place(value) or any(p.fullmatch(value) for p in (_COUNT, _SCORE)))


def worded_seller(sheet: Sheet) -> int | None:
    """The text of a link behind a label whose words speak of selling."""
    dom = sheet.dom
    for k, text in enumerate(dom.texts[: min(_MOST_TEXTS, len(dom.texts) - 1)]):
        if len(text) > _LONGEST_LABEL or dom.tag[dom.owner[k + 1]] != "a" or dom.tag[dom.owner[k]] == "a":
            continue
        if text.rstrip()[-1:] not in ":：" and dom.tag[dom.owner[k]] not in _LABEL_TAGS:
            continue
        beside = sheet.framed(k) or sheet.within_any(BESIDE_OFFER, k)
        if not beside and len(dom.texts[k + 1]) <= _LONGEST_LABEL and speaks_of(text, "vendor"):
            return k + 1
    return None


def states_offer(sheet: Sheet) -> float:
    """How much the facts behind unknown labels speak for an offer: a price, where it is sent, how many are left."""
    dom = sheet.dom
    beside = ("cards", "reviews")
    priced = any(
        (dom.texts[k - 1].rstrip()[-1:] == ":" if k else False) or states_price(dom.texts[k])
        for k in sheet.money
        if not sheet.framed(k) and not sheet.chrome(k) and not sheet.within_any(beside, k)
    )
    found = (worded_place(sheet, "ships_from"), worded_place(sheet, "ships_to"), worded_seller(sheet))
    count = sum(fact is not None for fact in found)
    return 0.5 + 0.4 * (count + (worded_stock(sheet) is not None)) if priced and count else 0.0


@lru_cache(maxsize=8192)
def states_price(text: str) -> bool:
    """Whether a line is a short label, a colon and money."""
    parts = _parted(text) if len(text) <= _LONGEST_VALUE else None
    return parts is not None and read_label(text) is None and bool(find_money(parts[1].strip()))


def _worded(sheet: Sheet, field: str, fits: Callable[[str], bool]) -> Words | None:
    if sheet.stated is None:
        sheet.stated = list(_labelled(sheet))
    for k, label, value in sheet.stated:
        if (
            not sheet.within("seller", k)
            and fits(value)
            and speaks_of(label, field)
            and not (field == "ships_to" and speaks_of(label, "ships_from"))
        ):
            return Words(text=value, rule=f"worded:{field}", confidence=0.55)
    return None


@lru_cache(maxsize=16_384)
def speaks_of(label: str, field: str) -> bool:
    """Whether a word of a short label begins with a stem of the field, and the table knows no better."""
    if len(label) > _LONGEST_LABEL:
        return False
    known = read_label(label)
    if known is not None and known.how == "exact" and field not in (known.field, *known.also):
        return False
    words = fold_label(label).split()
    if label[:1].isdigit():
        return False  # "3.4 of 5 stars" said of drawn stars is a value itself
    stems = label_stems().get(field, ())
    return 0 < len(words) <= _MOST_WORDS and any(_begins(word, stem) for word in words for stem in stems)


def _begins(word: str, stem: str) -> bool:
    return word == stem.rstrip("+") if not stem.endswith("+") else stem[:-1] in word


def _labelled(sheet: Sheet) -> Iterator[tuple[int, str, str]]:
    """Short texts of the page with what stands behind them: after a colon or dots, or in the next text."""
    dom = sheet.dom
    beside = [region for name in BESIDE_OFFER if (region := sheet.regions.get(name))]
    for tip, start, _ in sheet.tips:
        if not any(region[start] for region in beside):
            yield start, tip, _pieces(sheet, start, dom.texts[start]).strip(_EDGES)
    for k, text in enumerate(dom.texts[:_MOST_TEXTS]):
        if len(text) > _LONGEST_LABEL + _LONGEST_VALUE or any(region[k] for region in beside) or sheet.framed(k):
            continue
        parts = _parted(text)
        if parts:
            yield k, parts[0], _pieces(sheet, k, parts[1]).strip(_EDGES)
        elif len(text) <= _LONGEST_LABEL and k + 1 < len(dom.texts) and len(dom.texts[k + 1]) <= _LONGEST_VALUE:
            yield k, text, _pieces(sheet, k + 1, dom.texts[k + 1]).strip(_EDGES)


@lru_cache(maxsize=8192)
def _parted(text: str) -> tuple[str, str] | None:
    """Label and value of a line that holds both."""
    mark = COLONS.search(text, 0, _LONGEST_LABEL)
    return (text[: mark.start()], text[mark.end() :]) if mark and mark.start() and text[mark.end() :] else None


def _pieces(sheet: Sheet, k: int, first: str) -> str:
    """A value with the places that follow it on its line, each in an element of its own."""
    dom, stop = sheet.dom, k + 1
    if not is_place(first.strip(_EDGES)):
        return first
    found = [first.strip(_EDGES)]
    while stop < len(dom.texts) and stop - k < _MOST_PIECES and dom.glue[stop] != "\n":
        bare = dom.texts[stop].strip(_EDGES)
        if bare and not is_place(bare):
            break
        found += [bare] if bare else []
        stop += 1
    return ", ".join(found)
