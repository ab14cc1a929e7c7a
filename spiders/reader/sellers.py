"""Who sells: the vendor a listing names, and the name on a vendor's own page, by evidence that agrees.

A name is more than a link's words: the address it leads to carries it, messages go to it, the document's title and
other lines of the page repeat it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from crawler.model.words import RawCard, Words
from spiders.reader.categories import bare_name, unclear_names
from spiders.reader.facts import Facts
from spiders.reader.links import Link, name_in_link
from spiders.reader.names import last_name, names_in_address
from spiders.reader.pairs import Pair
from spiders.reader.sheet import Sheet, read_label
from spiders.reader.title import title_parts
from spiders.reader.trails import breadcrumb_texts
from spiders.reader.urls import kind_by_words, resolve, shape_of
from spiders.reader.vocabulary import fold, fold_label, is_all_generic, link_words
from spiders.reader.worded import speaks_of, worded_seller

_TRAILING = re.compile(r"\s*[(\[][^()\[\]]{0,24}[)\]]\s*$|\s+[\d.,]{1,6}\s?%.*$")
_REPUTE = re.compile(
    r"\s*(?:[(\[]\s*)?(?:[+★⭐]\s*)?\d{1,6}(?:[.,]\d{1,2})?\s*[%)\]/|★⭐]|\s*[(\[]\s*\+\s?\d|\s*\+\d{1,6}\b"
)
_WEIGHT_OF_REPUTE = 0.7
_WEIGHT_OF_CARDS = 0.9
_WEIGHT_OF_WORDS = 1.7
_OF_PARCEL = ("ships_from", "ships_to", "stock")
_PRODUCT = ("product", "item", "listing", "товар", "produkt", "artikel", "mahsulot", "маҳсулот", "тауар")
_LETTER = re.compile(r"[^\W\d_]")
_LONGEST_NAME = 60
_LONGEST_SEEN = 40
_MOST_WORDS = 4
_MOST_TEXTS = 12
_LEAST = 1.0
_EDGES_OF_LINK = " ←→‹›«»<>"
_LARGEST_BOX = 24
_HIGHEST_CLIMB = 8
_MOST_HEADINGS = 40
_LONGEST_LINE = 120
_MOST_LINES = 600
_REPEATED = 3
_HEADINGS = {"h1": 0.8, "h2": 0.65, "h3": 0.6, "h4": 0.5, "h5": 0.5, "h6": 0.4, "legend": 0.3, "b": 0.2, "strong": 0.2}
_OF_LISTING = frozenset(
    {"price", "ships_from", "ships_to", "stock", "quantity", "description", "payment", "city", "delivery", "escrow"}
)
_HINTS_OF_LISTING = frozenset({"category", "stock", "price", "description"})
_BESIDE = ("cards", "reviews")
_PROFILE_OF = re.compile(
    r"^(?:(?:viewing|view|user|vendor|seller)\s+profile|vendor|seller|user|shop|store|profile(?:\s+of)?|продавец|магазин|профиль(?:\s+продавца|\s+магазина)?|verkäufer|profil(?:\s+de|\s+von)?|sotuvchi|сотувчи|сатушы|сатуучу|фурӯшанда|vendeur|vendedor|venditore|satıcı|فروشنده|پلورونکی)\s*[:：]{0,2}\s*[-–—|«\"]?\s+(?=\S)"
    r"|['’]s\s+(?:shop|store)$|(?:['’]s)?\s+(?:profile|vendor page)$|\s*\|\s+(?:user|vendor|seller)\s+profile$",
    re.IGNORECASE,
)


_ANNOUNCES = re.compile(
    r"^(?:view(?:ing)?\s+)?(?:vendor|seller|user|member|merchant)(?:['’]s)?(?:\s+(?:profile|page|info|information|details|stats|statistics))?(?:\s*[-–—:|«]\s*.{1,60})?$"
    r"|^profile(?:\s+of\b.{1,60}|\s*[-–—:|]\s*.{1,60})?$|['’]s\s+(?:profile|shop|store)$|\|\s*(?:user|vendor|seller)\s+profile$|^(?:store|shop)\s+\S{1,40}$"
    r"|^профиль\b.{0,60}$|^(?:магазин|продавец)\s+\S.{0,40}$|^(?:verkäufer|profil|vendeur|vendedor|venditore|satıcı|sotuvchi|сотувчи|сатушы|сатуучу|фурӯшанда)\b.{0,50}$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Seller:
    """A vendor's name with the text it stands in (``k``) and how much speaks for it."""

    words: Words
    k: int
    score: float


