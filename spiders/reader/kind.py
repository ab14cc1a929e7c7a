"""What kind of page this is, by evidence that is weighed."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.model.money import find_money
from crawler.model.page import PageType
from spiders.reader.cards import CardGroup
from spiders.reader.description import section_marks
from spiders.reader.facts import Facts
from spiders.reader.sheet import Sheet
from spiders.reader.title import title_parts
from spiders.reader.urls import Shape, is_never, kind_by_words, shape_of
from spiders.reader.vocabulary import announces_choice, fold, fold_label, labels, link_words
from spiders.reader.worded import states_offer

_HOME_PATHS = frozenset(
    {"", "home", "index", "index.php", "index.html", "main", "main.php", "home.php", "dashboard", "welcome"}
)
_HOME_PAGE = re.compile(
    r"^/?(?:homepage|home|main)(?:\.\w{2,5})?$|^[^?&]*\?\w+=(?:[\w-]+/)?(?:home|main|index|frontpage)$", re.IGNORECASE
)
_WELCOMES = ("welcome", "добро пожаловать", "willkommen", "bienvenue", "xush kelibsiz", "қош келдіңіз", "кош келиңиз")
_SITE_WORDS = frozenset({"market", "main", "start", "index"})
_BUTTONS = frozenset({"button", "a", "input", "label"})
_COUNT_NAMES = ("qty", "quantity", "amount", "count", "kolichestvo")
_LISTING_LABELS: Mapping[str, float] = {
    "price": 0.9,
    "vendor": 0.5,
    "ships_from": 0.4,
    "ships_to": 0.4,
    "stock": 0.7,
    "category": 0.3,
    "payment": 0.3,
    "escrow": 0.3,
    "delivery": 0.3,
    "quantity": 0.3,
    "city": 0.2,
    "route": 0.3,
}
_VENDOR_LABELS: Mapping[str, float] = {
    "joined": 1.2,
    "last_seen": 0.9,
    "level": 0.4,
    "disputes": 0.5,
    "about": 0.8,
    "sales": 0.2,
    "name": 0.2,
}
_LEAST_SCORE = 0.9
_LEAST_WITH_CARDS = 0.6
_LEAST_OFFER = 0.8
_MANY_CARDS = 5
_FEW_REVIEWS = 3
_FEW_OFFERS = 3  # so few may be of one vendor by chance
_NO_PROFILE = 0.4
_WELL_LEARNT = 1.0
_HEADING_TAGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "legend"})
_MOST_ORDER_WORDS = 5
_NEAR_CARDS = 6
_MOST_IN_FORM = 200
_MOST_OPTIONS = 40
_LONGEST_PRICED_LINE = 6
_SENDS = ("hidden", "submit", "button", "image")
_SHOP_FRONT = 2.5  # a vendor's offers fill the page, and make it look like a category


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """What was found on the page, for the decision.

    ``sellers``: how many vendors the cards name, 0 where that says nothing; ``names_profile`` and ``names_category``:
    a heading or the document's title announces a vendor's profile, or is the name of a category; ``headed_by_seller``:
    the page's own title is the name of a vendor the site is known to have.
    """

    facts: Facts
    group: CardGroup | None
    title: str | None
    described: bool
    keys: int
    reviews: int
    more_pages: bool
    sellers: int
    names_profile: bool
    names_category: bool
    headed_by_seller: bool
    only_reviews: bool = False
    learnt: Mapping[str, float]


def decide(sheet: Sheet, evidence: Evidence) -> tuple[PageType, float]:
    """The page type and how surely, 0 to 1. ``other`` where nothing speaks for a market's page."""
    scores = _scores(sheet, evidence)
    best = max(scores, key=lambda kind: scores[kind])
    least = _LEAST_WITH_CARDS if best is PageType.CATEGORY and evidence.group else _LEAST_SCORE
    if scores[best] < least:
        return PageType.OTHER, 0.5
    if best is PageType.CATEGORY and (is_home(sheet) or _is_front(sheet, evidence)):
        return PageType.OTHER, 0.7
    rest = max(score for kind, score in scores.items() if kind is not best)
    return best, round(min(0.99, 0.5 + (scores[best] - max(rest, 0)) / 6), 2)


