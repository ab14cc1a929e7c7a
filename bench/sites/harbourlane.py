"""Harbour Lane: an English market of many vendors, divs and cards, parcels by post, prices in USD and BTC."""

from decimal import Decimal
from typing import ClassVar
from urllib.parse import quote

from bench.sites.site import Site
from bench.sites.words import slug
from bench.sites.world import Category, Listing, Offer, Plan, Vendor

PLAIN = {
    "home": "/",
    "login": "/login",
    "captcha": "/ddos-check",
    "queue": "/waiting",
    "error": "/listing/1/gone",
    "faq": "/help/faq",
    "rules": "/help/rules",
    "news": "/help/news",
    "key": "/help/pgp",
    "cart": "/basket",
}


class HarbourLane(Site):
    """Cards in a grid; stars in a title attribute or as a width; bulk tiers in a list."""

    name: ClassVar[str] = "harbourlane"
    about: ClassVar[str] = "English, divs and cards, post, USD and BTC"
    plan: ClassVar[Plan] = Plan(
        languages=("en",), currency="USD", rate=1.0, step="0.5", coins=("BTC", "XMR"), coin_only=0.04
    )

    def listing_url(self, listing: Listing) -> str:
        return f"/listing/{listing.number}/{slug(listing.title) or 'item'}"

    def category_url(self, category: Category, page: int = 1) -> str:
        return f"/c/{category.root}/{category.key}" + (f"?page={page}" if page > 1 else "")

    def vendor_url(self, vendor: Vendor) -> str:
        return f"/v/{quote(vendor.name)}"

    def feedback_url(self, vendor: Vendor, page: int = 1) -> str:
        return f"/v/{quote(vendor.name)}/feedback" + (f"?page={page}" if page > 1 else "")

    def search_url(self, query: str, page: int = 1) -> str:
        return f"/search?q={quote(query)}&sort=new" + (f"&page={page}" if page > 1 else "")

    def plain_url(self, name: str) -> str:
        return PLAIN[name]

    def money(self, amount: Decimal, currency: str) -> str:
        return f"${amount:,.2f}" if currency == "USD" else f"{amount:f} {currency}"

    def price_alt(self, offer: Offer) -> list[tuple[Decimal, str]]:
        return [(self.coin(offer), "BTC")]
