"""The fields of a listing and of a vendor, from the pairs, headings and sections a page shows."""

from __future__ import annotations

import re

from crawler.model.money import find_money
from crawler.model.words import RawListing, RawVendor, Words
from spiders.reader.armour import pgp_blocks
from spiders.reader.cards import Link
from spiders.reader.description import find_description
from spiders.reader.options import find_options
from spiders.reader.pairs import Pair
from spiders.reader.reviews import drawn_rating
from spiders.reader.sheet import Sheet, read_label
from spiders.reader.trails import find_breadcrumb
from spiders.reader.urls import kind_by_words, resolve, shape_of
from spiders.reader.vocabulary import fold, fold_label, labels

_ROUTE = re.compile(r"\s*(?:→|⇒|➔|➜|➡|->|=>|⟶|>>|►|▶|»)\s*")
_TRAILING = re.compile(r"\s*[(\[][^()\[\]]{0,24}[)\]]\s*$|\s+[\d.,]{1,6}\s?%.*$")
_LONGEST_NAME = 60
_MOST_PRICE_TEXTS = 12
_SURE_OF_NAME = 0.8
_LONGEST_PLACE = 400
_LETTER = re.compile(r"[^\W\d_]")
_COUNT = re.compile(r"\d[\d\s.,]{0,10}")
_DIGIT = re.compile(r"\d")
_CATEGORY_STEPS = re.compile(r"\s*(?:[>»›→|]|::|\s/\s|\\)\s*")
_PRICED_FIELDS = frozenset({"price", "quantity", "city", "title", "description", "route", "payment"})
_OF_FIVE = re.compile(r"\d{1,2}(?:[.,]\d{1,2})?\s?/\s?(?:5|10)(?:[.,]0)?")
_RATING = re.compile(r"\d|[★⭐]")


class Facts:
    """The page's pairs by field, best first, those in cards, reviews and descriptions last or not at all."""

    def __init__(self, sheet: Sheet, pairs: list[Pair]) -> None:
        self.sheet = sheet
        self._by_field: dict[str, list[tuple[float, Pair]]] = {}
        for pair in pairs:
            weight = _weight(sheet, pair)
            if weight > 0:
                if pair.field not in _PRICED_FIELDS and pair.how not in ("suffix", "column"):
                    sheet.mark("said", pair.start, pair.stop)
                for rank, field in enumerate((pair.field, *pair.also)):
                    self._by_field.setdefault(field, []).append((weight - rank * 0.2, pair))
        for found in self._by_field.values():
            found.sort(key=lambda member: (-member[0], member[1].label_k))

    def fields(self) -> set[str]:
        """Fields that some label of the page announces first of all."""
        return {pair.field for found in self._by_field.values() for _, pair in found}

    def all(self, field: str) -> list[Pair]:
        """The pairs of a field, best first."""
        return [pair for _, pair in self._by_field.get(field, ())]

    def words(self, field: str, *, wanted: re.Pattern[str] | None = None, longest: int = 200) -> Words | None:
        """The best pair's value as words; with ``wanted``, the best whose value shows it."""
        for pair in self.all(field):
            if not any(map(str.isalnum, pair.value)) and not _RATING.search(pair.value):
                continue
            if len(pair.value) <= longest and (wanted is None or wanted.search(pair.value)):
                return _words(pair, " ".join(pair.value.split()))
        return None


def _words(pair: Pair, text: str) -> Words:
    return Words(text=text, rule=f"label:{pair.field}", confidence=round(pair.confidence, 2))


def _weight(sheet: Sheet, pair: Pair) -> float:
    k = pair.label_k
    if sheet.within("cards", k) or sheet.within("reviews", k) or (pair.how != "suffix" and pair.start in sheet.frame):
        return 0.0
    weight = pair.confidence - 0.3 * sheet.chrome(k)
    if sheet.within("description", k):
        weight -= 0.6
    return weight


