"""Numbers as people write them: separators of all our languages, eastern Arabic digits."""

from __future__ import annotations

import re
from decimal import Decimal

# Eastern Arabic and Persian digits, their separators, and full-width digits; one character for one, so that
# positions in the text stay what they were.
_WESTERN = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٫٬０１２３４５６７８９", "01234567890123456789.,0123456789")
_SPACE = " \u00a0\u2009\u202f"
NUMBER = (
    rf"(?:\d{{1,3}}(?:[{_SPACE}]\d{{3}}(?!\d)){{1,5}}+|\d{{1,3}}(?:['’]\d{{3}}(?!\d)){{1,5}}+"
    r"|\d{1,3}(?:,\d{3}(?!\d)){1,5}+|\d{1,3}(?:\.\d{3}(?!\d)){1,5}+|\d{1,18}+)(?:[.,]\d{1,18}+)?+"
)
_NUMBER = re.compile(rf"(?<![\d.,]){NUMBER}")
_GROUPING = re.compile(rf"[{_SPACE}'’]")
_THOUSANDS = 3


def western(text: str) -> str:
    """The text with western digits and separators, character for character."""
    return text if text.isascii() else text.translate(_WESTERN)


def decimal_of(digits: str, *, point_is_decimal: bool = True) -> Decimal:
    """The value of a number as `NUMBER` matches it.

    A lone comma before three digits separates thousands ("1,335"); a lone point does so only where
    ``point_is_decimal`` is False, as in fiat prices ("1.500 €").
    """
    bare = _GROUPING.sub("", digits)
    comma, point = bare.rfind(","), bare.rfind(".")
    if comma >= 0 and point >= 0:
        grouping, mark = (",", ".") if point > comma else (".", ",")
        return Decimal(bare.replace(grouping, "").replace(mark, "."))
    if comma < 0 and point < 0:
        return Decimal(bare)
    mark = "," if comma >= 0 else "."
    if bare.count(mark) > 1 or _separates_thousands(bare, mark, point_is_decimal):
        return Decimal(bare.replace(mark, ""))
    return Decimal(bare.replace(mark, "."))


def _separates_thousands(bare: str, mark: str, point_is_decimal: bool) -> bool:
    whole, _, rest = bare.partition(mark)
    if len(rest) != _THOUSANDS or whole == "0" or len(whole) > _THOUSANDS:
        return False
    return mark == "," or not point_is_decimal


def read_number(text: str) -> Decimal | None:
    """The first number of a text, or None: "4.875" is a decimal, "1,335" a thousand and more."""
    match = _NUMBER.search(western(text))
    return decimal_of(match[0]) if match else None


def read_quantity(text: str) -> Decimal | None:
    """The first number of a text that counts things, or None: "1.892" are as many as "1,892", "12.5" is a decimal."""
    match = _NUMBER.search(western(text))
    return decimal_of(match[0], point_is_decimal=False) if match else None
