"""Figures and fixed words of a page as values: stock, sales, ratings, dates, payment, escrow, delivery."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache

from config import vocabulary
from crawler.model.money import currency_of
from crawler.model.numbers import read_number, read_quantity
from crawler.model.page import Delivery
from pipelines.text import evened

_PERCENT = Decimal(100)
_STARS = "★⭐🌟✮✭"
_EMPTY_STARS = "☆✩"
_SCALE = re.compile(
    r"(?P<rating>\d{1,3}(?:[.,]\d{1,4})?)\s*(?:/|out of|of|von|из|з|van|sur|de|su|üzerinden|dan|дан)\s*"
    r"(?P<scale>\d{1,3})(?![\d.,])",
    re.IGNORECASE,
)


_THOUSANDS = re.compile(r"(?<![\d.,])(\d{1,4}(?:[.,]\d{1,2})?)[kк]\+?(?!\w)", re.I)


def read_count(text: str) -> int | None:
    """A whole number in words such as "1,335 sales" or "1.2k sold"; None where there is none."""
    thousands = _THOUSANDS.search(text)
    number = Decimal(thousands[1].replace(",", ".")) * 1000 if thousands else read_quantity(text)
    return int(number) if number is not None and number == number.to_integral_value() else None


_PACKAGES = re.compile(
    r"\s*(\d{1,3})[ \u00a0\u2009\u202f][1-9]\d{2}(?:g|gr|kg|mg|mcg|ug|µg|ml|cl|oz|г|гр|кг|мг|мл)\b", re.I
)
"""A count of packages and their size, "17 112g": no number in the thousands, for its unit is written to the size."""


def read_stock(text: str) -> Decimal | None:
    """How many are left; 0 where the words say sold out, None where they give no number."""
    packages = _PACKAGES.match(text)
    number = Decimal(packages[1]) if packages else read_quantity(text)
    if number is not None:
        return number
    return Decimal(0) if _says(text, _words()["stock"]["none"]) else None


def read_rating(text: str) -> tuple[Decimal | None, Decimal | None]:
    """A rating on the page's own scale and that scale where the words show it: "4.8/5", "98 %", "★★★★☆"."""
    plain = evened(text)
    scaled = _SCALE.search(plain)
    if scaled:
        return Decimal(scaled["rating"].replace(",", ".")), Decimal(scaled["scale"])
    number = read_number(plain)
    if number is not None:
        return number, _PERCENT if "%" in plain else None
    full = sum(plain.count(star) for star in _STARS)
    empty = sum(plain.count(star) for star in _EMPTY_STARS)
    return (Decimal(full), Decimal(full + empty) if empty else None) if full or empty else (None, None)


def read_payment(text: str) -> tuple[str, ...]:
    """The coins and currencies named, by ticker or code, each once."""
    codes = (currency_of(word) for word in re.findall(r"[^\W\d_]+|[₿ɱŁΞ]", evened(text)))
    return tuple(dict.fromkeys(code for code in codes if code))


def read_escrow(text: str) -> bool | None:
    """Whether escrow is offered; None where the words do not say."""
    words = _words()["escrow"]
    if _says(text, words["no"]):
        return False
    return True if _says(text, words["yes"]) else None


def read_delivery(texts: Iterable[str]) -> tuple[Delivery, ...]:
    """The ways of delivery the words name, in their fixed order."""
    said = [evened(text) for text in texts]
    words = _words()["delivery"]
    return tuple(way for way in Delivery if any(_says(text, words[way.value]) for text in said))


_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}))?)?")
_DOTTED = re.compile(r"\b(\d{1,2})\.(\d{1,2})\.(\d{4})\b")
_AGO = re.compile(
    r"(\d{1,4})\s*(h|hr|hrs|hours?|d|days?|w|weeks?|mon|months?|y|years?|min|mins|minutes?|час\w*|дн\w*|день|недел\w*|месяц\w*|мин\w*|год\w*|лет)\s*(?:ago|назад)",
    re.IGNORECASE,
)
_SPANS = (
    ("mi", 60), ("мин", 60), ("mo", 2629800), ("мес", 2629800), ("h", 3600), ("ч", 3600), ("d", 86400), ("д", 86400),
    ("w", 604800), ("н", 604800), ("y", 31557600), ("г", 31557600), ("л", 31557600),
)  # fmt: skip


def read_date(text: str, seen: datetime | None) -> str | None:
    """A date or time in ISO 8601 UTC, relative words counted from when the page was seen; None where none is read.

    ``seen`` is None where nobody knows it: then "3 days ago" names no day, and the same bytes give the same values.
    """
    plain = evened(text).strip()
    iso = _ISO.search(plain)
    if iso:
        return _iso(iso)
    dotted = _DOTTED.search(plain)
    if dotted:
        return _day(int(dotted[3]), int(dotted[2]), int(dotted[1]))
    ago = _AGO.search(plain)
    if ago and seen is None:
        return None
    if ago and seen is not None:
        seconds = next(size for start, size in _SPANS if ago[2].lower().startswith(start))
        return (seen.astimezone(UTC) - int(ago[1]) * timedelta(seconds=seconds)).strftime("%Y-%m-%d")
    return _in_words(plain, seen)


def _iso(match: re.Match[str]) -> str | None:
    day = _day(int(match[1]), int(match[2]), int(match[3]))
    return f"{day}T{match[4]}:{match[5]}:{match[6] or '00'}Z" if day and match[4] else day


def _day(year: int, month: int, day: int) -> str | None:
    try:
        return datetime(year, month, day, tzinfo=UTC).strftime("%Y-%m-%d")
    except ValueError:
        return None


_LIKELY_DATE = re.compile(r"\d.*[^\W\d_]{3,}|[^\W\d_]{3,}.*\d|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}")
_LONGEST_DATE = 60
# A date that is the same seen from both is relative to neither.
_BASES = (datetime(2017, 2, 12, 3, tzinfo=UTC), datetime(2030, 9, 27, 14, tzinfo=UTC))


def _in_words(text: str, seen: datetime | None) -> str | None:
    if len(text) > _LONGEST_DATE or not _LIKELY_DATE.search(text):
        return None
    if seen is not None:
        return _parsed(text, seen)
    early, late = (_parsed(text, base) for base in _BASES)
    return early if early == late else None


def _parsed(text: str, seen: datetime) -> str | None:
    from dateparser import parse  # type: ignore[import-untyped]

    found = parse(
        text,
        languages=["en", "ru", "de", "nl", "fr", "es", "it", "tr", "uk", "uz", "kk"],
        settings={"RELATIVE_BASE": seen.replace(tzinfo=None), "PREFER_DATES_FROM": "past", "STRICT_PARSING": True},
    )
    return found.strftime("%Y-%m-%d") if found and found.year > 2000 else None


def _says(text: str, words: Iterable[str]) -> bool:
    lowered = evened(text).lower()
    return any(word in lowered and re.search(rf"(?<!\w){re.escape(word)}(?!\w)", lowered) is not None for word in words)


@cache
def _words() -> dict[str, dict[str, list[str]]]:
    return vocabulary.tree("listing_words")
