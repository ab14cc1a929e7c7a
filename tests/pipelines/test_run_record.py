from datetime import UTC, datetime
from typing import Any

import pytest

from config.profiles import Profile
from pipelines.reconcile import Account
from pipelines.run_record import cut_off_document, run_document

START = datetime(2026, 1, 1, tzinfo=UTC)
WELL = {
    "start_time": START, "finish_time": START, "frontier/planned": 1, "frontier/added": 99, "captures/kept": 100,
    "pages/read": 100, "pages/type/listing": 60, "pages/type/vendor": 5, "pages/type/category": 35,
    "listings/new": 60,
}  # fmt: skip
SHOP = Profile(name="m", minimums={"listings": 50})


ACCOUNT = Account(captured=100, indexed=100)


def body(
    why: str = "finished", profile: Profile | None = SHOP, account: Account = ACCOUNT, **changes: Any
) -> dict[str, Any]:
    stats = WELL | {name.replace("__", "/"): value for name, value in changes.items()}
    return run_document(stats, account, market="m", run="r", why=why, profile=profile).body


def test_a_run_that_read_everything_is_good() -> None:
    assert (body()["verdict"], body()["reasons"]) == ("good", [])


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"pages__read": 0, "pages__failed": 100}, "nothing answered"),
        ({"pages__read": 7, "pages__gate__captcha": 7}, "only gates answered: captcha 7"),
        ({"pages__read": 2, "pages__gate__login": 1, "pages__gate__error": 1}, "error 1, login 1"),
    ],
)
def test_a_market_that_answered_nothing_or_only_gates_is_blind(changes: dict[str, Any], word: str) -> None:
    made = body(**changes)
    assert made["verdict"] == "blind"
    assert word in made["reasons"][0]


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"pages__failed": 9}, "9 pages failed"),
        ({"pages__gate__error": 9}, "9 pages failed"),
        ({"pages__gate__login": 1}, "gates"),
        ({"outbox__rejected": 1}, "refused 1"),
        ({"outbox__waiting": 12}, "12 documents wait"),
        ({"why": "shutdown"}, "ended early: shutdown"),
        ({"pages__type__listing": 10}, "only 10 listings, the profile expects 50"),
    ],
)
def test_a_run_that_missed_something_is_degraded_and_says_what(changes: dict[str, Any], word: str) -> None:
    made = body(**changes)
    assert made["verdict"] == "degraded"
    assert any(word in reason for reason in made["reasons"]), made["reasons"]


def test_a_few_dead_links_are_no_cause_for_alarm() -> None:
    assert body(pages__failed=1)["verdict"] == "good"


def test_a_run_that_only_fetched_what_was_due_is_not_held_to_the_minimums() -> None:
    due: dict[str, Any] = {"frontier__added": 3, "pages__read": 4, "pages__type__listing": 3, "listings__new": 0}
    assert body(**due)["verdict"] == "good"


def test_an_account_that_does_not_add_up_makes_the_run_degraded_whatever_else() -> None:
    made = body(account=Account(captured=100, indexed=98, fault="the account does not add up: 2 captured pages"))
    assert (made["verdict"], made["reconciled"], made["indexed"]) == ("degraded", False, 98)
    assert "does not add up" in made["reasons"][-1]


def test_the_record_of_a_killed_run_says_what_it_kept() -> None:
    made = cut_off_document(Account(captured=9, indexed=9), market="m", run="20260101T000000000000Z").body
    assert (made["verdict"], made["why_ended"], made["captured"]) == ("degraded", "killed", 9)
    assert made["started"] == "2026-01-01T00:00:00.000Z"


def test_a_run_whose_budget_was_spent_before_is_not_called_blind_and_a_dead_market_is() -> None:
    nothing: dict[str, Any] = {"captures__kept": 0, "pages__read": 0, "frontier__why_left": "the budget is spent"}
    made = body(**nothing)
    assert (made["verdict"], made["reasons"]) == ("degraded", ["nothing was asked for: the budget is spent"])
    assert body(**nothing, frontier__dead=True)["verdict"] == "blind"
    assert "the market stopped answering" in body(frontier__dead=True)["reasons"]


def test_the_traps_a_run_met_are_named_with_examples() -> None:
    traps = [{"trap": "calendar", "count": 3, "examples": ["/archive/2026/11"]}]
    made = body(frontier__traps=traps)
    assert (made["traps"], made["verdict"]) == (traps, "good")
