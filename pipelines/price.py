"""What is asked for: the headline price, the same in other currencies, one price an option."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from crawler.model.money import MoneyMatch, find_money
from crawler.model.page import Listing, PriceOption
from crawler.model.sighting import Sighting
from crawler.model.values import Money, Source
from crawler.model.words import RawListing, RawOption

__all__ = ["PricePipeline", "first_money", "read_price"]


def first_money(text: str) -> Money | None:
    """The first amount with a currency in the words; None where no currency stands beside a number."""
    found = find_money(text)
    return Money(amount=found[0].amount, currency=found[0].currency) if found else None


def read_price(sighting: Sighting) -> Sighting:
    """The sighting with its listing's prices."""
    listing, raw = sighting.page.listing, sighting.raw.listing
    if listing is None or raw is None:
        return sighting
    return replace(sighting, page=replace(sighting.page, listing=_priced(listing, raw)))


def _priced(listing: Listing, raw: RawListing) -> Listing:
    shown = find_money(raw.price.text) if raw.price else ()
    sources = dict(listing.sources)
    if shown and raw.price:
        listing = replace(listing, price=_money(shown[0]), price_in=tuple(_others(shown)))
        sources["price"] = Source(words=raw.price.text, rule=raw.price.rule, confidence=raw.price.confidence)
    options = tuple(_options(raw.prices, shown[0].currency if shown else None))
    if options:
        listing = replace(listing, prices=options, price=listing.price or _headline(options[0]))
        words = "; ".join(option.price for option in raw.prices)
        sources["prices"] = Source(words=words, rule="options", confidence=0.9)
        sources.setdefault("price", Source(words=raw.prices[0].price, rule="options:first", confidence=0.8))
    return replace(listing, sources=sources)


def _money(match: MoneyMatch) -> Money:
    return Money(amount=match.amount, currency=match.currency)


def _headline(option: PriceOption) -> Money:
    return Money(amount=option.amount, currency=option.currency)


def _others(shown: Iterable[MoneyMatch]) -> Iterator[Money]:
    """The first amount in each further currency."""
    headline, *rest = shown
    seen = {headline.currency}
    for match in rest:
        if match.currency not in seen:
            seen.add(match.currency)
            yield _money(match)


def _options(raw: Iterable[RawOption], currency: str | None) -> Iterator[PriceOption]:
    for option in raw:
        found = find_money(option.price)
        match = next((one for one in found if one.currency == currency), found[0] if found else None)
        if match:
            yield PriceOption(
                amount=match.amount, currency=match.currency, quantity_text=option.quantity, city=option.city
            )


class PricePipeline:
    """Scrapy's form of `read_price`."""

    def process_item(self, item: Sighting) -> Sighting:
        """The sighting with its prices."""
        return read_price(item)
