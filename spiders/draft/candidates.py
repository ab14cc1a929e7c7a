"""The selectors that could find an element: by its name, by what stands around it, by the label before it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from lxml import etree

from spiders.reader.dom import even

_PLAIN = re.compile(r"[a-zA-Z_-]{2,40}")
_STEADY_TAGS = frozenset({"h1", "h2", "h3", "h4", "pre", "dl", "center"})
_ROW_TAGS = frozenset({"tr", "li", "p", "div", "td", "dd", "dt", "span", "label"})
_LABEL = re.compile(r"[^\W\d_][^\d\"'\\()\[\]{}<>=]{0,38}[^\W\d_]")
_UNSAID = frozenset({"script", "style", "html", "body", "head", "title", "select", "option"})
_MOST_ELEMENTS = 4_000
_MOST_LEVELS = 4
_LABEL_LEVELS = 2


def elements(root: etree._Element) -> Iterator[etree._Element]:
    """The elements of a page that may hold a field, to a bound."""
    for element in islice(root.iter(etree.Element), _MOST_ELEMENTS):
        if element.tag not in _UNSAID:
            yield element


def text_of(element: etree._Element) -> str:
    """The text of an element as a reader sees it, white space evened out."""
    return even("".join(map(str, element.itertext())))


def own_steps(element: etree._Element) -> Iterator[str]:
    """The simple selectors an element answers to by its id, classes and item property."""
    named = element.get("id")
    if named and _PLAIN.fullmatch(named):
        yield f"{element.tag}#{named}"
    for word in (element.get("class") or "").split()[:6]:
        if _PLAIN.fullmatch(word):
            yield f"{element.tag}.{word}"
    prop = element.get("itemprop")
    if prop and _PLAIN.fullmatch(prop):
        yield f'{element.tag}[itemprop="{prop}"]'


def nested_steps(element: etree._Element) -> Iterator[str]:
    """The element by its tag and those of what it lies in, for pages without names: ``section > form > label``."""
    above = element.getparent()
    if above is not None and above.tag != "html":
        yield f"{above.tag} > {element.tag}"
        outer = above.getparent()
        if outer is not None and outer.tag != "html":
            yield f"{outer.tag} > {above.tag} > {element.tag}"


def placed_selectors(element: etree._Element) -> Iterator[str]:
    """Selectors for the element, from the plainest to those that name what stands around it."""
    own = [*own_steps(element), str(element.tag)]
    place = _place(element)
    yield from (step for step in own if step != element.tag or element.tag in _STEADY_TAGS)
    above, levels = element.getparent(), 0
    while above is not None and levels < _MOST_LEVELS:
        for outer in own_steps(above):
            for inner in own:
                yield f"{outer} > {inner}" if levels == 0 else f"{outer} {inner}"
            if place:
                yield f"{outer} > {place}" if levels == 0 else f"{outer} {place}"
        above, levels = above.getparent(), levels + 1


def own_texts(element: etree._Element) -> Iterator[str]:
    """The texts that stand in an element itself, not in one of those within it."""
    for text in (element.text, *(child.tail for child in element)):
        if text and (shown := even(text)):
            yield shown


def text_selectors(element: etree._Element, text: str, value: str) -> Iterator[str]:
    """Selectors for a text that stands in the element itself: the value alone, or behind its label."""
    if text == value:
        yield from (f"{css}::text" for css in placed_selectors(element))
        return
    label = label_of(text.removesuffix(value))
    if label:
        for step in [*own_steps(element), str(element.tag)]:
            yield f"{step}::text => {_behind(label)}"


def labelled_selectors(element: etree._Element) -> Iterator[str]:
    """Selectors for the element by the words of the element that stands before it, or before one it lies in."""
    inner = ""
    for _ in range(_LABEL_LEVELS):
        before, above = element.getprevious(), element.getparent()
        if before is not None and isinstance(before.tag, str):
            if label := label_of(text_of(before)):
                yield f'{before.tag}:contains("{label}") + {element.tag}{inner}'
            return
        if before is not None or above is None or above.tag in _UNSAID:
            return
        inner, element = f" {element.tag}{inner}", above


def row_selectors(element: etree._Element, text: str, value: str) -> Iterator[str]:
    """Selectors for a row that holds a label, then the value and nothing else: the value is taken behind the label."""
    label = label_of(text.removesuffix(value))
    if label and element.tag in _ROW_TAGS:
        for step in [*own_steps(element), str(element.tag)]:
            yield f"{step} => {_behind(label)}"


def _behind(label: str) -> str:
    escaped = re.escape(label).replace("\\ ", " ")
    return f"^{escaped}[:\\s]*(.+)$"


def label_of(text: str) -> str | None:
    """The words of a label without what ends it; None for a text that is none."""
    bare = text.rstrip(" :=-–—.·|\u00a0")
    return bare if _LABEL.fullmatch(bare) else None


def _place(element: etree._Element) -> str | None:
    parent = element.getparent()
    same = [each for each in parent if each.tag == element.tag] if parent is not None else []
    return f"{element.tag}:nth-of-type({same.index(element) + 1})" if 1 < len(same) < 30 else None
