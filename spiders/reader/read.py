"""One page read: markup in, raw words with their source out."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from crawler.model.page import Gate, PageType
from crawler.model.reading import Received
from crawler.model.words import RawListing, RawPage, RawReview, RawVendor, Words
from spiders.reader.armour import pgp_blocks
from spiders.reader.cards import CardGroup, find_card_groups
from spiders.reader.categories import bare_name, menu_names, unclear_names
from spiders.reader.currency import with_stated_currency
from spiders.reader.description import find_description, labelled_sections
from spiders.reader.dom import Dom
from spiders.reader.emptiness import holds_nothing
from spiders.reader.facts import Facts
from spiders.reader.fields import read_listing, read_vendor
from spiders.reader.gates import find_gate
from spiders.reader.kind import Evidence, decide, heads_reviews
from spiders.reader.leads import find_links
from spiders.reader.links import Link, page_links
from spiders.reader.pairs import find_pairs
from spiders.reader.places import placed, trimmed, with_places
from spiders.reader.printed import find_counts
from spiders.reader.removed import says_gone
from spiders.reader.reviews import find_reviews
from spiders.reader.sellers import announces_profile, clean_name
from spiders.reader.sheet import Sheet, lay_out
from spiders.reader.template import Template, frame_word
from spiders.reader.tickers import rate_words
from spiders.reader.title import find_lead, find_title, leads_away, title_parts
from spiders.reader.trails import find_next
from spiders.reader.urls import shape_of
from spiders.reader.vocabulary import fold, is_all_generic

READER_VERSION = "1.0.0"
_LEAST_GROUP_SCORE = 0.5
_MOSTLY = 0.6
_HALF = 0.8
_LONGEST_FRAME_WORD = 100
_SURE = 0.55
_SURE_OF_EMPTY = 0.7
_FEWEST_SELLERS = 3
_LONGEST_HEADING = 120
_FIRST_HEADINGS = 4
_BETWEEN = frozenset({"in", "showing", "results", "browsing", "в", "раздел"})
_SHORT_TITLE = 4
_WEIGHT_OF_SHAPE = 2.0
_WEIGHT_OF_SIGNS = 1.5
_WEIGHT_OF_TITLE = 1.5


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """A page's raw words, and how sure its type is, 0 to 1."""

    raw: RawPage
    sure: float


@dataclass(frozen=True, kw_only=True, slots=True)
class _Found:
    """What the steps found on a page before its type is decided."""

    links: list[Link]
    group: CardGroup | None
    reviews: tuple[RawReview, ...]
    title: Words | None
    description: Words | None
    facts: Facts
    keys: tuple[str, ...]
    following: str | None


def read_parsed(dom: Dom, received: Received, template: Template, said: str | None = None) -> Reading:
    """The page's raw words, by the generic rules and what the template knows of its site.

    ``said`` is the page type a profile states.
    """
    sheet = lay_out(dom, received.url)
    with_stated_currency(sheet)
    sheet.frame, sheet.shapes, sheet.sellers = _frame(dom, template), template.shapes, template.sellers
    found = _gather(sheet, template)
    evidence = _evidence(sheet, found, template, _learnt(dom, received, template))
    kind, sure = decide(sheet, evidence)
    empty = said is None and _is_empty_list(sheet, evidence, kind)
    if empty:
        kind, sure = PageType.CATEGORY, _SURE_OF_EMPTY
    if said is not None:
        kind, sure = PageType(said), 1.0
    offers = found.group is not None and found.group.priced >= _MOSTLY
    has_content = offers or (kind is not PageType.OTHER and sure > _SURE)
    bare = said is None and not empty and _is_bare(sheet, found)
    gate, gate_sure = find_gate(sheet, received.status, has_content=has_content, bare=bare)
    if gate is not None:
        gone = gate is Gate.ERROR and says_gone(sheet)
        raw = RawPage(
            page_type=PageType.GATE.value, gate=gate.value, reader=READER_VERSION, template=template.version, gone=gone
        )
        return Reading(raw=raw, sure=gate_sure)
    return Reading(raw=_page(sheet, template, found, kind), sure=sure)


def _is_empty_list(sheet: Sheet, evidence: Evidence, kind: PageType) -> bool:
    """Whether this is a search that found nothing, or a category without offers."""
    if kind not in (PageType.OTHER, PageType.CATEGORY) or evidence.reviews or evidence.keys or evidence.described:
        return False
    if evidence.group and not evidence.group.beside:
        return False
    return holds_nothing(sheet, is_list=evidence.names_category or kind is PageType.CATEGORY)


def _is_bare(sheet: Sheet, found: _Found) -> bool:
    """Whether nothing a market shows is on the page, whatever its address promises: no offer, price, key or review."""
    told = found.description is not None and found.description.rule != "prose"
    return not (found.group or found.reviews or found.keys or sheet.money or told)


