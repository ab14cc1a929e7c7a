"""An invented market as documents and captures: two hundred listings in three languages, some of them hostile."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from crawler.model.identity import stable_id
from crawler.model.plain import iso
from crawler.model.sighting import Document
from evidence.archive import Archive, Exchange

LONG_WORD = "ultra" * 60
HOSTILE_TITLES = (
    "<script>document.title='owned'</script><img src=x onerror=alert(1)> 3-MMC",
    "cheap \u202egnihtyna\u202c 3-MMC \u200bzero\u200bwidth",
    f"{LONG_WORD} 3-MMC",
    "\"><a href='http://evil.example/'>3-MMC</a> {{ 7 * 7 }} {% raw %}",
    "Z\u0338\u0321\u0322\u0327\u0328\u031b\u0334a\u0338\u0321\u0322\u0327lgo 3-MMC",
)
FIRST = datetime(2026, 9, 7, 9, 30, tzinfo=UTC)
SECOND_KEY = "0123456789ABCDEF0123456789ABCDEF01234567"
ONION = "http://" + "a" * 56 + ".onion"
BTC = "bc1qinventedinventedinventedinventedinv0"
_SUBSTANCES: tuple[tuple[str, str, bool, bool], ...] = (
    ("3-MMC", "synthetic cathinones", True, False),
    ("Mephedrone", "synthetic cathinones", True, False),
    ("alpha-PVP", "synthetic cathinones", True, False),
    ("MDMB-4en-PINACA", "synthetic cannabinoids", True, False),
    ("2C-B", "phenethylamines", True, False),
    ("Protonitazene", "nitazenes", True, False),
    ("Bromazolam", "designer benzodiazepines", True, False),
    ("5-MeO-DMT", "tryptamines", True, False),
    ("Ketamine", "traditional", False, False),
    ("MDMA", "traditional", False, False),
    ("N-propionitril etonitazene", "nitazenes", True, True),
)
_TITLES = {
    "en": "{grams}g {name} – clean {form}, tracked and vacuum sealed",
    "ru": "{name} {grams} г, {form}, надёжный клад в вашем городе",
    "uz-Latn": "{name} {grams} gr, toza {form}, tez yetkazib beriladi",
}
_FORMS = {"en": ("powder", "crystal"), "ru": ("порошок", "кристаллы"), "uz-Latn": ("kukun", "kristall")}
_MARKETS = {"birchwood": "USD", "quartz": "EUR", "сад": "RUB"}
_VENDORS = {
    "birchwood": ("NordicLab", "WhiteRabbit", "harbour_light", "★★★"),
    "quartz": ("NordicLab", "Tulip Express", "kleine-apotheke"),
    "сад": ("Северный ветер", "Химик-77", "ЛавкаЧудес"),
}
_PAGE = (
    "<html><head><title>t</title><script>steal()</script><style>p{{}}</style></head><body><h1>{title}</h1>"
    "<p>Ships from the middle of <b>nowhere</b>.</p><img alt='jar' src='http://evil.example/x.png'>"
    "<form><input type=submit value='Buy now'></form></body></html>"
)


def made_documents(captures: Path, listings: int = 200) -> list[Document]:
    """All documents of the invented markets; the pages of the first ones lie below the captures folder."""
    chance = random.Random(7)
    documents: list[Document] = []
    with Archive(captures, "birchwood", "run-2") as archive:
        for number in range(listings):
            documents += _listing(number, chance, archive)
        nordic = _capture(archive, f"{ONION}/vendor/NordicLab", "NordicLab")
    return [*documents, nordic, *_vendors(nordic.id), *_runs()]


def listing_id(number: int) -> str:
    """The id of the listing of that number."""
    return stable_id("listing", "made", str(number))


def vendor_id(market: str, name: str) -> str:
    """The id of a vendor, as the pipelines make it."""
    return stable_id("vendor", market, name.casefold())


def _listing(number: int, chance: random.Random, archive: Archive) -> list[Document]:
    market = list(_MARKETS)[number % 3]
    body = _body(number, market, chance)
    id_ = listing_id(number)
    documents = []
    if number < 20:
        capture = _capture(archive, body["url"], body["title"])
        body["capture"] = capture.id
        documents.append(capture)
    first = FIRST + timedelta(days=chance.randrange(60), hours=number % 9)
    times = chance.randrange(1, 5)
    for sighting in range(times):
        seen = first + timedelta(days=6 * sighting)
        dearer = {"price": _money(body["price"], 1 + sighting / 20)}
        offer = body["offer"] | (
            {"price_per_gram": _money(body["offer"]["price_per_gram"], 1 + sighting / 20)}
            if "price_per_gram" in body["offer"]
            else {}
        )
        state = "changed" if sighting else "new"
        said = {key: value for key, value in body.items() if key != "sources"} | dearer | {"offer": offer}
        about = {"listing": id_, "seen": iso(seen), "state": state}
        documents.append(
            Document(kind="observation", id=stable_id("observation", id_, str(sighting)), body=said | about)
        )
    life = {
        "first_seen": iso(first),
        "last_seen": iso(first + timedelta(days=6 * times - 6)),
        "times_seen": times,
        "state": "gone" if number % 37 == 5 else "seen",
    }
    documents.append(Document(kind="listing", id=id_, body=body | dearer | {"offer": offer} | life))
    review = {
        "listing": id_,
        "vendor": body["vendor"],
        "market": market,
        "rating": 5,
        "date": "2026-10-02",
        "text": "Всё пришло, спасибо! <b>top</b>",
    }
    return [*documents, Document(kind="review", id=stable_id("review", id_), body=review)]


def _body(number: int, market: str, chance: random.Random) -> dict[str, Any]:
    language = "ru" if market == "сад" else chance.choice(["en", "en", "uz-Latn"])
    name, substance_class, nps, emergent = _SUBSTANCES[0 if number < 10 else number % len(_SUBSTANCES)]
    grams = chance.choice([1, 2, 5, 10, 50])
    form = chance.randrange(2)
    title = _TITLES[language].format(name=name, grams=grams, form=_FORMS[language][form])
    if number < len(HOSTILE_TITLES):
        title = HOSTILE_TITLES[number]
    price = round(grams * chance.uniform(6, 20) * (90 if market == "сад" else 1), 2)
    currency = _MARKETS[market]
    substance = {
        "name": name,
        "class": substance_class,
        "nps": nps,
        "emergent": emergent,
        "matched_text": name.lower(),
        "confidence": 0.97,
    }
    offer = {
        "substances": [substance],
        "quantity_g": grams,
        "form": ("powder", "crystal")[form],
        "price_per_gram": {"amount": round(price / grams, 4), "currency": currency},
    }
    if number % 10 == 9:
        del offer["price_per_gram"]
    body: dict[str, Any] = {
        "title": title,
        "description": f"{title}.\nStealth as always; PGP only.\nОтправка в день оплаты.",
        "vendor": _VENDORS[market][number % len(_VENDORS[market])],
        "market": market,
        "listing_id": f"/item/{number}",
        "url": f"{ONION}/item/{number}?ref=a&b=c",
        "price": {"amount": price, "currency": currency},
        "price_in": [{"amount": round(price / 60000, 8), "currency": "BTC"}],
        "category": ["Research chemicals", "Stimulants"],
        "language": language,
        "payment": ["BTC", "XMR"],
        "stock": number % 12,
        "offer": offer,
        "sources": {
            "title": {"words": title, "rule": "heading", "confidence": 0.98},
            "offer.quantity_g": {"words": f"{grams} g", "rule": "grammar:title", "confidence": 0.9},
            "price": {"words": f"Price: {price} {currency}", "rule": "label:price", "confidence": 0.9},
        },
    }
    if market == "сад":
        body |= {"delivery": ["dead_drop"], "cities": ["Ташкент", "Алматы"]}
    else:
        body |= {
            "ships_from": {"country": chance.choice(["NL", "DE", "PL"]), "text": "from the lowlands"},
            "ships_to": [
                {"country": "EU", "text": "Europe"},
                {"text": "the moon <b>" if number < 10 else "Isle of Birch"},
            ],
            "prices": [{"amount": price, "currency": currency, "quantity_text": f"{grams} g"}],
        }
    if number % 25 == 0:
        body |= {
            "identifiers": {"btc": [BTC], "telegram": ["@invented_shop"], "pgp_fingerprints": [SECOND_KEY]},
            "linked_crimes": ["forged_documents"],
            "linked_crime_evidence": ["passport to order"],
        }
    return body


def _money(value: dict[str, Any], times: float) -> dict[str, Any]:
    return {"amount": round(value["amount"] * times, 4), "currency": value["currency"]}


def _capture(archive: Archive, url: str, title: str) -> Document:
    page = _PAGE.format(title=title.replace("<", "&lt;"))
    exchange = Exchange(
        url=url,
        time=FIRST,
        method="GET",
        request_headers=(("User-Agent", "npswatch"),),
        status=200,
        reason="OK",
        response_headers=(("Content-Type", "text/html; charset=utf-8"),),
        body=page.encode(),
    )
    kept = archive.keep(exchange)
    body = {
        "market": kept.market,
        "run": kept.run,
        "url": kept.url,
        "time": iso(kept.time),
        "status": kept.status,
        "payload_digest": kept.payload_digest,
        "record_id": kept.record_id,
        "warc": kept.warc,
        "offset": kept.offset,
        "length": kept.length,
        "content_type": kept.content_type,
        "page_type": "listing",
    }
    return Document(kind="capture", id=stable_id("capture", kept.market, kept.record_id), body=body)


def _vendors(capture: str) -> list[Document]:
    documents = []
    for market, name in (("birchwood", "NordicLab"), ("quartz", "NordicLab"), ("сад", "Северный ветер")):
        body: dict[str, Any] = {
            "name": name,
            "market": market,
            "url": f"{ONION}/vendor/{name}",
            "description": "Since 2019. Пишите в личку.\n-----BEGIN PGP PUBLIC KEY BLOCK-----",
            "pgp_fingerprints": [SECOND_KEY] if name == "NordicLab" else [],
            "joined": "2024-03",
            "sales": 1204,
            "rating": 4.87,
            "level": "Level 5",
            "first_seen": iso(FIRST),
            "last_seen": iso(FIRST),
            "times_seen": 3,
        }
        if market == "birchwood":
            body["capture"] = capture
        documents.append(Document(kind="vendor", id=vendor_id(market, name), body=body))
    return documents


_COVERAGE = {
    "seen": 110, "estimate": 114.0, "low": 110, "high": 121, "share": 0.9649, "method": "Chapman", "complete": False,
    "passes": [{"source": "lists", "seen": 108, "pages": 12, "failed": 1}],
    "printed": {"lists": 6, "counted": 112, "seen": 108, "share": 0.9643},
}  # fmt: skip


def _runs() -> list[Document]:
    reasons = {
        "birchwood": ("good", [], {}),
        "quartz": ("degraded", ["12 pages failed", "3 pages were gates"], {"captcha": 3}),
        "сад": ("blind", ["only gates answered: login 8"], {"login": 8}),
    }
    documents = []
    for days in range(4):
        for market, (verdict, why, gates) in reasons.items():
            run = f"run-{days}"
            body = {
                "market": market,
                "run": run,
                "started": iso(FIRST + timedelta(days=days)),
                "ended": iso(FIRST + timedelta(days=days, minutes=41)),
                "planned": 120,
                "reached": 118,
                "read": 110 if verdict != "blind" else 0,
                "new": 60,
                "changed": 3,
                "gone": 1,
                "failed": 2,
                "gates": gates,
                "pages": 118,
                "page_types": {"listing": 66, "category": 20, "vendor": 10, "feedback": 0, "other": 14},
                "why_ended": "finished",
                "verdict": verdict,
                "reasons": why,
                "coverage": _COVERAGE,
                "hidden": 4,
            }
            documents.append(Document(kind="run", id=stable_id("run", market, run), body=body))
    gate = {
        "market": "сад",
        "run": "run-3",
        "url": f"{ONION}/login",
        "time": iso(FIRST),
        "page_type": "gate",
        "gate": "login",
        "status": 200,
        "warc": "сад/run-3.warc.gz",
        "offset": 0,
        "length": 10,
    }
    return [*documents, Document(kind="capture", id=stable_id("capture", "сад", "gate"), body=gate)]
