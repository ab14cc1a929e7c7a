"""What the pages of one site teach together: the site's own words, its address shapes, where fields stand."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from crawler.model.page import PageType
from crawler.model.reading import Received
from crawler.model.words import RawListing, RawVendor, Words
from spiders.reader.decode import decode
from spiders.reader.dom import Dom, parse
from spiders.reader.notes import Note, note_of
from spiders.reader.read import Reading
from spiders.reader.sellers import clean_name
from spiders.reader.structure import with_leads
from spiders.reader.template import Place, Template
from spiders.reader.urls import kind_by_words, shape_of
from spiders.reader.vocabulary import fold

_FEWEST_PAGES = 4
_SHARE_OF_FRAME = 0.55
_SHARE_OF_ONLY_TYPE = 0.9
_FEWEST_OF_TYPE = 3
_SHARE_OF_SIGN = 0.8
_SURE = 0.62
_SHARE_ELSEWHERE = 0.1
_MOST_SIGNS = 60
_SHARE_OF_SHAPE = 0.75
_VOTES_OF_NAME = 4  # more than a page's own type: a shop front looks like a category
_SHARE_OF_PLACE = 0.75
_SHARE_OF_NTH_PLACE = 0.9
_NEVER_LEFT_OUT = ("title", "vendor", "price", "name")  # what may be missing cannot be counted off
_MOST_FRAME_WORDS = 400
_MOST_SHAPES = 200
_MOST_CATEGORIES = 300
_MOST_SELLERS = 300
_LISTING_FIELDS = ("title", "vendor", "price", "description", "rating", "stock", "ships_from", "ships_to", "sales")
_SHARED_FIELDS = ("vendor", "price", "stock", "ships_from", "ships_to", "delivery", "payment", "escrow", "rating")
_VENDOR_FIELDS = ("name", "joined", "last_seen", "sales", "rating", "level")
_TYPES_WITH_CARDS = (PageType.CATEGORY.value, PageType.OTHER.value, PageType.VENDOR.value)
_MARKET_TYPES = (PageType.LISTING.value, PageType.CATEGORY.value, PageType.VENDOR.value, PageType.FEEDBACK.value)

ReadParsed = Callable[[Dom, Received, Template], Reading]


@dataclass(slots=True)
class Lesson:
    """A page to learn from; ``note`` is there once the page was read after the first lesson, and stands for it."""

    page: Received
    note: Note | None = None


class Lessons:
    """What a site taught so far: each page is noted once, and the template is drawn from all notes.

    Only the first lesson takes two rounds: in the second its pages are read with the first round's template.
    """

    def __init__(self, read: ReadParsed) -> None:
        self._read = read
        self._notes: list[Note] = []
        self.template = Template()

    def note(self, dom: Dom, page: Received, reading: Reading) -> Note | None:
        """What is remembered of a page that was just read; None before the first lesson, which reads its pages anew."""
        return note_of(dom, page, reading, self.template) if self._notes else None

    def learn(self, lessons: Sequence[Lesson]) -> Template:
        """The template after more pages of the site, in the order they came."""
        if not self._notes:
            self.template = _lesson([self._noted(lesson.page) for lesson in lessons])
        self._notes += [lesson.note or self._noted(lesson.page) for lesson in lessons]
        self.template = _lesson(self._notes)
        return self.template

    def end(self) -> None:
        """Forgets the notes: no more pages will come."""
        self._notes.clear()

    def _noted(self, page: Received) -> Note:
        dom = parse(decode(page.body, page.content_type))
        return note_of(dom, page, self._read(dom, page, self.template), self.template)


def _lesson(notes: list[Note]) -> Template:
    content = with_leads(note for note in notes if note.kind != PageType.GATE.value)
    return Template(
        frame=_frame(content),
        title_words=_title_words(content),
        shapes=_shapes(content),
        places=tuple(_places(content)),
        signs=_signs(content),
        title_types=_title_types(content),
        trims=_trims(content),
        categories=_categories(content),
        sellers=_sellers(content),
        pages=len(notes),
    )


def _frame(notes: list[Note]) -> frozenset[str]:
    """Texts at places that pages of different types share; of a site with pages of one type, those nearly all share."""
    by_type: dict[str, list[Note]] = defaultdict(list)
    for note in notes:
        by_type[note.kind].append(note)
    groups = [own for own in by_type.values() if len(own) >= _FEWEST_OF_TYPE]
    if len(notes) < _FEWEST_PAGES or not groups:
        return frozenset()
    share = _SHARE_OF_FRAME if len(groups) > 1 else _SHARE_OF_ONLY_TYPE
    said = _field_values(groups[0]) if len(groups) == 1 else frozenset()
    common = Counter(word for own in groups for word in _shared(own, share) if word.partition(" ")[2] not in said)
    return frozenset(word for word, count in common.most_common(_MOST_FRAME_WORDS) if count >= min(2, len(groups)))


def _field_values(notes: list[Note]) -> frozenset[str]:
    """What the listings state in their fields, folded: a value that all of them share is no furniture of the site."""
    found = (_words_of(note.raw.listing, _SHARED_FIELDS).values() for note in notes if note.raw.listing)
    return frozenset(fold(text) for values in found for text in values)


def _shared(notes: list[Note], share: float) -> Iterable[str]:
    counts = Counter(word for note in notes for word in note.framed)
    return (word for word, count in counts.items() if count >= len(notes) * share)


def _title_words(notes: list[Note]) -> frozenset[str]:
    counts = Counter(part for note in notes for part in note.title_parts)
    least = max(_FEWEST_PAGES, len(notes) * _SHARE_OF_FRAME)
    return frozenset(part for part, count in counts.items() if count >= least)


def _shapes(notes: list[Note]) -> dict[str, str]:
    """Address shapes whose pages, or whose links from cards, are of one kind nearly always."""
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for note in notes:
        if note.url and note.sure >= _SURE:
            votes[shape_of(note.url).text][note.kind] += 3
        for card in note.raw.cards if note.kind in _TYPES_WITH_CARDS else ():
            if card.price or card.vendor:
                votes[shape_of(card.url).text][PageType.LISTING.value] += 1
        for shape in {shape_of(url).text for url in note.sellers}:
            votes[shape][PageType.VENDOR.value] += _VOTES_OF_NAME
    found = {}
    for shape, counts in sorted(votes.items()):
        kind, count = counts.most_common(1)[0]
        enough = count >= _FEWEST_OF_TYPE * 2 or (count >= _FEWEST_OF_TYPE and kind_by_words(shape_of(shape)) == kind)
        if enough and count >= _SHARE_OF_SHAPE * counts.total() and kind in _MARKET_TYPES:
            found[shape] = kind
    return dict(list(found.items())[:_MOST_SHAPES])


def _signs(notes: list[Note]) -> dict[str, tuple[int, ...]]:
    """Places that pages of one type have and others have not."""
    by_type: dict[str, list[Note]] = defaultdict(list)
    for note in notes:
        if note.sure >= _SURE:
            by_type[note.kind].append(note)
    found = {}
    for kind, own in sorted(by_type.items()):
        others = [note for note in notes if note.kind != kind]
        if kind not in _MARKET_TYPES or len(own) < _FEWEST_OF_TYPE or len(others) < _FEWEST_OF_TYPE:
            continue
        mine = Counter(crc for note in own for crc in note.crcs)
        theirs = Counter(crc for note in others for crc in note.crcs)
        signs = [
            crc
            for crc, count in mine.items()
            if count >= len(own) * _SHARE_OF_SIGN and theirs[crc] <= len(others) * _SHARE_ELSEWHERE
        ]
        found[kind] = tuple(sorted(sorted(signs, key=lambda crc: (-mine[crc], crc))[:_MOST_SIGNS]))
    return {kind: signs for kind, signs in found.items() if signs}


def _categories(notes: list[Note]) -> frozenset[str]:
    """The names of categories that links on several pages carry."""
    counts = Counter(name for note in notes for name in note.categories)
    return frozenset(name for name, count in counts.most_common(_MOST_CATEGORIES) if count > 1)


def _sellers(notes: list[Note]) -> frozenset[str]:
    """The names of vendors that listings and pages of their own state, or other pages state for them."""
    unled = [note for note in notes if note.lead is None or note.lead.vendor is None]
    named = [note.raw.listing.vendor for note in unled if note.raw.listing and note.raw.listing.vendor]
    named += [note.raw.vendor.name for note in unled if note.raw.vendor and note.raw.vendor.name]
    counts = Counter(fold(words.text) for words in named)
    counts.update({fold(clean_name(note.lead.vendor)): 2 for note in notes if note.lead and note.lead.vendor})
    return frozenset(name for name, count in counts.most_common(_MOST_SELLERS) if count > 1)


def _title_types(notes: list[Note]) -> dict[str, str]:
    """Parts of the document title that pages of one type share and others lack: "Product details"."""
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for note in notes:
        for part in note.title_parts:
            votes[part][note.kind] += 1
    found = {}
    for part, counts in sorted(votes.items()):
        kind, count = counts.most_common(1)[0]
        if kind in _MARKET_TYPES and count >= _FEWEST_PAGES and count >= counts.total() * _SHARE_OF_SHAPE:
            found[part] = kind
    return found


def _trims(notes: list[Note]) -> dict[str, tuple[str, str]]:
    """The words that all names of vendors, and all titles of listings, begin or end with on their own pages."""
    names = [note.raw.vendor.name.text for note in notes if note.raw.vendor and note.raw.vendor.name]
    titles = [note.raw.listing.title.text for note in notes if note.raw.listing and note.raw.listing.title]
    found = {"vendor.name": _common_ends(names), "listing.title": _common_ends(titles)}
    return {name: ends for name, ends in found.items() if any(ends)}


def _common_ends(texts: list[str]) -> tuple[str, str]:
    distinct = [text.split() for text in sorted(set(texts))]
    if len(distinct) < _FEWEST_PAGES:
        return "", ""
    start = _common_start(distinct)
    stop = _common_start([words[::-1] for words in distinct])
    if any(len(words) <= start + stop for words in distinct):
        return "", ""
    return " ".join(distinct[0][:start]), " ".join(distinct[0][len(distinct[0]) - stop :])


def _common_start(texts: list[list[str]]) -> int:
    count = 0
    while all(len(words) > count for words in texts) and len({words[count] for words in texts}) == 1:
        count += 1
    return count


def _places(notes: list[Note]) -> Iterable[Place]:
    listings = [note for note in notes if note.kind == PageType.LISTING.value]
    yield from _places_of("listing", _LISTING_FIELDS, [(note, _said(note, notes)) for note in listings])
    vendors = [note for note in notes if note.kind == PageType.VENDOR.value]
    stated = [(note, _said_of_vendor(note)) for note in vendors]
    yield from _places_of("vendor", _VENDOR_FIELDS, stated, _of_cards(notes))


def _of_cards(notes: list[Note]) -> frozenset[int]:
    """The places where lists of offers name vendors: no page's own heading."""
    lists = [note for note in notes if note.kind == PageType.CATEGORY.value]
    named = ((note, fold(card.vendor)) for note in lists for card in note.raw.cards if card.vendor)
    return frozenset(place for note, name in named for place in note.where.get(name, ()))


