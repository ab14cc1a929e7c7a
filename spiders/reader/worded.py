"""Facts behind labels no table lists: what a label's words are about, checked by what stands behind it.

"Goes out from .... Germany", "Lagerbestand: 14": a word of the label says what it may be, the value proves it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from crawler.model.words import Words
from spiders.reader.sheet import COLONS, Sheet, read_label
from spiders.reader.vocabulary import fold_label, label_stems, labels
from spiders.reader.world import is_place

_LONGEST_LABEL = 48
_MOST_WORDS = 5
_LONGEST_VALUE = 200
_MOST_PIECES = 20
_MOST_TEXTS = 2_000
_BESIDE = ("cards", "reviews", "description", "terms", "seller")
_COUNT = re.compile(r"\d[\d\s.,]{0,10}(?:\s?[^\W\d]{1,8}\.?)?")
_SCORE = re.compile(
    r"\d{1,2}(?:[.,]\d{1,2})?\s?(?:/|of|out of|von|из|sur|de|از|dan)\s?(?:5|10)\b.{0,24}"
    r"|\d[.,]\d{1,2}|\d{1,3}\s?%|[★⭐☆]{3,10}"
)
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


def _worded(sheet: Sheet, field: str, fits: Callable[[str], bool]) -> Words | None:
    if sheet.stated is None:
        sheet.stated = list(_labelled(sheet))
    for label, value in sheet.stated:
        if fits(value) and _speaks_of(label, field):
            return Words(text=value, rule=f"worded:{field}", confidence=0.55)
    return None


def _speaks_of(label: str, field: str) -> bool:
    """Whether a word of a short label begins with a stem of the field, and the table knows no better."""
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


def _labelled(sheet: Sheet) -> Iterator[tuple[str, str]]:
    """Short texts of the page with what stands behind them: after a colon or dots, or in the next text."""
    dom = sheet.dom
    beside = [region for name in _BESIDE if (region := sheet.regions.get(name))]
    for tip, start, _ in sheet.tips:
        if not any(region[start] for region in beside):
            yield tip, _pieces(sheet, start, dom.texts[start]).strip(_EDGES)
    for k, text in enumerate(dom.texts[:_MOST_TEXTS]):
        if len(text) > _LONGEST_LABEL + _LONGEST_VALUE or any(region[k] for region in beside) or sheet.framed(k):
            continue
        parts = _parted(text)
        if parts:
            yield parts[0], _pieces(sheet, k, parts[1]).strip(_EDGES)
        elif len(text) <= _LONGEST_LABEL and k + 1 < len(dom.texts) and len(dom.texts[k + 1]) <= _LONGEST_VALUE:
            yield text, _pieces(sheet, k + 1, dom.texts[k + 1]).strip(_EDGES)


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
