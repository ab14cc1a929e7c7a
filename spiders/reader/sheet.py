"""A page with what later steps ask of it again and again: money, labels, headings, regions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice

from crawler.model.money import MoneyMatch, currency_of, find_money
from spiders.reader.dom import Dom
from spiders.reader.urls import Shape, kind_by_words, own_host
from spiders.reader.vocabulary import class_hints, fold_label, labels

_LONGEST_LABEL = 48
_LONGEST_LINE = 160
COLONS = re.compile(r"\s*[.…_]{2,60}\s*[:：]?\s*|\s*[:：]\s*|\s+[-–—]\s+|\s*=\s*|\s+[➜➔➝⇨⟶]\s+|\s+→\s+(?=\d)")
BESIDE_OFFER = ("cards", "reviews", "description", "terms", "seller")
"""The regions whose words are not of the offer's own facts."""
_DIGIT = re.compile(r"\d")
_LAST_LETTER_OR_SIGN = "\u2300"
_ICONS = re.compile(r"(?:[\u2300-\u23ff\u2600-\u2604\u2607-\u27bf\u2b00-\u2b4f\U0001f000-\U0001faff]\ufe0f?){1,4}\s?")
"""Pictures before a label; stars are left, they rate."""
_RANGE = re.compile(
    r"([^\d\s]{0,4})\s?(\d[\d\s.,]{0,14}?)\s?([^\d\s.,–—-]{0,4})\s?[-–—]\s?[^\d\s]{0,4}\s?\d[\d\s.,]{0,14}?\s?([^\d\s]{0,5})"
)
_COUNTED = re.compile(r"[(\[]?\s*(\d[\d\s.,  ]{0,12}[kк+]?\+?)\s*([^\d()\[\]:]{2,30}?)\s*[)\]]?$", re.IGNORECASE)
_LISTED = re.compile(r"\s[·•|]\s")
_TRAILING_COUNT = re.compile(r"\s*[(\[]\s*([\d\s.,]{1,12})\s*[)\]]$")
_TRAILING_NOTE = re.compile(r"\s*[(\[][^\d()\[\]]{1,12}[)\]]\s*[:：]?$")
# What follows a label of these fields without a colon is a figure, or it is no such label.
_FIGURES = frozenset({"price", "rating", "stock", "sales"})
_BEGINS_FIGURE = re.compile(r"[^\w\s]{0,3}\d|[A-Z]{3}$")
_LONGEST_PRICED = 400
_MOST_PRICED = 4_000
_MOST_LINKS = 3_000
_LONGEST_NAMES = 200
_LONGEST_CURRENCY = 8
_LONGEST_FILE = 40
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "legend", "summary", "caption"})
_MOST_BESIDE = 12
_MOST_TIPS = 2_000
_NO_TIPS = frozenset({"a", "button", "input", "select", "textarea", "form", "th", "body", "html"})
_NO_LABEL_HERE = frozenset({"a", "button", "h1"})


@dataclass(frozen=True, slots=True)
class Label:
    """What a label announces: its field, other fields it may mean, and the value when it stands in the same words."""

    field: str
    also: tuple[str, ...]
    value: str | None
    how: str  # exact, inline, prefix or suffix
    colon: bool


@dataclass(slots=True)
class Hit:
    """A label at text ``k`` of a page."""

    k: int
    label: Label
    part: bool = False


@lru_cache(maxsize=40_000)
def read_label(text: str) -> Label | None:
    """The label a short text is, or begins with, or ends in after a number; None for any other text."""
    words = labels()
    if text and text[0] > _LAST_LETTER_OR_SIGN:
        text = _ICONS.sub("", text) or text
    folded = fold_label(text)
    fields = words.exact.get(folded) if len(folded) <= _LONGEST_LABEL else None
    if fields:
        return Label(fields[0], fields[1:], None, "exact", text.rstrip()[-1:] in ":：")
    joint = joint_fields(text) if "/" in text and len(folded) <= _LONGEST_LABEL else ()
    if joint:
        return Label(joint[0], (), None, "exact", text.rstrip()[-1:] in ":：")
    noted = text.rstrip(" :：")[-1:] in (")", "]")
    bare = (_TRAILING_COUNT.search(text) or _TRAILING_NOTE.search(text)) if noted else None
    if bare:
        fields = words.exact.get(fold_label(text[: bare.start()]))
        if fields:
            return Label(fields[0], fields[1:], None, "exact", False)
    return _with_value(text) or _before_value(folded, text) or _counted(text)


