"""Addresses on a page: resolved, grouped by shape, and judged by what their words promise."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl, urljoin, urlsplit

from spiders.reader.vocabulary import fold_label, link_words

_LONGEST_URL = 2_000
_SHORT_URL = 200
_LONGEST_WORDS = 80
_COUNTS = re.compile(r"^\d{1,6}\s+(?:new\s+|unread\s+|новых\s+)?|\s*[(\[]?\d{1,6}[)\]]?$", re.IGNORECASE)
_LOOKS = frozenset({"grid", "list", "table", "gallery", "compact", "tiles", "rows", "cards", "full", "small", "large"})
_NUMBER = re.compile(r"\d{1,20}")
_ID_IN_KEY = re.compile(r"(?:[_-]?(?:id|hash|uuid|slug|name|no|nr|num))$|^(?:id|hash)[_-]")
_WORD_NUMBER = re.compile(r"([a-z_]{1,20}[-_]?)\d{1,20}(\.\w{2,5})?", re.IGNORECASE)
_NOT_LETTERS = re.compile(r"[^a-z]+")
_SCRIPT = re.compile(r"[\w-]{1,40}\.(?:php|html?|aspx?|jsp|cgi|pl|py)", re.IGNORECASE)
_PICTURES = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".svg", ".bmp", ".ico", ".mp4", ".webm")
_PAGE_KEYS = frozenset(
    {
        "page",
        "p",
        "pg",
        "pagenum",
        "offset",
        "start",
        "paged",
        "seite",
        "sahifa",
        "str",
        "cursor",
        "after",
        "skip",
        "safha",
        "bet",
    }
)
_ROUTE_KEYS = frozenset(
    {
        "page",
        "route",
        "action",
        "act",
        "do",
        "mod",
        "module",
        "view",
        "section",
        "option",
        "task",
        "r",
        "q",
        "a",
        "c",
        "m",
        "type",
        "s",
        "go",
        "tab",
        "show",
    }
)


@dataclass(frozen=True, slots=True)
class Shape:
    """An address with what varies replaced: ``/product/#``, ``?cat=#``; ``words`` are its steady words."""

    text: str
    words: tuple[str, ...]
    tail: str


_ROOTED = re.compile(r"/[A-Za-z0-9_/&=%+~-]*(?:\?[A-Za-z0-9_/&=%+~-]+)?")
"""Plain addresses from the root of a site, most of all links: what joining gives is known without it."""


def resolve(base: str | None, href: str) -> str | None:
    """The address a link leads to, without fragment; None for what is no page of this kind (mailto, javascript)."""
    return _resolve_short(base, href) if len(href) <= _SHORT_URL else _resolve(base, href)


def _resolve(base: str | None, href: str) -> str | None:
    href = href.strip()
    if not href or href.startswith("#") or len(href) > _LONGEST_URL:
        return None
    if _ROOTED.fullmatch(href) and "//" not in href and base is not None and (root := _root(base)):
        return root + href
    try:
        url = urljoin(base, href) if base else href
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in ("", "http", "https"):
        return None
    return url.partition("#")[0] or None


_resolve_short = lru_cache(maxsize=16_384)(_resolve)  # a page asks for its links again and again


@lru_cache(maxsize=64)
def _root(base: str) -> str:
    """Scheme and host of an address; empty where it has none to be fetched from."""
    try:
        parts = urlsplit(base)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") and parts.netloc else ""


def same_site(base: str | None, url: str, host: str = "") -> bool:
    """Whether the address is on the host of the page, or on ``host``; an address without a host is."""
    other = _host(url)
    return not other or other == host or (base is not None and _host(base) == other)


def own_host(addresses: Iterable[str], page: str | None = None) -> str:
    """The host that most links of a page name, when fewer leave it out or name the page's own: a mirror's copy."""
    hosts = Counter(_host(address) for address in addresses if not address.startswith("#"))
    here = hosts[""] + (hosts.pop(_host(page), 0) if page else 0)
    named = [(count, host) for host, count in hosts.items() if host]
    count, host = max(named, default=(0, ""))
    return host if count > here else ""


@lru_cache(maxsize=8_192)
def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return "?"