def read_listing(
    sheet: Sheet, facts: Facts, links: list[Link], title: Words | None, description: Words | None
) -> RawListing:
    """The listing's words; fields the page does not show stay None."""
    ships_from, ships_to = _route(facts)
    options = find_options(sheet)
    price = _price(sheet, facts) or _first_option(options)
    return RawListing(
        title=title or facts.words("title", longest=300),
        description=description,
        vendor=_vendor(sheet, facts, links),
        price=price,
        prices=options,
        category=_category(sheet, facts, title),
        ships_from=ships_from,
        ships_to=ships_to,
        delivery=facts.words("delivery", longest=_LONGEST_PLACE),
        cities=_cities(facts, options),
        stock=_stock(facts),
        sales=facts.words("sales", wanted=_DIGIT, longest=40),
        rating=_rating(sheet, facts),
        review_count=_review_count(facts),
        payment=facts.words("payment", longest=_LONGEST_PLACE),
        escrow=facts.words("escrow", longest=120),
    )


def _first_option(options: tuple) -> Words | None:  # type: ignore[type-arg]
    return Words(text=options[0].price, rule="option", confidence=0.6) if options else None


def _review_count(facts: Facts) -> Words | None:
    counted = facts.words("review_count", wanted=_DIGIT, longest=40)
    if counted:
        return counted
    for pair in facts.all("reviews"):
        if re.fullmatch(r"[(\[]?\d[\d\s.,]{0,8}[)\]]?", pair.value.strip()):
            return _words(pair, pair.value.strip())
    return None


def _stock(facts: Facts) -> Words | None:
    stated = facts.words("stock", longest=80)
    if stated:
        return stated
    for pair in facts.all("quantity"):
        value = " ".join(pair.value.split())
        if _COUNT.fullmatch(value) or fold_label(value) in labels().sold_out:
            return Words(text=value, rule="label:quantity", confidence=0.5)
    return _sold_out(facts.sheet)


def _sold_out(sheet: Sheet) -> Words | None:
    """A mark in the content that says there is none left."""
    for k, text in enumerate(sheet.dom.texts):
        beside = sheet.chrome(k) or sheet.within("cards", k) or sheet.within("reviews", k)
        if not beside and len(text) < _LONGEST_NAME and fold_label(text) in labels().sold_out:
            return Words(text=text, rule="words:sold_out", confidence=0.7)
    return None


def _rating(sheet: Sheet, facts: Facts) -> Words | None:
    stated = facts.words("rating", wanted=_RATING, longest=60)
    if stated:
        return stated
    for pair in facts.all("rating"):
        drawn = drawn_rating(sheet, sheet.dom.parent[sheet.dom.owner[pair.label_k]])
        if drawn:
            return Words(text=drawn, rule="icons:rating", confidence=0.7)
    for k, text in enumerate(sheet.dom.texts):
        if (
            len(text) < 30
            and sheet.chrome(k) < 2
            and not sheet.within("said", k)
            and not sheet.within("reviews", k)
            and not sheet.within("cards", k)
            and _looks_rated(sheet, k, text)
        ):
            return Words(text=text, rule="class:rating", confidence=0.6)
    return _drawn(sheet)


def _drawn(sheet: Sheet) -> Words | None:
    """The first row of stars outside reviews, cards and the frame."""
    dom = sheet.dom
    for node in sheet.stars():
        k = dom.first[node]
        if dom.chrome[node] or sheet.within("reviews", k) or sheet.within("cards", k):
            continue
        drawn = drawn_rating(sheet, node)
        if drawn:
            return Words(text=drawn, rule="icons:rating", confidence=0.6)
    return None


def _looks_rated(sheet: Sheet, k: int, text: str) -> bool:
    if re.search(r"[★⭐☆]{3,}", text) or _OF_FIVE.fullmatch(text.strip("() ")):
        return True
    hinted = "rating" in sheet.hints(sheet.dom.owner[k])
    return hinted and re.search(r"\d[.,]\d|\d\s?/\s?(?:5|10)\b|\d\s?%", text) is not None


