from __future__ import annotations

from dataclasses import replace

import pytest

from pipelines.health import FillRates, Health, added, drift, shape_of
from tests.pipelines.sightings import gate, listing


def _pages(count: int, *, priced: bool = True, title: str | None = None) -> Health:
    health = Health()
    for number in range(count):
        health.count(listing(number, priced=priced, title=title))
    return health


def test_a_field_that_used_to_be_there_and_is_gone_is_an_alarm() -> None:
    assert drift(_pages(20).rates(), _pages(20, priced=False).rates()) == (
        "listing.price was on 100% of pages, now on 0%",
    )


def test_a_field_below_the_share_its_profile_expects_is_an_alarm() -> None:
    assert drift(FillRates(), _pages(20, priced=False).rates(), {"listing.price": 0.9}) == (
        "listing.price is on 0% of pages, the profile expects 90%",
    )


def test_too_few_pages_raise_no_alarm() -> None:
    assert drift(_pages(20).rates(), _pages(5, priced=False).rates()) == ()


def test_gates_instead_of_content_are_an_alarm() -> None:
    health = Health()
    for number in range(12):
        health.count(gate(number))
    assert drift(_pages(20).rates(), health.rates()) == ("12 of 12 pages are gates, most of them login",)


def test_pages_that_all_say_the_same_are_an_alarm() -> None:
    health = Health()
    for number in range(20):
        health.count(listing(number, title="Lamp", price=7))
    assert drift(_pages(20).rates(), health.rates()) == ("100% of listings say the same",)


def test_pages_that_are_not_what_the_links_to_them_promise_are_an_alarm() -> None:
    health = Health()
    for number in range(20):
        health.count(listing(number, page_type="other"))
    assert drift(_pages(20).rates(), health.rates()) == ("0% of the pages linked as listing are one, 100% were",)


def test_pages_at_an_address_shape_that_are_no_more_what_they_were_are_an_alarm() -> None:
    before, health = _pages(20), Health()
    for number in range(20):
        health.count(replace(listing(number, page_type="other"), expected="category"))
    assert drift(before.rates(), health.rates()) == ("0% of the pages at /item/* are read as listing, 100% were",)


@pytest.mark.parametrize(
    ("url", "shape"),
    [
        ("http://m.example/", "/"),
        ("http://m.example/item/17/lamp", "/item/*/*"),
        ("http://m.example/listing.php?pid=4&lang=en", "/listing.php?lang&pid"),
        ("http://m.example/p17", "/p#"),
    ],
)
def test_addresses_of_one_kind_have_one_shape(url: str, shape: str) -> None:
    assert shape_of(url) == shape


def test_counts_of_several_runs_are_added_up() -> None:
    both = added([_pages(6).rates(), _pages(6, priced=False).rates()])
    assert both.shares()["listing.price"] == 0.5
    assert both.pages == {"listing": 12}
