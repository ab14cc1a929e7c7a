"""Figures about a listing: its rating, how many reviews it has, how much is left."""

from __future__ import annotations

import re

from crawler.model.words import Words
from spiders.reader.facts import Facts, words_of
from spiders.reader.listed import listed_fact
from spiders.reader.pairs import Pair
from spiders.reader.sheet import Sheet
from spiders.reader.stars import drawn_rating
from spiders.reader.vocabulary import fold_label, is_all_generic, labels
from spiders.reader.worded import worded_rating, worded_stock

_LONGEST_NAME = 60
_LONGEST_RATED = 60
_LONGEST_STOCK = 80
_MAY_RATE = re.compile(r"[★⭐☆%]|\d\s?[/.,]\s?\d")
_FIGURE_OF_FIVE = re.compile(r"[0-5][.,]\d{1,2}")
_ICON = re.compile(r"\b(?:star|thumbs?)\b", re.IGNORECASE)
_FEW = 3
_NEAR = 6
_FIGURE = re.compile(r"\d{1,2}(?:[.,]\d{1,2})?")
_FIGURE_ALONE = re.compile(r"[(\[]?\d{1,2}(?:[.,]\d{1,2})?(?:\s?/\s?(?:5|10))?[)\]]?(?:\s?[(\[].{1,24}[)\]])?")
_COUNT = re.compile(r"\d[\d\s.,]{0,10}")
_DIGIT = re.compile(r"\d")
_OF_FIVE = re.compile(r"\d{1,2}(?:[.,]\d{1,2})?\s?/\s?(?:5|10)(?:[.,]0)?")
# "4.9/5, 50~80 deals", "★ 4.87 (1 204 reviews)", "4.3 ★ · 12"
_RATED = re.compile(
    r"(?:[★⭐]{1,5}\s*\d{1,2}(?:[.,]\d{1,2})?|\d{1,2}(?:[.,]\d{1,2})?\s?[★⭐]|\d{1,2}(?:[.,]\d{1,2})?\s?/\s?(?:5|10)(?:[.,]0)?)"
    r"(?:\s?(?:/|of|out of|von|из|sur|de)\s?(?:5|10)\b)?(?:(?:\s?[(·|–—]|,\s).{0,40})?"
)
_CONTENT = ("positiv", "положит", "позитив", "ijobiy", "ижобий")
_SCALED = re.compile(r"\d\s?/\s?\d|[★⭐]|\d[.,]\d")
_DEALS = re.compile(r"deals?\b|sales?\b|trades?\b|orders?\b|сдел|прода|заказ|bitim|savdo|мәміле|бүтүм", re.IGNORECASE)
RATING = re.compile(r"\d|[★⭐]")
_ONLY_COUNT = re.compile(r"[(\[]?\d[\d\s.,]{0,8}[)\]]?")
_BESIDE = ("reviews", "cards", "seller", "description")


def find_review_count(facts: Facts) -> Words | None:
    """How many reviews the listing has."""
    counted = facts.words("review_count", wanted=_DIGIT, longest=40, outside="seller")
    if counted:
        return counted
    for pair in facts.all("reviews", outside="seller"):
        if _ONLY_COUNT.fullmatch(pair.value.strip()):
            return words_of(pair, pair.value.strip())
    return listed_fact(facts.sheet, "review_count")


def find_sales(facts: Facts) -> Words | None:
    """How often the listing was sold."""
    counted = facts.words("sales", wanted=_DIGIT, longest=40, outside="seller")
    return counted or listed_fact(facts.sheet, "sales")


def find_stock(facts: Facts) -> Words | None:
    """How much is left, or the mark that says there is none."""
    for pair in facts.all("stock", outside="seller"):
        value = _first_count(facts.sheet, pair) or " ".join(pair.value.split())
        if len(value) <= _LONGEST_STOCK and any(map(str.isalnum, value)):
            return words_of(pair, value)
    for pair in facts.all("quantity"):
        value = " ".join(pair.value.split())
        if _COUNT.fullmatch(value) or fold_label(value) in labels().sold_out:
            return Words(text=value, rule="label:quantity", confidence=0.5)
    return worded_stock(facts.sheet) or listed_fact(facts.sheet, "stock") or _sold_out(facts.sheet)


def _first_count(sheet: Sheet, pair: Pair) -> str | None:
    """The count in an element of its own before the unit: "17" of "17 112g"."""
    if pair.start == pair.label_k or pair.stop - pair.start < 2:
        return None
    first = sheet.dom.texts[pair.start].strip()
    return first if _COUNT.fullmatch(first) else None


def _sold_out(sheet: Sheet) -> Words | None:
    """A mark in the content that says there is none left."""
    for k, text in enumerate(sheet.dom.texts):
        beside = sheet.chrome(k) or sheet.within("cards", k) or sheet.within("reviews", k)
        if not beside and len(text) < _LONGEST_NAME and fold_label(text) in labels().sold_out:
            return Words(text=text, rule="words:sold_out", confidence=0.7)
    return None


