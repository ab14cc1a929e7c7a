"""What every frontier keeps to, whoever keeps the pages: the one suite for all implementations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.frontier.frontier import READ_OF_LATE, Entry, Frontier
from crawler.frontier.ledger import Ledger, open_ledger
from crawler.frontier.memory import Kept, PageMemory
from crawler.model.errors import HomeLocked

A = "http://a.onion/"
DAY = 86400.0
NOTHING = PageMemory()

Reopen = Callable[[], Frontier]


def sqlite_file(folder: Path) -> Iterator[Reopen]:
    """A ledger in a file: opened again, it finds what the one before left when its process died."""
    yield lambda: Ledger(folder / "ledger.db")


IMPLEMENTATIONS = [sqlite_file]
"""Each yields how to open the same frontier again, as after the death of the process that had it."""


@pytest.fixture(params=IMPLEMENTATIONS, ids=lambda implementation: implementation.__name__)
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Reopen]:
    yield from request.param(tmp_path)


@pytest.fixture
def frontier(reopen: Reopen) -> Frontier:
    opened = reopen()
    opened.begin(0.0, fresh=False)
    return opened


def fill(frontier: Frontier, pages: int) -> None:
    for number in range(pages):
        frontier.add(f"{A}item/{number}", "listing", A, float(number))


def take_all(frontier: Frontier, now: float = 10 * DAY) -> list[Entry]:
    return list(iter(lambda: frontier.take(now), None))


def read_all(frontier: Frontier, now: float, due: float) -> None:
    for entry in take_all(frontier, now):
        frontier.read(entry.key, entry.url, NOTHING, due, now)


def test_a_page_is_handed_out_once_and_new_listings_come_first(frontier: Frontier) -> None:
    frontier.add(f"{A}vendor/1", "vendor", None, 1.0)
    frontier.add(f"{A}list", "category", None, 2.0)
    frontier.add(A, "entry", None, 2.0)
    frontier.add(f"{A}item/1", "listing", A, 3.0)
    assert [entry.kind for entry in take_all(frontier)] == ["listing", "entry", "category", "vendor"]
    assert frontier.take(DAY) is None


def test_a_listing_found_late_overtakes_what_waits_already(frontier: Frontier) -> None:
    for number in range(600):
        frontier.add(f"{A}list/{number}", "category", None, float(number))
    frontier.take(DAY)
    frontier.add(f"{A}item/1", "listing", None, 1000.0)
    entry = frontier.take(DAY)
    assert entry == Entry(key="/item/1", url=f"{A}item/1", kind="listing")


def test_a_page_reopened_waits_again_before_it_is_due_and_nothing_else_does(frontier: Frontier) -> None:
    fill(frontier, 3)
    read_all(frontier, now=DAY, due=100 * DAY)
    frontier.reopen(f"{A}item/1", 2 * DAY)
    frontier.reopen(f"{A}never/seen", 2 * DAY)
    assert [entry.url for entry in take_all(frontier, 3 * DAY)] == [f"{A}item/1"]


def test_among_equals_the_longest_waiting_goes_first(frontier: Frontier) -> None:
    fill(frontier, 5)
    assert [entry.key for entry in take_all(frontier)] == [f"/item/{number}" for number in range(5)]


def test_a_page_comes_with_its_referer(frontier: Frontier) -> None:
    fill(frontier, 1)
    entry = frontier.take(DAY)
    assert entry is not None
    assert entry.referer == A


def test_the_same_page_under_another_mirror_or_order_of_query_is_no_new_page(frontier: Frontier) -> None:
    assert frontier.add(f"{A}list?a=1&b=2", "category", None, 1.0)
    assert not frontier.add("http://b.onion/list?b=2&a=1#top", "category", None, 2.0)
    assert frontier.add(f"{A}list?a=1&b=3", "category", None, 3.0)


def test_a_process_that_died_has_its_pages_in_flight_handed_out_again_and_no_others(reopen: Reopen) -> None:
    frontier = reopen()
    frontier.begin(0.0, fresh=False)
    fill(frontier, 5)
    first, second = frontier.take(5.0), frontier.take(5.0)
    assert first is not None
    assert second is not None
    frontier.read(first.key, first.url, NOTHING, DAY, 10.0)
    again = reopen()
    assert again.begin(20.0, fresh=False), "the run goes on"
    keys = {entry.key for entry in take_all(again, 30.0)}
    assert second.key in keys
    assert first.key not in keys
    assert len(keys) == 4


def test_a_finished_run_is_followed_by_what_is_due_and_nothing_else(frontier: Frontier) -> None:
    fill(frontier, 2)
    frontier.add(f"{A}list", "category", None, 0.0)
    for entry in take_all(frontier, 100.0):
        frontier.read(entry.key, entry.url, NOTHING, 6 * 3600.0 if entry.kind == "category" else DAY, 100.0)
    assert not frontier.begin(200.0, fresh=False)
    assert frontier.take(200.0) is None
    assert not frontier.begin(6 * 3600.0, fresh=False)
    assert [entry.kind for entry in take_all(frontier)] == ["category"]


def test_lists_that_are_due_go_before_listings_that_are_and_new_listings_before_both(frontier: Frontier) -> None:
    fill(frontier, 1)
    frontier.add(f"{A}list", "category", None, 0.0)
    read_all(frontier, 1.0, due=2.0)
    frontier.begin(3.0, fresh=False)
    frontier.add(f"{A}item/new", "listing", None, 3.0)
    assert [entry.key for entry in take_all(frontier)] == ["/item/new", "/list", "/item/0"]


def test_among_due_pages_the_longest_due_goes_first(frontier: Frontier) -> None:
    fill(frontier, 3)
    for entry, due in zip(take_all(frontier), (300.0, 100.0, 200.0), strict=True):
        frontier.read(entry.key, entry.url, NOTHING, due, 1.0)
    frontier.begin(400.0, fresh=False)
    assert [entry.key for entry in take_all(frontier)] == ["/item/1", "/item/2", "/item/0"]


def test_a_run_that_goes_on_reads_nothing_again_that_it_read_of_late(frontier: Frontier) -> None:
    fill(frontier, 2)
    entry = frontier.take(0.0)
    assert entry is not None
    frontier.read(entry.key, entry.url, NOTHING, 10.0, 10.0)
    assert frontier.begin(20.0, fresh=False)
    assert frontier.counts().waiting == 1
    assert frontier.begin(10.0 + READ_OF_LATE, fresh=False)
    assert frontier.counts().waiting == 2


def test_a_fresh_run_reads_everything_again(frontier: Frontier) -> None:
    fill(frontier, 5)
    read_all(frontier, 1.0, due=DAY)
    assert not frontier.begin(2.0, fresh=True)
    assert len(take_all(frontier)) == 5


def test_what_was_remembered_of_a_page_comes_back_with_it(reopen: Reopen) -> None:
    frontier = reopen()
    frontier.begin(0.0, fresh=False)
    fill(frontier, 1)
    entry = frontier.take(1.0)
    assert entry is not None
    kept = Kept(record_id="<urn:uuid:1>", warc="m/r.warc.gz", offset=7, length=9)
    memory = PageMemory(visits=3, changes=1, watched=9.5, last=4.0, digest="aa", etag='W/"x"', kept=kept)
    frontier.read(entry.key, entry.url, memory, 2.0, 1.0)
    again = reopen()
    again.begin(3.0, fresh=False)
    due = again.take(3.0)
    assert due is not None
    assert due.memory == memory


def test_the_target_of_a_redirect_is_not_fetched_a_second_time(frontier: Frontier) -> None:
    fill(frontier, 1)
    frontier.add(f"{A}waits", "listing", None, 5.0)
    entry = frontier.take(9.0)
    assert entry is not None
    frontier.read(entry.key, f"{A}moved/0", NOTHING, DAY, 10.0)
    assert not frontier.add(f"{A}moved/0", "listing", None, 11.0)
    waiting = frontier.take(12.0)
    assert waiting is not None
    frontier.read(waiting.key, f"{A}item/0", NOTHING, DAY, 12.0)
    assert frontier.take(13.0) is None
    assert frontier.counts().waiting == 0


def test_a_failed_page_is_counted_with_its_reason_and_waits_for_its_time(frontier: Frontier) -> None:
    fill(frontier, 1)
    entry = frontier.take(1.0)
    assert entry is not None
    frontier.fail(entry.key, "too large", PageMemory(misses=1), DAY, 1.0)
    assert frontier.failures() == [(f"{A}item/0", "too large")]
    assert frontier.take(1.0) is None
    frontier.begin(DAY, fresh=False)
    again = frontier.take(DAY)
    assert again is not None
    assert again.memory.misses == 1
    assert frontier.failures() == []


def test_a_page_to_try_again_waits_until_then_while_others_go(frontier: Frontier) -> None:
    fill(frontier, 2)
    first = frontier.take(5.0)
    assert first is not None
    frontier.retry(first.key, "503", 25.0)
    second = frontier.take(5.0)
    assert second is not None
    assert second.key == "/item/1"
    assert frontier.take(5.0) is None
    assert frontier.next_at() == 25.0
    again = frontier.take(60.0)
    assert again is not None
    assert (again.key, again.tries) == (first.key, 1)
    assert frontier.counts().failed == 0


def test_the_tries_of_a_page_survive_the_death_of_the_process(reopen: Reopen) -> None:
    frontier = reopen()
    frontier.begin(0.0, fresh=False)
    fill(frontier, 1)
    entry = frontier.take(1.0)
    assert entry is not None
    frontier.retry(entry.key, "503", 25.0)
    again = reopen()
    again.begin(2.0, fresh=False)
    assert again.take(2.0) is None
    entry = again.take(60.0)
    assert entry is not None
    assert entry.tries == 1


def test_a_page_given_back_is_handed_out_again_with_no_try_counted(frontier: Frontier) -> None:
    fill(frontier, 1)
    entry = frontier.take(1.0)
    assert entry is not None
    assert frontier.next_at() is None
    frontier.give_back(entry.key)
    assert frontier.take(1.0) == entry


def test_what_is_in_flight_counts_as_waiting(frontier: Frontier) -> None:
    fill(frontier, 3)
    frontier.take(1.0)
    assert frontier.counts().waiting == 3


def test_every_known_address_is_listed(frontier: Frontier) -> None:
    fill(frontier, 2)
    frontier.add(f"{A}list", "category", None, 0.0)
    assert sorted(frontier.addresses()) == [
        (f"{A}item/0", "listing"), (f"{A}item/1", "listing"), (f"{A}list", "category"),
    ]  # fmt: skip


def test_counters_and_facts_of_the_market_outlive_the_process(reopen: Reopen) -> None:
    frontier = reopen()
    assert frontier.tally("pages 2026-11-25") == 0
    assert frontier.tally("pages 2026-11-25", 2) == 2
    assert frontier.tally("pages 2026-11-25", 1) == 3
    assert frontier.recall("robots") is None
    frontier.remember("robots", "none")
    frontier.remember("robots", "some")
    again = reopen()
    assert again.tally("pages 2026-11-25") == 3
    assert again.recall("robots") == "some"


@given(steps=st.lists(st.tuples(st.integers(0, 30), st.sampled_from(["take", "read", "retry", "die"])), max_size=120))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("implementation", IMPLEMENTATIONS, ids=lambda implementation: implementation.__name__)
def test_no_page_is_lost_or_read_twice_whatever_happens(
    implementation: Callable[[Path], Iterator[Reopen]],
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[tuple[int, str]],
) -> None:
    for reopen in implementation(tmp_path_factory.mktemp("frontier")):
        _live_through(reopen, steps)


def _live_through(reopen: Reopen, steps: list[tuple[int, str]]) -> None:
    frontier = reopen()
    frontier.begin(0.0, fresh=False)
    flying, added, read = [], set(), []
    for number, step in steps:
        if frontier.add(f"{A}{number}", "listing", None, 0.0):
            added.add(f"/{number}")
        if step == "take" and (entry := frontier.take(1.0)):
            flying.append(entry)
        elif step == "read" and flying:
            entry = flying.pop(0)
            frontier.read(entry.key, entry.url, NOTHING, DAY, 1.0)
            read.append(entry.key)
        elif step == "retry" and flying:
            frontier.retry(flying.pop(0).key, "503", 0.5)
        elif step == "die":
            frontier, flying = reopen(), []
            frontier.begin(2.0, fresh=False)
    frontier = reopen()
    frontier.begin(2.0, fresh=False)
    while entry := frontier.take(3.0):
        frontier.read(entry.key, entry.url, NOTHING, DAY, 3.0)
        read.append(entry.key)
    assert sorted(read) == sorted(added)


def test_a_clock_set_back_puts_no_retry_off_for_longer_than_retries_wait(frontier: Frontier) -> None:
    frontier.add(A, "listing", None, 7 * DAY)
    assert frontier.take(7 * DAY)
    frontier.retry("/", "503", 7 * DAY + 20.0)
    assert frontier.take(7 * DAY + 19.0) is None
    assert frontier.take(0.0), "the clock was set back by a week"


def test_what_a_clock_that_was_wrong_put_off_for_years_is_due_after_its_own_span(frontier: Frontier) -> None:
    years = 3650 * DAY
    frontier.add(A, "listing", None, years)
    assert frontier.take(years)
    frontier.read("/", A, NOTHING, years + DAY, years)
    frontier.begin(10.0, fresh=False)
    assert frontier.take(10.0) is None
    frontier.begin(11.0 + DAY, fresh=False)
    assert frontier.take(11.0 + DAY)


def test_a_market_is_worked_by_one_process_at_a_time(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    first = open_ledger(file, "harbour")
    with pytest.raises(HomeLocked, match="harbour is being crawled by process"):
        open_ledger(file, "harbour")
    first.close()
    open_ledger(file, "harbour").close()


def test_a_ledger_of_an_earlier_version_is_brought_up_to_date(tmp_path: Path) -> None:
    import sqlite3

    old = sqlite3.connect(tmp_path / "ledger.db")
    old.execute(
        "CREATE TABLE pages (key TEXT PRIMARY KEY, url TEXT NOT NULL, kind TEXT NOT NULL, referer TEXT, priority"
        " INTEGER NOT NULL, state TEXT NOT NULL, outcome TEXT, added REAL NOT NULL, visited REAL, due REAL)"
    )
    old.execute(
        "INSERT INTO pages VALUES ('/item/1', 'http://a.onion/item/1', 'listing', NULL, 10, 'waiting', NULL, 1, 0, 0)"
    )
    old.commit()
    old.close()
    ledger = Ledger(tmp_path / "ledger.db")
    assert ledger.begin(2.0, fresh=False)
    entry = ledger.take(2.0)
    assert entry is not None
    assert (entry.key, entry.tries, entry.memory) == ("/item/1", 0, NOTHING)