@lru_cache(maxsize=20_000)
def shape_of(url: str) -> Shape:
    """The address's shape."""
    try:
        parts = urlsplit(url)
        query = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=50)
    except ValueError:
        return Shape("?", (), "")
    segments = [segment for segment in parts.path.split("/") if segment not in ("", ".", "..")]
    steps = [_step(segment, place, len(segments)) for place, segment in enumerate(segments[:8])]
    bare = parts.query if query and "=" not in parts.query and "&" not in parts.query else ""
    pairs = [f"={_value('', bare)}"] if bare else sorted({f"{key}={_value(key, value)}" for key, value in query[:20]})
    text = "/" + "/".join(steps) + ("?" + "&".join(pairs) if pairs else "")
    words = [step for step in steps if step not in ("*", "#")]
    words += [pair.partition("=")[2] for pair in pairs if not pair.endswith(("=*", "=#"))]
    return Shape(text, tuple(word.lower() for word in words), _tail(steps, pairs))


def _tail(steps: list[str], pairs: list[str]) -> str:
    keyed = [pair for pair in pairs if pair.endswith(("=#", "=*")) and pair[:-2].lower() not in _PAGE_KEYS]
    if keyed:
        return keyed[0][-1]
    last = steps[-1].rpartition(".")[0] or steps[-1] if steps else ""
    return last[-1] if last.endswith(("*", "#")) else ""


def _step(segment: str, place: int, count: int) -> str:
    if _NUMBER.fullmatch(segment):
        return "#"
    if _SCRIPT.fullmatch(segment):
        return _script_step(segment.lower())
    if segment[0] == "@" and len(segment) > 1:
        return "@*"
    match = _WORD_NUMBER.fullmatch(segment)
    if match and segment[0].isalpha() and _is_name(match[1].lower()):
        return match[1].lower() + "#"
    if _is_known(segment.lower()) or (
        place == 0
        and count > 1
        and segment.isascii()
        and segment.replace("-", "").replace("_", "").isalpha()
        and len(segment) < 20
    ):
        return segment.lower()
    return "*"


def _is_name(word: str) -> bool:
    """Whether letters before a number name a kind of page (``item-12``, ``p12``), and are no part of a token."""
    return word[-1] in "-_" or len(word) == 1 or _is_known(word)


def _script_step(name: str) -> str:
    """A file name's shape: ``product-12.html`` is ``product-#.html``, a slug is ``*.html``."""
    stem, _, ending = name.rpartition(".")
    pieces = re.split(r"[-_]", stem)
    plain = all(piece.isalpha() or piece.isdigit() for piece in pieces)
    numbered = any(piece.isdigit() for piece in pieces) or _WORD_NUMBER.fullmatch(stem)
    if (
        plain
        and numbered
        and (pieces[0].isdigit() or len(pieces) < 3 or pieces[1].isdigit() or any(map(_is_known, pieces)))
    ):
        return _NUMBER.sub("#", name)
    if _WORD_NUMBER.fullmatch(stem):
        return _NUMBER.sub("#", name)
    if ending in ("htm", "html") and not any(map(_is_known, pieces)) and stem != "index":
        return f"*.{ending}"
    return name


def _value(key: str, value: str) -> str:
    if _NUMBER.fullmatch(value):
        return "#"
    if _is_known(value.lower()) and not value.isdigit() and len(value) > 1:
        return value.lower()
    if len(value) == 1 and value.isascii() and value.isalpha():
        return value.lower()  # a letter counts nothing: it names a kind of page
    if key.lower() in _ROUTE_KEYS and len(value) < 40 and all(part.isalpha() for part in re.split(r"[/_-]", value)):
        return value.lower()
    return "*"


@lru_cache(maxsize=1)
def _known_words() -> frozenset[str]:
    return frozenset().union(*link_words().url.values())


def _is_known(word: str) -> bool:
    return word in _known_words()


def page_number(url: str) -> int | None:
    """The number of the page in a list, as the address states it."""
    try:
        query = parse_qsl(urlsplit(url).query, max_num_fields=50)
    except ValueError:
        return None
    for key, value in query:
        if key.lower() in _PAGE_KEYS and _NUMBER.fullmatch(value) and len(value) < 7:
            return int(value)
    match = re.search(r"(?:page|p|seite|str)[-/]?(\d{1,6})/?$", urlsplit(url).path)
    return int(match[1]) if match else None


def counts_pages(url: str) -> bool:
    """Whether the address names a page of a list, by number or by a cursor."""
    try:
        query = parse_qsl(urlsplit(url).query, max_num_fields=50)
    except ValueError:
        return False
    return page_number(url) is not None or any(
        key.lower() in _PAGE_KEYS and not value.isalpha() for key, value in query
    )


