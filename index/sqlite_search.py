"""Hits of the embedded store in order, page by page, and their values counted.

What a query finds is collected once into a table of the connection (``hit``); everything else asks that table. A sort
over many hits walks the values in order and stops at the page's end; over few it looks up each hit's value.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby

from index.fields import Kind
from index.query import All, Node, Phrase
from index.sqlite_query import Sql, match_expression

_FEW = 2_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What a query found: how many, the SQL that lists their numbers, whether that is every document of the kind."""

    total: int
    numbers: Sql
    everything: bool

    def among(self, column: str) -> Sql:
        """A condition that the column's number was found; nothing to ask where everything was."""
        return Sql("1") if self.everything else Sql(f"{column} IN ({self.numbers.text})", self.numbers.values)


@contextmanager
def found(db: sqlite3.Connection, kind: Kind, node: Node, condition: Sql) -> Iterator[Found]:
    """What the query finds, from one moment: what others write meanwhile is not seen inside."""
    db.execute("CREATE TEMP TABLE IF NOT EXISTS hit (doc INTEGER PRIMARY KEY)")
    db.execute("BEGIN")
    try:
        yield _all(db, kind) if isinstance(node, All) else _collected(db, kind, condition)
    finally:
        db.execute("ROLLBACK")


def by_words(db: sqlite3.Connection, kind: Kind, hits: Found, phrases: tuple[Phrase, ...], page: slice) -> list[int]:
    """The page's numbers, best match first, ties by id; hits without any of the words last."""
    table = f"words_{kind.name}"
    words = " OR ".join(f"({match_expression(phrase)})" for phrase in phrases)
    among = hits.among(f"+{table}.rowid")  # + keeps SQLite from asking the full text once a hit
    matching = f"FROM {table} WHERE {table} MATCH ? AND {among.text}"
    text = (
        f"SELECT d.number FROM (SELECT rowid AS doc, bm25({table}) AS score {matching}) s "  # noqa: S608
        "JOIN document d ON d.number = s.doc ORDER BY s.score, d.id LIMIT ? OFFSET ?"
    )
    rows = db.execute(text, (words, *among.values, page.stop - page.start, page.start))
    numbers = [number for (number,) in rows]
    if len(numbers) == page.stop - page.start:
        return numbers
    with_words = db.execute(f"SELECT count(*) {matching}", (words, *among.values)).fetchone()[0]
    others = Sql(f"SELECT rowid FROM {table} WHERE {table} MATCH ?", (words,))  # noqa: S608
    return numbers + _not_in(db, hits, others, _rest_of(page, with_words))


def by_value(db: sqlite3.Connection, hits: Found, slot: int, page: slice, *, descending: bool) -> list[int]:
    """The page's numbers by the values of one field, those without one last, ties by id."""
    if hits.total <= _FEW:
        return _by_looking_up(db, hits, slot, page, descending=descending)
    numbers: dict[int, None] = {}
    for same in _walked(db, hits, slot, descending=descending):
        numbers.update(dict.fromkeys(number for _, number in sorted(same) if number not in numbers))
        if len(numbers) >= page.stop:
            return list(numbers)[page]
    having = Sql("SELECT doc FROM value WHERE slot = ?", (slot,))
    return list(numbers)[page] + _not_in(db, hits, having, _rest_of(page, len(numbers)))


def counted(db: sqlite3.Connection, hits: Found, slot: int, size: int) -> list[tuple[str, int]]:
    """The most common shown values of a field with their documents, most first, ties by value."""
    among = hits.among("doc")
    text = (
        f"SELECT shown, count(*) AS documents FROM value WHERE slot = ? AND shown != '' AND {among.text} "  # noqa: S608
        "GROUP BY shown ORDER BY documents DESC, shown LIMIT ?"
    )
    return db.execute(text, (slot, *among.values, size)).fetchall()


def _all(db: sqlite3.Connection, kind: Kind) -> Found:
    total = db.execute("SELECT count(*) FROM document WHERE kind = ?", (kind.name,)).fetchone()[0]
    numbers = Sql("SELECT number AS doc FROM document WHERE kind = ?", (kind.name,))
    return Found(total=total, numbers=numbers, everything=True)


def _collected(db: sqlite3.Connection, kind: Kind, condition: Sql) -> Found:
    text = f"INSERT INTO temp.hit SELECT d.number FROM document d WHERE d.kind = ? AND ({condition.text})"  # noqa: S608
    total = db.execute(text, (kind.name, *condition.values)).rowcount
    return Found(total=total, numbers=Sql("SELECT doc FROM temp.hit"), everything=False)


def _by_looking_up(db: sqlite3.Connection, hits: Found, slot: int, page: slice, *, descending: bool) -> list[int]:
    best, way = ("max", "DESC") if descending else ("min", "ASC")
    text = (
        f"SELECT d.number, (SELECT {best}(key) FROM value WHERE slot = ? AND doc = d.number) AS best "  # noqa: S608
        f"FROM ({hits.numbers.text}) h JOIN document d ON d.number = h.doc "
        f"ORDER BY best IS NULL, best {way}, d.id LIMIT ? OFFSET ?"
    )
    rows = db.execute(text, (slot, *hits.numbers.values, page.stop - page.start, page.start))
    return [number for number, _ in rows]


def _walked(db: sqlite3.Connection, hits: Found, slot: int, *, descending: bool) -> Iterator[list[tuple[str, int]]]:
    """Id and number of the hits that share a value, value after value."""
    among = hits.among("v.doc")
    text = (
        f"SELECT v.key, d.id, v.doc FROM value v CROSS JOIN document d ON d.number = v.doc "  # noqa: S608
        f"WHERE v.slot = ? AND {among.text} ORDER BY v.key {'DESC' if descending else 'ASC'}"
    )
    rows = db.execute(text, (slot, *among.values))
    for _, same in groupby(rows, key=lambda row: row[0]):
        yield [(id_, number) for _, id_, number in same]


def _rest_of(page: slice, before: int) -> slice:
    """What of the page lies behind so many hits, counted from there."""
    return slice(max(page.start - before, 0), page.stop - before)


def _not_in(db: sqlite3.Connection, hits: Found, others: Sql, page: slice) -> list[int]:
    """The page of the hits that are not among the others, by id."""
    text = (
        f"SELECT d.number FROM ({hits.numbers.text}) h JOIN document d ON d.number = h.doc "  # noqa: S608
        f"WHERE d.number NOT IN ({others.text}) ORDER BY d.id LIMIT ? OFFSET ?"
    )
    rows = db.execute(text, (*hits.numbers.values, *others.values, page.stop - page.start, page.start))
    return [number for (number,) in rows]
