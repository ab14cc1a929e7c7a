"""The price of a listing: what a label announces, else the money that stands where a price is shown."""

from __future__ import annotations

import re

from crawler.model.money import find_money
from crawler.model.words import Words
from spiders.reader.facts import Facts, words_of
from spiders.reader.sheet import Sheet, lowest_of, read_label

_MOST_TEXTS = 12
_LONGEST = 200
_LONGEST_PRICE = 48
_NOT_HERE = ("cards", "reviews", "description", "terms")
_CROSSED_OUT = frozenset({"option", "select", "s", "del", "strike"})
_NO_PRICE = frozenset({"ignore", "delivery", "sales", "escrow"})


def find_price(sheet: Sheet, facts: Facts) -> Words | None:
    """The listing's own price words, with the currencies shown beside it."""
    for pair in facts.all("price"):
        inline = pair.start == pair.label_k or pair.stop <= pair.start
        value = pair.value if inline else sheet.words(pair.start, min(pair.stop, pair.start + _MOST_TEXTS))
        text = priced_words(value, sheet.dom.texts[pair.label_k])
        if text:
            return words_of(pair, text)
    loose = _loose(sheet)
    hinted = [k for k in loose if _hinted(sheet, k)]
    title = _end_of_title(sheet)
    loose.sort(key=lambda k: (sheet.chrome(k), len(sheet.dom.texts[k]) > _LONGEST_PRICE, k < title, k))
    for ks, rule, confidence in ((hinted, "class:price", 0.75), (loose, "money", 0.5)):
        if ks:
            return Words(text=_line_of_money(sheet, ks[0]), rule=rule, confidence=confidence)
    return None


def _end_of_title(sheet: Sheet) -> int:
    """Where the page's first heading ends: what stands above it is seldom about the offer."""
    dom = sheet.dom
    heading = next((node for node in sheet.headings() if dom.tag[node] in ("h1", "h2") and not dom.chrome[node]), 0)
    return dom.last[heading] if heading else 0


def _loose(sheet: Sheet) -> list[int]:
    """Money in the content that is no part of cards, reviews or prose, and that no label calls something else."""
    dom = sheet.dom
    return [
        k
        for k in sheet.money
        if not sheet.framed(k)
        and not sheet.within_any(_NOT_HERE, k)
        and dom.inside(dom.owner[k], _CROSSED_OUT) is None
        and not _ignored(sheet, k)
    ]


def _hinted(sheet: Sheet, k: int) -> bool:
    owner = sheet.dom.owner[k]
    return "price" in sheet.hints(owner) | sheet.hints(sheet.dom.parent[owner])


def _ignored(sheet: Sheet, k: int) -> bool:
    """Whether the money follows a label that says it is no price: balance, shipping cost, minimum order."""
    for at in (k, k - 1):
        label = read_label(sheet.dom.texts[at]) if at >= 0 and len(sheet.dom.texts[at]) < 80 else None
        said = label is not None and label.how in ("exact", "inline") and (at == k or label.how == "exact")
        if label and said and label.field in _NO_PRICE:
            return True
    return False


def _line_of_money(sheet: Sheet, k: int) -> str:
    dom, stop = sheet.dom, k + 1
    while (
        stop < len(dom.texts)
        and stop - k < 8
        and (stop in sheet.money or (dom.glue[stop] != "\n" and len(dom.texts[stop]) < 12))
    ):
        stop += 1
    while stop - 1 > k and not sheet.priced(stop - 1):
        stop -= 1
    before = k > 0 and dom.glue[k] != "\n" and len(dom.texts[k - 1]) <= 5 and not read_label(dom.texts[k - 1])
    return lowest_of(sheet.words(k - 1 if before else k, stop)[:_LONGEST])


def priced_words(value: str, label: str) -> str | None:
    """The value as price words, with the currency its label names where the value names none."""
    text = lowest_of(" ".join(value.split())[:_LONGEST])
    if find_money(text):
        return text
    unit = re.search(r"[(\[]\s*([^\s()\[\]]{1,6})\s*[)\]]|,\s*([^\s,:]{1,6})\s*:?$", label)
    number = re.match(r"[^\d]{0,3}\d[\d\s.,]{0,18}", text)
    if unit and number:
        stated = f"{number[0].strip()} {unit[1] or unit[2]}"
        return stated if find_money(stated) else None
    return None
