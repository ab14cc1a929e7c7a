"""The page's label–value pairs by field, those that count most first."""

from __future__ import annotations

import re

from crawler.model.words import Words
from spiders.reader.pairs import Pair
from spiders.reader.sheet import Sheet

_PRICED_FIELDS = frozenset({"price", "quantity", "city", "title", "description", "route", "payment"})
_STARS = re.compile(r"[★⭐]")


class Facts:
    """The page's pairs by field, best first, those in cards, reviews and descriptions last or not at all."""

    def __init__(self, sheet: Sheet, pairs: list[Pair]) -> None:
        self.sheet = sheet
        self._by_field: dict[str, list[tuple[float, Pair]]] = {}
        for pair in pairs:
            weight = _weight(sheet, pair)
            if weight > 0:
                if pair.field not in _PRICED_FIELDS and pair.how not in ("suffix", "column"):
                    sheet.mark("said", pair.start, pair.stop)
                for rank, field in enumerate((pair.field, *pair.also)):
                    self._by_field.setdefault(field, []).append((weight - rank * 0.2, pair))
        for found in self._by_field.values():
            found.sort(key=lambda member: (-member[0], member[1].label_k))

    def fields(self) -> set[str]:
        """Fields that some label of the page announces first of all."""
        return {pair.field for found in self._by_field.values() for _, pair in found}

    def all(self, field: str, *, outside: str | None = None) -> list[Pair]:
        """The pairs of a field, best first; without those whose label lies in the region ``outside``."""
        found = (pair for _, pair in self._by_field.get(field, ()))
        return [pair for pair in found if outside is None or not self.sheet.within(outside, pair.label_k)]

    def words(
        self,
        field: str,
        *,
        wanted: re.Pattern[str] | None = None,
        longest: int = 200,
        outside: str | None = None,
    ) -> Words | None:
        """The best pair's value as words; with ``wanted``, the best whose value shows it."""
        for pair in self.all(field, outside=outside):
            if not any(map(str.isalnum, pair.value)) and not _STARS.search(pair.value):
                continue
            if len(pair.value) <= longest and (wanted is None or wanted.search(pair.value)):
                return words_of(pair, " ".join(pair.value.split()))
        return None


def words_of(pair: Pair, text: str) -> Words:
    """A pair's text as words, with the label as their source."""
    return Words(text=text, rule=f"label:{pair.field}", confidence=round(pair.confidence, 2))


def _weight(sheet: Sheet, pair: Pair) -> float:
    k = pair.label_k
    if sheet.within("cards", k) or sheet.within("reviews", k) or (pair.how != "suffix" and pair.start in sheet.frame):
        return 0.0
    weight = pair.confidence - 0.3 * sheet.chrome(k)
    if sheet.within("description", k):
        weight -= 0.6
    return weight
