"""Tasks for a person: put there by a crawl, answered by an officer, closed when the market lets us in again."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from crawler.desk.book import DeskFile
from crawler.model.desk import Task, TaskAct, TaskKind, TaskState
from crawler.model.errors import BadInput
from crawler.model.plain import iso

LONGEST_SHOWN = 4_000
_LONGEST_URL = 2_000


class Tasks:
    """The tasks of a home; at most one of a market and kind waits at a time."""

    def __init__(self, file: DeskFile) -> None:
        self._file = file

    def put(self, market: str, kind: TaskKind, *, shows: str, url: str = "", capture: str = "") -> int:
        """The number of the task that waits from now on: a new one, or the one that waits already, seen once more."""
        now = iso(datetime.now(UTC))
        with self._file.together():
            waiting = self._waiting(market, kind)
            if waiting:
                id_ = int(waiting["id"])
                self._file.write("UPDATE tasks SET last_seen = ?, times = times + 1 WHERE id = ?", (now, id_))
                return id_
            row = (
                self._file.number("tasks"),
                market,
                kind.value,
                now,
                now,
                url[:_LONGEST_URL],
                capture,
                shows[:LONGEST_SHOWN],
            )
            made = self._file.write(
                "INSERT INTO tasks (id, market, kind, state, since, last_seen, times, url, capture, shows)"
                " VALUES (?, ?, ?, 'open', ?, ?, 1, ?, ?, ?)",
                row,
            )
            id_ = int(made.lastrowid or 0)
            self._note(id_, "put on the desk")
        return id_

    def note(self, id_: int, what: str, officer: str = "", state: TaskState | None = None) -> None:
        """Writes a line of the task's history, with the state it brings about."""
        with self._file.together():
            if state is not None:
                self._file.write("UPDATE tasks SET state = ? WHERE id = ? AND state <> 'closed'", (state.value, id_))
            self._note(id_, what, officer)

    def waiting(self, market: str) -> Sequence[Task]:
        """The tasks of a market that are not closed."""
        rows = self._file.all("SELECT * FROM tasks WHERE market = ? AND state <> 'closed' ORDER BY id", (market,))
        return [self._task(row) for row in rows]

    def dismissed(self, market: str) -> frozenset[TaskKind]:
        """The kinds of which an officer closed the market's newest task: the crawl goes on without such pages."""
        rows = self._file.all(
            "SELECT kind, state, (SELECT officer FROM acts WHERE task = tasks.id ORDER BY rowid DESC LIMIT 1) officer"
            " FROM tasks WHERE id IN (SELECT MAX(id) FROM tasks WHERE market = ? GROUP BY kind)",
            (market,),
        )
        closed = TaskState.CLOSED.value
        return frozenset(TaskKind(row["kind"]) for row in rows if row["state"] == closed and row["officer"])

    def list(self, state: TaskState | None = None) -> Sequence[Task]:
        """All tasks, those met last first; of one state or of all."""
        named = state.value if state else None
        rows = self._file.all(
            "SELECT * FROM tasks WHERE ?1 IS NULL OR state = ?1 ORDER BY last_seen DESC, id DESC", (named,)
        )
        return [self._task(row) for row in rows]

    def get(self, id_: int) -> Task:
        """One task with its history. Raises BadInput where there is none."""
        rows = self._file.all("SELECT * FROM tasks WHERE id = ?", (id_,))
        if not rows:
            raise BadInput(f"there is no task {id_} on the desk; see all with: npswatch desk --all")
        return self._task(rows[0])

    def _waiting(self, market: str, kind: TaskKind) -> sqlite3.Row | None:
        rows = self._file.all(
            "SELECT id FROM tasks WHERE market = ? AND kind = ? AND state <> 'closed'", (market, kind.value)
        )
        return rows[0] if rows else None

    def _note(self, id_: int, what: str, officer: str = "") -> None:
        row = (time.time_ns() if self._file.rows else None, id_, iso(datetime.now(UTC)), what, officer)
        self._file.write("INSERT INTO acts (rowid, task, time, what, officer) VALUES (?, ?, ?, ?, ?)", row)

    def _task(self, row: sqlite3.Row) -> Task:
        acts = self._file.all("SELECT time, what, officer FROM acts WHERE task = ? ORDER BY rowid", (row["id"],))
        history = tuple(
            TaskAct(time=datetime.fromisoformat(act["time"]), what=act["what"], officer=act["officer"]) for act in acts
        )
        return Task(
            id=row["id"],
            market=row["market"],
            kind=TaskKind(row["kind"]),
            state=TaskState(row["state"]),
            since=datetime.fromisoformat(row["since"]),
            last_seen=datetime.fromisoformat(row["last_seen"]),
            times=row["times"],
            url=row["url"],
            capture=row["capture"],
            shows=row["shows"],
            history=history,
        )
