"""Таверна: a Russian market of many vendors: one line of facts between dots, options to tick, posts as reviews, USD."""

from decimal import Decimal
from typing import ClassVar
from urllib.parse import quote

from bench.sites.site import Site
from bench.sites.world import Category, Listing, Plan, Vendor


class Taverna(Site):
    """A heading in the middle, facts on one dotted line, amounts as radio buttons, a sidebar of shelves."""

    name: ClassVar[str] = "taverna"
    about: ClassVar[str] = "Russian, one dotted line of facts, amounts to tick, parcels by post, USD"
    plan: ClassVar[Plan] = Plan(
        languages=("ru",), currency="USD", rate=1, step="1", scripts=("latin", "cyrillic"), offers=(1, 4)
    )
    per_page: ClassVar[int] = 10
    searches: ClassVar[tuple[str, ...]] = ("соль", "MDMA")

    def listing_url(self, listing: Listing) -> str:
        return f"/t/{listing.number}-{quote(listing.title.split()[0].lower(), safe='')}"

    def category_url(self, category: Category, page: int = 1) -> str:
        return f"/r/{category.key}" + (f"/{page}" if page > 1 else "")

    def vendor_url(self, vendor: Vendor) -> str:
        return f"/u/{quote(vendor.name)}"

    def feedback_url(self, vendor: Vendor, page: int = 1) -> str:
        return f"/u/{quote(vendor.name)}/otzyvy" + (f"/{page}" if page > 1 else "")

    def search_url(self, query: str, page: int = 1) -> str:
        return f"/s?slovo={quote(query)}" + (f"&p={page}" if page > 1 else "")

    def plain_url(self, name: str) -> str:
        return "/" if name == "home" else f"/o/{name}"

    def money(self, amount: Decimal, currency: str) -> str:
        return f"${amount:,.2f}"
