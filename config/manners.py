"""How a market is treated: hours, daily budget, robots, usual intervals, bounds; read from its profile's keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")
_DAY = 24 * 60
USUAL_HOURS = {"listing": 24.0, "category": 6.0, "vendor": 72.0}
"""Hours until a page of the kind is due again while nothing is known of how often it changes."""
BOUNDS = {"list_pages": 500, "lists": 2000, "orders": 1, "filters": 64, "calendar": 12, "alike": 20, "pages": 200_000}
"""What is bounded in every market, and where, unless the profile says otherwise (docs/frontier.md)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hours:
    """A part of the day, in minutes since midnight; one that begins later than it ends goes on over midnight."""

    begin: int
    end: int

    @classmethod
    def parse(cls, text: str) -> Hours | None:
        """The part of the day that ``08:00-22:30`` names; None when it names none."""
        found = _SPAN.fullmatch(text)
        if found is None:
            return None
        begin, end = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
        return None if begin == end or end > _DAY else cls(begin=begin, end=end)

    def holds(self, minute: int) -> bool:
        """Whether a minute of the day lies in it."""
        if self.begin < self.end:
            return self.begin <= minute < self.end
        return minute >= self.begin or minute < self.end


def read_hours(table: dict[str, Any]) -> tuple[Hours, ...]:
    """The hours of a profile without faults."""
    return tuple(hours for text in table.get("hours", ()) if (hours := Hours.parse(text)))


def manner_faults(table: dict[str, Any]) -> Iterator[str]:
    """What is wrong with these keys of a profile, one sentence a fault."""
    if not isinstance(table.get("robots", True), bool):
        yield "robots must be true or false"
    if "daily_pages" in table and not _is_count(table["daily_pages"]):
        yield "daily_pages must be a whole number from 1 on"
    hours = table.get("hours", [])
    if not isinstance(hours, list) or not all(isinstance(text, str) and Hours.parse(text) for text in hours):
        yield 'hours must be a list of parts of the day such as "08:00-22:30"'
    if fault := _zone_fault(table.get("zone", "UTC")):
        yield fault
    yield from _table_faults(table, "revisit", tuple(USUAL_HOURS), "hours above 0")
    yield from _table_faults(table, "bounds", tuple(BOUNDS), "a whole number from 1 on")


def _zone_fault(name: object) -> str | None:
    try:
        ZoneInfo(str(name))
    except (ValueError, OSError, KeyError):
        return f"zone {name!r} is no time zone; use UTC or a name such as Europe/Vienna"
    return None


def _table_faults(table: dict[str, Any], key: str, names: tuple[str, ...], what: str) -> Iterator[str]:
    members = table.get(key, {})
    if not isinstance(members, dict):
        yield f"{key} must be a table"
        return
    for name, value in members.items():
        if name not in names:
            yield f"{key}.{name} is none of {', '.join(names)}"
        if not (_is_positive(value) if key == "revisit" else _is_count(value)):
            yield f"{key}.{name} must be {what}"


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _is_positive(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0
