"""Gates: pages that stand before the market instead of its content."""

from __future__ import annotations

import re
from http import HTTPStatus

from crawler.model.page import Gate
from spiders.reader.sheet import Sheet
from spiders.reader.vocabulary import fold, gate_signs

_FIRST_ERROR_STATUS = 400
_SHORT_PAGE = 1_500
_NEARLY_EMPTY = 400
_FEW_LINKS = 4
_LINKS_OF_A_SITE = 12
_LOUD_TAGS = frozenset({"h1", "h2", "h3", "strong", "b", "center", "legend", "big"})
_ANSWERS = frozenset({"text", "input", "number", "tel", ""})
_MOST_LOUD = 40
_SENTENCES = re.compile(r"[.!?;…。؟۔\n]+(?:\s|$)")
_WAITS = (Gate.SEIZED, Gate.QUEUE, Gate.MAINTENANCE)


def find_gate(sheet: Sheet, status: int, *, has_content: bool, bare: bool = False) -> tuple[Gate | None, float]:
    """The gate this page is, with a confidence, or None.

    ``has_content``: it was taken for a page with an offer, a vendor or reviews; ``bare``: by its address alone, so that
    a form to sign in or the words of its headings may still make it a gate.
    """
    if has_content and not bare:
        return None, 0.0
    loud, body = _voices(sheet)
    gate = _form_gate(sheet, loud + " " + body[:_SHORT_PAGE])
    if gate:
        return gate, 0.9
    for gate in _WAITS:
        if _says(gate, loud, body if len(sheet.dom.links) < _LINKS_OF_A_SITE and not has_content else ""):
            return gate, 0.9
    if has_content:
        return (Gate.ERROR, 0.7) if _says(Gate.ERROR, loud, "") else (None, 0.0)
    if _refreshes(sheet) and len(body) < _NEARLY_EMPTY:
        return Gate.QUEUE, 0.7
    if status == HTTPStatus.UNAUTHORIZED:
        return Gate.LOGIN, 0.9
    if sheet.dom.veiled_passwords and len(body) < _SHORT_PAGE:
        return Gate.LOGIN, 0.6  # a login form that only a script unveils
    if status >= _FIRST_ERROR_STATUS or _says(Gate.ERROR, loud, body if len(body) < _NEARLY_EMPTY else ""):
        return Gate.ERROR, 0.8
    return None, 0.0


def _voices(sheet: Sheet) -> tuple[str, str]:
    """Title and headings of the page, and the text of its content, both folded."""
    dom = sheet.dom
    loud = [dom.title]
    for node, tag in enumerate(dom.tag):
        if (tag in _LOUD_TAGS or _is_titled(sheet, node)) and dom.chrome[node] < 2 and dom.last[node] > dom.first[node]:
            loud.append(dom.line(node)[:200])
            if len(loud) > _MOST_LOUD:
                break
    content = [text for k, text in enumerate(dom.texts[:4000]) if sheet.chrome(k) < 2 and k not in sheet.frame]
    return fold(" . ".join(loud)), fold(" ".join(content)[: _SHORT_PAGE * 4])


def _is_titled(sheet: Sheet, node: int) -> bool:
    dom = sheet.dom
    return dom.last[node] - dom.first[node] == 1 and "title" in sheet.hints(node)


def _says(gate: Gate, loud: str, body: str) -> bool:
    signs = gate_signs()[gate.value]
    if gate is Gate.MAINTENANCE:
        loud, body = _without_past(loud), _without_past(body)
    if any(_has(sign, loud) for sign in signs.strong):
        return True
    if len(body) > _SHORT_PAGE:
        return False
    if any(_has(sign, body) for sign in signs.strong):
        return True
    weak = sum(_has(sign, loud + " " + body) for sign in signs.weak)
    return weak > 1 or (weak == 1 and len(body) < _NEARLY_EMPTY and any(_has(sign, loud) for sign in signs.weak))


def _without_past(text: str) -> str:
    """The text without sentences that say that something is over: "maintenance is finished" is news, no gate."""
    over = gate_signs()["over"]
    return " . ".join(
        sentence
        for sentence in _SENTENCES.split(text)
        if not any(_has(sign, sentence) for sign in over.strong) or any(_has(sign, sentence) for sign in over.weak)
    )


def _has(sign: str, text: str) -> bool:
    at = text.find(sign)
    while at >= 0:
        after = text[at + len(sign) : at + len(sign) + 1]
        if not (at and text[at - 1].isalnum()) and not after.isalnum():
            return True
        at = text.find(sign, at + 1)
    return False


def _form_gate(sheet: Sheet, text: str) -> Gate | None:
    dom = sheet.dom
    inputs = [node for node, tag in enumerate(dom.tag) if tag == "input"]
    passwords = sum(dom.attrs[node].get("type", "").lower() == "password" for node in inputs)
    if passwords == 1:
        return Gate.LOGIN
    if passwords > 1:
        return None if _registers(text) else Gate.LOGIN
    return Gate.CAPTCHA if _asks_for_proof(sheet, inputs, text) else None


def _registers(text: str) -> bool:
    """Whether a form with several passwords makes an account, and is no login among decoy fields."""
    return any(_has(sign, text) for sign in gate_signs()["register"].strong)


def _asks_for_proof(sheet: Sheet, inputs: list[int], text: str) -> bool:
    dom = sheet.dom
    names = " ".join(
        fold(
            " ".join(
                dom.attrs[node].get(key, "") for key in ("name", "id", "class", "placeholder", "alt", "src", "action")
            )
        )[:300]
        for node, tag in enumerate(dom.tag)
        if tag in ("input", "img", "form", "div", "label")
    )
    named = "captcha" in names
    signs = gate_signs()[Gate.CAPTCHA.value]
    strong = any(_has(sign, text) for sign in signs.strong)
    weak = sum(_has(sign, text) for sign in signs.weak)
    bare = len(text) < _NEARLY_EMPTY and len(dom.links) < _FEW_LINKS
    typed = [node for node in inputs if dom.attrs[node].get("type", "text").lower() in _ANSWERS]
    if bare and len(typed) == 1 and "img" in dom.tag:
        return True
    answers = [
        node
        for node in inputs
        if dom.attrs[node].get("type", "").lower() in _ANSWERS | {"radio", "checkbox", "image", "submit"}
    ]
    if not answers and "button" not in dom.tag and "form" not in dom.tag:
        return strong and len(text) < _NEARLY_EMPTY
    return named or strong or weak > 1


def _refreshes(sheet: Sheet) -> bool:
    return "refresh" in sheet.dom.meta
