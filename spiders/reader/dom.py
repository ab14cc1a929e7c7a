"""A page as flat columns: every visible element and piece of text in document order, built in one parse.

Hidden things (scripts, comments, honeypots) never enter. Depth, element and text counts are bounded, so the work on
a page is linear in what a page may reasonably hold, however it is nested.
"""

from __future__ import annotations

import html
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice, pairwise
from typing import Any, Final, cast

from lxml import etree

MOST_ELEMENTS = 20_000
MOST_TEXTS = 30_000
_MOST_TAGS = 60_000
DEEPEST = 100
_LONGEST_TEXT = 200_000
_LONGEST_ATTRIBUTE = 2_000
_LONGEST_CLASS = 300
_MOST_HIDING_RULES = 2_000

_DROPPED: Final = frozenset(
    {"script", "style", "template", "iframe", "object", "svg", "math", "canvas", "audio", "video", "datalist"}
)
_HEAD_TAGS: Final = frozenset({"title", "meta", "link", "base"})
_VOID: Final = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_INLINE: Final = frozenset(
    {
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "em",
        "font",
        "i",
        "kbd",
        "mark",
        "q",
        "s",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "ins",
        "del",
        "img",
        "wbr",
        "label",
        "data",
    }
)
_CHROME_TAGS: Final = {"nav": 2, "footer": 2, "aside": 1}
_CHROME_WORDS: Final = {
    "header": 2,
    "footer": 2,
    "nav": 2,
    "navbar": 2,
    "navigation": 2,
    "topbar": 2,
    "top-bar": 2,
    "menu": 2,
    "mainmenu": 2,
    "topmenu": 2,
    "main-menu": 2,
    "top-menu": 2,
    "site-header": 2,
    "headerbar": 2,
    "masthead": 2,
    "site-footer": 2,
    "page-footer": 2,
    "navmenu": 2,
    "userbar": 2,
    "user-bar": 2,
    "sidebar": 1,
    "side-bar": 1,
    "side": 1,
    "sidenav": 1,
    "leftbar": 1,
    "left-menu": 1,
    "sidemenu": 1,
    "aside": 1,
}
_CHROME_DEEPEST = 9
_HEADER_DEEPEST = 6
_OPENERS: Final = frozenset({"a", "label", "button"})
_PANELS: Final = frozenset({"div", "section", "article", "li", "table", "form", "fieldset", "p"})
_LONGEST_ID = 60
_HEADS_OR_FOOTS: Final = frozenset({"header", "footer"})
_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
# The body is no frame, and on a heading, a link or a cell a class such as "header" says that it heads something.
_NO_CHROME: Final = frozenset(
    {
        "body",
        "html",
        "main",
        "a",
        "span",
        "b",
        "strong",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "td",
        "th",
        "dt",
        "dd",
        "p",
    }
)
_STATE_WORDS: Final = frozenset(
    {"active", "odd", "even", "first", "last", "selected", "current", "alt", "open", "visited", "even-row", "odd-row"}
)
_STYLE_HIDES = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?:\.0{1,4})?\s*(?:;|$|!)|(?:left|top|right|text-indent)\s*:\s*-\d{3,7}(?:\.\d{1,4})?(?:px|em|rem)"
    r"|font-size\s*:\s*0(?:px|em)?\s*(?:;|$|!)|clip-path\s*:\s*inset\(100%\)"
    r"|clip\s*:\s*rect\((?:\s*0(?:px)?\s*,?){4}\)|transform\s*:\s*scale\(\s*0\s*\)",
    re.IGNORECASE,
)
_TINY_SIDE = re.compile(r"(?:^|[;\s])(width|height)\s*:\s*[01](?:px)?\s*(?=;|$|!)", re.IGNORECASE)
_NO_SIDE = re.compile(r"(?:^|[;\s])(?:max-)?(?:width|height)\s*:\s*0(?:px|em|%)?\s*(?=;|$|!)", re.IGNORECASE)
_CUT_OFF = re.compile(r"overflow\s*:\s*hidden", re.IGNORECASE)
_INK = re.compile(r"(?:^|[;\s])color\s*:\s*([#\w]{3,20})", re.IGNORECASE)
_PAPER = re.compile(r"background(?:-color)?\s*:\s*([#\w]{3,20})\s*(?=;|$|!)", re.IGNORECASE)
_INK_FROM_PAPER = re.compile(r"background-clip\s*:\s*text", re.IGNORECASE)
_OUT_OF_FLOW = re.compile(r"position\s*:\s*(?:fixed|absolute)", re.IGNORECASE)
_RULE = re.compile(r"([^{}]{1,300})\{([^{}]{0,2000})\}")
_PLAIN_SELECTOR = re.compile(r"(?:[a-z]{1,10})?([.#][\w-]{1,60})", re.IGNORECASE)
_KEY_IN_SELECTOR = re.compile(r"[.#][\w-]{1,60}")
_FORCED = re.compile(r"display\s*:\s*(?!none)[a-z-]{4,20}\s*!\s*important", re.IGNORECASE)
_SHOWN = re.compile(r"display\s*:\s*(?:block|flex|grid|inline|table|contents|initial|unset)", re.IGNORECASE)
_SHOWN_WHEN = re.compile(r":(?:target|checked|hover|focus|focus-within|active)")
_ESCAPED_TWICE = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|euro|pound|#\d{2,6}|#x[0-9a-fA-F]{2,5});")
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad\u202a-\u202e\u2066-\u2069]")
_MOST_LINES = 20_000
_DIGITS = re.compile(r"\d+")


