"""Дала: a Kazakh market of many vendors, parcels by post, rows of label and value in a heading table, prices in ₸."""

from decimal import Decimal
from typing import ClassVar
from urllib.parse import quote

from bench.sites.site import Site
from bench.sites.world import Category, Listing, Plan, Vendor

PLAIN = {
    "home": "/",
    "login": "/kiru",
    "captcha": "/tekseru",
    "queue": "/kezek",
    "error": "/tauar-0.html",
    "faq": "/suraqtar.html",
    "rules": "/erezheler.html",
    "news": "/zhanalyqtar.html",
    "key": "/kilt.html",
    "cart": "/sebet",
}


class Dala(Site):
    """Listing pages ending in .html, articles on category pages, facts in a table with heading cells."""

    name: ClassVar[str] = "dala"
    about: ClassVar[str] = "Kazakh, articles and heading-cell tables, post, KZT"
    plan: ClassVar[Plan] = Plan(
        languages=("kk",),
        currency="KZT",
        rate=480,
        step="50",
        scripts=("turkic", "cyrillic"),
        offers=(1, 4),
        zero_width=0.08,
    )
    searches: ClassVar[tuple[str, ...]] = ("MMC", "жаңа", "2C")

    def listing_url(self, listing: Listing) -> str:
        return f"/tauar-{listing.number}.html"

    def category_url(self, category: Category, page: int = 1) -> str:
        return f"/sanat-{category.number}" + (f"-bet-{page}" if page > 1 else "") + ".html"

    def vendor_url(self, vendor: Vendor) -> str:
        return f"/satushy-{vendor.number}.html"

    def feedback_url(self, vendor: Vendor, page: int = 1) -> str:
        return f"/satushy-{vendor.number}-pikir-{page}.html"

    def search_url(self, query: str, page: int = 1) -> str:
        return f"/izdeu?q={quote(query)}&bet={page}"

    def plain_url(self, name: str) -> str:
        return PLAIN[name]

    def money(self, amount: Decimal, currency: str) -> str:
        return f"{amount:,.0f}".replace(",", "\u00a0") + "\u00a0₸"
