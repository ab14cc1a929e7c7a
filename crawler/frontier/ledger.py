"""The ledger of a market's pages: what waits, what was read, what failed, in one SQLite file.

A page leaves the state *waiting* only when its content is safe in the outbox; a process that dies at any moment
therefore loses nothing and fetches again at most the pages that were in flight.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from crawler.model.address import page_key

_SCHEMA = """
CREATE TABLE IF NOT EXISTS pages (
    key TEXT PRIMARY KEY, url TEXT NOT NULL, kind TEXT NOT NULL, referer TEXT, priority INTEGER NOT NULL,
    state TEXT NOT NULL, outcome TEXT, added REAL NOT NULL, visited REAL, due REAL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS pages_next ON pages (state, priority, added);
"""
_BATCH = 500
# New listings first: they are what an investigator waits for. Seconds are when a page of the kind is due again.
KINDS = {"listing": (10, 24 * 3600), "entry": (15, 0), "category": (20, 6 * 3600), "vendor": (30, 72 * 3600)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A page to fetch: its key, its address, what is expected there and the page that led to it."""

    key: str
    url: str
    kind: str
    referer: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """How many pages wait, were read and failed for good."""

    waiting: int
    read: int
    failed: int


class Ledger:
    """One market's pages; one process at a time writes it (the home's lock sees to that)."""

    def __init__(self, path: Path | None) -> None:
        self._db = sqlite3.connect(path or ":memory:", isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_SCHEMA)
        self._buffer: deque[Entry] = deque()
        self._taken: set[str] = set()

    def begin(self, now: float, *, fresh: bool) -> bool:
        """Readies the ledger for a run; True when an unfinished run goes on.

        With nothing waiting, the pages that are due wait again; ``fresh`` makes all wait again.
        """
        unfinished = self.counts().waiting > 0
        if fresh:
            self._db.execute("UPDATE pages SET state = 'waiting', outcome = NULL, added = ?", (now,))
        elif not unfinished:
            self._db.execute("UPDATE pages SET state = 'waiting', outcome = NULL, added = ? WHERE due <= ?", (now, now))
        return unfinished and not fresh

    def add(self, url: str, kind: str, referer: str | None, now: float) -> bool:
        """Whether the page was new; a page the ledger knows already is left as it is."""
        row = (page_key(url), url, kind, referer, KINDS[kind][0], now)
        cursor = self._db.execute(
            "INSERT INTO pages (key, url, kind, referer, priority, state, added) VALUES (?, ?, ?, ?, ?, 'waiting', ?)"
            " ON CONFLICT (key) DO NOTHING",
            row,
        )
        return cursor.rowcount > 0

    def peek(self) -> bool:
        """Whether `take` would give something."""
        if not self._buffer:
            self._refill()
        return bool(self._buffer)

    def take(self) -> Entry | None:
        """The next page to fetch, in flight from now on; None when nothing waits that is not in flight."""
        if not self.peek():
            return None
        entry = self._buffer.popleft()
        self._taken.add(entry.key)
        return entry

    def read(self, key: str, final_url: str, now: float) -> None:
        """The page was read and its content is safe; a redirect's target counts as read as well."""
        self._close(key, "read", None, now)
        final = page_key(final_url)
        if final != key:
            self._db.execute(
                "INSERT INTO pages (key, url, kind, priority, state, added, visited, due)"
                " SELECT ?, ?, kind, priority, 'read', ?, ?, due FROM pages WHERE key = ?"
                " ON CONFLICT (key) DO UPDATE SET state = 'read', visited = excluded.visited, due = excluded.due",
                (final, final_url, now, now, key),
            )

    def fail(self, key: str, why: str, now: float) -> None:
        """The page could not be read in this run, for the reason given; it is due again with its kind."""
        self._close(key, "failed", why, now)

    def give_back(self, key: str) -> None:
        """The page in flight waits again, as if it had not been taken."""
        self._taken.discard(key)

    def counts(self) -> Counts:
        """How the ledger stands."""
        rows = dict(self._db.execute("SELECT state, COUNT(*) FROM pages GROUP BY state").fetchall())
        return Counts(waiting=rows.get("waiting", 0), read=rows.get("read", 0), failed=rows.get("failed", 0))

    def failures(self, limit: int = 50) -> list[tuple[str, str]]:
        """Addresses of pages that could not be read, with the reasons."""
        rows = self._db.execute("SELECT url, outcome FROM pages WHERE state = 'failed' ORDER BY key LIMIT ?", (limit,))
        return [(str(url), str(why)) for url, why in rows]

    def close(self) -> None:
        """Closes the file."""
        self._db.close()

    def _close(self, key: str, state: str, outcome: str | None, now: float) -> None:
        due = {kind: now + seconds for kind, (_, seconds) in KINDS.items()}
        self._db.execute(
            "UPDATE pages SET state = ?, outcome = ?, visited = ?, due = CASE kind WHEN 'listing' THEN ?"
            " WHEN 'category' THEN ? WHEN 'vendor' THEN ? ELSE ? END WHERE key = ?",
            (state, outcome, now, due["listing"], due["category"], due["vendor"], due["entry"], key),
        )
        self._taken.discard(key)

    def _refill(self) -> None:
        rows = self._db.execute(
            "SELECT key, url, kind, referer FROM pages WHERE state = 'waiting' ORDER BY priority, added LIMIT ?",
            (_BATCH + len(self._taken),),
        ).fetchall()
        self._buffer.extend(
            Entry(key=key, url=url, kind=kind, referer=referer)
            for key, url, kind, referer in rows
            if key not in self._taken
        )
