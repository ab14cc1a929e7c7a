"""What a home remembers of a market's health: the rates of each run, and the pages held in quarantine."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crawler.model.database import open_state
from crawler.model.plain import iso
from crawler.model.sighting import Capture, Sighting
from pipelines.health import FillRates, added, as_table

FILE = "health.db"
WAITING, HELD = "waiting", "held"
HELD_TABLE = "held"
LESSON = "lesson"
"""The doubt of a page that was read before its market had taught a lesson."""
_REMEMBERED = 10
_SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (
    run TEXT PRIMARY KEY, ended TEXT, verdict TEXT, pages INTEGER, held INTEGER, rates TEXT, alarms TEXT, reasons TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS held (
    record_id TEXT PRIMARY KEY, state TEXT, run TEXT, url TEXT, time TEXT, status INTEGER, digest TEXT, warc TEXT,
    offset INTEGER, length INTEGER, content_type TEXT, template TEXT, page_type TEXT, doubts TEXT, why TEXT
) WITHOUT ROWID;
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class RunHealth:
    """The health of one run: when it ended (ISO 8601), its verdict and why, its rates, its alarms, pages held back."""

    run: str
    ended: str
    verdict: str
    pages: int
    held: int
    rates: FillRates
    alarms: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldPage:
    """A page whose content is not in the index: its capture, the template that read it, and why it is held.

    ``state`` is ``waiting`` until its run has judged it, ``held`` once an alarm says that the market has changed.
    """

    capture: Capture
    state: str
    template: str | None
    page_type: str
    doubts: tuple[str, ...]
    why: str


class HealthBook:
    """The health of one market, in a file beside its frontier. Raises NoSpace where it cannot be written."""

    def __init__(self, folder: Path, market: str) -> None:
        self._market = market
        self._db = open_state(folder / FILE, _SCHEMA)

    def close(self) -> None:
        """Closes the file."""
        self._db.close()

    def runs(self, most: int = _REMEMBERED) -> list[RunHealth]:
        """The last runs, the newest first."""
        rows = self._db.execute(
            "SELECT run, ended, verdict, pages, held, rates, alarms, reasons FROM runs ORDER BY ended DESC, run DESC"
            " LIMIT ?",
            (most,),
        )
        return [
            RunHealth(
                run=run,
                ended=ended,
                verdict=verdict,
                pages=pages,
                held=held,
                rates=FillRates(**json.loads(rates)),
                alarms=tuple(json.loads(alarms)),
                reasons=tuple(json.loads(reasons)),
            )
            for run, ended, verdict, pages, held, rates, alarms, reasons in rows
        ]

    def expected(self) -> FillRates:
        """What a run may expect: the counts of the last runs without an alarm together."""
        return added(each.rates for each in self.runs() if not each.alarms)

    def enter(self, run: RunHealth) -> None:
        """Enters a run, once however often it is entered."""
        row = (run.run, run.ended, run.verdict, run.pages, run.held, json.dumps(as_table(run.rates)))
        self._db.execute(
            "INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (*row, json.dumps(run.alarms, ensure_ascii=False), json.dumps(run.reasons, ensure_ascii=False)),
        )

    def hold(self, item: Sighting, doubts: Iterable[str]) -> None:
        """Notes a page that waits for the judgement of its run."""
        at = item.capture
        if at is None:
            return
        self._db.execute(
            "INSERT OR REPLACE INTO held VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (at.record_id, WAITING, at.run, at.url, iso(at.time), at.status, at.payload_digest, at.warc, at.offset,
             at.length, at.content_type, item.raw.template, item.page.page_type.value, json.dumps(sorted(doubts)), ""),
        )  # fmt: skip

    def sentence(self, items: Iterable[Sighting], why: str) -> None:
        """Keeps pages in quarantine until somebody releases them."""
        ids = [(HELD, why, item.capture.record_id) for item in items if item.capture is not None]
        self._db.executemany("UPDATE held SET state = ?, why = ? WHERE record_id = ?", ids)

    def release(self, record_ids: Iterable[str]) -> None:
        """Forgets pages whose content is in the index now."""
        self._db.executemany("DELETE FROM held WHERE record_id = ?", [(each,) for each in record_ids])

    def held(self, state: str | None = None) -> list[HeldPage]:
        """The pages in quarantine, in the order they were captured; those in one state alone where it is named."""
        rows = self._db.execute(
            "SELECT record_id, state, run, url, time, status, digest, warc, offset, length, content_type, template,"
            " page_type, doubts, why FROM held WHERE ? IS NULL OR state = ? ORDER BY time, record_id",
            (state, state),
        )
        return [self._held(row) for row in rows]

    def _held(self, row: tuple[object, ...]) -> HeldPage:
        record_id, state, run, url, time, status, digest, warc, offset, length, kind, *reading = row
        template, page_type, doubts, why = reading
        capture = Capture(
            market=self._market,
            run=str(run),
            url=str(url),
            time=datetime.fromisoformat(str(time)),
            status=int(str(status)),
            payload_digest=str(digest),
            record_id=str(record_id),
            warc=str(warc),
            offset=int(str(offset)),
            length=int(str(length)),
            content_type=str(kind) if kind is not None else None,
        )
        return HeldPage(
            capture=capture,
            state=str(state),
            template=str(template) if template is not None else None,
            page_type=str(page_type),
            doubts=tuple(json.loads(str(doubts))),
            why=str(why),
        )
