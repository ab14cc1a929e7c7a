"""The desk's file in the home: one SQLite database that crawls, page and command line have open at once."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler.model.errors import BadInput

if TYPE_CHECKING:
    from crawler.desk.shared import SharedRows

_SCHEMA = """
CREATE TABLE IF NOT EXISTS tasks (
    id INTEGER PRIMARY KEY, market TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL, since TEXT NOT NULL,
    last_seen TEXT NOT NULL, times INTEGER NOT NULL, url TEXT NOT NULL, capture TEXT NOT NULL, shows TEXT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS one_task_of_a_kind ON tasks (market, kind) WHERE state <> 'closed';
CREATE TABLE IF NOT EXISTS acts (
    id INTEGER PRIMARY KEY, task INTEGER NOT NULL REFERENCES tasks (id), time TEXT NOT NULL,
    what TEXT NOT NULL, officer TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS acts_of_task ON acts (task);
CREATE TABLE IF NOT EXISTS sessions (
    id INTEGER PRIMARY KEY, market TEXT NOT NULL, account TEXT NOT NULL, authority TEXT NOT NULL, officer TEXT NOT NULL,
    hosts TEXT NOT NULL, cookies INTEGER NOT NULL, added TEXT NOT NULL, expires TEXT NOT NULL, state TEXT NOT NULL,
    tested TEXT, why TEXT NOT NULL, sealed BLOB
);
CREATE INDEX IF NOT EXISTS sessions_of_market ON sessions (market, state);
"""
_Values = Sequence[Any]


class DeskFile:
    """The open database; a statement is done whole or not at all.

    With ``shared``, the address of the state many machines share, the file is a copy of the desk all of them have.
    """

    def __init__(self, home_folder: Path, shared: str | None = None) -> None:
        self.folder = home_folder / "desk"
        self.rows: SharedRows | None = None
        path = self.folder / ("shared.db" if shared else "desk.db")
        self._lock = threading.RLock()
        self._in_a_block = False
        with self._mapped():
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._db = sqlite3.connect(path, isolation_level=None, timeout=10, check_same_thread=False)
            path.chmod(0o600)
            self._db.row_factory = sqlite3.Row
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA secure_delete=ON")  # a wiped session leaves nothing in the file
            self._db.executescript(_SCHEMA)
        if shared:
            from crawler.desk.shared import SharedRows

            self.rows = SharedRows(path, shared)

    def number(self, table: str) -> int | None:
        """The number of a row to be added to a shared desk, unlike any other's; None where the file itself counts.

        Raises BadInput when the shared state is away.
        """
        return self.rows.number(table) if self.rows is not None else None

    def all(self, statement: str, values: _Values = ()) -> list[sqlite3.Row]:
        """The rows a statement gives. Raises BadInput when the file cannot be read."""
        with self._lock, self._mapped():
            self._exchange()
            return list(self._db.execute(statement, values))

    def write(self, statement: str, values: _Values = ()) -> sqlite3.Cursor:
        """The cursor after a write. Raises BadInput when the file cannot be written."""
        with self._lock, self._mapped():
            self._exchange()
            done = self._db.execute(statement, values)
            self._exchange()
            return done

    @contextmanager
    def together(self) -> Iterator[None]:
        """Writes in the block are done all or none, and no other thread's among them."""
        with self._lock:
            with self._mapped():
                self._exchange()
                self._db.execute("BEGIN IMMEDIATE")
            self._in_a_block = True
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            finally:
                self._in_a_block = False
            with self._mapped():
                self._db.execute("COMMIT")
                self._exchange()

    def close(self) -> None:
        """Closes the file."""
        if self.rows is not None:
            self.rows.close()
        self._db.close()

    def _exchange(self) -> None:
        if self.rows is not None and not self._in_a_block:
            self.rows.exchange()

    @contextmanager
    def _mapped(self) -> Iterator[None]:
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            raise BadInput(f"the desk in {self.folder} cannot be used: {error}") from error
