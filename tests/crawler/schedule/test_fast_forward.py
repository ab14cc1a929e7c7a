"""Three days of two markets in fast-forward: the real loop, real crawls of real onion sites, outages in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from crawler.home import Home
from crawler.schedule.book import ScheduleBook
from crawler.schedule.entry import Verdict
from crawler.schedule.plan import Missed
from crawler.schedule.process import Crawls
from tests.crawler.schedule.worlds import FastForward, hours, in_order, keep_until, overlapping, plan
from tests.sites import Answer, Page, Site, serve_site
from tests.small_market import small_market

LOGIN = Answer(
    body=b"<html><title>Login</title><body><h1>Please log in</h1><form method='post' action='/login'>"
    b"<input name='username'><input type='password' name='password'><button>Login</button></form></body></html>"
)
BROKEN = Answer(status=500, body=b"<html><title>500</title>Internal Server Error</html>")


@dataclass(kw_only=True)
class Market:
    """A market that can be up, down, behind a login or half broken."""

    site: Site
    listings: int
    running: ExitStack = field(default_factory=ExitStack)

    def up(self) -> None:
        self.site.pages = self._pages()
        self._serve()

    def down(self) -> None:
        self.running.close()

    def behind_a_login(self) -> None:
        self.site.pages = dict.fromkeys(self._pages(), LOGIN)
        self._serve()

    def half_broken(self) -> None:
        pages = self._pages()
        broken = [path for number, path in enumerate(sorted(pages)) if path != "/" and number % 2]
        self.site.pages = pages | dict.fromkeys(broken, BROKEN)
        self._serve()

    def _pages(self) -> dict[str, Page]:
        return small_market(self.listings)

    def _serve(self) -> None:
        self.running.close()
        pages = self.site.pages
        self.site = self.running.enter_context(serve_site(self.site.port))
        self.site.pages = pages


@pytest.fixture
def markets() -> Iterator[dict[str, Market]]:
    made = {}
    with ExitStack() as stack:
        for name, listings in (("alpha", 12), ("beta", 15)):
            running = ExitStack()
            made[name] = Market(site=running.enter_context(serve_site()), listings=listings, running=running)
            stack.callback(running.close)
            made[name].up()
        yield made


@pytest.mark.timeout(900)  # some twenty crawls, each with its start
def test_three_days_with_an_outage_leave_every_run_in_the_history_with_the_right_verdict(
    home: Path, tor: dict[str, str], publish: Callable[[int], str], markets: dict[str, Market]
) -> None:
    the_home = Home.at(home)
    for name, market in markets.items():
        the_home.remember_addresses(name, (publish(market.site.port),))
    alpha, beta = markets["alpha"], markets["beta"]
    clock = FastForward(home=the_home.folder)
    clock.events = [
        (hours(11), alpha.down),
        (hours(17), alpha.behind_a_login),
        (hours(23), alpha.up),
        (hours(29), alpha.half_broken),
        (hours(35), alpha.up),
        (hours(17.5), beta.half_broken),
        (hours(23.5), beta.down),
        (hours(35.5), beta.up),
    ]
    crawls = Crawls(
        the_home, ("--pace", "none", "--tor-socks", tor["socks"], "--tor-control", tor["control"])
    )  # fmt: skip
    book = ScheduleBook(the_home.folder / "schedule.db")
    book.add(plan("alpha", missed=Missed.RUN_ONCE))
    book.add(plan("beta", missed=Missed.SKIP))

    keep_until(hours(40), book, crawls, clock)
    clock.time = hours(56)  # the scheduler was down for sixteen hours
    keep_until(hours(71.9), book, crawls, clock)

    for entry in reversed(book.history()):
        print(entry.market, entry.planned.isoformat(), entry.verdict.value, entry.times, entry.reasons)
    good, degraded, blind, missed = Verdict.GOOD, Verdict.DEGRADED, Verdict.BLIND, Verdict.MISSED
    assert [(entry.planned, entry.times, entry.verdict) for entry in in_order(book, "alpha")] == [
        (hours(0), 1, good), (hours(6), 1, good), (hours(12), 1, blind), (hours(18), 1, blind), (hours(24), 1, good),
        (hours(30), 1, degraded), (hours(36), 1, good), (hours(42), 2, missed), (hours(54), 1, good),
        (hours(60), 1, good), (hours(66), 1, good),
    ]  # fmt: skip
    assert [(entry.planned, entry.times, entry.verdict) for entry in in_order(book, "beta")] == [
        (hours(0), 1, good), (hours(6), 1, good), (hours(12), 1, good), (hours(18), 1, degraded),
        (hours(24), 1, blind), (hours(30), 1, blind), (hours(36), 1, good), (hours(42), 3, missed),
        (hours(60), 1, good), (hours(66), 1, good),
    ]  # fmt: skip
    for name in markets:
        entries = in_order(book, name)
        assert sum(entry.times for entry in entries) == 12
        assert overlapping(entries) == []
        assert all(entry.started and entry.ended for entry in entries if entry.verdict is not missed)
        assert all(entry.reasons for entry in entries if entry.verdict is not good)
        assert all(entry.run["verdict"] == entry.verdict.value for entry in entries if entry.verdict is not missed)
