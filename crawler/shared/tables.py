"""The tables of one SQLite file as rows that travel: the file itself notes which rows change, whoever writes them."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_NOTES = "shared_changes"
_SCHEMA = f"CREATE TABLE IF NOT EXISTS {_NOTES} (seq INTEGER PRIMARY KEY AUTOINCREMENT, tbl TEXT, pk TEXT);"
_OURS = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name != ?"


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """A row that changed: its table, its key and the row as it stands now, as JSON; ``row`` is None when it is gone."""

    table: str
    key: str
    row: str | None


class SharedTables:
    """One SQLite file, opened beside whoever works with it."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, timeout=30, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=OFF")  # the file is a copy; the server's is the lasting one
        self._db.executescript(_SCHEMA)
        self._watched: set[str] = set()

    def fill(self, schema: Iterable[str], rows: Iterable[tuple[str, str]]) -> None:
        """Makes the tables of an empty file and puts rows (table, row as JSON) into them."""
        self._db.execute("BEGIN")
        for statement in schema:
            self._db.execute(statement)
        for table, row in rows:
            self._put(table, row)
        self._db.execute("COMMIT")
        self._watch(note_all=False)

    def take_in(self, rows: Iterable[tuple[str, str, str]]) -> None:
        """Puts rows (table, key, row as JSON) in the place of ours, as if they had been so; what was noted of them is
        forgotten.
        """
        self._db.execute("BEGIN IMMEDIATE")
        last = self._db.execute(f"SELECT MAX(seq) FROM {_NOTES}").fetchone()[0] or 0  # noqa: S608
        for table, pk, row in rows:
            self._put(table, row)
            self._db.execute(f"DELETE FROM {_NOTES} WHERE tbl = ? AND pk = ?", (table, pk))  # noqa: S608
        self._db.execute(f"DELETE FROM {_NOTES} WHERE seq > ?", (last,))  # noqa: S608
        self._db.execute("COMMIT")

    def schema(self) -> list[str]:
        """The statements that make the tables and indexes, tables first."""
        query = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND type IN ('table', 'index')"
        mine = f" AND tbl_name NOT IN ('{_NOTES}', 'sqlite_sequence') ORDER BY type DESC, name"
        return [str(sql) for (sql,) in self._db.execute(query + mine)]

    def changes(self) -> tuple[list[Change], int]:
        """Rows that changed since they were settled last, each once, and the note up to which that holds."""
        self._watch(note_all=True)
        notes = self._db.execute(f"SELECT tbl, pk, MAX(seq) FROM {_NOTES} GROUP BY tbl, pk").fetchall()  # noqa: S608
        changed = [Change(table=table, key=pk, row=self._row(table, pk)) for table, pk, _ in notes]
        return changed, max((seq for _, _, seq in notes), default=0)

    def settle(self, up_to: int) -> None:
        """Forgets the notes up to one; a row that changed again since then has a later one."""
        self._db.execute(f"DELETE FROM {_NOTES} WHERE seq <= ?", (up_to,))  # noqa: S608

    def close(self) -> None:
        """Closes the file."""
        self._db.close()

    def _put(self, table: str, row: str) -> None:
        values = [_decoded(value) for value in json.loads(row)]
        marks = ", ".join("?" * len(values))
        self._db.execute(f"INSERT OR REPLACE INTO {_quoted(table)} VALUES ({marks})", values)  # noqa: S608

    def _watch(self, *, note_all: bool) -> None:
        for (table,) in self._db.execute(_OURS, (_NOTES,)).fetchall():
            if table not in self._watched:
                self._watch_table(table, note_all=note_all)
                self._watched.add(table)

    def _watch_table(self, table: str, *, note_all: bool) -> None:
        name = _quoted(table)
        keys = self._keys(table)
        note = f"INSERT INTO {_NOTES} (tbl, pk) VALUES ('{table}', json_array({{}}))"  # noqa: S608
        new, old = (note.format(", ".join(f"{side}.{column}" for column in keys)) for side in ("NEW", "OLD"))
        self._db.execute("BEGIN IMMEDIATE")
        for event, body in (("INSERT", new), ("UPDATE", f"{old}; {new}"), ("DELETE", old)):
            trigger = _quoted(f"shared_{table}_{event}")
            self._db.execute(f"CREATE TRIGGER IF NOT EXISTS {trigger} AFTER {event} ON {name} BEGIN {body}; END")
        if note_all:
            listed = ", ".join(keys)
            self._db.execute(
                f"INSERT INTO {_NOTES} (tbl, pk) SELECT '{table}', json_array({listed}) FROM {name}"  # noqa: S608
            )
        self._db.execute("COMMIT")

    def _keys(self, table: str) -> list[str]:
        columns = self._db.execute(f"PRAGMA table_info({_quoted(table)})").fetchall()
        keys = [_quoted(column[1]) for column in sorted(columns, key=lambda column: int(column[5])) if column[5]]
        return keys or ["rowid"]

    def _row(self, table: str, pk: str) -> str | None:
        where = " AND ".join(f"{column} IS ?" for column in self._keys(table))
        query = f"SELECT * FROM {_quoted(table)} WHERE {where}"  # noqa: S608
        row = self._db.execute(query, json.loads(pk)).fetchone()
        return None if row is None else json.dumps([_encoded(value) for value in row], ensure_ascii=False)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _encoded(value: Any) -> Any:
    return {"base64": base64.b64encode(value).decode()} if isinstance(value, bytes) else value


def _decoded(value: Any) -> Any:
    return base64.b64decode(value["base64"]) if isinstance(value, dict) else value
