"""Queries for one value and no longer one: the phrase "LSD" alone also finds 1P-LSD."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from casework.page.filters import field_query
from index.fields import kind_named
from index.folding import fold
from index.store import Body, Store

_MOST_NAMES = 1_000
_MOST_LONGER = 80
_MOST_WITH_BOTH = 80
_MOST_LOOKED_THROUGH = 2_000


def exactly(store: Store, field: str, value: str, *, kind: str = "listing") -> str:
    """A query for the documents of which one value of the field is this one, whatever its letters' case or script.

    A document with a longer value beside this one is found too. The value must hold a letter or digit.
    """
    phrase = field_query(field, value)
    names = [name for name, _ in store.facets(phrase, [field], kind=kind, size=_MOST_NAMES)[field]]
    longer = longer_than(value, names)
    if not longer:
        return phrase
    both = _with_both(store, field, value, longer, kind)
    kept = [f"NOT {_any_of(field, longer)}", *(f"id:{id_}" for id_ in both)]
    return f"{phrase} ({' OR '.join(kept)})"


def alone(field: str, value: str, names: Iterable[str]) -> str:
    """A query for a field that holds one value, where all the values there are are known."""
    longer = longer_than(value, names)
    phrase = field_query(field, value)
    return f"{phrase} NOT {_any_of(field, longer)}" if longer else phrase


def longer_than(value: str, names: Iterable[str]) -> list[str]:
    """The names in which the value stands among other words; at most eighty."""
    words = fold(value)
    folded = ((name, fold(name)) for name in names)
    found = (name for name, said in folded if said != words and f" {words} " in f" {said} ")
    return list(islice(found, _MOST_LONGER))


def values_of(body: Mapping[str, Any], field: str, kind: str) -> Iterator[str]:
    """The strings a body holds in a field, as its facet shows them."""
    yield from _strings(body, kind_named(kind).fields[field].paths[0].split("."))


def _with_both(store: Store, field: str, value: str, longer: list[str], kind: str) -> list[str]:
    """The ids of the documents that hold a longer value and this one."""
    bodies = store.scan(f"{field_query(field, value)} {_any_of(field, longer)}", kind)
    found = (str(body["id"]) for body in islice(bodies, _MOST_LOOKED_THROUGH) if _holds(body, field, value, kind))
    return list(islice(found, _MOST_WITH_BOTH))


def _holds(body: Body, field: str, value: str, kind: str) -> bool:
    return any(fold(each) == fold(value) for each in values_of(body, field, kind))


def _any_of(field: str, values: list[str]) -> str:
    return f"({' OR '.join(field_query(field, each) for each in values)})"


def _strings(value: Any, path: list[str]) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _strings(each, path)
    elif isinstance(value, Mapping) and path:
        yield from _strings(value.get(path[0]), path[1:])
    elif isinstance(value, str) and not path:
        yield value
