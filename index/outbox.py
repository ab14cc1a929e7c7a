"""The outbox: documents on their way to the index, on disk until the index has taken them."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from crawler.model.sighting import Document
from index.store import Store

_SCHEMA = """
CREATE TABLE IF NOT EXISTS waiting (seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT, id TEXT, body TEXT);
CREATE TABLE IF NOT EXISTS rejected (kind TEXT, id TEXT, body TEXT, reason TEXT, PRIMARY KEY (kind, id));
"""
_BATCH = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class OutboxCounts:
    """How many documents wait and how many the index refused."""

    waiting: int
    rejected: int


class Outbox:
    """Documents of one market in the order they were made; safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=30)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_SCHEMA)
        self._lock = threading.Lock()
        self._delivering = threading.Lock()

    def post(self, documents: Sequence[Document]) -> None:
        """Takes documents; on return they survive the death of this process."""
        rows = [(each.kind, each.id, json.dumps(each.body, ensure_ascii=False)) for each in documents]
        with self._lock:
            self._db.execute("BEGIN")
            self._db.executemany("INSERT INTO waiting (kind, id, body) VALUES (?, ?, ?)", rows)
            self._db.execute("COMMIT")

    def deliver(self, store: Store) -> int:
        """How many documents the index took now, oldest first; the refused are kept aside with the reason.

        Raises StoreUnavailable when the index cannot be reached; what it did not take keeps waiting.
        """
        taken = 0
        with self._delivering:
            while batch := self._oldest():
                documents = [Document(kind=kind, id=id_, body=json.loads(body)) for _, kind, id_, body in batch]
                refused = store.put(documents)
                reasons = {(each.kind, each.id): each.reason for each in refused}
                self._settle(batch, reasons)
                taken += len(batch) - len(reasons)
        return taken

    def counts(self) -> OutboxCounts:
        """How the outbox stands."""
        with self._lock:
            waiting = self._db.execute("SELECT COUNT(*) FROM waiting").fetchone()[0]
            rejected = self._db.execute("SELECT COUNT(*) FROM rejected").fetchone()[0]
        return OutboxCounts(waiting=waiting, rejected=rejected)

    def rejections(self) -> list[tuple[str, str, str]]:
        """Kind, id and reason of each document the index refused."""
        with self._lock:
            rows = self._db.execute("SELECT kind, id, reason FROM rejected ORDER BY kind, id").fetchall()
        return [(str(kind), str(id_), str(reason)) for kind, id_, reason in rows]

    def close(self) -> None:
        """Closes the file; what waits keeps waiting in it."""
        with self._delivering, self._lock:
            self._db.close()

    def _oldest(self) -> list[tuple[int, str, str, str]]:
        with self._lock:
            rows = self._db.execute("SELECT seq, kind, id, body FROM waiting ORDER BY seq LIMIT ?", (_BATCH,))
            return rows.fetchall()

    def _settle(self, batch: list[tuple[int, str, str, str]], reasons: dict[tuple[str, str], str]) -> None:
        refused = [(kind, id_, body, reasons[kind, id_]) for _, kind, id_, body in batch if (kind, id_) in reasons]
        with self._lock:
            self._db.execute("BEGIN")
            self._db.executemany("INSERT OR REPLACE INTO rejected VALUES (?, ?, ?, ?)", refused)
            self._db.execute("DELETE FROM waiting WHERE seq <= ?", (batch[-1][0],))
            self._db.execute("COMMIT")
