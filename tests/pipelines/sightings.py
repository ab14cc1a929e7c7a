"""Sightings of made listings and gates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from crawler.model.page import Gate, Listing, Page, PageType
from crawler.model.sighting import Capture, Sighting
from crawler.model.values import Money
from crawler.model.words import RawPage

START = datetime(2026, 1, 1, tzinfo=UTC)


def listing(
    number: int, *, priced: bool = True, title: str | None = None, price: int | None = None, page_type: str = "listing"
) -> Sighting:
    """A listing that was linked as one; ``page_type`` is what it is read as."""
    kind = PageType(page_type)
    money = Money(amount=Decimal(price if price is not None else number + 1), currency="EUR")
    said = Listing(title=title or f"Lamp {number}", vendor="ada", price=money if priced else None)
    page = Page(page_type=kind, listing=said if kind is PageType.LISTING else None)
    return _sighting(number, page, "listing")


def gate(number: int) -> Sighting:
    """A login in place of a page."""
    return _sighting(number, Page(page_type=PageType.GATE, gate=Gate.LOGIN), "category")


def _sighting(number: int, page: Page, linked_as: str) -> Sighting:
    url, time = f"http://m.example/item/{number}", START + timedelta(seconds=number)
    capture = Capture(
        market="birch",
        run="r1",
        url=url,
        time=time,
        status=200,
        payload_digest="sha256:00",
        record_id=f"<urn:uuid:{number}>",
        warc="birch/r1.warc.gz",
        offset=number,
        length=1,
    )
    raw = RawPage(page_type=page.page_type.value, reader="1", template="0123456789abcdef")
    return Sighting(market="birch", url=url, time=time, raw=raw, page=page, capture=capture, expected=linked_as)
