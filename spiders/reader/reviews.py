"""Reviews: rows of buyers' words with their rating, date and price."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from crawler.model.words import RawReview
from spiders.reader.sheet import Sheet, read_label
from spiders.reader.spoken import find_spoken
from spiders.reader.stars import RATIO, SMALL_NUMBER, drawn_rating
from spiders.reader.told import find_told
from spiders.reader.vocabulary import fold

_MOST_ROWS = 500
_LONGEST_REST = 12
_LONGEST_DATE = 60
_ENOUGH = 5
_FEWEST_SAID = 2
_WORDY = re.compile(r"[^\W\d_]|\d\D+\d")  # no stars, no count alone
_DIGIT = re.compile(r"\d|yesterday|today|вчера|сегодня")
_MOST_PIECES = 40
_LEAST_WORDS = 3
_MOST_LEADING = 3
_SHORT_AGE = 3
_ALPHABETIC = re.compile(r"[^\W\d]{2,16}(?:\s[^\W\d]{1,12}){0,2}\s?:?\s")
_LEAST_FOR_PLACE = 2
_LONGEST_LABELLED = 80
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_LINKS = frozenset({"a"})
_INLINE = frozenset({"b", "i", "em", "strong", "u", "a", "span", "font", "br", "s", "small", "q"})
_ZONES = frozenset(
    {"div", "section", "table", "tbody", "ul", "ol", "article", "dl", "main", "td", "form", "fieldset", "blockquote"}
)
_DATE = re.compile(
    r"\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{2,4}|\d{1,2}(?:st|nd|rd|th)?[\s.-]{1,3}[^\W\d_]{3,12}[\s.,-]{1,3}\d{2,4}|[^\W\d_]{3,12}\s\d{1,2}(?:st|nd|rd|th)?,?\s\d{4}"
    r"|\b\d{1,3}\+?\s?(?:second|minute|min|hour|day|week|month|year|h|d|w|m|y)s?\b\s{0,2}(?:ago)?|\b(?:yesterday|today)\b"
    r"|\d{1,3}\s(?:секунд|минут|час|дн|день|недел|месяц|год|лет)[а-я]{0,4}|\b(?:вчера|сегодня)\b"
    r"|\d{1,3}\s(?:kun|soat|hafta|oy|daqiqa|кун|соат|ҳафта|ой|күн|сағат|апта|ай|саат|жума|рӯз|моҳ|gün|saat|hafta|ay|tagen?|stunden|wochen|monaten|jours?|heures|semaines|mois|días|horas|semanas|meses|giorni|ore|settimane|mesi|dagen|uur|weken|maanden|روز|ساعت|هفته|ماه|ورځې|اونۍ)",
    re.IGNORECASE,
)
# A row with one of these labels states facts of a listing or vendor; it is no review.
_OTHER_FACTS = frozenset(
    {"joined", "last_seen", "level", "stock", "ships_from", "ships_to", "payment", "escrow", "disputes", "sales"}
)
_OFFERED = _OTHER_FACTS | {"price"}
_PIECES = re.compile(r"\s*[,|·•;]\s*|\s+[-–—]\s+")
_STARS = re.compile(r"[★☆⭐✩✪✮✯]{1,10}")
_MASKED = re.compile(r"[^\s*]{0,12}\*{1,12}[^\s*]{0,12}|[^\s.]{1,3}\.{3,8}[^\s.]{1,3}")
_VERDICT = frozenset(
    {
        "positive",
        "negative",
        "neutral",
        "good",
        "bad",
        "excellent",
        "положительный",
        "отрицательный",
        "нейтральный",
        "положительно",
        "отрицательно",
        "хорошо",
        "плохо",
        "отлично",
        "positiv",
        "negativ",
        "ijobiy",
        "salbiy",
        "ижобий",
        "салбий",
        "оң",
        "теріс",
        "мусбат",
        "манфӣ",
        "positif",
        "négatif",
        "positivo",
        "negativo",
        "olumlu",
        "olumsuz",
        "مثبت",
        "منفی",
    }
)


Seen = dict[tuple[int, tuple[tuple[int, str], ...], tuple[int, int] | None], RawReview | None]


def find_reviews(sheet: Sheet) -> tuple[RawReview, ...]:
    """The reviews of the page in reading order; their text range becomes region ``reviews``."""
    best: list[RawReview] = []
    region: tuple[int, int] | None = None
    seen: Seen = {}
    for zone in _zones(sheet):
        if region and region[0] <= sheet.dom.first[zone] < region[1] and len(best) >= _ENOUGH:
            continue
        rows, reviews = _rows_of(sheet, zone, seen)
        if _worth(zip(rows, reviews, strict=True)) > _worth((0, review) for review in best):
            best, region = reviews, (sheet.dom.first[rows[0]], sheet.dom.last[rows[-1]])
    spoken, spoken_region = ([], (0, 0)) if _is_clear(best) else find_spoken(sheet)
    gain = _worth((0, review) for review in spoken) - _worth((0, review) for review in best)
    if gain > 0 or (gain == 0 and _is_clearer(spoken, best)):
        best, region = spoken, spoken_region
    told, told_region = ([], (0, 0)) if _is_clear(best) else find_told(sheet)
    gain = _worth((0, review) for review in told) - _worth((0, review) for review in best)
    if gain > 0 or (gain == 0 and _is_clearer(told, best)):
        best, region = told, told_region
    if region:
        sheet.mark("reviews", *region)
    return tuple(best)


def _is_clear(boxed: list[RawReview]) -> bool:
    """Whether there are reviews enough, whose words hold neither a date nor a masked name."""
    said = [review.text for review in boxed if review.text]
    dated = any(_DATE.search(text) or "**" in text for text in said[:_ENOUGH])
    return len(said) >= _ENOUGH and not dated


def _is_clearer(spoken: list[RawReview], boxed: list[RawReview]) -> bool:
    """Whether the same reviews, read line by line, are without the words of their heads."""
    pairs = list(zip(spoken, boxed, strict=False))
    within = [(one.text or "") in (other.text or "") for one, other in pairs]
    return bool(pairs) and all(within) and any(one.text != other.text for one, other in pairs)


def _zones(sheet: Sheet) -> list[int]:
    dom, zones = sheet.dom, []
    for hit in sheet.hits:
        if hit.label.how == "exact" and "reviews" in (hit.label.field, *hit.label.also) and sheet.chrome(hit.k) < 2:
            zones.extend(_after_heading(sheet, hit.k))
    zones.extend(_by_signs(sheet))
    for node, tag in enumerate(dom.tag):
        if (
            tag in _ZONES
            and "reviews" in sheet.hints(node)
            and dom.last[node] - dom.first[node] > 1
            and dom.chrome[node] < 2
        ) or (tag == "table" and _has_review_head(sheet, node)):
            zones.append(node)
    return list(dict.fromkeys(zones))[:12]


def _by_signs(sheet: Sheet) -> list[int]:
    """Elements that hold several dates or masked names of one make: rows of reviews without any heading."""
    dom = sheet.dom
    alike: dict[tuple[int, bool], list[int]] = {}
    for k, text in enumerate(dom.texts):
        if len(text) < _LONGEST_LABELLED and sheet.chrome(k) == 0 and _is_sign(text):
            alike.setdefault((dom.crc[dom.owner[k]], _masked_part(text)), []).append(k)
    zones: list[int] = []
    for (_, named), ks in sorted(alike.items(), key=lambda pair: -len(pair[1]))[:4]:
        if len(ks) == 1 and not named:
            continue
        node = dom.owner[ks[0]]
        while node > 0 and not (
            dom.first[node] <= ks[-1] < dom.last[node] and dom.last[node] - dom.first[node] > len(ks)
        ):
            node = dom.parent[node]
        zones.extend((node, dom.parent[node]) if len(ks) == 1 else (node,))
    return [node for node in zones if node > 0 and dom.tag[node] not in ("body", "html")]


def _masked(text: str) -> bool:
    return "*" in text and _MASKED.fullmatch(text.strip("()[] ")) is not None


def _after_heading(sheet: Sheet, k: int) -> list[int]:
    """The elements a heading may stand for: what follows it, and what it is inside of."""
    dom = sheet.dom
    node, found = dom.owner[k], []
    for _ in range(4):
        parent = dom.parent[node]
        if parent <= 0:
            break
        after = dom.next_sibling(node)
        if after is not None and dom.tag[after] in _ZONES and dom.last[after] - dom.first[after] > 1:
            found.append(after)
        if (
            dom.tag[parent] in _ZONES
            and dom.tag[parent] not in ("main", "td")
            and dom.last[parent] - dom.first[parent] >= _LEAST_WORDS
            and dom.depth[parent] > 3
        ):
            found.append(parent)
            break
        node = parent
    return found


def _has_review_head(sheet: Sheet, table: int) -> bool:
    dom = sheet.dom
    row = next((node for node in range(table, min(dom.end[table], table + 6)) if dom.tag[node] == "tr"), None)
    if row is None:
        return False
    fields: set[str] = set()
    for cell in dom.children(row):
        label = read_label(dom.line(cell)[:40])
        if label and label.how == "exact":
            fields.update((label.field, *label.also))
    return (
        bool(fields & {"comment", "reviews"})
        and len(fields & {"comment", "reviews", "date", "buyer", "rating", "price", "title"}) > 1
        and not fields & {"stock", "vendor"}
    )


def _known(
    sheet: Sheet, row: int, columns: dict[int, str], place: tuple[int, int] | None, seen: Seen
) -> RawReview | None:
    """The row as a review; zones overlap, and each row is read once for each way to read it."""
    key = row, tuple(columns.items()), place
    if key not in seen:
        seen[key] = _review(sheet, row, columns, place)
    return seen[key]


def _rows_of(sheet: Sheet, zone: int, seen: Seen) -> tuple[list[int], list[RawReview]]:
    """The repeated rows of a zone that read as reviews."""
    best: tuple[list[int], list[RawReview]] = ([], [])
    for box in [-1, *_boxes(sheet, zone)]:
        for found in _alike(sheet, box) if box >= 0 else [_like(sheet, zone)]:
            rows = [row for row in found if not _names_columns(sheet, row)]
            if not rows:
                continue
            columns = _columns(sheet, rows)
            place = _text_place(sheet, rows)
            read = [(row, review) for row in rows if (review := _known(sheet, row, columns, place, seen))]
            if len(read) > 1 and _states_price(sheet, read[0][0]) and not _states_price(sheet, read[1][0]):
                read = read[1:]  # the post that offers, above those that answer it
            if len(rows) == 1 and read and not _is_sure(read[0][1]):
                continue
            if _worth(read) > _worth(zip(*best, strict=True)) and len(read) * 2 > len(rows):
                best = [row for row, _ in read], [review for _, review in read]
    return best


def _states_price(sheet: Sheet, row: int) -> bool:
    """Whether a row has a line that announces a price, or a button that orders at one."""
    dom = sheet.dom
    return any(
        dom.tag[dom.owner[k]] in ("a", "button")
        or ((label := read_label(dom.texts[k])) is not None and label.field == "price")
        for k in range(dom.first[row], dom.last[row])
        if k in sheet.money
    )


def _is_sure(review: RawReview) -> bool:
    """Whether a review that stands alone is one: it has a masked buyer, or a date and more than a word of text."""
    said = review.text or ""
    return bool(said) and ("*" in (review.buyer or "") or (review.date is not None and len(said.split()) > 1))


def _worth(read: Iterable[tuple[int, RawReview]]) -> float:
    return sum(1.0 if review.text else 0.4 for _, review in read)


def _like(sheet: Sheet, first: int) -> list[int]:
    """An element and its later siblings that are built alike: rows below a heading, with no box around them."""
    node, step = first, sheet.dom.step(first)
    found: list[int] = []
    while len(found) < _MOST_ROWS:
        if sheet.dom.step(node) == step:
            found.append(node)
        after = sheet.dom.next_sibling(node)
        if after is None:
            break
        node = after
    return found


def _alike(sheet: Sheet, box: int) -> list[list[int]]:
    """The children of a box with text that are built alike."""
    dom = sheet.dom
    kinds: dict[str, list[int]] = {}
    for child in dom.children(box)[:_MOST_ROWS]:
        if dom.last[child] > dom.first[child] and dom.tag[child] not in _HEADINGS:
            kinds.setdefault(dom.tag[child] if dom.tag[child] in ("tr", "li") else dom.step(child), []).append(child)
    return list(kinds.values())


def _boxes(sheet: Sheet, zone: int) -> list[int]:
    dom, found = sheet.dom, [zone]
    for node in range(zone + 1, min(dom.end[zone], zone + 60)):
        if dom.tag[node] in _ZONES and dom.end[node] - node > 1 and dom.depth[node] - dom.depth[zone] <= 4:
            found.append(node)
    return found[:14]


def _columns(sheet: Sheet, rows: list[int]) -> dict[int, str]:
    dom = sheet.dom
    table = dom.inside(rows[0], frozenset({"table"})) if dom.tag[rows[0]] == "tr" else None
    head = (
        next((node for node in range(table, rows[0] + 1) if dom.tag[node] == "tr"), None) if table is not None else None
    )
    if head is None or len(dom.children(head)) < len(dom.children(rows[0])) - 1:
        return {}
    names = {}
    for place, cell in enumerate(dom.children(head)):
        label = read_label(dom.line(cell)[:40])
        if label and label.how == "exact":
            names[place] = next(
                (
                    field
                    for field in (label.field, *label.also)
                    if field in ("comment", "reviews", "date", "buyer", "rating", "price", "name", "title")
                ),
                label.field,
            )
    return names


def _text_place(sheet: Sheet, rows: list[int]) -> tuple[int, int] | None:
    """The kind of element that holds the most words over all rows: where the reviews' texts stand."""
    if len(rows) < _LEAST_FOR_PLACE:
        return None
    dom = sheet.dom
    weight: dict[tuple[int, int], int] = {}
    for row in rows:
        for k in range(dom.first[row], min(dom.last[row], dom.first[row] + _MOST_PIECES)):
            if k not in sheet.money and dom.tag[dom.owner[k]] != "a" and not _is_sign(dom.texts[k]):
                block = _own_block(sheet, dom.owner[k], row)
                place = dom.crc[block], _cell_number(sheet, block, row)
                weight[place] = weight.get(place, 0) + len(dom.texts[k])
    return max(weight, key=lambda place: weight[place], default=None)


