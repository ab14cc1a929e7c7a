"""Quartz: an English market of cards and boxes with parcels, dollars beside Bitcoin, stars and sorted views."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from crawler.demo.catalogue import TODAY, read_catalogue, stars
from crawler.demo.items import Catalogue, Category, Listing, Tier, Vendor
from crawler.demo.site import DemoSite, PagedSite, Pages, Render, from_template

ACTIONS = (
    "/logout",
    "/cart",
    "/buy/",
    "/message/",
    "/report/",
    "/favourite/",
    "/settings/",
    "/wallet",
)
_BTC_USD = Decimal(68420)
_COIN_STEP = Decimal("0.00000001")
_PER_PAGE = 12
_FEATURED = 9
_SHOWN_BESIDE = 4
_VENDOR_REVIEWS = 8
_SEARCH_WORDS = 80

_SORTS: dict[str, tuple[str, Callable[[Listing], Any]]] = {
    "newest": ("Newest", lambda listing: -listing.posted.toordinal()),
    "price-asc": ("Cheapest", lambda listing: listing.tier.usd),
    "price-desc": ("Most expensive", lambda listing: -listing.tier.usd),
    "sales": ("Best selling", lambda listing: -listing.sales),
    "rating": ("Best rated", lambda listing: -(listing.rating or 0)),
}
_LAYOUTS = ("grid", "list")


def quartz() -> DemoSite:
    """The market, ready to be served."""
    return PagedSite(name="quartz", charset="utf-8", actions=ACTIONS, pages=_Quartz().pages())


def listing_address(listing: Listing) -> str:
    """Where a listing's page is."""
    return f"/listing/{listing.number}-{listing.slug}"


def vendor_address(vendor: Vendor) -> str:
    """Where a vendor's page is."""
    return f"/vendor/{vendor.slug}"


