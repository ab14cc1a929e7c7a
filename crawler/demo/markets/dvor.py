"""Dvor: a Russian network of shops, dead drops by city and district instead of parcels, prices in roubles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from crawler.demo.catalogue import TODAY, read_catalogue, stars
from crawler.demo.items import City, Listing, Vendor
from crawler.demo.site import DemoSite, PagedSite, Pages, Render, from_template

ACTIONS = ("/kupit/", "/korzina", "/vyhod", "/soobshcheniya", "/zhaloba", "/zakladki", "/nastroyki", "/balans")
_RUB_USD = Decimal(92)
_RUB_STEP = Decimal(50)
_PER_PAGE = 9
_REVIEWS_SHOWN = 3
_REVIEWS_PER_PAGE = 8
_FEATURED = 9
_BESIDE = 3
_SEARCH_WORDS = 80
_NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


def dvor() -> DemoSite:
    """The market, ready to be served."""
    return PagedSite(name="dvor", charset="utf-8", actions=ACTIONS, pages=_Dvor().pages())


def listing_address(listing: Listing) -> str:
    """Where an offer's page is."""
    return f"/p/{listing.number}/"


def vendor_address(vendor: Vendor) -> str:
    """Where a shop's page is."""
    return f"/shop/{vendor.slug}/"


class _Dvor:
    """The pages of the market over its catalogue."""

    def __init__(self) -> None:
        self.catalogue = read_catalogue("dvor")
        self.today = TODAY

    def pages(self) -> Pages:
        """Every page by its address."""
        return Pages(
            listings={listing_address(listing): self.listing(listing) for listing in self.catalogue.listings},
            vendors={vendor_address(vendor): self.vendor(vendor) for vendor in self.catalogue.vendors},
            others=dict(self.others()),
            view=self.view,
            missing=self.page("message", heading="Страница не найдена", text="По этому адресу ничего нет."),
            refused=self.page("message", heading="Нет доступа", text="Это доступно только покупателям."),
        )

    def others(self) -> Iterator[tuple[str, Render]]:
        """Home, lists by category and city, reviews and pages of words."""
        yield "/", self.page("home", listings=self.catalogue.listings[:_FEATURED])
        yield "/shops/", self.page("shops", vendors=self.catalogue.vendors)
        yield "/info/kanareyka/", self.page("canary")
        for text in self.catalogue.texts:
            yield f"/info/{text.slug}/", self.page("text", text=text)
        yield from self.shelf("/vse/", "Все товары", self.catalogue.listings)
        for category in self.catalogue.categories:
            yield from self.shelf(f"/cat/{category.slug}/", category.title, self.catalogue.in_category(category))
        for city in self.catalogue.cities:
            yield from self.shelf(f"/city/{city.slug}/", city.name, self.in_city(city))
        for listing in self.catalogue.listings:
            if len(listing.reviews) > _REVIEWS_SHOWN:
                yield from self.reviews(listing)

    def page(self, template: str, **values: Any) -> Render:
        """A page of a template with what all pages share."""
        return from_template(f"dvor/{template}.html", market=self, **values)

    def listing(self, listing: Listing) -> Render:
        """An offer's page with a row for each drop."""
        return self.page(
            "listing",
            listing=listing,
            category=self.catalogue.path_of(listing)[-1],
            reviews=listing.reviews[:_REVIEWS_SHOWN],
            beside=[other for other in self.catalogue.of_vendor(listing.vendor) if other != listing][:_BESIDE],
        )

    def vendor(self, vendor: Vendor) -> Render:
        """A shop's page with contacts, key and offers."""
        return self.page("vendor", vendor=vendor, listings=self.catalogue.of_vendor(vendor))

    def in_city(self, city: City) -> tuple[Listing, ...]:
        """What lies ready in a city."""
        return tuple(listing for listing in self.catalogue.listings if city.name in self.cities_of(listing))

    def shelf(self, path: str, title: str, listings: Sequence[Listing]) -> Iterator[tuple[str, Render]]:
        """The pages of a list."""
        numbers = _numbers(path, len(listings), _PER_PAGE)
        for page, where in numbers:
            shown = listings[(page - 1) * _PER_PAGE : page * _PER_PAGE]
            values = {"title": title, "count": len(listings), "listings": shown}
            yield where, self.page("list", page=page, numbers=numbers, **values)

    def reviews(self, listing: Listing) -> Iterator[tuple[str, Render]]:
        """The pages of all reviews of an offer."""
        numbers = _numbers(f"{listing_address(listing)}otzyvy/", len(listing.reviews), _REVIEWS_PER_PAGE)
        for page, where in numbers:
            shown = listing.reviews[(page - 1) * _REVIEWS_PER_PAGE : page * _REVIEWS_PER_PAGE]
            yield where, self.page("reviews", listing=listing, reviews=shown, page=page, numbers=numbers)

    def view(self, address: str) -> str | None:
        """What a search finds; None for other addresses."""
        parts = urlsplit(address)
        if parts.path != "/poisk/":
            return None
        words = parse_qs(parts.query).get("q", [""])[0][:_SEARCH_WORDS]
        found = [listing for listing in self.catalogue.listings if words.lower() in listing.title.lower()]
        path = f"/poisk/?q={quote(words)}"
        values = {"title": f"Поиск: {words}", "count": len(found), "listings": found[:_PER_PAGE]}
        return self.page("list", page=1, numbers=[(1, path)], **values)()

    @staticmethod
    def cities_of(listing: Listing) -> list[str]:
        """The cities an offer lies ready in, each once."""
        return list(dict.fromkeys(drop.city for drop in listing.drops))

    @staticmethod
    def cheapest(listing: Listing) -> Decimal:
        """The lowest price that can be paid for something of an offer, in dollars."""
        return min([drop.tier.usd for drop in listing.drops] or [listing.tiers[0].usd])

    @staticmethod
    def rub(usd: Decimal) -> str:
        """An amount of dollars in roubles, to the nearest fifty."""
        rounded = (usd * _RUB_USD / _RUB_STEP).quantize(Decimal(1), ROUND_HALF_UP) * _RUB_STEP
        return f"{rounded:,} ₽".replace(",", _NO_BREAK_SPACE)

    stars = staticmethod(stars)
    href = staticmethod(listing_address)
    vendor_href = staticmethod(vendor_address)


def _numbers(path: str, count: int, per_page: int) -> list[tuple[int, str]]:
    last = max(1, -(-count // per_page))
    return [(page, f"{path}?p={page}" if page > 1 else path) for page in range(1, last + 1)]
