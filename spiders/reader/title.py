"""The page's own heading: what it is about, told apart from the name of the site and from section headings."""

from __future__ import annotations

import re

from crawler.model.words import Words
from spiders.reader.sheet import Hit, Sheet, read_label
from spiders.reader.urls import resolve, shape_of
from spiders.reader.vocabulary import fold, fold_label, is_all_generic, link_words

_LEVEL = {"h1": 1.0, "h2": 0.8, "h3": 0.55, "h4": 0.35, "h5": 0.2, "h6": 0.1, "caption": 0.2, "legend": 0.1}
_TITLE_PARTS = re.compile(r"\s+[-–—|·•:»›/~]+\s+|\s*[|»›]\s*|\s*::\s*")
# A title in «quotes» is not cut at its closing quote.
_QUOTED_PARTS = re.compile(r"\s+[-–—|·•:›/~]+\s+|\s*[|›]\s*|\s*::\s*")
_EDGES = " -–—|·•:›/~"
_LETTERS = re.compile(r"[^\W\d_]")
_NAMES_ELSE = re.compile(
    r"(?:geo|city|gorod|town|user|shop|store|vendor|seller|author|site|cat|category|menu|nick|file)[-_]{0,2}(?:name|title)",
    re.IGNORECASE,
)
_STEPS = re.compile(r"\s+[|»›>]\s+")
_COUNT = re.compile(r"\s*[(\[]?\d[\d\s.,+]{0,9}[)\]]?$")
_FIGURE = re.compile(r"[(\[]?[\d\s.,+%★☆/]{1,12}[)\]]?")
_BOXES = frozenset({"div", "p", "small", "section", "ul", "h2", "h3", "h4", "h5", "h6"})
_OF_OFFER = ("price", "vendor", "ships_from", "ships_to", "stock")
_TABLES = frozenset({"table", "tbody", "tr", "td", "dl", "ul"})
_HIGHEST_CLIMB = 8
_MOST_ABOVE = 12
_LARGEST_BOX = 80
_MOST_STEPS = 4
_LONGEST = 300
_LEAST_TITLE = 4
_MOST = 80
_BRAND = 1
_FEW_LINES = 4
_MENU = 3
_LONGEST_STEP = 40
_BOLD = frozenset({"b", "strong"})


def find_title(sheet: Sheet, title_words: frozenset[str] = frozenset()) -> Words | None:
    """The page's heading. ``title_words`` are the parts of the document title that a template knows from every page."""
    candidates = [(score, -node, text) for node, text, score in _scored(sheet, title_words)]
    best = max(candidates, default=None)
    if best and best[0] > 0.3:
        text = _without_category(sheet, best[2])
        return Words(text=text, rule="heading", confidence=round(min(0.95, 0.45 + best[0] / 4), 2))
    crumb = _last_crumb(sheet)
    if crumb:
        return Words(text=crumb, rule="breadcrumb", confidence=0.55)
    stated = sheet.dom.meta.get("og:title")
    if stated and fold(stated) not in title_words:
        return Words(text=stated.strip(), rule="meta:og:title", confidence=0.6)
    own = own_title(sheet.dom.title, title_words)
    return Words(text=own, rule="title", confidence=0.4) if own and title_words else None


def find_lead(sheet: Sheet) -> Words | None:
    """The first line of the box that states the offer's facts: what a page without any heading is about."""
    stated = [hit for hit in sheet.hits if _states_offer(sheet, hit)]
    anchors = [min((hit.k for hit in stated if hit.label.field == name), default=None) for name in _OF_OFFER]
    bold = _bold_lead(sheet)
    loose = (
        k for k in sheet.money if not sheet.framed(k) and not any(sheet.within(n, k) for n in ("cards", "reviews"))
    )
    anchors.append(next(loose, None))
    return bold or next((lead for k in anchors if k is not None and (lead := _lead_above(sheet, k))), None)


def _bold_lead(sheet: Sheet) -> Words | None:
    """The first bold line of the box that holds the page's first price, with nothing but an icon before it."""
    dom = sheet.dom
    beside = ("cards", "reviews")
    priced = (k for k in sheet.money if not sheet.framed(k) and not any(sheet.within(n, k) for n in beside))
    price = next(priced, None)
    if price is None or sheet.chrome(price):
        return None
    for k in range(max(0, price - _MOST_ABOVE), price):
        text, before = dom.texts[k], dom.texts[k - 1] if k else ""
        starts = dom.glue[k] == "\n" or (_is_icon(before.replace("\ufe0f", "")) and dom.glue[k - 1] == "\n")
        ends = dom.glue[k + 1] == "\n"
        if starts and ends and dom.tag[dom.owner[k]] in _BOLD and _may_name(sheet, k, text):
            return Words(text=text, rule="lead", confidence=0.5)
    return None


