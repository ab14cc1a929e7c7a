"""A market's state goes from worker to worker: what was flushed is there, what was not is done again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.frontier.ledger import Ledger
from crawler.model.errors import HomeLocked, LeaseLost, SharedStateUnavailable
from crawler.model.sighting import Document
from crawler.shared.server import SharedServer, key
from crawler.shared.state import SharedState
from crawler.shared.tables import SharedTables
from index.outbox import Outbox
from tests.fixtures.redis import RedisServer

ROWS = st.dictionaries(
    st.tuples(st.integers(-5, 5), st.text(max_size=5)),
    st.one_of(st.none(), st.integers(-(2**60), 2**60), st.text(), st.binary(), st.floats(allow_nan=False)),
    max_size=8,
)


@pytest.fixture
def server(redis: RedisServer) -> Iterator[SharedServer]:
    connected = SharedServer(redis.address)
    yield connected
    connected.close()


def add(folder: Path, *names: str) -> None:
    ledger = Ledger(folder / "ledger.db")
    for name in names:
        ledger.add(f"http://shop.example/listing/{name}", "listing", None, 1.0)
    ledger.close()


def waiting(folder: Path) -> int:
    ledger = Ledger(folder / "ledger.db")
    counts = ledger.counts()
    ledger.close()
    return counts.waiting


def run_out(server: SharedServer) -> None:
    server.client.delete(key("market", "birch", "lease"))


def test_the_next_worker_finds_frontier_and_outbox_as_they_were_flushed(server: SharedServer, tmp_path: Path) -> None:
    one = SharedState(server, "birch", tmp_path / "one")
    one.open()
    add(tmp_path / "one", "a", "b", "c")
    outbox = Outbox(tmp_path / "one" / "outbox.db")
    outbox.post([Document(kind="listing", id="1", body={"title": "«Березка» 3-MMC"})])
    assert one.flush() > 0
    assert one.flush() == 0
    outbox.post([Document(kind="listing", id="2", body={})])  # never flushed: its worker dies now
    run_out(server)

    two = SharedState(server, "birch", tmp_path / "two")
    two.open()
    assert waiting(tmp_path / "two") == 3
    assert Outbox(tmp_path / "two" / "outbox.db").counts().waiting == 1
    with sqlite3.connect(tmp_path / "two" / "outbox.db") as db:
        assert "Березка" in db.execute("SELECT body FROM waiting").fetchone()[0]
    two.close()


def test_rows_that_went_are_gone_for_the_next_worker_too(server: SharedServer, tmp_path: Path) -> None:
    for name in ("one", "two", "three"):
        state = SharedState(server, "birch", tmp_path / name)
        state.open()
        with sqlite3.connect(tmp_path / name / "things.db") as db:
            db.execute("CREATE TABLE IF NOT EXISTS things (name TEXT PRIMARY KEY, n INTEGER) WITHOUT ROWID")
            if name == "one":
                db.executemany("INSERT INTO things VALUES (?, ?)", [("a", 1), ("b", 2), ("c", 3)])
            if name == "two":
                db.execute("DELETE FROM things WHERE name = 'a'")
                db.execute("UPDATE things SET name = 'd' WHERE name = 'b'")
                db.execute("INSERT OR REPLACE INTO things VALUES ('c', 4)")
            found = dict(db.execute("SELECT name, n FROM things"))
        state.flush()
        state.close()
    assert found == {"c": 4, "d": 2}


def test_a_worker_that_lost_the_market_changes_nothing_for_its_successor(server: SharedServer, tmp_path: Path) -> None:
    one = SharedState(server, "birch", tmp_path / "one")
    one.open()
    add(tmp_path / "one", "a")
    one.flush()
    run_out(server)
    two = SharedState(server, "birch", tmp_path / "two")
    two.open()
    add(tmp_path / "one", "late")
    with pytest.raises(LeaseLost):
        one.flush()
    with pytest.raises(HomeLocked):
        SharedState(server, "birch", tmp_path / "three").open()
    two.close()
    three = SharedState(server, "birch", tmp_path / "three")
    three.open()
    assert waiting(tmp_path / "three") == 1


def test_what_a_server_that_is_away_did_not_take_goes_with_the_next_flush(
    redis: RedisServer, server: SharedServer, tmp_path: Path
) -> None:
    one = SharedState(server, "birch", tmp_path / "one")
    one.open()
    add(tmp_path / "one", "a", "b")
    redis.kill()
    for _ in range(2):
        with pytest.raises(SharedStateUnavailable):
            one.flush()
    redis.start()
    one.flush()
    one.close()
    two = SharedState(server, "birch", tmp_path / "two")
    two.open()
    assert waiting(tmp_path / "two") == 2


@given(first=ROWS, then=ROWS)
def test_any_rows_come_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, first: dict[tuple[int, str], object], then: dict[tuple[int, str], object]
) -> None:
    folder = tmp_path_factory.mktemp("rows")
    kept: dict[tuple[str, str], str] = {}
    with sqlite3.connect(folder / "a.db") as db:
        db.execute("CREATE TABLE t (n INTEGER, s TEXT, v, PRIMARY KEY (n, s)) WITHOUT ROWID")
    tables = SharedTables(folder / "a.db")
    for rows in (first, then):
        with sqlite3.connect(folder / "a.db") as db:
            db.execute("DELETE FROM t")
            db.executemany("INSERT INTO t VALUES (?, ?, ?)", [(n, s, v) for (n, s), v in rows.items()])
        changed, up_to = tables.changes()
        for each in changed:
            if each.row is None:
                kept.pop((each.table, each.key), None)
            else:
                kept[each.table, each.key] = each.row
        tables.settle(up_to)
    copy = SharedTables(folder / "b.db")
    copy.fill(tables.schema(), [(table, row) for (table, _), row in kept.items()])
    with sqlite3.connect(folder / "b.db") as db:
        assert {(n, s): v for n, s, v in db.execute("SELECT * FROM t")} == then
    assert copy.changes() == ([], 0)
    tables.close()
    copy.close()