@lru_cache(maxsize=8192)
def kind_by_words(shape: Shape) -> str | None:
    """listing, vendor, category or feedback, as far as the address's own words say; None where they do not.

    The key of what varies says most (``?vendor_id=#``), then the steps of the path from its end.
    """
    path, _, query = shape.text.partition("?")
    if not shape.tail and not any("#" in word for word in shape.words):
        return "feedback" if _are_reviews_of_one(path) else _category_in(shape.words)
    pairs = [pair.rpartition("=") for pair in query.split("&") if pair]
    keyed = [key.lower() for key, _, value in pairs if value in ("#", "*") and key.lower() not in _PAGE_KEYS]
    said = next((kind for key in keyed if (kind := _kind_of_key(key))), None)
    if said:
        return said
    if any(step.lower() in link_words().url["feedback"] for step in path.split("/")):
        return "feedback"
    routed = [_kinds_of(value.lower()) for _, _, value in pairs if value not in ("#", "*")]
    for kind in ("vendor", "category", "listing"):
        if any(kinds == {kind} or (kind in kinds and kind != "category") for kinds in routed):
            return kind
    if path.startswith("/@"):
        return "vendor"
    for step in reversed(path.strip("/").split("/")):
        kinds = _kinds_of(step.lower())
        for kind in ("listing", "vendor", "category"):
            if kind in kinds:
                return kind
    return None


def _category_in(words: tuple[str, ...]) -> str | None:
    return "category" if any(word in link_words().url["category"] for word in words) else None


def _are_reviews_of_one(path: str) -> bool:
    """Whether a path ends in a word for reviews below what varies: ``/item/#/reviews``, ``/p/#/otzyvy``."""
    steps = path.lower().strip("/").split("/")
    return steps[-1] in link_words().url["feedback"] and any(step in ("#", "*") for step in steps[:-1])


@lru_cache(maxsize=4096)
def _kinds_of(word: str) -> frozenset[str]:
    """What a step of an address may lead to."""
    pieces = {word, word.rstrip("#").rstrip("-_"), *_NOT_LETTERS.split(word)} - {""}
    return frozenset(kind for kind in ("listing", "vendor", "category") if pieces & link_words().url[kind])


@lru_cache(maxsize=4096)
def _kind_of_key(key: str) -> str | None:
    """What a query key such as ``product_id`` or ``cat`` identifies; None for ``id`` and single letters."""
    word = _ID_IN_KEY.sub("", key)
    kinds = _kinds_of(word) if len(word) > 1 else frozenset()
    return next(iter(kinds)) if len(kinds) == 1 else "listing" if "listing" in kinds else None


@lru_cache(maxsize=20_000)
def is_variant_of(page: str, url: str) -> bool:
    """Whether the address is the page's own with something more in its query: a size, a city, a sort order."""
    try:
        here, there = urlsplit(page), urlsplit(url)
        own = set(parse_qsl(here.query, keep_blank_values=True, max_num_fields=50))
        other = set(parse_qsl(there.query, keep_blank_values=True, max_num_fields=50))
    except ValueError:
        return False
    return here.path == there.path and own <= other


def is_never(url: str, text: str) -> bool:
    """Whether a visitor who only reads must not follow the link: logout, buy, message, report, language, theme."""
    words = link_words()
    if text and (fold_label(text) in words.text["never"] or _uncounted(text) in words.text["never"]):
        return True
    return _never_url(url)


def _uncounted(text: str) -> str:
    """The words of a link without the counts beside them: "3 new messages", "Favorites (0)"."""
    return fold_label(_COUNTS.sub("", text[:_LONGEST_WORDS]))


@lru_cache(maxsize=20_000)
def _never_url(url: str) -> bool:
    words = link_words()
    try:
        parts = urlsplit(url)
        query = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=50)
    except ValueError:
        return True
    segments = [segment.lower() for segment in parts.path.split("/") if segment]
    steady = [segment.rsplit(".", 1)[0] for segment in segments[:-1] + segments[-1:]]
    if any(step in words.url["never"] or step.startswith(("my-", "my_")) for step in steady):
        return True
    if segments and segments[-1].endswith(_PICTURES):
        return True
    routes = [
        piece for key, value in query if key.lower() in _ROUTE_KEYS for piece in re.split(r"[/_-]", value.lower())
    ]
    return any(key.lower() in words.query["never"] for key, _ in query) or any(
        piece in words.url["never"] for piece in routes
    )


@lru_cache(maxsize=20_000)
def is_permutation(url: str) -> bool:
    """Whether the address only sorts or filters a list another way."""
    try:
        query = parse_qsl(urlsplit(url).query, keep_blank_values=True, max_num_fields=50)
    except ValueError:
        return True
    sorts = link_words().query["sort"]
    return any(
        key.lower() in sorts
        for key, value in query
        if not (key.lower() in _ROUTE_KEYS and value.isalpha() and len(query) == 1 and value.lower() not in _LOOKS)
    )
