"""One page read: markup in, raw words with their source out."""

from __future__ import annotations

from collections.abc import Mapping

from crawler.model.page import Gate, PageType
from crawler.model.reading import Received
from crawler.model.words import RawPage
from spiders.reader.cards import CardGroup, find_card_groups, page_links
from spiders.reader.decode import decode
from spiders.reader.description import find_description, labelled_sections
from spiders.reader.dom import Dom, parse
from spiders.reader.fields import Facts, pgp_blocks, read_listing, read_vendor
from spiders.reader.gates import find_gate
from spiders.reader.kind import Evidence, decide
from spiders.reader.leads import find_links
from spiders.reader.pairs import find_pairs
from spiders.reader.reviews import find_reviews
from spiders.reader.sheet import Sheet, lay_out
from spiders.reader.template import Template
from spiders.reader.title import find_title
from spiders.reader.trails import find_next

READER_VERSION = "1.0.0"
_LEAST_GROUP_SCORE = 0.5
_LEAST_CARDS = 1
_EMPTY = Template()


def read_parsed(dom: Dom, received: Received, template: Template) -> RawPage:
    """The page's raw words, by the generic rules and what the template knows of its site."""
    sheet = lay_out(dom, received.url)
    links = page_links(sheet)
    known = frozenset(shape for shape, kind in template.shapes.items() if kind == "listing")
    group = _cards(sheet, find_card_groups(sheet, links, known))
    reviews = find_reviews(sheet)
    for span in labelled_sections(sheet, "terms"):
        sheet.regions.setdefault("terms", []).append(span)
    title = find_title(sheet, site_words=template.site_words)
    pairs = find_pairs(sheet)
    description = find_description(sheet, "description", boilerplate=template.site_words)
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
    gate, _ = find_gate(sheet, received.status, has_content=kind is not PageType.OTHER and sure > 0.55)
    if gate is not None:
        return RawPage(
            page_type=PageType.GATE.value,
            gate=gate.value,
            reader=READER_VERSION,
            template=template.version,
            language_hint=dom.language,
        )
    return RawPage(
        page_type=kind.value,
        listing=read_listing(sheet, facts, links, title, description) if kind is PageType.LISTING else None,
        cards=tuple(group.cards) if group else (),
        vendor=read_vendor(sheet, facts, title) if kind is PageType.VENDOR else None,
        reviews=reviews,
        links=find_links(sheet, links, group, template.shapes, following if kind is not PageType.LISTING else None),
        language_hint=dom.language,
        pgp_blocks=keys if kind is not PageType.VENDOR else (),
        template=template.version,
        reader=READER_VERSION,
    )


def read_generic(received: Received, template: Template | None = None) -> RawPage:
    """The page's raw words from its bytes."""
    return read_parsed(parse(decode(received.body, received.content_type)), received, template or _EMPTY)


def _cards(sheet: Sheet, groups: list[CardGroup]) -> CardGroup | None:
    group = next(
        (group for group in groups if group.score >= _LEAST_GROUP_SCORE and len(group.cards) >= _LEAST_CARDS), None
    )
    if group:
        sheet.regions["cards"] = [(record.start, record.stop) for record in group.records]
    return group


def _learnt(dom: Dom, received: Received, template: Template) -> Mapping[str, float]:
    return {}


__all__ = ["READER_VERSION", "Gate", "read_generic", "read_parsed"]
