"""What the cards of a site say of its listings: a page that shows what one card states is that card's listing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import islice

from crawler.model.page import PageType
from crawler.model.words import RawCard
from spiders.draft.candidates import elements, own_texts, text_of
from spiders.draft.found import ReadPage
from spiders.reader.dom import even

_SHORTEST_TITLE = 8
_LONGEST_TITLE = 300
_MOST_CARDS = 2
"""A page with more cards of its own leads to listings and is none."""
_MOST_SHOWN, _SHARE_SHOWN = 6, 0.3
"""A title on more cards, and on a larger share of the pages, is the site's own."""
_FIRST_HEADS = 3
_STATED = ("title", "vendor", "price")


class Cards:
    """The cards of all pages, by the address they lead to and by their title."""

    def __init__(self, pages: Sequence[ReadPage]) -> None:
        self._by_url: dict[str, RawCard] = {}
        self._by_title: defaultdict[str, list[RawCard]] = defaultdict(list)
        frame = _frame(pages)
        for page in pages:
            for card in page.raw.cards:
                title = even(card.title)
                if title not in frame:
                    self._by_url.setdefault(card.url, card)
                    self._by_title[title].append(card)

    def of(self, page: ReadPage) -> RawCard | None:
        """The card of the listing that a page is, None where no card or several speak for it."""
        own = {even(card.title) for card in page.raw.cards} & self._by_title.keys()
        if page.raw.gate is not None or len(own) > _MOST_CARDS:
            return None
        if page.url is not None and page.url in self._by_url:
            return self._by_url[page.url]
        found = (_shown(page) & self._by_title.keys()) - own
        found = {text for text in found if len(text) >= _SHORTEST_TITLE}
        if len(found) != 1:
            return None
        return _merged(self._by_title[found.pop()])

    def agree(self, page: ReadPage) -> None:
        """Notes on the page the words of its card that it shows: its title and, where the page names them, the rest."""
        card = self.of(page)
        if card is None:
            return
        shown = _shown(page)
        said = {name: even(getattr(card, name) or "") for name in _STATED}
        if said["title"] in shown:
            page.stated = {name: text for name, text in said.items() if text and text in shown}
            doubtful = page.raw.page_type in (PageType.OTHER.value, PageType.CATEGORY.value)
            if doubtful and (page.url == card.url or _is_about(page, card)):
                page.kind = PageType.LISTING.value


def _frame(pages: Sequence[ReadPage]) -> frozenset[str]:
    """What looks like cards and stands on too many pages: a menu."""
    counts = Counter(title for page in pages for title in {even(card.title) for card in page.raw.cards})
    return frozenset(title for title, count in counts.items() if count > max(_MOST_SHOWN, len(pages) * _SHARE_SHOWN))


def _is_about(page: ReadPage, card: RawCard) -> bool:
    """Whether the page shows the card's price too, or has its title as the document's or a first heading."""
    if card.price and even(card.price) in text_of(page.root):
        return True
    heads = (text_of(head) for head in islice(page.root.iter("title", "h1", "h2"), _FIRST_HEADS))
    return any(even(card.title) in head for head in heads)


def _shown(page: ReadPage) -> set[str]:
    """The short texts of the page's elements, and those that stand beside other elements."""
    texts = (text for element in elements(page.root) for text in (text_of(element), *own_texts(element)))
    return {text for text in texts if len(text) <= _LONGEST_TITLE}


def _merged(cards: list[RawCard]) -> RawCard:
    """What all cards of one title say alike."""
    vendors, prices = {card.vendor for card in cards}, {card.price for card in cards}
    return RawCard(
        url=cards[0].url,
        title=cards[0].title,
        vendor=cards[0].vendor if len(vendors) == 1 else None,
        price=cards[0].price if len(prices) == 1 else None,
    )
