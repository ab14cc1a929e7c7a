"""Сойка: a Russian and Ukrainian board where every offer is a topic, labels stand inside the text, in windows-1251."""

from decimal import Decimal
from typing import ClassVar
from urllib.parse import quote

from bench.sites.site import Site
from bench.sites.world import Category, Listing, Offer, Plan, Vendor, in_dollars

PLAIN = {
    "home": "/index.php",
    "login": "/ucp.php?mode=login",
    "captcha": "/ucp.php?mode=confirm",
    "queue": "/wait.php",
    "error": "/viewtopic.php?t=1",
    "faq": "/faq.php",
    "rules": "/viewforum.php?f=1",
    "news": "/viewforum.php?f=2",
    "key": "/pgp.php",
    "cart": "/ucp.php?i=pm",
}


class Soyka(Site):
    """A topic's first post is the offer, the posts below are what buyers said; topic lists show no price."""

    name: ClassVar[str] = "soyka"
    about: ClassVar[str] = "Russian and Ukrainian board, inline labels, windows-1251, UAH and USD"
    plan: ClassVar[Plan] = Plan(
        languages=("ru", "uk"),
        currency="UAH",
        rate=41.0,
        step="10",
        scripts=("cyrillic",),
        offers=(1, 3),
        reviews=(0, 7),
        no_key=0.25,
    )
    charset: ClassVar[str] = "windows-1251"
    per_page: ClassVar[int] = 18
    searches: ClassVar[tuple[str, ...]] = ("MMC", "Мефедрон", "2C")
    card_shows: ClassVar[frozenset[str]] = frozenset({"vendor"})

    def listing_url(self, listing: Listing) -> str:
        return f"/viewtopic.php?f={listing.category.number}&t={listing.number}"

    def category_url(self, category: Category, page: int = 1) -> str:
        return f"/viewforum.php?f={category.number}" + (f"&start={(page - 1) * self.per_page}" if page > 1 else "")

    def vendor_url(self, vendor: Vendor) -> str:
        return f"/memberlist.php?mode=viewprofile&u={vendor.number}"

    def feedback_url(self, vendor: Vendor, page: int = 1) -> str:
        return f"/reputation.php?u={vendor.number}" + (f"&start={(page - 1) * 20}" if page > 1 else "")

    def search_url(self, query: str, page: int = 1) -> str:
        return f"/search.php?keywords={quote(query)}&start={(page - 1) * self.per_page}"

    def plain_url(self, name: str) -> str:
        return PLAIN[name]

    def money(self, amount: Decimal, currency: str) -> str:
        return f"{amount:,.0f}".replace(",", " ") + " грн"

    def dollars(self, offer: Offer) -> Decimal:
        """The price in US dollars."""
        return in_dollars(offer, self.plan)

    def price_alt(self, offer: Offer) -> list[tuple[Decimal, str]]:
        return [(self.dollars(offer), "USD")]
