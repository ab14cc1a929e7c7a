"""What the demo markets sell: vendors, listings, offers and reviews, the same in every process.

Substances, prices, vendors and sentences are tables below ``data/``; here is how an offer is made of them.
"""

from __future__ import annotations

import csv
import random
import re
import statistics
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from crawler.demo.items import (
    Catalogue,
    Category,
    City,
    Drop,
    Good,
    Listing,
    Review,
    TextPage,
    Tier,
    Vendor,
)
from crawler.demo.openpgp import public_key
from crawler.demo.wallets import bitcoin_address, monero_address

DATA = Path(__file__).parent / "data"
TODAY = date(2026, 11, 16)

_LADDERS = {
    ("g", "retail"): (1, 2, 5, 10, 25, 50),
    ("g", "bulk"): (10, 25, 50, 100, 250, 500, 1000),
    ("pcs", "retail"): (10, 25, 50, 100, 250),
    ("pcs", "bulk"): (100, 250, 500, 1000),
    ("blotter", "retail"): (5, 10, 25, 50, 100),
    ("blotter", "bulk"): (25, 50, 100, 250),
    ("ml", "retail"): (1, 2, 5, 10),
    ("ml", "bulk"): (5, 10, 25),
    ("digital", "retail"): (1,),
    ("digital", "bulk"): (1,),
}
_DISCOUNT = -0.17
_CHEAP_GRAM = Decimal(2)
_CHEAP_FACTOR = 25
_SOLD_OUT_EVERY = 13
_PURE_FORMS = ("crystal", "powder")
_LONGEST_FEEDBACK = 16
_CONTACTS = ("email", "telegram", "jabber")
_CAPITAL_ALPHA = "\N{GREEK CAPITAL LETTER ALPHA}"


def read_catalogue(market: str) -> Catalogue:
    """The catalogue of a demo market by its name, built from the tables of ``data/``."""
    table = _toml(f"market_{market}")
    goods = read_goods()
    writer = _Writer(prose=_toml(f"prose_{market}"), table=table, market=market)
    vendors: list[Vendor] = []
    listings: list[Listing] = []
    for row in table["vendor"]:
        vendor = _vendor(row, market)
        vendors.append(vendor)
        for key in row["goods"]:
            listings.append(writer.listing(goods[key], vendor, row, len(listings)))
    return Catalogue(
        title=table["title"],
        vendors=tuple(vendors),
        listings=_shuffled(listings, market),
        categories=tuple(_categories(table["category"])),
        texts=tuple(TextPage(**{**page, "paragraphs": tuple(page["paragraphs"])}) for page in table["page"]),
        cities=tuple(City(**{**city, "districts": tuple(city["districts"])}) for city in table.get("city", ())),
    )


def read_goods() -> dict[str, Good]:
    """Everything that is sold on any demo market, by key."""
    lines = (line for line in (DATA / "goods.tsv").read_text(encoding="utf-8").splitlines() if line[:1] != "#")
    rows = csv.DictReader(lines, delimiter="\t")
    return {row["key"]: Good(**{**row, "usd": Decimal(row["usd"])}) for row in rows}  # type: ignore[arg-type]


def stars(rating: Decimal | int) -> str:
    """A rating of up to five as stars."""
    full = int(Decimal(rating).quantize(Decimal(1), ROUND_HALF_UP))
    return "★" * full + "☆" * (5 - full)


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / f"{name}.toml").read_text(encoding="utf-8"))


def _categories(rows: list[dict[str, Any]], parent: Category | None = None) -> Iterator[Category]:
    for row in rows:
        category = Category(slug=row["slug"], title=row["title"], groups=tuple(row["groups"]), parent=parent)
        yield category
        yield from _categories(row.get("sub", []), category)


def _shuffled(listings: list[Listing], market: str) -> tuple[Listing, ...]:
    shuffled = list(listings)
    random.Random(f"order {market}").shuffle(shuffled)
    return tuple(shuffled)


