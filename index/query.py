"""The query language: what an investigator types, as a small tree both stores understand.

Words (``mdma crystal``), phrases (``"blue crystal"``), prefixes (``meph*``), ``*`` for all; fields (``vendor:name``,
``vendor:(a OR b)``, ``price:*`` where there is any); numbers and dates with ``<``, ``<=``, ``>``, ``>=`` and ``5..20``;
``AND``, ``OR``, ``NOT``, ``-`` and parentheses; terms side by side must all hold. A date without a time is its whole
day, month or year: ``first_seen:>2026-01-31`` begins with the first of February.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from crawler.model.errors import BadQuery
from index.entry import LONGEST_KEY, Unfit, epoch_milliseconds, exact_key
from index.fields import Field, Kind, ValueType, kind_named, nearest_name
from index.folding import fold_tokens

MOST_TERMS = 200
DEEPEST = 40
LONGEST_QUERY = 10_000
_WORD = re.compile(r'[^\s()"]+')
_BLANK = re.compile(r"\s*")
_FIELD = re.compile(r"([A-Za-z_][A-Za-z0-9_]*):")
_COMPARISON = re.compile(r"(>=|<=|>|<|=)?(.*)", re.DOTALL)
_NUMBER = re.compile(r"[+-]?(\d{1,15}(\.\d{1,15})?|\.\d{1,15})")
_END_OF_TIME = 253_402_300_800_000.0
_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True, slots=True)
class All:
    """Every document."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Folded words side by side in one value of any of the fields; ``prefix``: the last one may go on."""

    fields: tuple[Field, ...]
    tokens: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Exact:
    """A string of an exact field, by its key; ``prefix``: it may go on."""

    field: Field
    key: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Range:
    """A number or date (milliseconds) between two limits; None is open, ``above`` and ``below`` exclude the limit."""

    field: Field
    low: float | None = None
    high: float | None = None
    above: bool = False
    below: bool = False


@dataclass(frozen=True, slots=True)
class Truth:
    """A yes-or-no field that holds the value."""

    field: Field
    value: bool


@dataclass(frozen=True, slots=True)
class Exists:
    """A field that has any value."""

    field: Field


@dataclass(frozen=True, slots=True)
class And:
    """All of these."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of these."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Everything but this."""

    part: Node


Node = All | Phrase | Exact | Range | Truth | Exists | And | Or | Not


@dataclass(frozen=True, kw_only=True, slots=True)
class Sort:
    """An order by one field, documents without it last either way, ties by id."""

    field: Field
    descending: bool


def parse(query: str, kind: str = "listing") -> Node:
    """The tree of a query over documents of that kind. Raises BadQuery with the place where reading stopped."""
    if len(query) > LONGEST_QUERY:
        raise BadQuery(f"a query has at most {LONGEST_QUERY} characters", LONGEST_QUERY)
    reader = _Reader(query, kind_named(kind))
    node = reader.any_of(None, 0)
    if not reader.at_end():
        raise BadQuery("a closing parenthesis without an opening one", reader.place)
    return node


def parse_sort(sort: str, kind: str = "listing") -> Sort:
    """An order as written: ``field``, or ``-field`` for the largest or newest first. Raises BadQuery."""
    name = sort.removeprefix("-")
    return Sort(field=field_named(name, kind_named(kind), len(sort) - len(name)), descending=sort.startswith("-"))


def field_named(name: str, kind: Kind, place: int = 0) -> Field:
    """The field of that name. Raises BadQuery with the field that is most like it."""
    field = kind.fields.get(name.lower())
    if field is None:
        like = nearest_name(name, list(kind.fields))
        hint = f"did you mean {like}?" if like else f"there are {', '.join(kind.fields)}"
        raise BadQuery(f"a {kind.name} has no field {name!r}; {hint}", place)
    return field


def scored(node: Node) -> tuple[Phrase, ...]:
    """The words a document is ranked by: every phrase that is not negated."""
    match node:
        case Phrase():
            return (node,)
        case And(parts) | Or(parts):
            return tuple(phrase for part in parts for phrase in scored(part))
        case _:
            return ()