@dataclass(slots=True)
class Select:
    """A drop-down list: its element and the options' (text, value)."""

    node: int
    options: list[tuple[str, str]] = field(default_factory=list)


class Dom:
    """The flat page. Node 0 is the root; a subtree is the half-open range ``node .. end[node]``.

    ``texts[k]`` is the k-th piece of text with white space collapsed, ``glue[k]`` what stands before it ("", a space
    or a line break), ``owner[k]`` its element; the pieces below a node are ``first[node] .. last[node]``.
    """

    __slots__ = (
        "attrs",
        "chrome",
        "crc",
        "depth",
        "end",
        "first",
        "glue",
        "json_ld",
        "language",
        "last",
        "links",
        "meta",
        "owner",
        "parent",
        "selects",
        "tag",
        "texts",
        "title",
        "truncated",
        "veiled_passwords",
    )

    def __init__(self) -> None:
        self.tag: list[str] = ["#root"]
        self.attrs: list[dict[str, str]] = [{}]
        self.parent: list[int] = [-1]
        self.end: list[int] = [0]
        self.depth: list[int] = [0]
        self.crc: list[int] = [0]
        self.chrome: list[int] = [0]
        self.first: list[int] = [0]
        self.last: list[int] = [0]
        self.texts: list[str] = []
        self.glue: list[str] = []
        self.owner: list[int] = []
        self.links: list[int] = []
        self.selects: list[Select] = []
        self.meta: dict[str, str] = {}
        self.json_ld: list[str] = []
        self.title = ""
        self.language: str | None = None
        self.truncated = False
        self.veiled_passwords = 0

    def text(self, node: int) -> str:
        """All text below the node, lines kept."""
        return self.span(self.first[node], self.last[node])

    def span(self, start: int, stop: int) -> str:
        """The text pieces ``start .. stop`` as one text, lines kept."""
        if stop - start == 1:
            return self.texts[start]
        parts: list[str] = []
        for k in range(start, stop):
            parts.append(self.glue[k])
            parts.append(self.texts[k])
        return "".join(parts[1:])

    def line(self, node: int) -> str:
        """All text below the node on one line."""
        return " ".join(self.text(node).split())

    def lines(self, start: int, stop: int, most: int | None = None) -> Iterator[tuple[int, int]]:
        """The lines of the text pieces ``start .. stop`` as ranges; the last of ``most`` holds the rest."""
        starts = (k for k in range(start, stop) if k == start or self.glue[k] == "\n")
        return pairwise([*islice(starts, most), stop])

    def next_sibling(self, node: int) -> int | None:
        """The element after this one below the same parent."""
        after, parent = self.end[node], self.parent[node]
        return after if parent >= 0 and after < self.end[parent] else None

    def children(self, node: int) -> list[int]:
        """The elements directly below the node."""
        found, child, stop = [], node + 1, self.end[node]
        while child < stop:
            found.append(child)
            child = self.end[child]
        return found

    def inside(self, node: int, tags: frozenset[str]) -> int | None:
        """The nearest of the node and its ancestors with one of the tags."""
        while node > 0:
            if self.tag[node] in tags:
                return node
            node = self.parent[node]
        return None

    def step(self, node: int) -> str:
        """The node's tag and steady classes, as one step of a path: ``td.price``."""
        return _step(self.tag[node], self.attrs[node].get("class", "")[:_LONGEST_CLASS])

    def path(self, node: int) -> str:
        """The steps from the root to the node."""
        steps: list[str] = []
        while node > 0:
            steps.append(self.step(node))
            node = self.parent[node]
        return " > ".join(reversed(steps))


