"""A captured page as text: read from the archive, checked, and stripped of all that a browser would act on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from bs4.dammit import UnicodeDammit
from lxml import etree, html

from casework.page.filters import field_query
from casework.page.hostile import clipped
from crawler.model.errors import BadInput, BadResult
from evidence.record import KeptRecord, read_record
from index.store import Body, Store

LONGEST_TEXT = 100_000
_MOST_READ_FROM = 50
_LARGEST_MARKUP = 5_000_000
_SILENT = frozenset({"script", "style", "noscript", "template", "svg", "head", "iframe", "object"})
_BLOCKS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "fieldset", "figcaption"),
        *("figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol"),
        *("option", "p", "pre", "section", "table", "td", "th", "tr", "ul"),
    )
)


@dataclass(frozen=True, kw_only=True, slots=True)
class CapturedPage:
    """A capture's document, the page as text, and whether its bytes are still what they were.

    ``fault`` says why there is no text; ``verified`` is True only where the body on disk has the digest of the index.
    """

    body: Body
    text: str = ""
    fault: str = ""
    verified: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadFrom:
    """What was read from a capture: its kind, what it is called, and the link to it."""

    kind: str
    name: str
    link: str


def read_from(store: Store, capture_id: str) -> tuple[ReadFrom, ...]:
    """The listings and vendors that were read from a capture, also where a later page has been read since."""
    query = field_query("capture", capture_id)
    found: dict[str, ReadFrom] = {}
    for kind, id_, name in (("listing", "id", "title"), ("observation", "listing", "title"), ("vendor", "id", "name")):
        for body in store.search(query, kind=kind, limit=_MOST_READ_FROM).bodies:
            what = "vendor" if kind == "vendor" else "listing"
            link = f"/{what}/{quote(str(body[id_]), safe='')}"
            found.setdefault(link, ReadFrom(kind=what, name=str(body.get(name) or "without a name"), link=link))
    return tuple(found.values())


def captured_page(store: Store, captures_folder: Path, capture_id: str) -> CapturedPage | None:
    """The capture of that id, or None where the index has none."""
    body = store.get("capture", capture_id) if capture_id else None
    if body is None:
        return None
    try:
        kept = read_record(captures_folder, body["warc"], int(body["offset"]), int(body["length"]))
        _compare(kept, body)
        return CapturedPage(body=body, text=clipped(page_text(kept), LONGEST_TEXT), verified=True)
    except KeyError as error:
        return CapturedPage(body=body, fault=f"the index does not say where it is kept: no {error.args[0]}")
    except (BadInput, BadResult) as error:
        return CapturedPage(body=body, fault=str(error))


def page_text(kept: KeptRecord) -> str:
    """What a reader would see of a kept page, line by line, without its markup. Raises BadInput for a binary."""
    markup = UnicodeDammit(kept.content(_LARGEST_MARKUP), is_html=True).unicode_markup
    if markup is None or "\x00" in markup[:1000]:
        raise BadInput("the body is no text")
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        root = html.document_fromstring(markup.encode("utf-8", "replace"), parser=parser)
    except etree.ParserError:
        return ""
    return _tidied("".join(_pieces(root)))


def _compare(kept: KeptRecord, body: Body) -> None:
    if kept.payload_digest != body.get("payload_digest"):
        raise BadResult(f"the body on disk has the digest {kept.payload_digest}, the index says another")


def _pieces(root: html.HtmlElement) -> list[str]:
    pieces: list[str] = []
    silent: etree._Element | None = None
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = str(element.tag)
        if event == "start" and silent is None:
            if tag in _SILENT:
                silent = element
            else:
                pieces += [_gap(tag) or _between(element), _said(element, tag), element.text or ""]
        elif event == "end":
            if silent is element:
                silent = None
            if silent is None:
                pieces += [_gap(tag), element.tail or ""]
    return pieces


def _gap(tag: str) -> str:
    """What parts an element's text from what stands beside it."""
    if tag in _BLOCKS:
        return "\n"
    return " " if tag in ("a", "button", "label") else ""


def _between(element: etree._Element) -> str:
    """A blank where two elements touch: a style sheet, which is not kept, mostly stands them apart."""
    before = element.getprevious()
    return " " if before is not None and not before.tail else ""


def _said(element: etree._Element, tag: str) -> str:
    """What an element without text says: a picture's description, a button's label."""
    if tag == "img" and element.get("alt"):
        return f"[picture: {element.get('alt')}]"
    if tag == "input" and element.get("type") in ("submit", "button"):
        return f"[{element.get('value') or 'button'}]"
    return ""


def _tidied(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)