def _said_of_vendor(note: Note) -> dict[str, str]:
    values = _words_of(note.raw.vendor, _VENDOR_FIELDS) if note.raw.vendor else {}
    return values | ({"name": note.lead.vendor} if note.lead and note.lead.vendor else {})


def _words_of(part: RawListing | RawVendor | None, fields: Iterable[str]) -> dict[str, str]:
    found = {name: getattr(part, name) for name in fields}
    return {name: words.text for name, words in found.items() if isinstance(words, Words)}


def _said(note: Note, notes: list[Note]) -> dict[str, str]:
    """What the page says of itself, corrected by the card that leads to it."""
    if note.raw.listing is None:
        led = note.lead
        stated = {"title": led.title, "vendor": led.vendor, "price": led.price} if led else {}
        return {name: text for name, text in stated.items() if text}
    values = _words_of(note.raw.listing, _LISTING_FIELDS)
    if note.lead and note.lead.vendor:
        values.setdefault("vendor", note.lead.vendor)
    for other in notes:
        for card in other.raw.cards if other is not note else ():
            if (note.url is not None and card.url == note.url) or (
                note.url is None and fold(card.title) in note.where and len(card.title) > 8
            ):
                if fold(card.title) in note.where and (note.url is not None or "title" not in values):
                    values["title"] = card.title
                if (
                    card.vendor
                    and fold(card.vendor) in note.where
                    and fold(card.title) == fold(values.get("title", ""))
                ):
                    values["vendor"] = card.vendor
                break
    return values


def _places_of(
    page_type: str,
    fields: Iterable[str],
    notes: list[tuple[Note, dict[str, str]]],
    beside: frozenset[int] = frozenset(),
) -> Iterable[Place]:
    for name in fields:
        stated = [(note, fold(values[name][:300])) for note, values in notes if values.get(name)]
        if len(stated) < _FEWEST_OF_TYPE:
            continue
        right = Counter(
            (crc, nth)
            for note, value in stated
            for crc in set(note.where.get(value, ())) - beside
            if (nth := note.nths[value, crc]) == 0 or name in _NEVER_LEFT_OUT
        )
        found = max(right.items(), key=lambda pair: (pair[1], -pair[0][1], -pair[0][0]), default=None)
        if found is None:
            continue
        (crc, nth), agreed = found
        if agreed >= max(_FEWEST_OF_TYPE, len(stated) * (_SHARE_OF_NTH_PLACE if nth else _SHARE_OF_PLACE)):
            path = next(note.paths[crc] for note, _ in stated if crc in note.paths)
            yield Place(page_type, name, path, crc, agreed, len(stated), nth)
