"""Reviews told in one line each: "NAME 2024-05-01: came in four days", "[5/5] shines — n***e, 3 days ago"."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice

from crawler.model.words import RawReview
from spiders.reader.sheet import Sheet, read_label
from spiders.reader.stars import RATIO
from spiders.reader.vocabulary import fold

_SHORTEST, _LONGEST = 12, 700
_LONGEST_SIGNS = 60
_LONGEST_NAME = 24
_MOST_LINES = 4_000
_MOST_TEXTS = 40
_MOST_REVIEWS = 500
_FEWEST = 2
_DATE = re.compile(
    r"\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{2,4}"
    r"|\d{1,2}(?:st|nd|rd|th)?[\s.-]{1,3}[^\W\d_]{3,12}[\s.,-]{1,3}\d{4}|[^\W\d_]{3,12}\s\d{1,2}(?:st|nd|rd|th)?,?\s\d{4}"
    r"|\b\d{1,3}\+?\s?(?:second|minute|min|hour|day|week|month|year|h|d|w)s?\s{1,2}ago\b|\b(?:yesterday|today|вчера|сегодня)\b"
    r"|\b\d{1,3}\s(?:секунд|минут|час|дн|день|недел|месяц|год|лет)[а-я]{0,4}\sназад"
    r"|\bvor\s\d{1,3}\s(?:tagen?|stunden?|wochen?|monaten?)\b|\bil y a\s\d{1,3}\s(?:jours?|heures?|semaines?|mois)\b"
    r"|\bhace\s\d{1,3}\s(?:días?|horas?|semanas?|mes(?:es)?)\b",
    re.IGNORECASE,
)
_MASKED = re.compile(r"[^\s*,;()\[\]]{0,12}\*{1,12}[^\s*,;()\[\]:]{0,12}")
_SIGN = re.compile(r"\d|\*|вчера|сегодня|yesterday|today", re.IGNORECASE)
_STARS = re.compile(r"[★☆⭐✩✪✮✯]{1,10}")
_SCORED = re.compile(rf"[(\[]?\s*(?:{_STARS.pattern}|{RATIO.pattern})\s*[)\]]?")
_NAME = re.compile(r"[^\W\d][\w.-]{1,23}")
_FIGURES = re.compile(r"[\d\s.,/]+$")
_HEAD_ENDS = re.compile(r":\s+|\s+[-–—|]\s+|\s+(?=[\"“«])")
_TAIL_BEGINS = re.compile(r"\s+[-–—|]\s+|\s+(?=\([^()]{4,60}\)$)|(?<=[\"”»])\s+")
_EDGES = ' ,;|·•()[]:–—-"“”«»'
_BETWEEN = frozenset({"by", "from", "on", "at", "buyer", "user", "от", "покупатель", "клиент", "von", "par", "por"})


def find_told(sheet: Sheet) -> tuple[list[RawReview], tuple[int, int]]:
    """The reviews in reading order and the range of their texts; none and an empty range where there are none.

    Two lines of one make are needed, or a masked name; bare names count below a heading of reviews or with ratings.
    """
    dom = sheet.dom
    places: dict[int, list[tuple[int, int, RawReview]]] = {}
    for start, stop in dom.lines(0, len(dom.texts), _MOST_LINES):
        line = dom.span(start, stop) if stop - start <= _MOST_TEXTS else ""
        if not _SHORTEST <= len(line) <= _LONGEST or not _SIGN.search(line):
            continue
        review = _told(" ".join(line.split()))
        if review and not sheet.framed(start) and not sheet.chrome(start):
            places.setdefault(dom.crc[_line_box(sheet, start, stop)], []).append((start, stop, review))
    rows = max(places.values(), key=len, default=[])[:_MOST_REVIEWS]
    reviews = [review for _, _, review in rows]
    if not rows or not _are_sure(sheet, rows[0][0], reviews):
        return [], (0, 0)
    return reviews, (rows[0][0], rows[-1][1])


def _line_box(sheet: Sheet, start: int, stop: int) -> int:
    """The element that holds all texts of a line."""
    node = sheet.dom.owner[start]
    while node > 0 and sheet.dom.last[node] < stop:
        node = sheet.dom.parent[node]
    return node


def _are_sure(sheet: Sheet, first: int, reviews: list[RawReview]) -> bool:
    masked = sum("*" in (review.buyer or "") for review in reviews)
    rated = sum(review.rating is not None for review in reviews)
    if masked * 2 > len(reviews) or (rated * 2 > len(reviews) and len(reviews) >= _FEWEST):
        return True
    headed = any(
        hit.k < first and hit.label.how == "exact" and "reviews" in (hit.label.field, *hit.label.also)
        for hit in sheet.hits
        if sheet.chrome(hit.k) == 0
    )
    return headed and len(reviews) >= _FEWEST


@lru_cache(maxsize=8192)
def _told(line: str) -> RawReview | None:
    """The review a line is: signs, a mark and words, or words, a mark and signs, a rating before them or not."""
    if not _SHORTEST <= len(line) <= _LONGEST or not (_DATE.search(line) or "**" in line):
        return None
    scored = _SCORED.match(line)
    rating = scored[0].strip("()[] ") if scored else None
    rest = line[scored.end() :].lstrip(" :,;|·–—-") if scored else line
    return _headed(rest, rating) or _tailed(rest, rating)


def _headed(line: str, rating: str | None) -> RawReview | None:
    for mark in islice(_HEAD_ENDS.finditer(line, 0, _LONGEST_SIGNS + 20), 3):
        signs = _signs(line[: mark.start()])
        if signs is not None and _is_said(line[mark.end() :]):
            return _review(line[mark.end() :], rating, signs)
    return None


def _tailed(line: str, rating: str | None) -> RawReview | None:
    for mark in reversed(list(islice(_TAIL_BEGINS.finditer(line), 40))):
        signs = _signs(line[mark.end() :])
        if signs is not None and _is_said(line[: mark.start()]):
            return _review(line[: mark.start()], rating, signs)
        if len(line) - mark.start() > _LONGEST_SIGNS:
            return None
    return None


def _review(said: str, rating: str | None, signs: dict[str, str]) -> RawReview:
    scored = None if rating else _SCORED.match(said.strip())
    rating = rating or signs.get("rating") or (scored[0].strip("()[] ") if scored else None)
    said = said.strip()[scored.end() :] if scored else said
    return RawReview(
        text=said.strip(' "“”«»|–—-'), rating=rating, buyer=signs.get("buyer"), date=signs.get("date"), price=None
    )


def _is_said(text: str) -> bool:
    """Whether a piece of a line may be what a buyer wrote: words, neither a date nor a label before them."""
    words = [word for word in text.split() if any(map(str.isalpha, word))]
    if not words or (len(text) < _LONGEST_SIGNS and _DATE.match(text.strip(_EDGES))):
        return False
    label = read_label(text) or read_label(_FIGURES.sub("", text)) if len(text) < _LONGEST_SIGNS else None
    return label is None or label.how == "suffix"


def _signs(text: str) -> dict[str, str] | None:
    """Buyer, date and rating where a piece of a line states a date or a masked name, and nothing else."""
    if len(text) > _LONGEST_SIGNS:
        return None
    found: dict[str, str] = {}
    rest = text
    for name, pattern in (("rating", _SCORED), ("date", _DATE), ("buyer", _MASKED)):
        match = pattern.search(rest)
        if match:
            found[name] = match[0].strip("()[] ")
            rest = f"{rest[: match.start()]} {rest[match.end() :]}"
    words = [word for word in (word.strip(_EDGES) for word in rest.split()) if word and fold(word) not in _BETWEEN]
    if words and "buyer" not in found and len(words) == 1 and _NAME.fullmatch(words[0]) and not read_label(words[0]):
        found["buyer"] = words.pop()
    return found if not words and "buyer" in found and ("date" in found or "**" in found["buyer"]) else None
