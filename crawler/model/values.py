"""Values that validate themselves: money, places, sources."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from crawler.model.errors import BadInput

_CURRENCY = re.compile(r"[A-Z]{3,5}")
_COUNTRY = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Money:
    """An amount and its ISO 4217 code or coin ticker. Raises BadInput for anything else."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not self.amount.is_finite() or self.amount < 0:
            raise BadInput(f"no amount of money: {self.amount}")
        if not _CURRENCY.fullmatch(self.currency):
            raise BadInput(f"no currency: {self.currency!r}")


@dataclass(frozen=True, kw_only=True, slots=True)
class ConvertedMoney:
    """An amount in the operator's reference currency, with the rate it was converted by.

    ``rate`` is what one unit of the original currency was worth on ``rate_date`` (ISO 8601 day); ``rate_source`` says
    who stated it.
    """

    amount: Decimal
    currency: str
    rate: Decimal
    rate_date: str
    rate_source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where something is shipped from or to, in the page's words.

    ``country`` is ISO 3166-1 alpha-2, or WW (worldwide) or EU; None where the words name no country we know.
    """

    text: str
    country: str | None = None

    def __post_init__(self) -> None:
        if self.country is not None and not _COUNTRY.fullmatch(self.country):
            raise BadInput(f"no country code: {self.country!r}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """The words a field was read from, the rule that found them and how sure it is (0 to 1)."""

    words: str
    rule: str
    confidence: float
