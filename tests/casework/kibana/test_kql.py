from __future__ import annotations

import pytest

from casework.kibana.kql import read_filter
from crawler.model.errors import BadQuery

_A = {"match_phrase": {"a": "x"}}
_B = {"match_phrase": {"b.c": "y z"}}


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("", {"match_all": {}}),
        ("a : x", _A),
        ('a:"x"', _A),
        ('b.c : "y z"', _B),
        (r'a : "say \"x\""', {"match_phrase": {"a": 'say "x"'}}),
        ("a : *", {"exists": {"field": "a"}}),
        ("a : true", {"match_phrase": {"a": "true"}}),
        ("a >= now-7d", {"range": {"a": {"gte": "now-7d"}}}),
        ("a < 300.5", {"range": {"a": {"lt": "300.5"}}}),
        ('a : x and b.c : "y z"', {"bool": {"filter": [_A, _B]}}),
        ('a : x OR b.c : "y z"', {"bool": {"should": [_A, _B], "minimum_should_match": 1}}),
        (
            "a : (x or w)",
            {"bool": {"should": [_A, {"match_phrase": {"a": "w"}}], "minimum_should_match": 1}},
        ),
        ("not a : x", {"bool": {"must_not": [_A]}}),
        ('not (a : x and b.c : "y z")', {"bool": {"must_not": [{"bool": {"filter": [_A, _B]}}]}}),
    ],
)
def test_a_filter_becomes_the_query_kibana_makes_of_it(text: str, clause: dict[str, object]) -> None:
    assert read_filter(text).clause == clause


def test_and_binds_closer_than_or() -> None:
    found = read_filter("a : 1 or b : 2 and c : 3").clause["bool"]["should"]
    assert found[0] == {"match_phrase": {"a": "1"}}
    assert len(found[1]["bool"]["filter"]) == 2


def test_the_fields_named_are_told_once_each() -> None:
    assert read_filter("a : 1 or (b.c >= 2 and a : *)").fields == ("a", "b.c")


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("words alone", 6), ("a :", 3), ("a : x and", 9), ("a : (x", 6), ("(a : x", 6), ("a : x)", 5), (": x", 0),
        ("a : 3-M*", 4), ("a : { b : c }", 4), ('a : "open', 4), ("a : and", 4), ("a x", 2), ("or a : x", 0),
        ("a ( x", 2), ("a > >", 4), ("(" * 30 + "a : x" + ")" * 30, 21),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_where(text: str, position: int) -> None:
    with pytest.raises(BadQuery, match=f"character {position + 1}") as told:
        read_filter(text)
    assert told.value.position == position
