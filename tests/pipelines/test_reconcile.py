from pathlib import Path

import pytest

from crawler.model.identity import stable_id
from crawler.model.sighting import Document
from index.opening import open_store
from index.outbox import Outbox
from index.store import Store
from pipelines.reconcile import reconcile

RECORDS = [f"<urn:uuid:{n}>" for n in range(6)]


def capture(record: str, **more: object) -> Document:
    return Document(
        kind="capture", id=stable_id("capture", "m", record), body={"market": "m", "record_id": record} | more
    )


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "outbox.db")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(f"sqlite:///{tmp_path}/index.db")


def test_every_response_is_found_in_the_index_refused_dropped_waiting_or_left(outbox: Outbox, store: Store) -> None:
    outbox.post([capture(RECORDS[4], time="long ago")])
    outbox.deliver(store)
    outbox.drop("2026-01-01T00:00:00Z", "no date")
    outbox.post([capture(RECORDS[0]), capture(RECORDS[1]), capture(RECORDS[2], time="yesterday")])
    outbox.deliver(store)
    outbox.post([capture(RECORDS[3])])
    account = reconcile(RECORDS, "m", outbox, lambda: store, left=[RECORDS[5], "<of another run>"])
    assert account.fault is None
    assert (account.captured, account.indexed) == (6, 2)
    assert (account.rejected, account.spooled, account.dropped, account.left) == (1, 1, 1, 1)
    assert account.as_fields() == {"captured": 6, "indexed": 2, "left": 1, "dropped": 1, "reconciled": True}


def test_a_page_indexed_already_and_posted_again_is_counted_once(outbox: Outbox, store: Store) -> None:
    for _ in range(2):
        outbox.post([capture(RECORDS[0])])
        if store.count("*", kind="capture") == 0:
            outbox.deliver(store)
    account = reconcile(RECORDS[:1], "m", outbox, lambda: store)
    assert (account.indexed, account.spooled, account.fault) == (1, 0, None)


def test_a_page_that_is_nowhere_is_a_fault_that_says_how_many(outbox: Outbox, store: Store) -> None:
    outbox.post([capture(RECORDS[0])])
    outbox.deliver(store)
    account = reconcile(RECORDS[:3], "m", outbox, lambda: store)
    assert "2 captured pages are neither indexed, refused nor waiting" in (account.fault or "")


def test_a_record_id_borne_twice_is_a_fault(outbox: Outbox, store: Store) -> None:
    outbox.post([capture(RECORDS[0])])
    outbox.deliver(store)
    assert "bear the id of another" in (reconcile([RECORDS[0]] * 2, "m", outbox, lambda: store).fault or "")


def test_an_index_that_cannot_be_asked_is_a_fault_only_for_what_is_not_in_the_outbox(outbox: Outbox) -> None:
    outbox.post([capture(RECORDS[0])])
    down = "http://127.0.0.1:9"
    assert reconcile(RECORDS[:1], "m", outbox, lambda: open_store(down)).fault is None
    fault = reconcile(RECORDS[:2], "m", outbox, lambda: open_store(down)).fault
    assert "1 captured pages could not be looked for" in (fault or "")
