"""The fields of a listing and of a vendor, from the pairs, headings and sections a page shows."""

from __future__ import annotations

import re
from collections.abc import Iterable

from crawler.model.words import RawCard, RawListing, RawOption, RawVendor, Words
from spiders.reader.armour import pgp_blocks
from spiders.reader.categories import find_category
from spiders.reader.description import find_description
from spiders.reader.facts import Facts
from spiders.reader.grades import RATING, find_rating, find_review_count, find_sales, find_stock
from spiders.reader.links import Link
from spiders.reader.options import find_options
from spiders.reader.prices import find_price
from spiders.reader.routes import find_cities, find_route
from spiders.reader.sellers import find_owner, find_seller, mark_box
from spiders.reader.sheet import Sheet
from spiders.reader.vocabulary import fold

_LONGEST_PLACE = 400
_DIGIT = re.compile(r"\d")


def read_listing(
    sheet: Sheet,
    facts: Facts,
    links: list[Link],
    title: Words | None,
    description: Words | None,
    categories: frozenset[str] = frozenset(),
) -> RawListing:
    """The listing's words; ``categories`` are the folded names of categories a template knows."""
    seller = find_seller(sheet, facts, links)
    if seller:
        mark_box(sheet, seller, _place_of(sheet, title))
    options = find_options(sheet)
    ships_from, ships_to = find_route(facts)
    return RawListing(
        title=title or facts.words("title", longest=300),
        description=description,
        vendor=seller.words if seller else None,
        price=find_price(sheet, facts) or _first_option(options),
        prices=options,
        category=find_category(sheet, facts, links, title, categories),
        ships_from=ships_from,
        ships_to=ships_to,
        delivery=facts.words("delivery", longest=_LONGEST_PLACE),
        cities=find_cities(facts, options),
        stock=find_stock(facts),
        sales=find_sales(facts),
        rating=find_rating(facts, outside="seller"),
        review_count=find_review_count(facts),
        payment=facts.words("payment", longest=_LONGEST_PLACE),
        escrow=facts.words("escrow", longest=120),
    )


def _place_of(sheet: Sheet, title: Words | None) -> int | None:
    """The text that holds the title."""
    wanted = fold(title.text) if title else ""
    return next((k for k, text in enumerate(sheet.dom.texts) if wanted and fold(text[:400]) == wanted), None)


def _first_option(options: tuple[RawOption, ...]) -> Words | None:
    return Words(text=options[0].price, rule="option", confidence=0.6) if options else None


def read_vendor(
    sheet: Sheet, facts: Facts, title: Words | None, links: list[Link], cards: Iterable[RawCard]
) -> RawVendor:
    """The vendor's words on a page of their own; ``cards`` are the offers on it."""
    description = find_description(sheet, "about")
    if description is None or description.rule == "prose":
        described = find_description(sheet, "description")
        description = described if described and described.rule.startswith("label:") else description
    return RawVendor(
        name=find_owner(sheet, facts, title, links, cards),
        description=description,
        pgp_blocks=pgp_blocks(sheet),
        joined=facts.words("joined", longest=60),
        last_seen=facts.words("last_seen", longest=60),
        sales=facts.words("sales", wanted=_DIGIT, longest=40),
        rating=facts.words("vendor_rating", wanted=RATING, longest=60) or find_rating(facts, outside=None),
        level=facts.words("level", longest=40),
    )
