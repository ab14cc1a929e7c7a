"""The Ledger: an English market of plain text between <pre> tags, prices in Monero only."""

from decimal import Decimal
from typing import ClassVar
from urllib.parse import quote

from bench.sites.site import Site
from bench.sites.world import Category, Listing, Plan, Vendor

PLAIN = {
    "home": "/",
    "login": "/in",
    "captcha": "/who",
    "queue": "/later",
    "error": "/l/0",
    "faq": "/t/faq",
    "rules": "/t/rules",
    "news": "/t/news",
    "key": "/t/key",
    "cart": "/order",
}


class Ledger(Site):
    """Labels padded with dots, one line a listing, rules of hyphens."""

    name: ClassVar[str] = "ledger"
    about: ClassVar[str] = "English, <pre> and dotted labels, XMR only"
    plan: ClassVar[Plan] = Plan(
        languages=("en",),
        currency="XMR",
        rate=1 / 158.4,
        step="0.0001",
        coins=("XMR",),
        listings_per_vendor=6,
        no_rating=0.4,
        reviews=(0, 4),
        zero_width=0.0,
    )
    per_page: ClassVar[int] = 25
    searches: ClassVar[tuple[str, ...]] = ("MMC", "LSD", "pcs")

    def listing_url(self, listing: Listing) -> str:
        return f"/l/{listing.number}"

    def category_url(self, category: Category, page: int = 1) -> str:
        return f"/c/{category.key}" + (f"/{page}" if page > 1 else "")

    def vendor_url(self, vendor: Vendor) -> str:
        return f"/v/{vendor.number}"

    def feedback_url(self, vendor: Vendor, page: int = 1) -> str:
        return f"/v/{vendor.number}/said" + (f"/{page}" if page > 1 else "")

    def search_url(self, query: str, page: int = 1) -> str:
        return f"/find/{quote(query)}" + (f"/{page}" if page > 1 else "")

    def plain_url(self, name: str) -> str:
        return PLAIN[name]

    def money(self, amount: Decimal, currency: str) -> str:
        return f"{amount:f} XMR"
