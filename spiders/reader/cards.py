"""Cards: the repeated records of a page that each lead to one listing, with their title, vendor and price."""

from __future__ import annotations

import dataclasses
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from crawler.model.money import find_money
from crawler.model.words import RawCard
from spiders.reader.links import Link, name_in_link
from spiders.reader.sheet import Sheet, lowest_of, read_label
from spiders.reader.title import title_parts
from spiders.reader.urls import (
    is_never,
    is_permutation,
    is_variant_of,
    kind_by_words,
    resolve,
    shape_of,
)
from spiders.reader.vocabulary import announces_choice, fold, fold_label, is_all_generic, labels, link_words
from spiders.reader.world import is_city

_FEWEST_SELLERS = 3
_LONGEST_SELLER = 40
_MOST_LINKS = 600
_EDGES_OF_NAME = " @»›|·•,;:"
_EDGES_OF_TITLE = " -–—|·•/~,"
_LONGEST_PRICE = 24
_HIGHEST_CLIMB = 14
_LONGEST_TITLE = 300
_MOST_ALONE = 40
_MOST_IN_RECORD = 80
_WIDEST = 60
_LARGE = 16
_FAR_LARGER = 3
_HARDLY_PRICED = 0.3
_PAIR = 2
_FEW_ADDED = 6
_SOLD = 0.7
_LONG_TITLE = 8
_NEAR = 5
_LESS_BESIDE = 1.0
_LONGEST_HEADING = 60
_RECORD_TAGS = frozenset({"tr", "li", "article", "section", "td", "div", "table", "tbody", "a", "dl"})
_LOUD_TAGS = frozenset({"h1", "h2", "h3", "h4"})
_TITLE_TAGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "b", "strong"})
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_NUMBERS = re.compile(r"[\d.,:/()+-]+")
_UNITS = frozenset(
    """
    g gr gram grams mg kg ml l oz pcs pc pills tabs x ug mcg г гр грамм мг кг мл шт штук х дона dona ta дана даана
    stück stk stuks adet pièces piezas pezzi гр. шт. گرم گرام عدد دانه
    """.split()  # noqa: SIM905  a list of words reads as a list of words
)
_REPUTE = re.compile(
    r"[0-5](?:[.,]\d{1,2})?\s?[★⭐]|[★⭐]\s?[0-5](?:[.,]\d{1,2})?(?:\s?[(\[]|$)|\+\d{1,6}\s?[|/]\s?-\d"
)
_UNCOUNTED = re.compile(r"\s*[(\[]?\d[\d\s.,]{0,9}[)\]]?$")
_SLUG_PARTS = re.compile(r"[^a-z0-9]+")
_BETWEEN = re.compile(r"\s+[-–—|·•/~]\s+|\s*[|·•]\s*|,\s+(?=\D)")
_COUNT_ONLY = re.compile(r"[\s\d.,()\[\]+%-]*")


@dataclass(slots=True)
class Record:
    """One repeated record: its address, its links and its range of texts and elements."""

    url: str
    node: int
    start: int
    stop: int
    stop_node: int
    links: list[Link] = field(default_factory=list)


@dataclass(slots=True)
class CardGroup:
    """Records of one kind with what was read from them; ``score`` says how much they look like offers.

    ``beside`` is True for offers beside the point of the page: "recently viewed", a side bar.
    """

    shape: str
    records: list[Record]
    cards: list[RawCard]
    score: float
    priced: float
    beside: bool = False


def find_card_groups(sheet: Sheet, links: list[Link], known: frozenset[str] = frozenset()) -> list[CardGroup]:
    """Groups of records, the likeliest offers first.

    ``known`` holds address shapes that a template knows to lead to listings.
    """
    groups = [
        group
        for group in (_group(sheet, key, members, known) for key, members in _candidates(sheet, links, known))
        if group
    ]
    groups.sort(key=lambda group: (_LESS_BESIDE if group.beside else 0.0) - group.score)
    return groups