def _cell_number(sheet: Sheet, node: int, row: int) -> int:
    """Which cell of a table's row an element stands in, 0 where the row is no table's."""
    dom = sheet.dom
    if dom.tag[row] != "tr":
        return 0
    return next((number for number, cell in enumerate(dom.children(row)) if cell <= node < dom.end[cell]), 0)


@lru_cache(maxsize=8192)
def _several(text: str) -> dict[str, str]:
    """Buyer, date and rating where one line states at least two of them: "ab**c, 2024-05-01, rating 5"."""
    if len(text) > _LONGEST_LABELLED or not (_DIGIT.search(text) or _masked_part(text)):
        return {}
    if not _masked_part(text) and not _DATE.search(text):
        return {}
    found: dict[str, str] = {}
    for piece in _PIECES.split(text):
        name = _sign_of(piece.strip())
        if name:
            found.setdefault(name, piece.strip())
    return found if len(found) > 1 else _run_together(text)


def _run_together(text: str) -> dict[str, str]:
    """The same where only spaces stand between: "★★★★☆ ab**c 01.05.2024"."""
    stars, date = _STARS.search(text) or RATIO.search(text), _DATE.search(text)
    buyer = next((word for word in text.split() if _masked(word)), None)
    found = {"rating": stars[0] if stars else "", "date": date[0] if date else "", "buyer": buyer or ""}
    if date and not stars:
        found["rating"] = _rating_beside(text.replace(date[0], " ", 1))
    found = {name: said for name, said in found.items() if said}
    rest = len(text) - sum(map(len, found.values()))
    return found if len(found) > 1 and rest <= _LONGEST_REST else _led(text, date, buyer)