def path_crc(path: str) -> int:
    """The number ``Dom.crc`` holds for every element at this path."""
    crc = 0
    for step in path.split(" > "):
        crc = zlib.crc32(step.encode(), crc)
    return crc


def parse(markup: str) -> Dom:
    """The visible page. Never raises for what the markup holds; an empty text gives a Dom with the root alone."""
    builder = _built(markup, _Builder())
    if builder.shows_what_a_later_style_hides():
        builder = _built(markup, _Builder(builder))
    return builder.finish()


def _built(markup: str, builder: _Builder) -> _Builder:
    parser = etree.HTMLParser(target=cast(Any, builder), recover=True, huge_tree=True, encoding="utf-8")
    try:
        parser.feed(markup.encode("utf-8", "replace"))
        parser.close()
    except (etree.LxmlError, AssertionError, _Enough):
        builder.dom.truncated = True  # lxml refuses an empty document; what was built so far stays
    return builder


def even(text: str) -> str:
    """A text without what cannot be seen, white space evened out."""
    return " ".join(visible(text).split())


def visible(text: str) -> str:
    """Text without invisible characters: those that break up words or turn their direction.

    The joiners that Arabic script is written with stay inside words of that script. Entities that were escaped twice
    are undone.
    """
    if "&" in text and _ESCAPED_TWICE.search(text):
        text = html.unescape(text)
    if text.isascii() or not _INVISIBLE.search(text):
        return text
    return (
        _INVISIBLE.sub(
            lambda match: (
                match[0] if _is_arabic(text[match.start() - 1 : match.start()]) and match[0] in "\u200c\u200d" else ""
            ),
            text,
        )
        or " "
    )


def _is_arabic(letter: str) -> bool:
    return "\u0600" <= letter <= "\u08ff"


@lru_cache(maxsize=8192)
def _step(tag: str, classes: str) -> str:
    steady = [_DIGITS.sub("", word) for word in classes.split()[:6] if word.lower() not in _STATE_WORDS]
    return ".".join([tag, *(word for word in steady if word)])


@lru_cache(maxsize=8192)
def _step_bytes(tag: str, classes: str) -> bytes:
    return _step(tag, classes).encode("utf-8", "replace")


@lru_cache(maxsize=8192)
def _chrome_of(names: str) -> int:
    return max((_CHROME_WORDS.get(word, 0) for word in names.lower().split()), default=0)


@lru_cache(maxsize=8192)
def _style_hides(style: str) -> bool:
    if _STYLE_HIDES.search(style) or (_NO_SIDE.search(style) and _CUT_OFF.search(style)):
        return True
    return len({side.lower() for side in _TINY_SIDE.findall(style)}) == len(("width", "height")) or _unseen(style)


def _unseen(style: str) -> bool:
    """Whether the text has no colour, or that of its background."""
    ink = _INK.search(style)
    if ink is None or _INK_FROM_PAPER.search(style):
        return False
    paper = _PAPER.search(style)
    return ink[1].lower() == "transparent" or (paper is not None and ink[1].lower() == paper[1].lower())


def _opened_by(tag: str, attrs: dict[str, str]) -> str:
    """The id of what a tab shows: the target of its address, label or attributes; empty for other links."""
    href = attrs.get("href", "") if tag == "a" else attrs.get("for", "")
    if href[:1] == "#":
        href = href[1:]
    elif tag == "a" or not href:
        href = attrs.get("data-target", "").lstrip("#") if len(attrs) > 1 else ""
    return href if len(href) <= _LONGEST_ID else ""