def find_rating(facts: Facts, *, outside: str | None) -> Words | None:
    """The rating as the page writes or draws it; nothing of what lies in the region ``outside``."""
    sheet = facts.sheet
    reviewed = any(pair.how == "column" for pair in facts.all("date"))  # a table of reviews rates orders, not this
    for pair in facts.all("rating", outside=outside):
        if reviewed and pair.how == "column":
            continue
        value = " ".join(pair.value.split())
        if len(value) <= _LONGEST_NAME and RATING.search(value) and not _is_count(sheet, pair, value):
            return words_of(pair, value)
    for pair in facts.all("rating", outside=outside):
        owner = sheet.dom.owner[pair.label_k]
        drawn = drawn_rating(sheet, sheet.dom.parent[owner]) or _drawn_beside(sheet, owner)
        if drawn:
            return Words(text=drawn, rule="icons:rating", confidence=0.7)
    worded = worded_rating(sheet) or listed_fact(sheet, "rating")
    if worded:
        return worded
    rated = [
        k
        for k, text in enumerate(sheet.dom.texts)
        if len(text) < _LONGEST_RATED and _may_rate(sheet, k, outside) and _looks_rated(sheet, k, text)
    ]
    # Where every score stands behind a name, one that counts deals ("4.9/5, 88 deals") is surely not the listing's.
    of_listing = [k for k in rated if not _is_of_a_name(sheet, k)]
    rated = of_listing or [k for k in rated if not _DEALS.search(sheet.dom.texts[k])]
    if rated:
        return Words(text=_figure_of(sheet, rated[0]), rule="class:rating", confidence=0.6)
    return _drawn(sheet, outside)


def _is_of_a_name(sheet: Sheet, k: int) -> bool:
    """Whether a score stands right behind a name that is a link, in one box with it: it is that vendor's."""
    dom = sheet.dom
    link = dom.inside(dom.owner[k - 1], frozenset({"a"})) if k else None
    if link is None or dom.last[link] != k or dom.glue[k] == "\n":
        return False
    return dom.last[dom.parent[link]] > k and not is_all_generic(dom.texts[k - 1])


def _is_count(sheet: Sheet, pair: Pair, value: str) -> bool:
    """Whether the label counts the buyers who were content, and the value is no share of them."""
    label = fold_label(sheet.dom.texts[pair.label_k])
    counts = any(word.startswith(_CONTENT) for word in label.split())
    return counts and "%" not in value and not _SCALED.search(value)


def _drawn_beside(sheet: Sheet, node: int) -> str | None:
    """Stars in the row of a label: in the cell or box after it."""
    dom = sheet.dom
    for _ in range(3):
        after = dom.next_sibling(node)
        drawn = drawn_rating(sheet, after) if after is not None else None
        if drawn:
            return drawn
        node = dom.parent[node]
        if node <= 0:
            break
    return None


def _may_rate(sheet: Sheet, k: int, outside: str | None) -> bool:
    if sheet.chrome(k) == 2 or sheet.within("said", k) or sheet.within("reviews", k) or sheet.within("cards", k):
        return False
    return outside is None or not sheet.within(outside, k)


def _drawn(sheet: Sheet, outside: str | None) -> Words | None:
    """The first row of stars outside reviews, cards and the frame."""
    dom = sheet.dom
    for node in sheet.stars():
        k = dom.first[node]
        beside = any(sheet.within(name, k) for name in _BESIDE if name != "seller" or outside == name)
        if dom.chrome[node] or beside:
            continue
        drawn = drawn_rating(sheet, node) or drawn_rating(sheet, dom.parent[node])
        if drawn:
            return Words(text=drawn, rule="icons:rating", confidence=0.6)
    return None


def _beside_icon(sheet: Sheet, k: int) -> bool:
    """Whether a star or thumb is drawn in the box of a figure."""
    dom = sheet.dom
    box = dom.parent[dom.owner[k]]
    if dom.last[box] - dom.first[box] > _FEW:
        return False
    names = (dom.attrs[node].get("class", "") for node in range(box, min(dom.end[box], box + _NEAR)))
    return any(_ICON.search(name) for name in names)


def _figure_of(sheet: Sheet, k: int) -> str:
    """The rating at a text: of a row of stars without a gap, the figure they are named with or that follows them."""
    dom, text = sheet.dom, sheet.dom.texts[k]
    if _DIGIT.search(text) or "☆" in text:
        return text
    attrs = dom.attrs[dom.owner[k]]
    named = attrs.get("aria-label") or attrs.get("title") or ""
    if len(named) < _LONGEST_RATED and _FIGURE.match(named.strip()):
        return named.strip()
    after = dom.texts[k + 1] if k + 1 < len(dom.texts) and dom.glue[k + 1] != "\n" else ""
    figure = _FIGURE.match(after.strip("() "))
    return figure[0] if figure and _FIGURE_ALONE.fullmatch(after.strip()) else text


def _looks_rated(sheet: Sheet, k: int, text: str) -> bool:
    text = text.replace("\ufe0f", "")
    if k in sheet.money or not _MAY_RATE.search(text):
        return False
    if re.search(r"[★⭐☆]{3,}", text) or _OF_FIVE.fullmatch(text.strip("() ")) or _RATED.fullmatch(text.strip()):
        return True
    if _FIGURE_OF_FIVE.fullmatch(text.strip()) and _beside_icon(sheet, k):
        return True
    hinted = "rating" in sheet.hints(sheet.dom.owner[k])
    return hinted and re.search(r"\d[.,]\d|\d\s?/\s?(?:5|10)\b|\d\s?%", text) is not None