def _scores(sheet: Sheet, evidence: Evidence) -> dict[PageType, float]:
    fields = evidence.facts.fields()
    profile, offer = _profile(sheet, evidence, fields), _sum(_LISTING_LABELS, fields)
    if offer < _LEAST_OFFER and not (evidence.group and not evidence.group.beside):
        offer = max(offer, states_offer(sheet))
    cards = len(evidence.group.cards) if evidence.group and not evidence.group.beside else 0
    buys = _can_buy(sheet, labels().buttons)
    scores = {
        PageType.LISTING: _as_listing(sheet, evidence, offer, buys=buys)
        - min(profile, 2.0) * 0.5
        - (1.2 if cards > _MANY_CARDS and not buys else 0),
        PageType.CATEGORY: _as_category(evidence, cards)
        - min(offer, 3) * 0.3
        - min(profile, 3) * 0.7
        - (1.0 if buys else 0),
        PageType.VENDOR: profile
        + (0.3 if evidence.described and profile else 0)
        - (1.0 if buys else 0)
        - (0.6 if "price" in fields else 0),
        PageType.FEEDBACK: _as_feedback(sheet, evidence) - cards / 4 - offer / 3 - profile / 2,
    }
    bare = not (offer or buys or cards or evidence.described) and profile <= _NO_PROFILE
    if _shows_only_reviews(sheet, evidence, cards) or (bare and evidence.reviews >= _FEW_REVIEWS):
        evidence = dataclasses.replace(evidence, only_reviews=True)
        scores[PageType.FEEDBACK] += 0.6 + profile / 4
        scores[PageType.VENDOR] -= 1.0
    _add_names(scores, evidence)
    said = _said_by_address(shape_of(sheet.url) if sheet.url else None)
    for kind, weight in (*said.items(), *((PageType(name), weight) for name, weight in evidence.learnt.items())):
        scores[kind] += weight
    shape = sheet.shapes.get(shape_of(sheet.url).text) if sheet.url else None
    if shape == PageType.VENDOR.value:
        scores[PageType.CATEGORY] -= _SHOP_FRONT
        scores[PageType.VENDOR] += 1.0
    if not (cards or evidence.more_pages or evidence.names_category or said or shape):
        scores[PageType.CATEGORY] = min(scores[PageType.CATEGORY], 0.0)  # signs of the site's template alone
    if scores[PageType.FEEDBACK] > 0 and not (evidence.reviews or said or shape or heads_reviews(sheet)):
        scores[PageType.FEEDBACK] = min(scores[PageType.FEEDBACK], 0.0)
    return scores


def _add_names(scores: dict[PageType, float], evidence: Evidence) -> None:
    """What the headings announce, and whether the offers are all of one vendor."""
    if evidence.names_profile and not evidence.only_reviews:
        scores[PageType.VENDOR] += 1.0
    if evidence.headed_by_seller:
        scores[PageType.VENDOR] += 1.4
        scores[PageType.CATEGORY] -= 1.6
    if evidence.names_category:
        scores[PageType.CATEGORY] += 1.2
        scores[PageType.LISTING] -= 0.8
        scores[PageType.FEEDBACK] -= 0.8
    if evidence.sellers == 1:
        few = evidence.group is not None and len(evidence.group.cards) <= _FEW_OFFERS and scores[PageType.VENDOR] <= 0
        scores[PageType.CATEGORY] -= 0.4 if few else 0.8
        scores[PageType.VENDOR] += 0.9
    elif evidence.sellers:
        scores[PageType.VENDOR] -= 0.8
        scores[PageType.CATEGORY] += 0.4


def _sum(weights: Mapping[str, float], fields: set[str]) -> float:
    return sum(weight for field, weight in weights.items() if field in fields)


def _profile(sheet: Sheet, evidence: Evidence, fields: set[str]) -> float:
    announced = {name for k, name in section_marks(sheet) if sheet.chrome(k) < 2 and not sheet.within("cards", k)}
    said = _sum(_VENDOR_LABELS, (fields | (announced & {"about"})) - {"pgp"})
    if not said:
        return 0.4 if evidence.keys and not _heads_key(sheet) else 0.0
    if len(fields & set(_VENDOR_LABELS)) + ("about" in announced) == 1 and not evidence.keys:
        said /= 2  # one word alone may mean something else
    return said + (1.2 if evidence.keys else 0.4 if "pgp" in announced | fields else 0.0)


