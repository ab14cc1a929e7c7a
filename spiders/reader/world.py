"""Words for places: the names of countries, of their groups, of the whole world and of cities, in our languages."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from config.vocabulary import table
from spiders.reader.vocabulary import fold

_LONGEST = 200
_MOST = 40
_LONGEST_CITY = 60
_PARTS = re.compile(r"\s*[,;|،؛]\s*|\s+(?:and|&|и|va|ва|және|жана|und|en|et|y|e|i|ve|و)\s+|\s*/\s*")
_EDGES = " \t\n.:()[]"


@cache
def _names() -> frozenset[str]:
    rows = table("countries")
    named = {fold(name.strip()) for row in rows for name in (row["name"], *row["names"].split(";"))}
    return frozenset(named | {row["code"].lower() for row in rows})


@cache
def _cities() -> frozenset[str]:
    return frozenset(fold(name.strip()) for row in table("cities") for name in (row["city"], *row["names"].split(";")))


@lru_cache(maxsize=8192)
def is_city(text: str) -> bool:
    """Whether a text is the name of a city or region we know."""
    return 0 < len(text) <= _LONGEST_CITY and fold(text.strip(_EDGES)) in _cities()


@lru_cache(maxsize=8192)
def is_place(text: str) -> bool:
    """Whether a text names countries or the world, one or several, and nothing else."""
    if not text or len(text) > _LONGEST or text.isdigit():
        return False
    if _is_one(text):
        return True
    parts = [part for part in _PARTS.split(text) if part.strip(_EDGES)]
    return 0 < len(parts) <= _MOST and all(map(_is_one, parts))


def _is_one(text: str) -> bool:
    bare = text.strip(_EDGES)
    if len(bare) == 2:  # a code, not a word: "in", "it" and "to" are words
        return bare.isupper() and bare.lower() in _names()
    return fold(bare) in _names()