def _led(text: str, date: re.Match[str] | None, buyer: str | None) -> dict[str, str]:
    """One date or masked name behind a word or two that announce it: "added on: 01.05.2024", "by ab**c"."""
    said = date[0] if date else buyer
    before, _, after = text.partition(said) if said else ("", "", "")
    words = before.split()
    if said is None or after.strip(" .)") or not 0 < len(words) <= _MOST_LEADING or not _ALPHABETIC.fullmatch(before):
        return {}
    label = read_label(before.strip())
    if len(said) <= _SHORT_AGE or (label is not None and label.field not in ("date", "buyer", "vendor", "reviews")):
        return {}
    return {"date": said} if date else {"buyer": said}


def _rating_beside(text: str) -> str:
    """The rating in what is left of a line beside its date: "rating: 4"."""
    label = read_label(text.strip("() ,;·|-–—"))
    rated = label is not None and label.how == "inline" and "rating" in (label.field, *label.also)
    return (label.value or "") if rated and label else ""


def _masked_part(text: str) -> bool:
    return "**" in text or "..." in text


def _sign_of(piece: str) -> str | None:
    if _DATE.fullmatch(piece):
        return "date"
    if _masked(piece):
        return "buyer"
    words = piece.split()
    if len(words) > 1 and SMALL_NUMBER.fullmatch(words[-1].split("/")[0]):
        label = read_label(" ".join(words[:-1]))
        return "rating" if label and "rating" in (label.field, *label.also) else None
    return "rating" if _STARS.fullmatch(piece.replace(" ", "")) or RATIO.fullmatch(piece) else None


