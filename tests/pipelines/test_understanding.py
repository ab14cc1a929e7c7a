"""All steps together: a page of words in, a page of values out, each with its words."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from crawler.model.errors import BadInput
from crawler.model.page import Delivery, Gate, PageType
from crawler.model.plain import plain
from crawler.model.sighting import Sighting
from crawler.model.values import Money
from crawler.model.words import RawCard, RawListing, RawOption, RawPage, RawReview, RawVendor, Words
from pipelines.figures import read_date, read_escrow, read_rating, read_stock
from pipelines.label import label
from pipelines.review_queue import add_waiting, decide, read_decisions, read_waiting, waiting_of
from pipelines.understanding import STEPS, start_sighting, understand

SEEN = datetime(2026, 3, 1, 12, tzinfo=UTC)


def words(text: str) -> Words:
    return Words(text=text, rule="label:test", confidence=0.9)


def sighting_of(raw: RawPage) -> Sighting:
    return start_sighting(raw, market="demo", url="http://demo/listing/1", time=SEEN)


LISTING = RawListing(
    title=words("3-MMC 10 x 1g crystals"),
    description=words("Telegram: @shop_of_ours"),
    vendor=words("Seller: NordLab (1335) (99 %)"),
    price=words("$240 / 0.025 BTC"),
    prices=(RawOption(price="$30", quantity="1 g"), RawOption(price="$240", quantity="10 g")),
    category=(words("Drugs"), words("Stimulants")),
    ships_from=words("Netherlands"),
    ships_to=words("Europe, USA"),
    delivery=words("Post or dead drop"),
    stock=words("Sold out"),
    rating=words("4.8/5"),
    review_count=words("1,335 reviews"),
    payment=words("BTC, Monero"),
    escrow=words("FE only"),
)


def test_a_listing_is_understood_with_the_words_of_every_field() -> None:
    page = understand(sighting_of(RawPage(page_type="listing", listing=LISTING, reader="1"))).page
    listing = page.listing
    assert listing is not None
    assert listing.offer is not None
    assert listing.vendor == "NordLab"
    assert listing.price == Money(amount=Decimal(240), currency="USD")
    assert listing.price_in == (Money(amount=Decimal("0.025"), currency="BTC"),)
    assert [option.amount for option in listing.prices] == [Decimal(30), Decimal(240)]
    assert (listing.stock, listing.rating) == (Decimal(0), Decimal("4.8"))
    assert (listing.rating_scale, listing.review_count) == (Decimal(5), 1335)
    assert (listing.payment, listing.escrow) == (("BTC", "XMR"), False)
    assert listing.delivery == (Delivery.POST, Delivery.DEAD_DROP)
    assert [place.country for place in listing.ships_to] == ["EU", "US"]
    assert [one.name for one in listing.offer.substances] == ["3-MMC"]
    assert listing.offer.quantity_g == 10
    assert listing.offer.price_per_gram == Money(amount=Decimal(24), currency="USD")
    assert listing.identifiers == {"telegram": ("@shop_of_ours",)}
    shown = plain(listing)
    told = {name.removeprefix("offer.") for name in shown["sources"]}
    beside = {"sources", "offer", "price_in", "currency"}
    assert (shown.keys() | shown["offer"].keys()) - beside <= told


def test_a_field_the_page_does_not_show_is_absent() -> None:
    page = understand(
        sighting_of(RawPage(page_type="listing", listing=RawListing(title=words("Gift card")), reader="1"))
    ).page
    assert plain(page)["listing"].keys() == {"title", "language", "sources"}


def test_a_gate_keeps_nothing_but_its_kind() -> None:
    raw = RawPage(page_type="gate", gate="login", listing=LISTING, reader="1")
    assert plain(understand(sighting_of(raw)).page) == {"page_type": "gate", "gate": "login"}
    assert start_sighting(raw, market="demo", url="u", time=SEEN).page.gate is Gate.LOGIN


def test_cards_reviews_and_vendors_are_values_too() -> None:
    raw = RawPage(
        page_type="vendor",
        cards=(RawCard(url="http://demo/1", title=" Weed ", vendor="by: Tom", price="€ 8,40"),),
        reviews=(RawReview(text="good", rating="★★★★☆", date="3 days ago", price="10 €"),),
        vendor=RawVendor(name=words("Tom"), joined=words("12.03.2025"), sales=words("1 250"), rating=words("98 %")),
        reader="1",
    )
    page = understand(sighting_of(raw)).page
    assert page.page_type is PageType.VENDOR
    assert plain(page.listings) == [
        {"title": "Weed", "vendor": "Tom", "price": {"amount": 8.4, "currency": "EUR"}, "url": "http://demo/1"}
    ]
    assert plain(page.reviews) == [
        {"rating": 4, "text": "good", "date": "2026-02-26", "price": {"amount": 10, "currency": "EUR"}}
    ]
    assert plain(page.vendor) == {"name": "Tom", "joined": "2025-03-12", "sales": 1250, "rating": 98}


def test_each_step_has_a_pipeline_class_of_the_same_file() -> None:
    import importlib

    for step in STEPS:
        module = importlib.import_module(step.__module__)
        (pipeline,) = [value for name, value in vars(module).items() if name.endswith("Pipeline")]
        raw = sighting_of(RawPage(page_type="listing", listing=LISTING, reader="1"))
        assert pipeline().process_item(raw) == step(raw)


def test_label_says_what_the_pipeline_says() -> None:
    told = label("3-MMC 10 x 1g crystals, 84 EUR", "Telegram: @shop_of_ours")
    assert told["substances"][0] | {"confidence": 1} == {
        "name": "3-MMC",
        "class": "synthetic cathinones",
        "nps": True,
        "emergent": False,
        "matched_text": "3-MMC",
        "confidence": 1,
    }
    assert (told["quantity_g"], told["price"], told["currency"]) == (10, 84, "EUR")
    assert told["price_per_gram"] == {"amount": 8.4, "currency": "EUR"}
    assert told["identifiers"] == {"telegram": ["@shop_of_ours"]}


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2019-05-12", "2019-05-12"),
        ("12.03.2019", "2019-03-12"),
        ("5 дней назад", "2026-02-24"),
        ("2 weeks ago", "2026-02-15"),
        ("May 5, 2018", "2018-05-05"),
        ("never", None),
    ],
)
def test_a_date_is_iso(text: str, date: str | None) -> None:
    assert read_date(text, SEEN) == date


def test_figures_say_nothing_where_the_words_say_nothing() -> None:
    assert (read_stock("in stock"), read_stock("нет в наличии"), read_stock("49 415 left")) == (
        None,
        Decimal(0),
        Decimal(49415),
    )
    assert (read_stock("1.892 Stück auf Lager"), read_stock("12.5 g")) == (Decimal(1892), Decimal("12.5"))
    assert [read_stock(text) for text in ("17 112g", "1 000g", "17 112 g")] == [17, 1000, 17112]
    assert (read_escrow("perhaps"), read_escrow("Escrow"), read_escrow("Finalize early")) == (None, True, False)
    assert (read_rating("98%"), read_rating("nice")) == ((Decimal(98), Decimal(100)), (None, None))


def test_a_chemist_decides_on_an_emergent_name_once(tmp_path: Path) -> None:
    raw = RawPage(page_type="listing", listing=RawListing(title=words('Butoxynitazepyne 1g "new"')), reader="1")
    waiting = waiting_of(understand(sighting_of(raw)))
    assert (add_waiting(tmp_path, waiting), add_waiting(tmp_path, waiting)) == (1, 0)
    assert [(one.name, one.substance_class, one.first_seen) for one in read_waiting(tmp_path)] == [
        ("Butoxynitazepyne", "nitazenes", "2026-03-01T12:00:00.000Z")
    ]
    decide(tmp_path, "butoxynitazepyne", accepted=True, chemist="A. Chemist", when=SEEN)
    assert read_waiting(tmp_path) == ()
    assert [(one.name, one.decision, one.nps) for one in read_decisions(tmp_path)] == [
        ("Butoxynitazepyne", "accepted", True)
    ]
    with pytest.raises(BadInput, match="does not wait"):
        decide(tmp_path, "butoxynitazepyne", accepted=False, chemist="A. Chemist", when=SEEN)


def test_a_decision_extends_or_narrows_what_is_found(tmp_path: Path) -> None:
    from pipelines import vocabulary
    from pipelines.substance import find_substances

    rows = "name\tdecision\tclass\tnps\tchemist\tdecided\treason\n"
    rows += "Butoxynitazepyne\taccepted\tnitazenes\tyes\tA\t2026\t\n"
    rows += "Zwolazolam\trefused\tdesigner benzodiazepines\tno\tA\t2026\t\n"
    (tmp_path / vocabulary.OPERATOR_FILE).write_text(rows, encoding="utf-8")
    vocabulary.extend_from(tmp_path)
    try:
        assert [one.emergent for one in find_substances("Butoxynitazepyne 1g")] == [False]
        assert find_substances("Zwolazolam 1mg") == ()
    finally:
        vocabulary._HOMES.clear()
    assert [one.emergent for one in find_substances("Zwolazolam 1mg")] == [True]
