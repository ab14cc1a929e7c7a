"""Breadcrumbs and pagers: where the page stands in the site, and where the list goes on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from crawler.model.words import Words
from spiders.reader.sheet import Sheet
from spiders.reader.urls import counts_pages, is_never, page_number, resolve, same_site, shape_of
from spiders.reader.vocabulary import fold, fold_label, is_all_generic, labels, link_words
from spiders.reader.world import is_place

_SEPARATORS = frozenset({"/", ">", "»", "›", "→", "::", "\\", "‹", "«", "←", "⟩", "❯", "▸", "➤", ">>", "·", "•"})
_HOME_PATHS = frozenset({"", "/", "/index.php", "index.php", "/index.html", "index.html", "/home", "home", "./"})
_MOST_CRUMBS = 8
_CRUMB_EDGES = " /»›>→«‹←|\\⟩❯▸"
_FIRST_TEXTS = 400
_ARROWHEADS = frozenset("»›>→⟩❯▸➤")
_LONGEST_TRAIL = 160
_LONGEST_STEP = 40
_MOST_STEP_WORDS = 5
_ARROWS = re.compile(r"\s*(?:[→»›⟩❯▸➤]|::|(?<![-=])>{1,2})\s*")
_SLASHES = re.compile(r"\s+[/|\\]\s+|(?<=\w)/(?=\w)")
_MOST_IN_LINE = 16
_MOST_PAGER_LINKS = 60
_LAST_LINKS = 6_000
_MOST_NEXT = 3


def find_breadcrumb(sheet: Sheet, title: str | None) -> tuple[Words, ...]:
    """The category path above the title, widest first, without home and without the page itself."""
    for start, stop, rule, confidence in _crumb_spans(sheet):
        crumbs = _crumbs(sheet, start, stop, title)
        if crumbs:
            return tuple(Words(text=crumb, rule=rule, confidence=confidence) for crumb in crumbs)
    return ()


def breadcrumb_texts(sheet: Sheet) -> range:
    """The texts of the path above the title; empty where the page shows none."""
    spans = (range(start, stop) for start, stop, _, _ in _crumb_spans(sheet) if _crumbs(sheet, start, stop, None))
    return next(spans, range(0))


def written_trail(sheet: Sheet, title: str | None) -> tuple[Words, ...]:
    """The path above the title as one line of text without links: "Drugs → Stimulants", "Home / Drugs / Stimulants"."""
    dom, wanted = sheet.dom, fold(title[:_LONGEST_TRAIL]) if title else ""
    for start, stop in dom.lines(0, min(len(dom.texts), _FIRST_TEXTS)):
        if wanted and fold(dom.texts[start][:_LONGEST_TRAIL]) == wanted:
            break
        steps = _written(dom.texts[start], wanted) if stop == start + 1 and not sheet.framed(start) else ()
        if steps and not sheet.within_any(("cards", "reviews", "description"), start):
            return tuple(Words(text=step, rule="breadcrumb:words", confidence=0.6) for step in steps)
    return ()


def _written(text: str, title: str) -> tuple[str, ...]:
    """The steps of a line that is a path: told apart by arrows, or by slashes where it begins at home or ends here."""
    if len(text) > _LONGEST_TRAIL:
        return ()
    arrows = _ARROWS.split(text.strip())
    steps = arrows if len(arrows) > 1 else _SLASHES.split(text.strip())
    if not 1 < len(steps) <= _MOST_CRUMBS or not all(map(_is_step, steps[:-1])):
        return ()
    at_home, ends_here = fold_label(steps[0]) in labels().home, bool(title) and fold(steps[-1]) == title
    if not (ends_here or _is_step(steps[-1])) or (len(arrows) == 1 and not (at_home or ends_here)):
        return ()
    kept = steps[1 if at_home else 0 : -1 if ends_here else None]
    return tuple(step for step in kept if not is_all_generic(step))


def _is_step(step: str) -> bool:
    """Whether a piece of a line may be the name of a category: a few words, no figure, no place, no fact."""
    named = 0 < len(step) <= _LONGEST_STEP and len(step.split()) <= _MOST_STEP_WORDS and ":" not in step
    return named and any(map(str.isalpha, step)) and not any(map(str.isdigit, step)) and not is_place(step)


def _crumb_spans(sheet: Sheet) -> Iterator[tuple[int, int, str, float]]:
    for box, rule, confidence in _crumb_boxes(sheet):
        if not _is_menu(sheet, range(sheet.dom.first[box], sheet.dom.last[box])):
            yield sheet.dom.first[box], sheet.dom.last[box], rule, confidence
    start, count = 0, len(sheet.dom.texts)
    while start < min(count, _FIRST_TEXTS):
        stop = start + 1
        while stop < count and sheet.dom.glue[stop] != "\n":
            stop += 1
        if 2 <= stop - start <= _MOST_IN_LINE and not sheet.chrome(start) and _are_crumbs(sheet, range(start, stop)):
            yield start, stop, "breadcrumb:line", 0.7
        start = stop


def _is_menu(sheet: Sheet, own: range) -> bool:
    """Whether a site's template knows all words of a line from other types of pages: its menu, no path."""
    return all(k in sheet.frame for k in own if any(map(str.isalnum, sheet.dom.texts[k])))


