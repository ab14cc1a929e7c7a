"""The embedded store: one SQLite file with full text (FTS5), values in a table of their own, bodies as JSON.

Bodies are the truth; everything else is made from them. When the fields or the folding change, the file is rebuilt
from its bodies at the next opening.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, LifoQueue

from crawler.model.errors import StoreUnavailable
from crawler.model.sighting import Document
from index.entry import Entry, Unfit, entry
from index.fields import Field, Kind, field_table_digest, kind_named, kinds
from index.query import Node, Sort, parse, parse_sort, scored
from index.series import Interval, facet_field, points_of, series_fields
from index.sqlite_query import Sql, column, where
from index.sqlite_search import Found, by_value, by_words, counted, found
from index.store import Body, Hits, Point, Rejection

_BUSY_SECONDS = 30.0
_SCAN_PAGE = 500
_IDS_AT_ONCE = 500
_TABLES = """
CREATE TABLE IF NOT EXISTS document (number INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL,
    body TEXT NOT NULL, UNIQUE (kind, id));
CREATE TABLE IF NOT EXISTS slot (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS value (slot INTEGER NOT NULL, key NOT NULL, doc INTEGER NOT NULL, shown TEXT NOT NULL,
    PRIMARY KEY (slot, key, doc, shown)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS value_of ON value (doc, slot);
CREATE TABLE IF NOT EXISTS made_with (digest TEXT NOT NULL);
"""


class SqliteStore:
    """A store in one file; made with its folders where it is missing. Keeps the contract of `index.store.Store`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: LifoQueue[sqlite3.Connection] = LifoQueue()
        self._writing = threading.Lock()
        self._slots: dict[str, int] = {}
        self._closed = False
        with self._reaching():
            path.parent.mkdir(parents=True, exist_ok=True)
        with self._transaction() as db:
            self._prepare(db)

    def put(self, documents: Sequence[Document]) -> tuple[Rejection, ...]:
        """See `index.store.Store.put`; all the documents that fit are written in one transaction."""
        entries, rejected = _fitting(documents)
        if entries:
            with self._transaction() as db:
                for made in entries:
                    self._write(db, made)
        return tuple(rejected)

    def get(self, kind: str, id: str) -> Body | None:  # noqa: A002
        """See `index.store.Store.get`."""
        return self.get_many(kind, [id]).get(id)

    def get_many(self, kind: str, ids: Sequence[str]) -> dict[str, Body]:
        """See `index.store.Store.get_many`."""
        kind_named(kind)
        found: dict[str, Body] = {}
        with self._reading() as db:
            for start in range(0, len(ids), _IDS_AT_ONCE):
                some = ids[start : start + _IDS_AT_ONCE]
                marks = ",".join("?" * len(some))
                text = f"SELECT kind, id, body FROM document WHERE kind = ? AND id IN ({marks})"  # noqa: S608
                rows = db.execute(text, (kind, *some))
                found.update((row[1], _body(row)) for row in rows)
        return found

    def search(
        self, query: str, *, kind: str = "listing", limit: int = 20, offset: int = 0, sort: str | None = None
    ) -> Hits:
        """See `index.store.Store.search`."""
        node, condition = self._condition(query, kind)
        asked = parse_sort(sort, kind) if sort else None
        page = slice(max(offset, 0), max(offset, 0) + max(limit, 0))
        with self._reading() as db, found(db, kind_named(kind), node, condition) as hits:
            numbers = self._page(db, kind_named(kind), hits, node, asked, page) if page.start < hits.total else []
            return Hits(total=hits.total, bodies=tuple(_body_at(db, number) for number in numbers))

    def scan(self, query: str, kind: str = "listing") -> Iterator[Body]:
        """See `index.store.Store.scan`; reads a page at a time, so that writers are not held up."""
        _, condition = self._condition(query, kind)
        text = (
            f"SELECT d.kind, d.id, d.body FROM document d WHERE d.kind = ? AND d.id > ? AND ({condition.text})"  # noqa: S608
            " ORDER BY d.id LIMIT ?"
        )
        last, full = "", True
        while full:
            with self._reading() as db:
                rows = db.execute(text, (kind, last, *condition.values, _SCAN_PAGE)).fetchall()
            yield from (_body(row) for row in rows)
            full = len(rows) == _SCAN_PAGE
            last = rows[-1][1] if rows else last

    def count(self, query: str, kind: str = "listing") -> int:
        """See `index.store.Store.count`."""
        _, condition = self._condition(query, kind)
        text = f"SELECT count(*) FROM document d WHERE d.kind = ? AND ({condition.text})"  # noqa: S608
        with self._reading() as db:
            return int(db.execute(text, (kind, *condition.values)).fetchone()[0])

    def facets(
        self, query: str, fields: Sequence[str], kind: str = "listing", size: int = 20
    ) -> dict[str, list[tuple[str, int]]]:
        """See `index.store.Store.facets`."""
        node, condition = self._condition(query, kind)
        asked = [facet_field(name, kind_named(kind)) for name in fields]
        with self._reading() as db, found(db, kind_named(kind), node, condition) as hits:
            return {field.name: counted(db, hits, self._slot(kind, field), size) for field in asked}

    def series(
        self,
        query: str,
        *,
        kind: str = "listing",
        time_field: str,
        value_field: str,
        interval: str = "week",
        percentiles: Sequence[float] = (),
    ) -> list[Point]:
        """See `index.store.Store.series`; percentiles are exact, between two values in proportion."""
        _, condition = self._condition(query, kind)
        time, value = series_fields(time_field, value_field, kind_named(kind))
        text = (
            "SELECT t.key, v.key FROM value v JOIN value t ON t.doc = v.doc AND t.slot = ? "  # noqa: S608
            f"JOIN document d ON d.number = v.doc WHERE v.slot = ? AND d.kind = ? AND ({condition.text})"
        )
        slots = (self._slot(kind, time), self._slot(kind, value))
        with self._reading() as db:
            pairs = db.execute(text, (*slots, kind, *condition.values)).fetchall()
        return points_of(pairs, Interval.named(interval), percentiles)

    def refresh(self) -> None:
        """Nothing: what is put here is found at once."""

    def close(self) -> None:
        """Nothing; every connection is closed."""
        self._closed = True
        while True:
            try:
                self._idle.get_nowait().close()
            except Empty:
                return

    def _condition(self, query: str, kind: str) -> tuple[Node, Sql]:
        node = parse(query, kind)
        return node, where(node, kind_named(kind), lambda field: self._slot(kind, field))

    def _page(
        self, db: sqlite3.Connection, kind: Kind, hits: Found, node: Node, sort: Sort | None, page: slice
    ) -> list[int]:
        """The numbers of one page: by words where the query has some and no sort is asked for, else by a value."""
        phrases = scored(node)
        if sort is None and phrases:
            return by_words(db, kind, hits, phrases, page)
        sort = sort or Sort(field=kind.fields[kind.newest], descending=True)
        return by_value(db, hits, self._slot(kind.name, sort.field), page, descending=sort.descending)

    def _slot(self, kind: str, field: Field) -> int:
        return self._slots[f"{kind}.{field.name}"]

    def _write(self, db: sqlite3.Connection, made: Entry) -> None:
        document = made.document
        key = (document.kind, document.id)
        row = db.execute("SELECT number FROM document WHERE kind = ? AND id = ?", key).fetchone()
        if row:
            db.execute("UPDATE document SET body = ? WHERE number = ?", (made.json, row[0]))
            db.execute("DELETE FROM value WHERE doc = ?", row)
            db.execute(f"DELETE FROM words_{document.kind} WHERE rowid = ?", row)  # noqa: S608
        else:
            row = (db.execute("INSERT INTO document (kind, id, body) VALUES (?, ?, ?)", (*key, made.json)).lastrowid,)
        self._write_entry(db, made, int(row[0]))

    def _write_entry(self, db: sqlite3.Connection, made: Entry, number: int) -> None:
        kind = kinds()[made.document.kind]
        db.executemany(
            "INSERT OR IGNORE INTO value (slot, key, doc, shown) VALUES (?, ?, ?, ?)",
            [
                (self._slots[f"{kind.name}.{name}"], value.key, number, value.shown or "")
                for name, values in made.values.items()
                for value in values
            ],
        )
        texts = [made.text.get(field.name, "") for field in kind.text_fields()]
        marks = ",".join("?" * (len(texts) + 1))
        columns = ",".join(column(field) for field in kind.text_fields())
        db.execute(f"INSERT INTO words_{kind.name} (rowid, {columns}) VALUES ({marks})", (number, *texts))  # noqa: S608

    def _prepare(self, db: sqlite3.Connection) -> None:
        for statement in _TABLES.split(";"):
            db.execute(statement)
        made_with = db.execute("SELECT digest FROM made_with").fetchone()
        if made_with is not None and made_with[0] != field_table_digest():
            self._forget(db)
        self._make_tables(db)
        if made_with is None or made_with[0] != field_table_digest():
            self._rebuild(db)
            db.execute("INSERT INTO made_with VALUES (?)", (field_table_digest(),))

    def _forget(self, db: sqlite3.Connection) -> None:
        old = db.execute("SELECT name FROM sqlite_master WHERE name LIKE 'words_%' AND sql LIKE 'CREATE VIRTUAL%'")
        for (name,) in old.fetchall():
            db.execute(f"DROP TABLE {name}")
        for table in ("value", "slot", "made_with"):
            db.execute(f"DELETE FROM {table}")  # noqa: S608

    def _make_tables(self, db: sqlite3.Connection) -> None:
        for kind in kinds().values():
            columns = ", ".join(column(field) for field in kind.text_fields())
            db.execute(
                f"CREATE VIRTUAL TABLE IF NOT EXISTS words_{kind.name} USING fts5"
                f"({columns}, tokenize = \"ascii tokenchars '_'\")"
            )
            for name in kind.fields:
                db.execute("INSERT OR IGNORE INTO slot (name) VALUES (?)", (f"{kind.name}.{name}",))
        self._slots = dict(db.execute("SELECT name, number FROM slot"))

    def _rebuild(self, db: sqlite3.Connection) -> None:
        rows = db.execute("SELECT number, kind, id, body FROM document")
        for number, kind, id_, body in rows:
            self._write_entry(db, entry(Document(kind=kind, id=id_, body=json.loads(body))), number)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._reaching():
            db = self._connection()
            try:
                yield db
            finally:
                self._give_back(db)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._writing, self._reading() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            finally:
                if db.in_transaction:
                    db.execute("ROLLBACK")

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise StoreUnavailable(f"the index file {self._path} cannot be used: {error}") from error

    def _connection(self) -> sqlite3.Connection:
        try:
            return self._idle.get_nowait()
        except Empty:
            pass
        db = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA temp_store = MEMORY")
        db.execute("PRAGMA cache_size = -32000")
        return db

    def _give_back(self, db: sqlite3.Connection) -> None:
        if self._closed:
            db.close()
        else:
            self._idle.put(db)


def _fitting(documents: Sequence[Document]) -> tuple[list[Entry], list[Rejection]]:
    entries, rejected = [], []
    for document in documents:
        try:
            entries.append(entry(document))
        except Unfit as unfit:
            rejected.append(Rejection(kind=document.kind, id=document.id, reason=str(unfit)))
    return entries, rejected


def _body_at(db: sqlite3.Connection, number: int) -> Body:
    return _body(db.execute("SELECT kind, id, body FROM document WHERE number = ?", (number,)).fetchone())


def _body(row: tuple[str, str, str]) -> Body:
    return {**json.loads(row[2]), "id": row[1], "kind": row[0]}
