"""Amounts of money in running text."""

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawler.model.money import find_money, read_number

AMOUNTS = [
    ("$240 / 0.025 BTC", [("240", "USD"), ("0.025", "BTC")]),
    ("USD 240", [("240", "USD")]),
    ("1.234,56 €", [("1234.56", "EUR")]),
    ("1,234.56 USD", [("1234.56", "USD")]),
    ("1.500 €", [("1500", "EUR")]),
    ("0,005 BTC", [("0.005", "BTC")]),
    ("15k ₽", [("15000", "RUB")]),
    ("1 500 руб.", [("1500", "RUB")]),
    ("1500 р. за грамм", [("1500", "RUB")]),
    ("2 тыс. руб", [("2000", "RUB")]),
    ("100 000 so'm", [("100000", "UZS")]),
    ("50 ming so‘m", [("50000", "UZS")]),
    ("1.5 млн сўм", [("1500000", "UZS")]),
    ("25 000₸", [("25000", "KZT")]),
    ("20.000 теңгеге", [("20000", "KZT")]),
    ("500 сомго", [("500", "KGS")]),
    ("200 сомонӣ", [("200", "TJS")]),
    ("۱۵۰۰ افغانی", [("1500", "AFN")]),
    ("١٢٬٠٠٠ افغانی", [("12000", "AFN")]),
    ("$240 CAD", [("240", "CAD")]),
    ("A$50", [("50", "AUD")]),
    ("5 mBTC", [("0.005", "BTC")]),
    ("240 USD 0.025 BTC 0.3 XMR", [("240", "USD"), ("0.025", "BTC"), ("0.3", "XMR")]),
    ("USD 240 EUR 210", [("240", "USD"), ("210", "EUR")]),
    ("10g $50 20g $90", [("50", "USD"), ("90", "USD")]),
    ("€50.- today", [("50", "EUR")]),
    ("3.5g 35$", [("35", "USD")]),
    ("฿0.000787", [("0.000787", "BTC")]),
    ("฿450", [("450", "THB")]),
]
NO_MONEY = ["25", "Цена: 1500", "Try 5 grams", "we take BTC 100 mg tablets", "24h BTC 24h", "", "kr 500", "SOMEWHERE 5"]


@pytest.mark.parametrize(("text", "expected"), AMOUNTS)
def test_an_amount_is_read_with_the_currency_beside_it(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(m.amount, m.currency) for m in find_money(text)] == [(Decimal(a), c) for a, c in expected]


@pytest.mark.parametrize("text", NO_MONEY)
def test_a_number_without_a_currency_is_no_money(text: str) -> None:
    assert find_money(text) == ()


def test_a_match_says_which_words_it_was_read_from() -> None:
    text = "ten grams, 8,40 € a gram"
    (match,) = find_money(text)
    assert text[match.start : match.end] == "8,40 €"


@pytest.mark.parametrize(
    ("text", "value"),
    [("4.875", "4.875"), ("1,335", "1335"), ("Rating: 4,9 of 5", "4.9"), ("۹۹", "99"), ("1 250 продаж", "1250")],
)
def test_a_bare_number_is_read_as_people_write_it(text: str, value: str) -> None:
    assert read_number(text) == Decimal(value)


def test_a_text_without_digits_has_no_number() -> None:
    assert read_number("unlimited") is None


@given(st.text(max_size=300))
@example("0£")
def test_any_text_is_survived_and_matches_come_in_order(text: str) -> None:
    matches = find_money(text)
    assert all(0 <= m.start < m.end <= len(text) for m in matches)
    assert [m.start for m in matches] == sorted(m.start for m in matches)


@given(st.integers(0, 10**9), st.sampled_from(["USD", "EUR", "RUB", "UZS", "KZT", "XMR"]))
def test_a_plain_price_is_read_back(amount: int, currency: str) -> None:
    (match,) = find_money(f"item {amount} {currency} each")
    assert (match.amount, match.currency) == (Decimal(amount), currency)
