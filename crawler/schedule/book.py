"""The book of a home: plans and history in one SQLite file."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from crawler.model.errors import BadInput
from crawler.model.plain import iso
from crawler.schedule.entry import RunEntry, Verdict
from crawler.schedule.plan import Missed, Plan
from crawler.schedule.timing import Rule, Timing

_SCHEMA = """
CREATE TABLE IF NOT EXISTS plans (
    market TEXT PRIMARY KEY, rule TEXT NOT NULL, words TEXT NOT NULL, missed TEXT NOT NULL, jitter INTEGER NOT NULL,
    since TEXT NOT NULL, salt TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS history (
    id TEXT PRIMARY KEY, market TEXT NOT NULL, planned TEXT NOT NULL, planned_until TEXT NOT NULL,
    times INTEGER NOT NULL, started TEXT, ended TEXT, exit_code INTEGER, verdict TEXT NOT NULL, reasons TEXT NOT NULL,
    cut_short INTEGER NOT NULL, run TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS history_of_market ON history (market, planned_until);
"""
_TIMES = ("planned", "planned_until", "started", "ended")
_INSTANT = timedelta(milliseconds=1)
_Values = Sequence[Any] | Mapping[str, Any]


class BookUnwritable(BadInput):
    """The book cannot be read or written now, as on a full disk; the reason is in its text."""


class ScheduleBook:
    """Plans and history; several processes may have it open, the scheduler alone writes history."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._mapped():
            self._db = sqlite3.connect(path, isolation_level=None, timeout=10)
            self._db.row_factory = sqlite3.Row
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.executescript(_SCHEMA)

    def plans(self) -> list[Plan]:
        """All plans by market."""
        return [_plan(row) for row in self._all("SELECT * FROM plans ORDER BY market")]

    def add(self, plan: Plan, *, replace: bool = False) -> None:
        """Keeps a plan. Raises BadInput when the market has one already, unless it shall be replaced."""
        old = [each for each in self.plans() if each.market == plan.market]
        if old and not replace:
            timing = old[0].timing
            raise BadInput(
                f"{plan.market} is planned already ({timing.rule.value} {timing.words}); change it with --replace, "
                f"or first: npswatch schedule remove {plan.market}"
            )
        timing = plan.timing
        row = (plan.market, timing.rule.value, timing.words, plan.missed.value, plan.jitter, iso(plan.since), plan.salt)
        self._write("INSERT OR REPLACE INTO plans VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def remove(self, market: str) -> None:
        """Forgets a plan; its history stays. Raises BadInput when there is none."""
        if not self._write("DELETE FROM plans WHERE market = ?", (market,)):
            known = ", ".join(plan.market for plan in self.plans()) or "none"
            raise BadInput(f"{market} is not planned; planned are: {known}")

    def save(self, entry: RunEntry) -> None:
        """Keeps a line of the history as it stands now. Raises BookUnwritable."""
        row = {name: getattr(entry, name) for name in ("id", "market", "times", "exit_code", "cut_short")}
        row |= {name: time and iso(time) for name, time in ((name, getattr(entry, name)) for name in _TIMES)}
        row |= {"verdict": entry.verdict.value, "reasons": json.dumps(entry.reasons), "run": json.dumps(entry.run)}
        self._write(
            "INSERT OR REPLACE INTO history VALUES (:id, :market, :planned, :planned_until, :times, :started, :ended,"
            " :exit_code, :verdict, :reasons, :cut_short, :run)",
            row,
        )

    def history(self, market: str | None = None, limit: int = 1_000_000) -> list[RunEntry]:
        """The latest lines of the history, the newest first; of one market or of all."""
        rows = self._all(
            "SELECT * FROM history WHERE :market IS NULL OR market = :market"
            " ORDER BY planned_until DESC, started DESC, id LIMIT :limit",
            {"market": market, "limit": limit},
        )
        return [_entry(row) for row in rows]

    def unfinished(self) -> list[RunEntry]:
        """The runs that were begun and of whose end nothing is known."""
        rows = self._all("SELECT * FROM history WHERE verdict = ?", (Verdict.RUNNING.value,))
        return [_entry(row) for row in rows]

    def accounted(self, plan: Plan, now: datetime) -> datetime:
        """Up to which time each planned run of a plan stands in the history.

        Lines of a time to come are from before the clock was set back, and do not count.
        """
        row = self._all(
            "SELECT MAX(planned_until) FROM history WHERE market = ? AND planned >= ? AND planned_until <= ?",
            (plan.market, iso(plan.since), iso(now)),
        )[0]
        return datetime.fromisoformat(row[0]) if row[0] else plan.since - _INSTANT

    def close(self) -> None:
        """Closes the file."""
        self._db.close()

    def _all(self, query: str, values: _Values = ()) -> list[sqlite3.Row]:
        with self._mapped():
            return self._db.execute(query, values).fetchall()

    def _write(self, statement: str, values: _Values) -> int:
        with self._mapped():
            return self._db.execute(statement, values).rowcount

    @contextmanager
    def _mapped(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise BookUnwritable(f"{self._path}: {error}") from error


def new_salt() -> str:
    """What a plan's jitter is drawn from."""
    return secrets.token_hex(8)


def _plan(row: sqlite3.Row) -> Plan:
    return Plan(
        market=row["market"],
        timing=Timing(rule=Rule(row["rule"]), words=row["words"]),
        missed=Missed(row["missed"]),
        jitter=row["jitter"],
        since=datetime.fromisoformat(row["since"]),
        salt=row["salt"],
    )


def _entry(row: sqlite3.Row) -> RunEntry:
    times = {name: row[name] and datetime.fromisoformat(row[name]) for name in _TIMES}
    read = {"verdict": Verdict(row["verdict"]), "reasons": tuple(json.loads(row["reasons"]))}
    read |= {"cut_short": bool(row["cut_short"]), "run": json.loads(row["run"])}
    return RunEntry(**dict(row) | times | read)