def _is_sign(text: str) -> bool:
    """Whether a text is a date or a masked name and nothing else."""
    if _several(text):
        return True
    return len(text) < _LONGEST_LABELLED // 2 and (_masked(text) or _DATE.fullmatch(text) is not None)


def _own_block(sheet: Sheet, node: int, row: int) -> int:
    """The element around a word in bold or italics, or the element itself."""
    dom = sheet.dom
    while (
        dom.tag[node] in ("b", "i", "em", "strong", "br", "u")
        and dom.parent[node] > row
        and dom.last[dom.parent[node]] - dom.first[dom.parent[node]] > 1
    ):
        node = dom.parent[node]
    return node


def _stands_in(sheet: Sheet, node: int, row: int, place: tuple[int, int]) -> bool:
    """Whether an element is at the place, or in a run of words at it."""
    dom = sheet.dom
    while node > row:
        if dom.crc[node] == place[0]:
            return _cell_number(sheet, node, row) == place[1]
        if dom.tag[node] not in _INLINE:
            return False
        node = dom.parent[node]
    return False


def _says_something(text: str) -> bool:
    """Whether a text is more than a date, a masked name, a label or a mark."""
    label = read_label(text)
    return not _is_sign(text) and not _is_date(text) and (label is None or label.how == "suffix")


