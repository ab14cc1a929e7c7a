"""Amounts of money in running text, with the currency that stands beside them."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from crawler.model.numbers import NUMBER, decimal_of, read_number, western

__all__ = ["MoneyMatch", "currency_of", "find_money", "read_number"]

_TABLE = Path(__file__).with_name("currencies.toml")
_GAP = frozenset(" \u00a0\u202f\u2009\u200e\u200f\u202a\u202b\u202c\u202d\u202e:=(")
_WIDEST_GAP = 4
_LONGEST_WORD = 16
_LONGEST_ENDING = 5
_FIAT_PLACES = 2
_APOSTROPHES = frozenset("'ʻʼ’‘`")
# A number that a unit follows is no price, unless a sign such as € stands before it.
_UNIT = re.compile(
    r"\s?(?:%|[xх×]|m?cg|[mk]?g|gr|gramm?s?|[uµμ]g|m?l|[мк]?г|гр|шт|мл|pcs|pills?|tabs?|h|hours?|days?)\b",
    re.IGNORECASE,
)
_DOSE = re.compile(r"\s?(?:mg|mcg|[uµμ]g|мг|мкг)(?!\w)", re.IGNORECASE)
_ADDRESS = re.compile(r"[A-Za-z0-9]{20}")  # "BTC 1G4C…" is an address
_SPACED = re.compile(r"[ \u00a0\u202f\u2009]")
_HEXADECIMAL = re.compile(r"0x[0-9a-f]", re.IGNORECASE)  # "ETH 0x5a…" is an address
_DOLLARS = frozenset({"USD", "CAD", "AUD", "NZD", "HKD", "SGD", "MXN"})


@dataclass(frozen=True, kw_only=True, slots=True)
class MoneyMatch:
    """An amount with its currency and the slice of the text it was read from, both words included."""

    amount: Decimal
    currency: str
    start: int
    end: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _Unit:
    code: str
    coin: bool
    scale: Decimal
    finer: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Found:
    unit: _Unit
    start: int
    end: int
    sign: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class _Table:
    number: re.Pattern[str]
    signs: dict[str, _Unit] = field(default_factory=dict)
    words: dict[str, _Unit] = field(default_factory=dict)
    stems: dict[str, _Unit] = field(default_factory=dict)
    exact: dict[str, _Unit] = field(default_factory=dict)
    after: dict[str, _Unit] = field(default_factory=dict)
    factors: dict[str, int] = field(default_factory=dict)
    longest_sign: int = 0


@lru_cache(maxsize=512)
def find_money(text: str) -> tuple[MoneyMatch, ...]:
    """Every amount beside a currency sign, code or word, in reading order; nothing where no currency stands."""
    plain, taken = western(text), 0
    matches = []
    for number in _table().number.finditer(plain):
        match = _read(plain, number, taken)
        if match:
            matches.append(match)
            taken = match.end
    return tuple(matches)


def currency_of(word: str) -> str | None:
    """The code of the currency or coin a word or sign names; None for other words."""
    unit = _table().signs.get(word) or _unit_of(word)
    return unit.code if unit else None


def _read(text: str, number: re.Match[str], taken: int) -> MoneyMatch | None:
    if _ADDRESS.match(text, number.end()):
        return None
    left, right = _left(text, number, taken), _right(text, number.end())
    if left and right and not _agree(left.unit.code, right.unit.code):
        right = None
    chosen = right or left
    if chosen is None:
        return None
    factor = _table().factors.get((number["times"] or "").lower(), 1)
    end = right.end if right else number.end()
    digits = number["digits"]
    if left and left.sign and not right and _DOSE.match(text, end):
        digits = _SPACED.split(digits)[0]  # "€170 220mg" is a price and a dose
        end = number.start() + len(digits)
    value = decimal_of(digits, point_is_decimal=chosen.unit.coin or chosen.unit.finer is not None)
    return MoneyMatch(
        amount=value * factor * chosen.unit.scale,
        currency=_code(chosen.unit, value),
        start=left.start if left else number.start(),
        end=end,
    )


def _code(unit: _Unit, value: Decimal) -> str:
    exponent = value.as_tuple().exponent
    fine = isinstance(exponent, int) and -exponent > _FIAT_PLACES
    return unit.finer if unit.finer and fine else unit.code


def _agree(left: str, right: str) -> bool:
    return left == right or {left, right} <= _DOLLARS


def _left(text: str, number: re.Match[str], taken: int) -> _Found | None:
    end = number.start()
    while end > taken and number.start() - end < _WIDEST_GAP and text[end - 1] in _GAP:
        end -= 1
    return _sign_before(text, end, taken) or _word_before(text, end, taken, number.end())


def _sign_before(text: str, end: int, taken: int) -> _Found | None:
    table = _table()
    for length in range(table.longest_sign, 0, -1):
        start = end - length
        unit = table.signs.get(text[start:end]) if start >= taken else None
        glued = text[start - 1 : start].isalpha() and (text[start].isalpha() or _is_letter(text, start))
        if unit and not glued:
            return _Found(unit=unit, start=start, end=end, sign=True)
    return None


def _is_letter(text: str, start: int) -> bool:
    """Whether a sign after a letter is one in disguise: "M€PH€DRON€ 2g"; "US$ 5" and mangled "Â€5" are money."""
    return text[start] in "€£" and text[start - 1] not in "ÂâÃ"


def _word_before(text: str, end: int, taken: int, number_end: int) -> _Found | None:
    start = end
    while start > taken and end - start < _LONGEST_WORD and _in_word(text[start - 1]):
        start -= 1
    unit = _unit_of(text[start:end])
    if unit is None or _UNIT.match(text, number_end) or _HEXADECIMAL.match(text, number_end - 1):
        return None
    if text[end].isdigit() and text[number_end : number_end + 1].isalpha():
        return None  # one word: "ltc1qw5…" is an address
    return _Found(unit=unit, start=start, end=end, sign=False)


def _right(text: str, number_end: int) -> _Found | None:
    start = number_end
    while start < len(text) and start - number_end < _WIDEST_GAP and text[start] in _GAP:
        start += 1
    found = _sign_after(text, start) or _word_after(text, start)
    if found and found.sign and start > number_end and text[found.end : found.end + 1].isdigit():
        return None  # the sign of the next number: "5 $50"
    return found


def _sign_after(text: str, start: int) -> _Found | None:
    table = _table()
    for length in range(table.longest_sign, 0, -1):
        sign = text[start : start + length]
        unit = table.signs.get(sign)
        if unit:
            return _Found(unit=unit, start=start, end=start + len(sign), sign=True)
    return None


def _word_after(text: str, start: int) -> _Found | None:
    end = start
    while end < len(text) and end - start < _LONGEST_WORD and _in_word(text[end]):
        end += 1
    word = text[start:end]
    unit = _table().after.get(word.lower()) or _unit_of(word)
    return _Found(unit=unit, start=start, end=end, sign=False) if unit else None


def _in_word(letter: str) -> bool:
    return letter.isalpha() or letter in _APOSTROPHES


def _unit_of(word: str) -> _Unit | None:
    table, folded = _table(), word.lower()
    unit = table.exact.get(word) or table.words.get(folded)
    if unit or len(folded) < len("сўм"):
        return unit
    stems = (table.stems.get(folded[: len(folded) - cut]) for cut in range(1, _LONGEST_ENDING + 1))
    return next((found for found in stems if found), None)


@cache
def _table() -> _Table:
    rows = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    factors = {word: row["factor"] for row in rows["multiplier"] for word in row["words"]}
    times = "|".join(re.escape(word) for word in sorted(factors, key=len, reverse=True))
    number = re.compile(
        rf"(?<![\d.,])(?P<digits>{NUMBER})(?:[ \u00a0]?(?P<times>{times})(?!\w))?+(?:[.,][-–—])?+", re.IGNORECASE
    )
    table = _Table(
        number=number,
        factors=factors,
        longest_sign=max(len(s) for row in rows["currency"] for s in row.get("symbols", ())),
    )
    for row in rows["currency"]:
        _add(table, row)
    return table


def _add(table: _Table, row: dict[str, Any]) -> None:
    unit = _Unit(
        code=row["code"], coin=row.get("coin", False), scale=Decimal(row.get("scale", "1")), finer=row.get("finer")
    )
    table.signs.update(dict.fromkeys(row.get("symbols", ()), unit))
    table.exact.update(dict.fromkeys(row.get("exact", ()), unit))
    table.after.update(dict.fromkeys(row.get("after", ()), unit))
    for word in row.get("words", ()):
        table.words[word.removesuffix("*")] = unit
        if word.endswith("*"):
            table.stems[word[:-1]] = unit
