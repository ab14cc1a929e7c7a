"""Label–value pairs: what a page says about a field in so many words."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass

from crawler.model.money import find_money
from spiders.reader.dom import Dom
from spiders.reader.sheet import Hit, Sheet, joint_fields, read_label, tip_label
from spiders.reader.urls import kind_by_words, resolve, shape_of

_HEADINGS = frozenset({"h1", "h2", "h3", "h4"})
_CELLS = frozenset({"td", "th"})
_STOP = frozenset({"td", "th", "dt", "li", "tr", "dd"})
_BLOCKS_OF_LINES = frozenset({"ul", "ol", "select"})
_LONGEST_VALUE = 600
_MOST_VALUE_TEXTS = 120
# Figures that tiles print above their caption.
_CAPTIONED = frozenset({"sales", "rating", "review_count", "stock", "joined", "last_seen", "level", "disputes"})
_NO_MONEY = frozenset({"ships_from", "ships_to", "vendor"})
_BOTH = re.compile(r"\s*/\s*")
_LONGEST_FROM = 40
_LONGEST_CUT = 300
_SHORT_VALUES = frozenset(
    {"ships_from", "ships_to", "stock", "sales", "rating", "level", "joined", "last_seen", "city"}
)
_COLON = re.compile(r":\s")
_FIGURE = re.compile(r"[^a-zа-я]{0,6}\d")


@dataclass(frozen=True, slots=True)
class Pair:
    """A value with the label that announces it. ``start .. stop`` are its texts, ``node`` the element around them."""

    field: str
    also: tuple[str, ...]
    value: str
    label_k: int
    start: int
    stop: int
    how: str
    confidence: float


def find_pairs(sheet: Sheet) -> list[Pair]:
    """All pairs of the page in reading order; several may claim one field."""
    found: list[Pair] = []
    positions = {hit.k for hit in sheet.hits if hit.label.how != "suffix"}
    taken = 0
    for hit in sheet.hits:
        covered = hit.k < taken and hit.label.how == "suffix" and not hit.part
        pair = None if covered else _pair(sheet, hit, positions)
        if pair and pair.value:
            found.extend(part for cut in _cut(pair) for part in _split(sheet, _by_value(sheet, cut)))
            taken = max(taken, pair.stop if pair.how != "suffix" else 0)
    return found + _of_icons(sheet)


def _of_icons(sheet: Sheet) -> list[Pair]:
    """The values beside icons, and in elements, that only say what they mean when one points at them."""
    found = []
    for said, start, stop in sheet.tips:
        label = tip_label(said)
        value = sheet.dom.span(start, stop)[:_LONGEST_VALUE]
        if label and value and read_label(sheet.dom.texts[start]) is None:
            found.append(Pair(label.field, label.also, value, start, start, stop, "icon", 0.75))
    return found


def _cut(pair: Pair) -> list[Pair]:
    """A pair whose value runs on into the next label, "Spain To: France", as two pairs."""
    if pair.field not in _SHORT_VALUES or len(pair.value) > _LONGEST_CUT:
        return [pair]
    for match in _COLON.finditer(pair.value):
        before = pair.value[: match.start()].split()
        for count in (2, 1):
            label = read_label(" ".join(before[-count:])) if len(before) > count else None
            rest = pair.value[match.end() :].strip()
            if label and label.how == "exact" and rest:
                kept = dataclasses.replace(pair, value=" ".join(before[:-count]))
                return [kept, dataclasses.replace(pair, field=label.field, also=label.also, value=rest)]
    return [pair]


def _split(sheet: Sheet, pair: Pair) -> list[Pair]:
    """A pair whose label names two things, "Left/Sold", as two pairs with a part of the value each."""
    if pair.label_k >= len(sheet.dom.texts) or pair.how == "suffix":
        return [pair]
    fields = joint_fields(sheet.dom.texts[pair.label_k])
    values = [value.strip() for value in _BOTH.split(pair.value)]
    if not fields or len(values) != len(fields):
        return [pair]
    return [
        dataclasses.replace(pair, field=field, also=(), value=value, confidence=pair.confidence - 0.1)
        for field, value in zip(fields, values, strict=True)
    ]


def _by_value(sheet: Sheet, pair: Pair) -> Pair:
    """A pair as what its value says it is: "from" before money is a price, before a link to a vendor the vendor."""
    if pair.field in _NO_MONEY and find_money(" ".join(pair.value.split())[:_LONGEST_FROM]):
        return dataclasses.replace(pair, field="ignore" if pair.field == "ships_to" else "price", also=())
    return _by_link(sheet, pair)


def _by_link(sheet: Sheet, pair: Pair) -> Pair:
    """A pair of "from" or "by" whose value links to a vendor, as a vendor pair."""
    if pair.field != "ships_from" or pair.how == "cell" or pair.stop <= pair.start:
        return pair
    link = sheet.dom.inside(sheet.dom.owner[pair.start], frozenset({"a"}))
    url = resolve(sheet.url, sheet.dom.attrs[link].get("href", "")) if link is not None else None
    if url is None or kind_by_words(shape_of(url)) != "vendor":
        return pair
    return dataclasses.replace(pair, field="vendor", also=())


def _pair(sheet: Sheet, hit: Hit, positions: set[int]) -> Pair | None:
    label, dom = hit.label, sheet.dom
    if label.how == "exact" and not label.colon and dom.inside(dom.owner[hit.k], _HEADINGS) is not None:
        return None  # the heading of a section
    if hit.part:
        return Pair(label.field, label.also, label.value or "", hit.k, hit.k, hit.k + 1, label.how, 0.6)
    if label.how == "suffix":
        return Pair(label.field, (), label.value or "", hit.k, hit.k, hit.k + 1, "suffix", 0.6)
    if label.value is not None:
        stop = _line_end(dom, hit.k, positions)
        value = _joined(dom, hit.k, stop, label.value)
        return Pair(label.field, label.also, value, hit.k, hit.k, stop, label.how, 0.85 if label.colon else 0.65)
    span = _value_span(dom, hit.k, positions)
    if span is None:
        return _captioned(sheet, hit)
    start, stop, how = span
    value = dom.span(start, stop)[:_LONGEST_VALUE] if stop > start else _pictures(dom, hit.k, how)
    confidence = {"cell": 0.95, "definition": 0.95, "beside": 0.9, "below": 0.75, "column": 0.85}[how]
    if label.how == "prefix" or not (label.colon or how in ("cell", "definition")):
        confidence -= 0.15
    return Pair(label.field, label.also, value, hit.k, start, stop, how, confidence)


def _joined(dom: Dom, k: int, stop: int, value: str) -> str:
    """An inline value with the rest of its line."""
    rest = dom.span(k + 1, stop) if stop > k + 1 else ""
    return f"{value} {rest}".strip()[:_LONGEST_VALUE]


def _line_end(dom: Dom, k: int, positions: set[int]) -> int:
    stop = k + 1
    while stop < len(dom.texts) and dom.glue[stop] != "\n" and stop not in positions and stop - k < 20:
        stop += 1
    return stop


def _label_element(dom: Dom, k: int) -> int:
    """The largest element that holds the label's text alone."""
    node = dom.owner[k]
    while dom.tag[node] not in _STOP:
        parent = dom.parent[node]
        if parent <= 0 or dom.last[parent] - dom.first[parent] != 1 or _has_pictures(dom, node):
            break
        node = parent
    return node


