"""What the pages of a site are by its structure alone, whatever its words.

A page that a card of another page leads to, and that says the card's title and price again, is that card's listing. A
page whose offers other pages say to be of one vendor, and that says this vendor's name outside of its cards, is the
vendor's page.
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from crawler.model.money import find_money
from crawler.model.page import PageType
from crawler.model.words import RawCard
from spiders.reader.notes import Lead, Note
from spiders.reader.sheet import read_label
from spiders.reader.urls import is_never, kind_by_words, shape_of
from spiders.reader.vocabulary import fold

_SURE = 0.9
_STATED = 1.0  # by a profile
_LEAST_TITLE = 6
_LONGEST_PRICE = 80
_FIGURES = re.compile(r"\d(?:[\d\s.,]*\d)?")
_MOST_OWN_CARDS = 5  # with more, a page that a card leads to may be a list of its own
_MOST_LED = 12
_FEWEST_LISTINGS = 4
_SHARE_OF_OWNED = 0.9
_SHARE_OF_OWNERS = 0.7
_SHARE_OF_MENU = 0.4
_SHARE_OF_STEADY = 0.8
_LONGEST_NAME = 40
_FEWEST_SELLERS = 2
_FEWEST_OFFERS = 2
_HELD_BY_WORDS = (PageType.GATE.value, PageType.VENDOR.value)
_NO_VENDORS = (PageType.GATE.value, PageType.LISTING.value)


def with_leads(notes: Iterable[Note]) -> list[Note]:
    """The notes, each with the type that the rest of the site says its page is, where it says so clearly."""
    notes = list(notes)
    cards = _Cards(notes)
    notes = _with_owners([_led(note, cards.lead(note)) for note in notes])
    vendors = _Vendors(notes)
    return [note if note.kind == PageType.LISTING.value else _led(note, vendors.lead(note)) for note in notes]


def _led(note: Note, lead: Lead | None) -> Note:
    if lead is None or note.sure >= _STATED:
        return note
    return dataclasses.replace(note, kind=lead.page_type, sure=max(note.sure, _SURE), lead=lead)


class _Cards:
    """The cards of a site, by the page they lead to and by the title they state."""

    def __init__(self, notes: list[Note]) -> None:
        self._by_url: dict[str, list[tuple[Note, RawCard]]] = defaultdict(list)
        self._by_title: dict[str, list[tuple[Note, RawCard]]] = defaultdict(list)
        for note in notes:
            for card in note.raw.cards:
                if card.price:
                    self._by_url[card.url].append((note, card))
                    self._by_title[fold(card.title)].append((note, card))

    def lead(self, note: Note) -> Lead | None:
        """What the cards that lead to a page say of it; None where none does, or the page says nothing of it again."""
        if note.kind in _HELD_BY_WORDS or len(note.raw.cards) > _MOST_OWN_CARDS:
            return None
        own = {fold(card.title) for card in note.raw.cards}
        found = self._by_url.get(note.url, []) if note.url else self._titled(note)
        led = {
            fold(card.title): card
            for other, card in reversed(found)
            if other is not note and fold(card.title) in note.where and fold(card.title) not in own
        }
        if len(led) > _MOST_LED:
            return None  # a list
        priced = [(card, price) for card in led.values() if (price := _price_on(note, card))]
        if len(priced) != 1:
            return None
        card, price = priced[0]
        vendor = card.vendor if card.vendor and fold(card.vendor) in note.where else None
        return Lead(page_type=PageType.LISTING.value, title=card.title, vendor=vendor, price=price)

    def _titled(self, note: Note) -> list[tuple[Note, RawCard]]:
        """The cards whose title a page without an address says, as far as it does not link to their offer itself."""
        titles = [text for text in note.where if len(text) >= _LEAST_TITLE and text in self._by_title]
        found = [led for text in titles for led in self._by_title[text]]
        linked = {url for _, url, _ in note.links}
        return [(other, card) for other, card in found if card.url not in linked]


def _price_on(note: Note, card: RawCard) -> str | None:
    """The shortest text of a page that says the price of a card again, folded."""
    money = next(iter(find_money(card.price or "")), None)
    figures = _FIGURES.search(fold(card.price or ""), money.start if money else 0)
    if money is None or figures is None:
        return None
    stated = [text for text in note.where if len(text) <= _LONGEST_PRICE and figures[0] in text]
    return min((text for text in stated if find_money(text)), key=len, default=None)


def _with_owners(notes: list[Note]) -> list[Note]:
    """The notes, the listings that name no vendor with the words of the one link that leads to whose offer it is.

    Such a link stands at one place of nearly all listings, leads to few pages for many listings, and is in no menu.
    """
    listings = [note for note in notes if note.kind == PageType.LISTING.value]
    unnamed = [note for note in listings if not _names_vendor(note)]
    if len(unnamed) < max(_FEWEST_LISTINGS, len(listings) * _SHARE_OF_OWNED):
        return notes
    counts = Counter(url for note in notes for url in {url for _, url, _ in note.links})
    menu = {url for url, count in counts.items() if count > len(notes) * _SHARE_OF_MENU}
    said = Counter(text for note in listings for text in {text for _, _, text in note.links})
    steady = {text for text, count in said.items() if count >= len(listings) * _SHARE_OF_STEADY}
    owners = [_single(note, menu, steady) for note in listings]
    places = [place for place in {place for found in owners for place in found} if _leads_to_owners(place, owners)]
    if len(places) != 1:
        return notes
    named = {id(note): found[places[0]] for note, found in zip(listings, owners, strict=True) if places[0] in found}
    return [_owned(note, *named[id(note)]) if id(note) in named else note for note in notes]


def _names_vendor(note: Note) -> bool:
    listing = note.raw.listing
    return (listing is not None and listing.vendor is not None) or (
        note.lead is not None and note.lead.vendor is not None
    )


def _single(note: Note, menu: set[str], steady: set[str]) -> dict[int, tuple[str, str]]:
    """The places of a page that hold one link of its own, with the address and words of the link."""
    own = {card.url for card in note.raw.cards} | {note.url}
    found: dict[int, set[tuple[str, str]]] = defaultdict(set)
    for place, url, text in note.links:
        if not (url in menu or url in own or text in steady) and _may_name(url, text):
            found[place].add((url, text))
    return {place: next(iter(links)) for place, links in found.items() if len(links) == 1}


def _may_name(url: str, text: str) -> bool:
    named = 1 < len(text) <= _LONGEST_NAME and any(map(str.isalpha, text)) and read_label(text) is None
    return named and not is_never(url, text) and kind_by_words(shape_of(url)) in (None, "vendor")


def _leads_to_owners(place: int, owners: list[dict[int, tuple[str, str]]]) -> bool:
    links = [found[place] for found in owners if place in found]
    addresses, names = {url for url, _ in links}, {fold(text) for _, text in links}
    few = _FEWEST_SELLERS <= len(addresses) == len(names) <= len(links) * _SHARE_OF_OWNERS
    return few and len(links) >= len(owners) * _SHARE_OF_OWNED


def _owned(note: Note, address: str, name: str) -> Note:
    lead = note.lead or Lead(page_type=PageType.LISTING.value)
    sellers = note.sellers | {address}
    return dataclasses.replace(note, lead=dataclasses.replace(lead, vendor=name), sellers=sellers)


class _Vendors:
    """The vendors of a site: whose each offer is, where cards name them, and what addresses their names lead to."""

    def __init__(self, notes: list[Note]) -> None:
        self._seller: dict[str, str] = {}
        self._places: set[int] = set()
        self._addresses: set[str] = set()
        names: set[str] = set()
        for note in notes:
            self._addresses |= note.sellers
            named = {fold(card.vendor) for card in note.raw.cards if card.vendor}
            names |= named
            self._seller |= {card.url: card.vendor for card in note.raw.cards if card.vendor}
            if note.lead and note.lead.vendor:
                names.add(fold(note.lead.vendor))
                self._seller |= {key: note.lead.vendor for key in (note.url, note.lead.title) if key}
            if len(named) >= _FEWEST_SELLERS:
                self._places.update(place for name in named for place in note.where.get(name, ()))
        self._are_several = len(names) >= _FEWEST_SELLERS

    def lead(self, note: Note) -> Lead | None:
        """The one vendor whose page this is: all offers on it are known to be the vendor's, whose name heads it."""
        if not self._are_several or note.kind in _NO_VENDORS or (note.url and note.url not in self._addresses):
            return None
        sellers = self._sellers_on(note)
        if len(sellers) != 1:
            return None
        folded, name = next(iter(sellers.items()))
        heads = [place for place in note.where.get(folded, ()) if place not in self._places]
        return Lead(page_type=PageType.VENDOR.value, vendor=name) if heads else None

    def _sellers_on(self, note: Note) -> Mapping[str, str]:
        named = [card.vendor or self._seller.get(card.url, self._seller.get(card.title)) for card in note.raw.cards]
        known = [name for name in named if name]
        return {fold(name): name for name in known} if len(known) >= _FEWEST_OFFERS else {}
