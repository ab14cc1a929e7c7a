from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from crawler.model.errors import BadInput
from crawler.model.page import Listing, Offer, Page, PageType
from crawler.model.plain import plain
from crawler.model.sighting import Sighting
from crawler.model.values import Money
from crawler.model.words import RawPage
from pipelines.documents import documents_of
from pipelines.label import label
from pipelines.lifecycle import LifeRegister
from pipelines.offer import read_offer
from pipelines.rates import RATES_FILE, Rates, convert, current_rates, read_rates, use_rates_of

DAY = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
HEAD = "date\tcurrency\trate\treference\tsource\n"
ROWS = HEAD + "2026-03-01\tUSD\t0.92\tEUR\tcentral bank\n2026-03-02\tUSD\t0.95\tEUR\tcentral bank\n"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / RATES_FILE).write_text(ROWS, encoding="utf-8")
    use_rates_of(tmp_path)
    yield tmp_path
    use_rates_of(tmp_path / "no home")


def _seen(listing: Listing, time: datetime = DAY) -> Sighting:
    page = Page(page_type=PageType.LISTING, listing=listing)
    raw = RawPage(page_type="listing", reader="1")
    return Sighting(market="m", url="http://x.onion/1", time=time, raw=raw, page=page)


def _listing(**more: object) -> Listing:
    price = Money(amount=Decimal(100), currency="USD")
    return replace(Listing(title="3-MMC", price=price, offer=Offer(quantity_g=Decimal(10))), **more)  # type: ignore[arg-type]


def _offer(sighting: Sighting) -> Offer:
    listing = read_offer(sighting).page.listing
    assert listing is not None
    assert listing.offer is not None
    return listing.offer


@pytest.mark.usefixtures("home")
def test_a_gram_is_priced_at_the_rate_of_the_day_with_its_source() -> None:
    assert plain(_offer(_seen(_listing())).price_per_gram_ref) == {
        "amount": 9.2,
        "currency": "EUR",
        "rate": 0.92,
        "rate_date": "2026-03-01",
        "rate_source": "central bank",
    }


@pytest.mark.usefixtures("home")
def test_without_a_rate_of_that_day_nothing_is_converted() -> None:
    assert _offer(_seen(_listing(), datetime(2026, 3, 3, tzinfo=UTC))).price_per_gram_ref is None


def test_without_a_file_there_is_no_reference_currency(tmp_path: Path) -> None:
    assert read_rates(tmp_path / RATES_FILE) == Rates()
    assert current_rates() == Rates()
    assert convert(Money(amount=Decimal(1), currency="EUR"), DAY, Rates()) is None


@pytest.mark.usefixtures("home")
def test_a_price_the_page_shows_in_both_currencies_is_the_markets_own_rate() -> None:
    listing = _listing(price_in=(Money(amount=Decimal(90), currency="EUR"),))
    converted = _offer(_seen(listing, datetime(2026, 4, 1, tzinfo=UTC))).price_per_gram_ref
    assert converted is not None
    assert (converted.amount, converted.rate, converted.rate_date) == (Decimal(9), Decimal("0.9"), "2026-04-01")
    assert converted.rate_source.startswith("page")


@pytest.mark.usefixtures("home")
def test_a_new_rate_is_no_change_of_the_listing() -> None:
    register = LifeRegister(None)
    states = []
    for day in (1, 2):
        time = datetime(2026, 3, day, tzinfo=UTC)
        documents = documents_of(read_offer(_seen(_listing(), time)), register)
        states.append(next(one.body["state"] for one in documents if one.kind == "listing"))
    assert states == ["new", "seen"]


@pytest.mark.parametrize(
    "row",
    [
        "2026-13-01\tUSD\t0.92\tEUR\tbank",
        "2026-03-01\tUSD\tcheap\tEUR\tbank",
        "2026-03-01\tUSD\t-1\tEUR\tbank",
        "2026-03-01\tUSD\tNaN\tEUR\tbank",
        "2026-03-01\tdollar\t1\tEUR\tbank",
        "2026-03-01\tUSD\t0.92\tEUR\t",
        "2026-03-01\tUSD\t0.92",
        "2026-03-04\tKZT\t0.002\tUSD\tbank",
        "2026-03-01\tUSD\t0.93\tEUR\tanother bank",
    ],
)
def test_a_wrong_row_is_named(tmp_path: Path, row: str) -> None:
    path = tmp_path / RATES_FILE
    path.write_text(ROWS + row + "\n", encoding="utf-8")
    with pytest.raises(BadInput, match="row 3"):
        read_rates(path)


def test_pills_have_a_price_of_one_and_liquids_of_a_millilitre() -> None:
    assert label("Xanax 2mg bars x 100 $180")["price_per_unit"] == {"amount": 1.8, "currency": "USD"}
    assert label("GBL 500ml 60 EUR")["price_per_ml"] == {"amount": 0.12, "currency": "EUR"}
    assert "price_per_unit" not in label("3-MMC 10g 60 EUR")
    pills = _listing(offer=Offer(count=50, form="pill"))
    assert plain(_offer(_seen(pills)).price_per_unit) == {"amount": 2, "currency": "USD"}


@pytest.mark.parametrize(
    "title", ["LTC ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9", "ETH 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"]
)
def test_an_address_is_no_price(title: str) -> None:
    assert "price" not in label(title)
