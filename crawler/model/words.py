"""What a reader hands over: the page's own words, each with the place and rule it came from."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """Words read from a page, before anything makes a value of them.

    ``rule`` names how they were found (for example ``label:price`` or ``profile:title``),
    ``confidence`` is 0 to 1.
    """

    text: str
    rule: str
    confidence: float


@dataclass(frozen=True, kw_only=True, slots=True)
class RawOption:
    """One price option as shown: a size, tier, variant or city with its price words."""

    price: str
    quantity: str | None = None
    city: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RawCard:
    """One listing as shown on a page of many; ``url`` is resolved against the page's address."""

    url: str
    title: str
    vendor: str | None = None
    price: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RawReview:
    """One review in its own words."""

    text: str | None = None
    rating: str | None = None
    buyer: str | None = None
    date: str | None = None
    price: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RawListing:
    """The words of a listing page.

    ``price`` may hold several amounts ("$240 / 0.025 BTC"); the first is the headline.
    ``category`` is the path from the widest to the narrowest.
    """

    title: Words | None = None
    description: Words | None = None
    vendor: Words | None = None
    price: Words | None = None
    prices: tuple[RawOption, ...] = ()
    category: tuple[Words, ...] = ()
    ships_from: Words | None = None
    ships_to: Words | None = None
    delivery: Words | None = None
    cities: tuple[Words, ...] = ()
    stock: Words | None = None
    sales: Words | None = None
    rating: Words | None = None
    review_count: Words | None = None
    payment: Words | None = None
    escrow: Words | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RawVendor:
    """The words of a vendor page; ``pgp_blocks`` are whole armoured key blocks."""

    name: Words | None = None
    description: Words | None = None
    pgp_blocks: tuple[str, ...] = ()
    joined: Words | None = None
    last_seen: Words | None = None
    sales: Words | None = None
    rating: Words | None = None
    level: Words | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Links:
    """Where a page leads: resolved addresses by what waits there; ``next`` is the next page of the same list."""

    listing: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    vendor: tuple[str, ...] = ()
    next: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RawCount:
    """A number of listings printed on a page, and the address of the list it is of (the page's own or a category's)."""

    url: str
    count: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RawPage:
    """A page as the reader understood its markup, nothing made of its words yet.

    ``page_type`` and ``gate`` are values of PageType and Gate; ``template`` is the version of the
    site template that read it, ``reader`` the version of the reader's code. ``pgp_blocks`` are the
    armoured key blocks of a listing page (those of a vendor page stand in ``vendor``). ``rates`` are the lines in
    which the page prints exchange rates, ``counts`` the numbers of listings it prints; ``gone``: an error page says
    that what stood there is no longer there.
    """

    page_type: str
    gate: str | None = None
    listing: RawListing | None = None
    cards: tuple[RawCard, ...] = ()
    vendor: RawVendor | None = None
    reviews: tuple[RawReview, ...] = ()
    links: Links = field(default_factory=Links)
    language_hint: str | None = None
    pgp_blocks: tuple[str, ...] = ()
    rates: tuple[str, ...] = ()
    template: str | None = None
    counts: tuple[RawCount, ...] = ()
    gone: bool = False
    reader: str
