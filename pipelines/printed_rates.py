"""What a market itself says a coin is worth: the lines of exchange rates its page prints, as rates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from crawler.model.money import currency_of
from crawler.model.numbers import NUMBER, decimal_of
from pipelines.text import evened

_WORD = r"[A-Za-zА-Яа-я]{3,10}|[₿ɱŁΞ]"
_PAIR = re.compile(rf"(?P<one>[A-Z]{{3,5}})\s?[/-]\s?(?P<other>[A-Z]{{3,4}})\W{{0,3}}(?P<worth>{NUMBER})")
_EQUAL = re.compile(
    rf"(?:1\s?)?(?P<one>{_WORD})\s?[:=≈~]?\s?"
    rf"(?:(?P<sign>[$€£₽]|[A-Z]{{3}}\s)\s?(?P<worth>{NUMBER})|(?P<number>{NUMBER})\s?(?P<other>[$€£₽]|[A-Za-z]{{3,6}}))"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class PrintedRate:
    """What one unit of a currency is worth in another, and the words that say so."""

    worth: Decimal
    words: str


def printed_rates(lines: Iterable[str]) -> Mapping[tuple[str, str], PrintedRate]:
    """The rates that lines such as "BTC/USD 43,210" or "1 XMR = 150 EUR" state, by (currency, in which); first wins."""
    found: dict[tuple[str, str], PrintedRate] = {}
    for line in lines:
        rate = _read(evened(line))
        if rate:
            pair, worth = rate
            found.setdefault(pair, PrintedRate(worth=worth, words=line))
    return found


def worth_in(rates: Mapping[tuple[str, str], PrintedRate], currency: str, reference: str) -> PrintedRate | None:
    """What one unit of ``currency`` is worth in ``reference``: as printed, or the reverse of what is printed.

    Two fiat currencies priced against the same coin are worth each other through it.
    """
    straight, back = rates.get((currency, reference)), rates.get((reference, currency))
    if straight:
        return straight
    if back:
        return PrintedRate(worth=1 / back.worth, words=back.words)
    for (coin, quoted), rate in rates.items():
        other = rates.get((coin, reference))
        if quoted == currency and other:
            return PrintedRate(worth=other.worth / rate.worth, words=f"{rate.words}; {other.words}")
    return None


def _read(line: str) -> tuple[tuple[str, str], Decimal] | None:
    match = _PAIR.search(line) or _EQUAL.search(line)
    if match is None:
        return None
    groups = match.groupdict()
    one = currency_of(groups["one"])
    other = currency_of((groups.get("sign") or groups["other"] or "").strip())
    digits = groups.get("worth") or groups.get("number")
    if one is None or other is None or one == other or not digits:
        return None
    worth = decimal_of(digits, point_is_decimal=one != "BTC")  # "BTC/EUR 43.210" is no 43 euros
    return ((one, other), worth) if worth > 0 else None
