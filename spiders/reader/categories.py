"""The category a listing stands in: what a label says, the breadcrumb, or a name the site's own menu lists."""

from __future__ import annotations

import re
from collections import defaultdict

from crawler.model.words import Words
from spiders.reader.dom import Dom
from spiders.reader.facts import Facts, words_of
from spiders.reader.links import Link
from spiders.reader.pairs import Pair
from spiders.reader.sheet import BESIDE_OFFER, Sheet
from spiders.reader.trails import find_breadcrumb, written_trail
from spiders.reader.vocabulary import fold, fold_label, labels

_STEPS = re.compile(r"\s*(?:[>»›→|]|::|\s/\s|\\)\s*")
_COUNT = re.compile(r"\s*[(\[]?\d[\d\s.,]{0,9}[)\]]?$")
_LONGEST_VALUE = 200
_LONGEST_NAME = 60
_MOST_STEPS = 8
_MENU = 4
_NAME_EDGES = " ,;:|/·•>»›<«‹←→"
_MOST_LINKS = 3
_IN = frozenset({"in", "в", "unter", "dans", "у"})


def find_category(
    sheet: Sheet, facts: Facts, links: list[Link], title: Words | None, known: frozenset[str]
) -> tuple[Words, ...]:
    """The path of the category, widest first; ``known`` are the folded names a site's template holds."""
    menu = known | menu_names(sheet, links)
    for pair in facts.all("category", outside="seller"):
        steps = _in_commas(_steps(sheet, pair), menu)
        if steps:
            return tuple(words_of(pair, step) for step in steps[:_MOST_STEPS])
    said = title.text if title else None
    trail = find_breadcrumb(sheet, said) or written_trail(sheet, said)
    if trail:
        return trail
    name = fold(title.text) if title else ""
    found = _named(sheet, menu, name) or _linked(sheet, links) or _hinted(sheet)
    if found:
        return found
    unclear = unclear_names(sheet, links)
    return (
        _in_words(sheet, menu | unclear) or _named(sheet, unclear, name) or _beside_seller(sheet, links, menu | unclear)
    )


def _steps(sheet: Sheet, pair: Pair) -> list[str]:
    dom = sheet.dom
    span = range(pair.start, pair.stop)
    links = {dom.inside(dom.owner[k], frozenset({"a"})) for k in span} - {None}
    menu = pair.how == "below" and any(_is_listed(sheet, link) for link in links if link is not None)
    if len(pair.value) > _LONGEST_VALUE or len(links) > _MOST_LINKS + 1 or sheet.chrome(pair.label_k) or menu:
        return []  # a menu below the heading "Categories"
    text = pair.value
    if len(span) > 1:
        text = " > ".join(dom.texts[k] for k in span if any(letter.isalnum() for letter in dom.texts[k]))
    return [step.strip() for step in _STEPS.split(" ".join(text.split())) if step.strip()]


def _in_words(sheet: Sheet, menu: frozenset[str]) -> tuple[Words, ...]:
    """A path written as one text without links, "Drugs › Benzos", where the menu lists its last step."""
    for k, text in enumerate(sheet.dom.texts):
        if len(text) > _LONGEST_NAME * 2 or sheet.framed(k) or sheet.within_any(BESIDE_OFFER, k):
            continue
        steps = [step.strip() for step in _STEPS.split(text)]
        if 1 < len(steps) <= _MOST_STEPS and all(steps) and bare_name(steps[-1]) in menu:
            return tuple(Words(text=step, rule="words:category", confidence=0.6) for step in steps)
    return ()


def _beside_seller(sheet: Sheet, links: list[Link], menu: frozenset[str]) -> tuple[Words, ...]:
    """A link in the vendor's own line that the menu lists, or that a word announces: "Sold by NAME in Benzos"."""
    dom = sheet.dom
    for link in links:
        k = dom.first[link.node]
        if not sheet.within("seller", k) or not link.shape.tail or not 0 < len(link.text) <= _LONGEST_NAME:
            continue
        if sheet.kind_of(link.shape) in ("vendor", "feedback") or link.text[0] == "@" or link.text.isdigit():
            continue
        if sheet.kind_of(link.shape) == "category" or bare_name(link.text) in menu or _is_announced(sheet, k):
            return (Words(text=link.text, rule="link:category", confidence=0.5),)
    return ()


