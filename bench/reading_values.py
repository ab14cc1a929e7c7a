"""The reader's raw words as plain values, enough to score the reader alone, without the pipelines."""

from __future__ import annotations

import re
from typing import Any

from crawler.model.money import find_money, read_number
from crawler.model.words import RawListing, RawOption, RawPage, RawVendor, Words
from spiders.reader.vocabulary import fold_label, labels

_LIST = re.compile(r"\s*[,;/|\n]\s*|\s(?:and|&|и|ва|және|жана)\s")


def _text(words: Words | None) -> str | None:
    return words.text if words else None


def _money(text: str | None) -> dict[str, Any] | None:
    found = find_money(text or "")
    return {"amount": float(found[0].amount), "currency": found[0].currency} if found else None


def _number(words: Words | None) -> float | None:
    if words is None:
        return None
    if set(words.text) & set("★⭐") and not any(map(str.isdigit, words.text)):
        return float(words.text.count("★") + words.text.count("⭐"))
    found = read_number(words.text)
    return float(found) if found is not None else None


def _stock(words: Words | None) -> float | None:
    if words is not None and fold_label(words.text) in labels().sold_out:
        return 0.0
    return _number(words)


def _places(words: Words | None) -> list[dict[str, str]]:
    return [{"text": part.strip()} for part in _LIST.split(words.text) if part.strip()] if words else []


def _option(option: RawOption) -> dict[str, Any] | None:
    money = _money(option.price)
    return None if money is None else {**money, "quantity_text": option.quantity, "city": option.city}


def _listing(raw: RawListing) -> dict[str, Any]:
    return {
        "title": _text(raw.title),
        "description": _text(raw.description),
        "vendor": _text(raw.vendor),
        "price": _money(_text(raw.price)),
        "prices": [option for found in raw.prices if (option := _option(found))],
        "category": [step.text for step in raw.category],
        "ships_from": {"text": raw.ships_from.text} if raw.ships_from else None,
        "ships_to": _places(raw.ships_to),
        "cities": [city.text for city in raw.cities],
        "stock": _stock(raw.stock),
        "rating": _number(raw.rating),
        "review_count": _number(raw.review_count),
    }


def _vendor(raw: RawVendor) -> dict[str, Any]:
    return {
        "name": _text(raw.name),
        "description": _text(raw.description),
        "rating": _number(raw.rating),
        "pgp_fingerprints": [_fingerprint(block) for block in raw.pgp_blocks],
    }


def _fingerprint(block: str) -> str:
    import pysequoia

    try:
        return str(pysequoia.Cert.from_bytes(block.encode()).fingerprint).upper()
    except Exception as error:
        return f"unreadable: {str(error).splitlines()[0]}"


def as_json(raw: RawPage) -> dict[str, Any]:
    """The page as the scorer takes it."""
    found: dict[str, Any] = {
        "page_type": raw.page_type,
        "gate": raw.gate,
        "listing": _listing(raw.listing) if raw.listing else None,
        "listings": [
            {"title": card.title, "vendor": card.vendor, "price": _money(card.price), "url": card.url}
            for card in raw.cards
        ],
        "vendor": _vendor(raw.vendor) if raw.vendor else None,
        "reviews": [
            {"text": review.text, "rating": review.rating, "buyer": review.buyer, "date": review.date}
            for review in raw.reviews
        ],
        "links": {"next": raw.links.next},
    }
    return {key: value for key, value in found.items() if value not in (None, [], {})}
