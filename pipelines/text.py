"""Text evened out one sign for one, so that places in it stay places in the original."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from crawler.model.numbers import western


@lru_cache(maxsize=4096)
def _even(letter: str) -> str:
    plain = unicodedata.normalize("NFKC", letter)
    return plain if len(plain) == 1 else letter


def evened(text: str) -> str:
    """The text with compatibility forms and digits of other scripts made plain, of the same length."""
    return text if text.isascii() else western("".join(map(_even, text)))
