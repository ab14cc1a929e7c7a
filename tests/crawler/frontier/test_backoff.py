"""Pages and markets that do not answer are let be, ever longer, and not for ever."""

from __future__ import annotations

from itertools import pairwise

import pytest

from crawler.frontier.backoff import Breaker, Luck, asked_to_wait, retry_delay


def test_each_try_waits_twice_as_long_as_the_one_before_up_to_a_bound() -> None:
    delays = [retry_delay(tries, jitter=1.0) for tries in range(1, 10)]
    assert delays[:5] == [1.0, 2.0, 4.0, 8.0, 16.0]
    assert delays[-1] == 30.0


def test_pages_that_failed_together_come_back_apart() -> None:
    delays = {retry_delay(5) for _ in range(50)}
    assert len(delays) > 40
    assert all(8.0 <= delay <= 16.0 for delay in delays)


@pytest.mark.parametrize(("header", "seconds"), [("120", 120.0), ("99999", 600.0), (None, 0.0), ("Fri, 31 Dec", 0.0)])
def test_what_a_server_asks_for_is_heard_within_a_bound(header: str | None, seconds: float) -> None:
    assert asked_to_wait(header) == seconds


@pytest.mark.parametrize(
    ("read", "overcome", "tries"), [(0, 0, 4), (1000, 2, 4), (90, 10, 5), (700, 300, 10), (100, 300, 12)]
)
def test_the_worse_the_weather_the_more_tries_a_page_gets(read: int, overcome: int, tries: int) -> None:
    assert Luck(read=read, overcome=overcome, answered=True).tries() == tries


def test_a_market_that_says_nothing_at_all_is_not_tried_for_long() -> None:
    assert Luck().tries() == 5


def test_a_market_that_no_longer_answers_is_let_be_ever_longer_and_then_given_up() -> None:
    breaker, now, openings = Breaker(), 0.0, []
    for _ in range(12):
        breaker.failed(now)
    while not breaker.given_up:
        assert breaker.probing
        openings.append(breaker.opens_at(now) - now)
        now = breaker.opens_at(now)
        breaker.failed(now)
    assert openings == [15.0, 30.0, 60.0, 120.0]
    assert all(later == 2 * sooner for sooner, later in pairwise(openings))


def test_a_single_answer_closes_the_matter() -> None:
    breaker = Breaker()
    for _ in range(11):
        breaker.failed(0.0)
    breaker.answered()
    breaker.failed(1.0)
    assert not breaker.probing
    assert breaker.opens_at(1.0) <= 1.0


def test_the_next_run_of_a_market_given_up_asks_for_one_page_and_gives_up_at_once() -> None:
    breaker = Breaker(pauses=9)
    breaker.begin()
    assert breaker.probing
    assert not breaker.given_up
    breaker.failed(0.0)
    assert breaker.given_up


def test_a_clock_set_back_makes_no_pause_longer_than_it_was_meant() -> None:
    breaker, week = Breaker(), 7 * 86400.0
    breaker.pause(week, 20.0)
    assert breaker.opens_at(week + 5.0) == week + 20.0
    assert breaker.opens_at(0.0) == 20.0
    assert breaker.opens_at(10.0) == 20.0
    breaker.pause(10.0, 3.0)
    assert breaker.opens_at(10.0) == 20.0, "a shorter pause ends no longer one"