@lru_cache(maxsize=8192)
def joint_fields(text: str) -> tuple[str, ...]:
    """The fields of a label that names two things with a slash between them: "Left/Sold"."""
    parts = [fold_label(part) for part in text.split("/")]
    fields = [labels().exact.get(part, ())[:1] for part in parts if part]
    return tuple(field for some in fields for field in some) if len(parts) == len(fields) > 1 and all(fields) else ()


def _with_value(text: str) -> Label | None:
    colon = COLONS.search(text, 0, _LONGEST_LABEL + 4)
    if not colon or not text[colon.end() :].strip():
        return None
    said = text[: colon.start()]
    fields = labels().exact.get(fold_label(said)) or labels().exact.get(fold_label(_TRAILING_NOTE.sub("", said)))
    if not fields:
        return None
    return Label(
        fields[0],
        fields[1:],
        text[colon.end() :].strip(),
        "inline",
        text[colon.start() : colon.end()].strip() in (":", "："),
    )


def _before_value(folded: str, text: str) -> Label | None:
    pieces = text.split()
    for count in (4, 3, 2, 1):
        if len(pieces) > count and len(pieces) <= count + 8:
            found = labels().prefixes.get(fold_label(" ".join(pieces[:count])))
            if found and (found not in _FIGURES or _BEGINS_FIGURE.match(pieces[count])):
                return Label(found, (), " ".join(pieces[count:]), "prefix", False)
        elif len(pieces) == count:
            found = labels().prefixes.get(folded)
            if found:
                return Label(found, (), None, "prefix", False)
    return None


def _counted(text: str) -> Label | None:
    match = _COUNTED.match(text) if len(text) < _LONGEST_LABEL else None
    found = labels().suffixes.get(fold_label(match[2])) if match else None
    return Label(found, (), text, "suffix", False) if found and match else None


@lru_cache(maxsize=8192)
def hints_of(names: str) -> frozenset[str]:
    """The fields the pieces of class and id names hint at."""
    table = class_hints()
    pieces = re.split(r"[\s_\-.:]+|(?<=[a-z])(?=[A-Z])", names[:200])
    return frozenset(found for piece in pieces for found in table.get(piece.lower(), ()))


_NO_HINTS: frozenset[str] = frozenset()


def _hints_at(attrs: dict[str, str]) -> frozenset[str]:
    named, known, item = attrs.get("class"), attrs.get("id"), attrs.get("itemprop")
    if named is None and known is None and item is None:
        return _NO_HINTS
    return hints_of(" ".join(filter(None, (named, known, item)))[:_LONGEST_NAMES])


def _names_stars(attrs: dict[str, str]) -> bool:
    names = attrs.get("class", "")[:_LONGEST_NAMES] + attrs.get("itemprop", "")[:_LONGEST_NAMES]
    names += attrs["src"][-_LONGEST_FILE:].rpartition("/")[2] if "src" in attrs else ""
    return bool(names) and ("star" in names or "rating" in names or "Star" in names or "Rating" in names)