def _may_name(sheet: Sheet, k: int, text: str) -> bool:
    if not _LEAST_TITLE <= len(text) <= _LONGEST or sheet.framed(k) or sheet.chrome(k) or not _LETTERS.search(text):
        return False
    return read_label(text) is None and text[-1] not in ":：" and not is_all_generic(text)


def _lead_above(sheet: Sheet, anchor: int) -> Words | None:
    dom = sheet.dom
    box, seen = dom.owner[anchor], anchor
    for _ in range(_HIGHEST_CLIMB):
        box = dom.parent[box]
        if box <= 0 or dom.tag[box] == "body" or dom.last[box] - dom.first[box] > _LARGEST_BOX:
            break
        if dom.tag[box] not in _TABLES:
            for k in range(dom.first[box], seen):
                if _may_lead(sheet, k):
                    return Words(text=dom.texts[k], rule="lead", confidence=0.5)
        seen = min(seen, dom.first[box])
    return None


def _states_offer(sheet: Sheet, hit: Hit) -> bool:
    beside = sheet.chrome(hit.k) or sheet.within("cards", hit.k) or sheet.within("reviews", hit.k)
    return not beside and hit.label.field in _OF_OFFER and hit.k not in sheet.frame


def _may_lead(sheet: Sheet, k: int) -> bool:
    dom, text = sheet.dom, sheet.dom.texts[k]
    if not _LEAST_TITLE <= len(text) <= _LONGEST or sheet.framed(k) or sheet.chrome(k):
        return False
    if sheet.within_any(("cards", "reviews", "said"), k):
        return False
    if sum(match.end - match.start for match in sheet.money.get(k, ())) * 2 >= len(text):
        return False
    alone = dom.glue[k] == "\n" and (k + 1 >= len(dom.texts) or dom.glue[k + 1] == "\n")
    said = read_label(text) is not None or k in sheet.buttons() or is_all_generic(text) or text[-1] in ":："
    linked = dom.inside(dom.owner[k], frozenset({"a", "button", "label"})) is not None
    return alone and not said and not linked and _LETTERS.search(text) is not None


def _last_crumb(sheet: Sheet) -> str | None:
    """The last step of a breadcrumb, where it is no link: the page itself."""
    dom = sheet.dom
    for node in range(1, len(dom.tag)):
        named = dom.attrs[node].get("class", "") if "category" in sheet.hints(node) else ""
        if "crumb" not in named.lower() or dom.last[node] == dom.first[node] or dom.tag[node] == "li":
            continue
        k = dom.last[node] - 1
        alone = dom.inside(dom.owner[k], frozenset({"a"})) is None
        if alone and _LEAST_TITLE <= len(dom.texts[k]) <= _LONGEST and not is_all_generic(dom.texts[k]):
            return dom.texts[k]
    return None


def title_parts(title: str, title_words: frozenset[str] = frozenset()) -> list[str]:
    """The document title's parts without those every page of the site carries."""
    parts = [part.strip(_EDGES) for part in _split_title(title) if part.strip(_EDGES)]
    return [part for part in parts if fold(part) not in title_words]


def _split_title(title: str) -> list[str]:
    return (_QUOTED_PARTS if "«" in title else _TITLE_PARTS).split(title)


def own_title(title: str, title_words: frozenset[str]) -> str:
    """The document title as written, without the parts at either end that every page of the site carries."""
    pieces = _split_title(title)
    while pieces and (fold(pieces[0].strip(_EDGES)) in title_words or not pieces[0].strip(_EDGES)):
        title = title[len(pieces[0]) :].lstrip(_EDGES)
        pieces.pop(0)
    while pieces and (fold(pieces[-1].strip(_EDGES)) in title_words or not pieces[-1].strip(_EDGES)):
        title = title[: len(title) - len(pieces[-1])].rstrip(_EDGES)
        pieces.pop()
    return title


_SIZE = re.compile(r"font-size\s*:\s*(\d{2,3})(?:px|pt|%)?")