def _vendor(sheet: Sheet, facts: Facts, links: list[Link]) -> Words | None:
    for pair in facts.all("vendor"):
        name = name_in(sheet, pair)
        if name:
            return _words(pair, name)
    dom = sheet.dom
    for link in links:
        k = dom.first[link.node]
        if sheet.framed(k) or sheet.within("cards", k) or sheet.within("reviews", k) or sheet.within("description", k):
            continue
        if (
            link.text
            and len(link.text) < _LONGEST_NAME
            and (sheet.shapes.get(link.shape.text) or kind_by_words(link.shape)) == "vendor"
            and not read_label(link.text)
        ):
            return Words(text=clean_name(link.text), rule="link:vendor", confidence=0.7)
    hinted = next(
        (
            node
            for node in range(1, len(dom.tag))
            if "vendor" in sheet.hints(node)
            and 0 < dom.last[node] - dom.first[node] <= 2
            and not sheet.framed(dom.first[node])
            and not sheet.within("cards", dom.first[node])
            and not sheet.within("reviews", dom.first[node])
            and not read_label(dom.line(node)[:80])
        ),
        None,
    )
    return (
        Words(text=clean_name(dom.line(hinted))[:_LONGEST_NAME], rule="class:vendor", confidence=0.5)
        if hinted is not None
        else None
    )


def name_in(sheet: Sheet, pair: Pair) -> str | None:
    """The name in a pair's value: its first link that leads somewhere, else its first piece of text."""
    dom = sheet.dom
    if pair.how in ("inline", "prefix") and pair.start == pair.label_k:
        return clean_name(read_label(dom.texts[pair.label_k]).value or "") or None  # type: ignore[union-attr]
    for k in range(pair.start, min(pair.stop, pair.start + _MOST_PRICE_TEXTS)):
        text = dom.texts[k]
        if _is_exact_label(text) and k == pair.start and text.rstrip()[-1:] in ":：":
            return None  # the next label, no name
        if not _LETTER.search(text) or len(text) > _LONGEST_NAME or _is_exact_label(text):
            continue
        link = dom.inside(dom.owner[k], frozenset({"a"}))
        return clean_name(dom.line(link) if link is not None else text) or None
    return None


def _is_exact_label(text: str) -> bool:
    label = read_label(text)
    return label is not None and label.how == "exact"


def clean_name(text: str) -> str:
    """A name without the counts and percentages markets print behind it."""
    name = " ".join(text.split())
    for _ in range(3):
        shorter = _TRAILING.sub("", name)
        if not shorter.strip() or shorter == name:
            break
        name = shorter
    return name.strip(" @»›|·•,;:")[:_LONGEST_NAME]


def _price(sheet: Sheet, facts: Facts) -> Words | None:
    for pair in facts.all("price"):
        inline = pair.start == pair.label_k or pair.stop <= pair.start
        value = pair.value if inline else sheet.words(pair.start, min(pair.stop, pair.start + _MOST_PRICE_TEXTS))
        text = priced_words(value, sheet.dom.texts[pair.label_k])
        if text:
            return _words(pair, text)
    dom = sheet.dom
    loose = [
        k
        for k in sheet.money
        if not sheet.framed(k)
        and not sheet.within("cards", k)
        and not sheet.within("reviews", k)
        and not sheet.within("description", k)
        and dom.inside(dom.owner[k], frozenset({"option", "select", "s", "del", "strike"})) is None
        and not _ignored(sheet, k)
    ]
    hinted = [k for k in loose if "price" in sheet.hints(dom.owner[k]) | sheet.hints(dom.parent[dom.owner[k]])]
    loose.sort(key=lambda k: (sheet.chrome(k), k))
    for ks, rule, confidence in ((hinted, "class:price", 0.75), (loose, "money", 0.5)):
        if ks:
            return Words(text=_line_of_money(sheet, ks[0]), rule=rule, confidence=confidence)
    return None


