"""The case book of a home: cases opened, added to, noted and handed out; nothing in it is ever changed or removed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from casework.cases.acts import ADDED, CREATED, EXPORTED, NOTED, Act, digest_of, next_act
from casework.cases.case import Case, Snapshot, checked_line, checked_note, checked_number
from casework.cases.gathering import Leads, found_leads, named_leads
from casework.cases.handling import DEFAULT_HANDLING, handling_named
from crawler.model.errors import BadInput
from crawler.model.plain import iso
from index.store import Store

DEFAULT_LIMIT = 100
_BUSY_SECONDS = 30.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS acts (
    number TEXT NOT NULL, key TEXT NOT NULL, sequence INTEGER NOT NULL, time TEXT NOT NULL, officer TEXT NOT NULL,
    act TEXT NOT NULL, detail TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL,
    PRIMARY KEY (key, sequence)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS snapshots (
    place INTEGER PRIMARY KEY, key TEXT NOT NULL, added INTEGER NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
    digest TEXT NOT NULL, body TEXT NOT NULL,
    UNIQUE (key, kind, id, digest)
);
CREATE TRIGGER IF NOT EXISTS acts_stay BEFORE UPDATE ON acts BEGIN SELECT RAISE(ABORT, 'acts are only added'); END;
CREATE TRIGGER IF NOT EXISTS acts_last BEFORE DELETE ON acts BEGIN SELECT RAISE(ABORT, 'acts are only added'); END;
CREATE TRIGGER IF NOT EXISTS snapshots_stay BEFORE UPDATE ON snapshots
    BEGIN SELECT RAISE(ABORT, 'snapshots are only added'); END;
CREATE TRIGGER IF NOT EXISTS snapshots_last BEFORE DELETE ON snapshots
    BEGIN SELECT RAISE(ABORT, 'snapshots are only added'); END;
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Added:
    """What an addition did: how many leads the query found or were named, how many were new, all documents kept."""

    found: int
    named: int
    fresh: int
    documents: int


class CaseBook:
    """The cases below a home's folder, in ``cases/cases.db``. Methods may be called from several threads.

    Every method raises BadInput where the file cannot be read or written; nothing is half done then.
    """

    def __init__(self, home_folder: Path) -> None:
        self._path = home_folder / "cases" / "cases.db"

    def new_case(self, number: str, *, title: str, officer: str, handling: str = DEFAULT_HANDLING) -> Case:
        """The case opened. Raises BadInput for one that exists and for a number, title or code that cannot be."""
        number, title = checked_number(number), checked_line(title, "title")
        detail = {"title": title, "handling": handling_named(handling).code}
        with self._write() as db:
            taken = _number_of(db, number)
            if taken is not None:
                raise BadInput(f"case {taken} exists; add to it with: npswatch case add {taken} …")
            _write_act(db, number, officer, CREATED, detail)
        return self.case(number)

    def add_to_case(self, number: str, kind: str, ids: Sequence[str], *, store: Store, officer: str) -> Added:
        """Listings, vendors or captures added by id, each with what belongs to it, as the index has them now.

        An id may be cut short as long as one document begins with it. Raises BadInput naming an id nobody has.
        """
        self.case(number)
        return self._add(number, named_leads(store, kind, ids), officer)

    def add_found(
        self, number: str, kind: str, query: str, *, store: Store, officer: str, limit: int = DEFAULT_LIMIT
    ) -> Added:
        """The first ``limit`` documents a query finds, added. Raises BadQuery, and BadInput where it finds none."""
        self.case(number)
        return self._add(number, found_leads(store, kind, query, limit), officer)

    def note(self, number: str, text: str, *, officer: str) -> Act:
        """A note written into the case. Raises BadInput for an empty or endless one."""
        with self._write() as db:
            return _write_act(db, _known(db, number), officer, NOTED, {"note": checked_note(text)})

    def record_export(self, number: str, *, officer: str, detail: dict[str, Any]) -> Act:
        """The act of handing out, with what identifies the folder that was made."""
        with self._write() as db:
            return _write_act(db, _known(db, number), officer, EXPORTED, detail)

    def cases(self) -> tuple[Case, ...]:
        """All cases with their acts, the one that changed last first; their snapshots are left out, `case` has them."""
        with self._connected() as db:
            numbers = [row[0] for row in db.execute("SELECT DISTINCT number FROM acts")]
            found = [Case(number=number, acts=_read_acts(db, number)) for number in numbers]
        return tuple(sorted(found, key=lambda case: (case.acts[-1].time, case.number), reverse=True))

    def case(self, number: str) -> Case:
        """The case of that number. Raises BadInput when there is none."""
        with self._connected() as db:
            return _read_case(db, _known(db, number))

    def _add(self, number: str, leads: Leads, officer: str) -> Added:
        with self._write() as db:
            known = _known(db, number)
            case = _read_case(db, known)
            have = {(each.kind, each.id, each.digest) for each in case.snapshots}
            snapshots = [(kind, id_, digest_of(body), body) for kind, id_, body in leads.documents]
            fresh = [each for each in snapshots if each[:3] not in have]
            added = Added(
                found=leads.found,
                named=len(leads.ids),
                fresh=len(set(leads.ids) - case.named_ids(leads.kind)),
                documents=len(fresh),
            )
            if fresh or added.fresh:
                chained = [{"kind": kind, "id": id_, "digest": digest} for kind, id_, digest, _ in fresh]
                detail: dict[str, Any] = {"kind": leads.kind, "ids": list(leads.ids), "snapshots": chained}
                detail |= {"query": leads.query, "found": leads.found} if leads.query is not None else {}
                act = _write_act(db, known, officer, ADDED, detail)
                _write_snapshots(db, known, act.sequence, fresh)
        return added

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        with self._connected() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            db = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)
            try:
                db.executescript(_SCHEMA)
                yield db
            finally:
                db.close()
        except (sqlite3.Error, OSError) as error:
            raise BadInput(f"the case book {self._path} cannot be used: {error}") from error


def _key(number: str) -> str:
    return checked_number(number).casefold()


def _number_of(db: sqlite3.Connection, number: str) -> str | None:
    row = db.execute("SELECT number FROM acts WHERE key = ? AND sequence = 1", (_key(number),)).fetchone()
    return None if row is None else str(row[0])


def _known(db: sqlite3.Connection, number: str) -> str:
    found = _number_of(db, number)
    if found is None:
        raise BadInput(f"there is no case {number!r}; open it with: npswatch case new NUMBER --title TITLE")
    return found


def _read_case(db: sqlite3.Connection, number: str) -> Case:
    snapshots = db.execute(
        "SELECT kind, id, digest, added, body FROM snapshots WHERE key = ? ORDER BY place", (_key(number),)
    )
    return Case(
        number=number,
        acts=_read_acts(db, number),
        snapshots=tuple(
            Snapshot(kind=kind, id=id_, digest=digest, added=added, body=json.loads(body))
            for kind, id_, digest, added, body in snapshots
        ),
    )


def _read_acts(db: sqlite3.Connection, number: str) -> tuple[Act, ...]:
    rows = db.execute("SELECT * FROM acts WHERE key = ? ORDER BY sequence", (_key(number),))
    return tuple(_act(row) for row in rows)


def _act(row: tuple[Any, ...]) -> Act:
    number, _, sequence, time, officer, act, detail, previous, hash_ = row
    return Act(
        case=number,
        sequence=sequence,
        time=time,
        officer=officer,
        act=act,
        detail=json.loads(detail),
        previous=previous,
        hash=hash_,
    )


def _write_act(db: sqlite3.Connection, number: str, officer: str, act: str, detail: dict[str, Any]) -> Act:
    row = db.execute("SELECT * FROM acts WHERE key = ? ORDER BY sequence DESC LIMIT 1", (_key(number),)).fetchone()
    before = _act(row) if row else None
    written = next_act(
        before,
        case=number,
        time=_not_before(before),
        officer=checked_line(officer, "officer"),
        act=act,
        detail=detail,
    )
    db.execute(
        "INSERT INTO acts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(number, _key(number), written.sequence, written.time, written.officer, written.act),
            *(json.dumps(detail, ensure_ascii=False), written.previous, written.hash),
        ),
    )
    return written


def _not_before(act: Act | None) -> str:
    """The time now; a clock set back does not turn the order of acts around."""
    now = iso(datetime.now(UTC))
    return now if act is None else max(now, act.time)


def _write_snapshots(
    db: sqlite3.Connection, number: str, added: int, snapshots: Sequence[tuple[str, str, str, dict[str, Any]]]
) -> None:
    db.executemany(
        "INSERT INTO snapshots (key, added, kind, id, digest, body) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (_key(number), added, kind, id_, digest, json.dumps(body, ensure_ascii=False))
            for kind, id_, digest, body in snapshots
        ],
    )
