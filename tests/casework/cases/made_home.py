"""A home as a crawl leaves it: pages in the real archive, documents by the real pipelines' step, the real index."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote

from crawler.model.page import Delivery, Listing, Offer, Page, PageType, PriceOption, Substance, Vendor
from crawler.model.sighting import Document, Sighting
from crawler.model.values import Money, Place, Source
from crawler.model.words import RawPage
from evidence.archive import Archive, Exchange
from index.opening import open_store
from pipelines.documents import documents_of
from pipelines.lifecycle import LifeRegister

FIRST = datetime(2026, 9, 7, 9, 30, tzinfo=UTC)
ONION = "http://" + "a" * 56 + ".onion"
FINGERPRINT = "0123456789ABCDEF0123456789ABCDEF01234567"
HOSTILE = (
    '=HYPERLINK("http://evil.example","3-MMC")',
    "\uff1dcmd|'/c calc'!A1 3-MMC",
    "<script>document.title='owned'</script><img src=x onerror=alert(1)> 3-MMC",
    "cheap \u202egnihtyna\u202c 3-MMC {{ 7 * 7 }}",
)
_KINDS = (
    ("3-MMC", "synthetic cathinones", True),
    ("Bromazolam", "designer benzodiazepines", True),
    ("Protonitazene", "nitazenes", True),
    ("Ketamine", "traditional", False),
)


def make_home(home: Path, listings: int = 8) -> Path:
    """The home with so many listings on two markets, two sightings each of the first; gives the home."""
    documents: list[Document] = []
    for market in ("birchwood", "сад"):
        register = LifeRegister(None)
        with Archive(home / "captures", market, "run-1") as archive:
            for number in range(market == "сад", listings, 2):
                documents += _sighted(archive, register, market, number, FIRST + timedelta(minutes=number))
            documents += _vendor(archive, register, market)
            if market == "birchwood":
                documents += _sighted(archive, register, market, 0, FIRST + timedelta(days=3), dearer=5)
    store = open_store(f"sqlite:///{home}/index.db")
    assert store.put(documents) == ()
    store.close()
    return home


def _sighted(
    archive: Archive, register: LifeRegister, market: str, number: int, time: datetime, dearer: int = 0
) -> tuple[Document, ...]:
    listing = made_listing(market, number, dearer)
    url = f"{ONION}/item/{number}?a=b&ref=;=c"
    return _documents(archive, register, market, url, time, Page(page_type=PageType.LISTING, listing=listing))


def _vendor(archive: Archive, register: LifeRegister, market: str) -> tuple[Document, ...]:
    name = _vendor_of(market)
    vendor = Vendor(
        name=name, description="Since 2019. Пишите в личку.", pgp_fingerprints=(FINGERPRINT,), sales=1204, level="5"
    )
    return _documents(
        archive,
        register,
        market,
        f"{ONION}/vendor/{quote(name)}",
        FIRST,
        Page(page_type=PageType.VENDOR, vendor=vendor),
    )


def _documents(
    archive: Archive, register: LifeRegister, market: str, url: str, time: datetime, page: Page
) -> tuple[Document, ...]:
    said = page.listing.title if page.listing else page.vendor.name if page.vendor else ""
    capture = archive.keep(
        Exchange(
            url=url,
            time=time,
            method="GET",
            request_headers=(("User-Agent", "npswatch"),),
            status=200,
            reason="OK",
            response_headers=(("Content-Type", "text/html; charset=utf-8"),),
            body=f"<html><body><h1>{said}</h1><p>{time}</p></body></html>".encode(),
        )
    )
    raw = RawPage(page_type=page.page_type.value, reader="made", template="made-1")
    sighting = Sighting(market=market, url=url, time=time, raw=raw, page=page, capture=capture)
    return documents_of(sighting, register)


def _vendor_of(market: str) -> str:
    return "NordicLab" if market == "birchwood" else "Северный ветер"


def made_listing(market: str, number: int, dearer: int = 0) -> Listing:
    """What the page of that number says."""
    name, substance_class, nps = _KINDS[number % len(_KINDS)]
    grams, russian = Decimal(1 + number % 5), market == "сад"
    title = f"{name} {grams} г, надёжный клад" if russian else f"{name} {grams}g, tracked"
    title = HOSTILE[number // 2] if not russian and number // 2 < len(HOSTILE) else title
    amount, currency = (grams * 900, "RUB") if russian else (grams * 10 + dearer, "EUR")
    offer = Offer(
        substances=(
            Substance(name=name, substance_class=substance_class, nps=nps, matched_text=name.lower(), confidence=0.97),
        ),
        quantity_g=grams,
        form="powder",
        price_per_gram=Money(amount=amount / grams, currency=currency),
    )
    place = Place(text="Узбекистан", country="UZ") if russian else Place(text="from the lowlands", country="NL")
    return Listing(
        title=title,
        description=f"{title}\nОтправка в день оплаты; +1 free.\n-- stealth",
        vendor=_vendor_of(market),
        price=Money(amount=amount, currency=currency),
        prices=(PriceOption(amount=amount, currency=currency, quantity_text=f"{grams} g"),),
        category=("Research chemicals", "Stimulants"),
        ships_from=place,
        ships_to=(place if russian else Place(text="Europe", country="EU"),),
        delivery=(Delivery.DEAD_DROP,) if russian else (Delivery.POST,),
        cities=("Ташкент",) if russian else (),
        stock=Decimal(number),
        language="ru" if russian else "en",
        offer=offer,
        identifiers={"emails": ("shop@made.example",), "telegram": ("@made_shop",)} if number % 4 == 0 else {},
        linked_crimes=("forged_documents",) if number == 4 else (),
        sources={
            "title": Source(words=title, rule="heading", confidence=0.98),
            "price": Source(words=f"Price: {amount} {currency}", rule="label:price", confidence=0.9),
        },
    )
