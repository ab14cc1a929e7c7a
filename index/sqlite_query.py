"""Query trees as SQL over the embedded store's tables: full text by FTS5, values by their index."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from index.fields import Field, Kind
from index.query import All, And, Exact, Exists, Node, Not, Or, Phrase, Range, Truth

SlotOf = Callable[[Field], int]
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL and its parameters."""

    text: str
    values: tuple[str | float | int, ...] = ()


def where(node: Node, kind: Kind, slot_of: SlotOf) -> Sql:
    """The condition on ``d`` (a row of ``document``) that the query sets."""
    return _Compiler(kind, slot_of).condition(node)


def match_expression(node: Node) -> str | None:
    """The tree as one FTS5 expression, or None where it asks for more than words."""
    match node:
        case Phrase(fields, tokens, prefix):
            columns = " ".join(column(field) for field in fields)
            return f'{{{columns}}} : "{" ".join(tokens)}"{" *" if prefix else ""}'
        case And(parts):
            return _joined(" AND ", parts)
        case Or(parts):
            return _joined(" OR ", parts)
        case _:
            return None


def column(field: Field) -> str:
    """The name of a field's column in its kind's full text table; prefixed, since some names are SQL words."""
    return f"w_{field.name}"


def _joined(joint: str, parts: tuple[Node, ...]) -> str | None:
    expressions = [match_expression(part) for part in parts]
    if None in expressions:
        return None
    return joint.join(f"({expression})" for expression in expressions)


class _Compiler:
    def __init__(self, kind: Kind, slot_of: SlotOf) -> None:
        self.kind = kind
        self.slot_of = slot_of

    def condition(self, node: Node) -> Sql:
        words = match_expression(node)
        if words is not None:
            table = f"words_{self.kind.name}"
            return Sql(f"d.number IN (SELECT rowid FROM {table} WHERE {table} MATCH ?)", (words,))  # noqa: S608  # table's name is ours
        match node:
            case All():
                return Sql("1")
            case Not(part):
                inner = self.condition(part)
                return Sql(f"NOT ({inner.text})", inner.values)
            case And(parts):
                return self._together(" AND ", _words_first(parts))
            case Or(parts):
                return self._together(" OR ", parts)
            case _:
                return self._value(node)

    def _together(self, joint: str, parts: tuple[Node, ...]) -> Sql:
        pieces = [self.condition(part) for part in parts]
        text = joint.join(f"({piece.text})" for piece in pieces)
        return Sql(text, tuple(value for piece in pieces for value in piece.values))

    def _value(self, node: Node) -> Sql:
        match node:
            case Exact(field, key, True):
                return self._having(field, "AND key >= ? AND key < ?", (key, key + _LAST))
            case Exact(field, key, _):
                return self._having(field, "AND key = ?", (key,))
            case Truth(field, value):
                return self._having(field, "AND key = ?", (float(value),))
            case Exists(field):
                return self._having(field, "", ())
            case Range():
                return self._range(node)
            case _:
                raise TypeError(f"no SQL for {type(node).__name__}")

    def _range(self, node: Range) -> Sql:
        limits, values = "", []
        if node.low is not None:
            limits += f" AND key {'>' if node.above else '>='} ?"
            values.append(node.low)
        if node.high is not None:
            limits += f" AND key {'<' if node.below else '<='} ?"
            values.append(node.high)
        return self._having(node.field, limits, tuple(values))

    def _having(self, field: Field, limits: str, values: tuple[str | float, ...]) -> Sql:
        text = f"d.number IN (SELECT doc FROM value WHERE slot = ? {limits})"  # noqa: S608  # limits are ours
        return Sql(text, (self.slot_of(field), *values))


def _words_first(parts: tuple[Node, ...]) -> tuple[Node, ...]:
    """The parts that are only words as one, so that FTS5 intersects them itself."""
    words = tuple(part for part in parts if match_expression(part) is not None)
    others = tuple(part for part in parts if match_expression(part) is None)
    return (And(words), *others) if len(words) > 1 else (*words, *others)
