"""What both stores keep of a document beside its body: folded words to find it, values to filter, sort and count."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from crawler.model.errors import NpswatchError
from crawler.model.sighting import Document
from index.fields import Field, Kind, ValueType, kinds
from index.folding import fold

BETWEEN_VALUES = "_"
"""A token no query can hold: keeps a phrase from reaching over two values of one field."""
LONGEST_KEY = 128
LONGEST_FACET = 1024
LONGEST_ID = 512
LARGEST_BODY = 20_000_000
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?)?)?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Unfit(NpswatchError):
    """A document that cannot be kept, with the reason. Raised by ``entry``; stores turn it into a Rejection."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Value:
    """One value of one field: as shown in facets (None for numbers and dates), and as compared and sorted."""

    shown: str | None
    key: str | float


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A document made ready: its body as JSON, folded text and values by field name."""

    document: Document
    json: str
    text: dict[str, str]
    values: dict[str, tuple[Value, ...]]


def entry(document: Document) -> Entry:
    """The document as both stores index it. Raises Unfit with the field and what is wrong."""
    kind = kinds().get(document.kind)
    if kind is None:
        raise Unfit(f"no kind of document is called {document.kind!r}")
    _check_id(document.id)
    body = _as_json(document.body)
    raw = {field.name: _scalars(document, field) for field in kind.fields.values()}
    return Entry(document=document, json=body, text=_texts(kind, raw), values=_values(kind, raw))


def exact_key(text: str) -> str:
    """How exact strings are compared: lower case, without blanks (fingerprints are written in groups)."""
    return "".join(text.lower().split())


def epoch_milliseconds(text: str) -> int:
    """ISO 8601, also only a year, month or day, as milliseconds since 1970 UTC. Raises Unfit."""
    if not _DATE.fullmatch(text):
        raise Unfit(f"{text[:40]!r} is no ISO 8601 date")
    try:
        moment = datetime.fromisoformat(_completed(text))
    except ValueError as error:
        raise Unfit(f"{text[:40]!r} is no date: {error}") from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // _MILLISECOND


_MILLISECOND = datetime(1970, 1, 1, microsecond=1000) - datetime(1970, 1, 1)


def _completed(text: str) -> str:
    if len(text) == len("2026"):
        return f"{text}-01-01"
    if len(text) == len("2026-01"):
        return f"{text}-01"
    return re.sub(r"(\.\d{6})\d+", r"\1", text)


def _check_id(identity: str) -> None:
    if not identity or len(identity.encode(errors="replace")) > LONGEST_ID:
        raise Unfit(f"an id has 1 to {LONGEST_ID} bytes")


def _as_json(body: dict[str, Any]) -> str:
    try:
        text = json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        size = len(text.encode())
    except (TypeError, ValueError, RecursionError) as error:
        raise Unfit(f"the body is no JSON: {error}") from error
    if size > LARGEST_BODY:
        raise Unfit(f"the body has {size} bytes, more than {LARGEST_BODY}")
    return text


def _scalars(document: Document, field: Field) -> list[list[Any]]:
    """The values at each path of the field."""
    if field.paths == ("id",):
        return [[document.id]]
    return [list(_walk(document.body, path, path.split("."))) for path in field.paths]


def _walk(value: Any, path: str, steps: list[str]) -> Iterator[Any]:
    if value is None:
        return
    if isinstance(value, list | tuple):
        for member in value:
            yield from _walk(member, path, steps)
        return
    if not steps:
        if isinstance(value, dict):
            raise Unfit(f"{path}: an object stands where a single value should")
        yield value
        return
    if not isinstance(value, dict):
        raise Unfit(f"{path}: {_short(value)} stands where an object should")
    yield from _walk(value.get(steps[0]), path, steps[1:])


def _texts(kind: Kind, raw: dict[str, list[list[Any]]]) -> dict[str, str]:
    texts = {}
    for field in kind.text_fields():
        folded = [fold(str(value)) for values in raw[field.name] for value in values]
        joined = f" {BETWEEN_VALUES} ".join(text for text in folded if text)
        if joined:
            texts[field.name] = joined
    return texts


def _values(kind: Kind, raw: dict[str, list[list[Any]]]) -> dict[str, tuple[Value, ...]]:
    found = {}
    for field in kind.fields.values():
        made = dict.fromkeys(
            made
            for place, values in enumerate(raw[field.name])
            for value in values
            if (made := _value(field, value, shown=place == 0)) is not None
        )
        if made:
            found[field.name] = tuple(made)
    return found


def _value(field: Field, value: Any, *, shown: bool) -> Value | None:
    if field.value is ValueType.NUMBER:
        return Value(shown=None, key=_number(field, value))
    if field.value is ValueType.DATE:
        return Value(shown=None, key=_date(field, value))
    if field.value is ValueType.BOOLEAN:
        if not isinstance(value, bool):
            raise Unfit(f"{field.paths[0]}: {_short(value)} is neither true nor false")
        return Value(shown="true" if value else "false", key=float(value))
    if isinstance(value, bool):
        raise Unfit(f"{field.paths[0]}: {_short(value)} stands where words should")
    return _string(field, str(value), shown=shown)


def _string(field: Field, text: str, *, shown: bool) -> Value | None:
    """A string's value, None for blanks; one that folds to nothing ("!!!") is still there and sorted as written."""
    folded = fold(text[:LONGEST_FACET]) if field.value is ValueType.TEXT else ""
    key = folded or exact_key(text)
    if not key:
        return None
    fits = len(text.encode("utf-16-le")) // 2 <= LONGEST_FACET  # counted as the server counts
    return Value(shown=text if shown and fits else None, key=key[:LONGEST_KEY])


def _number(field: Field, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unfit(f"{field.paths[0]}: {_short(value)} is no number")
    try:
        number = float(value)
    except OverflowError as error:
        raise Unfit(f"{field.paths[0]}: too large a number") from error
    if not math.isfinite(number):
        raise Unfit(f"{field.paths[0]}: {number} is no number")
    return number


def _date(field: Field, value: Any) -> float:
    if not isinstance(value, str):
        raise Unfit(f"{field.paths[0]}: {_short(value)} is no ISO 8601 date")
    try:
        return float(epoch_milliseconds(value))
    except Unfit as error:
        raise Unfit(f"{field.paths[0]}: {error}") from error


def _short(value: Any) -> str:
    return repr(value)[:60]
