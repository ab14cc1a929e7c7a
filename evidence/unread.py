"""Captures that were kept and not yet read: what a process that died leaves behind, found again by the next run."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crawler.model.database import open_state
from crawler.model.errors import BadResult
from crawler.model.plain import plain
from crawler.model.sighting import Capture
from evidence.members import member_at
from evidence.responses import capture_in

_LOG = logging.getLogger(__name__)
_SCHEMA = """
CREATE TABLE IF NOT EXISTS unread (record_id TEXT PRIMARY KEY, run TEXT NOT NULL, capture TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS open_archives (run TEXT PRIMARY KEY, warc TEXT NOT NULL, end INTEGER NOT NULL);
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Leftovers:
    """What earlier processes left: the captures nobody read, oldest first, and the runs that were cut off."""

    captures: tuple[Capture, ...]
    runs: tuple[str, ...]


class UnreadCaptures:
    """One market's captures between the archive and the outbox, in ``captures.db`` of its state folder.

    A capture is added when its record is on the disk and settled when its document is in the outbox. A process that
    dies between record and addition leaves a record beyond the end noted here, which `leftovers` finds.
    """

    def __init__(self, path: Path, captures_folder: Path) -> None:
        self._db = open_state(path, _SCHEMA)
        self._folder = captures_folder

    def begin(self, run: str, warc: str, end: int) -> None:
        """Notes that a run writes an archive which so far has so many bytes."""
        self._db.execute("INSERT OR REPLACE INTO open_archives VALUES (?, ?, ?)", (run, warc, end))

    def add(self, capture: Capture, end: int) -> None:
        """Notes a capture as unread; its archive ends there now. Raises NoSpace."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._insert(capture)
            self._db.execute("UPDATE open_archives SET end = ? WHERE run = ?", (end, capture.run))
            self._db.execute("COMMIT")
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    def settle(self, capture: Capture) -> None:
        """The capture has its document."""
        self._db.execute("DELETE FROM unread WHERE record_id = ?", (capture.record_id,))

    def unread(self, run: str | None = None) -> tuple[Capture, ...]:
        """The captures nobody has read yet, of one run or of all, in the order they were made."""
        rows = self._db.execute("SELECT run, capture FROM unread ORDER BY rowid").fetchall()
        return tuple(_from_json(body) for of, body in rows if run in (None, of))

    def leftovers(self) -> Leftovers:
        """What the runs before left behind; their archives are closed. A torn last record is cut off and said."""
        runs = self._db.execute("SELECT run, warc, end FROM open_archives ORDER BY rowid").fetchall()
        for run, warc, end in runs:
            for capture in self._beyond(run, warc, end):
                self._insert(capture)
            self._db.execute("DELETE FROM open_archives WHERE run = ?", (run,))
        return Leftovers(captures=self.unread(), runs=tuple(str(run) for run, _, _ in runs))

    def end(self, run: str) -> None:
        """Notes that a run ended in order."""
        self._db.execute("DELETE FROM open_archives WHERE run = ?", (run,))

    def close(self) -> None:
        """Closes the file."""
        self._db.close()

    def _insert(self, capture: Capture) -> None:
        row = (capture.record_id, capture.run, _to_json(capture))
        self._db.execute("INSERT OR IGNORE INTO unread VALUES (?, ?, ?)", row)

    def _beyond(self, run: str, warc: str, end: int) -> Iterator[Capture]:
        path = self._folder / warc
        if not path.is_file():
            _LOG.warning("%s is not on this machine: what it holds beyond its known end is not read here", warc)
            return
        with path.open("r+b") as file:
            try:
                while (member := member_at(file, end)) is not None:
                    capture = capture_in(member, warc, run)
                    end += len(member.raw)
                    if capture is not None:
                        yield capture
            except BadResult as error:
                _LOG.warning("%s: %s; cut off there, its page is fetched again", warc, error)
                file.truncate(end)


def _to_json(capture: Capture) -> str:
    return json.dumps(plain(capture), ensure_ascii=False)


def _from_json(text: str) -> Capture:
    fields = json.loads(text)
    return Capture(**fields | {"time": datetime.fromisoformat(fields["time"])})
