"""The loop that keeps the plans: what is due is started, what ended is judged, what was missed is told."""

from __future__ import annotations

import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crawler.frontier.lock import market_lock
from crawler.model.errors import HomeLocked
from crawler.schedule.book import BookUnwritable, ScheduleBook
from crawler.schedule.clock import Clock
from crawler.schedule.entry import ORPHAN, RunEntry, Verdict, judged
from crawler.schedule.plan import Missed, Plan
from crawler.schedule.process import CrawlProcess, Crawls

_GRACE = timedelta(minutes=2)
_MOST_ATTEMPTS = 2
_LAST_SECONDS = 45.0
_NOBODY = "no scheduler ran at that time"
_BUSY = "the market was still being crawled at that time"
_OUR_END = "the scheduler was ended while this run went on"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Due:
    """The planned times that have come: first, one before the last, last, how many; and when the next is due."""

    first: datetime
    before_last: datetime
    last: datetime
    times: int
    next: datetime


class Scheduler:
    """Keeps the plans of a book. One thread, one home, one scheduler (the caller holds its lock).

    ``at_once`` crawls run side by side at most, never two of one market; ``grace`` is how late a run may begin and is
    still no missed one; ``tell`` hears each line of the history that is complete, ``warn`` what goes wrong here.
    """

    def __init__(
        self,
        book: ScheduleBook,
        crawls: Crawls,
        clock: Clock,
        *,
        at_once: int = 1,
        grace: timedelta = _GRACE,
        tell: Callable[[RunEntry], None],
        warn: Callable[[str], None],
    ) -> None:
        self._book, self._crawls, self._clock = book, crawls, clock
        self._at_once, self._grace = at_once, grace
        self._tell, self._warn = tell, warn
        self._plans: dict[str, Plan] = {}
        self._claims: dict[str, RunEntry] = {}
        self._running: dict[str, tuple[RunEntry, CrawlProcess]] = {}
        self._unsaved: dict[str, RunEntry] = {}
        self._busy: dict[str, datetime] = {}
        self._next: dict[str, datetime] = {}
        self._held_up: set[str] = set()
        self._complaint = ""

    def run(self, asked_to_end: Callable[[], bool]) -> None:
        """Keeps the plans until asked to end; then, and on any error, ends the crawls and notes how they stand."""
        try:
            self.recover()
            while not asked_to_end():
                self.step()
                self._clock.wait(self._next_moment(), busy=bool(self._running))
        finally:
            self.close()

    def recover(self) -> None:
        """Notes runs that a scheduler before us left behind, and makes up those cut short where the plan says so."""
        now = self._clock.now()
        for entry in self._book.unfinished():
            self._note(replace(entry, verdict=Verdict.FAILED, ended=now, reasons=(ORPHAN,), cut_short=True))
        for plan in self._book.plans():
            latest = self._book.history(plan.market, limit=_MOST_ATTEMPTS)
            if latest and self._to_be_made_up(plan, latest, now):
                self._claims[plan.market] = _entry(plan.market, latest[0].planned)

    def step(self) -> None:
        """Does what is to be done at this moment."""
        self._reap()
        with self._grumbling():
            self._plans = {plan.market: plan for plan in self._book.plans()}
            for plan in self._plans.values():
                self._claim(plan)
        self._start_claims()
        self._save()

    def close(self) -> None:
        """Ends the crawls that run, as gently as time allows, and notes how they stand."""
        for _, process in self._running.values():
            process.ask_to_end()
        limit = time.monotonic() + _LAST_SECONDS
        while self._running and time.monotonic() < limit:
            self._reap(cut_short=True)
            time.sleep(0.05)
        for _, process in self._running.values():
            process.end()
        self._reap(cut_short=True)
        self._save()

    def _to_be_made_up(self, plan: Plan, latest: list[RunEntry], now: datetime) -> bool:
        """Only once for each planned time: a run that brings the machine down must not do so for ever."""
        attempts = sum(entry.planned == latest[0].planned for entry in latest)
        return (
            plan.missed is Missed.RUN_ONCE
            and latest[0].cut_short
            and attempts < _MOST_ATTEMPTS
            and not self._due(plan, now).times
        )

    def _claim(self, plan: Plan) -> None:
        """Sets a plan's run down to be started when its time has come, and says what was missed before."""
        now = self._clock.now()
        if plan.market in self._running or plan.market in self._claims:
            self._busy[plan.market] = now
            return
        due = self._due(plan, now)
        self._next[plan.market] = due.next
        if not due.times:
            return
        why = _BUSY if self._busy.get(plan.market, plan.since) >= due.first > plan.since else _NOBODY
        if plan.missed is Missed.SKIP and self._late(plan, due.last, now):
            self._note(_missed(plan.market, due.first, due.last, due.times, why))
            return
        if due.times > 1:
            self._note(_missed(plan.market, due.first, due.before_last, due.times - 1, why))
        self._claims[plan.market] = _entry(plan.market, due.last)

    def _due(self, plan: Plan, now: datetime) -> _Due:
        moment = max((*self._accounted_in_memory(plan, now), self._book.accounted(plan, now)))
        times, first, before_last, last = 0, moment, moment, moment
        while (begins := plan.due(planned := plan.after(last))) <= now:
            first = first if times else planned
            before_last, last, times = last, planned, times + 1
        return _Due(first=first, before_last=before_last, last=last, times=times, next=begins)

    def _accounted_in_memory(self, plan: Plan, now: datetime) -> Iterator[datetime]:
        for entry in self._unsaved.values():
            if entry.market == plan.market and plan.since <= entry.planned and entry.planned_until <= now:
                yield entry.planned_until

    def _late(self, plan: Plan, planned: datetime, now: datetime) -> bool:
        return now - plan.due(planned) > self._grace

    def _start_claims(self) -> None:
        for market, entry in list(self._claims.items()):
            if len(self._running) >= self._at_once:
                return
            plan = self._plans.get(market)
            if plan is not None and self._held(market):
                self._held_up.add(market)
                continue
            del self._claims[market]
            if plan is not None:
                self._start_or_skip(plan, entry)
            self._held_up.discard(market)

    def _start_or_skip(self, plan: Plan, entry: RunEntry) -> None:
        held_up = plan.market in self._held_up and self._late(plan, entry.planned, self._clock.now())
        if held_up and plan.missed is Missed.SKIP:
            self._note(_missed(plan.market, entry.planned, entry.planned, 1, _BUSY))
        else:
            self._start(entry)

    def _held(self, market: str) -> bool:
        """Whether a crawl that is not ours has the market, begun by hand or left by a scheduler that was killed."""
        try:
            with market_lock(self._crawls.state(market), market):
                return False
        except HomeLocked:
            return True
        except OSError:
            return False  # a full disk: the crawl itself says so

    def _start(self, entry: RunEntry) -> None:
        entry = replace(entry, started=self._clock.now())
        try:
            process = self._crawls.start(entry.market)
        except (OSError, subprocess.SubprocessError) as error:
            words = f"the crawl could not be started: {error}"
            self._note(replace(entry, ended=self._clock.now(), verdict=Verdict.FAILED, reasons=(words,)))
            return
        self._running[entry.market] = entry, process
        self._note(entry)

    def _reap(self, *, cut_short: bool = False) -> None:
        for market, (entry, process) in list(self._running.items()):
            outcome = process.outcome()
            if outcome is None:
                continue
            del self._running[market]
            verdict, reasons, run = judged(outcome)
            reasons = (*reasons, _OUR_END) if cut_short else reasons
            ended = replace(entry, ended=self._clock.now(), exit_code=outcome.exit_code, run=run)
            self._note(replace(ended, verdict=verdict, reasons=reasons, cut_short=cut_short))

    def _note(self, entry: RunEntry) -> None:
        """Keeps a line of the history: now if the disk allows, else as soon as it does."""
        self._unsaved[entry.id] = entry
        self._save()
        if entry.verdict is not Verdict.RUNNING:
            self._tell(entry)

    def _save(self) -> None:
        with self._grumbling():
            for id_, entry in list(self._unsaved.items()):
                self._book.save(entry)
                del self._unsaved[id_]
                self._complaint = ""

    @contextmanager
    def _grumbling(self) -> Iterator[None]:
        """Goes on when the book cannot be read or written, and says so once for each reason."""
        try:
            yield
        except BookUnwritable as error:
            if str(error) != self._complaint:
                self._warn(f"{error}; the history is kept in memory until it can be written")
            self._complaint = str(error)

    def _next_moment(self) -> datetime | None:
        """When the next run is due; None when nothing is planned that waits for its time."""
        waiting = self._plans.keys() - self._running.keys() - self._claims.keys()
        return min((self._next[market] for market in waiting if market in self._next), default=None)


def _entry(market: str, planned: datetime) -> RunEntry:
    return RunEntry(id=uuid.uuid4().hex, market=market, planned=planned, planned_until=planned, verdict=Verdict.RUNNING)


def _missed(market: str, first: datetime, last: datetime, times: int, why: str) -> RunEntry:
    entry = replace(_entry(market, first), planned_until=last, times=times)
    return replace(entry, verdict=Verdict.MISSED, reasons=(why,))
