"""What a day may cost a market, and at which hours it is asked."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from config.manners import Hours, manner_faults
from crawler.frontier.budget import DayBudget, OpenHours
from crawler.frontier.ledger import Ledger


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def hours(*texts: str) -> tuple[Hours, ...]:
    return tuple(found for text in texts if (found := Hours.parse(text)))


def test_a_budget_is_of_a_day_in_the_markets_zone_and_of_all_its_runs() -> None:
    ledger = Ledger(None)
    budget = DayBudget(ledger, 2, "Asia/Tashkent")
    for _ in range(2):
        assert budget.left(at("2026-11-25T18:00"))
        budget.spend(at("2026-11-25T18:00"))
    assert not budget.left(at("2026-11-25T18:59"))
    assert not DayBudget(ledger, 2, "Asia/Tashkent").left(at("2026-11-25T18:59"))
    assert budget.left(at("2026-11-25T19:00")), "midnight in Tashkent"


def test_without_a_budget_a_day_has_no_end() -> None:
    assert DayBudget(Ledger(None), None, "UTC").left(0.0)


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-11-25T07:59:30", "2026-11-25T08:00"),
        ("2026-11-25T08:00", "2026-11-25T08:00"),
        ("2026-11-25T12:30", "2026-11-25T18:00"),
        ("2026-11-25T23:59:59", "2026-11-26T08:00"),
    ],
)
def test_a_market_is_asked_within_its_hours_only(now: str, opens: str) -> None:
    assert OpenHours(hours("08:00-12:00", "18:00-22:30"), "UTC").opens_at(at(now)) == at(opens)


def test_hours_may_go_over_midnight_and_are_of_the_markets_zone() -> None:
    night = OpenHours(hours("22:00-06:00"), "Europe/Vienna")
    assert night.opens_at(at("2026-11-25T21:30")) == at("2026-11-25T21:30")
    assert night.opens_at(at("2026-11-25T04:59")) == at("2026-11-25T04:59")
    assert night.opens_at(at("2026-11-25T05:00")) == at("2026-11-25T21:00")


def test_every_fault_of_a_markets_manners_is_told_at_once() -> None:
    table = {
        "robots": "yes", "daily_pages": 0, "hours": ["8-22"], "zone": "Mars/Olympus",
        "revisit": {"listing": -1, "forum": 3}, "bounds": {"list_pages": 1.5},
    }  # fmt: skip
    faults = list(manner_faults(table))
    assert len(faults) == 7
    for key in ("robots", "daily_pages", "hours", "zone", "revisit.listing", "revisit.forum", "bounds.list_pages"):
        assert any(fault.startswith(key) for fault in faults), key


@pytest.mark.parametrize("text", ["08:00", "25:00-26:00", "08:00-08:00", "12:00-24:30", ""])
def test_what_is_no_part_of_a_day_is_refused(text: str) -> None:
    assert Hours.parse(text) is None