def _is_date(text: str) -> bool:
    date = _date_in(text) if len(text) < _LONGEST_DATE else None
    return date is not None and len(date) * 2 > len(text)


def _placed_text(sheet: Sheet, row: int, place: tuple[int, int] | None) -> str | None:
    dom = sheet.dom
    if place is None:
        return None
    own = [k for k in range(dom.first[row], dom.last[row]) if _stands_in(sheet, dom.owner[k], row, place)]
    own = [k for k in own if _says_something(dom.texts[k])]
    own = [k for k in own if dom.inside(dom.owner[k], _LINKS) is None] or own
    own = [k for k in own if _WORDY.search(dom.texts[k].strip("+ "))] or own
    own = _said_lines(sheet, row, own, place[0])
    if not own:
        return None
    if any(k in sheet.money for k in own) and len(own) == 1 and len(dom.texts[own[0]]) < _LONGEST_LABELLED // 2:
        return None
    return " ".join(" ".join(dom.texts[k] for k in own).split())


def _said_lines(sheet: Sheet, row: int, own: list[int], place: int) -> list[int]:
    """Of texts at a place those on lines it says itself: a line of names and links alone is the review's head."""
    dom = sheet.dom
    lines = [range(start, stop) for start, stop in dom.lines(dom.first[row], dom.last[row])]
    lines = [line for line in lines if any(k in own for k in line)]
    dated = [line for line in lines if any(_is_date(dom.texts[k]) for k in line)]
    brief = all(len(dom.texts[k].split()) <= _FEWEST_SAID for line in dated for k in line if k in own)
    if 0 < len(dated) < len(lines) and brief:  # the line that has the date is the head: a name, and how good it was
        lines = [line for line in lines if line not in dated]
        own = [k for line in lines for k in line if k in own]
    kept = [k for line in lines if any(dom.crc[dom.owner[k]] == place for k in line) for k in line if k in own]
    return kept if len({line[0] for line in lines if any(k in own for k in line)}) > 1 and kept else own