def _ignored(sheet: Sheet, k: int) -> bool:
    """Whether the money follows a label that says it is no price: balance, shipping cost, minimum order."""
    for at in (k, k - 1):
        label = read_label(sheet.dom.texts[at]) if at >= 0 and len(sheet.dom.texts[at]) < 80 else None
        if (
            label
            and label.how in ("exact", "inline")
            and (at == k or label.how == "exact")
            and label.field in ("ignore", "delivery", "sales", "escrow")
        ):
            return True
    return False


def _line_of_money(sheet: Sheet, k: int) -> str:
    dom, stop = sheet.dom, k + 1
    while (
        stop < len(dom.texts)
        and stop - k < 8
        and (stop in sheet.money or (dom.glue[stop] != "\n" and len(dom.texts[stop]) < 12))
    ):
        stop += 1
    while stop - 1 > k and not sheet.priced(stop - 1):
        stop -= 1
    start = (
        k - 1
        if k > 0 and dom.glue[k] != "\n" and len(dom.texts[k - 1]) <= 5 and not read_label(dom.texts[k - 1])
        else k
    )
    return sheet.words(start, stop)[:200]


def priced_words(value: str, label: str) -> str | None:
    """The value as price words, with the currency its label names where the value names none."""
    text = " ".join(value.split())[:200]
    if find_money(text):
        return text
    unit = re.search(r"[(\[]\s*([^\s()\[\]]{1,6})\s*[)\]]|,\s*([^\s,:]{1,6})\s*:?$", label)
    number = re.match(r"[^\d]{0,3}\d[\d\s.,]{0,18}", text)
    if unit and number:
        stated = f"{number[0].strip()} {unit[1] or unit[2]}"
        return stated if find_money(stated) else None
    return None


def _route(facts: Facts) -> tuple[Words | None, Words | None]:
    source = facts.words("ships_from", longest=_LONGEST_PLACE)
    target = facts.words("ships_to", longest=_LONGEST_PLACE)
    for pair in [*facts.all("ships_from")[:1], *facts.all("route"), *facts.all("delivery")[:1]]:
        parts = _ROUTE.split(" ".join(pair.value.split()), maxsplit=1)
        if len(parts) == 2 and all(parts):
            split = [
                Words(text=part[:_LONGEST_PLACE], rule="label:route", confidence=round(pair.confidence, 2))
                for part in parts
            ]
            replaces = pair.field == "ships_from"
            source = split[0] if replaces or source is None else source
            target = target or split[1]
    return source, target


def _category(sheet: Sheet, facts: Facts, title: Words | None) -> tuple[Words, ...]:
    for pair in facts.all("category"):
        if len(pair.value) <= 200:
            steps = [
                step.strip()
                for step in _CATEGORY_STEPS.split(" ".join(_piecewise(sheet, pair).split()))
                if step.strip()
            ]
            if steps:
                return tuple(_words(pair, step) for step in steps[:8])
    return find_breadcrumb(sheet, title.text if title else None)


def _piecewise(sheet: Sheet, pair: Pair) -> str:
    """A category value whose steps are links of their own, with a mark between them."""
    dom = sheet.dom
    if pair.stop - pair.start < 2:
        return pair.value
    return " > ".join(
        dom.texts[k] for k in range(pair.start, pair.stop) if any(letter.isalnum() for letter in dom.texts[k])
    )


def _cities(facts: Facts, options: tuple) -> tuple[Words, ...]:  # type: ignore[type-arg]
    found: dict[str, Words] = {}
    for pair in facts.all("city"):
        for city in _city_words(facts.sheet, pair):
            if city and len(city) < _LONGEST_NAME:
                found.setdefault(fold(city), _words(pair, city))
        if found:
            break
    for option in options:
        if option.city:
            found.setdefault(fold(option.city), Words(text=option.city, rule="option:city", confidence=0.8))
    return tuple(found.values())[:100]


