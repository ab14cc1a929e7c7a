"""What a demo market holds: goods, vendors, listings, reviews and the shelves they stand on, all frozen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from crawler.demo.openpgp import PublicKey


@dataclass(frozen=True, kw_only=True, slots=True)
class Good:
    """One thing on sale: ``usd`` is the price of one ``unit``; ``dose`` is mg (µg on blotters), empty without one."""

    key: str
    group: str
    unit: str
    usd: Decimal
    dose: str
    form: str
    name: str
    name_ru: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Vendor:
    """A seller, invented; the same ``key`` table entry on two markets is the same seller."""

    handle: str
    slug: str
    about: str
    key: PublicKey
    joined: date
    last_seen: date
    level: int
    sales: int
    rating: Decimal
    ships_from: str
    ships_to: tuple[str, ...]
    contacts: dict[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Tier:
    """An amount of a good and what it costs in US dollars."""

    amount: int
    words: str
    usd: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Drop:
    """What lies ready in a town: place, way of hiding, tier."""

    city: str
    district: str
    kind: str
    tier: Tier


@dataclass(frozen=True, kw_only=True, slots=True)
class Review:
    """A buyer's words; ``rating`` is 1 to 5."""

    rating: int
    text: str
    buyer: str
    posted: date
    tier: Tier


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """An offer; ``tier`` is the amount its title names, ``stock`` 0 when sold out, ``rating`` None without reviews."""

    number: int
    slug: str
    title: str
    good: Good
    vendor: Vendor
    description: tuple[str, ...]
    tier: Tier
    tiers: tuple[Tier, ...]
    drops: tuple[Drop, ...]
    stock: int
    sales: int
    views: int
    rating: Decimal | None
    reviews: tuple[Review, ...]
    coins: tuple[str, ...]
    escrow: bool
    posted: date


@dataclass(frozen=True, kw_only=True, slots=True)
class Category:
    """A shelf of a market and what lies on it; ``parent`` is None on the widest level."""

    slug: str
    title: str
    groups: tuple[str, ...]
    parent: Category | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class City:
    """A town where drops lie."""

    slug: str
    name: str
    districts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TextPage:
    """A page of plain words: rules, questions, news."""

    slug: str
    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Catalogue:
    """Everything one market sells and says; ``texts`` are its pages of plain words, ``cities`` empty where it posts."""

    title: str
    vendors: tuple[Vendor, ...]
    listings: tuple[Listing, ...]
    categories: tuple[Category, ...]
    texts: tuple[TextPage, ...]
    cities: tuple[City, ...]

    def path_of(self, listing: Listing) -> tuple[Category, ...]:
        """The categories of a listing from the widest to the narrowest."""
        fitting = (category for category in self.categories if listing.good.group in category.groups)
        return tuple(sorted(fitting, key=lambda category: category.parent is not None))

    def in_category(self, category: Category) -> tuple[Listing, ...]:
        """The listings on a shelf."""
        return self.of_groups(category.groups)

    def like(self, listing: Listing) -> tuple[Listing, ...]:
        """Other listings of the same group."""
        return tuple(other for other in self.of_groups((listing.good.group,)) if other != listing)

    def of_vendor(self, vendor: Vendor) -> tuple[Listing, ...]:
        """The listings of a vendor."""
        return tuple(listing for listing in self.listings if listing.vendor == vendor)

    def of_groups(self, groups: Sequence[str]) -> tuple[Listing, ...]:
        """The listings whose goods belong to one of the groups."""
        return tuple(listing for listing in self.listings if listing.good.group in groups)
