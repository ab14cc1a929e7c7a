"""A site whose words no table knows is read by its structure: who leads where, and what stands there again."""

from __future__ import annotations

import re

import pytest

from crawler.model.page import PageType
from crawler.model.reading import Received
from crawler.model.words import RawPage
from spiders.reader import SiteReader, Template
from spiders.reader.urls import shape_of

SITE = "http://own-words.example"
SHOPS = ("heron", "tern", "gannet")
METALS = ("Copper", "Brass", "Iron", "Tin")
OFFERS = [
    (number, f"{METALS[number % 4]} lamp mark {number} {METALS[number % 3]}", SHOPS[number % 3], f"{number}4.50 EUR")
    for number in range(1, 10)
]
FRAME = '<div class="top"><a href="/">smithy</a> <a href="/bye">off</a></div><div class="hearth">{}</div>'


def card(number: int, title: str, shop: str, price: str) -> str:
    return (
        f'<div class="piece"><a href="/forged/{number}">{title}</a> <a href="/smith/{shop}">{shop}</a>'
        f" <i>{price}</i></div>"
    )


def cards(offers: list[tuple[int, str, str, str]]) -> str:
    return '<div class="row">' + "".join(card(*offer) for offer in offers) + "</div>"


def forged(number: int, title: str, shop: str, price: str) -> str:
    return (
        f'<p class="l">iron</p><p class="l">{title}</p><div><a href="/smith/{shop}">{shop}</a></div>'
        f"<p>asks {price}</p><p>Hammered {number} times and cooled in rain water.</p>"
    )


def unsigned(body: str) -> str:
    """The page, or its address, with numbers for vendors and with cards that name none."""
    body = re.sub(r' <a href="/smith/\w+">\w+</a> <i>', " <i>", body)
    return re.sub(r"/smith/(\w+)", lambda match: f"/smith/{SHOPS.index(match[1])}7", body)


def pages() -> dict[str, str]:
    found = {f"/heat/{start}": cards(OFFERS[start::2] + OFFERS[:1]) for start in range(3)}
    found |= {f"/forged/{offer[0]}": forged(*offer) for offer in OFFERS}
    for shop in SHOPS:
        own = [offer for offer in OFFERS if offer[2] == shop]
        found[f"/smith/{shop}"] = f'<p class="head">{shop}</p><p>At the fire for long.</p>' + cards(own)
    return {url: FRAME.format(body) for url, body in found.items()}


def read(*, addresses: bool, signed: bool = True) -> dict[str, RawPage]:
    reader = SiteReader()
    site = {
        url: Received(body=f"<html><body>{body}</body></html>".encode(), url=SITE + url if addresses else None)
        for url, body in (
            pages() if signed else {unsigned(url): unsigned(text) for url, text in pages().items()}
        ).items()
    }
    for page in site.values():
        reader.learn(page)
    assert Template.from_toml(reader.template.to_toml()).version == reader.template.version
    return {url: reader.read(page) for url, page in site.items()}


@pytest.mark.parametrize("addresses", [True, False])
def test_a_page_that_cards_lead_to_is_the_listing_of_the_card_whatever_its_words(addresses: bool) -> None:
    found = read(addresses=addresses)
    for number, title, shop, price in OFFERS:
        listing = found[f"/forged/{number}"].listing
        assert listing
        assert listing.title
        assert listing.vendor
        assert listing.price
        assert (listing.title.text, listing.vendor.text) == (title, shop)
        assert price in listing.price.text


@pytest.mark.parametrize("addresses", [True, False])
def test_a_page_whose_offers_other_pages_say_to_be_of_one_vendor_is_the_vendors(addresses: bool) -> None:
    found = read(addresses=addresses)
    for shop in SHOPS:
        vendor = found[f"/smith/{shop}"].vendor
        assert vendor
        assert vendor.name
        assert vendor.name.text == shop
    assert found["/heat/0"].page_type == found["/heat/1"].page_type == PageType.CATEGORY.value


def test_the_one_link_of_each_listing_that_leads_to_few_pages_names_the_vendor_where_no_card_does() -> None:
    found = read(addresses=True, signed=False)
    named = {url: page.listing.vendor.text for url, page in found.items() if page.listing and page.listing.vendor}
    assert named == {f"/forged/{number}": shop for number, _, shop, _ in OFFERS}
    assert [found[unsigned(f"/smith/{shop}")].page_type for shop in SHOPS] == [PageType.VENDOR.value] * 3


def test_a_single_letter_in_an_address_names_a_kind_of_page() -> None:
    assert shape_of("/?v=n&k=74be").text == shape_of("/?v=n&k=c85a").text != shape_of("/?v=b&k=1379").text