def find_seller(sheet: Sheet, facts: Facts, links: list[Link]) -> Seller | None:
    """The vendor a listing names; None where nothing on the page is clearly a vendor's name."""
    carried = _carried(sheet)
    found = [*_labelled(sheet, facts), *_linked(sheet, links), *_hinted(sheet)]
    weighed = [
        Seller(seller.words, seller.k, seller.score + (0.8 if fold(seller.words.text) in carried else 0.0))
        for seller in found
    ]
    best = max(weighed, key=lambda seller: (seller.score, -seller.k), default=None)
    worded = worded_seller(sheet) if best is None or best.score < _LEAST else None
    name = clean_name(sheet.dom.texts[worded]) if worded is not None else ""
    if worded is not None and _is_name(name) and not is_generic(name):
        return Seller(Words(text=name, rule="worded:vendor", confidence=0.55), worded, _WEIGHT_OF_WORDS)
    return best if best and best.score >= _LEAST else max(_hinted(sheet), key=lambda seller: -seller.k, default=None)


def mark_box(sheet: Sheet, seller: Seller, title: int | None) -> None:
    """Marks the box around a vendor's name as region ``seller``: what it says of ratings and sales is the vendor's."""
    dom, node = sheet.dom, sheet.dom.owner[seller.k]
    facts = {hit.k for hit in sheet.hits if hit.label.field in _OF_LISTING or _is_of_product(sheet.dom.texts[hit.k])}
    facts.update(k for name in _OF_LISTING for k in sheet.tipped(name))
    for _ in range(_HIGHEST_CLIMB):
        parent = dom.parent[node]
        inside = range(dom.first[parent], dom.last[parent])
        if parent <= 0 or len(inside) > _LARGEST_BOX or (title is not None and title in inside):
            break
        if any(k in sheet.money or k in facts or k in sheet.buttons() for k in inside):
            break
        named = (dom.texts[k] for k in inside if dom.tag[dom.owner[k]] == "dt")
        if any(speaks_of(text, name) for text in named for name in _OF_PARCEL):
            break
        if any(_of_listing(sheet, other) for other in range(parent, dom.end[parent])):
            break
        node = parent
    sheet.mark("seller", dom.first[node], dom.last[node])


def _is_of_product(label: str) -> bool:
    """Whether a label says in so many words that it is about the product, as "Product rating" does."""
    return any(word.startswith(_PRODUCT) for word in fold(label[:_LONGEST_NAME]).split())


def _of_listing(sheet: Sheet, node: int) -> bool:
    """Whether an element shows something of the listing: by its class, or as a link to a category."""
    if _HINTS_OF_LISTING & sheet.hints(node):
        return True
    href = sheet.dom.attrs[node].get("href") if sheet.dom.tag[node] == "a" else None
    url = resolve(sheet.url, href) if href else None
    return url is not None and kind_by_words(shape_of(url)) == "category"


def _carried(sheet: Sheet) -> frozenset[str]:
    """All names that addresses on the page carry, also those of links that act: a message has a recipient."""
    dom = sheet.dom
    hrefs = {dom.attrs[node]["href"] for node in dom.links if dom.chrome[node] == 0}
    return frozenset().union(*(names_in_address(href) for href in hrefs)) if hrefs else frozenset()


def _labelled(sheet: Sheet, facts: Facts) -> list[Seller]:
    found = []
    for pair in facts.all("vendor"):
        name = name_in(sheet, pair)
        said = pair.confidence >= _LEAST - 0.3 and not _is_masked(name or "")
        if name and (said or _is_name(name)) and not is_generic(name):
            weak = pair.how == "prefix" and pair.start == pair.label_k
            words = Words(text=name, rule="label:vendor", confidence=round(pair.confidence, 2))
            found.append(Seller(words, pair.start, pair.confidence * (1.3 if weak else 2.2)))
    return found


def _linked(sheet: Sheet, links: list[Link]) -> list[Seller]:
    dom, found = sheet.dom, []
    listed, path = unclear_names(sheet, links), breadcrumb_texts(sheet)
    for link in links:
        k = dom.first[link.node]
        placed = k in path or bare_name(link.text.strip(_EDGES_OF_LINK)) in listed
        if placed and sheet.kind_of(link.shape) is None:
            continue  # a step of the path or a line of the menu, whose address repeats its words
        if sheet.framed(k) or sheet.within_any(_BESIDE, k) or len(link.text) > _LONGEST_NAME:
            continue
        kind = sheet.kind_of(link.shape)
        name = clean_name(name_in_link(sheet, link.node))
        own = fold(name) in names_in_address(link.url)
        if kind not in ("vendor", None) or (kind is None and not own) or not link.text:
            continue
        score = (1.1 if kind == "vendor" else 0.0) + (0.8 if own else 0.0) - 0.4 * sheet.chrome(k)
        score += _WEIGHT_OF_REPUTE if own and kind is None and _has_repute(sheet, link.node, name) else 0.0
        score += 0.4 if link.text.startswith("@") else 0.0
        score -= 0.5 if sheet.within("description", k) else 0.0
        if not _is_name(name) or is_generic(name):
            found.extend(_named_elsewhere(sheet, link, kind))
            continue
        found.append(Seller(Words(text=name, rule="link:vendor", confidence=0.7), k, score))
    return found