def _candidates(sheet: Sheet, links: list[Link], known: frozenset[str]) -> list[tuple[str, list[Link]]]:
    by_shape: dict[str, list[Link]] = defaultdict(list)
    by_place: dict[int, list[Link]] = defaultdict(list)
    own = {link.url for link in links if _names_page(sheet, link)}
    for link in links:
        if sheet.dom.chrome[link.node] == 2 or link.url in own:
            continue
        if not is_permutation(link.url) and not (sheet.url and is_variant_of(sheet.url, link.url)):
            by_shape[link.shape.text].append(link)
            if "*" in link.shape.tail or not link.shape.tail:
                by_place[sheet.dom.crc[link.node]].append(link)
    found = [
        (shape, members)
        for shape, members in by_shape.items()
        if shape in known or len({link.url for link in members}) > 1 or _may_be_alone(sheet, members)
    ]
    for members in by_place.values():
        if len({link.shape.text for link in members}) > 2:
            found.append(("place:" + str(sheet.dom.crc[members[0].node]), members))
    return found[:60]


def _may_be_alone(sheet: Sheet, members: list[Link]) -> bool:
    """Whether one address may be a list of one offer: it speaks of a listing, in words that no heading repeats."""
    if kind_by_words(members[0].shape) != "listing" or len({link.url for link in members}) > 1:
        return False
    said = {fold(link.text) for link in members if len(link.text.split()) > 1 and not _names_nothing(link.text)}
    headings = {fold(sheet.dom.line(node)) for node in sheet.headings() if sheet.dom.tag[node] in ("h1", "h2", "h3")}
    linked = {fold(sheet.dom.line(node)) for link in members if (node := sheet.dom.inside(link.node, _TITLE_TAGS))}
    return bool(said) and not said & (headings - linked) and fold(sheet.dom.title) not in said


def _names_nothing(text: str) -> bool:
    return is_all_generic(text) or _is_amount(text)


def _names_page(sheet: Sheet, link: Link) -> bool:
    """Whether the link is the page's own heading, which some sites link to itself."""
    heading = sheet.dom.inside(link.node, _TITLE_TAGS)
    if heading is None or len(link.text) < 2:
        return False
    loud = sheet.dom.tag[heading] in ("h1", "h2")
    words, title = fold(link.text), fold(sheet.dom.title)
    return words in title and (loud or title.startswith(words) or words in map(fold, title_parts(sheet.dom.title)))


def _group(sheet: Sheet, shape: str, members: list[Link], known: frozenset[str]) -> CardGroup | None:
    records = _records(sheet, members, single=shape in known or _may_be_alone(sheet, members))
    if not records:
        return None
    best: CardGroup | None = None
    for bucket in _buckets(sheet, records):
        group = _read_group(sheet, shape, bucket, members, known)
        if group and (best is None or group.score > best.score):
            best = group
    return best


def _records(sheet: Sheet, members: list[Link], *, single: bool) -> list[Record]:
    """For each address the largest element that holds links to it and to no other of the group."""
    dom = sheet.dom
    records: dict[str, Record] = {}
    for place, link in enumerate(members):
        before = _other(members, place, -1)
        after = _other(members, place, 1)
        if before is None and after is None and not single:
            return []
        node = _climb(sheet, link.node, before, after)
        known = records.get(link.url)
        if known is None or _size(sheet, node) > _size(sheet, known.node):
            records[link.url] = Record(link.url, node, dom.first[node], dom.last[node], dom.end[node])
    return sorted(records.values(), key=lambda record: record.node)


def _size(sheet: Sheet, node: int) -> int:
    return sheet.dom.last[node] - sheet.dom.first[node]


def _other(members: list[Link], place: int, step: int) -> int | None:
    """The next link of the group, in this direction, to another address."""
    at = place + step
    for _ in range(8):
        if not 0 <= at < len(members):
            return None
        if members[at].url != members[place].url:
            return members[at].node
        at += step
    return None


def _climb(sheet: Sheet, node: int, before: int | None, after: int | None) -> int:
    dom, alone = sheet.dom, before is None and after is None
    for _ in range(_HIGHEST_CLIMB):
        parent = dom.parent[node]
        if parent <= 0 or dom.tag[parent] in ("body", "html", "main"):
            break
        if (before is not None and parent <= before) or (after is not None and after < dom.end[parent]):
            break
        if dom.last[parent] - dom.first[parent] > _MOST_IN_RECORD or _holds_heading(sheet, parent, node):
            break
        if alone and _has_money(sheet, dom.first[node], dom.last[node]) and _takes_in_more(sheet, parent, node):
            break
        node = parent
        if (
            alone
            and (dom.tag[node] in ("tr", "li", "article") or "card" in sheet.hints(node))
            and _has_money(sheet, dom.first[node], dom.last[node])
        ):
            break
    return node