def _value_span(dom: Dom, k: int, positions: set[int]) -> tuple[int, int, str] | None:
    node = _label_element(dom, k)
    after = dom.owner[k + 1] if k + 1 < len(dom.owner) else len(dom.tag)
    if any(dom.first[select.node] == k + 1 and dom.owner[k] < select.node < after for select in dom.selects):
        return None  # the label of a drop-down list
    if dom.first[node] != k:
        return _rest_of(dom, node, k, positions)
    tag = dom.tag[node]
    if tag in _CELLS and dom.last[node] == k + 1:
        return _cell_value(dom, node, positions)
    if tag == "dt" and dom.last[node] == k + 1:
        sibling = dom.next_sibling(node)
        return (dom.first[sibling], dom.last[sibling], "definition") if sibling and dom.tag[sibling] == "dd" else None
    if dom.last[node] > k + 1:
        return _rest_of(dom, node, k, positions)
    return _following(dom, node, k, positions)


def _cell_value(dom: Dom, cell: int, positions: set[int]) -> tuple[int, int, str] | None:
    row = dom.parent[cell]
    cells = dom.children(row)
    place = cells.index(cell)
    labelled = [other for other in cells if dom.last[other] - dom.first[other] == 1 and dom.first[other] in positions]
    is_head = all(dom.tag[other] == "th" for other in cells) or len(labelled) == len(
        [c for c in cells if dom.last[c] > dom.first[c]]
    )
    if (len(cells) > 1 and is_head and len(labelled) > 1) or (
        len(cells) > 2 and all(dom.tag[c] == "th" for c in cells)
    ):
        return _column_value(dom, row, place)
    if place + 1 < len(cells):
        value = cells[place + 1]
        if dom.first[value] in positions and dom.last[value] - dom.first[value] == 1:
            return None
        return dom.first[value], dom.last[value], "cell"
    return None