def _has_repute(sheet: Sheet, node: int, name: str) -> bool:
    """Whether figures of a reputation follow a linked name: "NAME (1200) (4.8)", "NAME [+123|-4]"."""
    dom = sheet.dom
    stop = dom.last[node]
    while stop < min(len(dom.texts), dom.last[node] + 3) and dom.glue[stop] != "\n":
        stop += 1
    text = " ".join(dom.span(dom.first[node], stop).split()).lstrip("@")
    return _REPUTE.match(text.removeprefix(name)) is not None and text.startswith(name)


def _named_elsewhere(sheet: Sheet, link: Link, kind: str | None) -> list[Seller]:
    """The name a link such as "Visit vendor" leads to, where the page shows it as a text of its own."""
    name = fold(last_name(link.url))
    if kind != "vendor" or not name:
        return []
    if sheet.named is None:
        sheet.named = _texts_by_name(sheet)
    k = sheet.named.get(name)
    if k is None:
        return []
    return [Seller(Words(text=clean_name(sheet.dom.texts[k]), rule="address:vendor", confidence=0.7), k, 1.8)]


def _texts_by_name(sheet: Sheet) -> dict[str, int]:
    """The first text of the content for each name a short text may be."""
    found: dict[str, int] = {}
    for k, text in enumerate(sheet.dom.texts[:_MOST_LINES]):
        if len(text) <= _LONGEST_SEEN and not sheet.framed(k):
            found.setdefault(fold(clean_name(text)), k)
    return found


def _hinted(sheet: Sheet) -> list[Seller]:
    dom, found = sheet.dom, []
    for node in range(1, len(dom.tag)):
        if not dom.attrs[node]:
            continue
        k = dom.first[node]
        if "vendor" not in sheet.hints(node) or not 0 < dom.last[node] - k <= 2 or sheet.framed(k):
            continue
        name = clean_name(dom.texts[k] if dom.last[node] - k == 2 else dom.line(node))
        if not any(sheet.within(region, k) for region in _BESIDE) and _is_name(name) and not is_generic(name):
            found.append(Seller(Words(text=name, rule="class:vendor", confidence=0.5), k, 0.7))
    return found


def name_in(sheet: Sheet, pair: Pair) -> str | None:
    """The name in a pair's value: its first link that leads somewhere, else its first piece of text."""
    dom = sheet.dom
    if pair.how in ("inline", "prefix") and pair.start == pair.label_k:
        label = read_label(dom.texts[pair.label_k])
        return clean_name((label.value if label else None) or "") or None
    for k in range(pair.start, min(pair.stop, pair.start + _MOST_TEXTS)):
        text = dom.texts[k]
        if _is_exact_label(text) and k == pair.start and text.rstrip()[-1:] in ":：":
            return None  # the next label, no name
        if not _LETTER.search(text) or len(text) > _LONGEST_NAME or _is_exact_label(text):
            continue
        link = dom.inside(dom.owner[k], frozenset({"a"}))
        return clean_name(name_in_link(sheet, link) if link is not None else text) or None
    return None


def _is_exact_label(text: str) -> bool:
    label = read_label(text)
    return label is not None and label.how == "exact"


@lru_cache(maxsize=8192)
def clean_name(text: str) -> str:
    """A name without the counts and percentages markets print behind it."""
    name = " ".join(text.split())
    for _ in range(3):
        shorter = _TRAILING.sub("", name)
        if not shorter.strip() or shorter == name:
            break
        name = shorter
    return name.strip(" @»›|·•,;:/")[:_LONGEST_NAME]


def _is_name(text: str) -> bool:
    named = bool(_LETTER.search(text)) and not _is_masked(text)
    return named and len(text) <= _LONGEST_SEEN and len(text.split()) <= _MOST_WORDS


def _is_masked(text: str) -> bool:
    """Whether a name is half hidden, as markets hide the names of buyers."""
    return "**" in text


def is_generic(text: str) -> bool:
    """Whether a text speaks of vendors in general: "Visit vendor", "All reviews"."""
    folded = fold_label(text)
    if _is_exact_label(text) or folded in link_words().text["never"]:
        return True
    return is_all_generic(text)