def _review(sheet: Sheet, row: int, columns: dict[int, str], place: tuple[int, int] | None) -> RawReview | None:
    dom = sheet.dom
    start, stop = dom.first[row], dom.last[row]
    if stop - start > _MOST_PIECES or _is_head(sheet, row):
        return None
    parts = _parts(sheet, row, columns, place)
    signs = sum(bool(parts.get(name)) for name in ("date", "rating", "buyer"))
    if not ("date" in parts or "buyer" in parts) and len(parts.get("text", "").split()) < _LEAST_WORDS:
        return None
    if not signs or ("text" not in parts and signs < 2):
        return None
    return RawReview(
        text=_tidy(parts.get("text")),
        rating=parts.get("rating"),
        buyer=parts.get("buyer"),
        date=parts.get("date"),
        price=parts.get("price"),
    )


def _parts(sheet: Sheet, row: int, columns: dict[int, str], place: tuple[int, int] | None) -> dict[str, str]:
    """The row's text, rating, buyer, date and price, as far as it shows them."""
    dom = sheet.dom
    parts: dict[str, str] = {}
    drawn = drawn_rating(sheet, row)
    if drawn:
        parts["rating"] = drawn
    cells = dom.children(row) if columns else []
    rest: list[int] = []
    for k in range(dom.first[row], dom.last[row]):
        several = _several(dom.texts[k])
        if several:
            parts.update({name: said for name, said in several.items() if name not in parts})
            continue
        field = _field_of(sheet, k, cells, columns)
        value = _value_of(dom.texts[k])
        if field in ("date", "rating", "buyer", "price") and field not in parts:
            parts[field] = value
        elif field == "text":
            parts["text"] = (parts["text"] + dom.glue[k] + value) if "text" in parts else value
        elif field is None:
            rest.append(k)
    if "text" not in parts or not columns:
        text = (None if columns else _placed_text(sheet, row, place)) or parts.get("text") or _longest(sheet, rest)
        if text:
            parts["text"] = text
    return parts


def _names_columns(sheet: Sheet, row: int) -> bool:
    dom = sheet.dom
    return dom.tag[row] == "tr" and all(_is_label(dom.texts[k]) for k in range(dom.first[row], dom.last[row]))


def _is_head(sheet: Sheet, row: int) -> bool:
    """Whether a row names columns, or is no row at all but a part of the page with headings or forms."""
    dom = sheet.dom
    if any(dom.tag[child] == "th" for child in dom.children(row)):
        return True
    wrapped = _wrapped(sheet, row)
    if any(dom.tag[node] in ("form", "h1", "h2", "table") for node in range(wrapped + 1, dom.end[row])):
        return True
    said = [
        read_label(dom.texts[k]) for k in range(dom.first[row], dom.last[row]) if len(dom.texts[k]) < _LONGEST_LABELLED
    ]
    if any(label and label.how == "exact" and label.field in _OTHER_FACTS for label in said):
        return True
    if sum(label is not None and label.how == "inline" and label.field in _OFFERED for label in said) > 1:
        return True
    return all(_is_label(dom.texts[k]) for k in range(dom.first[row], dom.last[row]))


def _wrapped(sheet: Sheet, row: int) -> int:
    """The table that is all a row holds, as old shops set their records; else the row itself."""
    dom, node = sheet.dom, row
    while (inside := dom.children(node)) and len(inside) == 1 and dom.tag[node] in ("tr", "td"):
        node = inside[0]
    return node if dom.tag[node] == "table" else row


def _is_label(text: str) -> bool:
    label = read_label(text) if len(text) < _LONGEST_LABELLED else None
    return label is not None and label.how == "exact"


def _tidy(text: str | None) -> str | None:
    return (" ".join(text.split()).lstrip("–—-:» ") or None) if text else None


def _value_of(text: str) -> str:
    label = read_label(text) if len(text) < 80 else None
    return (
        label.value
        if label
        and label.how == "inline"
        and label.value
        and label.field in ("date", "buyer", "rating", "price", "comment", "name")
        else text
    )


