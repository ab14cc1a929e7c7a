"""A day in fast-forward leaves the process that keeps the plans as it was."""

from __future__ import annotations

from pathlib import Path

from crawler.home import Home
from crawler.schedule.book import ScheduleBook
from crawler.schedule.timing import every
from tests.crawler.schedule.growth import Growth
from tests.crawler.schedule.worlds import FastForward, ScriptedCrawls, hours, keep_until, plan


def test_a_day_of_plans_leaves_memory_and_open_files_as_they_were(home: Path) -> None:
    the_home = Home.at(home)
    book, growth, clock = ScheduleBook(the_home.folder / "schedule.db"), Growth(), FastForward(pace=3600.0)
    for name in ("alpha", "beta"):
        book.add(plan(name, every("30m")))
    crawls = ScriptedCrawls(the_home)
    for hour in range(1, 25):
        keep_until(hours(hour), book, crawls, clock)
        growth.look()
    assert len(book.history()) >= 90
    growth.check()