@dataclass(slots=True)
class Sheet:
    """The page under reading.

    ``regions`` marks texts by name ("cards", "reviews", "description"), ``frame`` the texts that a template knows
    from other types of pages of the site, ``shapes`` the address shapes it knows with the page type each leads to,
    ``marks`` where sections are announced, once they were looked for; ``tips`` what icons and elements say when one
    points at them, with the range of texts each is said of; ``beside`` whether the cards are beside the
    point of the page; ``drawn`` the ratings found below elements, ``stated`` what
    stands behind labels, ``listed`` what lines of several facts say, ``named`` where short
    texts stand by the name each may be, each once it was looked for.
    """

    dom: Dom
    url: str | None = None
    hits: list[Hit] = field(default_factory=list)
    tips: list[tuple[str, int, int]] = field(default_factory=list)
    money: dict[int, tuple[MoneyMatch, ...]] = field(default_factory=dict)
    regions: dict[str, bytearray] = field(default_factory=dict)
    frame: frozenset[int] = frozenset()
    shapes: Mapping[str, str] = field(default_factory=dict)
    host: str = ""
    marks: list[tuple[int, str]] | None = None
    beside: bool = False
    drawn: dict[int, str | None] = field(default_factory=dict)
    stated: list[tuple[int, str, str]] | None = None
    listed: dict[str, str] | None = None
    named: dict[str, int] | None = None
    _hints: list[frozenset[str]] = field(default_factory=list)
    sellers: frozenset[str] = frozenset()
    linked_sellers: frozenset[str] | None = None
    _buttons: frozenset[int] | None = None
    _stars: list[int] | None = None
    _tipped: dict[str, list[int]] | None = None

    def hints(self, node: int) -> frozenset[str]:
        """The fields the node's class, id and microdata names hint at."""
        if not self._hints:
            self._hints = [_hints_at(attrs) if attrs else _NO_HINTS for attrs in self.dom.attrs]
        return self._hints[node]

    def chrome(self, k: int) -> int:
        """How surely the text belongs to the frame of the site: 2 header, footer or menu; 1 side bar; 0 content."""
        owner = self.dom.owner
        return self.dom.chrome[owner[k]] if k < len(owner) else 0

    def buttons(self) -> frozenset[int]:
        """The texts that are words of a button to order with."""
        if self._buttons is None:
            words = labels().buttons
            short = ((k, text) for k, text in enumerate(self.dom.texts) if len(text) < _LONGEST_LABEL)
            self._buttons = frozenset(k for k, text in short if fold_label(text.strip("[](){}<> ")) in words)
        return self._buttons

    def tipped(self, name: str) -> list[int]:
        """Where the texts begin of which an icon says that they are of this field, in reading order."""
        if self._tipped is None:
            self._tipped = {}
            for said, start, _ in self.tips:
                label = tip_label(said)
                if label:
                    self._tipped.setdefault(label.field, []).append(start)
        return self._tipped.get(name, [])

    def stars(self) -> list[int]:
        """The elements whose class says that they draw a rating, in reading order."""
        if self._stars is None:
            self._stars = [node for node, attrs in enumerate(self.dom.attrs) if attrs and _names_stars(attrs)]
        return self._stars

    def kind_of(self, shape: Shape) -> str | None:
        """What an address of this shape leads to, as the site taught or else its words say; None when neither tells."""
        return self.shapes.get(shape.text) or kind_by_words(shape)

    def words(self, start: int, stop: int) -> str:
        """The texts as one line, with a space between amounts that only their boxes keep apart."""
        dom, parts = self.dom, []
        for k in range(start, stop):
            touching = not dom.glue[k] and k in self.money and k - 1 in self.money and k > start
            parts.append((" " if touching else dom.glue[k]) if k > start else "")
            parts.append(dom.texts[k])
        return " ".join("".join(parts).split())

    def priced(self, k: int) -> bool:
        """Whether text ``k`` is money, or the currency of the amount before it in an element of its own."""
        if k in self.money:
            return True
        text = self.dom.texts[k]
        return k - 1 in self.money and len(text) < _LONGEST_CURRENCY and currency_of(text.strip(" .")) is not None

    def framed(self, k: int) -> bool:
        """Whether the text belongs to the frame of the site, by its markup or as a template knows."""
        return self.chrome(k) == 2 or k in self.frame

    def within(self, name: str, k: int) -> bool:
        """Whether text ``k`` lies in a region of this name."""
        region = self.regions.get(name)
        return region is not None and k < len(region) and region[k] == 1

    def within_any(self, names: Iterable[str], k: int) -> bool:
        """Whether text ``k`` lies in a region of one of these names."""
        return any(self.within(name, k) for name in names)

    def mark(self, name: str, start: int, stop: int) -> None:
        """Adds a text range to a region."""
        region = self.regions.setdefault(name, bytearray(len(self.dom.texts)))
        region[start:stop] = b"\1" * (min(stop, len(region)) - start)

    def headings(self) -> Iterator[int]:
        """Heading elements in reading order."""
        return (
            node
            for node, tag in enumerate(self.dom.tag)
            if tag in _HEADINGS and self.dom.last[node] > self.dom.first[node]
        )


