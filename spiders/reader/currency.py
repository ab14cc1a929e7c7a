"""The currency that a site states once for its bare numbers: "All prices in EUR" in the header."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path

from crawler.model.money import currency_of, find_money
from spiders.reader.dom import Dom
from spiders.reader.sheet import Sheet
from spiders.reader.vocabulary import fold_label

_TABLE = Path(__file__).parents[2] / "config" / "vocabulary" / "page_currency.toml"
_LONGEST = 60
_FIRST_TEXTS = 60
_MOST_TEXTS = 4_000
_MOST_NUMBERS = 500
_BARE = re.compile(r"(?:\D{1,30}[:：]\s*)?\d[\d.,' \u00a0]{0,13}")


def with_stated_currency(sheet: Sheet) -> None:
    """Puts the currency that the page states behind bare numbers that stand where a price does."""
    unit = _stated(sheet.dom)
    if unit is None:
        return
    for k in _bare_prices(sheet):
        text = f"{sheet.dom.texts[k].strip()} {unit}"
        found = tuple(match for match in find_money(text) if match.amount)
        if len(found) == 1:
            sheet.dom.texts[k] = text
            sheet.money[k] = found


def _stated(dom: Dom) -> str | None:
    """The page's own word for the one currency it states, None where it states none or several."""
    found: dict[str, str] = {}
    for k, text in enumerate(dom.texts[:_MOST_TEXTS]):
        if len(text) <= _LONGEST and (k < _FIRST_TEXTS or dom.chrome[dom.owner[k]] == 2):
            after = dom.texts[k + 1] if k + 1 < len(dom.texts) and dom.glue[k + 1] != "\n" else ""
            word = _unit_in(text) or (_unit_in(f"{text} {after}") if after and len(after) <= _LONGEST else None)
            if word:
                found.setdefault(currency_of(word) or word, word)
    return next(iter(found.values())) if len(found) == 1 else None


@lru_cache(maxsize=4096)
def _unit_in(text: str) -> str | None:
    match = _sayings().fullmatch(fold_label(text).rstrip(". "))
    if match is None:
        return None
    word = text.rstrip(" .)]").split()[-1].lstrip("([")
    return word if currency_of(word) and find_money(f"1 {word}") else None


@cache
def _sayings() -> re.Pattern[str]:
    said = sorted(map(fold_label, tomllib.loads(_TABLE.read_text(encoding="utf-8"))["stated"]), key=len, reverse=True)
    return re.compile(rf"[(\[]?(?:{'|'.join(map(re.escape, said))})(?:\s*[:：=-]\s*|\s+)\S{{1,12}}")


def _bare_prices(sheet: Sheet) -> Iterator[int]:
    """The bare numbers that a label, a column head or a class says are prices."""
    dom, columns = sheet.dom, _price_columns(sheet)
    labelled = {hit.k for hit in sheet.hits if hit.label.field == "price"}
    count = 0
    for k, text in enumerate(dom.texts[:_MOST_TEXTS]):
        if k in sheet.money or not _BARE.fullmatch(text):
            continue
        count += 1
        if count > _MOST_NUMBERS:
            return
        owner = dom.owner[k]
        inline = not text[0].isdigit()
        beside = k if inline else k - 1
        if beside in labelled or (not inline and (_column_of(dom, k) in columns or _is_hinted(sheet, owner))):
            yield k


def _is_hinted(sheet: Sheet, owner: int) -> bool:
    return "price" in sheet.hints(owner) | sheet.hints(sheet.dom.parent[owner])


def _price_columns(sheet: Sheet) -> frozenset[tuple[int, int]]:
    """The columns, as table and number, whose head says that prices stand below."""
    heads = (hit.k for hit in sheet.hits if hit.label.field == "price" and hit.label.how == "exact")
    return frozenset(place for place in (_column_of(sheet.dom, k) for k in heads) if place)


def _column_of(dom: Dom, k: int) -> tuple[int, int] | None:
    cell = dom.inside(dom.owner[k], frozenset({"td", "th"}))
    table = dom.inside(cell, frozenset({"table"})) if cell is not None else None
    if cell is None or table is None:
        return None
    row = dom.parent[cell]
    before = [node for node in range(row + 1, cell) if dom.parent[node] == row and dom.tag[node] in ("td", "th")]
    return table, len(before)
