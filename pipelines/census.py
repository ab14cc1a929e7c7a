"""What each pass over a market looked at and saw: which lists answered, which listings they showed, what they counted.

A pass goes on over several runs when a run was cut short, and is complete when every list was walked to its end. Its
moments are counted in pages read, not in seconds: a clock may be set.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from crawler.model.database import open_state

_SCHEMA = """
CREATE TABLE IF NOT EXISTS passes (
    number INTEGER PRIMARY KEY, pages INTEGER NOT NULL DEFAULT 0, complete INTEGER NOT NULL DEFAULT 0,
    ended INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS lists (
    pass INTEGER NOT NULL, page TEXT NOT NULL, source TEXT NOT NULL, root TEXT NOT NULL, following TEXT,
    moment INTEGER NOT NULL, answered INTEGER NOT NULL, PRIMARY KEY (pass, page)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS shown (
    pass INTEGER NOT NULL, page TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (pass, page, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS shown_id ON shown (pass, id);
CREATE TABLE IF NOT EXISTS opened (
    pass INTEGER NOT NULL, id TEXT NOT NULL, PRIMARY KEY (pass, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counted (
    pass INTEGER NOT NULL, root TEXT NOT NULL, listings INTEGER NOT NULL, PRIMARY KEY (pass, root)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS aliases (alias TEXT PRIMARY KEY, id TEXT NOT NULL) WITHOUT ROWID;
"""
_KEPT = 8
LISTS, VENDORS = "lists", "vendors"


@dataclass(frozen=True, kw_only=True, slots=True)
class Walk:
    """What the pages of one source (lists of the market, or pages of vendors) showed in a pass.

    ``at`` is the mean moment of what was shown, ``opening`` that of the first pages of its lists, as shares of the
    pass; ``pages`` answered, ``failed`` did not.
    """

    source: str
    seen: frozenset[str]
    at: float
    opening: float
    pages: int
    failed: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Printed:
    """The counts the market prints on its own lists, and how many of those listings were seen there."""

    lists: int
    counted: int
    seen: int


class Census:
    """The passes over one market. Raises NoSpace where its file cannot be written."""

    def __init__(self, path: Path | None) -> None:
        self._db = open_state(path, _SCHEMA)
        self.number = 0

    def begin(self, *, resumed: bool) -> int:
        """The number of the pass that goes on, or of a new one."""
        last = self._db.execute("SELECT number, ended FROM passes ORDER BY number DESC LIMIT 1").fetchone()
        if last is not None and resumed and not last[1]:
            self.number = int(last[0])
            return self.number
        self.number = 1 + (int(last[0]) if last else 0)
        self._db.execute("INSERT INTO passes (number) VALUES (?)", (self.number,))
        self._forget(self.number - _KEPT)
        return self.number

    def turn_page(self) -> int:
        """The moment of the page just read: how many were read in this pass."""
        row = self._db.execute("UPDATE passes SET pages = pages + 1 WHERE number = ? RETURNING pages", (self.number,))
        return int(row.fetchone()[0])

    def walked(self, page: str, source: str, following: str | None, ids: Iterable[str], moment: int) -> None:
        """A page of a list answered and showed these listings; ``following`` is the next page of the same list."""
        self._db.execute(
            "INSERT OR REPLACE INTO lists VALUES (?, ?, ?, ?, ?, ?, 1)",
            (self.number, page, source, self._root(page), following, moment),
        )
        rows = [(self.number, page, id_) for id_ in ids]
        self._db.executemany("INSERT OR IGNORE INTO shown VALUES (?, ?, ?)", rows)

    def failed(self, page: str, source: str, moment: int) -> None:
        """A page of a list was asked for in vain; one that answered in this pass already is left as it is."""
        self._db.execute(
            "INSERT OR IGNORE INTO lists VALUES (?, ?, ?, ?, NULL, ?, 0)",
            (self.number, page, source, self._root(page), moment),
        )

    def opened(self, id_: str, alias: str | None) -> None:
        """A listing's own page was read; ``alias`` is its id by the address the market links it with."""
        self._db.execute("INSERT OR IGNORE INTO opened VALUES (?, ?)", (self.number, id_))
        if alias not in (None, id_):
            self._db.execute("INSERT OR REPLACE INTO aliases VALUES (?, ?)", (alias, id_))

    def counted(self, page: str, listings: int) -> None:
        """A page prints that a list (its own, or one it links to) holds so many listings; the last word counts."""
        self._db.execute("INSERT OR REPLACE INTO counted VALUES (?, ?, ?)", (self.number, self._root(page), listings))

    def shown_ids(self) -> frozenset[str]:
        """The listings any list of this pass showed."""
        return self._ids("SELECT DISTINCT id FROM shown WHERE pass = ?", self.number)

    def opened_ids(self) -> frozenset[str]:
        """The listings whose own page was read in this pass."""
        return self._ids("SELECT id FROM opened WHERE pass = ?", self.number)

    def walks(self) -> list[Walk]:
        """What each source showed in this pass."""
        pages = self._db.execute("SELECT MAX(pages, 1) FROM passes WHERE number = ?", (self.number,)).fetchone()[0]
        return [walk for source in (LISTS, VENDORS) if (walk := self._walk(source, int(pages))).pages]

    def printed(self) -> Printed | None:
        """The market's own counts against what was seen, over the lists that print one and were walked."""
        rows = self._db.execute(
            "SELECT c.listings, COUNT(DISTINCT s.id) FROM counted c"
            " JOIN lists l ON l.pass = c.pass AND l.root = c.root AND l.answered"
            " LEFT JOIN shown s ON s.pass = l.pass AND s.page = l.page WHERE c.pass = ? GROUP BY c.root",
            (self.number,),
        ).fetchall()
        if not rows:
            return None
        seen = sum(min(listings, shown) for listings, shown in rows)
        return Printed(lists=len(rows), counted=sum(listings for listings, _ in rows), seen=seen)

    def end(self, *, finished: bool) -> bool:
        """Whether the pass is complete: it was not cut short, no list failed or broke off, none of the last is missing.

        A pass that was cut short goes on with the next run that resumes.
        """
        complete = finished and not self._broken() and not self._roots_missing()
        self._db.execute(
            "UPDATE passes SET complete = ?, ended = ? WHERE number = ?", (complete, finished, self.number)
        )
        return complete

    def complete_passes(self, most: int) -> list[frozenset[str]]:
        """What the lists showed in each of the last complete passes, oldest first."""
        query = "SELECT number FROM passes WHERE complete ORDER BY number DESC LIMIT ?"
        numbers = [int(row[0]) for row in self._db.execute(query, (most,))]
        return [self._ids("SELECT DISTINCT id FROM shown WHERE pass = ?", number) for number in reversed(numbers)]

    def close(self) -> None:
        """Closes the file."""
        self._db.close()

    def _walk(self, source: str, pages: int) -> Walk:
        query = "SELECT page, moment, answered, page = root FROM lists WHERE pass = ? AND source = ?"
        rows = self._db.execute(query, (self.number, source)).fetchall()
        shown = "SELECT COUNT(*) FROM shown WHERE pass = ? AND page = ?"
        cards = [
            (moment, self._db.execute(shown, (self.number, page)).fetchone()[0]) for page, moment, ok, _ in rows if ok
        ]
        total = sum(count for _, count in cards)
        openings = [moment for _, moment, ok, is_first in rows if ok and is_first]
        return Walk(
            source=source,
            seen=self._ids(
                "SELECT DISTINCT s.id FROM shown s JOIN lists l ON l.pass = s.pass AND l.page = s.page"
                " WHERE s.pass = ? AND l.source = ?",
                self.number,
                source,
            ),
            at=sum(moment * count for moment, count in cards) / total / pages if total else 0.0,
            opening=fmean(openings) / pages if openings else 0.0,
            pages=len(cards),
            failed=len(rows) - len(cards),
        )

    def _ids(self, query: str, *values: object) -> frozenset[str]:
        aliases = dict(self._db.execute("SELECT alias, id FROM aliases"))
        return frozenset(aliases.get(id_, id_) for (id_,) in self._db.execute(query, values))

    def _root(self, page: str) -> str:
        """The first page of the list a page belongs to, as far as this pass has walked it."""
        query = "SELECT root FROM lists WHERE pass = ? AND following = ?"
        row = self._db.execute(query, (self.number, page)).fetchone()
        return str(row[0]) if row else page

    def _broken(self) -> bool:
        query = (
            "SELECT 1 FROM lists l WHERE l.pass = ? AND l.source = ? AND (NOT l.answered OR l.following IS NOT NULL"
            " AND NOT EXISTS (SELECT 1 FROM lists n WHERE n.pass = l.pass AND n.page = l.following)) LIMIT 1"
        )
        walked = "SELECT 1 FROM lists WHERE pass = ? AND source = ? AND answered LIMIT 1"
        any_list = self._db.execute(walked, (self.number, LISTS)).fetchone()
        return any_list is None or self._db.execute(query, (self.number, LISTS)).fetchone() is not None

    def _roots_missing(self) -> bool:
        query = (
            "SELECT 1 FROM lists b WHERE b.source = ? AND b.page = b.root AND b.pass ="
            " (SELECT MAX(number) FROM passes WHERE complete AND number < ?)"
            " AND NOT EXISTS (SELECT 1 FROM lists n WHERE n.pass = ? AND n.page = b.page) LIMIT 1"
        )
        return self._db.execute(query, (LISTS, self.number, self.number)).fetchone() is not None

    def _forget(self, before: int) -> None:
        self._db.execute("DELETE FROM passes WHERE number <= ?", (before,))
        for table in ("lists", "shown", "opened", "counted"):
            self._db.execute(f"DELETE FROM {table} WHERE pass <= ?", (before,))  # noqa: S608