def _crumb_boxes(sheet: Sheet) -> list[tuple[int, str, float]]:
    dom = sheet.dom
    hinted, plain = [], []
    for node in range(1, len(dom.tag)):
        attrs = dom.attrs[node]
        if dom.last[node] - dom.first[node] < 2 or dom.last[node] - dom.first[node] > 30:
            continue
        if attrs and (
            ("category" in sheet.hints(node) and "crumb" in (attrs.get("class", "") + attrs.get("id", "")).lower())
            or attrs.get("aria-label", "").lower() == "breadcrumb"
        ):
            hinted.append((node, "breadcrumb", 0.9))
        elif dom.tag[node] not in ("html", "body") and _has_separators(sheet, node):
            plain.append((node, "breadcrumb:separators", 0.75))
        elif dom.tag[node] in ("ol", "ul", "p", "div") and _begins_at_home(sheet, node):
            plain.append((node, "breadcrumb:home", 0.7))
    return hinted + plain[:3]


def _begins_at_home(sheet: Sheet, node: int) -> bool:
    """Whether a short list in the content begins with a link to the front page: crumbs without marks between them."""
    dom = sheet.dom
    items = dom.children(node)
    if (
        not 2 <= len(items) <= _MOST_CRUMBS
        or dom.chrome[node]
        or any(dom.tag[item] not in ("li", "a", "span") for item in items)
    ):
        return False
    links = [other for other in range(node, dom.end[node]) if dom.tag[other] == "a"]
    if any(is_never(dom.attrs[other].get("href", ""), dom.line(other)) for other in links):
        return False
    link = next((other for other in links if other < dom.end[items[0]]), None)
    return link is not None and _is_home(dom.attrs[link].get("href", ""))


def _is_home(href: str) -> bool:
    bare = re.sub(r"^https?://[^/]{1,255}", "", href.strip())
    return bare.partition("?")[0] in _HOME_PATHS and "?" not in bare


def _has_separators(sheet: Sheet, node: int) -> bool:
    """Whether the element is a line of links told apart by arrows or slashes."""
    dom = sheet.dom
    return _are_crumbs(sheet, range(dom.first[node], dom.last[node]))


def _are_crumbs(sheet: Sheet, own: range) -> bool:
    dom = sheet.dom
    marks = sum(_is_mark(dom.texts[k].strip()) for k in own)
    if not marks or marks * 3 < len(own) - 1 or sheet.within("cards", own[0]) or sheet.within("reviews", own[0]):
        return False
    links = sum(dom.inside(dom.owner[k], frozenset({"a"})) is not None for k in own)
    return links > 0 and links + marks >= len(own) - 1 and not any(dom.texts[k].isdigit() for k in own)


def _is_mark(text: str) -> bool:
    """Whether a text is what stands between two steps, or a step with an arrow at its end or before it."""
    return text in _SEPARATORS or text[-1:] in _ARROWHEADS or (len(text) > 1 and text[0] in _ARROWHEADS)


def _crumbs(sheet: Sheet, start: int, stop: int, title: str | None) -> list[str]:
    dom, home = sheet.dom, labels().home
    found: list[str] = []
    for k in range(start, stop):
        text = dom.texts[k].strip(_CRUMB_EDGES)
        link = dom.inside(dom.owner[k], frozenset({"a"}))
        if not any(letter.isalnum() for letter in text) or (link is None and text[-1] in ":："):
            continue
        at_home = link is not None and _is_home(dom.attrs[link].get("href", ""))
        if link is not None and _is_vendors(sheet, link):
            found.clear()  # "Sold by NAME › Drugs": what stands before the name belongs to it
            continue
        if at_home or fold_label(text) in home or (title and fold(text) == fold(title.strip(_CRUMB_EDGES))):
            continue
        if link is None and k == stop - 1 and title and fold(text)[:20] == fold(title)[:20]:
            continue
        if not is_all_generic(text):
            found.append(text)
    return found[:_MOST_CRUMBS]


