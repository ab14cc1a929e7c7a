"""Whether a page was made for somebody signed in: by the profile's marker, or by its links to sign out and in."""

from __future__ import annotations

import re
from functools import cache

from scrapy.http import Response, TextResponse

from config.vocabulary import tree

_PARTS = re.compile(r"[/?&=;#]")
_MOST_LINKS = 2_000
_LONGEST_WORDS = 40


def is_signed_in(response: Response, selector: str | None) -> bool | None:
    """Whether the page shows the marker; without one, a link to sign out, or one to sign in; None where neither is."""
    if not isinstance(response, TextResponse):
        return None
    if selector is not None:
        return bool(response.css(selector))
    out, into = False, False
    for element in response.xpath("//a[@href] | //form[@action] | //button | //input[@type='submit']")[:_MOST_LINKS]:
        address = element.xpath("string(@href | @action)").get("")
        words = " ".join(element.xpath("string(@value)").get("").split()) or _words(element.xpath("string()").get(""))
        out = out or _leads("sign_out", address, words)
        into = into or _leads("sign_in", address, words)
    if out or into:
        return out
    return None


def leads_to_sign_in(url: str) -> bool:
    """Whether an address is one where visitors sign in."""
    return _leads("sign_in", url.partition("://")[2].partition("/")[2], "")


def _words(text: str) -> str:
    return " ".join(text[: _LONGEST_WORDS * 4].split())[: _LONGEST_WORDS + 1].lower()


def _leads(where: str, address: str, words: str) -> bool:
    urls, texts = _signs(where)
    parts = (part.lower().rsplit(".", 1)[0] for part in _PARTS.split(address) if part)
    return words.lower() in texts or any(part in urls for part in parts)


@cache
def _signs(where: str) -> tuple[frozenset[str], frozenset[str]]:
    table = tree("account_links")[where]
    return frozenset(table["url"]), frozenset(table["text"])