class _Reader:
    """Recursive descent over the characters; ``place`` is the next one."""

    def __init__(self, query: str, kind: Kind) -> None:
        self.query = query
        self.kind = kind
        self.place = 0
        self.terms = 0
        self._skip_blanks()

    def at_end(self) -> bool:
        return self.place >= len(self.query)

    def any_of(self, field: Field | None, depth: int) -> Node:
        """Parts between OR."""
        if depth > DEEPEST:
            raise BadQuery(f"more than {DEEPEST} parentheses or NOT inside each other", self.place)
        parts = [self._all_of(field, depth)]
        while self._keyword("OR"):
            parts.append(self._all_of(field, depth))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _all_of(self, field: Field | None, depth: int) -> Node:
        """Parts side by side or between AND."""
        parts = [self._negated(field, depth)]
        while not self.at_end() and not self._next_is(")") and not self._sees_keyword("OR"):
            self._keyword("AND")
            parts.append(self._negated(field, depth))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _negated(self, field: Field | None, depth: int) -> Node:
        if depth > DEEPEST:
            raise BadQuery(f"more than {DEEPEST} parentheses or NOT inside each other", self.place)
        if self._keyword("NOT"):
            return Not(self._negated(field, depth + 1))
        if self._next_is("-"):
            self._take(1)
            return Not(self._negated(field, depth + 1))
        return self._term(field, depth)

    def _term(self, field: Field | None, depth: int) -> Node:
        self._count_term()
        if self._next_is("("):
            return self._group(field, depth)
        if self._next_is('"'):
            return self._quoted(field)
        found = _FIELD.match(self.query, self.place)
        if found and field is None:
            return self._filter(found, depth)
        return self._word(field)

    def _filter(self, found: re.Match[str], depth: int) -> Node:
        field = field_named(found[1], self.kind, self.place)
        self.place = found.end()
        if self._next_is("("):
            return self._group(field, depth)
        if self._next_is('"'):
            return self._quoted(field)
        if self.at_end() or self.query[self.place].isspace() or self._next_is(")"):
            raise BadQuery(f"{field.name}: of what? a value must follow the colon", self.place)
        return self._word(field)

    def _group(self, field: Field | None, depth: int) -> Node:
        opened = self.place
        self._take(1)
        node = self.any_of(field, depth + 1)
        if not self._next_is(")"):
            raise BadQuery("a parenthesis that is never closed", opened)
        self._take(1)
        return node

    def _quoted(self, field: Field | None) -> Node:
        start = self.place
        end = self.query.find('"', start + 1)
        if end < 0:
            raise BadQuery("a quotation mark that is never closed", start)
        self.place = end + 1
        prefix = self._next_is("*")
        if prefix:
            self.place += 1
        self._skip_blanks()
        return self._leaf(field, self.query[start + 1 : end], start, prefix=prefix)

    def _word(self, field: Field | None) -> Node:
        start = self.place
        found = _WORD.match(self.query, start)
        if found is None or found[0] in ("AND", "OR", "NOT"):
            raise BadQuery(self._expected(), start)
        self.place = found.end()
        self._skip_blanks()
        word = found[0]
        if word == "*":
            return All() if field is None else Exists(field)
        if "*" in word[:-1]:
            raise BadQuery("* stands at the end of a word, or alone", start + word.index("*"))
        return self._leaf(field, word.removesuffix("*"), start, prefix=word.endswith("*"))

    def _leaf(self, field: Field | None, text: str, start: int, *, prefix: bool) -> Node:
        if field is None:
            return self._phrase(self.kind.bare_fields(), text, start, prefix=prefix)
        if field.value is ValueType.TEXT:
            return self._phrase((field,), text, start, prefix=prefix)
        if field.value is ValueType.EXACT:
            key = exact_key(text)
            if not key:
                raise BadQuery(f"{field.name}: nothing to look for", start)
            return Exact(field, key[:LONGEST_KEY], prefix)
        if prefix:
            raise BadQuery(f"{field.name} holds no words: * cannot end its value", start)
        return _truth(field, text, start) if field.value is ValueType.BOOLEAN else _range(field, text, start)

    def _phrase(self, fields: tuple[Field, ...], text: str, start: int, *, prefix: bool) -> Node:
        tokens = tuple(fold_tokens(text, keep_last=prefix))
        if not tokens:
            raise BadQuery(f"no letter or digit to look for in {text[:40]!r}", start)
        if not prefix:
            return Phrase(fields, tokens)
        whole = tuple(fold_tokens(text))
        begun = Phrase(fields, tokens, prefix=True)
        return begun if whole == tokens else Or((begun, Phrase(fields, whole)))

    def _expected(self) -> str:
        if self.at_end():
            return "a word, a phrase or a field is missing at the end; * matches all"
        return "a word, a phrase or a field should stand here"

    def _count_term(self) -> None:
        self.terms += 1
        if self.terms > MOST_TERMS:
            raise BadQuery(f"a query has at most {MOST_TERMS} terms", self.place)

    def _sees_keyword(self, keyword: str) -> bool:
        found = _WORD.match(self.query, self.place)
        return found is not None and found[0] == keyword

    def _keyword(self, keyword: str) -> bool:
        if not self._sees_keyword(keyword):
            return False
        self._take(len(keyword))
        return True

    def _next_is(self, character: str) -> bool:
        return self.query.startswith(character, self.place)

    def _take(self, characters: int) -> None:
        self.place += characters
        self._skip_blanks()

    def _skip_blanks(self) -> None:
        found = _BLANK.match(self.query, self.place)
        self.place = found.end() if found else self.place


