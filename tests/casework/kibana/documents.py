"""An invented quarter of three markets: sightings made into documents by the pipelines' own steps, ending now."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from crawler.model.page import Delivery, Gate, Listing, Offer, Page, PageType, Review, Substance, Vendor
from crawler.model.sighting import Capture, Document, Sighting
from crawler.model.values import Money, Place, Source
from crawler.model.words import RawPage
from pipelines.documents import documents_of
from pipelines.lifecycle import LifeRegister
from pipelines.reconcile import Account
from pipelines.run_record import run_document

WEEKS = 12
LISTINGS_A_MARKET = 15
CURRENCIES = {"harbour": "EUR", "quartz": "USD", "dvor": "RUB"}
_VENDORS = {
    "harbour": ("NordicLab", "harbour_light", "Tulip Express"),
    "quartz": ("NordicLab", "WhiteRabbit", "Granite"),
    "dvor": ("Северный ветер", "Химик-77", "ЛавкаЧудес"),
}
_SUBSTANCES = (
    ("3-MMC", "synthetic cathinones", True, False), ("α-PVP", "synthetic cathinones", True, False),
    ("metonitazene", "nitazenes", True, False), ("MDMB-4en-PINACA", "synthetic cannabinoids", True, False),
    ("2C-B", "phenethylamines", True, False), ("bromazolam", "designer benzodiazepines", True, False),
    ("ketamine", "traditional", False, False), ("N-quartzyl nitazene", "nitazenes", True, True),
)  # fmt: skip
_PLACES = (("Netherlands", "NL"), ("Germany", "DE"), ("Poland", "PL"), ("Worldwide", "WW"), ("Европа", "EU"))
_CITIES = ("Ташкент", "Алматы", "Бишкек", "Душанбе")
_LANGUAGES = {"harbour": "en", "quartz": "de", "dvor": "ru"}
_GATES = (Gate.LOGIN, Gate.CAPTCHA, Gate.QUEUE, Gate.MAINTENANCE, Gate.ERROR)
_KEY = "0123456789ABCDEF0123456789ABCDEF01234567"


def quarter_of_documents(ending: datetime | None = None) -> list[Document]:
    """Several hundred documents of every kind a crawl makes, in the order a crawl makes them."""
    dice = random.Random(11)
    end = ending or datetime.now(UTC) - timedelta(hours=3)
    register = LifeRegister(None)
    found: list[Document] = []
    for week in range(WEEKS):
        for market in CURRENCIES:
            found += _run(dice, market, week, end - timedelta(weeks=WEEKS - 1 - week), register)
    register.close()
    return found


def _run(dice: random.Random, market: str, week: int, at: datetime, register: LifeRegister) -> Iterator[Document]:
    run = f"{market}-{week:02d}"
    blind = market == "quartz" and week == 10
    pages = [] if blind else [*_listings(dice, market, week), *_vendors(market, week)]
    for place, page in enumerate([*pages, *_walls(dice, blind=blind)]):
        url = f"http://{market}.example/{page.page_type.value}/{_number(page)}"
        raw = RawPage(page_type=page.page_type.value, reader="1", template=f"{market}-1")
        time = at + timedelta(seconds=place)
        sighting = Sighting(
            market=market, url=url, time=time, raw=raw, page=page, capture=_capture(market, run, url, time, page)
        )
        yield from documents_of(sighting, register)
    yield run_document(
        _stats(pages, at, blind=blind, week=week), Account(), market=market, run=run, why=_why(week), profile=None
    )


def _why(week: int) -> str:
    return "closespider_pagecount" if week == 7 else "finished"


def _number(page: Page) -> str:
    if page.listing is not None and page.listing.title is not None:
        return page.listing.title.rpartition("#")[2]
    return page.vendor.name or "" if page.vendor is not None else "wall"


def _listings(dice: random.Random, market: str, week: int) -> Iterator[Page]:
    for number in range(min(LISTINGS_A_MARKET, 4 + week)):
        yield Page(
            page_type=PageType.LISTING,
            listing=_listing(dice, market, number),
            reviews=(Review(rating=Decimal(5), text="arrived", buyer="b***r", date="2026-08-01"),),
        )


def _listing(dice: random.Random, market: str, number: int) -> Listing:
    name, class_, nps, emergent = _SUBSTANCES[(number + len(market)) % len(_SUBSTANCES)]
    grams = dice.choice([1, 5, 10])
    price = Decimal(grams * dice.randint(8, 30))
    money = Money(amount=price, currency=CURRENCIES[market])
    title = f"{name} {grams}g #{number}"
    return Listing(
        title=title,
        description=f"{title}, vacuum sealed",
        vendor=_VENDORS[market][number % 3],
        price=money,
        category=("NPS", class_),
        ships_from=Place(text=_PLACES[number % 3][0], country=_PLACES[number % 3][1]) if market != "dvor" else None,
        ships_to=tuple(Place(text=text, country=code) for text, code in _PLACES[number % 2 :: 2]),
        delivery=(Delivery.DEAD_DROP if market == "dvor" else Delivery.POST,),
        cities=_CITIES[number % 4 : number % 4 + 2] if market == "dvor" else (),
        stock=Decimal(dice.randint(0, 40)),
        sales=dice.randint(0, 300),
        rating=Decimal("4.8"),
        rating_scale=Decimal(5),
        payment=("BTC", "XMR") if number % 2 else ("XMR",),
        escrow=bool(number % 2),
        offer=Offer(
            substances=(
                Substance(
                    name=name, substance_class=class_, nps=nps, emergent=emergent, matched_text=name, confidence=0.95
                ),
            ),
            quantity_g=Decimal(grams),
            form=("powder", "crystal", "pill")[number % 3],
            price=price,
            currency=CURRENCIES[market],
            price_per_gram=Money(amount=price / grams, currency=CURRENCIES[market]),
        ),
        language=_LANGUAGES[market],
        linked_crimes=("forged_documents",) if number == 3 else (),
        linked_crime_evidence=("fake passport",) if number == 3 else (),
        sources={"title": Source(words=title, rule="label:title", confidence=0.9)},
    )


def _vendors(market: str, week: int) -> Iterator[Page]:
    for name in _VENDORS[market][: 1 + week % 3]:
        keys = (_KEY,) if name == "NordicLab" else (hashlib.sha1(name.encode()).hexdigest().upper(),)  # noqa: S324
        vendor = Vendor(name=name, description="since 2024", pgp_fingerprints=keys, sales=120, level="gold")
        yield Page(page_type=PageType.VENDOR, vendor=vendor)


def _walls(dice: random.Random, *, blind: bool) -> Iterator[Page]:
    yield Page(page_type=PageType.CATEGORY)
    for _ in range(4 if blind else dice.choice([0, 1])):
        yield Page(page_type=PageType.GATE, gate=dice.choice(_GATES))


def _capture(market: str, run: str, url: str, time: datetime, page: Page) -> Capture:
    digest = hashlib.sha256(f"{url} {time}".encode()).hexdigest()
    broken = page.gate in (Gate.ERROR, Gate.MAINTENANCE)
    return Capture(
        market=market, run=run, url=url, time=time, status=503 if broken else 200, payload_digest=f"sha256:{digest}",
        record_id=f"<urn:uuid:{digest[:32]}>", warc=f"{market}/{run}.warc.gz", offset=0, length=4000,
        content_type="text/html",
    )  # fmt: skip


def _stats(pages: list[Page], at: datetime, *, blind: bool, week: int) -> dict[str, Any]:
    types = [page.page_type.value for page in pages]
    return {
        "start_time": at,
        "finish_time": at + timedelta(minutes=20),
        "frontier/planned": len(pages) + 4,
        "captures/kept": len(pages) + 1,
        "pages/read": len(pages) + (4 if blind else 0),
        "pages/gate/captcha": 4 if blind else 0,
        "pages/failed": 6 if week == 7 else 0,
        "pages/type/listing": types.count("listing"),
        "pages/type/vendor": types.count("vendor"),
        "listings/new": 4 if week == 0 else 1,
        "listings/changed": types.count("listing"),
        "outbox/waiting": 2 if week == 9 else 0,
        "coverage": {"seen": len(pages), "low": len(pages), "method": "Chapman", "share": 0.97, "complete": not blind},
    }
