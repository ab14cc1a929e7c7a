"""The long text of a page: a listing's description, a vendor's about."""

from __future__ import annotations

from collections import defaultdict

from crawler.model.words import Words
from spiders.reader.dom import Dom
from spiders.reader.listed import lists_facts
from spiders.reader.sheet import Sheet, read_label
from spiders.reader.worded import states_fact

SECTIONS = frozenset({"description", "about", "terms", "reviews", "related", "pgp"})
_CLEAR = frozenset({"description", "about"})
_HEADING_LEVEL = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
_LEAST = 2
_DENSE = 40
_LEAST_PROSE = 25
_FAR_LONGER = 1.5
_SHORT_DESCRIPTION = 40
_LOUD = 40
_LONGEST_MARK = 60
_MOST_MARKS = 60
_MOST_SPANS = 6
_MOST_SECTION_LINES = 4_000
_MOST_LABELS = 3
_LONGEST = 20_000
_NOT_PROSE = frozenset({"a", "button", "option", "h1", "th", "label", "select", "nav"})
_BLOCKS = frozenset(
    {
        "div",
        "p",
        "td",
        "section",
        "article",
        "pre",
        "blockquote",
        "main",
        "dd",
        "li",
        "center",
        "textarea",
        "fieldset",
        "body",
    }
)


def find_description(sheet: Sheet, field: str) -> Words | None:
    """The section a label of this field announces, else the block its class names, else the longest prose."""
    for span, rule, confidence in _candidates(sheet, field):
        text = _text_of(sheet, *span)
        if len(text) >= _LEAST and not _is_label(text) and not _is_way_out(sheet, span):
            sheet.mark("description", *span)
            return Words(text=text, rule=rule, confidence=confidence)
    return None


def _is_way_out(sheet: Sheet, span: tuple[int, int]) -> bool:
    """Whether the section is nothing but one link or button: "Back to vendors"."""
    start, stop = span
    return stop - start == 1 and sheet.dom.inside(sheet.dom.owner[start], frozenset({"a", "button"})) is not None


def _is_label(text: str) -> bool:
    label = read_label(text) if len(text) < _LOUD else None
    return label is not None and label.how == "exact"


def _candidates(sheet: Sheet, field: str) -> list[tuple[tuple[int, int], str, float]]:
    found = [
        (span, f"label:{field}", 0.9) for span in labelled_sections(sheet, field) if not _is_table_of_facts(sheet, span)
    ]
    hinted = _hinted(sheet)
    dense = _densest(sheet)
    if dense and hinted and _length(sheet, dense) > _FAR_LONGER * max(_length(sheet, hinted[0]), _SHORT_DESCRIPTION):
        hinted = []  # a vendor's motto beside the offer
    found += [(span, "class:description", 0.7) for span in hinted]
    if dense:
        found.append((dense, "prose", 0.5))
    return found


def _length(sheet: Sheet, span: tuple[int, int]) -> int:
    return sum(len(sheet.dom.texts[k]) for k in range(*span))


def _text_of(sheet: Sheet, start: int, stop: int) -> str:
    dom = sheet.dom
    parts: list[str] = []
    stop = _before_key(sheet, start, stop)
    for k in range(start, stop):
        parts.append((dom.glue[k] if parts else "") + dom.texts[k])
    return "".join(parts).strip()[:_LONGEST]


def _before_key(sheet: Sheet, start: int, stop: int) -> int:
    """Where the text ends before a key block and the words that announce it."""
    texts = sheet.dom.texts
    at = next((k for k in range(start, stop) if texts[k].startswith("-----BEGIN PGP")), stop)
    announced = at < stop and at - 1 > start and len(texts[at - 1]) < _LONGEST_MARK and "pgp" in texts[at - 1].lower()
    return at - 1 if announced else at if at > start else stop


def labelled_sections(sheet: Sheet, field: str) -> list[tuple[int, int]]:
    """The text ranges that labels of a section announce, headings and tabs alike, in reading order."""
    spans: list[tuple[int, int]] = []
    marks = section_marks(sheet)
    places = {k for k, _ in marks}
    for k, name in marks:
        if name != field or sheet.chrome(k) == 2 or sheet.within("cards", k) or sheet.within("reviews", k):
            continue
        ways = (_target_of_tab(sheet, k), _panel_by_order(sheet, k, marks), _inline(sheet, k))
        span = next((way for way in ways if way), None) or _below(sheet, k, places)
        if span and span[1] > span[0]:
            spans.append(span)
        if len(spans) >= _MOST_SPANS:
            break
    return spans


def section_marks(sheet: Sheet) -> list[tuple[int, str]]:
    """Where sections are announced: text position and field. Tabs are links, so links count here."""
    if sheet.marks is not None:
        return sheet.marks
    found: list[tuple[int, str]] = []
    for k, text in enumerate(sheet.dom.texts):
        if len(text) > _LONGEST_MARK or len(found) >= _MOST_MARKS:
            continue
        label = read_label(text)
        if label is None or label.how not in ("exact", "inline"):
            continue
        name = next((field for field in (label.field, *label.also) if field in SECTIONS), None)
        if name and (label.how == "exact" or name in _CLEAR):
            found.append((k, name))
    sheet.marks = found
    return found


