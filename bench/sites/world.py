"""What an invented market sells: vendors, listings, offers and reviews, the same for the same seed."""

import datetime
import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from bench.sites.pgp import Key, make_key
from bench.sites.words import Good, Words, buyers, goods, vendor_names, words_of

TODAY = datetime.date(2024, 11, 20)
AMOUNTS = {
    "g": ("0.5", "1", "2", "3", "5", "10", "25", "50", "100", "250", "1000"),
    "pcs": ("5", "10", "20", "25", "50", "100", "500", "1000"),
    "ml": ("10", "30", "50", "100", "1000"),
    "digital": ("1",),
}
COIN_RATES = {"BTC": 61234.0, "XMR": 158.4, "LTC": 71.3}
COIN_STEP = Decimal("0.00000001")
ZERO_WIDTH = "\u200b\u200c\u2060\ufeff"


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """How a market trades: languages, money, habits; chances are shares between 0 and 1."""

    languages: tuple[str, ...]
    currency: str
    rate: float
    step: str
    coins: tuple[str, ...] = ("BTC",)
    scripts: tuple[str, ...] = ("latin",)
    listings_per_vendor: int = 7
    families: tuple[str, ...] = ()
    offers: tuple[int, int] = (1, 4)
    paragraphs: tuple[int, int] = (2, 5)
    reviews: tuple[int, int] = (0, 8)
    by_city: bool = False
    origins: bool = True
    no_rating: float = 0.15
    sold_out: float = 0.08
    no_origin: float = 0.08
    no_destination: float = 0.12
    coin_only: float = 0.0
    zero_width: float = 0.05
    no_key: float = 0.15
    key_headers: tuple[str, ...] = ("", "", "Comment: keep it simple", "Version: GnuPG v2")


@dataclass(frozen=True, kw_only=True, slots=True)
class Vendor:
    """A seller, invented."""

    number: int
    name: str
    language: str
    about: tuple[str, ...]
    rating: float
    sales: int
    level: int
    joined: datetime.date
    seen: datetime.date
    key: Key | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Review:
    """What a buyer wrote; rating from 1 to 5."""

    rating: int
    text: str
    buyer: str
    date: datetime.date


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """One price option."""

    quantity: str
    amount: Decimal
    currency: str
    city: str = ""
    district: str = ""
    drop: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Category:
    """A family of goods below its root; the key is the same in all languages."""

    number: int
    key: str
    root: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """One listing with everything its site may show of it."""

    number: int
    title: str
    shown_title: str
    language: str
    good: Good
    category: Category
    vendor: Vendor
    offers: tuple[Offer, ...]
    origin: str | None
    destinations: tuple[str, ...]
    stock: int | None
    sales: int
    views: int
    rating: float | None
    reviews: tuple[Review, ...]
    paragraphs: tuple[str, ...]
    escrow: bool
    posted: datetime.date

    @property
    def cities(self) -> tuple[str, ...]:
        """Cities of the offers, each once, in order."""
        return tuple(dict.fromkeys(o.city for o in self.offers if o.city))

    @property
    def drops(self) -> tuple[str, ...]:
        """Kinds of dead drops of the offers, each once, in order."""
        return tuple(dict.fromkeys(o.drop for o in self.offers if o.drop))


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """All of an invented market's content."""

    plan: Plan
    categories: tuple[Category, ...]
    vendors: tuple[Vendor, ...]
    listings: tuple[Listing, ...]

    def in_category(self, category: Category) -> list[Listing]:
        """Listings of a category."""
        return [x for x in self.listings if x.category is category]

    def of_vendor(self, vendor: Vendor) -> list[Listing]:
        """Listings of a vendor."""
        return [x for x in self.listings if x.vendor is vendor]


def days_before(dice: random.Random, most: int) -> datetime.date:
    """A day at most so many days before the market's present."""
    return TODAY - datetime.timedelta(days=dice.randrange(1, most))


def pick(dice: random.Random, texts: list[str], low: int, high: int) -> list[str]:
    """Some of the texts, each once, in random order."""
    return dice.sample(texts, min(len(texts), dice.randint(low, high)))