def _holds_heading(sheet: Sheet, parent: int, node: int) -> bool:
    """Whether the larger element takes in the page's main heading: then it is the page, no record of a list."""
    dom = sheet.dom
    outside = (
        *range(parent + 1, min(node, parent + _WIDEST)),
        *range(dom.end[node], min(dom.end[parent], dom.end[node] + _WIDEST)),
    )
    return any(dom.tag[other] == "h1" for other in outside)


def _takes_in_more(sheet: Sheet, parent: int, node: int) -> bool:
    """Whether the larger element adds a heading, or more texts than a record's few: it is more than one record."""
    dom = sheet.dom
    added = (dom.last[parent] - dom.first[parent]) - (dom.last[node] - dom.first[node])
    outside = (*range(parent + 1, node), *range(dom.end[node], dom.end[parent]))
    return added > _FEW_ADDED or any(dom.tag[other] in _LOUD_TAGS for other in outside[: _WIDEST * 2])


def _has_money(sheet: Sheet, start: int, stop: int) -> bool:
    return any(k in sheet.money for k in range(start, min(stop, start + 200)))


def _buckets(sheet: Sheet, records: list[Record]) -> list[list[Record]]:
    """Records that are built alike stand together: same tag at the same kind of place."""
    dom = sheet.dom
    buckets: dict[tuple[int, str], list[Record]] = defaultdict(list)
    for record in records:
        buckets[dom.crc[dom.parent[record.node]], dom.tag[record.node]].append(record)
    for bucket in buckets.values():
        _widen(sheet, bucket)
    return list(buckets.values())