def find_owner(
    sheet: Sheet, facts: Facts, title: Words | None, links: list[Link], cards: Iterable[RawCard] = ()
) -> Words | None:
    """The name on a vendor's page; ``cards`` are the offers on it."""
    found: dict[str, list[Seller]] = {}
    everywhere = [*_stated(sheet, facts), *_headed(sheet, title), *_linked(sheet, links), *_hinted(sheet)]
    for seller in [*everywhere, *_of_all_cards(sheet, cards)]:
        if seller.words.text and not is_generic(seller.words.text):
            found.setdefault(fold(seller.words.text), []).append(seller)
    carried, lines = _carried(sheet), _short_lines(sheet)
    heading = fold(sheet.dom.title)
    weighed = [(_agreement(name, some, carried, lines, heading), some[0]) for name, some in found.items()]
    best = max(weighed, key=lambda pair: (pair[0], -pair[1].k), default=None)
    return best[1].words if best else None


def _of_all_cards(sheet: Sheet, cards: Iterable[RawCard]) -> list[Seller]:
    """The one vendor that all offers of the page name."""
    names = {card.vendor for card in cards}
    name = names.pop() if len(names) == 1 else None
    words = Words(text=clean_name(name), rule="cards:vendor", confidence=0.7) if name else None
    return [Seller(words, len(sheet.dom.texts), _WEIGHT_OF_CARDS)] if words else []


def _agreement(name: str, some: list[Seller], carried: frozenset[str], lines: list[str], heading: str) -> float:
    """How much speaks for a name: where it stands, and how often the page repeats it."""
    score = max(seller.score for seller in some) + 0.3 * (len({seller.words.rule for seller in some}) - 1)
    score += 0.8 if name in carried else 0.0
    score += 1.0 if _has_word(heading, name) else 0.0
    score += 0.25 * min(_REPEATED, sum(_has_word(line, name) for line in lines) - 1)
    return score - (0.6 if len(name.split()) > _MOST_WORDS else 0.0)


def _has_word(text: str, name: str) -> bool:
    at = text.find(name)
    if at < 0:
        return False
    before, after = text[at - 1 : at], text[at + len(name) : at + len(name) + 1]
    return not before.isalnum() and not after.isalnum()


def _short_lines(sheet: Sheet) -> list[str]:
    texts = enumerate(sheet.dom.texts[:_MOST_LINES])
    return [
        fold(text)
        for k, text in texts
        if len(text) <= _LONGEST_LINE and not sheet.within_any(_BESIDE, k) and not sheet.framed(k)
    ]


def _stated(sheet: Sheet, facts: Facts) -> Iterable[Seller]:
    for field in ("vendor", "name"):
        for pair in facts.all(field)[:2]:
            name = name_in(sheet, pair)
            if name:
                words = Words(text=name, rule=f"label:{field}", confidence=round(pair.confidence, 2))
                yield Seller(words, pair.start, pair.confidence * (1.0 if field == "name" else 0.8))


def _headed(sheet: Sheet, title: Words | None) -> Iterable[Seller]:
    """The names in the page's headings, and in the first line that reads "Profile of NAME"."""
    dom = sheet.dom
    if title is not None:
        yield Seller(_as_owner(title.text, title.rule, title.confidence), 0, 0.7)
    for node in [node for node, tag in enumerate(dom.tag) if tag in _HEADINGS][:_MOST_HEADINGS]:
        k = dom.first[node]
        if dom.last[node] == k or sheet.framed(k) or sheet.within_any(_BESIDE, k):
            continue
        text = dom.texts[k] if dom.last[node] - k > 1 else dom.line(node)
        for said in {text, dom.line(node)[:_LONGEST_LINE]}:
            yield Seller(_as_owner(said, "heading", 0.6), k, _HEADINGS[dom.tag[node]] * (0.8 if len(said) > 40 else 1))
    for part in title_parts(dom.title)[-2:]:
        yield Seller(_as_owner(part, "title", 0.5), len(dom.texts), 0.2)
    for k, text in enumerate(dom.texts[:200]):
        beside = len(text) > _LONGEST_LINE or sheet.framed(k) or sheet.within("cards", k)
        if not beside and _PROFILE_OF.search(text):
            yield Seller(_as_owner(text, "words:profile", 0.6), k, 0.5)


def _as_owner(text: str, rule: str, confidence: float) -> Words:
    label = read_label(text)
    said = label.value if label and label.value and label.field in ("vendor", "about", "name") else text
    return Words(text=vendor_in_heading(said), rule=rule, confidence=confidence)


def vendor_in_heading(text: str) -> str:
    """The name in a heading such as "Vendor NAME" or "NAME's profile"."""
    return clean_name(_PROFILE_OF.sub("", text.strip()).strip('«»"“”'))


def announces_profile(text: str) -> bool:
    """Whether a heading says that the page is about one vendor: "User profile", "Vendor heron", "heron's shop"."""
    return len(text) <= _LONGEST_LINE and _ANNOUNCES.search(text.strip()) is not None
