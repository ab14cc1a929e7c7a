"""Saltmarsh: an English market of the older kind: facts in prose, several currencies side by side, tabs, USD."""

from decimal import Decimal
from typing import ClassVar
from urllib.parse import quote

from bench.sites.site import Site
from bench.sites.world import Category, Listing, Offer, Plan, Vendor


class Saltmarsh(Site):
    """Few labels: a byline with scores behind the name, "From X", a line of prices; reviews on a hidden tab."""

    name: ClassVar[str] = "saltmarsh"
    about: ClassVar[str] = "English, few labels, byline with scores, prices side by side, tabs hidden by style, USD"
    plan: ClassVar[Plan] = Plan(languages=("en",), currency="USD", rate=1.0, step="0.01", listings_per_vendor=5)
    per_page: ClassVar[int] = 10
    shows: ClassVar[frozenset[str]] = frozenset({"vendor", "category", "rating", "stock", "route", "reviews", "offers"})

    def listing_url(self, listing: Listing) -> str:
        return f"/view.php?offer={listing.number}"

    def category_url(self, category: Category, page: int = 1) -> str:
        return f"/browse.php?in={category.number}" + (f"&sheet={page}" if page > 1 else "")

    def vendor_url(self, vendor: Vendor) -> str:
        return f"/who.php?name={quote(vendor.name)}"

    def feedback_url(self, vendor: Vendor, page: int = 1) -> str:
        return f"/said.php?of={quote(vendor.name)}" + (f"&sheet={page}" if page > 1 else "")

    def search_url(self, query: str, page: int = 1) -> str:
        return f"/browse.php?find={quote(query)}" + (f"&sheet={page}" if page > 1 else "")

    def plain_url(self, name: str) -> str:
        return "/index.php" if name == "home" else f"/{name}.php"

    def money(self, amount: Decimal, currency: str) -> str:
        return f"{currency} {amount:,.2f}"

    def price_alt(self, offer: Offer) -> list[tuple[Decimal, str]]:
        return [(self.coin(offer, coin), coin) for coin in ("BTC", "XMR")]

    def card_price_alt(self, offer: Offer) -> list[tuple[Decimal, str]]:
        return [(self.coin(offer, "XMR"), "XMR")]

    def category_path(self, x: Listing) -> list[str]:
        return [self.category_name(x.category)]