def slugged(text: str) -> str:
    """The text as it may stand in an address."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _vendor(row: dict[str, Any], market: str) -> Vendor:
    dice = random.Random(f"{market} vendor {row['handle']}")
    joined: date = row["joined"]
    made = int(datetime(joined.year, joined.month, joined.day, tzinfo=UTC).timestamp())
    return Vendor(
        handle=row["handle"],
        slug=row.get("slug", row["handle"]),
        about=row["about"],
        key=public_key(row["key"], *_certified(row, made)),
        joined=joined,
        last_seen=TODAY - timedelta(days=dice.choice((0, 0, 1, 1, 2, 3, 6))),
        level=row["level"],
        sales=dice.randrange(40, 260) * row["level"],
        rating=Decimal(dice.randrange(440, 499)) / 100,
        ships_from=row.get("ships_from", ""),
        ships_to=tuple(row.get("ships_to", ())),
        contacts=_contacts(row),
    )


def _contacts(row: dict[str, Any]) -> dict[str, str]:
    return {kind: str(row[kind]) for kind in _CONTACTS if kind in row}


def _certified(row: dict[str, Any], made: int) -> tuple[str, int]:
    user_id = row.get("key_name", f"{row['handle']} <{row.get('email', row.get('jabber'))}>")
    first = row.get("key_made")
    return user_id, int(datetime(first.year, first.month, first.day, tzinfo=UTC).timestamp()) if first else made


@dataclass(frozen=True, kw_only=True, slots=True)
class _Writer:
    """Makes listings of the rows of one market."""

    prose: dict[str, Any]
    table: dict[str, Any]
    market: str

    def listing(self, good: Good, vendor: Vendor, row: dict[str, Any], place: int) -> Listing:
        """The offer of a good by a vendor; ``place`` is its running number on the market."""
        dice = random.Random(f"{self.market} {vendor.handle} {good.key}")
        tiers = self._tiers(good, row, dice)
        tier = dice.choice(tiers[: max(1, len(tiers) - 2)])
        purity = dice.choice(("96", "97", "98", "98.5", "99", "99.2")) if good.form in _PURE_FORMS else ""
        title = self._title(good, tier, purity, row, dice)
        reviews = self._reviews(tiers, dice)
        sold_out = place % _SOLD_OUT_EVERY == _SOLD_OUT_EVERY - 1
        number: int = self.table["first_id"] + place * 7 + dice.randrange(7)
        return Listing(
            number=number,
            slug=slugged(title)[:60].strip("-") or good.key,
            title=title,
            good=good,
            vendor=vendor,
            description=self._description(good, purity, row, dice),
            tier=tier,
            tiers=tiers,
            drops=() if sold_out or good.unit == "digital" else self._drops(tiers, dice),
            stock=0 if sold_out else dice.choice((3, 7, 12, 18, 25, 40, 64, 120, 350)),
            sales=len(reviews) * 2 + dice.randrange(9),
            views=dice.randrange(140, 4800),
            rating=_mean([review.rating for review in reviews]),
            reviews=reviews,
            coins=_coins(self.table["coins"], dice),
            escrow=dice.random() < 0.8,
            posted=TODAY - timedelta(days=dice.randrange(9, 320)),
        )

    def _tiers(self, good: Good, row: dict[str, Any], dice: random.Random) -> tuple[Tier, ...]:
        ladder = _LADDERS[good.unit, row["packs"]]
        if good.unit == "g" and good.usd < _CHEAP_GRAM:
            ladder = tuple(step * _CHEAP_FACTOR for step in ladder)
        steps = ladder if len(ladder) < 4 else ladder[: dice.randrange(4, len(ladder) + 1)]
        unit_usd = float(good.usd) * row["scale"] * dice.uniform(0.93, 1.08)
        return tuple(
            Tier(amount=step, words=self._amount(good, step), usd=_rounded(unit_usd * step ** (1 + _DISCOUNT)))
            for step in steps
        )

    def _amount(self, good: Good, amount: int) -> str:
        words: str = self.prose["amount"][good.unit]
        if good.unit == "g" and amount % 1000 == 0:
            words, amount = self.prose["amount"]["kg"], amount // 1000
        return words.format(n=amount)

    def _title(self, good: Good, tier: Tier, purity: str, row: dict[str, Any], dice: random.Random) -> str:
        kind = "pure" if purity else "dosed" if good.dose else "file" if good.unit == "digital" else "plain"
        templates: list[str] = self.prose["title"][kind]
        style: int = row["style"] + dice.randrange(2)
        name = good.name if self.table["language"] == "en" else good.name_ru
        words = {"name": name, "upper": name.upper().replace(_CAPITAL_ALPHA, "α"), "form": self._form(good)}
        words |= {"purity": purity, "unit": self.prose["unit"]["blotter" if good.unit == "blotter" else "pill"]}
        words |= {"amount": tier.words, "n": str(tier.amount), "dose": good.dose, "packed": _packed(good, tier, dice)}
        return templates[style % len(templates)].format(**words)

    def _form(self, good: Good) -> str:
        form: str = self.prose["form"][good.form]
        return form

    def _description(self, good: Good, purity: str, row: dict[str, Any], dice: random.Random) -> tuple[str, ...]:
        kind = "digital" if good.unit == "digital" else "goods"
        name = good.name if self.table["language"] == "en" else good.name_ru
        opening = dice.choice(self.prose["opening"][good.group])
        first = [opening.format(name=name, form=self._form(good), purity=purity or "98")]
        first += dice.sample(self.prose["quality"][kind], 2)
        second = [*dice.sample(row["voice"], 2), dice.choice(self.prose["dispatch"][kind])]
        third = dice.sample(self.prose["terms"][kind], 2)
        if dice.random() < 0.45:
            third.append(self._contact(row, dice))
        return " ".join(first), " ".join(second), " ".join(third)

    def _contact(self, row: dict[str, Any], dice: random.Random) -> str:
        known = _contacts(row) | {"btc": bitcoin_address(row["key"]), "xmr": monero_address(row["key"])}
        fitting = [line for line in self.prose["contact"]["lines"] if set(re.findall(r"{(\w+)}", line)) <= known.keys()]
        line: str = dice.choice(fitting)
        return line.format(**known)

    def _drops(self, tiers: tuple[Tier, ...], dice: random.Random) -> tuple[Drop, ...]:
        cities: list[dict[str, Any]] = self.table.get("city", [])
        chosen = dice.sample(cities, min(len(cities), dice.randrange(1, 4)))
        drops = []
        for city in chosen:
            for tier in tiers[: dice.randrange(2, 5)]:
                district = dice.choice(city["districts"])
                drops.append(
                    Drop(city=city["name"], district=district, kind=dice.choice(self.table["drops"]), tier=tier)
                )
        return tuple(drops)

    def _reviews(self, tiers: tuple[Tier, ...], dice: random.Random) -> tuple[Review, ...]:
        days = sorted(dice.sample(range(1, 200), dice.choice((0, 2, 3, 5, 6, 8, 9, 11, _LONGEST_FEEDBACK))))
        return tuple(self._review(tiers, TODAY - timedelta(days=day), dice) for day in days)

    def _review(self, tiers: tuple[Tier, ...], posted: date, dice: random.Random) -> Review:
        rating = dice.choices((5, 4, 3, 2, 1), (74, 12, 7, 2, 5))[0]
        words = self.prose["reviews"]
        text = dice.choice(words["good" if rating > 3 else "fair" if rating == 3 else "bad"])
        text = f"{text} {dice.choice(words['more'])}" if rating > 3 else text
        weekday = dice.choice(words["weekdays"])
        return Review(
            rating=rating,
            text=text.format(days=dice.randrange(2, 9), weekday=weekday).strip(),
            buyer=_buyer(dice),
            posted=posted,
            tier=dice.choice(tiers),
        )


def _packed(good: Good, tier: Tier, dice: random.Random) -> str:
    """An amount as a multiplier where it divides: 10 g as 10 x 1g or 2 x 5g."""
    if good.unit != "g" or tier.amount >= 1000:
        return tier.words
    parts = [part for part in (1, 2, 5, 10) if tier.amount % part == 0 and 2 <= tier.amount // part <= 10]
    if not parts:
        return tier.words
    part = dice.choice(parts)
    return f"{tier.amount // part} x {part}g"


def _rounded(usd: float) -> Decimal:
    step = Decimal("0.5") if usd < 100 else Decimal(1) if usd < 1000 else Decimal(5)
    return (Decimal(usd) / step).quantize(Decimal(1), ROUND_HALF_UP) * step


def _mean(ratings: list[int]) -> Decimal | None:
    return Decimal(statistics.fmean(ratings)).quantize(Decimal("0.01")) if ratings else None


def _coins(coins: list[str], dice: random.Random) -> tuple[str, ...]:
    return tuple(coins[: dice.randrange(1, len(coins) + 1)])


def _buyer(dice: random.Random) -> str:
    letters = "abcdefghijklmnoprstuvwz0123456789"
    return dice.choice(letters[:22]) + "***" + dice.choice(letters)
