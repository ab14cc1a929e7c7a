"""The offer's price as written in title or description, and the price of a gram, a unit, a millilitre."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from config import vocabulary
from crawler.model.money import MoneyMatch, find_money
from crawler.model.page import Listing, Offer
from crawler.model.sighting import Sighting
from crawler.model.values import Money, Source
from pipelines.amount import find_amount
from pipelines.rates import convert, current_rates, use_rates_of
from pipelines.text import evened

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

_PLACES = Decimal("0.0001")
_COIN_PLACES = Decimal("0.00000001")
_SMALL = Decimal(1)
_REACH = 24
_UNIT_FORMS = ("pill", "blotter", "patch")
_UNITS = {"quantity_g": "g", "count": "units", "volume_ml": "ml"}
_RULES = {"price_per_gram": "price / mass", "price_per_unit": "price / count", "price_per_ml": "price / volume"}
_A_GRAM = re.compile(
    r"\s{0,2}(?:/|per|pro|par|por|al|a|je|за|ein|le|il|el|the)\s{0,2}(?:1\s?)?(?:g|gr|gram|gramm|gramme|gramo|grammo|грамм|грам|г|гр)(?!\w)",
    re.IGNORECASE,
)


def read_offer(sighting: Sighting) -> Sighting:
    """The sighting with its offer's price as written and its price of a gram, a unit, a millilitre."""
    listing = sighting.page.listing
    if listing is None:
        return sighting
    written = find_written_price(listing.title or "", listing.description)
    offer, sources = listing.offer or Offer(), dict(listing.sources)
    if written:
        offer = replace(offer, price=written.amount, currency=written.currency)
        sources["offer.price"] = Source(words=f"{written.amount} {written.currency}", rule="written", confidence=0.9)
    prices = _unit_prices(listing, offer)
    gram, unit, millilitre = (prices[name][0] if name in prices else None for name in _RULES)
    offer = replace(offer, price_per_gram=gram, price_per_unit=unit, price_per_ml=millilitre)
    for name, (_, words) in prices.items():
        sources[f"offer.{name}"] = Source(words=words, rule=_RULES[name], confidence=0.85)
    converted = convert(gram, sighting.time, current_rates(), listing, sighting.raw.rates) if gram else None
    if gram and converted:
        offer = replace(offer, price_per_gram_ref=converted)
        words = f"{gram.amount} {gram.currency} x {converted.rate}"
        sources["offer.price_per_gram_ref"] = Source(words=words, rule="rate of the day", confidence=0.85)
    if offer == Offer():
        return sighting
    return replace(sighting, page=replace(sighting.page, listing=replace(listing, offer=offer, sources=sources)))


def find_written_price(title: str, description: str | None) -> MoneyMatch | None:
    """The price a title states; else the only one a description states."""
    in_title = _prices(title)
    if in_title:
        return in_title[0]
    in_description = _prices(description[:2000]) if description else []
    return in_description[0] if len(in_description) == 1 else None


def _prices(text: str) -> list[MoneyMatch]:
    plain = evened(text)
    after, before = _no_price()
    return [
        one
        for one in find_money(plain)
        if not (after.match(plain, one.end) or before.search(plain, max(0, one.start - _REACH), one.start))
    ]


@cache
def _no_price() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What stands after and before money that is handed over, promised or limited: "50 EUR notes", "earn $30"."""
    words = vocabulary.tree("listing_words")["no_price"]
    after, before = ("|".join(words[place]) for place in ("after", "before"))
    return (
        re.compile(rf"\W{{0,3}}(?:usd |eur )?(?:{after})(?!\w)", re.IGNORECASE),
        re.compile(rf"(?<!\w)(?:{before})\W{{1,3}}$", re.IGNORECASE),
    )


def price_of_one(money: Money | MoneyMatch, size: Decimal) -> Money:
    """What one gram, unit or millilitre of ``size`` costs, to four places, coins to eight."""
    amount = money.amount / size
    return Money(
        amount=amount.quantize(_PLACES if amount >= _SMALL else _COIN_PLACES).normalize(), currency=money.currency
    )


def comes_in_units(offer: Offer) -> bool:
    """Whether the offer is of pills, blotters or patches, so that one of them has a price."""
    return offer.form in _UNIT_FORMS or (offer.dose_mg is not None and offer.form is None)


def _unit_prices(listing: Listing, offer: Offer) -> dict[str, tuple[Money, str]]:
    said = gram_price_said(listing.title or "")
    found = {"price_per_gram": (said, listing.title or "") if said else _divided(listing, offer, "quantity_g")}
    if comes_in_units(offer):
        found["price_per_unit"] = _divided(listing, offer, "count")
    elif offer.count is None:
        found["price_per_ml"] = _divided(listing, offer, "volume_ml")
    return {name: price for name, price in found.items() if price}


def _divided(listing: Listing, offer: Offer, size: str) -> tuple[Money, str] | None:
    """A price over a size: the option of the headline price, the headline over the title's, the first option."""
    by_option = tuple(_sized_options(listing, size))
    headline = next((found for found in by_option if listing.price and found[0] == listing.price), None)
    price, stated = listing.price or written_money(offer), getattr(offer, size)
    if headline is None and price and stated:
        return price_of_one(price, Decimal(stated)), f"{price.amount} {price.currency} / {stated} {_UNITS[size]}"
    chosen = headline or next(iter(by_option), None)
    if chosen is None:
        return None
    money, amount, words = chosen
    return price_of_one(money, amount), f"{money.amount} {money.currency} / {words}"


def _sized_options(listing: Listing, size: str) -> Iterator[tuple[Money, Decimal, str]]:
    """Each price option that states the size: its price, the size, the words of the amount."""
    for option in listing.prices:
        stated = getattr(find_amount(option.quantity_text), size) if option.quantity_text else None
        if stated and option.quantity_text:
            yield Money(amount=option.amount, currency=option.currency), Decimal(stated), option.quantity_text


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
    """Scrapy's form of `read_offer`; the rates are those of the home (setting ``HOME``)."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> OfferPipeline:
        """The pipeline as Scrapy makes it. Raises BadInput where the home's rates are wrong."""
        if crawler.settings.get("HOME"):
            use_rates_of(Path(crawler.settings["HOME"]))
        return cls()

    def process_item(self, item: Sighting) -> Sighting:
        """The sighting with its offer."""
        return read_offer(item)