def _field_of(sheet: Sheet, k: int, cells: list[int], columns: dict[int, str]) -> str | None:
    """What a piece of a review row is: date, rating, buyer, price, text, ignored, or None when undecided."""
    text = sheet.dom.texts[k]
    named = _column_field(sheet, k, cells, columns)
    label = read_label(text) if len(text) < 300 else None
    if named == "text" and label and label.how == "inline" and label.field == "title":
        return "ignored"
    if named:
        return named
    if label:
        if label.how == "exact" and text.rstrip()[-1:] in ":：":
            return "ignored"
        if label.how == "inline" and label.field in ("date", "buyer", "rating", "price"):
            return label.field
        if label.how == "inline" and label.field in ("comment", "reviews"):
            return "text"
        if label.how == "inline" and label.field == "title":
            return "ignored"
    return "price" if k in sheet.money and len(text) < 40 else _by_form(sheet, k, text)


@lru_cache(maxsize=8192)
def _date_in(text: str) -> str | None:
    match = _DATE.search(text)
    return match[0] if match else None


def _by_form(sheet: Sheet, k: int, text: str) -> str | None:
    dom, form = sheet.dom, _form_of(text)
    if form == "date" or dom.tag[dom.owner[k]] == "time":
        return "date"
    if form == "number":
        form = "rating" if "rating" in sheet.hints(dom.owner[k]) else None
    return form or _hinted(sheet, k)


@lru_cache(maxsize=8192)
def _form_of(text: str) -> str | None:
    """What a text is by itself: date, rating, buyer, or a small number that may be a rating."""
    if _is_date(text):
        return "date"
    if _STARS.fullmatch(text.replace(" ", "")) or RATIO.fullmatch(text.strip("() ")) or fold(text) in _VERDICT:
        return "rating"
    if SMALL_NUMBER.fullmatch(text):
        return "number"
    return "buyer" if _MASKED.fullmatch(text.strip("()[] ")) else None


def _hinted(sheet: Sheet, k: int) -> str | None:
    node = sheet.dom.owner[k]
    names = " ".join((sheet.dom.attrs[node].get("class", ""), sheet.dom.attrs[node].get("itemprop", ""))).lower()
    if any(word in names for word in ("buyer", "author", "customer", "reviewer", "username", "nick")):
        return "buyer"
    if "date" in names and _DATE.search(sheet.dom.texts[k]):
        return "date"
    return "text" if sheet.dom.tag[node] in ("p", "blockquote", "q") else None


def _column_field(sheet: Sheet, k: int, cells: list[int], columns: dict[int, str]) -> str | None:
    if not columns:
        return None
    place = next((place for place, cell in enumerate(cells) if sheet.dom.first[cell] <= k < sheet.dom.last[cell]), None)
    field = columns.get(place) if place is not None else None
    if field in ("comment", "reviews"):
        return None if len(cells) and _mixed_cell(sheet, cells[place or 0]) else "text"
    if field == "name":
        return "buyer"
    if field == "title":
        return "ignored"
    return field if field in ("date", "buyer", "rating", "price") else None


def _mixed_cell(sheet: Sheet, cell: int) -> bool:
    return (
        any(sheet.dom.tag[node] in ("p", "span", "div", "blockquote") for node in sheet.dom.children(cell))
        and sheet.dom.last[cell] - sheet.dom.first[cell] > 1
    )


def _longest(sheet: Sheet, rest: list[int]) -> str | None:
    dom = sheet.dom
    plain = [k for k in rest if dom.inside(dom.owner[k], frozenset({"a", "button"})) is None] or rest
    texts = [k for k in plain if any(letter.isalpha() for letter in dom.texts[k])] or plain
    if not texts:
        return None
    best = max(texts, key=lambda k: len(dom.texts[k]))
    # Neighbouring pieces of the same element belong to it: a comment with bold words or line breaks in it.
    home = dom.owner[best]
    mates = [k for k in texts if home in (dom.owner[k], dom.parent[dom.owner[k]]) or dom.owner[k] == home]
    return dom.span(mates[0], mates[-1] + 1) if mates[-1] - mates[0] + 1 == len(mates) else dom.texts[best]