class Maker:
    """Makes a world from a plan; all chance comes from one seeded source."""

    def __init__(self, plan: Plan, seed: str) -> None:
        self.plan = plan
        self.seed = seed
        self.dice = random.Random(seed)

    def world(self, count: int) -> World:
        """A market with so many listings."""
        chosen = [g for g in goods() if not self.plan.families or g.family in self.plan.families]
        families = dict.fromkeys(g.family for g in chosen)
        roots = {g.family: g.root for g in chosen}
        categories = {f: Category(number=11 + 3 * i, key=f, root=roots[f]) for i, f in enumerate(families)}
        vendors = self.vendors(max(1, count // self.plan.listings_per_vendor))
        numbers = sorted(self.dice.sample(range(100, 1000 + 40 * count), count))
        self.dice.shuffle(numbers)
        listings = tuple(self.listing(n, chosen, categories, vendors) for n in numbers)
        used = tuple(c for c in categories.values() if any(x.category is c for x in listings))
        return World(plan=self.plan, categories=used, vendors=vendors, listings=listings)

    def vendors(self, count: int) -> tuple[Vendor, ...]:
        """So many vendors with different names."""
        known = list(vendor_names(self.plan.scripts))
        self.dice.shuffle(known)
        names = [known[i % len(known)] + (str(i // len(known) + 1) if i >= len(known) else "") for i in range(count)]
        return tuple(self.vendor(i, name) for i, name in enumerate(names))

    def vendor(self, number: int, name: str) -> Vendor:
        """A vendor with or without a key."""
        language = self.dice.choice(self.plan.languages)
        about = pick(self.dice, words_of(language).about, 2, 5)
        joined = days_before(self.dice, 2200)
        created = int(datetime.datetime.combine(joined, datetime.time(9), datetime.UTC).timestamp())
        mail = re.sub(r"[^a-z0-9]", "", name.casefold()) or f"shop{number}"
        header = self.dice.choice(self.plan.key_headers)
        key = make_key(f"{self.seed}/{number}", f"{name} <{mail}@post.example>", created, header)
        return Vendor(
            number=number * 7 + 21,
            name=name,
            language=language,
            about=tuple(line.format(vendor=name) for line in about),
            rating=round(self.dice.uniform(3.6, 5), 2),
            sales=int(self.dice.paretovariate(0.9) * 20) % 20000,
            level=self.dice.randint(1, 9),
            joined=joined,
            seen=days_before(self.dice, 12),
            key=None if self.dice.random() < self.plan.no_key else key,
        )

    def listing(
        self, number: int, chosen: list[Good], categories: dict[str, Category], vendors: tuple[Vendor, ...]
    ) -> Listing:
        """A listing with all its facts."""
        dice, plan = self.dice, self.plan
        good, vendor = dice.choice(chosen), dice.choice(vendors)
        words = words_of(vendor.language if len(plan.languages) > 1 and dice.random() < 0.8 else plan.languages[0])
        language = next(code for code in plan.languages if words_of(code) is words)
        offers = tuple(self.offers(good, words))
        title = self.title(good, words, offers)
        digital = good.unit == "digital"
        origin, destinations = ("", []) if digital or not plan.origins else self.route(words)
        return Listing(
            number=number,
            title=title,
            shown_title=self.smuggle(title),
            language=language,
            good=good,
            category=categories[good.family],
            vendor=vendor,
            offers=offers,
            origin=origin or None,
            destinations=tuple(destinations),
            stock=0 if dice.random() < plan.sold_out else None if dice.random() < 0.2 else dice.randint(1, 2500),
            sales=int(dice.paretovariate(0.8)) % 4000,
            views=dice.randint(30, 30000),
            rating=None if dice.random() < plan.no_rating else round(dice.uniform(2.9, 5), 1),
            reviews=tuple(self.reviews(words)),
            paragraphs=tuple(self.paragraphs(good, words, offers)),
            escrow=dice.random() < 0.7,
            posted=days_before(dice, 500),
        )

    def route(self, words: Words) -> tuple[str, list[str]]:
        """Where a parcel comes from and goes to; either may be missing."""
        origin = "" if self.dice.random() < self.plan.no_origin else self.dice.choice(words.countries)
        if self.dice.random() < self.plan.no_destination:
            return origin, []
        if self.dice.random() < 0.45:
            return origin, words.destinations[:1]
        return origin, pick(self.dice, words.destinations[1:], 1, 4)

    def money(self, usd: float) -> tuple[Decimal, str]:
        """A price in the market's currency, or now and then in coins only."""
        if self.plan.coin_only and self.dice.random() < self.plan.coin_only:
            return (Decimal(usd) / Decimal(COIN_RATES["BTC"])).quantize(Decimal("0.00001")), "BTC"
        step = Decimal(self.plan.step)
        price = (Decimal(usd * self.plan.rate) / step).quantize(Decimal(1), ROUND_HALF_UP) * step
        return max(price, step), self.plan.currency

    def offers(self, good: Good, words: Words) -> Iterator[Offer]:
        """Price options, cheapest first; in shops with dead drops one group a city."""
        ladder = AMOUNTS[good.unit]
        size = min(len(ladder), self.dice.randint(*self.plan.offers))
        start = self.dice.randrange(0, max(1, min(7, len(ladder) - size + 1)))
        level = self.dice.uniform(0.7, 1.5)
        first_currency = ""
        for place in self.places(good, words):
            for amount in (Decimal(a) for a in ladder[start : start + size]):
                usd = good.usd * float(amount) ** 0.87 * level * self.dice.uniform(0.97, 1.03)
                price, currency = self.money(usd)
                first_currency = first_currency or currency
                if currency == first_currency:
                    yield Offer(quantity=words.quantity(amount, good.unit), amount=price, currency=currency, **place)

    def places(self, good: Good, words: Words) -> Iterable[dict[str, str]]:
        """Where goods lie, in shops with dead drops; one empty place elsewhere."""
        if not self.plan.by_city or good.unit == "digital":
            return [{}]
        cities = self.dice.sample(words.cities, self.dice.randint(1, 3))
        return [
            {"city": c, "district": self.dice.choice(words.districts), "drop": self.dice.choice(words.drops)}
            for c in cities
        ]

    def title(self, good: Good, words: Words, offers: tuple[Offer, ...]) -> str:
        """A title as sellers write them."""
        plain = good.unit == "digital" or self.plan.by_city
        pattern = self.dice.choice(words.digital_titles if plain else words.titles)
        quantity = offers[0].quantity
        text = pattern.format(
            amount=quantity.replace(" ", "") if words.names == "name" else quantity,
            amount_wide=quantity,
            name=getattr(good, words.names),
            mark=self.dice.choice(words.marks),
            brand=self.dice.choice(words.brands),
            purity=self.dice.choice(words.purity),
        )
        return " ".join(text.split())

    def smuggle(self, title: str) -> str:
        """The title, sometimes with zero-width characters between its letters."""
        if self.dice.random() >= self.plan.zero_width:
            return title
        places = sorted(self.dice.sample(range(1, len(title)), min(3, len(title) - 1)), reverse=True)
        for place in places:
            title = title[:place] + self.dice.choice(ZERO_WIDTH) + title[place:]
        return title

    def paragraphs(self, good: Good, words: Words, offers: tuple[Offer, ...]) -> Iterator[str]:
        """Description paragraphs."""
        for line in pick(self.dice, words.lines, *self.plan.paragraphs):
            yield line.format(name=getattr(good, words.names), amount=offers[0].quantity or "1")

    def reviews(self, words: Words) -> Iterator[Review]:
        """Buyers' words, newest first."""
        days = sorted((days_before(self.dice, 300) for _ in range(self.dice.randint(*self.plan.reviews))), reverse=True)
        for day in days:
            rating = self.dice.choice((5, 5, 5, 5, 4, 4, 3, 2, 1))
            texts = pick(self.dice, words.good if rating > 3 else words.bad, 1, 3)
            yield Review(rating=rating, text=" ".join(texts), buyer=self.dice.choice(buyers()), date=day)


def in_coin(offer: Offer, plan: Plan, coin: str = "BTC") -> Decimal:
    """An offer's price in a coin, at the market's rate."""
    if offer.currency == coin:
        return offer.amount
    usd = float(offer.amount) / plan.rate
    return (Decimal(usd) / Decimal(COIN_RATES[coin])).quantize(COIN_STEP, ROUND_HALF_UP)


def in_dollars(offer: Offer, plan: Plan) -> Decimal:
    """An offer's price in US dollars, at the market's rate."""
    return (offer.amount / Decimal(str(plan.rate))).quantize(Decimal("0.01"), ROUND_HALF_UP)
