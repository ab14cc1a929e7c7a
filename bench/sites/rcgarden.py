"""RC Garden: an English clear-net style shop on a blog engine, absolute addresses, price ranges, variations as JSON."""

import json
from decimal import Decimal
from typing import ClassVar
from urllib.parse import quote_plus

from bench.sites.site import Site
from bench.sites.words import slug
from bench.sites.world import Category, Listing, Plan, Vendor

HOST = "https://rcgarden.example"
PLAIN = {
    "home": "/",
    "login": "/my-account/",
    "captcha": "/check/",
    "queue": "/hold/",
    "error": "/product/old-item-0/",
    "faq": "/faq/",
    "rules": "/terms/",
    "news": "/blog/",
    "key": "/pgp/",
    "cart": "/cart/",
}


class RcGarden(Site):
    """One shop; a range from the lowest to the highest price; options carry no price of their own in the text."""

    name: ClassVar[str] = "rcgarden"
    about: ClassVar[str] = "English, blog-engine shop, absolute addresses, price ranges, GBP"
    plan: ClassVar[Plan] = Plan(
        languages=("en",),
        currency="GBP",
        rate=0.79,
        step="0.5",
        listings_per_vendor=10_000,
        families=("cathinones", "psychedelics", "dissociatives", "benzos", "stimulants"),
        offers=(1, 4),
        no_key=1.0,
        no_rating=0.4,
    )
    searches: ClassVar[tuple[str, ...]] = ("MMC", "LSD", "2")
    shows: ClassVar[frozenset[str]] = frozenset({"category", "rating", "stock", "route", "reviews"})
    card_shows: ClassVar[frozenset[str]] = frozenset({"price"})
    has_vendor_pages: ClassVar[bool] = False

    def listing_url(self, listing: Listing) -> str:
        return f"{HOST}/product/{slug(listing.title) or 'item'}-{listing.number}/"

    def category_url(self, category: Category, page: int = 1) -> str:
        return f"{HOST}/product-category/{category.key}/" + (f"page/{page}/" if page > 1 else "")

    def vendor_url(self, vendor: Vendor) -> str:
        return f"{HOST}/about/"

    def feedback_url(self, vendor: Vendor, page: int = 1) -> str:
        return f"{HOST}/testimonials/" + (f"page/{page}/" if page > 1 else "")

    def search_url(self, query: str, page: int = 1) -> str:
        return f"{HOST}/" + (f"page/{page}/" if page > 1 else "") + f"?s={quote_plus(query)}&post_type=product"

    def plain_url(self, name: str) -> str:
        return HOST + PLAIN[name]

    def money(self, amount: Decimal, currency: str) -> str:
        return f"£{amount:,.2f}"

    def category_path(self, x: Listing) -> list[str]:
        return ["Shop", self.category_name(x.category)]

    def variations(self, x: Listing) -> str:
        """The options as the theme's script reads them."""
        options = [{"attributes": {"size": o.quantity}, "display_price": float(o.amount)} for o in x.offers]
        return json.dumps(options)
