from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.model.errors import BadInput, BadQuery
from index.elasticsearch_query import clause
from index.fields import kind_named, kinds
from index.query import DEEPEST, LONGEST_QUERY, MOST_TERMS, All, And, Exists, Not, Or, Phrase, Range, parse, parse_sort
from index.sqlite_query import where

_WORDS = ["mdma", "AND", "OR", "NOT", "20", "true", "2026-01", "α-pvp", "w_title"]
_FIELDS = ["vendor:", "price:", "nps:", "first_seen:", "btc:", "nosuch:"]
_SIGNS = [*"\"()*- :<'\\{}^+\u200b", ">=", ".."]
_PIECES = st.lists(st.sampled_from(_WORDS + _FIELDS + _SIGNS), max_size=25).map("".join)


@given(st.one_of(st.text(max_size=80), _PIECES), st.sampled_from(list(kinds())))
def test_any_text_is_a_query_or_says_where_it_is_none(text: str, kind: str) -> None:
    fault: BadQuery | None = None
    try:
        node = parse(text, kind)
    except BadQuery as found:
        fault = found
    if fault:
        assert 0 <= fault.position <= len(text)
        assert str(fault)
        return
    assert clause(node)
    assert where(node, kind_named(kind), lambda field: 1).text


@given(_PIECES)
def test_any_query_is_one_the_full_text_engine_understands(text: str) -> None:
    try:
        node = parse(text)
    except BadQuery:
        return
    columns = ",".join(f"w_{field.name}" for field in kind_named("listing").text_fields())
    db = sqlite3.connect(":memory:")
    db.execute(f"CREATE VIRTUAL TABLE words_listing USING fts5({columns})")
    db.execute("CREATE TABLE document (number INTEGER)")
    db.execute("CREATE TABLE value (doc, slot, key)")
    asked = where(node, kind_named("listing"), lambda field: 1)
    db.execute(f"SELECT count(*) FROM document d WHERE {asked.text}", asked.values)  # noqa: S608
    db.close()


@pytest.mark.parametrize(
    ("query", "position", "says"),
    [
        ("", 0, "missing at the end"),
        ("   ", 3, "missing at the end"),
        ("mdma AND", 8, "missing at the end"),
        ("mdma OR OR x", 8, "should stand here"),
        ("AND mdma", 0, "should stand here"),
        ("mdma (a OR b", 5, "never closed"),
        ("mdma ()", 6, "should stand here"),
        ("mdma) x", 4, "without an opening"),
        ('mdma "blue', 5, "never closed"),
        ('mdma "!!"', 5, "no letter or digit"),
        ("vendr:foo", 0, "did you mean vendor"),
        ("mdma vendr:foo", 5, "did you mean vendor"),
        ("vendor:", 7, "a value must follow"),
        ("vendor: foo", 7, "a value must follow"),
        ("(vendor:)", 8, "a value must follow"),
        ("price:cheap", 6, "is a number"),
        ("price:<", 7, "is a number"),
        ("price:5..x", 9, "is a number"),
        ("price:..", 6, "a range needs a limit"),
        ("price:2*", 6, "holds no words"),
        ("price:1e9", 6, "is a number"),
        ("first_seen:>yesterday", 12, "is a date"),
        ("first_seen:2026-13", 11, "is a date"),
        ("first_seen:2026-02-30", 11, "is a date"),
        ("nps:maybe", 4, "true or false"),
        ("a*b", 1, "at the end of a word"),
        ("mdma **", 5, "at the end of a word"),
        ("★", 0, "no letter or digit"),
        ('btc:""', 4, "nothing to look for"),
    ],
)
def test_a_query_with_a_fault_says_where_and_what(query: str, position: int, says: str) -> None:
    with pytest.raises(BadQuery, match=says) as fault:
        parse(query)
    assert fault.value.position == position


def test_a_field_of_another_kind_is_unknown_to_this_one() -> None:
    assert isinstance(parse("verdict:blind", "run"), Phrase)
    with pytest.raises(BadQuery, match="a listing has no field 'verdict'"):
        parse("verdict:blind", "listing")


def test_words_side_by_side_must_all_hold_and_or_binds_last() -> None:
    node = parse("a b OR c -d")
    assert isinstance(node, Or)
    first, second = node.parts
    assert isinstance(first, And)
    assert isinstance(second, And)
    assert isinstance(second.parts[1], Not)
    assert parse("a AND b") == parse("a b")
    assert parse("NOT a") == parse("-a")


def test_a_word_of_several_parts_is_a_phrase() -> None:
    node = parse("3-mmc")
    assert isinstance(node, Phrase)
    assert node.tokens == ("3", "mmc")
    assert parse("3-mmc") == parse('"3 mmc"') == parse("3MMC")


def test_a_star_alone_is_all_and_after_a_field_any_value() -> None:
    assert parse("*") == All()
    assert parse("price:*") == Exists(kind_named("listing").fields["price"])


def test_a_field_before_parentheses_holds_for_all_inside() -> None:
    assert parse("vendor:(a OR b)") == parse("vendor:a OR vendor:b")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("first_seen:2026-03", "first_seen:2026-03-01..2026-03-31"),
        ("first_seen:2026", "first_seen:2026-01..2026-12"),
        ("first_seen:>=2026-03-01", "first_seen:2026-03-01.."),
        ("first_seen:>2026-02", "first_seen:>=2026-03"),
        ("first_seen:<=2026-02", "first_seen:<2026-03"),
        ("price:=20", "price:20..20"),
        ("price:<=20", "price:..20"),
        ("PRICE:20", "price:20"),
    ],
)
def test_the_same_range_may_be_written_in_several_ways(one: str, other: str) -> None:
    assert parse(one) == parse(other)


def test_limits_are_inside_or_outside_as_written() -> None:
    above, below = parse("price:>20"), parse("price:<20")
    assert isinstance(above, Range)
    assert isinstance(below, Range)
    assert (above.low, above.above, above.high) == (20.0, True, None)
    assert (below.high, below.below, below.low) == (20.0, True, None)


def test_a_query_that_would_tie_up_the_server_is_refused() -> None:
    for query in ("(" * (DEEPEST + 2) + "a" + ")" * (DEEPEST + 2), "NOT " * (DEEPEST + 2) + "a", "-" * 5000 + "a"):
        with pytest.raises(BadQuery, match="inside each other"):
            parse(query)
    with pytest.raises(BadQuery, match="terms"):
        parse("a " * (MOST_TERMS + 1))
    with pytest.raises(BadQuery, match="characters"):
        parse("a" * (LONGEST_QUERY + 1))


def test_an_order_is_a_field_with_or_without_a_minus() -> None:
    assert parse_sort("-price").descending
    assert not parse_sort("price").descending
    with pytest.raises(BadQuery, match="did you mean price") as fault:
        parse_sort("-prise")
    assert fault.value.position == 1


def test_an_unknown_kind_names_those_there_are() -> None:
    with pytest.raises(BadInput, match="listing, observation"):
        parse("*", "listings")
