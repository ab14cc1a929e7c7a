"""Runs of one market in simulated time: tries, budgets, hours, dead markets, years of visits."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from config.manners import Hours
from config.profiles import Profile
from crawler.frontier.frontier import Entry
from crawler.frontier.ledger import Ledger
from crawler.frontier.memory import Kept
from crawler.frontier.run import Arrival, MarketRun
from crawler.model.words import RawListing, RawPage, Words

A = "http://a.onion"
HOUR = 3600.0
DAY = 24 * HOUR
PROFILE = Profile(name="harbour")
KEPT = Kept(record_id="<urn:uuid:1>", warc="h/r.warc.gz", offset=0, length=10)


@dataclass(kw_only=True)
class Market:
    """Listings that change, fail or are gone, asked for by a run in simulated time."""

    listings: int
    fails: float = 0.0
    dead: bool = False
    broken: int = 0
    now: float = 100 * DAY
    asked: Counter[str] = field(default_factory=Counter)
    conditional: Counter[str] = field(default_factory=Counter)
    chance: random.Random = field(default_factory=lambda: random.Random(7))

    def run(self, run: MarketRun, most: int = 100_000) -> None:
        """Lets the run ask until it is over; each request takes a second."""
        run.begin(self.now)
        run.found(f"{A}/", "entry", None, self.now)
        while not run.is_over(self.now) and most:
            entry = run.take(self.now)
            self.now += 1.0
            if entry is not None:
                most -= 1
                self._answer(run, entry)
        run.end()

    def _answer(self, run: MarketRun, entry: Entry) -> None:
        self.asked[entry.key] += 1
        self.conditional[entry.key] += int(entry.memory.etag is not None)
        broken = entry.kind == "listing" and int(entry.key.rpartition("/")[2]) < self.broken
        if self.dead or broken or self.chance.random() < self.fails:
            run.came_to_nothing(entry.key, "status 503", self.now, error=not self.dead)
            return
        run.answered()
        if entry.kind == "entry":
            for number in range(self.listings):
                run.found(f"{A}/listing/{number}", "listing", A, self.now)
        run.read(entry.key, self._arrival(entry), self.now)

    def _arrival(self, entry: Entry) -> Arrival:
        words = Words(text=f"lot {entry.key}", rule="h1", confidence=1.0)
        raw = RawPage(page_type="listing", reader="1", listing=RawListing(title=words))
        return Arrival(url=entry.url, raw=raw, body=b"", etag='"1"', kept=KEPT)

    def read(self) -> int:
        return len([key for key in self.asked if key.startswith("/listing/")])


def ledger_at(folder: Path) -> Ledger:
    return Ledger(folder / "ledger.db")


def test_with_thirty_of_a_hundred_requests_failing_every_listing_is_read_in_one_run(tmp_path: Path) -> None:
    market = Market(listings=2000, fails=0.3)
    run = MarketRun(ledger_at(tmp_path), PROFILE)
    market.run(run)
    counts = ledger_at(tmp_path).counts()
    assert (counts.read, counts.waiting, counts.failed) == (2001, 0, 0)
    assert sum(market.asked.values()) < 2001 / 0.7 * 1.1


def test_a_page_that_never_comes_is_given_up_after_a_few_tries_and_the_run_ends(tmp_path: Path) -> None:
    market = Market(listings=0, fails=1.0)
    market.run(MarketRun(ledger_at(tmp_path), PROFILE))
    assert market.asked == {"/": 5}
    assert ledger_at(tmp_path).failures() == [(f"{A}/", "status 503")]


def test_many_dead_pages_do_not_make_a_market_dead(tmp_path: Path) -> None:
    market = Market(listings=300, broken=40)
    run = MarketRun(ledger_at(tmp_path), PROFILE)
    market.run(run)
    counts = ledger_at(tmp_path).counts()
    assert (counts.read, counts.failed, counts.waiting) == (261, 40, 0)
    assert not run.breaker.given_up
    assert sum(market.asked.values()) == 261 + 40 * 4


def test_a_dead_market_costs_a_handful_of_requests_and_loses_nothing(tmp_path: Path) -> None:
    market = Market(listings=500)
    market.run(MarketRun(ledger_at(tmp_path), PROFILE), most=50)
    market.dead, before = True, sum(market.asked.values())
    run = MarketRun(ledger_at(tmp_path), PROFILE)
    market.run(run)
    assert sum(market.asked.values()) - before == 16
    assert run.breaker.given_up
    again = MarketRun(ledger_at(tmp_path), PROFILE)
    market.run(again)
    assert sum(market.asked.values()) - before == 17, "one page asks whether it is back"
    market.dead = False
    market.run(MarketRun(ledger_at(tmp_path), PROFILE))
    assert market.read() == 500


def test_a_days_budget_is_kept_over_several_runs_and_new_listings_come_first(tmp_path: Path) -> None:
    profile = replace(PROFILE, daily_pages=100)
    market = Market(listings=250)
    for _ in range(3):
        market.run(MarketRun(ledger_at(tmp_path), profile))
        assert sum(market.asked.values()) == 100
    for day in range(1, 4):
        market.now = (100 + day) * DAY
        market.run(MarketRun(ledger_at(tmp_path), profile))
        assert sum(market.asked.values()) <= 100 * (day + 1)
    assert market.read() == 250


def test_outside_its_hours_nothing_is_asked_for_and_the_run_waits(tmp_path: Path) -> None:
    profile = replace(PROFILE, hours=(Hours(begin=8 * 60, end=9 * 60),))
    run = MarketRun(ledger_at(tmp_path), profile)
    midnight = 100 * DAY
    run.begin(midnight)
    run.found(f"{A}/", "entry", None, midnight)
    assert run.take(midnight) is None
    assert not run.is_over(midnight)
    assert run.opens_at(midnight) == midnight + 8 * HOUR
    assert run.take(midnight + 8 * HOUR) is not None


def test_what_did_not_change_is_asked_for_conditionally_and_a_fresh_run_asks_outright(tmp_path: Path) -> None:
    market = Market(listings=5)
    market.run(MarketRun(ledger_at(tmp_path), PROFILE))
    assert not market.conditional.total()
    market.now += 2 * DAY
    market.run(MarketRun(ledger_at(tmp_path), PROFILE))
    assert market.conditional.total() == 6
    market.run(MarketRun(ledger_at(tmp_path), PROFILE, fresh=True))
    assert market.conditional.total() == 6


def test_a_gate_in_place_of_a_page_counts_as_a_page_missed(tmp_path: Path) -> None:
    ledger = ledger_at(tmp_path)
    run = MarketRun(ledger, PROFILE)
    run.begin(0.0)
    run.found(f"{A}/listing/1", "listing", None, 0.0)
    entry = run.take(0.0)
    assert entry is not None
    gate = RawPage(page_type="gate", gate="error", reader="1")
    run.read(entry.key, Arrival(url=entry.url, raw=gate, body=b""), 1.0)
    assert ledger.failures() == [(f"{A}/listing/1", "a gate stood before it: error")]
    ledger.begin(2 * HOUR, fresh=False)
    again = ledger.take(2 * HOUR)
    assert again is not None
    assert again.memory.misses == 1


def test_a_page_given_back_while_its_answer_was_on_its_way_is_asked_for_again(tmp_path: Path) -> None:
    run = MarketRun(ledger_at(tmp_path), PROFILE, limit=1)
    run.begin(0.0)
    run.found(f"{A}/listing/1", "listing", None, 0.0)
    entry = run.take(0.0)
    assert entry is not None
    run.give_back(entry.key)
    run.read(entry.key, Arrival(url=entry.url, raw=RawPage(page_type="other", reader="1"), body=b""), 1.0)
    assert run.take(1.0) == entry


def test_no_more_pages_are_in_flight_than_allowed(tmp_path: Path) -> None:
    run = MarketRun(ledger_at(tmp_path), PROFILE, at_once=4)
    run.begin(0.0)
    for number in range(10):
        run.found(f"{A}/listing/{number}", "listing", None, 0.0)
    assert len([entry for _ in range(10) if (entry := run.take(0.0))]) == 4
    assert run.take(0.0) is None


@pytest.mark.parametrize("fails", [0.0, 0.3])
def test_a_month_of_runs_within_a_budget_leaves_no_page_unseen_for_long(tmp_path: Path, fails: float) -> None:
    profile = replace(PROFILE, daily_pages=80)
    market = Market(listings=60, fails=fails)
    last: dict[str, float] = {}
    for hour in range(0, 30 * 24, 6):
        market.now = 100 * DAY + hour * HOUR
        before = Counter(market.asked)
        market.run(MarketRun(ledger_at(tmp_path), profile))
        last |= dict.fromkeys((market.asked - before).keys(), market.now)
    assert len(last) == 61
    assert market.now - min(last.values()) <= 7.5 * DAY
    assert sum(market.asked.values()) <= 30 * 80


def notice(number: int, words: str) -> Arrival:
    return Arrival(url=f"{A}/info/{number}", raw=RawPage(page_type="other", reader="1"), body=words.encode())


def test_a_link_left_for_pages_alike_is_asked_for_before_the_run_is_over_when_another_page_says_more(
    tmp_path: Path,
) -> None:
    run = MarketRun(ledger_at(tmp_path), replace(PROFILE, bounds={"alike": 3}))
    run.begin(0.0)
    for number in range(4):
        run.found(f"{A}/info/{number}", "vendor", f"{A}/", 0.0)
    taken = [entry for _ in range(4) if (entry := run.take(1.0))]
    for entry in taken[:3]:
        run.read(entry.key, notice(int(entry.key[-1]), "<p>come again at 5:30"), 2.0)
    assert not run.found(f"{A}/info/9", "vendor", f"{A}/info/2", 2.0)
    assert run.take(3.0) is None, "a page that may say more is still on its way"
    run.read(taken[3].key, notice(3, "<p>parcels leave on Tuesdays"), 4.0)
    assert not run.is_over(4.0)
    late = run.take(5.0)
    assert late is not None
    assert late.url == f"{A}/info/9"
    run.read(late.key, notice(9, "<p>the end"), 6.0)
    assert run.is_over(6.0)
    assert run.traps.report() == []


def test_a_trap_stays_bounded_and_named_though_what_was_left_is_looked_at_again(tmp_path: Path) -> None:
    run = MarketRun(ledger_at(tmp_path), replace(PROFILE, bounds={"alike": 5}))
    run.begin(0.0)
    run.found(f"{A}/info/0", "vendor", f"{A}/", 0.0)
    asked = 0
    while not run.is_over(0.0):
        entry = run.take(0.0)
        assert entry is not None
        number = int(entry.key.rpartition("/")[2])
        for linked in range(number * 3 + 1, number * 3 + 4):
            run.found(f"{A}/info/{linked}", "vendor", entry.url, 0.0)
        run.read(entry.key, notice(number, "<p>come again at 5:30"), 0.0)
        asked += 1
    assert asked < 30
    assert [each["trap"] for each in run.traps.report()] == ["near-identical pages"]
