from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.frontier.ledger import KINDS, Ledger
from crawler.frontier.lock import market_lock
from crawler.model.errors import HomeLocked

A = "http://a.onion/"


def filled(path: Path | None, pages: int = 5) -> Ledger:
    ledger = Ledger(path)
    ledger.begin(0.0, fresh=False)
    for number in range(pages):
        ledger.add(f"{A}item/{number}", "listing", A, float(number))
    return ledger


def test_a_page_is_handed_out_once_and_listings_come_first() -> None:
    ledger = Ledger(None)
    ledger.add(f"{A}vendor/1", "vendor", None, 1.0)
    ledger.add(f"{A}list", "category", None, 2.0)
    ledger.add(f"{A}item/1", "listing", None, 3.0)
    taken = [ledger.take(), ledger.take(), ledger.take(), ledger.take()]
    assert [entry and entry.kind for entry in taken] == ["listing", "category", "vendor", None]


def test_the_same_page_under_another_mirror_or_order_of_query_is_no_new_page() -> None:
    ledger = Ledger(None)
    assert ledger.add(f"{A}list?a=1&b=2", "category", None, 1.0)
    assert not ledger.add("http://b.onion/list?b=2&a=1#top", "category", None, 2.0)
    assert ledger.add(f"{A}list?a=1&b=3", "category", None, 3.0)


def test_a_ledger_that_was_dropped_hands_out_what_was_in_flight_again(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger.db")
    first, second = ledger.take(), ledger.take()
    assert first is not None
    assert second is not None
    ledger.read(first.key, first.url, 10.0)
    del ledger  # the process died: nothing was closed
    again = Ledger(tmp_path / "ledger.db")
    assert again.begin(20.0, fresh=False), "the run goes on"
    keys = set()
    while entry := again.take():
        keys.add(entry.key)
    assert second.key in keys
    assert first.key not in keys
    assert len(keys) == 4


def test_a_finished_run_is_followed_by_what_is_due_and_nothing_else() -> None:
    ledger = filled(None, pages=2)
    ledger.add(f"{A}list", "category", None, 0.0)
    while entry := ledger.take():
        ledger.read(entry.key, entry.url, 100.0)
    assert not ledger.begin(200.0, fresh=False)
    assert ledger.take() is None
    assert not ledger.begin(100.0 + KINDS["category"][1], fresh=False)
    assert [entry.kind for entry in iter(ledger.take, None)] == ["category"]


def test_a_fresh_run_reads_everything_again() -> None:
    ledger = filled(None)
    while entry := ledger.take():
        ledger.read(entry.key, entry.url, 1.0)
    ledger.begin(2.0, fresh=True)
    assert ledger.counts().waiting == 5


def test_the_target_of_a_redirect_is_not_fetched_a_second_time() -> None:
    ledger = filled(None, pages=1)
    entry = ledger.take()
    assert entry is not None
    ledger.read(entry.key, f"{A}moved/0", 1.0)
    assert not ledger.add(f"{A}moved/0", "listing", None, 2.0)


def test_a_failed_page_is_counted_with_its_reason_and_waits_for_its_time() -> None:
    ledger = filled(None, pages=1)
    entry = ledger.take()
    assert entry is not None
    ledger.fail(entry.key, "too large", 1.0)
    assert ledger.failures() == [(f"{A}item/0", "too large")]
    assert ledger.take() is None


@given(st.lists(st.tuples(st.integers(0, 30), st.sampled_from(["take", "read", "die"])), max_size=120))
def test_no_page_is_lost_or_read_twice_whatever_happens(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, str]]
) -> None:
    path = tmp_path_factory.mktemp("ledger") / "ledger.db"
    ledger = Ledger(path)
    flying, added, read = [], set(), []
    for number, step in steps:
        if ledger.add(f"{A}{number}", "listing", None, 0.0):
            added.add(f"/{number}")
        if step == "take" and (entry := ledger.take()):
            flying.append(entry)
        elif step == "read" and flying:
            entry = flying.pop(0)
            ledger.read(entry.key, entry.url, 1.0)
            read.append(entry.key)
        elif step == "die":
            ledger, flying = Ledger(path), []
            ledger.begin(2.0, fresh=False)
    ledger = Ledger(path)
    while entry := ledger.take():
        ledger.read(entry.key, entry.url, 3.0)
        read.append(entry.key)
    assert sorted(read) == sorted(added)


def test_a_market_is_crawled_by_one_process_at_a_time(tmp_path: Path) -> None:
    refusal = pytest.raises(HomeLocked, match="harbour is being crawled by process")
    with market_lock(tmp_path, "harbour"), refusal, market_lock(tmp_path, "harbour"):
        pass
    with market_lock(tmp_path, "harbour"):
        pass