def _as_listing(sheet: Sheet, evidence: Evidence, offer: float, *, buys: bool) -> float:
    score = offer + (1.4 if buys else 0) + (0.8 if _has_own_price(sheet) else -0.8)
    score += (0.4 if evidence.described else 0) + (0.2 if evidence.title else -0.5)
    return score if buys or offer >= _LEAST_OFFER else score - 1.0


def _as_category(evidence: Evidence, cards: int) -> float:
    many = 0.0 if not cards else 0.8 + min(cards, 12) / 6
    return many + (0.5 if evidence.more_pages else 0)


def _as_feedback(sheet: Sheet, evidence: Evidence) -> float:
    if not evidence.reviews:
        return 0.0
    score = min(evidence.reviews, 10) / 8 + (0.6 if evidence.reviews > 2 else -0.5)
    return score + (1.2 if heads_reviews(sheet) else 0) - (0.5 if evidence.described else 0)


def _shows_only_reviews(sheet: Sheet, evidence: Evidence, cards: int) -> bool:
    """Whether a page with a vendor's head shows nothing else but what buyers said: the tab of the reviews."""
    known = evidence.learnt.get(PageType.FEEDBACK.value, 0.0) > _WELL_LEARNT
    if evidence.reviews < (1 if known else _FEW_REVIEWS) or cards or evidence.keys:
        return False
    marks = {name for k, name in section_marks(sheet) if sheet.dom.inside(sheet.dom.owner[k], _HEADING_TAGS)}
    return "reviews" in marks and not marks & {"about", "description", "pgp"}


def heads_reviews(sheet: Sheet) -> bool:
    """Whether the page's first heading is about reviews."""
    heading = next(
        (node for node in sheet.headings() if sheet.dom.chrome[node] < 2 and sheet.dom.tag[node] in ("h1", "h2", "h3")),
        None,
    )
    if heading is None:
        return False
    words = fold_label(sheet.dom.line(heading)[:100]).split()
    spoken = [" ".join(words[:count]) for count in (1, 2, 3)] + words[-1:]
    return any("reviews" in labels().exact.get(word, ()) for word in spoken)


def _heads_key(sheet: Sheet) -> bool:
    """Whether the page's first heading is about a key: the site's own, which no vendor's head precedes."""
    heading = next((node for node in sheet.headings() if sheet.dom.chrome[node] < 2), None)
    return heading is not None and "pgp" in labels().exact.get(fold_label(sheet.dom.line(heading)[:60]), ())


def _said_by_address(shape: Shape | None) -> dict[PageType, float]:
    if shape is None:
        return {}
    if shape.words and set(re.split(r"[^a-z]+", shape.words[-1])) & link_words().url["feedback"]:
        return {PageType.FEEDBACK: 3.0, PageType.VENDOR: -2.5}
    kind = kind_by_words(shape)
    if kind == "listing":
        return {PageType.LISTING: 0.8}
    if kind == "vendor":
        return {PageType.VENDOR: 1.0}
    return {PageType.CATEGORY: 0.6, PageType.LISTING: -0.2} if kind == "category" else {}


def is_home(sheet: Sheet) -> bool:
    """Whether the address is the front page of the site, or the heading welcomes."""
    if sheet.url is not None:
        parts = urlsplit(sheet.url)
        if not parts.query and parts.path.strip("/").lower() in _HOME_PATHS:
            return bool(parts.netloc) or parts.path != ""
        if _HOME_PAGE.search(parts.path + ("?" + parts.query if parts.query else "")):
            return True
    headings = [fold_label(sheet.dom.line(node)[:80]) for node in list(sheet.headings())[:6]]
    if sheet.url is None and any(_is_front_title(fold_label(part)) for part in title_parts(sheet.dom.title)[:2]):
        return True
    return any(heading in labels().home or heading.startswith(_WELCOMES) for heading in headings)


def _is_front_title(part: str) -> bool:
    """Whether a part of the document's title names the front page; "Market" may as well be the site's name."""
    return part in _WELCOMES or (part in labels().home and part not in _SITE_WORDS)


def _is_front(sheet: Sheet, evidence: Evidence) -> bool:
    """Whether the offers are a choice of the site's, as its front page shows: "Featured listings", "Popular"."""
    if sheet.url is not None or evidence.more_pages or evidence.names_category or evidence.group is None:
        return False
    start = evidence.group.records[0].start
    return any(map(announces_choice, sheet.dom.texts[max(0, start - _NEAR_CARDS + 1) : start]))


