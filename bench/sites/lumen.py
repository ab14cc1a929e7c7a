"""Lumen: an English market of utility classes only, hashed addresses, stars as glyphs, US dollars and Monero."""

from decimal import Decimal
from typing import ClassVar
from urllib.parse import quote

from bench.sites.site import Site
from bench.sites.world import Category, Listing, Offer, Plan, Vendor

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
PLAIN = {
    "home": "/",
    "login": "/auth/sign-in",
    "captcha": "/gate",
    "queue": "/hold",
    "error": "/p/zzzzzz",
    "faq": "/docs/faq",
    "rules": "/docs/rules",
    "news": "/docs/news",
    "key": "/docs/canary",
    "cart": "/bag",
}


class Lumen(Site):
    """No class tells what a thing is; labels are small grey words; pages follow each other by a cursor."""

    name: ClassVar[str] = "lumen"
    about: ClassVar[str] = "English, utility classes, hashed addresses, cursor paging, USD and XMR"
    plan: ClassVar[Plan] = Plan(
        languages=("en",), currency="USD", rate=1.0, step="0.01", coins=("XMR",), listings_per_vendor=9
    )
    searches: ClassVar[tuple[str, ...]] = ("MMC", "LSD", "pcs")

    def hashed(self, number: int, salt: int) -> str:
        """A short opaque name for a number."""
        value, text = (number * 7_368_787 + salt) % 2_176_782_336, ""
        while value:
            value, rest = divmod(value, 36)
            text = DIGITS[rest] + text
        return text

    def listing_url(self, listing: Listing) -> str:
        return f"/p/{self.hashed(listing.number, 1)}"

    def category_url(self, category: Category, page: int = 1) -> str:
        return f"/browse/{category.key}" + (f"?cursor={self.hashed(page, category.number)}" if page > 1 else "")

    def vendor_url(self, vendor: Vendor) -> str:
        return f"/u/{quote(vendor.name)}"

    def feedback_url(self, vendor: Vendor, page: int = 1) -> str:
        return f"/u/{quote(vendor.name)}/reviews" + (f"?cursor={self.hashed(page, vendor.number)}" if page > 1 else "")

    def search_url(self, query: str, page: int = 1) -> str:
        return f"/browse?term={quote(query)}" + (f"&cursor={self.hashed(page, 5)}" if page > 1 else "")

    def plain_url(self, name: str) -> str:
        return PLAIN[name]

    def money(self, amount: Decimal, currency: str) -> str:
        return f"US${amount:,.2f}"

    def monero(self, offer: Offer) -> str:
        """The price in Monero as written."""
        return f"{self.coin(offer, 'XMR'):.6f}"

    def price_alt(self, offer: Offer) -> list[tuple[Decimal, str]]:
        return [(Decimal(self.monero(offer)), "XMR")]

    card_price_alt = price_alt
