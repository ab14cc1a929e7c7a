"""The rates a market prints, as values, and where they are used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.model.plain import plain
from crawler.model.reading import Received
from crawler.model.values import Money
from pipelines.label import label
from pipelines.printed_rates import printed_rates, worth_in
from pipelines.rates import RATES_FILE, Rates, convert, use_rates_of
from pipelines.understanding import start_sighting, understand
from spiders.reader import read_page

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LISTING = """<html><head><title>3-MMC 10g - Harbour</title></head><body>
<div id="header"><span>BTC/EUR</span> <span>40,000.00</span> <span class="coin">XMR $160</span>
<a href="/logout">Logout</a></div>
<h2>3-MMC 10g</h2><table><tr><td>Vendor</td><td><a href="/user/anna">anna</a></td></tr>
<tr><td>Price</td><td>0.01 BTC</td></tr><tr><td>Ships from</td><td>Norway</td></tr></table>
<form method="post"><input name="quantity" value="1"><button>Buy now</button></form>
<h3>Description</h3><div>Ten grams, sold by the bag.</div></body></html>"""


@pytest.mark.parametrize(
    ("line", "pair", "worth"),
    [
        ("BTC/USD 43,210.55", ("BTC", "USD"), "43210.55"),
        ("BTC-EUR: 43.210", ("BTC", "EUR"), "43210"),
        ("1 XMR = 150 EUR", ("XMR", "EUR"), "150"),
        ("BTC: €39,900", ("BTC", "EUR"), "39900"),
        ("XMR/BTC 0.0035", ("XMR", "BTC"), "0.0035"),
        ("ETH ≈ 2 300 $", ("ETH", "USD"), "2300"),
    ],
)
def test_a_printed_rate_is_read(line: str, pair: tuple[str, str], worth: str) -> None:
    assert {key: rate.worth for key, rate in printed_rates([line]).items()} == {pair: Decimal(worth)}


@pytest.mark.parametrize("line", ["BTC accepted", "3-MMC 10g 90 EUR", "USD/USD 1", "BTC/USD 0", "24/7 support", ""])
def test_other_lines_state_no_rate(line: str) -> None:
    assert printed_rates([line]) == {}


def test_a_rate_is_turned_round_and_found_through_a_coin() -> None:
    rates = printed_rates(["BTC/USD 50000", "BTC/EUR 40000"])
    back, through = worth_in(rates, "USD", "BTC"), worth_in(rates, "USD", "EUR")
    assert back is not None
    assert back.worth == Decimal("0.00002")
    assert through is not None
    assert through.worth == Decimal("0.8")
    assert worth_in(rates, "USD", "RUB") is None


def test_the_operators_rate_of_the_day_goes_before_the_printed_one() -> None:
    printed = convert(
        Money(amount=Decimal(2), currency="XMR"), NOW, Rates(reference="EUR"), printed=["1 XMR = 150 EUR"]
    )
    assert plain(printed) == {
        "amount": 300,
        "currency": "EUR",
        "rate": 150,
        "rate_date": "2026-03-01",
        "rate_source": "page: 1 XMR = 150 EUR",
    }


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    today = datetime.now(UTC).date().isoformat()
    rows = f"date\tcurrency\trate\treference\tsource\n{today}\tUSD\t0.5\tEUR\tcentral bank\n"
    (tmp_path / RATES_FILE).write_text(rows, encoding="utf-8")
    use_rates_of(tmp_path)
    yield tmp_path
    use_rates_of(tmp_path / "no home")


@pytest.mark.usefixtures("home")
def test_a_page_that_prints_its_rate_prices_a_gram_in_the_reference_currency() -> None:
    raw = read_page(Received(body=LISTING.encode()))
    assert raw.rates == ("BTC/EUR 40,000.00", "XMR $160")
    listing = understand(start_sighting(raw, market="m", url="http://x.onion/1", time=NOW)).page.listing
    assert listing is not None
    assert listing.offer is not None
    assert plain(listing.offer.price_per_gram_ref) == {
        "amount": 40,
        "currency": "EUR",
        "rate": 40000,
        "rate_date": "2026-03-01",
        "rate_source": "page: BTC/EUR 40,000.00",
    }


@pytest.mark.usefixtures("home")
def test_a_labelled_title_is_converted_at_the_rate_of_today() -> None:
    said = label("3-MMC 10g $100")["price_per_gram_ref"]
    assert (said["amount"], said["currency"], said["rate_source"]) == (5, "EUR", "central bank")


@given(st.lists(st.text(max_size=60), max_size=5))
def test_no_line_breaks_the_reading_of_rates(lines: list[str]) -> None:
    assert all(rate.worth > 0 for rate in printed_rates(lines).values())