def _inline(sheet: Sheet, k: int) -> tuple[int, int] | None:
    """A section in the same piece of text as its label: ``Description: some words``."""
    label = read_label(sheet.dom.texts[k])
    if label is None or label.how != "inline":
        return None
    return k, k + 1


def _target_of_tab(sheet: Sheet, k: int) -> tuple[int, int] | None:
    """What a tab link (``href="#desc"``) or tab label (``for="tab-1"``) leads to."""
    dom = sheet.dom
    link = dom.inside(dom.owner[k], frozenset({"a", "label", "button"}))
    if link is None:
        return None
    attrs = dom.attrs[link]
    target = (
        attrs.get("href", "").partition("#")[2]
        or attrs.get("data-target", "").lstrip("#")
        or attrs.get("aria-controls", "")
    )
    if not target:
        return None
    exact, near = None, None
    for node, other in enumerate(dom.attrs):
        name = other.get("id") if other else None
        if not name or dom.last[node] == dom.first[node]:
            continue
        if name == target:
            exact = exact or node
        elif near is None and name.startswith(target) and not name.lower().endswith(("tab", "link", "btn")):
            near = node
    found = exact if exact is not None else near
    return (dom.first[found], dom.last[found]) if found is not None else None


def _panel_by_order(sheet: Sheet, k: int, marks: list[tuple[int, str]]) -> tuple[int, int] | None:
    """The n-th panel for the n-th of several tabs in a row."""
    dom = sheet.dom
    bar = dom.parent[dom.owner[k]]
    for _ in range(3):
        if bar <= 0:
            return None
        tabs = [m for m, _ in marks if dom.first[bar] <= m < dom.last[bar]]
        if len(tabs) > 1:
            break
        bar = dom.parent[bar]
    else:
        return None
    count = dom.last[bar] - dom.first[bar]
    if len(tabs) < 2 or count > len(tabs) + 2:
        return None
    place = k - dom.first[bar]
    after = dom.next_sibling(bar)
    for _ in range(4):
        if after is None:
            return None
        panels = [child for child in dom.children(after) if dom.last[child] > dom.first[child]]
        if len(panels) == count:
            return dom.first[panels[place]], dom.last[panels[place]]
        after = dom.next_sibling(after)
    return None


def _below(sheet: Sheet, k: int, marks: set[int]) -> tuple[int, int] | None:
    """What follows a section's heading, up to the next one."""
    dom = sheet.dom
    node = dom.owner[k]
    if (
        dom.last[node] > k + 1
        and dom.tag[node] not in _HEADING_LEVEL
        and k + 1 < len(dom.texts)
        and dom.glue[k + 1] == "\n"
    ):
        return k + 1, _line_of_section(sheet, k + 1, dom.last[node], marks)
    level = next(
        (_HEADING_LEVEL[dom.tag[above]] for above in (node, dom.parent[node]) if dom.tag[above] in _HEADING_LEVEL), 7
    )
    if dom.tag[node] in ("a", "button") and level == 7:
        return None
    for _ in range(4):
        parent = dom.parent[node]
        if parent <= 0:
            return None
        if dom.tag[node] in ("td", "th") and dom.next_sibling(node) is None:
            node = parent  # a heading in a row of its own: the text is in the next row
            continue
        if dom.last[parent] > max(dom.last[node], k + 1):
            break
        node = parent
    start, stop = max(dom.last[node], k + 1), dom.last[dom.parent[node]]
    return start, _cut(sheet, start, stop, level, marks)


def _line_of_section(sheet: Sheet, start: int, stop: int, marks: set[int]) -> int:
    """Where a section of plain lines ends: at the next label, a line in capitals, or a link alone on its line."""
    dom = sheet.dom
    for k in range(start, min(stop, start + _MOST_SECTION_LINES)):
        text = dom.texts[k]
        loud = len(text) < _LOUD and text.isupper() and sum(map(str.isalpha, text)) > _LEAST
        if (
            k in marks
            or loud
            or dom.tag[dom.owner[k]] in ("a", "button")
            or sheet.within("cards", k)
            or text.startswith("-----BEGIN")
        ):
            return k
    return stop


def _cut(sheet: Sheet, start: int, stop: int, level: int, marks: set[int]) -> int:
    dom = sheet.dom
    for k in range(start, min(stop, start + 4000)):
        owner = dom.owner[k]
        for node in (owner, dom.parent[owner]):
            if dom.tag[node] in _HEADING_LEVEL and _HEADING_LEVEL[dom.tag[node]] <= level and level < 7:
                return k
            if dom.tag[node] in _HEADING_LEVEL and k in marks:
                return k
        if k in marks and dom.texts[k].rstrip()[-1:] not in ":：" and dom.crc[owner] == dom.crc[dom.owner[start - 1]]:
            return k
        if (
            sheet.within("cards", k)
            or sheet.within("reviews", k)
            or dom.inside(owner, frozenset({"button"})) is not None
        ):
            return k
    return stop


