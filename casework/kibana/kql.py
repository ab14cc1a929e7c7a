"""The part of Kibana's query language our objects use, as the Elasticsearch query Kibana makes of it.

``field : value``, ``field : "words"``, ``field : (a or b)``, ``field : *``, ranges, ``and``, ``or``, ``not``, brackets.
Whatever else KQL knows (wildcards inside values, nested fields, words without a field) is refused: what ships is what
is tested.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from crawler.model.errors import BadQuery

Clause = dict[str, Any]
_TOKEN = re.compile(r'\s*(?:(?P<quoted>"(?:[^"\\]|\\.)*")|(?P<sign>>=|<=|[:<>()])|(?P<word>[^\s:<>()"]+))')
_RANGES = {">=": "gte", ">": "gt", "<=": "lte", "<": "lt"}
_WORDS_OF_THE_LANGUAGE = ("and", "or", "not")
_DEEPEST = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class _Token:
    kind: str
    text: str
    position: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Filter:
    """A filter read: the query it comes to, and the fields it names."""

    clause: Clause
    fields: tuple[str, ...]


def read_filter(text: str) -> Filter:
    """The filter as a query; an empty one finds everything. Raises BadQuery with the place where reading stopped."""
    reader = _Reader(text)
    clause = reader.whole()
    return Filter(clause=clause, fields=tuple(dict.fromkeys(reader.fields)))


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._next = 0
        self._end = len(text)
        self._depth = 0
        self.fields: list[str] = []

    def whole(self) -> Clause:
        if not self._tokens:
            return {"match_all": {}}
        clause = self._either()
        if self._next < len(self._tokens):
            raise self._wrong("an end")
        return clause

    def _either(self) -> Clause:
        clauses = [self._all()]
        while self._took("word", "or"):
            clauses.append(self._all())
        return clauses[0] if len(clauses) == 1 else _any_of(clauses)

    def _all(self) -> Clause:
        clauses = [self._one()]
        while self._took("word", "and"):
            clauses.append(self._one())
        return clauses[0] if len(clauses) == 1 else {"bool": {"filter": clauses}}

    def _one(self) -> Clause:
        if self._took("word", "not"):
            return {"bool": {"must_not": [self._one()]}}
        if self._took("sign", "("):
            return self._inner()
        return self._comparison()

    def _inner(self) -> Clause:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._wrong("fewer brackets")
        clause = self._either()
        self._expect("sign", ")")
        self._depth -= 1
        return clause

    def _comparison(self) -> Clause:
        field = self._plain_word("a field")
        self.fields.append(field)
        sign = self._take("sign", ": or a comparison")
        if sign in _RANGES:
            return {"range": {field: {_RANGES[sign]: self._value()}}}
        if sign != ":":
            self._next -= 1
            raise self._wrong(": or a comparison")
        return self._values(field)

    def _values(self, field: str) -> Clause:
        if self._took("word", "*"):
            return {"exists": {"field": field}}
        if not self._took("sign", "("):
            return {"match_phrase": {field: self._value()}}
        clauses = [{"match_phrase": {field: self._value()}}]
        while self._took("word", "or"):
            clauses.append({"match_phrase": {field: self._value()}})
        self._expect("sign", ")")
        return _any_of(clauses)

    def _value(self) -> str:
        token = self._peek()
        if token is not None and token.kind == "quoted":
            self._next += 1
            return re.sub(r"\\(.)", r"\1", token.text[1:-1])
        return self._plain_word("a value")

    def _plain_word(self, what: str) -> str:
        word = self._take("word", what)
        if "*" in word or "{" in word or word.lower() in _WORDS_OF_THE_LANGUAGE:
            self._next -= 1
            raise self._wrong(what)
        return word

    def _peek(self) -> _Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _took(self, kind: str, text: str) -> bool:
        token = self._peek()
        if token is None or token.kind != kind or token.text.lower() != text:
            return False
        self._next += 1
        return True

    def _take(self, kind: str, what: str) -> str:
        token = self._peek()
        if token is None or token.kind != kind:
            raise self._wrong(what)
        self._next += 1
        return token.text

    def _expect(self, kind: str, text: str) -> None:
        if not self._took(kind, text):
            raise self._wrong(text)

    def _wrong(self, wanted: str) -> BadQuery:
        token = self._peek()
        place = self._end if token is None else token.position
        found = "the end" if token is None else token.text
        return BadQuery(f"KQL: {wanted} should stand at character {place + 1}, not {found}", place)


def _tokens(text: str) -> Iterator[_Token]:
    place, end = 0, len(text.rstrip())
    while place < end:
        found = _TOKEN.match(text, place)
        if found is None:
            place += len(text[place:]) - len(text[place:].lstrip())
            raise BadQuery(f"KQL: cannot be read from character {place + 1} on", place)
        kind = str(found.lastgroup)
        yield _Token(kind=kind, text=found[kind], position=found.start(kind))
        place = found.end()


def _any_of(clauses: list[Clause]) -> Clause:
    return {"bool": {"should": clauses, "minimum_should_match": 1}}