def _city_words(sheet: Sheet, pair: Pair) -> list[str]:
    """The cities of a value: its elements, each on a button or link of its own, or its words between commas."""
    texts = [sheet.dom.texts[k] for k in range(pair.start, pair.stop)] if pair.start != pair.label_k else []
    apart = [text.strip(" ,;|·•") for text in texts if _LETTER.search(text)]
    return apart if len(apart) > 1 else re.split(r"\s*[,;/|•·\n]\s*", pair.value)


def read_vendor(sheet: Sheet, facts: Facts, title: Words | None) -> RawVendor:
    """The vendor's words on a page of their own."""
    description = find_description(sheet, "about")
    if description is None or description.rule == "prose":
        described = find_description(sheet, "description")
        description = described if described and described.rule.startswith("label:") else description
    return RawVendor(
        name=_vendor_name(sheet, facts, title),
        description=description,
        pgp_blocks=pgp_blocks(sheet),
        joined=facts.words("joined", longest=60),
        last_seen=facts.words("last_seen", longest=60),
        sales=facts.words("sales", wanted=_DIGIT, longest=40),
        rating=facts.words("vendor_rating", wanted=_RATING, longest=60) or _rating(sheet, facts),
        level=facts.words("level", longest=40),
    )


def _vendor_name(sheet: Sheet, facts: Facts, title: Words | None) -> Words | None:
    named = [(pair, name_in(sheet, pair)) for field in ("vendor", "name") for pair in facts.all(field)[:2]]
    stated = fold(sheet.dom.title)
    for pair, name in named:
        agreed = name and (fold(name) in stated or (title is not None and fold(name) in fold(title.text)))
        if name and (agreed or (pair.field == "name" and pair.confidence >= _SURE_OF_NAME)):
            return _words(pair, name)
    if title is None or title.rule == "title":
        announced = _announced_profile(sheet)
        if announced:
            return announced
    if title:
        label = read_label(title.text)
        text = label.value if label and label.value and label.field in ("vendor", "about", "name") else title.text
        return Words(text=vendor_in_heading(text), rule=title.rule, confidence=title.confidence)
    return next((_words(pair, name) for pair, name in named if name), None)


def _announced_profile(sheet: Sheet) -> Words | None:
    """The name in the first short line that reads "Profile of NAME", where the page has no heading."""
    for k, text in enumerate(sheet.dom.texts[:200]):
        if (
            len(text) < _LONGEST_NAME * 2
            and not sheet.framed(k)
            and not sheet.within("cards", k)
            and _PROFILE_OF.search(text)
        ):
            return Words(text=vendor_in_heading(text), rule="words:profile", confidence=0.6)
    return None


_PROFILE_OF = re.compile(
    r"^(?:(?:viewing|view|user|vendor|seller)\s+profile|vendor|seller|user|shop|store|profile(?:\s+of)?|продавец|магазин|профиль(?:\s+продавца|\s+магазина)?|verkäufer|profil(?:\s+de|\s+von)?|sotuvchi|сотувчи|сатушы|сатуучу|фурӯшанда|vendeur|vendedor|venditore|satıcı|فروشنده|پلورونکی)\s*[:：]{0,2}\s+(?=\S)"
    r"|(?:['’]s)?\s+(?:profile|shop|store|vendor page)$",
    re.IGNORECASE,
)


def vendor_in_heading(text: str) -> str:
    """The name in a heading such as "Vendor NAME" or "NAME's profile"."""
    return clean_name(_PROFILE_OF.sub("", text.strip()))


__all__ = [
    "Facts",
    "clean_name",
    "name_in",
    "priced_words",
    "read_listing",
    "read_vendor",
    "resolve",
    "shape_of",
    "vendor_in_heading",
]
