"""Kiesel & Kwik: a modern single-vendor shop in German and Dutch, definition lists, selects, JSON-LD, euros."""

import json
from decimal import Decimal
from typing import ClassVar
from urllib.parse import quote

from bench.sites.site import Site
from bench.sites.words import slug
from bench.sites.world import Category, Listing, Plan, Vendor

PLAIN = {
    "home": "/",
    "login": "/account/login",
    "captcha": "/challenge",
    "queue": "/warteraum",
    "error": "/artikel/nicht-da-0",
    "faq": "/info/faq",
    "rules": "/info/agb",
    "news": "/blog",
    "key": "/info/pgp",
    "cart": "/warenkorb",
}


class Apotheke(Site):
    """Facts in definition lists, options in a select, some pages with JSON-LD; each listing has its own language."""

    name: ClassVar[str] = "apotheke"
    about: ClassVar[str] = "German and Dutch, single vendor, definition lists, selects, JSON-LD, EUR"
    plan: ClassVar[Plan] = Plan(
        languages=("de", "nl"),
        currency="EUR",
        rate=0.92,
        step="0.1",
        listings_per_vendor=10_000,
        offers=(1, 4),
        zero_width=0.0,
        no_key=1.0,
    )
    per_page: ClassVar[int] = 16
    searches: ClassVar[tuple[str, ...]] = ("MMC", "LSD", "2C")
    shows: ClassVar[frozenset[str]] = frozenset({"category", "rating", "stock", "route", "reviews", "offers"})
    card_shows: ClassVar[frozenset[str]] = frozenset({"price"})
    has_vendor_pages: ClassVar[bool] = False

    def listing_url(self, listing: Listing) -> str:
        return f"/artikel/{slug(listing.good.name)}-{listing.number}"

    def category_url(self, category: Category, page: int = 1) -> str:
        return f"/katalog/{category.key}" + (f"?seite={page}" if page > 1 else "")

    def vendor_url(self, vendor: Vendor) -> str:
        return "/info/ueber-uns"

    def feedback_url(self, vendor: Vendor, page: int = 1) -> str:
        return "/bewertungen" + (f"?seite={page}" if page > 1 else "")

    def search_url(self, query: str, page: int = 1) -> str:
        return f"/suche?q={quote(query)}" + (f"&seite={page}" if page > 1 else "")

    def plain_url(self, name: str) -> str:
        return PLAIN[name]

    def category_path(self, x: Listing) -> list[str]:
        return [self.root_name(x.category, x.language), self.category_name(x.category, x.language)]

    def money(self, amount: Decimal, currency: str) -> str:
        return f"{amount:,.2f}".replace(",", "\0").replace(".", ",").replace("\0", ".") + " €"

    def structured(self, x: Listing) -> str:
        """The listing as JSON-LD, safe inside a script element."""
        offer = {"@type": "Offer", "price": f"{x.offers[0].amount:.2f}", "priceCurrency": "EUR"}
        facts = {"@context": "https://schema.org", "@type": "Product", "name": x.title, "offers": offer}
        return json.dumps(facts, ensure_ascii=False).replace("<", "\\u003c")
