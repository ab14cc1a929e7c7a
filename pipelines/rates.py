"""Prices in the operator's reference currency, at the rate of the day a page was seen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from config import vocabulary
from crawler.model.errors import BadInput
from crawler.model.page import Listing
from crawler.model.values import ConvertedMoney, Money
from pipelines.printed_rates import printed_rates, worth_in

RATES_FILE = "rates.tsv"
_COLUMNS = ("date", "currency", "rate", "reference", "source")
_CURRENCY = re.compile(r"[A-Z]{3,5}")
_PLACES = Decimal("0.0001")
_RATE_PLACES = Decimal("0.00000001")


@dataclass(frozen=True, kw_only=True, slots=True)
class Rate:
    """What one unit of a currency was worth in the reference currency on a day, and who stated it."""

    value: Decimal
    day: str
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Rates:
    """The operator's rates by day and currency; ``reference`` is None where the operator supplies none."""

    reference: str | None = None
    by_day: Mapping[tuple[str, str], Rate] = field(default_factory=dict)


_RATES: list[Rates] = []


def use_rates_of(home: Path) -> None:
    """From now on the rates in ``home`` are used; called once, at the start. Raises BadInput for a wrong row."""
    _RATES[:] = [read_rates(home / RATES_FILE)]


def current_rates() -> Rates:
    """The rates in use; none before `use_rates_of` named a home."""
    return _RATES[0] if _RATES else Rates()


def read_rates(path: Path) -> Rates:
    """The rates of a file with the columns date, currency, rate, reference, source; none where there is no file.

    Raises BadInput, with the number of the row, for a row that is wrong or names another reference currency.
    """
    if not path.is_file():
        return Rates()
    found: dict[tuple[str, str], Rate] = {}
    references: set[str] = set()
    for number, row in enumerate(vocabulary.read_table(path), start=1):
        rate = _rate(row, f"{path}, row {number}")
        references.add(row["reference"])
        if len(references) > 1 or found.setdefault((rate.day, row["currency"]), rate) != rate:
            raise BadInput(f"{path}, row {number}: a second reference currency, or a second rate of one day")
    return Rates(reference=next(iter(references), None), by_day=found)


def _rate(row: Mapping[str, str], where: str) -> Rate:
    if any(not (row.get(name) or "").strip() for name in _COLUMNS):
        raise BadInput(f"{where}: every row needs {', '.join(_COLUMNS)}, separated by tabs")
    try:
        day, value = date.fromisoformat(row["date"]).isoformat(), Decimal(row["rate"])
    except (ValueError, InvalidOperation):
        raise BadInput(f"{where}: no date (2026-03-01) or no rate (0.92): {row['date']!r}, {row['rate']!r}") from None
    if not (value.is_finite() and value > 0 and all(_CURRENCY.fullmatch(row[n]) for n in ("currency", "reference"))):
        raise BadInput(f"{where}: a rate above 0 and currency codes such as USD are needed")
    return Rate(value=value, day=day, source=row["source"])


def convert(
    money: Money, time: datetime, rates: Rates, listing: Listing | None = None, printed: Iterable[str] = ()
) -> ConvertedMoney | None:
    """The money in the reference currency at the rate of the day of ``time`` (UTC); None where none is at hand.

    The operator's rate goes first; then the rate the page prints (``printed``, its lines of exchange rates); else the
    price the page itself shows in the reference currency beside the headline price: their ratio is the market's rate.
    """
    day = time.astimezone(UTC).date().isoformat()
    rate = (
        rates.by_day.get((day, money.currency))
        or _printed(money.currency, day, rates, printed)
        or _of_page(money.currency, day, rates, listing)
    )
    if rates.reference is None or rate is None:
        return None
    return ConvertedMoney(
        amount=(money.amount * rate.value).quantize(_PLACES).normalize(),
        currency=rates.reference,
        rate=rate.value,
        rate_date=rate.day,
        rate_source=rate.source,
    )


def _printed(currency: str, day: str, rates: Rates, printed: Iterable[str]) -> Rate | None:
    if rates.reference is None or currency == rates.reference:
        return None
    found = worth_in(printed_rates(printed), currency, rates.reference)
    if found is None:
        return None
    return Rate(value=found.worth.quantize(_RATE_PLACES).normalize(), day=day, source=f"page: {found.words}")


def _of_page(currency: str, day: str, rates: Rates, listing: Listing | None) -> Rate | None:
    if currency == rates.reference:
        return Rate(value=Decimal(1), day=day, source="priced in the reference currency")
    if listing is None or listing.price is None or listing.price.currency != currency or not listing.price.amount:
        return None
    shown = next((one for one in listing.price_in if one.currency == rates.reference), None)
    if shown is None or not shown.amount:
        return None
    value = (shown.amount / listing.price.amount).quantize(_RATE_PLACES).normalize()
    return Rate(value=value, day=day, source="page: price shown in both currencies") if value else None
