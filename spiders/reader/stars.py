"""Ratings that are drawn: full and empty stars, a row of them filled to a width, a picture named after its score."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import lru_cache

from spiders.reader.sheet import Sheet

_WIDEST_STARS = 80
_LAYERS = 2
_LONGEST_NAME = 40
_DRAWN = frozenset({"i", "span", "img", "em", "svg", "use"})
_FULL_MARKS = frozenset({"checked", "active", "on", "filled", "full", "selected", "rated"})
_EMPTY = frozenset({"empty", "o", "off", "gray", "grey", "far", "inactive", "none", "dim", "muted"})
_FILLED = re.compile(r"width\s*:\s*(\d{1,3}(?:\.\d{1,2})?)%")
RATIO = re.compile(
    r"(?<![/.-])\b\d{1,3}(?:[.,]\d{1,2})?\s?(?:/|of|из|out of|von|sur|de|su|dan)\s?(?:5|10|100)(?:[.,]0{1,2})?\b"
    r"(?![/.-]\d)"
    r"|\b\d{1,3}(?:[.,]\d{1,2})?\s?%"
)
SMALL_NUMBER = re.compile(r"[+]?\d{1,2}(?:[.,]\d{1,2})?")
_STARRED = re.compile(
    r"\b([0-5](?:[._][0-9]{1,2})?)[\s_-]?(?:stars?|зв[её]зд[а-я]*|sterne?n?)\b"
    r"|(?:stars?|rating)[\s_-]?([0-5](?:[._][0-9])?)\b",
    re.IGNORECASE,
)


def drawn_rating(sheet: Sheet, node: int) -> str | None:
    """The rating that stars below a node draw: as their title says, by full and empty icons, or by a width."""
    known = sheet.drawn
    if node not in known:
        known[node] = _drawn_rating(sheet, node)
    return known[node]


def _drawn_rating(sheet: Sheet, node: int) -> str | None:
    dom = sheet.dom
    stars = sheet.stars()
    first = bisect_left(stars, node)
    below = stars[first : bisect_left(stars, min(dom.end[node], node + _WIDEST_STARS), first)]
    for other in below:
        attrs = dom.attrs[other]
        said = attrs.get("title") or attrs.get("aria-label") or attrs.get("data-rating") or attrs.get("alt") or ""
        named = _named_rating(said, attrs.get("src", "")[-_LONGEST_NAME:]) if said or "src" in attrs else None
        if named:
            return named
    drawn = [
        (dom.parent[other], star)
        for other in below
        if dom.tag[other] in _DRAWN and (star := _star(_look_of(dom.attrs[other]))) is not None
    ]
    icons = _marked(sheet, below) or [star for parent, star in drawn if parent == drawn[0][0]]
    if 0 < len(icons) <= _LAYERS:
        icons = _layered(sheet, drawn)
    if len(icons) in (5, 10):
        return f"{sum(icons):g}/{len(icons)}"
    return next((width for other in below if (width := _width(sheet, other))), None)


@lru_cache(maxsize=4096)
def _named_rating(said: str, source: str) -> str | None:
    """The rating that the words of an element, or the name of its picture, state."""
    if said and len(said) < _LONGEST_NAME and (RATIO.search(said) or SMALL_NUMBER.fullmatch(said.strip())):
        return said.strip()
    figure = _STARRED.search(said) or _STARRED.search(_file_of(source))
    return f"{(figure[1] or figure[2]).replace('_', '.')}/5" if figure else None


def _file_of(source: str) -> str:
    """The name of an element's picture, without its ending."""
    return source[-_LONGEST_NAME:].rpartition("/")[2].rpartition(".")[0]


def _look_of(attrs: dict[str, str]) -> str:
    """What tells a full star from an empty one: the class, or the name of the picture."""
    classes = attrs.get("class", "")
    return classes if "src" not in attrs or "star" in classes.lower() else f"{classes} {_file_of(attrs['src'])}"


def _marked(sheet: Sheet, below: list[int]) -> list[float]:
    """Stars of one look of which the full ones bear a mark: "star checked" beside "star"; empty where none does."""
    dom = sheet.dom
    box = dom.parent[below[0]] if below else 0
    full = [_bears_mark(dom.attrs[node].get("class", "")) for node in below if dom.parent[node] == box]
    return [1.0 if each else 0.0 for each in full] if any(full) and not all(full) else []


@lru_cache(maxsize=4096)
def _bears_mark(classes: str) -> bool:
    return not _FULL_MARKS.isdisjoint(classes.lower().split())


def _layered(sheet: Sheet, drawn: list[tuple[int, float]]) -> list[float]:
    """Stars that each stand in a box of their own, a full one over an outline."""
    box = sheet.dom.parent[drawn[0][0]]
    stars: dict[int, float] = {}
    for parent, star in drawn:
        if sheet.dom.parent[parent] == box:
            stars[parent] = max(star, stars.get(parent, 0.0))
    return list(stars.values())


def _width(sheet: Sheet, node: int) -> str | None:
    """The share of a row of stars that is filled, from the width of the element inside."""
    for attrs in sheet.dom.attrs[node : min(sheet.dom.end[node], node + 4)]:
        match = _FILLED.search(attrs["style"]) if attrs and "style" in attrs else None
        if match:
            return f"{float(match[1]) / 20:g}/5"
    return None


@lru_cache(maxsize=4096)
def _star(classes: str) -> float | None:
    words = re.split(r"[\s_-]+", classes.lower())
    if "stars" in words or "rating" in words:
        return None
    if "half" in words:
        return 0.5
    return 0.0 if not _EMPTY.isdisjoint(words) else 1.0
