"""When pages are due again: the estimator against pages whose true rate of change is known."""

from __future__ import annotations

import random
from statistics import mean, median

import pytest

from crawler.frontier.memory import PageMemory
from crawler.frontier.revisit import HOUR, change_rate, due_again, missed, visited

DAY = 24 * HOUR
INTERVALS = {"listing": DAY, "entry": 0.0, "category": 6 * HOUR, "vendor": 3 * DAY}


def watched_page(rate: float, days: float, chance: random.Random) -> tuple[PageMemory, int]:
    """A page that changes as a Poisson process, read whenever it is due."""
    memory, now, version, visits = PageMemory(), 0.0, 0, 0
    while now < days * DAY:
        memory = visited(memory, str(version), now)
        visits += 1
        due = due_again("listing", memory, now, INTERVALS)
        while True:
            now += chance.expovariate(rate)
            if now >= due:
                break
            version += 1
        now = due
    return memory, visits


def test_a_page_read_once_is_due_after_the_usual_interval() -> None:
    memory = visited(PageMemory(), "a", 100.0)
    assert due_again("listing", memory, 100.0, INTERVALS) == pytest.approx(100.0 + DAY)


def test_a_page_that_changes_is_due_sooner_each_time_and_one_that_does_not_later() -> None:
    changing = still = visited(PageMemory(), "a", 0.0)
    waits = []
    for number in range(1, 5):
        changing, still = visited(changing, f"b{number}", number * DAY), visited(still, "a", number * DAY)
        now = number * DAY
        waits.append((due_again("listing", changing, now, INTERVALS), due_again("listing", still, now, INTERVALS)))
    soon, late = (
        [a - (n + 1) * DAY for n, (a, _) in enumerate(waits)],
        [b - (n + 1) * DAY for n, (_, b) in enumerate(waits)],
    )
    assert soon == sorted(soon, reverse=True)
    assert late == sorted(late)
    assert max(soon) < DAY < min(late)


def test_no_page_is_due_sooner_or_later_than_its_kind_allows() -> None:
    memory = visited(PageMemory(), "0", 0.0)
    for number in range(1, 500):
        memory = visited(memory, str(number), number * 60.0)
    assert due_again("listing", memory, 0.0, INTERVALS) == DAY / 8
    still = PageMemory(visits=500, watched=500 * DAY, last=0.0)
    assert due_again("listing", still, 0.0, INTERVALS) == 7 * DAY


@pytest.mark.parametrize("changes_a_day", [0.2, 0.5, 1.0, 2.0])
def test_the_rate_is_found_within_a_quarter_over_many_pages(changes_a_day: float) -> None:
    chance = random.Random(int(changes_a_day * 10))
    rate = changes_a_day / DAY
    found = [change_rate(watched_page(rate, 120, chance)[0], DAY) for _ in range(60)]
    assert median(found) == pytest.approx(rate, rel=0.25)


def test_pages_that_change_often_cost_more_visits_than_pages_that_do_not() -> None:
    chance = random.Random(3)
    visits = [
        mean(watched_page(changes / DAY, 30, chance)[1] for _ in range(40)) for changes in (0.05, 0.5, 5.0)
    ]  # fmt: skip
    assert visits == sorted(visits)
    assert visits[2] > 4 * visits[0]


def test_a_page_that_keeps_being_missed_is_asked_for_ever_more_rarely_until_a_bound() -> None:
    memory = visited(PageMemory(), "a", 0.0)
    waits = []
    for _ in range(6):
        memory = missed(memory)
        waits.append(due_again("listing", memory, 0.0, INTERVALS))
    assert waits == sorted(waits)
    assert waits[0] == pytest.approx(2 * DAY)
    assert waits[-1] == 7 * DAY
    assert due_again("listing", visited(memory, "a", 1.0), 1.0, INTERVALS) < 2 * DAY


def test_a_page_that_was_never_read_is_tried_again_within_an_hour() -> None:
    assert due_again("listing", missed(PageMemory()), 0.0, INTERVALS) == HOUR
    assert due_again("listing", missed(missed(PageMemory())), 0.0, INTERVALS) == 2 * HOUR


def test_entry_pages_are_always_due() -> None:
    assert due_again("entry", visited(PageMemory(), "a", 5.0), 5.0, INTERVALS) == 5.0
