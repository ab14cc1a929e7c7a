"""What all invented sites share: the walk over their pages and the truth written beside each page."""

import random
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bench.sites.pgp import Key, make_key
from bench.sites.words import Words, words_of
from bench.sites.world import Category, Listing, Maker, Offer, Plan, Review, Vendor, World, in_coin

TEMPLATES = Path(__file__).parent / "templates"
Truth = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """A page as served: its URL within the site, its bytes and what it says."""

    url: str
    body: bytes
    truth: Truth


class Site:
    """A whole market; each site says how its URLs, money and templates look and which facts it shows."""

    name: ClassVar[str]
    about: ClassVar[str]
    plan: ClassVar[Plan]
    per_page: ClassVar[int] = 12
    charset: ClassVar[str] = "utf-8"
    searches: ClassVar[tuple[str, ...]] = ("MMC", "MDMA", "2")
    shows: ClassVar[frozenset[str]] = frozenset({"vendor", "category", "rating", "stock", "route", "reviews", "offers"})
    card_shows: ClassVar[frozenset[str]] = frozenset({"vendor", "price"})
    has_vendor_pages: ClassVar[bool] = True

    def __init__(self, listings: int, seed: int) -> None:
        self.seed = f"{self.name}/{seed}"
        self.world: World = Maker(self.plan, self.seed).world(listings)
        self.by_category = {c.key: self.world.in_category(c) for c in self.world.categories}

    # how a site looks: each site answers these

    def listing_url(self, listing: Listing) -> str:
        """The listing's address."""
        raise NotImplementedError

    def category_url(self, category: Category, page: int = 1) -> str:
        """The address of a page of a category."""
        raise NotImplementedError

    def vendor_url(self, vendor: Vendor) -> str:
        """The vendor's address."""
        raise NotImplementedError

    def feedback_url(self, vendor: Vendor, page: int = 1) -> str:
        """The address of a page of what buyers said of a vendor."""
        raise NotImplementedError

    def search_url(self, query: str, page: int = 1) -> str:
        """The address of a page of search results."""
        raise NotImplementedError

    def plain_url(self, name: str) -> str:
        """The address of a page without goods, such as faq or login."""
        raise NotImplementedError

    def money(self, amount: Decimal, currency: str) -> str:
        """A price as the site writes it."""
        raise NotImplementedError

    def price_alt(self, offer: Offer) -> list[tuple[Decimal, str]]:
        """The same price in the other currencies the listing page shows."""
        return []

    def card_price_alt(self, offer: Offer) -> list[tuple[Decimal, str]]:
        """The same price in the other currencies a card shows."""
        return []

    # what the templates use

    @cached_property
    def words(self) -> Words:
        """The words of the site's main language."""
        return words_of(self.plan.languages[0])

    @cached_property
    def templates(self) -> Any:
        """The macros of the site's template, by name."""
        env = Environment(
            loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        env.globals.update(site=self, world=self.world, words=self.words)
        return env.get_template(f"{self.name}.html").module

    @cached_property
    def market_key(self) -> Key:
        """The market's own signing key."""
        return make_key(f"{self.seed}/market", f"{self.name} staff <staff@{self.name}.example>", 1_600_000_000)

    def category_name(self, category: Category, language: str = "") -> str:
        """The category's name in a language, by default the site's."""
        return words_of(language or self.plan.languages[0]).families[category.key]

    def root_name(self, category: Category, language: str = "") -> str:
        """The name of the category's parent."""
        return words_of(language or self.plan.languages[0]).roots[category.root]

    def price(self, offer: Offer) -> str:
        """An offer's price as written."""
        return self.money(offer.amount, offer.currency)

    def coin(self, offer: Offer, coin: str = "BTC") -> Decimal:
        """An offer's price in a coin."""
        return in_coin(offer, self.plan, coin)

    def dice(self, url: str) -> int:
        """A number that is always the same for a URL and decides about its page's noise."""
        return zlib.crc32(f"{self.seed}{url}".encode())

    def some(self, url: str, count: int) -> list[Listing]:
        """Other listings to show beside a page's own content."""
        return random.Random(self.dice(url)).sample(self.world.listings, min(count, len(self.world.listings)))

    def listings_of(self, category: Category) -> list[Listing]:
        """Listings of a category."""
        return self.by_category[category.key]

    # the walk

    def pages(self) -> Iterator[Page]:
        """All pages, each once."""
        yield self.home_page()
        for category in self.world.categories:
            yield from self.category_pages(category)
        for query in self.searches:
            yield from self.search_pages(query)
        for listing in self.world.listings:
            yield self.listing_page(listing)
        for vendor in self.world.vendors:
            if self.has_vendor_pages:
                yield self.vendor_page(vendor)
            yield from self.feedback_pages(vendor)
        yield from self.plain_pages()

    def home_page(self) -> Page:
        """The start page with some cards."""
        cards = self.some("home", 9)
        body = self.templates.home(cards)
        return self.page(self.plain_url("home"), body, {"page_type": "other", "items": self.cards(cards), "next": None})

    def category_pages(self, category: Category) -> Iterator[Page]:
        """The pages of a category."""
        chunks = self.chunks(self.listings_of(category))
        for number, chunk in enumerate(chunks, 1):
            after = self.category_url(category, number + 1) if number < len(chunks) else None
            before = self.category_url(category, number - 1) if number > 1 else None
            url = self.category_url(category, number)
            body = self.templates.category(category, chunk, number, len(chunks), before, after, self.dice(url))
            yield self.page(url, body, {"page_type": "category", "items": self.cards(chunk), "next": after})

    def search_pages(self, query: str) -> Iterator[Page]:
        """The pages of a search result; at most three."""
        found = [x for x in self.world.listings if query.casefold() in x.title.casefold()]
        chunks = self.chunks(found[: 3 * self.per_page])
        for number, chunk in enumerate(chunks, 1):
            after = self.search_url(query, number + 1) if number < len(chunks) else None
            before = self.search_url(query, number - 1) if number > 1 else None
            url = self.search_url(query, number)
            body = self.templates.search(query, chunk, number, len(chunks), before, after, self.dice(url))
            yield self.page(url, body, {"page_type": "category", "items": self.cards(chunk), "next": after})

    def listing_page(self, listing: Listing) -> Page:
        """A listing's page."""
        url = self.listing_url(listing)
        body = self.templates.listing(listing, self.dice(url), self.some(url, 5))
        return self.page(url, body, self.listing_truth(listing))

    def vendor_page(self, vendor: Vendor) -> Page:
        """A vendor's page with some of the vendor's listings."""
        url = self.vendor_url(vendor)
        cards = self.world.of_vendor(vendor)[:8]
        body = self.templates.vendor(vendor, cards, self.dice(url))
        return self.page(url, body, self.vendor_truth(vendor, cards))

    def feedback_pages(self, vendor: Vendor) -> Iterator[Page]:
        """The pages of what buyers said of a vendor; none where nobody said anything."""
        said = [(x, r) for x in self.world.of_vendor(vendor) for r in x.reviews]
        chunks = [said[i : i + 20] for i in range(0, min(len(said), 60), 20)]
        for number, chunk in enumerate(chunks, 1):
            after = self.feedback_url(vendor, number + 1) if number < len(chunks) else None
            before = self.feedback_url(vendor, number - 1) if number > 1 else None
            url = self.feedback_url(vendor, number)
            body = self.templates.feedback(vendor, chunk, number, len(chunks), before, after, self.dice(url))
            said_here = [review for _, review in chunk]
            yield self.page(url, body, {"page_type": "feedback", "feedback": self.said(said_here), "next": after})

    def plain_pages(self) -> Iterator[Page]:
        """Gates, errors and pages of text."""
        templates = self.templates
        for kind in ("login", "captcha", "queue", "error"):
            yield self.page(self.plain_url(kind), getattr(templates, kind)(), {"page_type": kind})
        for name in ("faq", "rules", "news", "key", "cart"):
            yield self.page(self.plain_url(name), templates.plain(name), {"page_type": "other", "next": None})

    # the truth

    def listing_truth(self, x: Listing) -> Truth:
        """What the listing's page says, in the scorer's format."""
        head, shows = x.offers[0], self.shows
        truth: Truth = {
            "page_type": "listing",
            "title": x.title,
            "vendor": x.vendor.name if "vendor" in shows else None,
            "price_amount": float(head.amount),
            "price_currency": head.currency,
            "category": self.category_path(x) if "category" in shows else None,
            "ships_from": x.origin if "route" in shows else None,
            "ships_to": list(x.destinations) or None if "route" in shows else None,
            "rating": x.rating if "rating" in shows else None,
            "stock": x.stock if "stock" in shows else None,
            "description": " ".join(x.paragraphs),
            "price_alt": [{"amount": float(a), "currency": c} for a, c in self.price_alt(head)],
        }
        if x.shown_title != x.title:
            truth["title_alt"] = x.shown_title
        if "offers" in shows and len(x.offers) > 1:
            truth["offers"] = [[o.quantity, float(o.amount), o.currency] for o in x.offers]
        if x.cities:
            truth["cities"] = list(x.cities)
        if "reviews" in shows and x.reviews:
            truth["feedback"] = self.said(x.reviews)
        return truth

    def category_path(self, x: Listing) -> list[str]:
        """The category path a listing's page shows."""
        return [self.root_name(x.category), self.category_name(x.category)]

    def vendor_truth(self, vendor: Vendor, cards: Sequence[Listing]) -> Truth:
        """What the vendor's page says."""
        return {
            "page_type": "vendor",
            "vendor": vendor.name,
            "description": " ".join(vendor.about),
            "pgp_fingerprint": vendor.key.fingerprint if vendor.key else None,
            "items": self.cards(cards, own=True),
            "next": None,
        }

    def cards(self, listings: Sequence[Listing], own: bool = False) -> list[Truth]:
        """Cards as a page shows them; own cards stand on their vendor's page and need not name the vendor."""
        return [self.card(x, own) for x in listings]

    def card(self, x: Listing, own: bool) -> Truth:
        """One card."""
        head = x.offers[0]
        price = "price" in self.card_shows
        return {
            "url": self.listing_url(x),
            "title": x.title,
            "vendor": x.vendor.name if "vendor" in self.card_shows and not own else None,
            "price_amount": float(head.amount) if price else None,
            "price_currency": head.currency if price else None,
            "price_alt": [{"amount": float(a), "currency": c} for a, c in self.card_price_alt(head)],
        }

    def said(self, reviews: Sequence[Review]) -> list[Truth]:
        """Reviews as the truth lists them."""
        return [{"text": r.text, "rating": r.rating, "buyer": r.buyer, "date": r.date.isoformat()} for r in reviews]

    def chunks(self, listings: list[Listing]) -> list[list[Listing]]:
        """Listings by pages."""
        return [listings[i : i + self.per_page] for i in range(0, len(listings), self.per_page)]

    def page(self, url: str, text: object, truth: Truth) -> Page:
        """A page in the site's charset; characters it lacks become references, as servers do."""
        return Page(url=url, body=str(text).encode(self.charset, "xmlcharrefreplace"), truth=truth)
