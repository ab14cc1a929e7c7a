"""Cron lines as the classic cron reads them; each fault is named with its field."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from crawler.model.errors import BadInput

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_DAYS_OF_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
# crontab(5): the nicknames that stand for a time.
_NICKNAMES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_EXAMPLE = "such as '30 */6 * * *'"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Field:
    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()


_FIELDS = (
    _Field(name="minute", low=0, high=59),
    _Field(name="hour", low=0, high=23),
    _Field(name="day of month", low=1, high=31),
    _Field(name="month", low=1, high=12, names=_MONTHS),
    _Field(name="day of week", low=0, high=7, names=_WEEKDAYS),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class CronLine:
    """The times a cron line names: minutes, hours, days of the month, months, weekdays (0 is Sunday).

    ``either_day`` is cron's own rule: when both kinds of day are restricted, one of them is enough.
    """

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    months: tuple[int, ...]
    weekdays: tuple[int, ...]
    either_day: bool

    def closest_minutes(self) -> int:
        """The fewest minutes that lie between two of its times."""
        gaps = [late - early for early, late in pairwise(self.minutes)]
        if any((hour + 1) % 24 in self.hours for hour in self.hours):
            gaps.append(self.minutes[0] + 60 - self.minutes[-1])
        return min(gaps, default=60)


def read_cron(text: str) -> CronLine:
    """The times of a cron line: five fields or a nickname such as ``@daily``. Raises BadInput with all its faults."""
    words = _NICKNAMES.get(text.strip().lower(), text).split()
    if len(words) != len(_FIELDS):
        needed = ", ".join(field.name for field in _FIELDS)
        raise BadInput(f"--cron {text!r} has {len(words)} fields, not five ({needed}), {_EXAMPLE}")
    faults: list[str] = []
    minutes, hours, days, months, weekdays = (
        _values(field, word, faults) for field, word in zip(_FIELDS, words, strict=True)
    )
    either_day = not words[2].startswith("*") and not words[4].startswith("*")
    if not faults and not either_day and min(days) > max(_DAYS_OF_MONTH[month - 1] for month in months):
        faults.append(f"day of month: none of the months named has a day {min(days)}")
    if faults:
        raise BadInput(f"--cron {text!r}: " + "; ".join(faults))
    week = tuple(sorted({day % 7 for day in weekdays}))
    return CronLine(minutes=minutes, hours=hours, days=days, months=months, weekdays=week, either_day=either_day)


def _values(field: _Field, word: str, faults: list[str]) -> tuple[int, ...]:
    found: set[int] = set()
    for term in word.split(","):
        try:
            found.update(_term(field, term))
        except ValueError as fault:
            faults.append(f"{field.name}: {fault}")
    return tuple(sorted(found))


def _term(field: _Field, term: str) -> range:
    span, slash, step_word = term.partition("/")
    step = _step(step_word) if slash else 1
    first_word, dash, last_word = span.partition("-")
    if span == "*":
        return range(field.low, field.high + 1, step)
    first = _number(field, first_word)
    last = _number(field, last_word) if dash else (field.high if slash else first)
    if last < first:
        raise ValueError(f"{span} runs backwards")
    return range(first, last + 1, step)


def _step(word: str) -> int:
    if not word.isascii() or not word.isdecimal() or int(word[:6]) == 0:
        raise ValueError(f"the step {word!r} is no number above 0")
    return int(word[:6])


def _number(field: _Field, word: str) -> int:
    if word.lower() in field.names:
        return field.names.index(word.lower()) + (1 if field.names is _MONTHS else 0)
    if not word.isascii() or not word.isdecimal():
        raise ValueError(f"{word!r} is neither a number nor *" + (f" nor {field.names[0]} …" if field.names else ""))
    number = int(word[:6])
    if not field.low <= number <= field.high:
        raise ValueError(f"{word} is not within {field.low} to {field.high}")
    return number
