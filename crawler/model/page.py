"""What a page says, as values: the items that travel from the pipelines to the index."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from crawler.model.values import ConvertedMoney, Money, Place, Source
from crawler.model.words import Links, RawPage


class PageType(StrEnum):
    """What kind of page this is."""

    LISTING = "listing"
    CATEGORY = "category"
    VENDOR = "vendor"
    FEEDBACK = "feedback"
    GATE = "gate"
    OTHER = "other"


class Gate(StrEnum):
    """What stands before the market instead of its content."""

    LOGIN = "login"
    CAPTCHA = "captcha"
    QUEUE = "queue"
    SEIZED = "seized"
    MAINTENANCE = "maintenance"
    ERROR = "error"


class Delivery(StrEnum):
    """How goods reach the buyer."""

    POST = "post"
    DEAD_DROP = "dead_drop"
    PICKUP = "pickup"
    DIGITAL = "digital"


@dataclass(frozen=True, kw_only=True, slots=True)
class Substance:
    """A substance named in an offer, with the words it was read from.

    ``substance_class`` is one of the classes of the closed list (``class`` in JSON). ``nps`` is true for an emergent
    name, because the patterns are those of NPS groups, until a chemist's decision enters the operator's vocabulary.
    """

    name: str
    substance_class: str
    nps: bool
    emergent: bool = False
    matched_text: str
    confidence: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """What is being sold: substances, total amount, form, price as written, price of a gram, a unit, a millilitre.

    ``price_per_gram_ref`` is the price of a gram in the operator's reference currency, there only where a rate of the
    day of the sighting is at hand.
    """

    substances: tuple[Substance, ...] = ()
    quantity_g: Decimal | None = None
    volume_ml: Decimal | None = None
    count: int | None = None
    dose_mg: Decimal | None = None
    form: str | None = None
    price: Decimal | None = None
    currency: str | None = None
    price_per_gram: Money | None = None
    price_per_gram_ref: ConvertedMoney | None = None
    price_per_unit: Money | None = None
    price_per_ml: Money | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PriceOption:
    """One price of several: the size, tier or variant it is for, and the city where it holds."""

    amount: Decimal
    currency: str
    quantity_text: str | None = None
    city: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """A listing as shown on a page of many."""

    title: str
    vendor: str | None = None
    price: Money | None = None
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Review:
    """What a buyer said; ``date`` ISO 8601, ``rating`` on the page's own scale."""

    rating: Decimal | None = None
    text: str | None = None
    buyer: str | None = None
    date: str | None = None
    price: Money | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Vendor:
    """A vendor as their own page shows them; fingerprints are full and upper case."""

    name: str | None = None
    description: str | None = None
    pgp_fingerprints: tuple[str, ...] = ()
    joined: str | None = None
    last_seen: str | None = None
    sales: int | None = None
    rating: Decimal | None = None
    level: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """A listing as its own page shows it; a field the page does not show is None or empty."""

    title: str | None = None
    description: str | None = None
    vendor: str | None = None
    price: Money | None = None
    prices: tuple[PriceOption, ...] = ()
    price_in: tuple[Money, ...] = ()
    category: tuple[str, ...] = ()
    ships_from: Place | None = None
    ships_to: tuple[Place, ...] = ()
    delivery: tuple[Delivery, ...] = ()
    cities: tuple[str, ...] = ()
    stock: Decimal | None = None
    sales: int | None = None
    rating: Decimal | None = None
    rating_scale: Decimal | None = None
    review_count: int | None = None
    payment: tuple[str, ...] = ()
    escrow: bool | None = None
    offer: Offer | None = None
    language: str | None = None
    identifiers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    linked_crimes: tuple[str, ...] = ()
    linked_crime_evidence: tuple[str, ...] = ()
    sources: dict[str, Source] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """A page understood: what `npswatch read` prints, without path and address."""

    page_type: PageType
    gate: Gate | None = None
    listing: Listing | None = None
    listings: tuple[Card, ...] = ()
    vendor: Vendor | None = None
    reviews: tuple[Review, ...] = ()
    links: Links = field(default_factory=Links)

    @classmethod
    def of(cls, raw: RawPage) -> Page:
        """A page as the reader handed it over: its kind alone, nothing understood yet."""
        return cls(page_type=PageType(raw.page_type), gate=Gate(raw.gate) if raw.gate else None)
