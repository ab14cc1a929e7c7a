"""Values over time, and what may be counted: the parts of charts and facets both stores share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from crawler.model.errors import BadInput
from index.fields import Field, Kind, ValueType
from index.query import field_named
from index.store import Point


class Interval(StrEnum):
    """How wide one point of a series is; weeks begin on Monday, all in UTC."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"

    @classmethod
    def named(cls, name: str) -> Interval:
        """The interval of that name. Raises BadInput."""
        try:
            return cls(name)
        except ValueError:
            raise BadInput(f"no interval {name!r}; there are {', '.join(cls)}") from None

    def start_of(self, moment: datetime) -> datetime:
        """The first moment of the interval that holds the given one."""
        hour = moment.replace(minute=0, second=0, microsecond=0)
        if self is Interval.HOUR:
            return hour
        day = hour.replace(hour=0)
        if self is Interval.WEEK:
            return day - timedelta(days=day.weekday())
        if self is Interval.MONTH:
            return day.replace(day=1)
        return day.replace(month=1, day=1) if self is Interval.YEAR else day


def facet_field(name: str, kind: Kind) -> Field:
    """The field whose values may be counted. Raises BadQuery for an unknown name, BadInput for numbers and dates."""
    field = field_named(name, kind)
    if field.value in (ValueType.NUMBER, ValueType.DATE):
        raise BadInput(f"{name} is a {field.value}: its values cannot be counted one by one")
    return field


def series_fields(time_field: str, value_field: str, kind: Kind) -> tuple[Field, Field]:
    """The date and the number of a series. Raises BadQuery for an unknown name, BadInput for another type."""
    time, value = field_named(time_field, kind), field_named(value_field, kind)
    if time.value is not ValueType.DATE:
        raise BadInput(f"{time_field} is no date")
    if value.value is not ValueType.NUMBER:
        raise BadInput(f"{value_field} is no number")
    return time, value


def points_of(pairs: Iterable[tuple[float, float]], interval: Interval, percentiles: Sequence[float]) -> list[Point]:
    """The points of (milliseconds, value) pairs, in order of time."""
    intervals: dict[datetime, list[float]] = defaultdict(list)
    for milliseconds, value in pairs:
        intervals[interval.start_of(moment_of(milliseconds))].append(value)
    return [_point(time, sorted(values), percentiles) for time, values in sorted(intervals.items())]


def moment_of(milliseconds: float) -> datetime:
    """The moment so many milliseconds after 1970, UTC."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)


def _point(time: datetime, values: list[float], percentiles: Sequence[float]) -> Point:
    return Point(
        time=time,
        count=len(values),
        minimum=values[0],
        average=sum(values) / len(values),
        maximum=values[-1],
        percentiles={percent: _percentile(values, percent) for percent in percentiles},
    )


def _percentile(values: list[float], percent: float) -> float:
    """The value below which so many percent lie, between two values in proportion."""
    place = (len(values) - 1) * percent / 100
    lower = int(place)
    upper = min(lower + 1, len(values) - 1)
    return values[lower] + (values[upper] - values[lower]) * (place - lower)