def _is_announced(sheet: Sheet, k: int) -> bool:
    """Whether the word before a text on its line says that a category follows."""
    words = sheet.dom.texts[k - 1].rstrip(" :：").split() if k and sheet.dom.glue[k] != "\n" else []
    said = fold_label(words[-1]) if words else ""
    return said in _IN or labels().exact.get(said, ())[:1] == ("category",)


def _is_listed(sheet: Sheet, link: int) -> bool:
    """Whether a link is one of several of its make that follow each other."""
    dom, count = sheet.dom, 1
    after = dom.next_sibling(link)
    while after is not None and dom.crc[after] == dom.crc[link] and count < _MENU:
        count, after = count + 1, dom.next_sibling(after)
    return count >= _MENU


def _in_commas(steps: list[str], menu: frozenset[str]) -> list[str]:
    """A path written with commas, "Drugs, Benzos", where the menu lists its last step."""
    parts = [part.strip() for part in steps[0].split(",")] if len(steps) == 1 else []
    return parts if len(parts) > 1 and all(parts) and bare_name(parts[-1]) in menu else steps


def menu_names(sheet: Sheet, links: list[Link]) -> frozenset[str]:
    """The names in the page's own lists of links to categories."""
    return _listed(sheet, [link for link in links if sheet.kind_of(link.shape) == "category"])


def unclear_names(sheet: Sheet, links: list[Link]) -> frozenset[str]:
    """The names in lists of links of one make of which no word tells where they lead."""
    unclear = (link for link in links if link.shape.tail and sheet.kind_of(link.shape) in (None, "listing"))
    return _listed(sheet, [link for link in unclear if not sheet.within("cards", sheet.dom.first[link.node])])


def _listed(sheet: Sheet, links: list[Link]) -> frozenset[str]:
    places: dict[tuple[int, str], list[Link]] = defaultdict(list)
    for link in links:
        if 0 < len(link.text) <= _LONGEST_NAME:
            places[sheet.dom.crc[link.node], sheet.kind_of(link.shape) or link.shape.text].append(link)
    return frozenset(bare_name(link.text) for some in places.values() if len(some) >= _MENU for link in some) - {""}


def bare_name(text: str) -> str:
    """A category's name folded, without the count of its listings."""
    return fold(_COUNT.sub("", text))


def _named(sheet: Sheet, menu: frozenset[str], title: str) -> tuple[Words, ...]:
    """The first texts in the content that the menu lists too, when they are few in a row and no menu themselves."""
    dom = sheet.dom
    found = [
        k
        for k, text in enumerate(dom.texts)
        if len(text) <= _LONGEST_NAME
        and fold(text.strip(_NAME_EDGES)) in menu
        and fold(text) != title
        and not sheet.framed(k)
        and not sheet.within_any(BESIDE_OFFER, k)
    ]
    runs = _runs(dom, found)
    run = next((run for run in runs if len(run) < _MENU and not sheet.chrome(run[0])), None)
    return tuple(Words(text=dom.texts[k].strip(_NAME_EDGES), rule="menu:category", confidence=0.6) for k in run or ())


def _runs(dom: Dom, ks: list[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for k in ks:
        other = runs and len(runs[-1]) >= _MENU and dom.crc[dom.owner[k]] != dom.crc[dom.owner[runs[-1][-1]]]
        if runs and k - runs[-1][-1] <= 2 and not other:
            runs[-1].append(k)
        else:
            runs.append([k])
    return runs


def _linked(sheet: Sheet, links: list[Link]) -> tuple[Words, ...]:
    """The one or two links in the content whose addresses speak of a category."""
    dom = sheet.dom
    some = [
        link
        for link in links
        if sheet.kind_of(link.shape) == "category"
        and link.shape.tail
        and 0 < len(link.text) <= _LONGEST_NAME
        and not dom.chrome[link.node]
        and not sheet.framed(dom.first[link.node])
        and not sheet.within_any(BESIDE_OFFER, dom.first[link.node])
    ]
    if not 0 < len(some) <= _MOST_LINKS - 1:
        return ()
    return tuple(Words(text=link.text, rule="link:category", confidence=0.5) for link in some)


def _hinted(sheet: Sheet) -> tuple[Words, ...]:
    dom = sheet.dom
    for node in range(1, len(dom.tag)):
        k = dom.first[node]
        if "category" not in sheet.hints(node) or dom.last[node] - k != 1 or dom.chrome[node] or sheet.framed(k):
            continue
        if len(dom.texts[k]) <= _LONGEST_NAME and not sheet.within_any(BESIDE_OFFER, k):
            return (Words(text=dom.texts[k], rule="class:category", confidence=0.5),)
    return ()