def _is_table_of_facts(sheet: Sheet, span: tuple[int, int]) -> bool:
    """Whether the range holds label–value pairs rather than prose."""
    short = [
        hit
        for hit in sheet.hits
        if span[0] <= hit.k < span[1] and hit.label.field not in SECTIONS and hit.label.how in ("exact", "inline")
    ]
    stated = len(short) + sum(states_fact(text) for text in sheet.dom.texts[slice(*span)])
    return stated >= _MOST_LABELS and stated * 4 >= span[1] - span[0]


def _hinted(sheet: Sheet) -> list[tuple[int, int]]:
    dom, found = sheet.dom, []
    for node in range(1, len(dom.tag)):
        if (
            dom.attrs[node]
            and dom.tag[node] in _BLOCKS
            and dom.last[node] > dom.first[node]
            and "description" in sheet.hints(node)
            and dom.chrome[node] < 2
        ):
            k = dom.first[node]
            if (
                not sheet.within("cards", k)
                and not sheet.within("reviews", k)
                and not _is_table_of_facts(sheet, (k, dom.last[node]))
            ):
                length = sum(len(dom.texts[j]) for j in range(k, min(dom.last[node], k + 500)))
                found.append((length, (k, dom.last[node])))
                if len(found) > 20:
                    break
    return [span for length, span in sorted(found, key=lambda pair: -pair[0]) if length > 15]


def _densest(sheet: Sheet) -> tuple[int, int] | None:
    """The block that holds the most prose of its own."""
    dom = sheet.dom
    weight: dict[int, int] = defaultdict(int)
    lines: dict[tuple[int, int], set[int]] = defaultdict(set)
    for k, text in enumerate(dom.texts):
        if len(text) < _LEAST_PROSE or not _may_be_prose(sheet, k, text):
            continue
        block = _block(dom, dom.owner[k])
        weight[block] += len(text)
        if dom.tag[block] in ("p", "li", "blockquote"):
            weight[dom.parent[block]] += len(text)
        elif dom.tag[block] == "div" and dom.end[block] == block + 1 and "id" not in dom.attrs[block]:
            lines[dom.parent[block], dom.crc[block]].add(block)
    for (box, _), blocks in lines.items():
        alone = sum(dom.last[block] - dom.first[block] for block in blocks) == dom.last[box] - dom.first[box]
        weight[box] += sum(weight[block] for block in blocks) if alone and len(blocks) > 1 else 0
    best = max(weight, key=lambda node: (weight[node], -node), default=None)
    if best is None or weight[best] < _DENSE:
        return None
    span = dom.first[best], dom.last[best]
    if dom.tag[best] == "body" or _is_whole_offer(sheet, span):
        span = _run_of_prose(sheet, span)
    if _is_table_of_facts(sheet, span):
        span = _run_of_prose(sheet, span)
        return span if _length(sheet, span) >= _DENSE and not _is_table_of_facts(sheet, span) else None
    return span


def _may_be_prose(sheet: Sheet, k: int, text: str) -> bool:
    if " " not in text or "PGP" in text or sheet.chrome(k) == 2 or sheet.dom.tag[sheet.dom.owner[k]] in _NOT_PROSE:
        return False
    beside = sheet.within("cards", k) or sheet.within("reviews", k) or sheet.within("terms", k)
    return not beside and read_label(text) is None and not states_fact(text) and not lists_facts(text)


def _is_whole_offer(sheet: Sheet, span: tuple[int, int]) -> bool:
    """Whether the block holds the heading or the price besides its prose: it is the offer, not what describes it."""
    dom = sheet.dom
    headed = any(dom.tag[dom.owner[k]] in _HEADING_LEVEL for k in range(*span))
    return headed or any(k in sheet.money and len(dom.texts[k]) < _LOUD for k in range(*span))


def _run_of_prose(sheet: Sheet, span: tuple[int, int]) -> tuple[int, int]:
    """The lines around the longest text, up to a heading, a price, a label, a link or a button on either side."""
    texts = sheet.dom.texts
    start = max(range(*span), key=lambda k: len(texts[k]) if _is_prose(sheet, k) else -1)
    stop = start + 1
    while start > span[0] and _is_prose(sheet, start - 1):
        start -= 1
    while stop < span[1] and _is_prose(sheet, stop):
        stop += 1
    return start, stop


def _is_prose(sheet: Sheet, k: int) -> bool:
    dom, text = sheet.dom, sheet.dom.texts[k]
    owner = dom.owner[k]
    if dom.tag[owner] in _NOT_PROSE or dom.tag[owner] in _HEADING_LEVEL or sheet.within("reviews", k):
        return False
    if sheet.within("cards", k) or (k in sheet.money and len(text) < _LOUD) or text.rstrip()[-1:] in ":：":
        return False
    return read_label(text) is None and not states_fact(text) and not lists_facts(text)


def _block(dom: Dom, node: int) -> int:
    while node > 0 and dom.tag[node] not in _BLOCKS:
        node = dom.parent[node]
    return node
