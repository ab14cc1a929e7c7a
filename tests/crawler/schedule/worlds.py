"""Simulated time for the real scheduler: hours pass at once, crawls are real processes."""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from crawler.home import Home
from crawler.schedule.book import ScheduleBook
from crawler.schedule.clock import Clock
from crawler.schedule.entry import RunEntry
from crawler.schedule.plan import Missed, Plan
from crawler.schedule.process import CrawlProcess, Crawls
from crawler.schedule.scheduler import Scheduler
from crawler.schedule.timing import Timing, every

START = datetime(2026, 3, 1, tzinfo=UTC)
GOOD_RUN = 'print(\'{"verdict": "good", "reasons": [], "read": 3, "planned": 3}\')'


def hours(number: float) -> datetime:
    """So many hours after the start of the simulation."""
    return START + timedelta(hours=number)


def plan(market: str, timing: Timing | None = None, missed: Missed = Missed.RUN_ONCE, since: datetime = START) -> Plan:
    """A plan without jitter, every six hours unless told otherwise."""
    return Plan(market=market, timing=timing or every("6h"), missed=missed, jitter=0, since=since, salt="s")


@dataclass(kw_only=True)
class FastForward(Clock):
    """A clock that jumps over the hours in which nothing runs, and makes hours of seconds while crawls run.

    ``events`` happen at their times; the ledgers in ``home`` grow older with the clock, so that pages become due.
    """

    time: datetime = START
    pace: float = 60.0
    events: list[tuple[datetime, Callable[[], object]]] = field(default_factory=list)
    home: Path | None = None
    _aged: datetime = START

    def now(self) -> datetime:
        return self.time

    def wait(self, until: datetime | None, *, busy: bool) -> None:
        if busy:
            began = time.monotonic()
            time.sleep(0.02)
            self._go_to(self.time + timedelta(seconds=(time.monotonic() - began) * self.pace))
            return
        upcoming = [at for at, _ in self.events if at > self.time]
        self._go_to(min([*upcoming, *([until] if until else [])], default=self.time + timedelta(hours=1)))
        self._age_ledgers()

    def _go_to(self, moment: datetime) -> None:
        self.time = max(self.time, moment)
        for event in sorted((each for each in self.events if each[0] <= self.time), key=lambda each: each[0]):
            self.events.remove(event)
            event[1]()

    def _age_ledgers(self) -> None:
        seconds, self._aged = (self.time - self._aged).total_seconds(), self.time
        for path in self.home.glob("state/*/ledger.db") if self.home else ():
            with closing(sqlite3.connect(path)) as ledger, ledger:
                ledger.execute("UPDATE pages SET due = due - ?, visited = visited - ?", (seconds, seconds))


class ScriptedCrawls(Crawls):
    """Real processes that do what a line of Python says instead of a crawl; by market, else all the same."""

    def __init__(self, home: Home, scripts: dict[str, str] | None = None) -> None:
        super().__init__(home)
        self.scripts = scripts or {}

    def start(self, market: str) -> CrawlProcess:
        script = self.scripts.get(market, GOOD_RUN)
        return CrawlProcess([sys.executable, "-c", script], {"PATH": ""})


@dataclass(kw_only=True)
class Told:
    """What the scheduler said."""

    entries: list[RunEntry] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def keep_until(
    end: datetime, book: ScheduleBook, crawls: Crawls, clock: FastForward, *, at_once: int = 2, told: Told | None = None
) -> Told:
    """One life of a scheduler: from the clock's time until ``end``."""
    told = told or Told()
    clock.events.append((end, lambda: None))
    scheduler = Scheduler(
        book, crawls, clock, at_once=at_once, tell=told.entries.append, warn=told.warnings.append
    )  # fmt: skip
    scheduler.run(lambda: clock.now() >= end)
    return told


def in_order(book: ScheduleBook, market: str) -> list[RunEntry]:
    """The history of a market, the oldest first."""
    return sorted(book.history(market), key=lambda entry: (entry.planned, entry.started or entry.planned))


def overlapping(entries: list[RunEntry]) -> list[tuple[RunEntry, RunEntry]]:
    """Runs of one market that went on at the same time."""
    runs = sorted((e for e in entries if e.started and e.ended), key=lambda entry: entry.started or START)
    return [
        (early, late) for early, late in pairwise(runs) if early.ended and late.started and late.started < early.ended
    ]


def command_lines(part: bytes) -> list[bytes]:
    """The command lines of the machine's processes that hold these words."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it ended meanwhile
            found.append(path.read_bytes())
    return [line for line in found if part in line]
