"""Северная Витрина: a Russian shop with cities, districts and dead drops, a price a city and amount, in roubles."""

from decimal import Decimal
from typing import ClassVar
from urllib.parse import quote

from bench.sites.site import Site
from bench.sites.world import Category, Listing, Plan, Vendor

PLAIN = {
    "home": "/",
    "login": "/auth",
    "captcha": "/auth/check",
    "queue": "/wait",
    "error": "/goods/0",
    "faq": "/page/faq",
    "rules": "/page/rules",
    "news": "/page/news",
    "key": "/page/pgp",
    "cart": "/cart",
}


class Zakladka(Site):
    """One shop, so no vendor on its pages; blocks a city, each with rows of amount, drop, district and price."""

    name: ClassVar[str] = "zakladka"
    about: ClassVar[str] = "Russian, cities and dead drops instead of shipping, variants a city, RUB"
    plan: ClassVar[Plan] = Plan(
        languages=("ru",),
        currency="RUB",
        rate=91.0,
        step="10",
        by_city=True,
        origins=False,
        scripts=("cyrillic",),
        listings_per_vendor=10_000,
        offers=(1, 3),
        reviews=(0, 6),
    )
    per_page: ClassVar[int] = 15
    searches: ClassVar[tuple[str, ...]] = ("меф", "кристалл", "альфа")
    shows: ClassVar[frozenset[str]] = frozenset({"category", "rating", "stock", "reviews", "offers"})
    card_shows: ClassVar[frozenset[str]] = frozenset({"price"})
    has_vendor_pages: ClassVar[bool] = False

    def listing_url(self, listing: Listing) -> str:
        return f"/goods/{listing.number}"

    def category_url(self, category: Category, page: int = 1) -> str:
        return f"/catalog/{category.number}/page/{page}" if page > 1 else f"/catalog/{category.number}"

    def vendor_url(self, vendor: Vendor) -> str:
        return "/about"

    def feedback_url(self, vendor: Vendor, page: int = 1) -> str:
        return f"/reviews?page={page}"

    def search_url(self, query: str, page: int = 1) -> str:
        return f"/search/?query={quote(query)}&p={page}"

    def plain_url(self, name: str) -> str:
        return PLAIN[name]

    def money(self, amount: Decimal, currency: str) -> str:
        return f"{amount:,.0f}".replace(",", "\u00a0") + " ₽"
