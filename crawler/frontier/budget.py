"""What a day may cost a market, and at which hours it is asked for anything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from config.manners import Hours
from crawler.frontier.frontier import Frontier


class DayBudget:
    """At most so many requests a day of the market's zone, counted in its frontier over all runs of the day."""

    def __init__(self, frontier: Frontier, pages: int | None, zone: str) -> None:
        self._frontier = frontier
        self._pages = pages
        self._zone = ZoneInfo(zone)
        self._day, self._spent = "", 0

    def spend(self, now: float) -> None:
        """One request more."""
        self._spent = self._frontier.tally(self._today(now), 1)

    def left(self, now: float) -> bool:
        """Whether one more request is within the day's budget."""
        if self._pages is None:
            return True
        self._today(now)
        return self._spent < self._pages

    def _today(self, now: float) -> str:
        day = f"pages {datetime.fromtimestamp(now, self._zone).date().isoformat()}"
        if day != self._day:
            self._day, self._spent = day, self._frontier.tally(day)
        return day


class OpenHours:
    """The hours of the day, in the market's zone, at which it is crawled; always without any."""

    def __init__(self, hours: Sequence[Hours], zone: str) -> None:
        self._hours = hours
        self._zone = ZoneInfo(zone)

    def opens_at(self, now: float) -> float:
        """The time from which pages may be asked for: now, or when the next hours begin."""
        here = datetime.fromtimestamp(now, self._zone)
        minute = here.hour * 60 + here.minute
        if not self._hours or any(each.holds(minute) for each in self._hours):
            return now
        wait = min((each.begin - minute) % (24 * 60) for each in self._hours)
        return (here.replace(second=0, microsecond=0) + timedelta(minutes=wait)).timestamp()