def _column_value(dom: Dom, row: int, place: int) -> tuple[int, int, str] | None:
    """The cell below a column's head, when the table has one row of values only."""
    below = dom.next_sibling(row) or _first_row_after_head(dom, row)
    if below is None or dom.tag[below] != "tr" or dom.next_sibling(below) is not None:
        return None
    cells = dom.children(below)
    return (dom.first[cells[place]], dom.last[cells[place]], "column") if place < len(cells) else None


def _first_row_after_head(dom: Dom, row: int) -> int | None:
    body = dom.next_sibling(dom.parent[row]) if dom.tag[dom.parent[row]] == "thead" else None
    rows = dom.children(body) if body is not None and dom.tag[body] == "tbody" else []
    return rows[0] if rows else None


def _rest_of(dom: Dom, node: int, k: int, positions: set[int]) -> tuple[int, int, str] | None:
    """What follows the label inside its own element."""
    stop = (
        min(dom.last[node], _line_end(dom, k, positions))
        if k + 1 < dom.last[node] and dom.glue[k + 1] != "\n"
        else k + 1
    )
    if stop > k + 1:
        return k + 1, stop, "beside"
    return _block_at(dom, node, k, positions) if k + 1 < dom.last[node] else None


def _following(dom: Dom, node: int, k: int, positions: set[int]) -> tuple[int, int, str] | None:
    """What follows the label's element: the rest of its line, else the next block."""
    container = dom.parent[node]
    if container <= 0:
        return None
    if k + 1 >= dom.last[container]:
        return (k + 1, k + 1, "beside") if _has_pictures(dom, node) else None
    if k + 1 in positions and read_label(dom.texts[k + 1]) and not dom.texts[k + 1].isdigit() and _same_kind(dom, k):
        return None
    if dom.glue[k + 1] != "\n":
        return k + 1, min(dom.last[container], _line_end(dom, k + 1, positions)), "beside"
    return _block_at(dom, container, k, positions)


def _same_kind(dom: Dom, k: int) -> bool:
    """Whether two labels in a row are built alike, so the second is no value."""
    return dom.crc[dom.owner[k]] == dom.crc[dom.owner[k + 1]]


def _block_at(dom: Dom, container: int, k: int, positions: set[int]) -> tuple[int, int, str] | None:
    """The child block of the container that begins with text ``k + 1``."""
    child = dom.owner[k + 1]
    while child > 0 and dom.parent[child] != container:
        child = dom.parent[child]
    if child <= 0 or (k + 1 in positions and read_label(dom.texts[k + 1]) is not None and _same_kind(dom, k)):
        return None
    if dom.owner[k + 1] == container:
        return k + 1, min(dom.last[container], _line_end(dom, k + 1, positions)), "below"
    stop = min(dom.last[child], k + 1 + _MOST_VALUE_TEXTS)
    inner = next((j for j in range(k + 2, stop) if j in positions and dom.glue[j] == "\n"), stop)
    return k + 1, inner, "below"


def _captioned(sheet: Sheet, hit: Hit) -> Pair | None:
    """A figure printed above its caption, as in tiles of statistics."""
    dom, k = sheet.dom, hit.k
    node = _label_element(dom, k)
    box = dom.parent[node]
    if hit.label.field not in _CAPTIONED or box <= 0 or k == 0 or dom.first[box] != k - 1 or dom.last[box] != k + 1:
        return None
    value = dom.texts[k - 1]
    if not _FIGURE.match(value.lower()):
        return None
    return Pair(hit.label.field, hit.label.also, value, k, k - 1, k, "caption", 0.7)


def _has_pictures(dom: Dom, node: int) -> bool:
    return any(dom.tag[other] == "img" for other in range(dom.end[node], dom.end[dom.parent[node]]))


def _pictures(dom: Dom, k: int, how: str) -> str:
    """The names of the pictures that stand where a label's value is expected."""
    node = _label_element(dom, k)
    beside = dom.next_sibling(node) if how in ("cell", "definition") else None
    area = range(beside, dom.end[beside]) if beside else range(dom.end[node], dom.end[dom.parent[node]])
    images = (other for other in area if dom.tag[other] == "img")
    names = (dom.attrs[image].get("alt") or dom.attrs[image].get("title") or "" for image in images)
    return ", ".join(name.strip() for name in names if name.strip())[:_LONGEST_VALUE]