def lay_out(dom: Dom, url: str | None) -> Sheet:
    """A sheet with labels and money found."""
    sheet = Sheet(dom, url)
    sheet.tips = list(islice(_tips(dom), _MOST_TIPS))
    sheet.host = own_host((dom.attrs[node]["href"].strip() for node in dom.links[:_MOST_LINKS]), url)
    texts, owner, tag = dom.texts, dom.owner, dom.tag
    for k, text in enumerate(texts):
        length = len(text)
        if length <= _LONGEST_LINE and (tag[owner[k]] not in _NO_LABEL_HERE or text[-1] in ":："):
            label = read_label(text)
            if label:
                sheet.hits.append(Hit(k, label))
            elif _LISTED.search(text):
                sheet.hits.extend(_parts(k, text))
        if length <= _LONGEST_PRICED and _DIGIT.search(text) and len(sheet.money) < _MOST_PRICED:
            found = _prices(dom, k, text)
            if found:
                sheet.money[k] = found
    return sheet


def tip_label(said: str) -> Label | None:
    """The label that the words of an icon are, and nothing more."""
    label = read_label(said)
    return label if label and label.how == "exact" else None


def _tips(dom: Dom) -> Iterator[tuple[str, int, int]]:
    for node, attrs in enumerate(dom.attrs):
        said = (attrs.get("title") or attrs.get("aria-label") or attrs.get("alt")) if attrs else None
        if not said or len(said) > _LONGEST_LABEL or dom.tag[node] in _NO_TIPS:
            continue
        start, stop = dom.first[node], dom.last[node]
        stop = _end_beside(dom, node) if start == stop else stop
        if start < stop:
            yield said, start, stop


def _end_beside(dom: Dom, icon: int) -> int:
    """Where the line ends that begins with an icon, inside the box of both."""
    start, box = dom.first[icon], dom.parent[icon]
    stop = start
    while stop < dom.last[box] and stop - start < _MOST_BESIDE and (stop == start or dom.glue[stop] != "\n"):
        stop += 1
    return stop


def _parts(k: int, text: str) -> list[Hit]:
    """Labels in a line of several facts: "Joined 2019 · 75 sales"."""
    found = (read_label(part.strip()) for part in _LISTED.split(text)[:8])
    return [Hit(k, label, part=True) for label in found if label and label.value]


def _prices(dom: Dom, k: int, text: str) -> tuple[MoneyMatch, ...]:
    found = _money_in(text)
    if not found and len(text) < 20:
        return _split_price(dom, k, text)
    if len(found) > 1 and "=" in text:
        return ()  # a line of exchange rates
    return found


def lowest_of(text: str) -> str:
    """A range of prices, "5 - 20 USD", as its lower end with the currency; any other text as it is."""
    match = _RANGE.fullmatch(text.strip())
    if match is None:
        return text
    low, unit = match[2].strip(), (match[1] or match[3] or match[4]).strip()
    return f"{unit}{low}" if match[1] else f"{low} {unit}"


@lru_cache(maxsize=8192)
def _money_in(text: str) -> tuple[MoneyMatch, ...]:
    return tuple(match for match in find_money(text) if match.amount)


def _split_price(dom: Dom, k: int, text: str) -> tuple[MoneyMatch, ...]:
    """Money whose amount and currency stand in neighbouring elements of one line."""
    for before, after in ((k, k + 1), (k - 1, k)):
        if before < 0 or after >= len(dom.texts) or dom.glue[after] == "\n":
            continue
        other = dom.texts[after if before == k else before]
        if len(other) <= 12 and not _DIGIT.search(other):
            found = _money_in(dom.texts[before] + dom.glue[after] + dom.texts[after])
            if found:
                return found
    return ()