def _gather(sheet: Sheet, template: Template) -> _Found:
    links = page_links(sheet)
    known = frozenset(shape for shape, kind in template.shapes.items() if kind == PageType.LISTING.value)
    reviews = find_reviews(sheet)
    group = _cards(sheet, find_card_groups(sheet, links, known), reviews)
    sheet.beside = group is not None and group.beside
    if group and _overlap(sheet, group):
        reviews = ()
        sheet.regions.pop("reviews", None)
    for start, stop in labelled_sections(sheet, "terms"):
        sheet.mark("terms", start, stop)
    title, pairs = find_title(sheet, template.title_words), find_pairs(sheet)
    description = find_description(sheet, "description")
    facts = Facts(sheet, pairs)
    return _Found(
        links=links,
        group=group,
        reviews=reviews,
        title=title or find_lead(sheet),
        description=description,
        facts=facts,
        keys=pgp_blocks(sheet),
        following=find_next(sheet),
    )


def _evidence(sheet: Sheet, found: _Found, template: Template, learnt: Mapping[str, float]) -> Evidence:
    announced = _announced(sheet, found.title)
    names = template.categories | menu_names(sheet, found.links)
    return Evidence(
        facts=found.facts,
        group=found.group,
        title=found.title.text if found.title else None,
        described=found.description is not None and found.description.rule != "prose",
        keys=len(found.keys),
        reviews=len(found.reviews),
        more_pages=found.following is not None,
        sellers=_sellers(found.group),
        names_profile=any(map(announces_profile, announced)) or _names_seller(found.group, announced),
        headed_by_seller=_is_headed_by_seller(sheet, found.title, template),
        names_category=any(bare_name(text) in names or _of_what(text) in names for text in announced)
        or _heads_line_of_menu(sheet, found),
        learnt=learnt,
    )


def _is_headed_by_seller(sheet: Sheet, title: Words | None, template: Template) -> bool:
    """Whether the title, or what stands where the pages of vendors carry their names, is a vendor of the site's."""
    heads = (title, placed(sheet, template, "vendor", "name"))
    return any(head is not None and fold(clean_name(head.text)) in template.sellers for head in heads)


def _heads_line_of_menu(sheet: Sheet, found: _Found) -> bool:
    """Whether the page shows prices below a heading that a menu of unclear addresses lists, and it is no vendor."""
    if found.title is None or not sheet.money or (found.group and found.group.beside):
        return False
    vendors = {fold(card.vendor) for card in found.group.cards if card.vendor} if found.group else set()
    name = bare_name(found.title.text)
    return name not in vendors and name in unclear_names(sheet, found.links)


def _sellers(group: CardGroup | None) -> int:
    """How many vendors the cards name; 0 where fewer than three cards name one."""
    named = [fold(card.vendor) for card in group.cards if card.vendor] if group and not group.beside else []
    return len(set(named)) if len(named) >= _FEWEST_SELLERS else 0


def _of_what(heading: str) -> str:
    """A heading without the general words around it: "Lamps products" and "Listings in Lamps" are about lamps."""
    words = heading.replace(":", " ").split()
    while len(words) > 1 and is_all_generic(words[-1]):
        words.pop()
    while len(words) > 1 and (is_all_generic(words[0]) or fold(words[0]) in _BETWEEN):
        words.pop(0)
    return bare_name(" ".join(words))


def _names_seller(group: CardGroup | None, announced: list[str]) -> bool:
    """Whether a heading is the name of the one vendor whose offers the page shows."""
    cards = group.cards if group and not group.beside else []
    names = {fold(clean_name(name)) for name in {card.vendor for card in cards if card.vendor}}
    return len(names) == 1 and any(fold(clean_name(text)) in names for text in announced)


def _announced(sheet: Sheet, title: Words | None) -> list[str]:
    """What the page says it is: its title, the parts of the document's title and its first headings."""
    dom = sheet.dom
    headings = [
        dom.line(node)[:_LONGEST_HEADING]
        for node in sheet.headings()
        if dom.chrome[node] < 2 and not sheet.within_any(("cards", "reviews"), dom.first[node])
        if not leads_away(sheet, node)
    ]
    return [*([title.text] if title else []), *title_parts(dom.title), *headings[:_FIRST_HEADINGS]]


def _page(sheet: Sheet, template: Template, found: _Found, kind: PageType) -> RawPage:
    following = found.following if kind is not PageType.LISTING else None
    links = find_links(sheet, found.links, found.group, template.shapes, following)
    return RawPage(
        page_type=kind.value,
        listing=_listing(sheet, template, found) if kind is PageType.LISTING else None,
        cards=tuple(found.group.cards) if found.group else (),
        vendor=_vendor(sheet, template, found) if kind is PageType.VENDOR else None,
        reviews=found.reviews,
        links=links,
        language_hint=sheet.dom.language,
        pgp_blocks=found.keys if kind is not PageType.VENDOR else (),
        rates=rate_words(sheet) if kind is PageType.LISTING else (),
        template=template.version,
        counts=find_counts(sheet, found.links, links.category),
        reader=READER_VERSION,
    )


