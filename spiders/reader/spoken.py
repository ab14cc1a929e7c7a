"""Reviews without boxes: a line that names buyer, date and rating, and the words below it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from crawler.model.words import RawReview
from spiders.reader.sheet import Sheet, read_label
from spiders.reader.vocabulary import fold, fold_label

_LONGEST_LINE = 120
_LONGEST_REST = 24
_LONGEST_NAME = 24
_MOST_LINES = 4_000
_MOST_REVIEWS = 500
_MOST_SAID = 4
_DATE = re.compile(
    r"\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{2,4}|\d{1,2}(?:st|nd|rd|th)?[\s.-]{1,3}[^\W\d_]{3,12}[\s.,-]{1,3}\d{2,4}|[^\W\d_]{3,12}\s\d{1,2}(?:st|nd|rd|th)?,?\s\d{4}"
    r"|\b\d{1,3}\s(?:second|minute|hour|day|week|month|year)s?\sago\b|\d{1,3}\s(?:секунд|минут|час|дн|день|недел|месяц|год|лет)[а-я]{0,4}\sназад",
    re.IGNORECASE,
)
_RATING = re.compile(
    r"[★☆⭐✩✪]{1,10}|\d{1,2}(?:[.,]\d{1,2})?\s?(?:/|of|из)\s?(?:5|10)\b"
    r"|(?:rated|rating|stars|оценка|оценил|рейтинг|балл)\s?:?\s?(\d{1,2}(?:[.,]\d{1,2})?(?:/5|/10)?)\b",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")
_DASHES = ("-", "–", "—", "~")
_BOXES = frozenset({"p", "div", "li", "td", "blockquote", "article", "section"})
_MASKED = re.compile(r"[^\s*,;()]{0,12}\*{1,12}[^\s*,;()]{0,12}")
_BETWEEN = frozenset(
    [
        "rated",
        "rating",
        "by",
        "from",
        "on",
        "at",
        "stars",
        "star",
        "buyer",
        "user",
        "оценка",
        "оценил",
        "от",
        "покупатель",
        "клиент",
        "дата",
        "bewertet",
        "von",
    ]
)


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the page and, where it heads a review, what it states."""

    start: int
    stop: int
    head: RawReview | None


def find_spoken(sheet: Sheet) -> tuple[list[RawReview], tuple[int, int]]:
    """The reviews in reading order and the range of their texts; none and an empty range where there are none."""
    lines = _lines(sheet)
    heads = [at for at, line in enumerate(lines) if line.head]
    if len(heads) == 1 and not _is_masked(lines[heads[0]].head):
        return [], (0, 0)
    found: list[RawReview] = []
    last = 0
    if _follow_words(sheet, lines, heads):
        return _signed(sheet, lines, heads)
    for at in heads[:_MOST_REVIEWS]:
        head, stop = lines[at].head, _end_of_words(sheet, lines, at + 1)
        if head is None or stop == at + 1:
            continue
        text = " ".join(sheet.dom.span(lines[at + 1].start, lines[stop - 1].stop).split())
        found.append(RawReview(text=text, rating=head.rating, buyer=head.buyer, date=head.date, price=None))
        last = lines[stop - 1].stop
    return (found, (lines[heads[0]].start, last)) if len(found) * 2 > len(heads) else ([], (0, 0))


def _follow_words(sheet: Sheet, lines: list[_Line], heads: list[int]) -> bool:
    """Whether the names stand below the words, in one box with them: a quote and who said it."""
    dom, before, after = sheet.dom, 0, 0
    for at in heads:
        box = dom.owner[lines[at].start]
        while box > 0 and dom.tag[box] not in _BOXES:
            box = dom.parent[box]
        before += dom.first[box] < lines[at].start
        after += dom.last[box] > lines[at].stop
    return before > after


def _signed(sheet: Sheet, lines: list[_Line], heads: list[int]) -> tuple[list[RawReview], tuple[int, int]]:
    """The reviews whose words stand on the line above their name."""
    found = []
    for at in heads[:_MOST_REVIEWS]:
        head = lines[at].head
        if head and at and lines[at - 1].head is None:
            text = " ".join(sheet.dom.span(lines[at - 1].start, lines[at - 1].stop).split()).strip('"“”«» ')
            found.append(RawReview(text=text, rating=head.rating, buyer=head.buyer, date=head.date, price=None))
    return found, (lines[max(heads[0] - 1, 0)].start, lines[heads[-1]].stop)


def _is_masked(head: RawReview | None) -> bool:
    return head is not None and "*" in (head.buyer or "")


def _lines(sheet: Sheet) -> list[_Line]:
    count = len(sheet.dom.texts)
    return [_Line(start, stop, _head(sheet, start, stop)) for start, stop in sheet.dom.lines(0, count, _MOST_LINES)]


def _head(sheet: Sheet, start: int, stop: int) -> RawReview | None:
    """Buyer, date and rating where a line states a date with one of the others, and hardly more."""
    if (
        stop - start > 6
        or not any(map(_DIGIT.search, sheet.dom.texts[start:stop]))
        or sheet.framed(start)
        or sheet.within("cards", start)
    ):
        return None
    text = " ".join(sheet.dom.span(start, stop).split())
    date = _DATE.search(text) if len(text) <= _LONGEST_LINE else None
    if date is None:
        return None
    rest = text.replace(date[0], " ", 1)
    rating = _RATING.search(rest)
    rest = rest.replace(rating[0], " ", 1) if rating else rest
    masked = _MASKED.search(rest)
    if not rating and not masked and text[:1] not in _DASHES:
        return None
    words = [word.strip("()[],;:–—-|·•") for word in rest.split()]
    names = [word for word in words if word and fold(word) not in _BETWEEN]
    if len(" ".join(names)) > _LONGEST_REST or any(read_label(word) for word in names if word.isalpha()):
        return None
    buyer = masked[0] if masked else names[0] if len(names) == 1 and len(names[0]) <= _LONGEST_NAME else None
    return RawReview(
        text=None, rating=(rating[1] or rating[0]) if rating else None, buyer=buyer, date=date[0], price=None
    )


def _end_of_words(sheet: Sheet, lines: list[_Line], at: int) -> int:
    """Where the words below a head end: before the next head, another kind of element, a heading or a button."""
    first = at
    while at < len(lines) and at - first < _MOST_SAID and lines[at].head is None:
        k = lines[at].start
        beside = sheet.framed(k) or sheet.within("cards", k) or k in sheet.buttons() or _announces(sheet, k)
        beside = beside or (at > first and _holds_link(sheet, lines[at]))
        if beside or sheet.dom.crc[sheet.dom.owner[k]] != sheet.dom.crc[sheet.dom.owner[lines[first].start]]:
            break
        at += 1
    return at


def _holds_link(sheet: Sheet, line: _Line) -> bool:
    dom = sheet.dom
    return any(dom.inside(dom.owner[k], frozenset({"a", "button"})) is not None for k in range(line.start, line.stop))


def _announces(sheet: Sheet, k: int) -> bool:
    text = sheet.dom.texts[k]
    label = read_label(text) if len(text) < _LONGEST_LINE else None
    return label is not None and (label.how == "exact" or fold_label(text).endswith(":"))
