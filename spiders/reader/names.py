"""Names that a page's addresses carry: ``/vendor/heron``, ``?recipient=heron``."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import parse_qsl, unquote_plus, urlsplit

from spiders.reader.vocabulary import fold

_LONGEST = 60
_SHORTEST = 2
_LAST_SEGMENTS = 3


@lru_cache(maxsize=20_000)
def names_in_address(href: str) -> frozenset[str]:
    """The folded values an address ends in or carries in its query, as far as a name may be among them."""
    try:
        parts = urlsplit(href)
        query = _query_of(parts.query)
    except ValueError:
        return frozenset()
    values = [unquote_plus(segment) for segment in parts.path.split("/")[-_LAST_SEGMENTS:]]
    values += [value for _, value in query]
    return frozenset(fold(value.lstrip("@")) for value in values if _SHORTEST <= len(value) <= _LONGEST)


@lru_cache(maxsize=20_000)
def last_name(href: str) -> str:
    """The last value of an address as written: its last query value, else its last step."""
    try:
        parts = urlsplit(href)
        query = _query_of(parts.query)
    except ValueError:
        return ""
    return query[-1][1] if query else unquote_plus(parts.path.rstrip("/").rpartition("/")[2])


def _query_of(query: str) -> list[tuple[str, str]]:
    """The keys and values of a query; one word without a key, ``who.cgi?heron``, is a value."""
    if query and "=" not in query and "&" not in query:
        return [("", unquote_plus(query))]
    return parse_qsl(query, max_num_fields=20)
