"""Facts listed on one line without labels: "222 left · 14 gone · 4.3/5", "★4.8 (231) | 1.2k sold | DE → EU".

Each piece is proved by its own words, and a line counts where two of its pieces or more are.
"""

from __future__ import annotations

import re
from functools import lru_cache

from crawler.model.words import Words
from spiders.reader.sheet import BESIDE_OFFER, Sheet, read_label
from spiders.reader.vocabulary import fold_label, labels
from spiders.reader.world import is_place

_LONGEST = 160
_MOST_LINES = 2_000
_MOST_PIECES = 10
_MOST_WORDS = 5
_FEWEST = 2
_BETWEEN = re.compile(r"\s*[·•|‖¦;،]\s*|\s+[/–—-]\s+|,\s+|\s{3,}")
_ARROW = re.compile(r"\s*(?:→|⇒|➔|➜|➝|➡|⟶|->|=>)\s*")
_SCORE = re.compile(
    r"(?P<score>[★⭐]\s?[0-5](?:[.,]\d{1,2})?|[0-5](?:[.,]\d{1,2})?\s?[★⭐]|\d{1,2}(?:[.,]\d{1,2})?\s?/\s?(?:5|10)|[★⭐☆]{5})"
    r"(?:\s?[(\[]\s?(?P<count>\d[\d\s.,]{0,8}[kк]?)\s?(?P<what>[^\d()\[\]]{0,24})[)\]])?",
    re.IGNORECASE,
)
_COUNTED = frozenset({"stock", "sales", "review_count"})
_ROUTE = frozenset({"ships_from", "ships_to"})


def listed_fact(sheet: Sheet, field: str) -> Words | None:
    """What a line of several facts says of stock, sales, rating, review_count, ships_from or ships_to."""
    if sheet.listed is None:
        sheet.listed = _facts_of(sheet)
    said = sheet.listed.get(field)
    return Words(text=said, rule=f"listed:{field}", confidence=0.6) if said else None


def lists_facts(text: str) -> bool:
    """Whether a text is a line of facts, no prose."""
    return len(text) <= _LONGEST and bool(_facts_in(" ".join(text.split())))


def _facts_of(sheet: Sheet) -> dict[str, str]:
    dom = sheet.dom
    found: dict[str, str] = {}
    for start, stop in dom.lines(0, len(dom.texts), _MOST_LINES):
        if stop - start > _MOST_PIECES * 2 or (stop - start == 1 and len(dom.texts[start]) > _LONGEST):
            continue
        line = dom.span(start, stop)
        facts = _facts_in(" ".join(line.split())) if len(line) <= _LONGEST and _may_list(line) else ()
        if not facts or sheet.framed(start) or sheet.chrome(start):
            continue
        if not any(sheet.within_any(BESIDE_OFFER, k) for k in (start, stop - 1)):
            found = dict(reversed(facts)) | found
    return found


def _may_list(line: str) -> bool:
    return _BETWEEN.search(line) is not None or _ARROW.search(line) is not None


@lru_cache(maxsize=8192)
def _facts_in(line: str) -> tuple[tuple[str, str], ...]:
    """The fields a line proves, each with its words; none where fewer than two pieces prove one, but a route does."""
    if _ARROW.search(line) and (route := _route(line)):
        return tuple(route)
    pieces = _BETWEEN.split(line) if any(map(str.isdigit, line)) else []
    if not _FEWEST <= len(pieces) <= _MOST_PIECES:
        return ()
    proved = [facts for piece in pieces if (facts := _facts_of_piece(piece.strip()))]
    return tuple(fact for facts in proved for fact in facts) if len(proved) >= _FEWEST else ()


def _facts_of_piece(piece: str) -> list[tuple[str, str]]:
    score = _SCORE.fullmatch(piece)
    if score:
        found = [("rating", score["score"])]
        field = _counts(score["what"] or "") if score["count"] else None
        return [*found, (field, score["count"])] if field and score["count"] else found
    route = _route(piece)
    if route:
        return route
    label = read_label(piece)
    if label is None or not label.value:
        return []
    if label.how == "suffix" and label.field in _COUNTED:
        return [(label.field, label.value)]
    if label.field in _COUNTED and label.value[:1].isdigit():
        return [(label.field, label.value)]
    return [(label.field, label.value)] if label.field in _ROUTE and is_place(label.value) else []


def _counts(word: str) -> str | None:
    """What a count in brackets behind a score is of: its own word says it, reviews where there is none."""
    bare = fold_label(word)
    return labels().suffixes.get(bare) if bare else "review_count"


def _route(piece: str) -> list[tuple[str, str]]:
    """Origin and destination with an arrow between them, a word or two such as "ships" before them or not."""
    ends = _ARROW.split(piece)
    words = ends[0].split()
    if len(ends) != _FEWEST or not words or len(words) > _MOST_WORDS or not is_place(ends[1]):
        return []
    for place in range(min(len(words), 3)):
        source = " ".join(words[place:])
        if is_place(source):
            return [("ships_from", source), ("ships_to", ends[1])]
    return []