def _widen(sheet: Sheet, bucket: list[Record]) -> None:
    """Stretches records made of several siblings (a heading, then a line, then a price) up to the next record."""
    dom = sheet.dom
    if len(bucket) < 2 or len({dom.parent[record.node] for record in bucket}) != 1:
        return
    priced = sum(_has_money(sheet, record.start, record.stop) for record in bucket)
    if priced * 2 > len(bucket):
        return
    gaps = []
    for record, later in pairwise(bucket):
        record.stop, record.stop_node = dom.first[later.node], later.node
        gaps.append(later.node - record.node)
    last = bucket[-1]
    reach = min(dom.end[dom.parent[last.node]], last.node + max(sorted(gaps)[len(gaps) // 2], 1) * 2)
    node = last.node
    while node < reach:
        last.stop, last.stop_node = dom.last[node], dom.end[node]
        node = dom.next_sibling(node) or reach


def _read_group(
    sheet: Sheet, shape: str, records: list[Record], members: list[Link], known: frozenset[str]
) -> CardGroup | None:
    by_url: dict[str, list[Link]] = defaultdict(list)
    for link in members:
        by_url[link.url].append(link)
    for record in records:
        record.links = [link for link in by_url[record.url] if record.node <= link.node < record.stop_node]
    _shrink(sheet, records)
    common = _common_texts(sheet, records)
    columns = _columns(sheet, records[0].node)
    cards = [_card(sheet, record, common, columns) for record in records]
    pairs = [(record, card) for record, card in zip(records, cards, strict=True) if card is not None]
    if not pairs or _are_options([record for record, _ in pairs], [card for _, card in pairs]):
        return None
    kept = _with_sellers(sheet, [record for record, _ in pairs], [card for _, card in pairs])
    kept = _with_known_sellers(sheet, [record for record, _ in pairs], kept)
    priced = sum(card.price is not None for card in kept) / len(kept)
    if len(kept) <= _PAIR and priced < 1 and shape not in known and kind_by_words(shape_of(kept[0].url)) is None:
        return None  # two links of no clear kind are no list
    group = CardGroup(shape, [record for record, _ in pairs], kept, 0.0, priced)
    group.score = _score(sheet, group, known)
    group.beside = _is_beside(sheet, group)
    return group if len(kept) > 1 or _stands_alone(sheet, group, known) else None


def _are_options(records: list[Record], cards: list[RawCard]) -> bool:
    """Whether rows are the amounts and cities of the page's one offer, each with its button, and no list of offers."""
    said = {fold_label(link.text) for record in records for link in record.links}
    if len(said) != 1 or not said <= labels().buttons:
        return False
    counted = sum(fold_label(card.title) in said or is_city(card.title) or _is_amount(card.title) for card in cards)
    return counted * 2 > len(cards)


def _is_beside(sheet: Sheet, group: CardGroup) -> bool:
    first = group.records[0]
    if sheet.dom.chrome[first.node] or any("related" in sheet.hints(node) for node in _above(sheet, first.node)):
        return True
    for k in range(first.start - 1, max(-1, first.start - _NEAR), -1):
        text = sheet.dom.texts[k]
        label = read_label(text) if len(text) < _LONGEST_HEADING else None
        if label and label.how == "exact":
            return "related" in (label.field, *label.also)
        if len(group.cards) <= _PAIR and announces_choice(text):
            return True
    return False


def _stands_alone(sheet: Sheet, group: CardGroup, known: frozenset[str]) -> bool:
    """Whether a single record may be a list of one: its address promises a listing, and it is no whole page."""
    record, dom = group.records[0], sheet.dom
    if all(fold_label(link.text) in labels().buttons for link in record.links):
        return False  # the button of the page's own offer
    small = record.stop - record.start < _MOST_ALONE and not any(
        dom.tag[node] == "h1" for node in range(record.node, record.stop_node)
    )
    listed = small and (group.shape in known or kind_by_words(shape_of(record.url)) == "listing")
    # what the menu names too is a step of the path
    return listed and not _is_linked_elsewhere(sheet, group.cards[0].title, record)


def _is_linked_elsewhere(sheet: Sheet, title: str, record: Record) -> bool:
    wanted = fold(title)
    outside = (node for node in sheet.dom.links[:_MOST_LINKS] if not record.node <= node < record.stop_node)
    return any(fold(_UNCOUNTED.sub("", sheet.dom.line(node)[:_LONGEST_TITLE])) == wanted for node in outside)


def _shrink(sheet: Sheet, records: list[Record]) -> None:
    """Cuts records far larger than the others down to the nearest box: they took in what is no list."""
    dom = sheet.dom
    sizes = sorted(record.stop - record.start for record in records)
    usual = sizes[(len(sizes) - 1) // 2]
    for record in records:
        if record.stop - record.start <= max(_LARGE, usual * _FAR_LARGER) or not record.links:
            continue
        node = dom.parent[record.links[0].node]
        record.node, record.start, record.stop = node, dom.first[node], dom.last[node]
        record.stop_node = dom.end[node]
        record.links = [link for link in record.links if node <= link.node < record.stop_node]


def _score(sheet: Sheet, group: CardGroup, known: frozenset[str]) -> float:
    if group.shape in known:
        framed = sheet.dom.chrome[group.records[0].node] or group.records[0].start in sheet.frame
        return 10 + group.priced + min(len(group.cards), 10) / 10 - (2.0 if framed else 0.0)
    if group.priced < _HARDLY_PRICED:
        return _score_without_prices(sheet, group)
    record = group.records[0]
    kind = kind_by_words(shape_of(record.url))
    count = len(group.cards)
    score = group.priced * 2 + min(count, 10) / 10
    score += {"listing": 1.0, "vendor": -1.5, "category": -0.4}.get(kind or "", 0.0)
    score -= sheet.dom.chrome[record.node] * 0.8
    titles = {fold_label(card.title) for card in group.cards}
    score += len(titles) / count - 0.5
    score -= 3.0 if sum(_is_amount(title) for title in titles) * 2 > len(titles) else 0
    score += 0.3 if sum(card.vendor is not None for card in group.cards) * 2 > count else 0
    framed = sum(record.start in sheet.frame or record.start + 1 in sheet.frame for record in group.records)
    score -= 3.0 if framed * 2 > count else 0
    score -= 0.6 if any("related" in sheet.hints(node) for node in _above(sheet, record.node)) else 0
    return score - (2.0 if _name_vendors(sheet, group) else 0.0)


def _name_vendors(sheet: Sheet, group: CardGroup) -> bool:
    """Whether labels or icons say of most links of the group that each is a vendor's name."""
    dom = sheet.dom
    said = set(sheet.tipped("vendor"))
    said |= {hit.k + 1 for hit in sheet.hits if hit.label.field == "vendor" and hit.label.how == "exact"}
    links = [record.links[-1] for record in group.records if record.links]
    return sum(dom.first[link.node] in said for link in links) * 2 > len(group.records)


def _is_amount(title: str) -> bool:
    """Whether a title is nothing but an amount, a price or both: an option of one offer, no offer."""
    bare, at = [], 0
    for match in find_money(title[:_LONGEST_TITLE]):
        bare.append(title[at : match.start])
        at = match.end
    bare.append(title[at:])
    words = [word for word in _NUMBERS.sub(" ", " ".join(bare)).casefold().split() if any(map(str.isalpha, word))]
    return any(map(str.isdigit, title)) and all(word in _UNITS for word in words)


def _score_without_prices(sheet: Sheet, group: CardGroup) -> float:
    """Boards list offers without prices: long titles of their own, each with its seller, in the content of the page."""
    count = len(group.cards)
    record = group.records[0]
    sold = sum(card.vendor is not None for card in group.cards) / count
    long = sum(len(card.title) for card in group.cards) / count
    kind = kind_by_words(shape_of(record.url))
    distinct = len({fold_label(card.title) for card in group.cards}) / count
    if sold < _SOLD or long < _LONG_TITLE or distinct < _SOLD or sheet.dom.chrome[record.node] or kind == "vendor":
        return -1.0
    return 0.6 + sold + min(count, 10) / 20


def _above(sheet: Sheet, node: int) -> list[int]:
    found: list[int] = []
    while node > 0 and len(found) < _HIGHEST_CLIMB:
        found.append(node)
        node = sheet.dom.parent[node]
    return found


def _common_texts(sheet: Sheet, records: list[Record]) -> frozenset[str]:
    """Link texts that most records share: "View", "Order now"."""
    counts: dict[str, int] = defaultdict(int)
    for record in records:
        for text in {fold_label(_link_title(sheet, link)) for link in record.links}:
            counts[text] += 1
    common = {text for text, count in counts.items() if count > 1 and count * 2 > len(records)}
    return frozenset(common) | frozenset({""}) if len(records) > _PAIR or len(counts) > len(common) else frozenset({""})


def _columns(sheet: Sheet, node: int) -> dict[int, str]:
    """Fields of a table's columns by place, where the record is a row below a head of labels."""
    dom = sheet.dom
    table = dom.inside(node, frozenset({"table"}))
    row = dom.inside(node, frozenset({"tr"}))
    if table is None or row is None:
        return {}
    for head in range(table, min(dom.end[table], table + 40)):
        if dom.tag[head] == "tr":
            cells = dom.children(head)
            found = {
                place: label.field
                for place, cell in enumerate(cells)
                if (label := read_label(dom.line(cell)[:60])) and label.how == "exact"
            }
            return found if len(found) > 1 else {}
    return {}


def _card(sheet: Sheet, record: Record, common: frozenset[str], columns: dict[int, str]) -> RawCard | None:
    told = _in_one_line(sheet, record)
    if told:
        return told
    title = _title(sheet, record, common, columns)
    if not title or _says_nothing(title):
        return None
    vendor = (_vendor(sheet, record, columns) or "").strip(_EDGES_OF_NAME) or None
    return RawCard(url=record.url, title=title, vendor=vendor, price=_price(sheet, record, columns))


def _in_one_line(sheet: Sheet, record: Record) -> RawCard | None:
    """A card that is one link of one text, "3 lamps — by heron — 42 USD": title, vendor where announced, and price."""
    dom, k = sheet.dom, record.start
    if record.stop - k != 1 or k not in sheet.money or len(dom.texts[k]) > _LONGEST_TITLE or not record.links:
        return None
    pieces = [piece.strip() for piece in _BETWEEN.split(dom.texts[k])]
    prices = [piece for piece in pieces if find_money(piece) and (_is_amount(piece) or len(piece) <= _LONGEST_PRICE)]
    vendors = [piece for piece in pieces if (label := read_label(piece)) and label.field == "vendor" and label.value]
    titles = [piece for piece in pieces if _LETTERS.search(piece) and piece not in prices + vendors]
    if len(pieces) < _PAIR or len(prices) != 1 or len(vendors) > 1 or not titles or _is_amount(titles[0]):
        return None
    if is_city(titles[0]):
        return None  # where an option of the page's one offer is
    label = read_label(vendors[0]) if vendors else None
    vendor = (label.value or "").strip(_EDGES_OF_NAME) if label else ""
    said = dom.texts[k]
    facts = [place for fact in prices + vendors if (place := said.find(fact)) > said.find(titles[0])]
    title = said[said.find(titles[0]) : min(facts, default=len(said))].rstrip(_EDGES_OF_TITLE)
    named = vendor if "**" not in vendor and len(vendor) <= _LONGEST_SELLER else ""
    return RawCard(url=record.url, title=title, vendor=named or None, price=lowest_of(prices[0]))


def _says_nothing(title: str) -> bool:
    """Whether a link's words name no offer: "5 reviews", "[All reviews: 5]"."""
    label = read_label(title.strip("[]() "))
    return is_all_generic(title) or (label is not None and label.how == "suffix" and len(title) < _LONGEST_HEADING)


def _title(sheet: Sheet, record: Record, common: frozenset[str], columns: dict[int, str]) -> str | None:
    dom = sheet.dom
    named: list[tuple[float, str]] = []
    for link in record.links:
        text = _link_title(sheet, link)
        if fold_label(text) not in common and _LETTERS.search(text):
            named.append((_title_weight(sheet, link.node, text), text))
    if named:
        return max(named)[1]
    heading = next(
        (
            node
            for node in range(record.node, record.stop_node)
            if (
                dom.tag[node] in _TITLE_TAGS or ("title" in sheet.hints(node) and dom.last[node] - dom.first[node] <= 3)
            )
            and not _leads_elsewhere(sheet, record, node)
        ),
        None,
    )
    if (
        heading is not None
        and _LETTERS.search(dom.line(heading))
        and heading not in (link.node for link in record.links)
    ):
        return dom.line(heading)[:_LONGEST_TITLE]
    cell = _cell_of(sheet, record, columns, "title")
    if cell is not None:
        return dom.line(cell)[:_LONGEST_TITLE]
    pictured = (
        dom.attrs[node].get("alt", "") for node in range(record.node, record.stop_node) if dom.tag[node] == "img"
    )
    return next((alt.strip() for alt in pictured if _LETTERS.search(alt)), None) or _first_words(sheet, record, common)


def _leads_elsewhere(sheet: Sheet, record: Record, node: int) -> bool:
    """Whether an element of a record is part of a link to something else than its offer: to its vendor."""
    link = sheet.dom.inside(node, frozenset({"a"}))
    inner = next((n for n in range(node, sheet.dom.end[node]) if sheet.dom.tag[n] == "a"), None)
    found = link if link is not None else inner
    return found is not None and resolve(sheet.url, sheet.dom.attrs[found].get("href", "")) != record.url


def _link_title(sheet: Sheet, link: Link) -> str:
    """The words of a link as a title: the heading inside a link that wraps the whole card, else its text."""
    dom = sheet.dom
    if dom.last[link.node] - dom.first[link.node] > 1:
        for node in range(link.node + 1, dom.end[link.node]):
            named = dom.tag[node] in _TITLE_TAGS or "title" in sheet.hints(node)
            priced = _has_money(sheet, dom.first[node], dom.last[node])
            if named and not priced and _LETTERS.search(dom.line(node)):
                return dom.line(node)[:_LONGEST_TITLE]
        if any(k in sheet.money for k in range(dom.first[link.node], dom.last[link.node])):
            pieces = [
                dom.texts[k]
                for k in range(dom.first[link.node], dom.last[link.node])
                if k not in sheet.money and not read_label(dom.texts[k])
            ]
            said = _SLUG_PARTS.split(link.url.lower())
            return max(pieces, key=lambda piece: (_agrees(piece, said), len(piece)), default="")[:_LONGEST_TITLE]
    if not link.text:
        return dom.attrs[link.node].get("title", "").strip()[:_LONGEST_TITLE]
    return link.text


def _agrees(piece: str, said: list[str]) -> bool:
    """Whether the address of an offer repeats most of the words of a piece: its slug."""
    words = [word for word in _SLUG_PARTS.split(piece.lower()) if word.isascii() and word]
    return len(words) > 1 and sum(word in said for word in words) * 2 > len(words)


def _title_weight(sheet: Sheet, node: int, text: str) -> float:
    dom = sheet.dom
    heading = any(dom.tag[above] in _TITLE_TAGS for above in (dom.parent[node], node)) or "title" in sheet.hints(
        node
    ) | sheet.hints(dom.parent[node])
    button = fold_label(text) in labels().buttons or fold_label(text) in link_words().text["never"]
    return (
        min(len(text), 80) / 80
        + (1 if heading else 0)
        - (2 if button else 0)
        - (1 if _COUNT_ONLY.fullmatch(text) else 0)
    )


def _first_words(sheet: Sheet, record: Record, common: frozenset[str]) -> str | None:
    for k in range(record.start, min(record.stop, record.start + 12)):
        text = sheet.dom.texts[k]
        if k not in sheet.money and _LETTERS.search(text) and fold_label(text) not in common and not read_label(text):
            return text[:_LONGEST_TITLE]
    return None


def _cell_of(sheet: Sheet, record: Record, columns: dict[int, str], field: str) -> int | None:
    row = sheet.dom.inside(record.node, frozenset({"tr"})) if columns else None
    if row is None:
        return None
    place = next((place for place, name in columns.items() if name == field), None)
    cells = sheet.dom.children(row)
    return cells[place] if place is not None and place < len(cells) else None


def _price(sheet: Sheet, record: Record, columns: dict[int, str]) -> str | None:
    cell = _cell_of(sheet, record, columns, "price")
    if cell is not None:
        ks = [k for k in range(sheet.dom.first[cell], sheet.dom.last[cell]) if k in sheet.money]
        if ks:
            return _price_words(sheet, ks[0], sheet.dom.last[cell])
    titles = {
        k
        for link in record.links
        for k in range(sheet.dom.first[link.node], sheet.dom.last[link.node])
        if len(sheet.dom.texts[k]) > 24
    }
    priced = [
        k for k in range(record.start, record.stop) if k in sheet.money and k not in titles and not _struck(sheet, k)
    ]
    if not priced:
        return None
    hinted = [
        k
        for k in priced
        if "price" in sheet.hints(sheet.dom.owner[k]) | sheet.hints(sheet.dom.parent[sheet.dom.owner[k]])
    ]
    labelled = [k for k in priced if (label := read_label(sheet.dom.texts[k])) and label.field == "price"]
    return _price_words(sheet, (labelled or hinted or priced)[0], record.stop)


def _struck(sheet: Sheet, k: int) -> bool:
    """Whether a price is crossed out: the old one beside the new."""
    return sheet.dom.inside(sheet.dom.owner[k], frozenset({"s", "del", "strike"})) is not None


def _price_words(sheet: Sheet, k: int, stop: int) -> str:
    """The price with what stands beside it on its line, so that other currencies are kept."""
    dom = sheet.dom
    end = k + 1
    while end < stop and end - k < 6 and (end in sheet.money or dom.glue[end] != "\n") and len(dom.texts[end]) < 40:
        end += 1
    while end - 1 > k and not sheet.priced(end - 1):
        end -= 1
    start = k
    if k > 0 and dom.glue[k] != "\n" and len(dom.texts[k - 1]) <= 5 and not dom.texts[k - 1].isdigit():
        start = k - 1
    return lowest_of(sheet.words(start, end)[:200])


def _vendor(sheet: Sheet, record: Record, columns: dict[int, str]) -> str | None:
    dom = sheet.dom
    cell = _cell_of(sheet, record, columns, "vendor")
    if cell is not None and dom.last[cell] > dom.first[cell]:
        link = next(
            (node for node in range(cell, dom.end[cell]) if dom.tag[node] == "a" and dom.last[node] > dom.first[node]),
            None,
        )
        return (
            dom.line(link if link is not None else cell)[:80] if link is not None else dom.texts[dom.first[cell]][:80]
        )
    own = {link.node for link in record.links}
    for node in range(record.node, record.stop_node):
        if dom.tag[node] == "a" and node not in own and dom.last[node] > dom.first[node]:
            url = resolve(sheet.url, dom.attrs[node].get("href", ""))
            if url and url != record.url and _leads_to_vendor(sheet, url) and not is_never(url, ""):
                return name_in_link(sheet, node)[:80]
    return _labelled_vendor(sheet, record)


def _leads_to_vendor(sheet: Sheet, url: str) -> bool:
    return sheet.kind_of(shape_of(url)) == "vendor"


def _with_sellers(sheet: Sheet, records: list[Record], cards: list[RawCard]) -> list[RawCard]:
    """The cards with their vendors where no word names one, but each has exactly one other link, of one shape."""
    if len(cards) < _FEWEST_SELLERS or any(card.vendor for card in cards):
        return cards
    others = [_other_links(sheet, record) for record in records]
    shapes = {shape for links in others for shape, _ in links}
    if len(shapes) != 1 or any(len(links) != 1 for links in others):
        return cards
    names = [links[0][1] for links in others]
    if len({fold(name) for name in names}) < 2 or any(map(_is_no_name, names)):
        return cards
    return [dataclasses.replace(card, vendor=name) for card, name in zip(cards, names, strict=True)]


def _with_known_sellers(sheet: Sheet, records: list[Record], cards: list[RawCard]) -> list[RawCard]:
    """The cards with the vendors named in them whom the site, or a list on this page, is known to have."""
    if any(card.vendor for card in cards):
        return cards
    if sheet.linked_sellers is None:
        sheet.linked_sellers = _linked_sellers(sheet)
    known = sheet.sellers | sheet.linked_sellers
    named = [
        next((name for name in _pieces(sheet, record) if fold(name[:_WIDEST]) in known), None)
        for record in (records if known else ())
    ]
    if sum(name is not None for name in named) * 2 <= len(cards):
        return cards
    return [
        dataclasses.replace(card, vendor=name, title=_without(card.title, name))
        for card, name in zip(cards, named, strict=True)
    ]


def _without(title: str, name: str | None) -> str:
    """The title of a card in one line without the vendor's name at its end."""
    cut = title.removesuffix(name).rstrip() if name else title
    return cut.rstrip(_EDGES_OF_TITLE) if cut[-1:] in tuple(_EDGES_OF_TITLE) and cut != title else title


def _pieces(sheet: Sheet, record: Record) -> Iterator[str]:
    """The texts of a record, those of a card in one line piece by piece."""
    for k in range(record.start, record.stop):
        text = sheet.dom.texts[k]
        yield text
        if k in sheet.money and len(text) <= _LONGEST_TITLE and len(pieces := _BETWEEN.split(text)) > 1:
            yield from pieces


def _linked_sellers(sheet: Sheet) -> frozenset[str]:
    """The folded words of the page's links to vendors, outside of the cards."""
    found = set()
    for node in sheet.dom.links[:_MOST_LINKS]:
        url = resolve(sheet.url, sheet.dom.attrs[node].get("href", ""))
        if url and _leads_to_vendor(sheet, url) and not is_never(url, ""):
            found.add(fold(name_in_link(sheet, node)[:_WIDEST]))
    return frozenset(name for name in found if len(name) > 1 and not is_all_generic(name))


def _is_no_name(text: str) -> bool:
    return not _LETTERS.search(text) or len(text) > _LONGEST_SELLER or read_label(text) is not None


def _other_links(sheet: Sheet, record: Record) -> list[tuple[str, str]]:
    """Shape and words of the links of a record that lead neither to its offer nor to a list, and do not act."""
    dom, found = sheet.dom, {}
    for node in range(record.node, record.stop_node):
        text = dom.line(node) if dom.tag[node] == "a" else ""
        url = resolve(sheet.url, dom.attrs[node].get("href", "")) if text else None
        if url is None or url == record.url or is_never(url, text) or is_permutation(url):
            continue
        shape = shape_of(url)
        if sheet.shapes.get(shape.text) != "category" and kind_by_words(shape) in (None, "vendor") and shape.tail:
            found[url] = (shape.text, text)
    return list(found.values())


def _labelled_vendor(sheet: Sheet, record: Record) -> str | None:
    dom = sheet.dom
    said = sheet.tipped("vendor")
    at = bisect_left(said, record.start)
    if at < len(said) and said[at] < record.stop:
        return dom.texts[said[at]][:80]
    named = {k for link in record.links for k in range(dom.first[link.node], dom.last[link.node])}
    named = named if len(named) == len(record.links) else set()  # links that hold the title and nothing else
    for k in range(record.start, record.stop):
        label = read_label(dom.texts[k]) if len(dom.texts[k]) < 100 else None
        if label is None or label.field != "vendor" or k in named:
            continue
        if label.value and k not in sheet.money:
            return None if "**" in label.value else label.value[:80]
        if k + 1 < record.stop and k + 1 not in sheet.money and not read_label(dom.texts[k + 1]):
            return dom.texts[k + 1][:80]
    hinted = next(
        (
            node
            for node in range(record.node, record.stop_node)
            if "vendor" in sheet.hints(node) and dom.last[node] - dom.first[node] == 1
        ),
        None,
    )
    return dom.line(hinted)[:80] if hinted is not None else _reputed(sheet, record)


def _reputed(sheet: Sheet, record: Record) -> str | None:
    """The name before the figures of a reputation on its line: "heron 4.5★", "heron ★ 4.92 (543)"."""
    dom = sheet.dom
    for k in range(record.start, record.stop - 1):
        if dom.glue[k + 1] == "\n" or not _REPUTE.match(dom.texts[k + 1]):
            continue
        plain = 1 < len(dom.texts[k]) <= _LONGEST_SELLER and k not in sheet.money and _LETTERS.search(dom.texts[k])
        if plain and not read_label(dom.texts[k]):
            return dom.texts[k]
    return None
