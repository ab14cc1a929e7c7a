"""Listings of several languages and shapes for the contract tests, the same at every run; all of it invented."""

from __future__ import annotations

import random
from typing import Any

from crawler.model.sighting import Document

_SUBSTANCES = [
    ("3-MMC", "synthetic cathinones", True), ("mephedrone", "synthetic cathinones", True),
    ("α-PVP", "synthetic cathinones", True), ("MDMA", "traditional", False), ("ketamine", "traditional", False),
    ("flubromazepam", "designer benzodiazepines", True), ("metonitazene", "nitazenes", True),
    ("2C-B", "phenethylamines", True), ("MDMB-4en-PINACA", "synthetic cannabinoids", True),
]  # fmt: skip
_TITLES = {
    "en": '{amount} {name} blue crystals, "fresh" – free reship!',
    "de": "{amount} {name} Kristalle – Schneller Versand, größte Auswahl",
    "ru": "{name} кристаллы {amount}, прикоп, чистый ёлочный аромат",
    "uz-Cyrl": "{name} {amount} тоза кристалл, Тошкент, ўзбекча хизмат",
    "uz-Latn": "{name} {amount} toza kristall, Toshkent, o‘zbekcha xizmat",
    "kk": "{name} {amount} таза кристалл, Алматы қаласында жеткізу",
    "ky": "{name} {amount} таза кристалл, Бишкек шаарында",
    "tg": "{name} {amount} кристалли тоза, Душанбе, ҳамеша дар ҷой",
    "fa": "{name} {amount} کریستال خالص کابل",
    "fr": "{name} {amount} cristaux très purs, expédition discrète",
}
_COUNTRIES = [("DE", "Germany"), ("NL", "Netherlands"), ("RU", "Россия"), ("UZ", "Oʻzbekiston"), ("KZ", "Қазақстан"),
              ("WW", "Worldwide"), (None, "Undeclared")]  # fmt: skip
_VENDORS = ["DrFoo", "Dr Foo", "snow_fox", "Зимний Лис", "ice-house", "ICE HOUSE 2", "nordlicht99", "Қыран"]
_FORMS = ["powder", "crystal", "pill", "blotter", "liquid"]
_CRIMES = ["money_laundering", "weapons", "forged_documents"]
_CITIES = ["Ташкент", "Toshkent", "Алматы", "Бишкек", "Душанбе", "Berlin", "Хабаровск"]
WALLET = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
FINGERPRINT = "0123456789ABCDEF0123456789ABCDEF01234567"


def varied_listings(number: int = 400, seed: int = 7) -> list[Document]:
    """So many listings over two markets, many fields missing here and there, ties in most of them."""
    dice = random.Random(seed)
    return [Document(kind="listing", id=f"l{place:05d}", body=_body(dice, place)) for place in range(number)]


def _body(dice: random.Random, place: int) -> dict[str, Any]:
    substances = dice.sample(_SUBSTANCES, k=dice.choice([1, 1, 1, 2]))
    language = dice.choice(list(_TITLES))
    amount = dice.choice(["1g", "3 g", "10x 1g", "0.5 г", "100 pills"])
    title = _TITLES[language].format(name=substances[0][0], amount=amount)
    body: dict[str, Any] = {
        "market": dice.choice(["birch", "alder"]),
        "listing_id": str(1000 + place),
        "title": title,
        "language": language,
        "first_seen": f"2026-{dice.randint(1, 6):02d}-{dice.randint(1, 28):02d}T{dice.randint(0, 23):02d}:15:30.000Z",
        "last_seen": f"2026-{dice.randint(7, 9):02d}-{dice.randint(1, 28):02d}T00:00:00.000Z",
        "times_seen": dice.randint(1, 5),
        "url": f"http://birch.example/item/{place}?Ref={place % 3}",
        "sources": {"title": {"words": title, "rule": "label:title", "confidence": 0.9}},
    }
    body |= _often(dice, 0.7, "description", f"Shipping daily. {title} Contact: team{place % 9}@mail.example")
    body |= _often(dice, 0.9, "vendor", dice.choice(_VENDORS))
    body |= _often(dice, 0.8, "category", ["NPS", dice.choice(["Stimulants", "Опиоиды", "Cannabinoids"])])
    body |= _often(dice, 0.3, "cities", dice.sample(_CITIES, k=2))
    body |= _often(dice, 0.5, "rating", dice.choice([4, 4.5, 4.9, 5]))
    body |= _often(dice, 0.5, "sales", dice.randint(0, 40))
    body |= _often(dice, 0.4, "stock", dice.choice([0, 1, 12.5]))
    body |= _often(dice, 0.5, "escrow", dice.random() < 0.5)
    body |= _often(dice, 0.6, "payment", dice.sample(["BTC", "XMR", "LTC"], k=2))
    body |= _often(dice, 0.1, "linked_crimes", [dice.choice(_CRIMES)])
    body |= _often(dice, 0.1, "identifiers", {"btc": [WALLET], "emails": [f"team{place % 9}@mail.example"]})
    body |= _often(dice, 0.1, "state", dice.choice(["new", "gone", "back"]))
    body |= _often(dice, 0.9, "delivery", [dice.choice(["post", "dead_drop"])])
    return body | _places(dice) | _offer(dice, substances) | _odd(place)


def _often(dice: random.Random, share: float, name: str, value: Any) -> dict[str, Any]:
    return {name: value} if dice.random() < share else {}


def _places(dice: random.Random) -> dict[str, Any]:
    def place() -> dict[str, str]:
        country, text = dice.choice(_COUNTRIES)
        return {"text": text} | ({"country": country} if country else {})

    return _often(dice, 0.7, "ships_from", place()) | _often(dice, 0.7, "ships_to", [place(), place()])


def _offer(dice: random.Random, substances: list[tuple[str, str, bool]]) -> dict[str, Any]:
    found: list[dict[str, Any]] = [
        {"name": name, "class": group, "nps": nps, "matched_text": name.lower(), "confidence": 0.9}
        for name, group, nps in substances
    ]
    found[0] |= _often(dice, 0.1, "emergent", True)
    currency = dice.choice(["EUR", "USD", "XMR"])
    price = dice.choice([5, 19.99, 20, 20.0, 35, 120.5, 0.02])
    offer: dict[str, Any] = {"substances": found, "form": dice.choice(_FORMS)}
    offer |= _often(dice, 0.7, "quantity_g", dice.choice([1, 3, 10, 0.5]))
    offer |= _often(dice, 0.7, "price_per_gram", {"amount": round(price / 3, 2), "currency": currency})
    return {"offer": offer} | _often(dice, 0.9, "price", {"amount": price, "currency": currency})


def _odd(place: int) -> dict[str, Any]:
    """Shapes that break naive stores, on a few listings."""
    odd: dict[int, dict[str, Any]] = {
        11: {"title": "!!! ★★★ !!!"},
        12: {"title": "Меphеdrоne mixed scripts", "vendor": ""},
        13: {"title": "меф\u200bедрон 🔥 𝓼𝓹𝓲𝓬𝓮", "category": []},
        14: {"title": "a" * 300 + " end", "description": "я" * 3000},
        15: {"title": "one _ two", "category": ["alpha one", "two beta"]},
        16: {"title": None, "description": "=cmd|' /C calc'!A0 <script>alert(1)</script>"},
        17: {"title": "alpha-PVP and альфа-ПВП and apvp", "stock": 0},
        18: {"first_seen": "2026-03", "last_seen": "2026"},
        19: {"first_seen": "2026-06-30T23:59:59.999+05:00"},
    }
    return odd.get(place, {})
