"""The ledger of a market's pages: what waits, what was read, what failed, in one SQLite file.

A page leaves the state *waiting* only when its content is safe in the outbox; a process that dies at any moment
therefore loses nothing and fetches again at most the pages that were in flight.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from crawler.frontier.frontier import LONGEST_RETRY, READ_OF_LATE, Counts, Entry, rank
from crawler.frontier.lock import market_lock
from crawler.frontier.memory import PageMemory
from crawler.model.address import page_key
from crawler.model.database import open_state

_SCHEMA = """
CREATE TABLE IF NOT EXISTS pages (
    key TEXT PRIMARY KEY, url TEXT NOT NULL, kind TEXT NOT NULL, referer TEXT, priority INTEGER NOT NULL,
    state TEXT NOT NULL, outcome TEXT, added REAL NOT NULL, visited REAL, due REAL,
    tries INTEGER NOT NULL DEFAULT 0, after REAL NOT NULL DEFAULT 0, memory TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tallies (name TEXT PRIMARY KEY, amount INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
_INDEXES = """
DROP INDEX IF EXISTS pages_next;
CREATE INDEX IF NOT EXISTS pages_in_order ON pages (state, priority, added, after);
CREATE INDEX IF NOT EXISTS pages_after ON pages (state, after);
"""
_ADDED_SINCE = {"tries": "INTEGER NOT NULL DEFAULT 0", "after": "REAL NOT NULL DEFAULT 0", "memory": "TEXT"}
_WAITS_AGAIN = "UPDATE pages SET state = 'waiting', outcome = NULL, tries = 0, after = 0, priority = due_rank(kind)"
_DUE_WAIT_AGAIN = _WAITS_AGAIN + ", added = due WHERE state IN ('read', 'failed') AND due <= ? AND visited <= ?"


class Ledger:
    """A frontier in a file; one process at a time works it (see `open_ledger`), others may look on."""

    def __init__(self, path: Path | None) -> None:
        self._lock = ExitStack()
        self._db = open_state(path, _SCHEMA)
        self._db.create_function("due_rank", 1, partial(rank, due=True), deterministic=True)
        self._bring_up_to_date()
        self._db.executescript(_INDEXES)

    def hold(self, lock: ExitStack) -> None:
        """Keeps what must be let go when the ledger is closed."""
        self._lock = lock

    def begin(self, now: float, *, fresh: bool) -> bool:
        """Readies the ledger for a run; see `Frontier.begin`."""
        self._db.execute("UPDATE pages SET state = 'waiting' WHERE state = 'flying'")
        self._db.execute("UPDATE pages SET due = ? + due - visited, visited = ? WHERE visited > ?", (now, now, now))
        unfinished = self.counts().waiting > 0
        if fresh:
            self._db.execute(_WAITS_AGAIN + ", added = ?", (now,))
            return False
        latest = now - READ_OF_LATE if unfinished else now
        self._db.execute(_DUE_WAIT_AGAIN, (now, latest))
        return unfinished

    def add(self, url: str, kind: str, referer: str | None, now: float) -> bool:
        """Whether the page was new; a page the ledger knows already is left as it is."""
        row = (page_key(url), url, kind, referer, rank(kind, due=False), now)
        cursor = self._db.execute(
            "INSERT INTO pages (key, url, kind, referer, priority, state, added) VALUES (?, ?, ?, ?, ?, 'waiting', ?)"
            " ON CONFLICT (key) DO NOTHING",
            row,
        )
        return cursor.rowcount > 0

    def take(self, now: float) -> Entry | None:
        """The next page to fetch, in flight from now on; None when nothing waits that may be taken now."""
        row = self._db.execute(
            "UPDATE pages SET state = 'flying' WHERE key = (SELECT key FROM pages INDEXED BY pages_in_order"
            " WHERE state = 'waiting' AND (after <= ? OR after > ?) ORDER BY priority, added, after LIMIT 1)"
            " RETURNING key, url, kind, referer, tries, memory",
            (now, now + LONGEST_RETRY),
        ).fetchone()
        if row is None:
            return None
        key, url, kind, referer, tries, memory = row
        return Entry(
            key=key, url=url, kind=kind, referer=referer, tries=tries, memory=PageMemory.from_json(memory)
        )  # fmt: skip

    def next_at(self) -> float | None:
        """The earliest time at which `take` gives something."""
        first = self._db.execute("SELECT MIN(after) FROM pages WHERE state = 'waiting'").fetchone()[0]
        return None if first is None else float(first)

    def read(self, key: str, final_url: str, memory: PageMemory, due: float, now: float) -> None:
        """The page was read and its content is safe; a redirect's target counts as read as well."""
        self._close(key, "read", None, memory, due, now)
        final = page_key(final_url)
        if final != key:
            self._db.execute(
                "INSERT INTO pages (key, url, kind, priority, state, added, visited, due, memory)"
                " SELECT ?, ?, kind, priority, 'read', ?, ?, due, memory FROM pages WHERE key = ?"
                " ON CONFLICT (key) DO UPDATE SET state = 'read', visited = excluded.visited, due = excluded.due,"
                " memory = excluded.memory WHERE state != 'flying'",
                (final, final_url, now, now, key),
            )

    def fail(self, key: str, why: str, memory: PageMemory, due: float, now: float) -> None:
        """The page could not be read in this run, for the reason given; it is due again then."""
        self._close(key, "failed", why, memory, due, now)

    def retry(self, key: str, why: str, at: float) -> None:
        """The page in flight waits again, not before that time, with one more try behind it."""
        self._db.execute(
            "UPDATE pages SET state = 'waiting', outcome = ?, tries = tries + 1, after = ? WHERE key = ?"
            " AND state = 'flying'",
            (why, at, key),
        )

    def give_back(self, key: str) -> None:
        """The page in flight waits again, as if it had not been taken."""
        self._db.execute("UPDATE pages SET state = 'waiting' WHERE key = ? AND state = 'flying'", (key,))

    def reopen(self, url: str, now: float) -> None:
        """A closed page waits again, whatever its time."""
        self._db.execute(
            _WAITS_AGAIN + ", added = ? WHERE key = ? AND state IN ('read', 'failed')", (now, page_key(url))
        )

    def counts(self) -> Counts:
        """How the ledger stands."""
        rows = dict(self._db.execute("SELECT state, COUNT(*) FROM pages GROUP BY state").fetchall())
        return Counts(
            waiting=rows.get("waiting", 0) + rows.get("flying", 0),
            read=rows.get("read", 0),
            failed=rows.get("failed", 0),
        )

    def failures(self, limit: int = 50) -> list[tuple[str, str]]:
        """Addresses of pages that could not be read, with the reasons."""
        rows = self._db.execute("SELECT url, outcome FROM pages WHERE state = 'failed' ORDER BY key LIMIT ?", (limit,))
        return [(str(url), str(why)) for url, why in rows]

    def addresses(self) -> Iterator[tuple[str, str]]:
        """Address and kind of every page known."""
        for url, kind in self._db.execute("SELECT url, kind FROM pages"):
            yield str(url), str(kind)

    def tally(self, name: str, amount: int = 0) -> int:
        """A counter of the market after adding to it."""
        if not amount:
            row = self._db.execute("SELECT amount FROM tallies WHERE name = ?", (name,)).fetchone()
            return 0 if row is None else int(row[0])
        row = self._db.execute(
            "INSERT INTO tallies VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET amount = amount + excluded.amount"
            " RETURNING amount",
            (name, amount),
        ).fetchone()
        return int(row[0])

    def recall(self, name: str) -> str | None:
        """A fact remembered of the market as a whole."""
        row = self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def remember(self, name: str, value: str) -> None:
        """Keeps a fact of the market as a whole."""
        self._db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def close(self) -> None:
        """Closes the file and lets the market go."""
        self._db.close()
        self._lock.close()

    def _close(self, key: str, state: str, outcome: str | None, memory: PageMemory, due: float, now: float) -> None:
        self._db.execute(
            "UPDATE pages SET state = ?, outcome = ?, visited = ?, due = ?, memory = ? WHERE key = ?",
            (state, outcome, now, due, memory.to_json(), key),
        )

    def _bring_up_to_date(self) -> None:
        there = {row[1] for row in self._db.execute("PRAGMA table_info(pages)")}
        for column, declaration in _ADDED_SINCE.items():
            if column not in there:
                self._db.execute(f"ALTER TABLE pages ADD COLUMN {column} {declaration}")


def open_ledger(path: Path, market: str) -> Ledger:
    """The ledger in a file, the market this process's alone until closed. Raises HomeLocked when another has it."""
    lock = ExitStack()
    lock.enter_context(market_lock(path.parent, market))
    ledger = Ledger(path)
    ledger.hold(lock)
    return ledger
