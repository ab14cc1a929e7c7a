"""کوهستان: a Dari market from right to left, prices in afghani and US dollars, eastern digits on half of the pages."""

from decimal import Decimal
from typing import ClassVar
from urllib.parse import quote

from bench.sites.site import Site
from bench.sites.words import EASTERN_DIGITS
from bench.sites.world import Category, Listing, Offer, Plan, Vendor, in_dollars

PLAIN = {
    "home": "/fa/",
    "login": "/fa/vorud",
    "captcha": "/fa/check",
    "queue": "/fa/saf",
    "error": "/fa/kala?id=0",
    "faq": "/fa/soal",
    "rules": "/fa/qanun",
    "news": "/fa/khabar",
    "key": "/fa/kilid",
    "cart": "/fa/sabad",
}


class Kohestan(Site):
    """Label and value stand in list items; digits are eastern where the page's address says so."""

    name: ClassVar[str] = "kohestan"
    about: ClassVar[str] = "Dari, right to left, list items, AFN and USD, eastern digits on half of the pages"
    plan: ClassVar[Plan] = Plan(
        languages=("fa",),
        currency="AFN",
        rate=71,
        step="10",
        scripts=("arabic",),
        offers=(1, 3),
        zero_width=0.0,
        no_key=0.3,
    )
    searches: ClassVar[tuple[str, ...]] = ("MMC", "MDMA", "2C")

    def listing_url(self, listing: Listing) -> str:
        return f"/fa/kala?id={listing.number}"

    def category_url(self, category: Category, page: int = 1) -> str:
        return f"/fa/daste?d={category.number}&safha={page}"

    def vendor_url(self, vendor: Vendor) -> str:
        return f"/fa/forushande?id={vendor.number}"

    def feedback_url(self, vendor: Vendor, page: int = 1) -> str:
        return f"/fa/nazar?id={vendor.number}&safha={page}"

    def search_url(self, query: str, page: int = 1) -> str:
        return f"/fa/jostoju?q={quote(query)}&safha={page}"

    def plain_url(self, name: str) -> str:
        return PLAIN[name]

    def money(self, amount: Decimal, currency: str) -> str:
        return f"{amount:,.0f} افغانی"

    def dollars(self, offer: Offer) -> Decimal:
        """The price in US dollars."""
        return in_dollars(offer, self.plan)

    def price_alt(self, offer: Offer) -> list[tuple[Decimal, str]]:
        return [(self.dollars(offer), "USD")]

    def digits(self, value: object, dice: int) -> str:
        """A number in the digits of the page."""
        text = str(value)
        return text.translate(EASTERN_DIGITS) if dice % 2 else text