def _listing(sheet: Sheet, template: Template, found: _Found) -> RawListing:
    title = trimmed(placed(sheet, template, "listing", "title") or found.title, template, "listing.title")
    described = None if _repeats(title, found.description) else found.description
    listing = read_listing(sheet, found.facts, found.links, title, described, template.categories)
    return with_places(sheet, template, listing)


def _repeats(title: Words | None, description: Words | None) -> bool:
    """Whether prose taken for a description is the title over again: a torn page, or one without any."""
    if title is None or description is None or description.rule != "prose":
        return False
    return fold(description.text) == fold(title.text)


def _vendor(sheet: Sheet, template: Template, found: _Found) -> RawVendor:
    place = placed(sheet, template, "vendor", "name")
    cards = found.group.cards if found.group else ()
    vendor = read_vendor(sheet, found.facts, place or found.title, found.links, cards)
    name = vendor.name
    if place and fold(clean_name(place.text)) in template.sellers:
        name = dataclasses.replace(place, text=clean_name(place.text))
    return dataclasses.replace(vendor, name=trimmed(name, template, "vendor.name"))


def _cards(sheet: Sheet, groups: list[CardGroup], reviews: tuple[RawReview, ...]) -> CardGroup | None:
    """The likeliest offers; records that lie in the reviews are offers only where reviews look doubtful."""
    certain, headed = _certain(reviews), bool(reviews) and heads_reviews(sheet)
    likely = (group for group in groups if group.score >= _LEAST_GROUP_SCORE)
    group = next(
        (group for group in likely if not _are_reviews(sheet, group, reviews, certain=certain, headed=headed)), None
    )
    if group:
        for start, stop in [(record.start, record.stop) for record in group.records] + _column_heads(sheet, group):
            sheet.mark("cards", start, stop)
    return group


def _column_heads(sheet: Sheet, group: CardGroup) -> list[tuple[int, int]]:
    """The head of a table whose rows are cards: its labels announce columns, no values of the page."""
    dom = sheet.dom
    table = dom.inside(group.records[0].node, frozenset({"table"}))
    if table is None or dom.tag[group.records[0].node] != "tr":
        return []
    return [(dom.first[table], group.records[0].start)]


def _are_reviews(
    sheet: Sheet, group: CardGroup, reviews: tuple[RawReview, ...], *, certain: bool, headed: bool
) -> bool:
    """Whether records that lie in the reviews only name what was bought: their titles are not the reviews' texts."""
    if not _overlap(sheet, group) or not (certain or group.priced < _MOSTLY):
        return False
    if headed and group.priced < _MOSTLY:
        return True
    titles = {fold(card.title) for card in group.cards}
    vendors = {fold(card.vendor) for card in group.cards if card.vendor}
    repeated = sum(
        review.text is None
        or fold(review.text) in titles | vendors
        or fold(review.buyer or "") in vendors
        or _begins(review.text, titles)
        for review in reviews
    )
    return repeated * 2 < len(reviews)


def _begins(text: str, titles: set[str]) -> bool:
    folded = fold(text)
    return any(folded.startswith(title) for title in titles if len(title) > _SHORT_TITLE)


def _certain(reviews: tuple[RawReview, ...]) -> bool:
    """Whether these can be nothing but reviews: masked buyers, or a rating and a date in most rows."""
    signs = sum(
        (review.buyer is not None and "*" in review.buyer) or (review.rating is not None and review.date is not None)
        for review in reviews
    )
    return signs * 2 > len(reviews)


def _overlap(sheet: Sheet, group: CardGroup) -> bool:
    inside = sum(sheet.within("reviews", record.start) for record in group.records)
    return inside * 2 > len(group.records)


def _frame(dom: Dom, template: Template) -> frozenset[int]:
    """The texts that belong to the frame of the site, as its template knows it."""
    if not template.frame:
        return frozenset()
    known = template.frame
    return frozenset(
        k
        for k, text in enumerate(dom.texts)
        if len(text) <= _LONGEST_FRAME_WORD and frame_word(dom.crc[dom.owner[k]], fold(text)) in known
    )


def _learnt(dom: Dom, received: Received, template: Template) -> Mapping[str, float]:
    """How the site's lessons speak for each page type: by its address and by the places it has."""
    weights: dict[str, float] = {}
    kind = template.shapes.get(shape_of(received.url).text) if received.url else None
    if kind:
        weights[kind] = _WEIGHT_OF_SHAPE
    for part in title_parts(dom.title) if template.title_types else ():
        named = template.title_types.get(fold(part))
        if named:
            weights[named] = weights.get(named, 0.0) + _WEIGHT_OF_TITLE
    places = frozenset(dom.crc) if template.signs else frozenset()
    for name, signs in template.signs.items():
        share = sum(sign in places for sign in signs) / len(signs)
        weights[name] = weights.get(name, 0.0) + (share * 2 - _HALF) * _WEIGHT_OF_SIGNS
    return weights
