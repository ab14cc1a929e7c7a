"""Whether a page says the same as before, or the same as another."""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from crawler.model.words import RawPage

_LEFT_OUT = ("rule", "confidence", "last_seen")  # how it was read is no change; nor is a vendor's being online
_NOISE = re.compile(rb"(?s)<(script|style|head)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>|[\d\s]+")
_WORDS_IN_ROW = 3
_KEPT = 8
_ALIKE = 7

Sketch = tuple[int, ...]


def words_digest(raw: RawPage) -> str | None:
    """A digest of what was read of a page, not of how or when; None when nothing was.

    Of a listing or a vendor its own words and reviews, of other pages the cards and reviews they show, of lists of
    vendors where they lead.
    """
    said: Any = raw.listing or raw.vendor
    words = _words(asdict(said)) + _words([asdict(each) for each in raw.reviews]) if said else _shown(raw)
    if not words:
        return None
    return hashlib.sha256(json.dumps(words, ensure_ascii=False).encode()).hexdigest()[:32]


def sketch(body: bytes) -> Sketch:
    """A few numbers of a page's text by which near-identical pages are told: digits, times and markup do not count.

    The smallest hashes of all its three words in a row (A. Broder, On the resemblance and containment of documents,
    1997).
    """
    words = _NOISE.sub(b" ", body).split()
    rows = {zlib.crc32(b" ".join(words[at : at + _WORDS_IN_ROW])) for at in range(max(1, len(words) - 2))}
    return tuple(sorted(rows)[:_KEPT])


def alike(one: Sketch, other: Sketch) -> bool:
    """Whether two pages are the same but for a few words."""
    shared = len(set(one) & set(other))
    return shared >= min(_ALIKE, len(one), len(other))


def _shown(raw: RawPage) -> list[str]:
    cards = [word for card in raw.cards for word in (card.url, card.title, card.price or "")] + list(raw.links.listing)
    return cards + _words([asdict(each) for each in raw.reviews]) or list(raw.links.vendor)


def _words(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return _words([inner for name, inner in value.items() if name not in _LEFT_OUT])
    if isinstance(value, Iterable):
        return [word for inner in value for word in _words(inner)]
    return []
