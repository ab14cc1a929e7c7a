from __future__ import annotations

from crawler.model.words import RawListing, RawPage, Words
from spiders.reader.health import Health, as_table, drift


def _words(text: str) -> Words:
    return Words(text=text, rule="label:price", confidence=0.9)


def _pages(count: int, *, priced: bool = True, title: str | None = None) -> Health:
    health = Health()
    for number in range(count):
        listing = RawListing(title=_words(title or f"Lamp {number}"), price=_words("5 EUR") if priced else None)
        health.count(RawPage(page_type="listing", listing=listing, reader="1"))
    return health


def test_a_field_that_used_to_be_there_and_is_gone_is_an_alarm() -> None:
    assert drift(_pages(20).rates(), _pages(20, priced=False).rates()) == (
        "listing.price was on 100% of pages, now on 0%",
    )


def test_too_few_pages_raise_no_alarm() -> None:
    assert drift(_pages(20).rates(), _pages(5, priced=False).rates()) == ()


def test_gates_instead_of_content_are_an_alarm() -> None:
    health = Health()
    for _ in range(12):
        health.count(RawPage(page_type="gate", gate="login", reader="1"))
    assert drift(_pages(20).rates(), health.rates()) == ("12 of 12 pages are gates, most of them login",)


def test_pages_that_are_all_the_same_are_an_alarm() -> None:
    assert drift(_pages(20).rates(), _pages(20, title="Lamp").rates()) == ("100% of listings have the same title",)


def test_rates_are_plain_values_for_the_run_document() -> None:
    assert as_table(_pages(2).rates())["pages"] == {"listing": 2}
