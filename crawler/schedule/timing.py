"""When a market is due: every so often, or by a cron line; the arithmetic is APScheduler's. All times are UTC."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import lru_cache
from typing import Any

from crawler.model.errors import BadInput
from crawler.schedule.cron import CronLine, read_cron

_LEAST_MINUTES = 5  # a market is not to be hammered
_MOST_DAYS = 366
_SPAN = re.compile(r"(?:(\d{1,3})d)?(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s)?")
_INSTANT = timedelta(milliseconds=1)
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


class Rule(Enum):
    """The two ways to say when."""

    EVERY = "every"
    CRON = "cron"


@dataclass(frozen=True, kw_only=True, slots=True)
class Timing:
    """A rule with its words: a span such as ``6h``, or a cron line."""

    rule: Rule
    words: str

    def after(self, moment: datetime, since: datetime) -> datetime:
        """The first planned time later than ``moment``; spans are counted from ``since``, which is the first one."""
        later = max(moment + _INSTANT, since)
        if self.rule is Rule.EVERY:
            return _whole(_every(self.words, since).get_next_fire_time(None, later))
        return _whole(min(trigger.get_next_fire_time(None, later) for trigger in _cron(self.words)))


def every(text: str) -> Timing:
    """The timing of ``--every``. Raises BadInput for what is no span of time, below 5 minutes or above a year."""
    seconds = read_span(text, "--every")
    if seconds < _LEAST_MINUTES * 60:
        raise BadInput(f"--every {text} is below {_LEAST_MINUTES} minutes: a market is not to be hammered")
    return Timing(rule=Rule.EVERY, words=text)


def cron(text: str) -> Timing:
    """The timing of ``--cron``. Raises BadInput with every fault, or when two of its times are within 5 minutes."""
    line = read_cron(text)
    if line.closest_minutes() < _LEAST_MINUTES:
        raise BadInput(
            f"--cron {text!r} comes round every {line.closest_minutes()} minutes: below {_LEAST_MINUTES} minutes "
            "a market would be hammered"
        )
    return Timing(rule=Rule.CRON, words=text)


def read_span(text: str, what: str) -> int:
    """Seconds of a span such as ``6h``, ``90m``, ``1d12h`` or ``30s``. Raises BadInput, ``what`` names the option."""
    found = _SPAN.fullmatch(text.strip().lower())
    if found is None or not any(found.groups()):
        raise BadInput(f"{what} must be a span of time such as 6h, 90m or 1d12h, not {text!r}")
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    span = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if span > timedelta(days=_MOST_DAYS):
        raise BadInput(f"{what} {text} is more than {_MOST_DAYS} days")
    return int(span.total_seconds())


def _whole(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


@lru_cache(maxsize=1024)
def _every(words: str, since: datetime) -> Any:
    from apscheduler.triggers.interval import IntervalTrigger

    return IntervalTrigger(seconds=read_span(words, "--every"), start_date=since, timezone=UTC)


@lru_cache(maxsize=1024)
def _cron(words: str) -> tuple[Any, ...]:
    """One trigger, or two where either kind of day is enough."""
    line = read_cron(words)
    weekdays = ",".join(_WEEKDAYS[day] for day in line.weekdays)  # by name: APScheduler's 0 is Monday, cron's Sunday
    days = ",".join(map(str, line.days))
    if line.either_day:
        return _trigger(line, day=days), _trigger(line, day_of_week=weekdays)
    return (_trigger(line, day=days, day_of_week=weekdays),)


def _trigger(line: CronLine, **days: str) -> Any:
    from apscheduler.triggers.cron import CronTrigger

    times = {"minute": line.minutes, "hour": line.hours, "month": line.months}
    return CronTrigger(second=0, timezone=UTC, **{k: ",".join(map(str, v)) for k, v in times.items()}, **days)
