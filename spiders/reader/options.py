"""Price options: sizes, tiers, variants and cities, each with its price."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from crawler.model.money import find_money
from crawler.model.words import RawOption
from spiders.reader.sheet import Sheet, read_label
from spiders.reader.vocabulary import fold, fold_label, labels
from spiders.reader.world import is_city

_ROWS = frozenset({"tr", "li", "div", "label", "p", "span", "dd", "dt", "section", "article", "a", "button"})
_HEADS = frozenset({"h2", "h3", "h4", "h5", "h6", "b", "strong", "legend", "caption", "summary", "th"})
_LEAST = 2
_MOST = 200
_LONGEST_HEAD = 40
_LONGEST_LINE = 80
_MOST_PIECES = 6
_EDGE = " \t\n:：-–—•·*|,;@=()[]"
_PIECES = re.compile(r"\s*[·•|,;]\s*|\s+[-–—/]\s+")
_LOOSE_MARKS = re.compile(r"\s[-–—.,:]{1,3}(?=\s)")
_EMPTY_BRACKETS = re.compile(r"[(\[]\s*[)\]]")
_SHIPPING = re.compile(
    r"ship|deliver|post(?:age|al)|mail|courier|достав|почт|kargo|versand|livraison|env[ií]o|spedizion|yetkaz|жеткіз|жеткир",
    re.IGNORECASE,
)
_DISTRICT = re.compile(r"\s*[:,/(]\s*|\s+[-–—]\s+")
_PLACED = re.compile(r"city|gorod|town|shahar|map-?marker|location|geo", re.IGNORECASE)
_WORD = re.compile(r"\w")
_MEASURED = re.compile(r"\d\s?[^\W\d_]")


def find_options(sheet: Sheet) -> tuple[RawOption, ...]:
    """The options of a listing page in reading order; none where the page shows one price only."""
    rows = _row_options(sheet)
    drops = _select_options(sheet)
    lines = _line_options(sheet)
    return tuple(max(rows, drops, lines, key=lambda some: (len(some), any(one.city for one in some)))[:_MOST])


def _line_options(sheet: Sheet) -> list[RawOption]:
    """Options on lines of their own: "2 g - 40 USD", a line break, and now and then a heading that names the city."""
    dom = sheet.dom
    best: list[RawOption] = []
    run: list[RawOption] = []
    city: str | None = None
    for start, stop in _lines(sheet):
        option = _from_line(_line_text(sheet, start, stop), city) if _may_be_line(sheet, start, stop) else None
        if option is not None and option.quantity is not None:
            run = [*run, option]
            best = run if len(run) > len(best) and len(run) >= _LEAST else best
            continue
        head = dom.texts[start].strip(_EDGE)
        named = stop == start + 1 and _is_head(sheet, start)
        run = run if named and (city is not None or not run) else []
        city = head if named else None
    return best if not _same_words(best) else []


def _lines(sheet: Sheet) -> Iterator[tuple[int, int]]:
    """The lines of the page that may belong to a list of options, as ranges of texts."""
    return sheet.dom.lines(0, len(sheet.dom.texts)) if sheet.money else iter(())


def _is_head(sheet: Sheet, k: int) -> bool:
    text = sheet.dom.texts[k]
    plain = 1 < len(text) <= _LONGEST_HEAD and not any(map(str.isdigit, text)) and read_label(text) is None
    return plain and sheet.dom.inside(sheet.dom.owner[k], _HEADS) is not None


def _line_text(sheet: Sheet, start: int, stop: int) -> str:
    """The words of a line without its buttons."""
    return " ".join(sheet.dom.texts[k] for k in range(start, stop) if k not in sheet.buttons())


def _may_be_line(sheet: Sheet, start: int, stop: int) -> bool:
    dom = sheet.dom
    if not any(k in sheet.money for k in range(start, min(stop, start + _MOST_PIECES))) or stop - start > _MOST_PIECES:
        return False
    text = _line_text(sheet, start, stop)
    fits = len(text) <= _LONGEST_LINE and not sheet.chrome(start) and start not in sheet.frame
    label = read_label(dom.texts[start])
    other = label is not None and label.how in ("exact", "inline")
    return fits and not other and not sheet.within_any(("cards", "reviews", "terms"), start)


def _select_options(sheet: Sheet) -> list[RawOption]:
    best: list[RawOption] = []
    for select in sheet.dom.selects:
        names = " ".join(sheet.dom.attrs[select.node].get(key, "") for key in ("name", "id", "class"))
        first = select.options[0][0] if select.options else ""
        if _SHIPPING.search(names) or _SHIPPING.search(first) or _announces_delivery(sheet, select.node):
            continue
        read = [option for text, _ in select.options[:_MOST] if (option := _from_line(text))]
        if len(read) > len(best) and len(read) >= _LEAST:
            best = read
    return best


def _announces_delivery(sheet: Sheet, node: int) -> bool:
    """Whether the words just before an element are about shipping."""
    dom = sheet.dom
    before = range(max(0, dom.first[node] - 1), dom.first[node])
    return any(len(dom.texts[k]) < 60 and _is_about_delivery(dom.texts[k]) for k in before)


def _is_about_delivery(text: str) -> bool:
    """Whether a text announces ways of delivery; "Ships from: France" is a fact of its own."""
    label = read_label(text)
    if label is not None and label.value and label.field in ("ships_from", "ships_to"):
        return False
    return _SHIPPING.search(text) is not None or (label is not None and label.field == "delivery")


def _from_line(text: str, city: str | None = None) -> RawOption | None:
    money = find_money(text[:300])
    if not money:
        return None
    said = _without_money(text)
    pieces = [piece for piece in _PIECES.split(said) if piece]
    named = next((piece for piece in pieces if is_city(piece)), None) if city is None and len(pieces) > 1 else None
    amount = next((piece for piece in pieces if any(map(str.isdigit, piece))), said) if named else said
    return RawOption(price=text[money[0].start : money[-1].end], quantity=amount or None, city=city or named)


def _without_money(text: str) -> str:
    kept, at = [], 0
    for match in find_money(text[:300]):
        kept.append(text[at : match.start])
        at = match.end
    kept.append(text[at:300])
    bare = _LOOSE_MARKS.sub(" ", f" {' '.join(kept)} ")
    bare = " ".join(bare.split()).strip(_EDGE)
    bare = _EMPTY_BRACKETS.sub("", bare).strip(_EDGE)
    return bare if _WORD.search(bare) else ""


def _row_options(sheet: Sheet) -> list[RawOption]:
    best: list[RawOption] = []
    for rows in _groups(sheet):
        if _is_shipping(sheet, rows):
            continue
        heads = _section_heads(sheet, rows)
        read = [option for row in rows if (option := _from_row(sheet, row, _columns(sheet, row), heads.get(row)))]
        told_apart = sum(option.quantity is not None or option.city is not None for option in read)
        placed = len(read) == len(best) and bool(heads) and not any(option.city for option in best)
        longer = len(read) > len(best) or placed
        if len(read) >= _LEAST and told_apart * 3 >= len(read) * 2 and longer and not _same_words(read):
            best = [option for option in read if option.quantity is not None or option.city is not None]
    return best


def _section_heads(sheet: Sheet, rows: list[int]) -> dict[int, str]:
    """The heading of the section each row stands in, where rows of one kind stand in several sections: cities."""
    tables = {row: _section_of(sheet, row) for row in rows}
    several = len(set(tables.values())) >= _LEAST or _is_placed(sheet, tables[rows[0]])
    if not several and not {"district", "delivery"} & set(_columns(sheet, rows[0]).values()):
        return {}
    heads: dict[int, str] = {}
    for row, table in tables.items():
        head = _heading_before(sheet, table, row)
        if head:
            heads[row] = head
    return heads if len(set(heads.values())) == len(set(tables.values())) else {}


def _is_placed(sheet: Sheet, section: int) -> bool:
    """Whether a section is marked as a place, by its class or by the pin beside its heading."""
    dom = sheet.dom
    names = (dom.attrs[node].get("class", "") for node in range(section, min(dom.end[section], section + 4)))
    return any(_PLACED.search(name) is not None for name in names)


def _heading_before(sheet: Sheet, table: int, row: int) -> str | None:
    """The heading or bold line at the top of a section, or right before it, when it is no label."""
    dom = sheet.dom
    above = dom.tag[table] not in ("table", "ul", "ol", "dl") and dom.first[table] < dom.first[row]
    inside = above and dom.tag[dom.owner[dom.first[table]]] in _HEADS
    k = dom.first[table] if inside else dom.first[table] - 1
    if k < 0 or len(dom.texts[k]) > _LONGEST_HEAD or k in sheet.money or k in sheet.frame or read_label(dom.texts[k]):
        return None
    counted = any(letter.isdigit() for letter in dom.texts[k])  # an amount, no place
    alone = dom.glue[k] == "\n" and dom.last[dom.owner[k]] - dom.first[dom.owner[k]] == 1
    heads = dom.inside(dom.owner[k], _HEADS) is not None or (alone and dom.tag[dom.owner[k]] in ("div", "p", "span"))
    return dom.texts[k].strip(_EDGE) if not counted and heads else None


def _section_of(sheet: Sheet, row: int) -> int:
    """The table or list around a row."""
    table = (
        sheet.dom.inside(row, frozenset({"table", "ul", "ol", "dl"})) if sheet.dom.tag[row] in ("tr", "li") else None
    )
    return table if table is not None else sheet.dom.parent[row]


def _same_words(read: list[RawOption]) -> bool:
    return len({(option.quantity, option.city) for option in read}) < len(read)


def _groups(sheet: Sheet) -> list[list[int]]:
    """Sibling rows of one kind that each hold money, outside cards, reviews and the frame."""
    dom = sheet.dom
    rows: dict[tuple[int | str, ...], dict[int, None]] = defaultdict(dict)
    for k in sheet.money:
        if (
            sheet.chrome(k)
            or k in sheet.frame
            or sheet.within("cards", k)
            or sheet.within("reviews", k)
            or sheet.within("description", k)
            or sheet.within("terms", k)
            or sheet.within("said", k)
        ):
            continue
        node = dom.owner[k]
        for _ in range(5):
            if node <= 0 or dom.last[node] - dom.first[node] > 14:
                break
            if dom.tag[node] in _ROWS:
                rows[dom.crc[node], *_columns(sheet, node).values()][node] = None
            node = dom.parent[node]
    return [sorted(found) for found in rows.values() if len(found) >= _LEAST]


def _is_shipping(sheet: Sheet, rows: list[int]) -> bool:
    dom = sheet.dom
    if _announces_delivery(sheet, rows[0]):
        return True
    spoken = sum(_SHIPPING.search(dom.line(row)[:200]) is not None for row in rows)
    names = " ".join(
        dom.attrs[node].get("name", "")
        for row in rows[:3]
        for node in range(row, dom.end[row])
        if dom.tag[node] == "input"
    )
    return spoken * 2 > len(rows) or _SHIPPING.search(names) is not None


def _columns(sheet: Sheet, row: int) -> dict[int, str]:
    dom = sheet.dom
    table = dom.inside(row, frozenset({"table"})) if dom.tag[row] == "tr" else None
    head = next((node for node in range(table, row) if dom.tag[node] == "tr"), None) if table is not None else None
    if head is None:
        return {}
    found = {}
    for place, cell in enumerate(dom.children(head)):
        label = read_label(dom.line(cell)[:50])
        if label and label.how == "exact":
            names = (label.field, *label.also)
            found[place] = next(
                (name for name in names if name in ("city", "quantity", "price", "delivery", "stock")), label.field
            )
    return found


def _from_row(sheet: Sheet, row: int, columns: dict[int, str], head: str | None) -> RawOption | None:
    dom = sheet.dom
    cells = dom.children(row) if columns else []
    city = _city_of(_cell_text(sheet, cells, columns, "city")) or head
    quantity = _cell_text(sheet, cells, columns, "quantity") or _cell_text(sheet, cells, columns, "title")
    start, stop = dom.first[row], dom.last[row]
    price_ks = [k for k in range(start, stop) if k in sheet.money]
    if not price_ks:
        return None
    label = read_label(dom.texts[start])
    if (
        label
        and label.how in ("exact", "inline")
        and label.field in ("price", "payment", "delivery", "ignore", "sales")
        and not columns
    ):
        return None
    price = dom.span(price_ks[0], price_ks[-1] + 1) if price_ks[-1] - price_ks[0] < 4 else dom.texts[price_ks[0]]
    money = find_money(price[:300])
    if money:
        price = price[money[0].start : money[-1].end]
    pieces = _plain_pieces(sheet, start, stop, price_ks)
    if city is None and not columns and (named := next(filter(is_city, pieces), None)):
        city, pieces = named, [piece for piece in pieces if _MEASURED.search(piece)]
    return RawOption(price=price, quantity=quantity or (pieces[0][:120] if pieces else None), city=city)


def _city_of(text: str | None) -> str | None:
    """The city in the cell of a row, which may name the district behind it: "Riverton: Old Town"."""
    return _DISTRICT.split(text, maxsplit=1)[0].strip(_EDGE) or None if text else None


def _plain_pieces(sheet: Sheet, start: int, stop: int, price_ks: list[int]) -> list[str]:
    """The words of a row that are no money and no button, in reading order."""
    dom = sheet.dom
    pieces = [_without_money(dom.texts[k]) if k in price_ks else dom.texts[k] for k in range(start, stop)]
    plain = [piece.strip(_EDGE) for piece in pieces if piece and fold_label(piece) not in labels().buttons]
    return [piece for piece in plain if _WORD.search(piece) and not fold(piece).endswith("off")]


def _cell_text(sheet: Sheet, cells: list[int], columns: dict[int, str], field: str) -> str | None:
    place = next((place for place, name in columns.items() if name == field), None)
    if place is None or place >= len(cells):
        return None
    return sheet.dom.line(cells[place])[:120] or None
