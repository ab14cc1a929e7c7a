"""The loop: what is started when, what was missed, what is noted when things go wrong. Time is simulated alone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.frontier.lock import market_lock
from crawler.home import Home
from crawler.schedule.book import BookUnwritable, ScheduleBook
from crawler.schedule.entry import RunEntry, Verdict
from crawler.schedule.plan import Missed
from crawler.schedule.process import CrawlProcess
from crawler.schedule.timing import every
from tests.crawler.schedule.worlds import (
    GOOD_RUN,
    FastForward,
    ScriptedCrawls,
    Told,
    command_lines,
    hours,
    in_order,
    keep_until,
    overlapping,
    plan,
)

AN_HOUR_A_SECOND = 3600.0


@pytest.fixture
def the_home(home: Path) -> Home:
    return Home.at(home)


@pytest.fixture
def book(the_home: Home) -> Iterator[ScheduleBook]:
    with closing(ScheduleBook(the_home.folder / "schedule.db")) as opened:
        yield opened


def lines(book: ScheduleBook, market: str) -> list[tuple[float, int, str]]:
    """Hour planned, planned times, verdict of each line of the history."""
    return [
        ((entry.planned - hours(0)) / timedelta(hours=1), entry.times, entry.verdict.value)
        for entry in in_order(book, market)
    ]


def lasting(real_seconds: float) -> str:
    return f"import time; time.sleep({real_seconds}); " + GOOD_RUN


def test_a_run_that_takes_longer_than_its_span_is_followed_by_one_not_met_by_it(
    the_home: Home, book: ScheduleBook
) -> None:
    book.add(plan("slow", every("2h")))
    keep_until(hours(11), book, ScriptedCrawls(the_home, {"slow": lasting(5)}), FastForward(pace=AN_HOUR_A_SECOND))
    history = in_order(book, "slow")
    assert overlapping(history) == []
    assert lines(book, "slow")[:3] == [(0, 1, "good"), (2, 1, "missed"), (4, 1, "good")]
    assert history[1].reasons == ("the market was still being crawled at that time",)


def test_with_skip_a_time_that_passed_during_a_run_is_not_made_up(the_home: Home, book: ScheduleBook) -> None:
    book.add(plan("slow", every("2h"), missed=Missed.SKIP))
    keep_until(hours(9), book, ScriptedCrawls(the_home, {"slow": lasting(2.7)}), FastForward(pace=AN_HOUR_A_SECOND))
    assert lines(book, "slow")[:3] == [(0, 1, "good"), (2, 1, "missed"), (4, 1, "good")]
    assert [entry.started for entry in in_order(book, "slow")][2] == hours(4)


def test_markets_take_turns_and_waiting_for_a_turn_is_not_being_missed(the_home: Home, book: ScheduleBook) -> None:
    names = ["a", "b", "c"]
    for name in names:
        book.add(plan(name, missed=Missed.SKIP))
    crawls = ScriptedCrawls(the_home, dict.fromkeys(names, lasting(0.3)))
    keep_until(hours(5), book, crawls, FastForward(pace=AN_HOUR_A_SECOND), at_once=1)
    assert [lines(book, name) for name in names] == [[(0, 1, "good")]] * 3
    assert overlapping(book.history()) == []


def test_markets_run_side_by_side_where_they_may(the_home: Home, book: ScheduleBook) -> None:
    for name in ("a", "b"):
        book.add(plan(name))
    crawls = ScriptedCrawls(the_home, dict.fromkeys(("a", "b"), lasting(0.5)))
    keep_until(hours(5), book, crawls, FastForward(pace=AN_HOUR_A_SECOND), at_once=2)
    assert len(overlapping(book.history())) == 1


def test_a_year_without_a_scheduler_is_one_line_and_told_at_once(the_home: Home, book: ScheduleBook) -> None:
    book.add(plan("idle", every("5m")))
    clock = FastForward(time=hours(24 * 365))
    began = time.monotonic()
    keep_until(hours(24 * 365 + 0.05), book, ScriptedCrawls(the_home), clock)
    assert time.monotonic() - began < 20
    assert lines(book, "idle") == [(0, 105120, "missed"), (8760, 1, "good")]


def test_a_run_a_little_late_is_no_missed_one(the_home: Home, book: ScheduleBook) -> None:
    book.add(plan("late", missed=Missed.SKIP))
    keep_until(hours(1), book, ScriptedCrawls(the_home), FastForward(time=hours(1 / 60)))
    assert lines(book, "late") == [(0, 1, "good")]


def test_a_clock_that_was_years_ahead_and_is_set_back_stops_nothing(the_home: Home, book: ScheduleBook) -> None:
    book.add(plan("set"))
    crawls = ScriptedCrawls(the_home)
    keep_until(hours(7), book, crawls, FastForward())
    keep_until(hours(90001), book, crawls, FastForward(time=hours(90000)))
    keep_until(hours(20), book, crawls, FastForward(time=hours(8)))
    assert [line for line in lines(book, "set") if line[0] in (0, 6, 12, 18) and line[1] == 1] == [
        (0, 1, "good"), (6, 1, "good"), (12, 1, "good"), (18, 1, "good"),
    ]  # fmt: skip


def test_a_plan_added_or_removed_while_the_scheduler_runs_is_heeded(the_home: Home, book: ScheduleBook) -> None:
    book.add(plan("old"))
    clock = FastForward()
    clock.events = [(hours(7), lambda: book.add(plan("new", since=hours(8)))), (hours(13), lambda: book.remove("old"))]
    keep_until(hours(21), book, ScriptedCrawls(the_home), clock)
    assert lines(book, "old") == [(0, 1, "good"), (6, 1, "good"), (12, 1, "good")]
    assert lines(book, "new") == [(8, 1, "good"), (14, 1, "good"), (20, 1, "good")]


def test_a_plan_changed_while_its_market_is_crawled_is_kept_from_then_on(the_home: Home, book: ScheduleBook) -> None:
    book.add(plan("moved"))
    clock = FastForward()
    clock.events = [(hours(7), lambda: book.add(plan("moved", every("1h"), since=hours(7)), replace=True))]
    keep_until(hours(9.5), book, ScriptedCrawls(the_home), clock)
    assert lines(book, "moved") == [(0, 1, "good"), (6, 1, "good"), (7, 1, "good"), (8, 1, "good"), (9, 1, "good")]


def test_a_market_crawled_by_hand_is_waited_for(the_home: Home, book: ScheduleBook) -> None:
    book.add(plan("waits"))
    book.add(plan("skips", missed=Missed.SKIP))
    clock = FastForward(pace=AN_HOUR_A_SECOND)
    held = [market_lock(the_home.state(name), name) for name in ("waits", "skips")]
    for lock in held:
        lock.__enter__()
    clock.events = [(hours(1), lambda: [lock.__exit__(None, None, None) for lock in held])]
    keep_until(hours(3), book, ScriptedCrawls(the_home), clock)
    assert lines(book, "waits") == [(0, 1, "good")]
    assert (in_order(book, "waits")[0].started or hours(0)) >= hours(1)
    assert lines(book, "skips") == [(0, 1, "missed")]


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "killed by SIGKILL: it said nothing"),
        ("pass", "ended with code 0: it said nothing"),
        ('print(\'{"verdict": "splendid"}\')', "ended with code 0"),
        ("import sys; sys.exit('npswatch: no Tor answers')", "ended with code 1: no Tor answers"),
        ("open('/dev/full', 'w', buffering=1).write('x\\n')", "No space left on device"),
        (
            "import sys; print('x' * 10**7); sys.stderr.write('y' * 10**7 + '\\nthe end'); sys.exit(3)",
            "code 3: the end",
        ),
    ],
)
def test_a_crawl_that_leaves_no_report_is_failed_with_its_last_words(
    the_home: Home, book: ScheduleBook, script: str, why: str
) -> None:
    book.add(plan("bad"))
    keep_until(hours(7), book, ScriptedCrawls(the_home, {"bad": script}), FastForward())
    history = in_order(book, "bad")
    assert [entry.verdict for entry in history] == [Verdict.FAILED] * 2, "the schedule goes on"
    assert why in history[0].reasons[0]


def test_a_crawl_that_reports_and_then_dies_is_not_good(the_home: Home, book: ScheduleBook) -> None:
    book.add(plan("odd"))
    crawls = ScriptedCrawls(the_home, {"odd": GOOD_RUN + "; raise SystemExit(7)"})
    keep_until(hours(1), book, crawls, FastForward())
    assert [entry.verdict for entry in book.history()] == [Verdict.DEGRADED]
    assert "code 7" in book.history()[0].reasons[0]
    assert book.history()[0].exit_code == 7


class NoProcesses(ScriptedCrawls):
    """A machine that starts no process any more."""

    def start(self, market: str) -> CrawlProcess:
        return CrawlProcess(["/nonexistent/python"], {})


def test_a_crawl_that_cannot_be_started_is_failed_and_the_schedule_goes_on(the_home: Home, book: ScheduleBook) -> None:
    book.add(plan("none"))
    keep_until(hours(7), book, NoProcesses(the_home), FastForward())
    assert lines(book, "none") == [(0, 1, "failed"), (6, 1, "failed")]
    assert "could not be started" in book.history()[0].reasons[0]


class FullDisk(ScheduleBook):
    """A book on a disk that is full for a while; the tests of the command have a disk that really is."""

    full = False

    def save(self, entry: RunEntry) -> None:
        if self.full:
            raise BookUnwritable("schedule.db: database or disk is full")
        super().save(entry)


def test_what_happens_while_the_book_cannot_be_written_is_written_later_and_nothing_runs_twice(the_home: Home) -> None:
    with closing(FullDisk(the_home.folder / "schedule.db")) as book:
        book.add(plan("kept"))
        clock, told = FastForward(), Told()
        clock.events = [
            (hours(5), lambda: setattr(book, "full", True)),
            (hours(20), lambda: setattr(book, "full", False)),
        ]
        keep_until(hours(25), book, ScriptedCrawls(the_home), clock, told=told)
        assert lines(book, "kept") == [
            (0, 1, "good"),
            (6, 1, "good"),
            (12, 1, "good"),
            (18, 1, "good"),
            (24, 1, "good"),
        ]
    assert len(told.warnings) == 1
    assert "disk is full" in told.warnings[0]


def test_when_the_scheduler_ends_its_crawls_end_and_are_made_up_once(the_home: Home, book: ScheduleBook) -> None:
    book.add(plan("cut"))
    book.add(plan("let", missed=Missed.SKIP))
    crawls = ScriptedCrawls(the_home, {"cut": lasting(600), "let": lasting(600)})
    for end in (1, 2, 3):
        keep_until(hours(end), book, crawls, FastForward(time=hours(end - 1), pace=AN_HOUR_A_SECOND))
    assert lines(book, "cut") == [(0, 1, "failed"), (0, 1, "failed")]
    assert lines(book, "let") == [(0, 1, "failed")]
    assert "the scheduler was ended" in book.history()[0].reasons[-1]
    assert command_lines(b"sleep(600)") == []
