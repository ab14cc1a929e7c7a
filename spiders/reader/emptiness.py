"""Whether a page is a list that holds nothing: a search that found none, a category without offers."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from crawler.model.page import Gate
from spiders.reader.sheet import Sheet
from spiders.reader.title import title_parts
from spiders.reader.urls import kind_by_words, shape_of
from spiders.reader.vocabulary import fold, fold_label, gate_signs

_TABLE = Path(__file__).parents[2] / "config" / "vocabulary" / "page_empty.toml"
_MOST_TEXTS = 600
_LONGEST_SAYING = 200
_LONGEST_HEADING = 80
_ASKED = frozenset({"q", "query", "search", "keyword", "keywords", "s", "term", "text", "find"})


def holds_nothing(sheet: Sheet, *, is_list: bool) -> bool:
    """Whether the page calls itself a list, or is known as one by ``is_list``, and says that nothing is in it."""
    said = [text for text in _short_texts(sheet) if _phrases("nothing").search(text)]
    if not said or _is_missing(sheet):
        return False
    return is_list or any(_phrases("of_lists").search(text) for text in said) or _is_list(sheet)


def _heads(sheet: Sheet, count: int) -> list[str]:
    dom = sheet.dom
    heads = [dom.line(node)[:_LONGEST_HEADING] for node in list(sheet.headings())[:count] if dom.chrome[node] < 2]
    return [fold_label(text) for text in (*title_parts(dom.title), *heads)]


def _is_missing(sheet: Sheet) -> bool:
    """Whether the page's title or first heading says that there is no such page."""
    signs = gate_signs()[Gate.ERROR.value].strong
    heads = (head for head in _heads(sheet, 1) if not _phrases("nothing").search(head))
    return any(re.search(rf"(?<!\w){re.escape(sign)}(?!\w)", head) for head in heads for sign in signs)


def _is_list(sheet: Sheet) -> bool:
    """Whether title, headings or address are those of a search or a category."""
    for head in _heads(sheet, 3):
        words = re.findall(r"\w+", head)
        if words and {words[0], words[-1]} & _words("lists"):
            return True
    return _is_asked(sheet.url)


def _is_asked(url: str | None) -> bool:
    """Whether the address is that of a search or a category."""
    if url is None:
        return False
    asked = any(name.lower() in _ASKED for name, _ in parse_qsl(urlsplit(url).query))
    return asked or kind_by_words(shape_of(url)) == "category"


def _short_texts(sheet: Sheet) -> Iterator[str]:
    dom = sheet.dom
    for k, text in enumerate(dom.texts[:_MOST_TEXTS]):
        if len(text) <= _LONGEST_SAYING and sheet.chrome(k) < 2 and k not in sheet.frame:
            yield fold(text)


@cache
def _words(name: str) -> frozenset[str]:
    return frozenset(map(fold, tomllib.loads(_TABLE.read_text(encoding="utf-8"))[name]))


@cache
def _phrases(name: str) -> re.Pattern[str]:
    return re.compile("|".join(rf"(?<!\w){re.escape(sign)}(?!\w)" for sign in sorted(_words(name))))
