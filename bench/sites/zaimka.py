"""Заимка: a Russian market of many shops: chips and icons instead of labels, cities, roubles."""

from decimal import Decimal
from typing import ClassVar
from urllib.parse import quote

from bench.sites.site import Site
from bench.sites.world import Category, Listing, Offer, Plan, Vendor


class Zaimka(Site):
    """A shop's chip above the offer, a score with the count of opinions, one row a city and amount."""

    name: ClassVar[str] = "zaimka"
    about: ClassVar[str] = "Russian, many shops, chips without labels, rows a city and amount, RUB with BTC"
    plan: ClassVar[Plan] = Plan(
        languages=("ru",),
        currency="RUB",
        rate=91.0,
        step="10",
        by_city=True,
        origins=False,
        scripts=("latin", "cyrillic"),
        listings_per_vendor=5,
        offers=(1, 3),
    )
    per_page: ClassVar[int] = 9
    searches: ClassVar[tuple[str, ...]] = ("меф", "альфа")
    shows: ClassVar[frozenset[str]] = frozenset({"vendor", "category", "rating", "reviews", "offers"})

    def listing_url(self, listing: Listing) -> str:
        return f"/pozitsiya/{listing.number}"

    def category_url(self, category: Category, page: int = 1) -> str:
        return f"/polka/{category.key}" + (f"?list={page}" if page > 1 else "")

    def vendor_url(self, vendor: Vendor) -> str:
        return f"/lavka/{vendor.number}"

    def feedback_url(self, vendor: Vendor, page: int = 1) -> str:
        return f"/lavka/{vendor.number}/mneniya" + (f"?list={page}" if page > 1 else "")

    def search_url(self, query: str, page: int = 1) -> str:
        return f"/naiti?chto={quote(query)}" + (f"&list={page}" if page > 1 else "")

    def plain_url(self, name: str) -> str:
        return "/" if name == "home" else f"/info/{name}"

    def money(self, amount: Decimal, currency: str) -> str:
        return f"{amount:,.0f}".replace(",", " ") + " ₽"

    def price_alt(self, offer: Offer) -> list[tuple[Decimal, str]]:
        return [(self.coin(offer), "BTC")]

    def category_path(self, x: Listing) -> list[str]:
        return [self.root_name(x.category), self.category_name(x.category)]
