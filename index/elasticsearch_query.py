"""Query trees as Elasticsearch's query language, over our folded words (``find.*``) and the body's own values."""

from __future__ import annotations

from typing import Any

from index.fields import Field, ValueType
from index.query import All, And, Exact, Exists, Node, Not, Or, Phrase, Range, Sort, Truth

Clause = dict[str, Any]
ID = "find.id"
_MOST_EXPANSIONS = 100_000


def clause(node: Node) -> Clause:
    """The query that finds what the tree says."""
    match node:
        case All():
            return {"match_all": {}}
        case Phrase():
            return _phrase(node)
        case And(parts):
            return {"bool": {"must": [clause(part) for part in parts]}}
        case Or(parts):
            return {"bool": {"should": [clause(part) for part in parts], "minimum_should_match": 1}}
        case Not(part):
            return {"bool": {"must_not": [clause(part)]}}
        case _:
            return {"constant_score": {"filter": _value(node)}}


def order(sort: Sort) -> list[Clause]:
    """The sort clauses: missing last both ways, ties by id."""
    way = "desc" if sort.descending else "asc"
    return [{sort_path(sort.field): {"order": way, "missing": "_last"}}, {ID: "asc"}]


def shown_path(field: Field) -> str:
    """Where the values a facet counts stand."""
    return ID if field.paths == ("id",) else field.paths[0]


def sort_path(field: Field) -> str:
    """Where the values a field is compared and sorted by stand."""
    return f"find.order.{field.name}" if field.value in (ValueType.TEXT, ValueType.EXACT) else field.paths[0]


def _phrase(node: Phrase) -> Clause:
    match: Clause = {
        "query": " ".join(node.tokens),
        "fields": [f"find.text.{field.name}" for field in node.fields],
        "type": "phrase_prefix" if node.prefix else "phrase",
        "analyzer": "whitespace",
    }
    if node.prefix:
        match["max_expansions"] = _MOST_EXPANSIONS
    return {"multi_match": match}


def _value(node: Node) -> Clause:
    match node:
        case Exact(field, key, prefix):
            return {"prefix" if prefix else "term": {sort_path(field): {"value": key}}}
        case Truth(field, value):
            return {"term": {sort_path(field): {"value": value}}}
        case Exists(field):
            return {"exists": {"field": sort_path(field)}}
        case Range():
            return _range(node)
        case _:
            raise TypeError(f"no query for {type(node).__name__}")


def _range(node: Range) -> Clause:
    limits: Clause = {}
    as_written = int if node.field.value is ValueType.DATE else float
    if node.low is not None:
        limits["gt" if node.above else "gte"] = as_written(node.low)
    if node.high is not None:
        limits["lt" if node.below else "lte"] = as_written(node.high)
    if node.field.value is ValueType.DATE:
        limits["format"] = "epoch_millis"
    return {"range": {sort_path(node.field): limits}}
