"""SQLite files of a market's state, whose failures are sentences an operator can act on."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from crawler.model.errors import NoSpace


class StateConnection(sqlite3.Connection):
    """A connection whose statements raise NoSpace where the file cannot be written."""

    path: Path | None = None

    def execute(self, *arguments: Any) -> sqlite3.Cursor:
        """See `sqlite3.Connection.execute`."""
        try:
            return super().execute(*arguments)
        except sqlite3.OperationalError as error:
            raise self._no_space(error) from error

    def executemany(self, *arguments: Any) -> sqlite3.Cursor:
        """See `sqlite3.Connection.executemany`."""
        try:
            return super().executemany(*arguments)
        except sqlite3.OperationalError as error:
            raise self._no_space(error) from error

    def executescript(self, script: str, /) -> sqlite3.Cursor:
        """See `sqlite3.Connection.executescript`."""
        try:
            return super().executescript(script)
        except sqlite3.OperationalError as error:
            raise self._no_space(error) from error

    def _no_space(self, error: sqlite3.OperationalError) -> NoSpace:
        return NoSpace(f"{self.path} cannot be written ({error}); free space there, then run again")


def open_state(path: Path | None, schema: str, *, lasting: bool = False, **options: Any) -> StateConnection:
    """A state file with its tables, each statement a transaction of its own unless one is begun.

    Without a path the tables live in memory. ``lasting``: a commit is on the disk itself when it returns; else it
    survives the death of the process, not of the machine. Raises NoSpace where it cannot be opened.
    """
    try:
        db = sqlite3.connect(path or ":memory:", factory=StateConnection, isolation_level=None, timeout=30, **options)
    except sqlite3.OperationalError as error:
        raise NoSpace(f"{path} cannot be opened ({error}); free space there, then run again") from error
    db.path = path
    db.execute("PRAGMA journal_mode=WAL")
    db.execute(f"PRAGMA synchronous={'FULL' if lasting else 'NORMAL'}")
    db.executescript(schema)
    return db