def _scored(sheet: Sheet, title_words: frozenset[str]) -> list[tuple[int, str, float]]:
    dom = sheet.dom
    title = fold(own_title(dom.title, title_words) if title_words else dom.title)
    stated = fold(dom.meta.get("og:title", ""))
    found: list[tuple[int, str, float]] = []
    for node, tag in enumerate(dom.tag):
        base = _LEVEL.get(tag)
        if base is None and tag in ("div", "span", "p", "td", "b", "strong", "font", "th") and len(found) < _MOST:
            base = _plain_weight(sheet, node, title)
        if base is None or dom.last[node] == dom.first[node]:
            continue
        text = heading_text(sheet, node)
        if not text or not _LETTERS.search(text) or len(text) > _LONGEST:
            continue
        found.append((node, text, base + _context(sheet, node, text, title, stated)))
        if len(found) >= _MOST:
            break
    return found


def _plain_weight(sheet: Sheet, node: int, title: str) -> float | None:
    """A text that is no heading by its tag may be one by its class or its size."""
    dom = sheet.dom
    attrs, count = dom.attrs[node], dom.last[node] - dom.first[node]
    if not count or count > _FEW_LINES:
        return None
    if count != 1:
        heads = 1 < count <= _FEW_LINES and "title" in sheet.hints(node) and _begins_alone(sheet, node)
        return 0.45 if heads and not _NAMES_ELSE.search(attrs.get("class", "")) else None
    if "title" in sheet.hints(node):
        return None if _NAMES_ELSE.search(attrs.get("class", "")) else 0.45
    style = attrs.get("style", "")
    size = _SIZE.search(style) if style else None
    if (size and int(size[1]) >= 18) or attrs.get("size", "") in ("4", "5", "6", "+2", "+3", "+1"):
        return 0.4
    text = dom.texts[dom.first[node]]
    stated = _LEAST_TITLE <= len(text) <= _LONGEST and dom.owner[dom.first[node]] == node and fold(text) in title
    return 0.2 if stated else None


def _begins_alone(sheet: Sheet, node: int) -> bool:
    """Whether an element's own first words fill a line, above smaller print."""
    dom, k = sheet.dom, sheet.dom.first[node]
    return dom.owner[k] == node and dom.glue[k + 1] == "\n" and len(dom.texts[k]) >= _LEAST_TITLE


def heading_text(sheet: Sheet, node: int) -> str:
    """A heading's words without the badges and counts beside them."""
    dom = sheet.dom
    start, stop = dom.first[node], dom.last[node]
    if dom.tag[node] not in _LEVEL and stop - start > 1 and dom.glue[start + 1] == "\n":
        return dom.texts[start]
    while stop - start > 1 and _is_badge(sheet, stop - 1, node):
        stop -= 1
    while stop - start > 1 and (
        _is_icon(dom.texts[start])
        or _acts(sheet, start)
        or _is_figure(sheet, start, node)
        or (dom.owner[start] != node and _is_marked(sheet, start))
    ):
        start += 1
    line = next((k for k in range(start + 1, stop) if dom.glue[k] == "\n" and _is_boxed(sheet, k, node)), stop)
    if line < stop and _LETTERS.search(dom.span(start, line)):
        stop = line  # a heading of the second order inside the first
    return " ".join(dom.span(start, stop).split())


def _is_boxed(sheet: Sheet, k: int, heading: int) -> bool:
    """Whether a text inside a heading stands in a box of its own below it."""
    node = sheet.dom.owner[k]
    while node > heading:
        if sheet.dom.tag[node] in _BOXES:
            return True
        node = sheet.dom.parent[node]
    return False


def _is_figure(sheet: Sheet, k: int, heading: int) -> bool:
    """Whether a leading piece of a heading stands in an element of its own and is nothing but a figure: a score."""
    return sheet.dom.owner[k] != heading and _FIGURE.fullmatch(sheet.dom.texts[k]) is not None


def _acts(sheet: Sheet, k: int) -> bool:
    """Whether the text is a link or button to act on what the heading names: "Message", "Report"."""
    boxed = sheet.dom.inside(sheet.dom.owner[k], frozenset({"a", "button"})) is not None
    return boxed and fold_label(sheet.dom.texts[k]) in link_words().text["never"]


def _without_category(sheet: Sheet, text: str) -> str:
    """A heading "Category | Title" without the category, which a link on the page names too."""
    pieces = _STEPS.split(text)
    if not 1 < len(pieces) <= _MOST_STEPS or not _LETTERS.search(pieces[-1]):
        return text
    wanted = {fold(piece) for piece in pieces[:-1]}
    for node in sheet.dom.links:
        wanted.discard(fold(_COUNT.sub("", sheet.dom.line(node)[:_LONGEST])))
        if not wanted:
            return pieces[-1]
    return text


