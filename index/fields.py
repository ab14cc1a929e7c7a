"""The fields a query may name, for each kind of document: read from ``config/index/fields.tsv`` and ``kinds.tsv``."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from crawler.model.errors import BadInput

_TABLES = Path(__file__).parent.parent / "config" / "index"
_ALL_KINDS = "*"


class ValueType(StrEnum):
    """What a field holds: folded words, one string whose case does not matter, a number, a date, yes or no."""

    TEXT = "text"
    EXACT = "exact"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One field of one kind: its name in queries, where it stands in the body and how it is read.

    The first of ``paths`` gives facets; ``bare`` fields are where a word without a field name looks.
    """

    name: str
    value: ValueType
    paths: tuple[str, ...]
    bare: bool
    meaning: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """One kind of document: its fields by name, and the date whose newest comes first by default."""

    name: str
    newest: str
    meaning: str
    fields: dict[str, Field]

    def text_fields(self) -> tuple[Field, ...]:
        """The fields kept as folded words, in the table's order."""
        return tuple(field for field in self.fields.values() if field.value is ValueType.TEXT)

    def bare_fields(self) -> tuple[Field, ...]:
        """The fields where a word without a field name looks."""
        return tuple(field for field in self.fields.values() if field.bare)


@cache
def kinds() -> dict[str, Kind]:
    """All kinds of documents by name, in the table's order."""
    rows = _rows("fields.tsv")
    return {
        name: Kind(name=name, newest=newest, meaning=meaning, fields=_fields_of(name, rows))
        for name, newest, meaning in _rows("kinds.tsv")
    }


def kind_named(name: str) -> Kind:
    """The kind of that name. Raises BadInput naming the kinds there are."""
    try:
        return kinds()[name]
    except KeyError:
        raise BadInput(f"no kind of document is called {name!r}; there are {', '.join(kinds())}") from None


@cache
def field_table_digest() -> str:
    """A digest of all that decides what is indexed: when it changes, an index is made anew from its bodies."""
    tables = [(_TABLES / file).read_bytes() for file in ("fields.tsv", "kinds.tsv", "folding.toml")]
    return hashlib.sha256(b"\0".join(tables)).hexdigest()


def nearest_name(name: str, known: list[str]) -> str | None:
    """The known name most like the given one, or None where nothing is like it."""
    import difflib

    found = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.5)
    return found[0] if found else None


def _fields_of(kind: str, rows: list[list[str]]) -> dict[str, Field]:
    return {
        name: Field(
            name=name, value=ValueType(value), paths=tuple(paths.split(",")), bare=bare == "yes", meaning=meaning
        )
        for name, of, value, paths, bare, meaning in rows
        if of == _ALL_KINDS or kind in of.split(",")
    }


def _rows(file: str) -> list[list[str]]:
    """The rows of a table below its comments and its header."""
    lines = (_TABLES / file).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")][1:]
