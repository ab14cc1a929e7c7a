from __future__ import annotations

from typing import Any

import pytest

from casework.page import figures


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"amount": 8.4, "currency": "EUR"}, "8.40 EUR"),
        ({"amount": 45084, "currency": "RUB"}, "45,084.00 RUB"),
        ({"amount": 0.00020283, "currency": "BTC"}, "0.00020283 BTC"),
        ({"amount": 2, "currency": "XMR"}, "2 XMR"),
        ({"amount": 3.5, "currency": "USDT"}, "3.5 USDT"),
    ],
)
def test_money_has_the_digits_its_currency_has(value: dict[str, Any], expected: str) -> None:
    assert expected in figures.money(value)


def test_what_is_not_there_is_a_dash_and_zero_is_zero() -> None:
    assert figures.money(None) == figures.NOTHING
    assert figures.moment(None) == figures.NOTHING
    assert figures.number(None) == "–"
    assert figures.number(0) == "0"
    assert figures.share(0.0) == "0%"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-24T01:08:30.123Z", ">2026-11-24 01:08 UTC<"),
        ("2026-11-24T01:08:30+05:00", ">2026-11-23 20:08 UTC<"),
        ("2026-11-24", ">2026-11-24<"),
        ("<yesterday>", "<bdi>&lt;yesterday&gt;</bdi>"),
    ],
)
def test_times_are_in_utc_and_what_is_none_stays_as_written(text: str, expected: str) -> None:
    assert expected in figures.moment(text)


def test_a_route_names_countries_by_code_and_the_rest_in_the_pages_words() -> None:
    body = {"ships_from": {"country": "NL", "text": "the <low>"}, "ships_to": [{"text": "<moon>"}, {"country": "EU"}]}
    route = figures.route(body)
    assert '<abbr title="the &lt;low&gt;">NL</abbr> → <bdi>&lt;moon&gt;</bdi>, ' in route
    assert "Ташкент" in figures.route({"cities": ["Ташкент"]})
    assert figures.route({}) == figures.NOTHING