def _can_buy(sheet: Sheet, words: frozenset[str]) -> bool:
    """Whether the page lets a visitor order the one thing it is about, by buttons that are not on every page."""
    dom = sheet.dom
    for node, tag in enumerate(dom.tag):
        if tag not in _BUTTONS or dom.chrome[node] == 2 or sheet.within("cards", dom.first[node]):
            continue
        if tag == "input":
            attrs = dom.attrs[node]
            kind = attrs.get("type", "").lower()
            said = attrs.get("value", "")
            if kind in ("submit", "button", "image") and (fold_label(said) in words or _begins_order(said, words)):
                return True
            if kind in ("number", "text", "") and any(name in attrs.get("name", "").lower() for name in _COUNT_NAMES):
                return True
        elif (
            dom.last[node] - dom.first[node] in (1, 2)
            and dom.first[node] not in sheet.frame
            and (_orders(dom.line(node), words) or (tag == "button" and _begins_order(dom.line(node), words)))
        ):
            return True
    if any(_is_priced_link(sheet, k) for k in sheet.money) or _has_order_form(sheet):
        return True
    return any(
        any(name in dom.attrs[select.node].get("name", "").lower() for name in _COUNT_NAMES) for select in dom.selects
    )


def _has_order_form(sheet: Sheet) -> bool:
    """Whether a form in the content sends a choice between prices, or stands beside a price with only its button."""
    dom = sheet.dom
    for node, tag in enumerate(dom.tag):
        if tag != "form" or dom.attrs[node].get("method", "").lower() != "post" or dom.chrome[node]:
            continue
        if not sheet.within("cards", dom.first[node]) and not sheet.within("reviews", dom.first[node]):
            inside = range(node, min(dom.end[node], node + _MOST_IN_FORM))
            if _chooses_price(sheet, inside) or _ends_priced_line(sheet, inside):
                return True
    return False


def _chooses_price(sheet: Sheet, form: range) -> bool:
    dom = sheet.dom
    if any(find_money(text) for box in dom.selects if box.node in form for text, _ in box.options[:_MOST_OPTIONS]):
        return True
    stated = range(dom.first[form[0]], min(dom.last[form[0]], dom.first[form[0]] + _MOST_IN_FORM))
    chosen = any(dom.attrs[node].get("type") == "radio" for node in form if dom.tag[node] == "input")
    return chosen and any(k in sheet.money for k in stated)


def _ends_priced_line(sheet: Sheet, form: range) -> bool:
    """Whether a form is one button behind a price, which asks for nothing and does not act on what is there already."""
    dom, box = sheet.dom, sheet.dom.parent[form[0]]
    if dom.last[box] - dom.first[box] > _LONGEST_PRICED_LINE or sheet.framed(dom.first[form[0]]):
        return False
    asks = [node for node in form if dom.tag[node] in ("textarea", "select")]
    asks += [node for node in form if dom.tag[node] == "input" and dom.attrs[node].get("type", "text") not in _SENDS]
    acts = is_never("", dom.line(form[0]))
    buttons = any(dom.tag[node] in ("button", "input") for node in form)
    return (
        buttons and not asks and not acts and any(k in sheet.money for k in range(dom.first[box], dom.first[form[0]]))
    )


def _is_priced_link(sheet: Sheet, k: int) -> bool:
    """Whether a price is a link or button of its own, outside cards: it orders at that price."""
    dom = sheet.dom
    link = dom.inside(dom.owner[k], frozenset({"a", "button"}))
    if link is None or sheet.framed(k) or sheet.chrome(k) or sheet.within("cards", k) or sheet.within("reviews", k):
        return False
    return dom.last[link] - dom.first[link] <= 2 and sheet.dom.attrs[link].get("href") != "#"


def _orders(text: str, words: frozenset[str]) -> bool:
    bare = text.strip("[](){}<> ")
    return len(text) < 40 and (fold_label(bare) in words or fold(bare) in words)


def _begins_order(text: str, words: frozenset[str]) -> bool:
    """Whether a button's words begin with one to order with: "Buy for 12 USD"."""
    pieces = text.split()
    return 1 < len(pieces) <= _MOST_ORDER_WORDS and fold_label(pieces[0]) in words


def _has_own_price(sheet: Sheet) -> bool:
    return any(
        sheet.chrome(k) == 0
        and k not in sheet.frame
        and not sheet.within("cards", k)
        and not sheet.within("reviews", k)
        for k in sheet.money
    )
