"""A day of schedule in fast-forward: two markets, a real crawl every half hour, one process that keeps the plans."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from crawler.home import Home
from crawler.schedule.book import ScheduleBook
from crawler.schedule.process import Crawls
from crawler.schedule.timing import every
from tests.crawler.schedule.growth import Growth
from tests.crawler.schedule.worlds import FastForward, hours, keep_until, plan
from tests.sites import serve_site
from tests.small_market import small_market

_MARKETS = ("alpha", "beta")


@pytest.mark.timeout(3600)
def test_a_day_of_real_crawls_leaves_memory_and_open_files_as_they_were(
    home: Path, tor: dict[str, str], publish: Callable[[int], str]
) -> None:
    the_home = Home.at(home)
    clock = FastForward(home=the_home.folder)
    growth = Growth()
    with ExitStack() as stack:
        for name in _MARKETS:
            site = stack.enter_context(serve_site())
            site.pages = small_market(20)
            the_home.remember_addresses(name, (publish(site.port),))
        book = ScheduleBook(the_home.folder / "schedule.db")
        for name in _MARKETS:
            book.add(plan(name, every("30m")))
        crawls = Crawls(the_home, ("--pace", "none", "--tor-socks", tor["socks"], "--tor-control", tor["control"]))
        for hour in range(1, 25):
            keep_until(hours(hour), book, crawls, clock)
            growth.look()
    print(f"a day: {len(book.history())} runs; {growth}")
    assert len(book.history()) >= 90
    growth.check()
