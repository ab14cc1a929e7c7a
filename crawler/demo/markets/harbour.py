"""Harbour: a market of the nineties: nested tables and fonts, euros and Monero, feedback on pages of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

from crawler.demo.catalogue import TODAY, read_catalogue
from crawler.demo.items import Category, Listing, Review, Vendor
from crawler.demo.site import DemoSite, PagedSite, Pages, Render, from_template

ACTIONS = tuple(
    f"/index.php?act={act}" for act in ("cart", "buy", "msg", "report", "logout", "fav", "lang", "profile", "deposit")
)
_EUR_USD = Decimal("0.92")
_XMR_USD = Decimal("172.40")
_COIN_STEP = Decimal("0.0001")
_CENT = Decimal("0.01")
_PER_PAGE = 10
_FEEDBACK_PER_PAGE = 6
_NEWEST = 10
_TOP = 5
_SEARCH_WORDS = 80


def harbour() -> DemoSite:
    """The market, ready to be served."""
    return PagedSite(name="harbour", charset="windows-1252", actions=ACTIONS, pages=_Harbour().pages())


def address(act: str, number: str | int = "", page: int = 1) -> str:
    """Where a page is: what it shows, of what, which part."""
    wanted = f"/index.php?act={act}" + (f"&id={number}" if number else "")
    return wanted + (f"&pg={page}" if page > 1 else "")


class _Harbour:
    """The pages of the market over its catalogue."""

    def __init__(self) -> None:
        self.catalogue = read_catalogue("harbour")
        self.newest = sorted(self.catalogue.listings, key=lambda listing: listing.posted, reverse=True)[:_NEWEST]
        self.top = sorted(self.catalogue.listings, key=lambda listing: listing.sales, reverse=True)[:_TOP]
        self.today = TODAY

    def pages(self) -> Pages:
        """Every page by its address."""
        return Pages(
            listings={address("item", listing.number): self.item(listing) for listing in self.catalogue.listings},
            vendors={address("vendor", vendor.slug): self.vendor(vendor) for vendor in self.catalogue.vendors},
            others=dict(self.others()),
            view=self.view,
            missing=self.page("message", heading="404", text="No such page in this harbour."),
            refused=self.page("message", heading="403", text="Members of the crew only."),
        )

    def others(self) -> Iterator[tuple[str, Render]]:
        """Home, lists, feedback and pages of words."""
        home = self.page("home", listings=self.newest)
        yield "/", home
        yield "/index.php", home
        yield "/side.php?box=shout", from_template("harbour/shout.html", market=self)
        yield address("vendors"), self.page("vendors", vendors=self.catalogue.vendors)
        yield address("canary"), self.page("canary")
        for text in self.catalogue.texts:
            yield f"/index.php?act=page&name={text.slug}", self.page("text", text=text)
        for category in self.catalogue.categories:
            yield from self.shelf(category)
        for listing in self.catalogue.listings:
            yield from self.feedback("fb", listing.number, listing.title, [(r, listing) for r in listing.reviews])
        for vendor in self.catalogue.vendors:
            yield from self.feedback("vfb", vendor.slug, vendor.handle, self.reviews_of(vendor))

    def page(self, template: str, **values: Any) -> Render:
        """A page of a template with what all pages share."""
        return from_template(f"harbour/{template}.html", market=self, **values)

    def item(self, listing: Listing) -> Render:
        """A listing's page."""
        return self.page("item", listing=listing, category=self.catalogue.path_of(listing)[-1])

    def vendor(self, vendor: Vendor) -> Render:
        """A vendor's page with key and items."""
        count = len(self.reviews_of(vendor))
        return self.page("vendor", vendor=vendor, listings=self.catalogue.of_vendor(vendor), count=count)

    def reviews_of(self, vendor: Vendor) -> list[tuple[Review, Listing]]:
        """All feedback on a vendor's items, newest first."""
        pairs = [(review, listing) for listing in self.catalogue.of_vendor(vendor) for review in listing.reviews]
        return sorted(pairs, key=lambda pair: (pair[0].posted, pair[1].number), reverse=True)

    def shelf(self, category: Category) -> Iterator[tuple[str, Render]]:
        """The pages of a category."""
        listings = self.catalogue.in_category(category)
        numbers = _numbers("cat", category.slug, len(listings), _PER_PAGE)
        for page, where in numbers:
            shown = listings[(page - 1) * _PER_PAGE : page * _PER_PAGE]
            yield where, self.page("cat", category=category, listings=shown, page=page, numbers=numbers)

    def feedback(
        self, act: str, number: str | int, about: str, reviews: Sequence[tuple[Review, Listing]]
    ) -> Iterator[tuple[str, Render]]:
        """The pages of feedback on an item (``fb``) or on a vendor (``vfb``)."""
        numbers = _numbers(act, number, len(reviews), _FEEDBACK_PER_PAGE)
        back = address("item" if act == "fb" else "vendor", number)
        for page, where in numbers:
            shown = reviews[(page - 1) * _FEEDBACK_PER_PAGE : page * _FEEDBACK_PER_PAGE]
            values = {"about": about, "back": back, "reviews": shown, "count": len(reviews)}
            yield where, self.page("feedback", page=page, numbers=numbers, **values)

    def view(self, wanted: str) -> str | None:
        """What a search finds; None for other addresses."""
        parts = urlsplit(wanted)
        query = parse_qs(parts.query)
        if parts.path != "/index.php" or query.get("act") != ["search"]:
            return None
        words = query.get("q", [""])[0][:_SEARCH_WORDS]
        found = [listing for listing in self.catalogue.listings if words.lower() in listing.title.lower()]
        return self.page("search", words=words, listings=found[:_PER_PAGE], count=len(found))()

    @staticmethod
    def eur(usd: Decimal) -> str:
        """An amount of dollars in euros."""
        return f"€ {(usd * _EUR_USD).quantize(_CENT):,}"

    @staticmethod
    def xmr(usd: Decimal) -> str:
        """An amount of dollars in Monero."""
        return f"{(usd / _XMR_USD).quantize(_COIN_STEP)} XMR"

    @staticmethod
    def mood(review: Review) -> str:
        """Positive, neutral or negative."""
        return "Positive" if review.rating > 3 else "Neutral" if review.rating == 3 else "Negative"

    href = staticmethod(address)


def _numbers(act: str, number: str | int, count: int, per_page: int) -> list[tuple[int, str]]:
    return [(page, address(act, number, page)) for page in range(1, max(1, -(-count // per_page)) + 1)]
