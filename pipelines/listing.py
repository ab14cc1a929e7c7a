"""A listing's own fields, cards and reviews: words as the reader found them, figures as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from crawler.model.page import Card, Listing, Review
from crawler.model.sighting import Sighting
from crawler.model.values import Source
from crawler.model.words import RawCard, RawListing, RawReview, Words
from pipelines.figures import (
    read_count,
    read_date,
    read_delivery,
    read_escrow,
    read_payment,
    read_rating,
    read_stock,
)
from pipelines.price import first_money
from pipelines.vendor import vendor_name

_LIKES_EMPTY: tuple[Any, ...] = (None, (), "")


def read_listing(sighting: Sighting) -> Sighting:
    """The sighting with its listing's plain fields, its cards and its reviews."""
    raw = sighting.raw
    page = replace(
        sighting.page,
        listing=_listing(raw.listing) if raw.listing else None,
        listings=tuple(_card(card) for card in raw.cards),
        reviews=tuple(_review(review, sighting) for review in raw.reviews),
        links=raw.links,
    )
    return replace(sighting, page=page)


def _listing(raw: RawListing) -> Listing:
    rating, scale = read_rating(raw.rating.text) if raw.rating else (None, None)
    values: dict[str, Any] = {
        "title": _text(raw.title),
        "description": _text(raw.description),
        "vendor": vendor_name(raw.vendor.text) if raw.vendor else None,
        "category": tuple(text for words in raw.category if (text := _text(words))),
        "delivery": read_delivery((raw.delivery.text,)) if raw.delivery else (),
        "cities": tuple(text for words in raw.cities if (text := _text(words))),
        "stock": read_stock(raw.stock.text) if raw.stock else None,
        "sales": read_count(raw.sales.text) if raw.sales else None,
        "rating": rating,
        "rating_scale": scale,
        "review_count": read_count(raw.review_count.text) if raw.review_count else None,
        "payment": read_payment(raw.payment.text) if raw.payment else (),
        "escrow": read_escrow(raw.escrow.text) if raw.escrow else None,
    }
    found = {name: value for name, value in values.items() if value not in _LIKES_EMPTY or value is False}
    return Listing(**found, sources=_sources(raw, found))


def _text(words: Words | None) -> str | None:
    return (words.text.strip() or None) if words else None


def _sources(raw: RawListing, found: Mapping[str, Any]) -> dict[str, Source]:
    words = {name: getattr(raw, "rating" if name == "rating_scale" else name) for name in found}
    return {name: _source(one) for name, one in words.items()}


def _source(words: Words | tuple[Words, ...]) -> Source:
    every = words if isinstance(words, tuple) else (words,)
    return Source(
        words=" / ".join(one.text for one in every), rule=every[0].rule, confidence=min(one.confidence for one in every)
    )


def _card(raw: RawCard) -> Card:
    return Card(
        title=raw.title.strip(),
        vendor=vendor_name(raw.vendor) if raw.vendor else None,
        price=first_money(raw.price) if raw.price else None,
        url=raw.url,
    )


def _review(raw: RawReview, sighting: Sighting) -> Review:
    rating: Decimal | None = read_rating(raw.rating)[0] if raw.rating else None
    return Review(
        rating=rating,
        text=(raw.text or "").strip() or None,
        buyer=(raw.buyer or "").strip() or None,
        date=read_date(raw.date, sighting.time if sighting.dated else None) if raw.date else None,
        price=first_money(raw.price) if raw.price else None,
    )


class ListingPipeline:
    """Scrapy's form of `read_listing`."""

    def process_item(self, item: Sighting) -> Sighting:
        """The sighting with its listing's fields."""
        return read_listing(item)