class _Enough(Exception):
    """The page holds more tags than are looked at. Raised by the builder, caught by `parse`."""


class _Builder:
    """Collects a Dom from parser events; see lxml's parser target interface.

    ``before`` went through the page already and knows its style sheets, also those behind what they hide.
    """

    def __init__(self, before: _Builder | None = None) -> None:
        self.dom = Dom()
        self._stack: list[tuple[str, int]] = []  # open tags with their node, -1 for tags that make no node
        self._node = 0
        self._skip = 0
        self._tags = 0
        self._buffer: list[str] = []
        self._gap = ""
        self._style: list[str] = []
        self._hidden: set[str] = set(before._hidden) if before else set()
        self._forced: set[str] = set(before._forced) if before else set()
        self._targets: set[str] = set()
        self._shown: set[str] = set(before._shown) if before else set()
        self._popups: set[str] = set(before._popups) if before else set()
        self._late = False
        self._keep: list[str] | None = None
        self._select: Select | None = None
        self._option: list[str] | None = None

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        """An element begins."""
        self._tags += 1
        if self._tags > _MOST_TAGS:
            raise _Enough
        if self._buffer:
            self._flush()
        if self._skip:
            if tag not in _VOID:
                self._skip += 1
            elif tag == "input" and attrs.get("type") == "password":
                self.dom.veiled_passwords += 1
            return
        if tag in _DROPPED or tag in _HEAD_TAGS or tag == "option" or tag == "optgroup":
            self._start_special(tag, attrs)
            return
        if attrs and self._is_hidden(tag, attrs):
            self._skip = 0 if tag in _VOID else 1
            return
        if tag not in _INLINE:
            self._gap = "\n"
        if tag != "br":
            self._open(tag, attrs)

    def _open(self, tag: str, attrs: dict[str, str]) -> None:
        dom = self.dom
        if len(dom.tag) >= MOST_ELEMENTS or len(self._stack) >= DEEPEST:
            dom.truncated = dom.truncated or len(dom.tag) >= MOST_ELEMENTS
            if tag not in _VOID:
                self._stack.append((tag, -1))
            return
        node = self._add(tag, attrs)
        if tag in _VOID:
            dom.end[node] = node + 1
            dom.last[node] = dom.first[node]
        else:
            self._stack.append((tag, node))
            self._node = node

    def _add(self, tag: str, attrs: dict[str, str]) -> int:
        dom, parent = self.dom, self._node
        node = len(dom.tag)
        classes = attrs.get("class", "")[:_LONGEST_CLASS] if attrs else ""
        dom.tag.append(tag)
        dom.attrs.append(attrs)
        dom.parent.append(parent)
        dom.end.append(node + 1)
        depth = dom.depth[parent] + 1
        dom.depth.append(depth)
        dom.crc.append(zlib.crc32(_step_bytes(tag, classes), dom.crc[parent]))
        chrome = dom.chrome[parent]
        if depth <= _CHROME_DEEPEST and chrome < 2 and dom.tag[parent] not in _HEADINGS:
            chrome = max(chrome, self._chrome(tag, attrs, classes, depth))
        dom.chrome.append(chrome)
        dom.first.append(len(dom.texts))
        dom.last.append(len(dom.texts))
        if tag == "a" and "href" in attrs:
            dom.links.append(node)
        elif tag == "select":
            self._select = Select(node)
            dom.selects.append(self._select)
        elif tag == "html":
            dom.language = attrs.get("lang") or attrs.get("xml:lang")
        return node

    @staticmethod
    def _chrome(tag: str, attrs: dict[str, str], classes: str, depth: int) -> int:
        if tag == "header":
            return 2 if depth <= 4 else 0
        named = attrs.get("id", "")[:_LONGEST_CLASS]
        names = f"{classes} {named}" if named else classes
        if depth > _HEADER_DEEPEST and _HEADS_OR_FOOTS.intersection(names.lower().split()):
            return _CHROME_TAGS.get(tag, 0)  # the head or foot of a card, not of the page
        return max(_CHROME_TAGS.get(tag, 0), _chrome_of(names) if names and tag not in _NO_CHROME else 0)

    def _start_special(self, tag: str, attrs: dict[str, str]) -> None:
        if tag == "meta":
            name = attrs.get("property") or attrs.get("name") or attrs.get("http-equiv") or attrs.get("itemprop")
            if name and len(self.dom.meta) < 100:
                self.dom.meta.setdefault(name.lower(), attrs.get("content", "")[:_LONGEST_ATTRIBUTE])
        elif tag == "title" and not self.dom.title:
            self._keep = []
        elif tag == "option" and self._select is not None:
            self._option = []
            self._select.options.append(("", attrs.get("value", "")))
        elif tag == "style" or (tag == "script" and attrs.get("type") == "application/ld+json"):
            self._keep = []
        if tag in _DROPPED:
            self._skip = 1

    def end(self, tag: str) -> None:
        """An element ends."""
        if self._buffer:
            self._flush()
        if self._skip:
            if tag in _VOID:
                return
            self._skip -= 1
            if not self._skip and self._keep is not None:
                self._finish_kept(tag)
            return
        if tag in _HEAD_TAGS or tag in ("option", "optgroup"):
            self._end_special(tag)
            return
        if tag in _VOID:
            return
        if tag not in _INLINE:
            self._gap = "\n"
        self._close(tag)

    def _close(self, tag: str) -> None:
        stack = self._stack
        if stack and stack[-1][0] == tag:
            node = stack.pop()[1]
            if node >= 0:
                self._finish_node(node)
            return
        if tag not in [name for name, _ in stack[-20:]]:
            return
        while stack:
            name, node = stack.pop()
            if node >= 0:
                self._finish_node(node)
            if name == tag:
                break

    def _finish_node(self, node: int) -> None:
        dom = self.dom
        dom.end[node] = len(dom.tag)
        dom.last[node] = len(dom.texts)
        self._node = dom.parent[node]
        if self._select is not None and self._select.node == node:
            self._select = None

    def _end_special(self, tag: str) -> None:
        if tag == "title" and self._keep is not None:
            self._finish_kept(tag)
        elif tag == "option":
            self._option = None

    def _finish_kept(self, tag: str) -> None:
        text, self._keep = "".join(self._keep or ()), None
        if tag == "title":
            self.dom.title = " ".join(text[:1000].split())
        elif tag == "style":
            self._learn_style(text)
        elif tag == "script" and len(self.dom.json_ld) < 5:
            self.dom.json_ld.append(text[:100_000])

    def shows_what_a_later_style_hides(self) -> bool:
        """Whether a style sheet further down hides an element that was taken in."""
        return self._late and any(attrs and self._hidden_by_sheet(attrs) for attrs in self.dom.attrs)

    def _learn_style(self, css: str) -> None:
        """Takes note of classes and ids a style sheet hides for good, and of pop-ups it shows only on demand."""
        shown: set[str] = set()
        hidden: dict[str, bool] = {}
        for rule in _RULE.finditer(css[:300_000]):
            selectors, body = rule[1].strip(), rule[2]
            if _FORCED.search(body):
                self._forced.update(_KEY_IN_SELECTOR.findall(selectors))
            if _SHOWN_WHEN.search(selectors):
                shown.update(_KEY_IN_SELECTOR.findall(selectors))
            elif _SHOWN.search(body):
                shown.update(key for key in _KEY_IN_SELECTOR.findall(selectors) if selectors.strip() != key)
            elif _style_hides(body) and len(hidden) < _MOST_HIDING_RULES:
                popup = bool(_OUT_OF_FLOW.search(body))
                plain = (_PLAIN_SELECTOR.fullmatch(part.strip()) for part in selectors.split(","))
                hidden.update((match[1], popup) for match in plain if match)
        self._shown |= shown
        self._popups.update(key for key, popup in hidden.items() if popup)
        news = {key for key, popup in hidden.items() if popup or key not in shown} - self._hidden
        self._late = self._late or (bool(news) and bool(self.dom.texts))
        self._hidden |= news

    def _is_hidden(self, tag: str, attrs: dict[str, str]) -> bool:
        if tag in _OPENERS and (target := _opened_by(tag, attrs)):
            self._targets.add(target)
        if self._targets and tag in _PANELS and attrs.get("id") in self._targets and not self._pops_up(attrs):
            return False  # a tab further up shows it
        if "hidden" in attrs and tag != "input":
            return True
        style = attrs.get("style")
        if style and _style_hides(style[:_LONGEST_CLASS]) and not self._is_forced(attrs):
            return True
        if tag == "a" and attrs.get("aria-hidden") == "true" and attrs.get("tabindex") == "-1":
            return True
        return bool(self._hidden) and self._hidden_by_sheet(attrs)

    def _pops_up(self, attrs: dict[str, str]) -> bool:
        """Whether an element lies over the page when it is shown."""
        names = {"." + word for word in attrs.get("class", "").split()[:20]} | {"#" + attrs.get("id", "")}
        return bool(names & self._popups) or _OUT_OF_FLOW.search(attrs.get("style", "")[:_LONGEST_CLASS]) is not None

    def _is_forced(self, attrs: dict[str, str]) -> bool:
        """Whether a style sheet shows the element although its own style hides it: a trap for copies of the page."""
        if not self._forced:
            return False
        names = ["." + word for word in attrs.get("class", "").split()[:20]]
        return any(name in self._forced for name in [*names, "#" + attrs.get("id", "")])

    def _hidden_by_sheet(self, attrs: dict[str, str]) -> bool:
        named, classes = attrs.get("id"), attrs.get("class")
        if named is None and classes is None:
            return False
        keys = ["." + word for word in classes.split()] if classes else []
        if named:
            keys.append("#" + named)
        if self._hidden.isdisjoint(keys):
            return False
        return any(key in self._popups for key in keys) or not any(key in self._shown for key in keys)

    def data(self, text: str) -> None:
        """A piece of text."""
        if self._keep is not None:
            self._keep.append(text)
        elif self._skip:
            return
        elif self._option is not None:
            self._add_option_text(text)
        else:
            self._buffer.append(text)

    def _add_option_text(self, text: str) -> None:
        if self._select is not None and self._select.options:
            old, value = self._select.options[-1]
            self._select.options[-1] = ((old + " " + " ".join(text[:500].split())).strip(), value)

    def comment(self, text: str) -> None:
        """Comments are not on the page."""

    def pi(self, target: str, data: str | None = None) -> None:
        """Processing instructions are not on the page."""

    def _flush(self) -> None:
        raw = "".join(self._buffer)
        self._buffer.clear()
        words = raw.split()
        if not words:
            if not self._gap:
                self._gap = " "
            return
        dom = self.dom
        if len(dom.texts) >= MOST_TEXTS:
            dom.truncated = True
            return
        if not self._gap and raw[0].isspace():
            self._gap = " "
        if "\n" in raw and ("PGP" in raw or self._preformatted()):
            self._add_lines(raw)
        else:
            self._add_text(self._gap, " ".join(words))
        self._gap = " " if raw[-1].isspace() else ""
        if raw[-1] == "\n" and self._preformatted():
            self._gap = "\n"

    def _add_lines(self, raw: str) -> None:
        """Lines that stand as they are written: each is a text of its own."""
        gap = "\n" if raw[0] == "\n" else self._gap
        for line in raw.split("\n")[:_MOST_LINES]:
            bare = " ".join(line.split())
            if bare and len(self.dom.texts) < MOST_TEXTS:
                self._add_text(gap, bare)
            gap = "\n"

    def _add_text(self, gap: str, text: str) -> None:
        dom = self.dom
        dom.glue.append(gap)
        dom.texts.append(visible(text[:_LONGEST_TEXT]))
        dom.owner.append(self._node)

    def _preformatted(self) -> bool:
        return any(name in ("pre", "textarea", "xmp", "listing") for name, _ in self._stack[-4:])

    def close(self) -> None:
        """The markup ends."""
        if self._buffer:
            self._flush()

    def finish(self) -> Dom:
        """The Dom with everything still open closed."""
        if self._buffer:
            self._flush()
        while self._stack:
            node = self._stack.pop()[1]
            if node >= 0:
                self._finish_node(node)
        self.dom.end[0], self.dom.last[0] = len(self.dom.tag), len(self.dom.texts)
        return self.dom
