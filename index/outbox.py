"""The outbox: documents on their way to the index, on disk until the index has taken them."""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Protocol

from crawler.model.database import open_state
from crawler.model.sighting import Document
from index.store import Store

_SCHEMA = """
CREATE TABLE IF NOT EXISTS waiting (seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT, id TEXT, body TEXT);
CREATE INDEX IF NOT EXISTS waiting_of ON waiting (kind, id);
CREATE TABLE IF NOT EXISTS rejected (kind TEXT, id TEXT, body TEXT, reason TEXT, PRIMARY KEY (kind, id));
CREATE TABLE IF NOT EXISTS dropped (seq INTEGER PRIMARY KEY AUTOINCREMENT, time TEXT, kind TEXT, id TEXT, reason TEXT,
    why TEXT);
"""
_BATCH = 500
_IDS_AT_ONCE = 500
_Row = tuple[int, str, str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class OutboxCounts:
    """How many documents wait, how many the index refused, how many refused ones a person dropped."""

    waiting: int
    rejected: int
    dropped: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """A document the index refused, and its words for it."""

    kind: str
    id: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Dropped:
    """A refused document a person dropped: when, why the index had refused it, why the person let it go."""

    time: str
    kind: str
    id: str
    reason: str
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """Which of some ids wait, are refused or were dropped."""

    waiting: frozenset[str]
    rejected: frozenset[str]
    dropped: frozenset[str]


class Spool(Protocol):
    """What a run needs of an outbox, wherever it lies. Every method may be called from several threads."""

    def post(self, documents: Sequence[Document]) -> None:
        """Takes documents; on return they survive the death of this process. Raises NoSpace."""
        ...

    def deliver(self, store: Store) -> int:
        """How many documents the index took now, in the order they were posted. Raises StoreUnavailable, NoSpace."""
        ...

    def counts(self) -> OutboxCounts:
        """How it stands."""
        ...

    def standing(self, kind: str, ids: Sequence[str]) -> Standing:
        """Which of these documents have not reached the index, and why."""
        ...

    def close(self) -> None:
        """Nothing; what waits keeps waiting."""
        ...


class Outbox:
    """The documents of one market in a file, in the order they were made: order is by sequence, never by a clock."""

    def __init__(self, path: Path) -> None:
        # On the disk itself before the ledger closes the page: a power cut must not part the two.
        self._db = open_state(path, _SCHEMA, lasting=True, check_same_thread=False)
        self._path = path
        self._lock = threading.Lock()
        self._delivering = threading.Lock()

    def post(self, documents: Sequence[Document]) -> None:
        """See `Spool.post`; all of them or, when it raises, none."""
        rows = [(each.kind, each.id, json.dumps(each.body, ensure_ascii=False)) for each in documents]
        with self._transaction() as db:
            db.executemany("INSERT INTO waiting (kind, id, body) VALUES (?, ?, ?)", rows)

    def deliver(self, store: Store) -> int:
        """See `Spool.deliver`; the refused are kept aside with the reason, what was not taken keeps waiting.

        One process at a time delivers a market's documents: two would overtake each other.
        """
        taken = 0
        with self._delivering, self._alone():
            while batch := self._oldest():
                documents = [Document(kind=kind, id=id_, body=json.loads(body)) for _, kind, id_, body in batch]
                reasons = {(each.kind, each.id): each.reason for each in store.put(documents)}
                self._settle(batch, reasons)
                taken += len(batch) - len(reasons)
        return taken

    def counts(self) -> OutboxCounts:
        """See `Spool.counts`."""
        with self._lock:
            waiting, rejected, dropped = (
                self._db.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]  # noqa: S608
                for table in ("waiting", "rejected", "dropped")
            )
        return OutboxCounts(waiting=waiting, rejected=rejected, dropped=dropped)

    def standing(self, kind: str, ids: Sequence[str]) -> Standing:
        """See `Spool.standing`."""
        return Standing(
            waiting=self._those("waiting", kind, ids),
            rejected=self._those("rejected", kind, ids),
            dropped=self._those("dropped", kind, ids),
        )

    def refused(self) -> list[Refused]:
        """The documents the index refused, by kind and id."""
        with self._lock:
            rows = self._db.execute("SELECT kind, id, reason FROM rejected ORDER BY kind, id").fetchall()
        return [Refused(kind=kind, id=id_, reason=reason) for kind, id_, reason in rows]

    def dropped(self) -> list[Dropped]:
        """The acts of dropping, oldest first."""
        with self._lock:
            rows = self._db.execute("SELECT time, kind, id, reason, why FROM dropped ORDER BY seq").fetchall()
        return [Dropped(time=time, kind=kind, id=id_, reason=reason, why=why) for time, kind, id_, reason, why in rows]

    def retry(self) -> int:
        """How many refused documents wait again; not one of which a later version waits already."""
        with self._transaction() as db:
            db.execute(
                "DELETE FROM rejected WHERE EXISTS"
                " (SELECT 1 FROM waiting w WHERE w.kind = rejected.kind AND w.id = rejected.id)"
            )
            moved = db.execute("INSERT INTO waiting (kind, id, body) SELECT kind, id, body FROM rejected").rowcount
            db.execute("DELETE FROM rejected")
        return int(moved)

    def drop(self, time: str, why: str) -> int:
        """How many refused documents were let go for good; each is noted with the time and the person's reason."""
        with self._transaction() as db:
            noted = db.execute(
                "INSERT INTO dropped (time, kind, id, reason, why) SELECT ?, kind, id, reason, ? FROM rejected",
                (time, why),
            ).rowcount
            db.execute("DELETE FROM rejected")
        return int(noted)

    def close(self) -> None:
        """See `Spool.close`."""
        with self._delivering, self._lock:
            self._db.close()

    def _oldest(self) -> list[_Row]:
        """The next batch: ends before a second version of a document, which must not travel beside the first."""
        with self._lock:
            query = "SELECT seq, kind, id, body FROM waiting ORDER BY seq LIMIT ?"
            rows: list[_Row] = self._db.execute(query, (_BATCH,)).fetchall()
        seen: set[tuple[str, str]] = set()

        def is_first(row: _Row) -> bool:
            known = (row[1], row[2]) in seen
            seen.add((row[1], row[2]))
            return not known

        return list(takewhile(is_first, rows))

    def _settle(self, batch: list[_Row], reasons: dict[tuple[str, str], str]) -> None:
        refused = [(kind, id_, body, reasons[kind, id_]) for _, kind, id_, body in batch if (kind, id_) in reasons]
        taken = [(kind, id_) for _, kind, id_, _ in batch if (kind, id_) not in reasons]
        with self._transaction() as db:
            db.executemany("INSERT OR REPLACE INTO rejected VALUES (?, ?, ?, ?)", refused)
            # An older version that was refused is of no use once a later one is in the index.
            db.executemany("DELETE FROM rejected WHERE kind = ? AND id = ?", taken)
            db.execute("DELETE FROM waiting WHERE seq <= ?", (batch[-1][0],))

    def _those(self, table: str, kind: str, ids: Sequence[str]) -> frozenset[str]:
        found: set[str] = set()
        for start in range(0, len(ids), _IDS_AT_ONCE):
            some = ids[start : start + _IDS_AT_ONCE]
            marks = ",".join("?" * len(some))
            query = f"SELECT id FROM {table} WHERE kind = ? AND id IN ({marks})"  # noqa: S608
            with self._lock:
                found.update(row[0] for row in self._db.execute(query, (kind, *some)))
        return frozenset(found)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            finally:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        descriptor = os.open(self._path.with_suffix(".delivering"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)
