"""What a title and a description offer, as `npswatch label` prints it; the same code as the pipelines."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from crawler.model.page import Offer
from crawler.model.plain import plain
from crawler.model.values import Money
from pipelines.amount import find_amount
from pipelines.identifiers import find_identifiers
from pipelines.language import find_language
from pipelines.linked_crime import find_linked_crimes
from pipelines.offer import comes_in_units, find_written_price, gram_price_said, price_of_one, written_money
from pipelines.rates import convert, current_rates
from pipelines.substance import find_in_listing


def label(title: str, description: str | None = None) -> dict[str, Any]:
    """The fields of the offer, ``language``, ``identifiers`` and ``linked_crimes``, flat; empty ones left out."""
    text = f"{title}\n{description}" if description else title
    crimes = find_linked_crimes(title, description)
    offer: dict[str, Any] = plain(find_offer(title, description))
    rest: dict[str, Any] = plain(
        {
            "language": find_language(title, description),
            "identifiers": find_identifiers(text),
            "linked_crimes": list(crimes),
            "linked_crime_evidence": list(dict.fromkeys(crimes.values())),
        }
    )
    return offer | rest


def find_offer(title: str, description: str | None) -> Offer:
    """The offer a title and a description state: substances, amounts, prices as written and of one gram, unit or ml."""
    substances, _ = find_in_listing(title, description)
    amount = find_amount(title, substances)
    written = find_written_price(title, description)
    offer = Offer(
        substances=substances,
        quantity_g=amount.quantity_g,
        volume_ml=amount.volume_ml,
        count=amount.count,
        dose_mg=amount.dose_mg,
        form=amount.form,
        price=written.amount if written else None,
        currency=written.currency if written else None,
    )
    return _in_reference_currency(_with_unit_prices(offer, gram_price_said(title)))


def _in_reference_currency(offer: Offer) -> Offer:
    """The offer with its price of a gram at today's rate, where the home's file of rates has one of today."""
    if offer.price_per_gram is None:
        return offer
    return replace(offer, price_per_gram_ref=convert(offer.price_per_gram, datetime.now(UTC), current_rates()))


def _with_unit_prices(offer: Offer, gram: Money | None) -> Offer:
    price = written_money(offer)
    if price is None:
        return replace(offer, price_per_gram=gram)
    units = offer.count if comes_in_units(offer) else None
    volume = offer.volume_ml if offer.count is None and not comes_in_units(offer) else None
    return replace(
        offer,
        price_per_gram=gram or (price_of_one(price, offer.quantity_g) if offer.quantity_g else None),
        price_per_unit=price_of_one(price, Decimal(units)) if units else None,
        price_per_ml=price_of_one(price, volume) if volume else None,
    )