def _truth(field: Field, text: str, start: int) -> Truth:
    value = _TRUTHS.get(text.strip().lower())
    if value is None:
        raise BadQuery(f"{field.name} is true or false, not {text[:40]!r}", start)
    return Truth(field, value)


def _range(field: Field, text: str, start: int) -> Range:
    low_text, dots, high_text = text.partition("..")
    if dots:
        return _between(field, low_text, high_text, start)
    sign, limit = _COMPARISON.fullmatch(text).groups()  # type: ignore[union-attr]  # the pattern matches any text
    first, last, open_end = _limits(field, limit, start + len(sign or ""))
    match sign:
        case ">":
            return Range(field, low=last, above=not open_end)
        case ">=":
            return Range(field, low=first)
        case "<":
            return Range(field, high=first, below=True)
        case "<=":
            return Range(field, high=last, below=open_end)
        case _:
            return Range(field, low=first, high=last, below=open_end)


def _between(field: Field, low_text: str, high_text: str, start: int) -> Range:
    if not low_text and not high_text:
        raise BadQuery(f"{field.name}: a range needs a limit, as in 5..20", start)
    low = _limits(field, low_text, start)[0] if low_text else None
    if not high_text:
        return Range(field, low=low)
    _, high, open_end = _limits(field, high_text, start + len(low_text) + 2)
    return Range(field, low=low, high=high, below=open_end)


def _limits(field: Field, text: str, start: int) -> tuple[float, float, bool]:
    """Where the value begins and ends; True where the end itself is outside (a day ends before the next one)."""
    if field.value is ValueType.NUMBER:
        if not _NUMBER.fullmatch(text):
            raise BadQuery(f"{field.name} is a number, as in <20, >=5 or 5..20, not {text[:40]!r}", start)
        number = float(text)
        return number, number, False
    try:
        first = epoch_milliseconds(text)
    except Unfit as error:
        raise BadQuery(f"{field.name} is a date, as in >2026-01-31 or 2026-01..2026-03: {error}", start) from error
    if "T" in text:
        return first, first, False
    return first, _next_period(text), True


def _next_period(text: str) -> float:
    """Milliseconds where the day, month or year after the given one begins."""
    parts = [int(part) for part in text.split("-")]
    if len(parts) == 3:
        return epoch_milliseconds(text) + 86_400_000.0
    year, month = (parts[0], parts[1] + 1) if len(parts) == 2 else (parts[0], 13)
    year, month = (year + 1, 1) if month > 12 else (year, month)
    return float(epoch_milliseconds(f"{year:04d}-{month:02d}")) if year <= 9999 else _END_OF_TIME