def _is_icon(text: str) -> bool:
    return len(text) <= 2 and not any(letter.isalnum() for letter in text)


def _is_badge(sheet: Sheet, k: int, heading: int) -> bool:
    """Whether a trailing piece of a heading stands in an element of its own and is a count, price or short mark."""
    dom, text = sheet.dom, sheet.dom.texts[k]
    if dom.owner[k] == heading:
        return False
    small = dom.tag[dom.owner[k]] in ("small", "sup", "sub", "button", "a", "label") or _is_marked(sheet, k)
    return small or k in sheet.money or _FIGURE.fullmatch(text) is not None


def _is_marked(sheet: Sheet, k: int) -> bool:
    """Whether a text is a mark by its class: "Verified", "Sale"."""
    classes = sheet.dom.attrs[sheet.dom.owner[k]].get("class", "").lower()
    return any(word in classes for word in ("badge", "label", "tag", "verified", "level", "pill", "chip"))


def _context(sheet: Sheet, node: int, text: str, title: str, stated: str) -> float:
    dom, folded = sheet.dom, fold(text)
    k = dom.first[node]
    score = 0.0
    if k in sheet.frame:
        score -= 2.0
    if len(folded) > 2 and title:
        score += 1.0 if folded in title or (len(title) > 20 and title in folded) or _mostly(folded, title) else 0.0
    if stated and (folded == stated):
        score += 0.5
    score -= dom.chrome[node] * 0.6
    label = read_label(text)
    if label and label.how in ("exact", "inline") and label.field != "title":
        score -= 1.5
    if sheet.within("cards", k) or sheet.within("reviews", k):
        score -= 1.2
    score -= _about_else(sheet, node, text)
    return score + min(len(folded), 60) / 300 - min(k, 400) / 2000


def _about_else(sheet: Sheet, node: int, text: str) -> float:
    """How much speaks for a heading that names the site, the shop or a form, not what the page is about."""
    away = 2.0 if _leads_home(sheet, node) else 0.0
    away += 1.0 if leads_away(sheet, node) else 0.0
    # the first words of a page are the site's name, where another heading says more
    away += 0.5 if sheet.dom.first[node] <= _BRAND else 0.0
    away += 0.5 if "search" in sheet.hints(node) else 0.0
    away += 1.0 if _heads_menu(sheet, node) else 0.0
    words = fold_label(text)
    away += 1.0 if words in link_words().text["never"] else 0.0
    return away + (1.0 if words in ("welcome", "login", "menu", "navigation") else 0.0)


def _heads_menu(sheet: Sheet, node: int) -> bool:
    """Whether a row of links of one make follows the heading at once, or an offer beside the point of the page."""
    dom, k = sheet.dom, sheet.dom.last[node]
    if sheet.beside and sheet.within("cards", k):
        return True
    after = [j for j in range(k, min(k + _MENU * 2, len(dom.texts))) if not _FIGURE.fullmatch(dom.texts[j])][:_MENU]
    steps = [j for j in after if dom.tag[dom.owner[j]] == "a" and len(dom.texts[j]) <= _LONGEST_STEP]
    return len(steps) == _MENU and len({dom.crc[dom.owner[j]] for j in steps}) == 1


def _mostly(folded: str, title: str) -> bool:
    """Whether the title carries the beginning of a long heading, cut short."""
    return len(folded) > 24 and folded[:24] in title


def leads_away(sheet: Sheet, node: int) -> bool:
    """Whether the heading is a link to a vendor or category: the shop an offer stands in, a line of the menu."""
    dom = sheet.dom
    for link in (node, *range(node + 1, min(dom.end[node], node + 4))):
        whole = dom.tag[link] == "a" and dom.first[link] == dom.first[node]
        url = resolve(sheet.url, dom.attrs[link].get("href", "")) if whole else None
        if url and sheet.kind_of(shape_of(url)) in ("vendor", "category"):
            return True
    return False


def _leads_home(sheet: Sheet, node: int) -> bool:
    dom = sheet.dom
    inner = [other for other in range(node, dom.end[node]) if dom.tag[other] == "a"]
    outer = dom.inside(node, frozenset({"a"}))
    links = [*inner, *([outer] if outer is not None else [])]
    return any(
        dom.attrs[link].get("href", "").rstrip("/")
        in ("", "/index.php", "index.php", "/index.html", "index.html", "/home", ".")
        or dom.attrs[link].get("href") == "/"
        for link in links
        if "href" in dom.attrs[link]
    )
