"""Old Bazaar: an English market of the nineties, tables in tables without a class, labels in cells."""

from decimal import Decimal
from typing import ClassVar
from urllib.parse import quote_plus

from bench.sites.site import Site
from bench.sites.world import Category, Listing, Offer, Plan, Vendor

PLAIN = {
    "home": "/index.php",
    "login": "/login.php",
    "captcha": "/verify.php",
    "queue": "/busy.php",
    "error": "/product_info.php?products_id=1",
    "faq": "/info.php?p=faq",
    "rules": "/info.php?p=rules",
    "news": "/info.php?p=news",
    "key": "/info.php?p=pgp",
    "cart": "/shopping_cart.php",
}


class OldBazaar(Site):
    """Listings are rows of a table; facts are label cells; descriptions are lines with breaks."""

    name: ClassVar[str] = "oldbazaar"
    about: ClassVar[str] = "English, nested tables, <font>, no classes, label cells, EUR"
    plan: ClassVar[Plan] = Plan(
        languages=("en",),
        currency="EUR",
        rate=0.92,
        step="0.01",
        listings_per_vendor=5,
        no_rating=0.3,
        zero_width=0.02,
        reviews=(0, 5),
    )
    per_page: ClassVar[int] = 20

    def listing_url(self, listing: Listing) -> str:
        return f"/product_info.php?cPath={listing.category.number}&products_id={listing.number}"

    def category_url(self, category: Category, page: int = 1) -> str:
        return f"/index.php?cPath={category.number}" + (f"&page={page}" if page > 1 else "")

    def vendor_url(self, vendor: Vendor) -> str:
        return f"/profile.php?mode=viewprofile&u={vendor.number}"

    def feedback_url(self, vendor: Vendor, page: int = 1) -> str:
        return f"/feedback.php?u={vendor.number}&start={20 * (page - 1)}"

    def search_url(self, query: str, page: int = 1) -> str:
        return f"/advanced_search_result.php?keywords={quote_plus(query)}&page={page}"

    def plain_url(self, name: str) -> str:
        return PLAIN[name]

    def money(self, amount: Decimal, currency: str) -> str:
        return f"{amount:,.2f} {currency}"

    def price_alt(self, offer: Offer) -> list[tuple[Decimal, str]]:
        return [(self.coin(offer), "BTC")]

    card_price_alt = price_alt
