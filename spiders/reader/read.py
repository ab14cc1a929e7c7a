"""One page read: markup in, raw words with their source out."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from crawler.model.page import Gate, PageType
from crawler.model.reading import Received
from crawler.model.words import RawPage, RawReview, RawVendor, Words
from spiders.reader.armour import pgp_blocks
from spiders.reader.cards import CardGroup, find_card_groups, page_links
from spiders.reader.decode import decode
from spiders.reader.description import find_description, labelled_sections
from spiders.reader.dom import Dom, parse
from spiders.reader.fields import Facts, read_listing, read_vendor
from spiders.reader.gates import find_gate
from spiders.reader.kind import Evidence, decide
from spiders.reader.leads import find_links
from spiders.reader.pairs import find_pairs
from spiders.reader.places import placed, trimmed, with_places
from spiders.reader.reviews import find_reviews
from spiders.reader.sheet import Sheet, lay_out
from spiders.reader.template import Template, frame_word
from spiders.reader.title import find_title
from spiders.reader.urls import shape_of
from spiders.reader.vocabulary import fold
from spiders.reader.trails import find_next

READER_VERSION = "1.0.0"
_LEAST_GROUP_SCORE = 0.5
_MOSTLY = 0.6
_HALF = 0.8
_LONGEST_FRAME_WORD = 100
_SURE = 0.55
_WEIGHT_OF_SHAPE = 2.0
_WEIGHT_OF_SIGNS = 1.5
_EMPTY = Template()


def read_parsed(dom: Dom, received: Received, template: Template) -> RawPage:
    """The page's raw words, by the generic rules and what the template knows of its site."""
    sheet = lay_out(dom, received.url)
    sheet.frame = _frame(dom, template)
    links = page_links(sheet)
    known = frozenset(shape for shape, kind in template.shapes.items() if kind == "listing")
    reviews = find_reviews(sheet)
    group = _cards(sheet, find_card_groups(sheet, links, known), reviews)
    if group and _overlap(sheet, group):
        reviews = ()
        sheet.regions.pop("reviews", None)
    for span in labelled_sections(sheet, "terms"):
        sheet.regions.setdefault("terms", []).append(span)
    title = find_title(sheet, template.title_words)
    pairs = find_pairs(sheet)
    description = find_description(sheet, "description")
    facts = Facts(sheet, pairs)
    keys = pgp_blocks(sheet)
    following = find_next(sheet)
    evidence = Evidence(
        facts=facts,
        group=group,
        title=title.text if title else None,
        described=description is not None and description.rule != "prose",
        keys=len(keys),
        reviews=len(reviews),
        more_pages=following is not None,
        learnt=_learnt(dom, received, template),
    )
    kind, sure = decide(sheet, evidence)
    gate, _ = find_gate(sheet, received.status, has_content=kind is not PageType.OTHER and sure > _SURE)
    if gate is not None:
        return RawPage(
            page_type=PageType.GATE.value,
            gate=gate.value,
            reader=READER_VERSION,
            template=template.version,
            language_hint=dom.language,
        )
    if kind is PageType.LISTING:
        title = trimmed(placed(sheet, template, "listing", "title") or title, template, "listing.title")
    return RawPage(
        page_type=kind.value,
        listing=with_places(sheet, template, read_listing(sheet, facts, links, title, description))
        if kind is PageType.LISTING
        else None,
        cards=tuple(group.cards) if group else (),
        vendor=_vendor(sheet, facts, title, template) if kind is PageType.VENDOR else None,
        reviews=reviews,
        links=find_links(sheet, links, group, template.shapes, following if kind is not PageType.LISTING else None),
        language_hint=dom.language,
        pgp_blocks=keys if kind is not PageType.VENDOR else (),
        template=template.version,
        reader=READER_VERSION,
    )


def _vendor(sheet: Sheet, facts: Facts, title: Words | None, template: Template) -> RawVendor:
    vendor = read_vendor(sheet, facts, placed(sheet, template, "vendor", "name") or title)
    return dataclasses.replace(vendor, name=trimmed(vendor.name, template, "vendor.name"))


def read_generic(received: Received, template: Template | None = None) -> RawPage:
    """The page's raw words from its bytes."""
    return read_parsed(parse(decode(received.body, received.content_type)), received, template or _EMPTY)


def _cards(sheet: Sheet, groups: list[CardGroup], reviews: tuple[RawReview, ...]) -> CardGroup | None:
    """The likeliest offers; records that lie in the reviews are offers only where reviews look doubtful."""
    certain = _certain(reviews)
    likely = (group for group in groups if group.score >= _LEAST_GROUP_SCORE)
    group = next((group for group in likely if not (_overlap(sheet, group) and (certain or group.priced < _MOSTLY))), None)
    if group:
        sheet.regions["cards"] = [(record.start, record.stop) for record in group.records] + _column_heads(sheet, group)
    return group


def _column_heads(sheet: Sheet, group: CardGroup) -> list[tuple[int, int]]:
    """The head of a table whose rows are cards: its labels announce columns, no values of the page."""
    dom = sheet.dom
    table = dom.inside(group.records[0].node, frozenset({"table"}))
    if table is None or dom.tag[group.records[0].node] != "tr":
        return []
    return [(dom.first[table], group.records[0].start)]


def _certain(reviews: tuple[RawReview, ...]) -> bool:
    """Whether these can be nothing but reviews: masked buyers, or a rating and a date in most rows."""
    signs = sum((review.buyer is not None and "*" in review.buyer) or (review.rating is not None and review.date is not None) for review in reviews)
    return signs * 2 > len(reviews)


def _overlap(sheet: Sheet, group: CardGroup) -> bool:
    inside = sum(sheet.within("reviews", record.start) for record in group.records)
    return inside * 2 > len(group.records)


def _frame(dom: Dom, template: Template) -> frozenset[int]:
    """The texts that belong to the frame of the site, as its template knows it."""
    if not template.frame:
        return frozenset()
    known = template.frame
    return frozenset(k for k, text in enumerate(dom.texts) if len(text) <= _LONGEST_FRAME_WORD and frame_word(dom.crc[dom.owner[k]], fold(text)) in known)


def _learnt(dom: Dom, received: Received, template: Template) -> Mapping[str, float]:
    """How the site's lessons speak for each page type: by its address and by the places it has."""
    weights: dict[str, float] = {}
    kind = template.shapes.get(shape_of(received.url).text) if received.url else None
    if kind:
        weights[kind] = _WEIGHT_OF_SHAPE
    places = frozenset(dom.crc) if template.signs else frozenset()
    for name, signs in template.signs.items():
        share = sum(sign in places for sign in signs) / len(signs)
        weights[name] = weights.get(name, 0.0) + (share * 2 - _HALF) * _WEIGHT_OF_SIGNS
    return weights


__all__ = ["READER_VERSION", "Gate", "read_generic", "read_parsed"]
