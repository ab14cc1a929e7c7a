"""Oq Bozor: an Uzbek market in Latin script with pages in Cyrillic, cities, prices in so'm and US dollars."""

from decimal import Decimal
from typing import ClassVar
from urllib.parse import quote

from bench.sites.site import Site
from bench.sites.words import words_of
from bench.sites.world import Category, Listing, Offer, Plan, Vendor, in_dollars

PLAIN = {
    "home": "/uz",
    "login": "/uz/kirish",
    "captcha": "/uz/tekshiruv",
    "queue": "/uz/navbat",
    "error": "/uz/m/0",
    "faq": "/uz/savollar",
    "rules": "/uz/qoidalar",
    "news": "/uz/yangiliklar",
    "key": "/uz/kalit",
    "cart": "/uz/savat",
}


class OqBozor(Site):
    """Each listing speaks its seller's script; prices hang on buttons, one a city and amount."""

    name: ClassVar[str] = "oqbozor"
    about: ClassVar[str] = "Uzbek in both scripts, cities and drops on buttons, UZS and USD"
    plan: ClassVar[Plan] = Plan(
        languages=("uz", "uz_cyrl"),
        currency="UZS",
        rate=12600,
        step="1000",
        by_city=True,
        origins=False,
        scripts=("turkic",),
        offers=(1, 3),
        no_rating=0.3,
    )
    per_page: ClassVar[int] = 10
    searches: ClassVar[tuple[str, ...]] = ("MMC", "MDMA", "2C")
    shows: ClassVar[frozenset[str]] = frozenset({"vendor", "category", "rating", "stock", "reviews", "offers"})

    def listing_url(self, listing: Listing) -> str:
        return f"/uz/m/{listing.number}"

    def category_url(self, category: Category, page: int = 1) -> str:
        return f"/uz/turkum/{category.key}" + (f"/{page}" if page > 1 else "")

    def vendor_url(self, vendor: Vendor) -> str:
        return f"/uz/sotuvchi/{vendor.number}"

    def feedback_url(self, vendor: Vendor, page: int = 1) -> str:
        return f"/uz/sotuvchi/{vendor.number}/fikrlar" + (f"/{page}" if page > 1 else "")

    def search_url(self, query: str, page: int = 1) -> str:
        return f"/uz/izlash?s={quote(query)}&sahifa={page}"

    def plain_url(self, name: str) -> str:
        return PLAIN[name]

    def category_path(self, x: Listing) -> list[str]:
        return [self.root_name(x.category, x.language), self.category_name(x.category, x.language)]

    def money(self, amount: Decimal, currency: str) -> str:
        return words_of("uz").number(amount.quantize(Decimal(1))) + " so'm"

    def money_in(self, offer: Offer, language: str) -> str:
        """A price in the script of the page."""
        return self.price(offer).replace("so'm", "сўм") if language == "uz_cyrl" else self.price(offer)

    def dollars(self, offer: Offer) -> Decimal:
        """The price in US dollars."""
        return in_dollars(offer, self.plan)

    def price_alt(self, offer: Offer) -> list[tuple[Decimal, str]]:
        return [(self.dollars(offer), "USD")]
