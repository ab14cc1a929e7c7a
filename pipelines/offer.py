"""The offer's price as written in title or description, and the price of a gram."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from crawler.model.money import MoneyMatch, find_money
from crawler.model.page import Listing, Offer
from crawler.model.sighting import Sighting
from crawler.model.values import Money, Source
from pipelines.amount import find_amount
from pipelines.text import evened

_PLACES = Decimal("0.0001")
_COIN_PLACES = Decimal("0.00000001")
_SMALL = Decimal(1)
_A_GRAM = re.compile(
    r"\s{0,2}(?:/|per|pro|par|por|al|a|je|за|ein|le|il|el|the)\s{0,2}(?:1\s?)?(?:g|gr|gram|gramm|gramme|gramo|grammo|грамм|грам|г|гр)(?!\w)",
    re.IGNORECASE,
)


def read_offer(sighting: Sighting) -> Sighting:
    """The sighting with its offer's price as written and its price of a gram."""
    listing = sighting.page.listing
    if listing is None:
        return sighting
    written = find_written_price(listing.title or "", listing.description)
    offer, sources = listing.offer or Offer(), dict(listing.sources)
    if written:
        offer = replace(offer, price=written.amount, currency=written.currency)
        sources["offer.price"] = Source(words=f"{written.amount} {written.currency}", rule="written", confidence=0.9)
    gram = _price_of_a_gram(listing, offer)
    if gram:
        offer = replace(offer, price_per_gram=gram[0])
        sources["offer.price_per_gram"] = Source(words=gram[1], rule="price / mass", confidence=0.85)
    if offer == Offer():
        return sighting
    return replace(sighting, page=replace(sighting.page, listing=replace(listing, offer=offer, sources=sources)))


def find_written_price(title: str, description: str | None) -> MoneyMatch | None:
    """The price a title states; else the only one a description states."""
    in_title = find_money(evened(title))
    if in_title:
        return in_title[0]
    in_description = find_money(evened(description[:2000])) if description else ()
    return in_description[0] if len(in_description) == 1 else None


def per_gram(money: Money | MoneyMatch, grams: Decimal) -> Money:
    """What one gram costs, to four places, coins to eight."""
    amount = money.amount / grams
    return Money(
        amount=amount.quantize(_PLACES if amount >= _SMALL else _COIN_PLACES).normalize(), currency=money.currency
    )


def _price_of_a_gram(listing: Listing, offer: Offer) -> tuple[Money, str] | None:
    said = gram_price_said(listing.title or "")
    if said:
        return said, listing.title or ""
    by_option = tuple(_grams_of_options(listing))
    headline = next((found for found in by_option if listing.price and found[0] == listing.price), None)
    price = listing.price or written_money(offer)
    if headline is None and price and offer.quantity_g:
        return per_gram(price, offer.quantity_g), f"{price.amount} {price.currency} / {offer.quantity_g} g"
    chosen = headline or next(iter(by_option), None)
    if chosen is None:
        return None
    money, grams, words = chosen
    return per_gram(money, grams), f"{money.amount} {money.currency} / {words}"


def _grams_of_options(listing: Listing) -> Iterator[tuple[Money, Decimal, str]]:
    """Each price option that states a mass: its price, the grams, the words of the amount."""
    for option in listing.prices:
        grams = find_amount(option.quantity_text).quantity_g if option.quantity_text else None
        if grams and option.quantity_text:
            yield Money(amount=option.amount, currency=option.currency), grams, option.quantity_text


def written_money(offer: Offer) -> Money | None:
    """The offer's own price, where it has one."""
    if offer.price is None or offer.currency is None:
        return None
    return Money(amount=offer.price, currency=offer.currency)


def gram_price_said(text: str) -> Money | None:
    """A price that the words themselves put on one gram ("8,50 € pro Gramm"); None where they do not."""
    plain = evened(text)
    for match in find_money(plain):
        if _A_GRAM.match(plain, match.end):
            return Money(amount=match.amount, currency=match.currency)
    return None


class OfferPipeline:
    """Scrapy's form of `read_offer`."""

    def process_item(self, item: Sighting) -> Sighting:
        """The sighting with its offer."""
        return read_offer(item)
