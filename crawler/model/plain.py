"""Items as plain JSON values: a key without a value is left out."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

_RENAMED = {"substance_class": "class"}
_EMPTY: tuple[Any, ...] = ([], {}, "")


def plain(value: Any) -> Any:
    """The value as dicts, lists, strings, numbers and booleans, without empty keys.

    Decimals become numbers, times ISO 8601 UTC. False and 0 are values and stay.
    """
    if value is None or (isinstance(value, bool | int | float | str) and not isinstance(value, Enum)):
        return value
    if dataclasses.is_dataclass(value):
        return _plain_fields({f.name: getattr(value, f.name) for f in dataclasses.fields(value)})
    if isinstance(value, dict):
        return _plain_fields(value)
    if isinstance(value, list | tuple):
        return [plain(member) for member in value]
    return _plain_scalar(value)


def iso(time: datetime) -> str:
    """A time as ISO 8601 in UTC with a Z, to the millisecond."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _plain_fields(fields: dict[str, Any]) -> dict[str, Any]:
    kept = ((_RENAMED.get(name, name), plain(member)) for name, member in fields.items())
    return {name: member for name, member in kept if member is not None and member not in _EMPTY}


def _plain_scalar(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        return iso(value)
    raise TypeError(f"no plain form of {type(value).__name__}")