class _Quartz:
    """The pages of the market over its catalogue."""

    def __init__(self) -> None:
        self.catalogue: Catalogue = read_catalogue("quartz")
        self.lists: dict[str, tuple[str, Sequence[Listing], tuple[Category, ...]]] = {
            f"/category/{category.slug}": (category.title, self.catalogue.in_category(category), _line(category))
            for category in self.catalogue.categories
        }
        self.lists["/listings"] = ("All listings", self.catalogue.listings, ())

    def pages(self) -> Pages:
        """Every page by its address."""
        return Pages(
            listings={listing_address(listing): self.listing(listing) for listing in self.catalogue.listings},
            vendors={vendor_address(vendor): self.vendor(vendor) for vendor in self.catalogue.vendors},
            others=dict(self.others()),
            view=self.view,
            missing=self.page("message.html", heading="Page not found", text="There is nothing at this address."),
            refused=self.page("message.html", heading="Not for guests", text="Only buyers may do this."),
        )

    def others(self) -> Iterator[tuple[str, Render]]:
        """Home, lists without sorting, and pages of words."""
        newest = sorted(self.catalogue.listings, key=_SORTS["newest"][1])
        yield "/", self.page("home.html", featured=self.catalogue.listings[:_FEATURED], newest=newest[:_FEATURED])
        yield "/vendors", self.page("vendors.html", vendors=self.catalogue.vendors)
        yield "/canary", self.page("canary.html", today=TODAY)
        yield "/help/pgp", self.page("pgp.html", vendors=self.catalogue.vendors)
        for text in self.catalogue.texts:
            yield f"/help/{text.slug}", self.page("text.html", text=text)
        for path, (_, listings, _) in self.lists.items():
            for number in range(1, _last_page(listings) + 1):
                yield _list_address(path, page=number), partial(self.shelf, path, page=number)

    def page(self, template: str, **values: Any) -> Render:
        """A page of a template with what all pages share."""
        return from_template(f"quartz/{template}", market=self, **values)

    def listing(self, listing: Listing) -> Render:
        """A listing's page."""
        of_vendor = [other for other in self.catalogue.of_vendor(listing.vendor) if other != listing]
        like = self.catalogue.like(listing)[:_SHOWN_BESIDE]
        path = self.catalogue.path_of(listing)
        return self.page("listing.html", listing=listing, path=path, beside=of_vendor[:_SHOWN_BESIDE], like=like)

    def vendor(self, vendor: Vendor) -> Render:
        """A vendor's page with key, offers and the last reviews."""
        listings = self.catalogue.of_vendor(vendor)
        reviews = sorted(
            ((review, listing) for listing in listings for review in listing.reviews),
            key=lambda pair: (pair[0].posted, pair[1].number),
            reverse=True,
        )
        return self.page("vendor.html", vendor=vendor, listings=listings, reviews=reviews[:_VENDOR_REVIEWS])

    def view(self, address: str) -> str | None:
        """Sorted views of a list and the search; None for other addresses."""
        parts = urlsplit(address)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if parts.path == "/search":
            return self.search(query.get("q", "")[:_SEARCH_WORDS])
        if parts.path not in self.lists or not query.get("page", "1").isascii():
            return None
        page = int(query.get("page", "1")) if query.get("page", "1").isdigit() else 0
        if query.get("sort", "newest") not in _SORTS or not 1 <= page <= _last_page(self.lists[parts.path][1]):
            return None
        return self.shelf(parts.path, page=page, sort=query.get("sort", ""), layout=query.get("view", ""))

    def search(self, words: str) -> str:
        """What a search finds: listings whose title holds the words."""
        found = [listing for listing in self.catalogue.listings if words.lower() in listing.title.lower()]
        return self.page("search.html", words=words, listings=found[:_PER_PAGE], count=len(found))()

    def shelf(self, path: str, *, page: int, sort: str = "", layout: str = "") -> str:
        """One page of a list; ``sort`` and ``layout`` stay in its links."""
        title, listings, line = self.lists[path]
        ordered = sorted(listings, key=_SORTS[sort][1]) if sort else listings
        return self.page(
            "category.html",
            title=title,
            line=line,
            count=len(listings),
            listings=ordered[(page - 1) * _PER_PAGE : page * _PER_PAGE],
            page=page,
            sort=sort,
            layout=layout if layout in _LAYOUTS else "grid",
            numbers=[
                (number, _list_address(path, page=number, sort=sort, view=layout))
                for number in range(1, _last_page(listings) + 1)
            ],
            sorts=[(label, key, _list_address(path, sort=key, view=layout)) for key, (label, _) in _SORTS.items()],
            layouts=[(name, _list_address(path, sort=sort, view=name)) for name in _LAYOUTS],
        )()

    @property
    def tree(self) -> list[tuple[Category, int, list[tuple[Category, int]]]]:
        """The categories with the number of listings in each, narrow ones below their parents."""
        counted = [(category, len(self.catalogue.in_category(category))) for category in self.catalogue.categories]
        return [
            (wide, count, [(narrow, inner) for narrow, inner in counted if narrow.parent == wide])
            for wide, count in counted
            if wide.parent is None
        ]

    @staticmethod
    def usd(amount: Decimal) -> str:
        """An amount in dollars."""
        return f"${amount:,.2f}"

    @staticmethod
    def btc(amount: Decimal) -> str:
        """The same in Bitcoin, without the ticker."""
        return f"{(amount / _BTC_USD).quantize(_COIN_STEP):f}"

    @staticmethod
    def each(listing: Listing, tier: Tier) -> str:
        """The price of a unit of a tier."""
        unit = {"g": "g", "ml": "ml"}.get(listing.good.unit, "pc")
        return f"${tier.usd / tier.amount:,.2f}/{unit}"

    stars = staticmethod(stars)
    href = staticmethod(listing_address)
    vendor_href = staticmethod(vendor_address)


def _line(category: Category) -> tuple[Category, ...]:
    return (category,) if category.parent is None else (*_line(category.parent), category)


def _last_page(listings: Sequence[Listing]) -> int:
    return max(1, -(-len(listings) // _PER_PAGE))


def _list_address(path: str, *, page: int = 1, sort: str = "", view: str = "") -> str:
    query = {"sort": sort, "view": view, "page": str(page) if page > 1 else ""}
    words = urlencode({key: value for key, value in query.items() if value})
    return f"{path}?{words}" if words else path