def _is_vendors(sheet: Sheet, link: int) -> bool:
    url = resolve(sheet.url, sheet.dom.attrs[link].get("href", ""))
    return url is not None and sheet.kind_of(shape_of(url)) == "vendor"


def find_next(sheet: Sheet) -> str | None:
    """The address of the next page of the same list, or None on the last one."""
    dom = sheet.dom
    worded, numbered = [], []
    for node in dom.links[-_LAST_LINKS:]:  # the way on stands below the list
        attrs = dom.attrs[node]
        url = resolve(sheet.url, attrs.get("href", ""))
        if url is None or not same_site(sheet.url, url, sheet.host) or sheet.within("cards", dom.first[node]):
            continue
        text = dom.line(node) if dom.last[node] - dom.first[node] <= 3 else ""
        if "next" in attrs.get("rel", "").split():
            return url
        if _says_next(text) or (not text and "next" in attrs.get("class", "").lower()):
            worded.append((node, url))
        elif text.strip("[]() ").isdigit() and len(text) < 7:
            numbered.append((node, url, int(text.strip("[]() "))))
    for node, url in reversed(worded):
        spelled = len(dom.line(node).strip("[](){}<>«» ").split()) > 1
        if "disabled" not in attrs_above(sheet, node) and (spelled or _is_page_of_list(sheet, url)):
            return url
    return _next_number(sheet, numbered[:_MOST_PAGER_LINKS]) if not worded else None


def attrs_above(sheet: Sheet, node: int) -> str:
    """The class words of a node and its parent."""
    dom = sheet.dom
    return (dom.attrs[node].get("class", "") + " " + dom.attrs[dom.parent[node]].get("class", "")).lower()


def _says_next(text: str) -> bool:
    words, text = link_words().text, text.strip("[](){} ")
    if not text or len(text) > 30:
        return False
    said = fold_label(text)
    if fold(text) in words["next"] or (said in words["next"] and said != ""):
        return True
    pieces = said.split()
    return 1 < len(pieces) <= _MOST_NEXT and pieces[0] in words["following"]


def _is_page_of_list(sheet: Sheet, url: str) -> bool:
    """Whether a "next" link counts pages, and does not lead to the next listing or step of something else."""
    if counts_pages(url):
        return sheet.url is None or url != sheet.url
    return "#" in shape_of(url).text and (
        sheet.url is None or shape_of(url).text.startswith(shape_of(sheet.url).text.partition("?")[0].rstrip("/#*"))
    )


def _next_number(sheet: Sheet, numbered: list[tuple[int, str, int]]) -> str | None:
    """The link to the number after the current one, in the row of page numbers."""
    dom = sheet.dom
    rows: dict[int, list[tuple[int, str, int]]] = {}
    for node, url, number in numbered:
        parent = dom.parent[node]
        row = dom.parent[parent] if dom.tag[parent] in ("li", "span", "td") else parent
        rows.setdefault(row, []).append((node, url, number))
    for row, links in rows.items():
        if page_number(links[0][1]) is None and shape_of(links[0][1]).tail != "#":
            continue
        here = _current_number(sheet, row, links)
        if here is None:
            continue
        found = next((url for _, url, number in links if number == here + 1), None)
        if found:
            return found
    return None


def _current_number(sheet: Sheet, row: int, links: list[tuple[int, str, int]]) -> int | None:
    dom = sheet.dom
    for node, url, number in links:
        if (
            any(word in attrs_above(sheet, node).split() for word in ("active", "current", "selected", "on"))
            or url == sheet.url
        ):
            return number
    linked = {dom.first[node] for node, _, _ in links}
    for k in range(dom.first[row], dom.last[row]):
        text = dom.texts[k].strip("[]() ")
        if k not in linked and text.isdigit() and len(text) < 7:
            return int(text)
    stated = page_number(sheet.url) if sheet.url else None
    if stated is not None:
        return stated
    return 1 if min(number for _, _, number in links) == 2 else None
