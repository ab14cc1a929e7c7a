"""What a gate shows, as plain text for a person, and how long it asks to wait."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

from parsel import Selector
from scrapy.http import Response, TextResponse

from crawler.desk.tasks import LONGEST_SHOWN

_LONGEST_MARKUP = 200_000
_TEXTS = (
    "//title/text() | //body//text()[not(ancestor::script or ancestor::style or ancestor::noscript)]"
    " | //img/@alt | //input/@placeholder | //input[@type='submit']/@value"
)
_MOST_TEXTS = 1_000
_REFRESH = re.compile(r"\s*(\d{1,5})(?:\.\d*)?\s*(?:[;,]\s*(?:url\s*=)?\s*['\"]?(.*?)['\"]?\s*)?", re.I | re.S)
_PLACE = re.compile(r"\d")
_LONGEST_PLACE = 120


def text_of(response: Response) -> str:
    """The page's words, a line a piece, at most as many as a task keeps; nothing of it is run or followed."""
    lines = (" ".join(piece.split()) for piece in _markup(response).xpath(_TEXTS).getall()[:_MOST_TEXTS])
    return "\n".join(dict.fromkeys(line for line in lines if line))[:LONGEST_SHOWN]


def place_in_queue(text: str) -> str:
    """The first line with a number in it: a position or a time left; empty where there is none."""
    return next((line[:_LONGEST_PLACE] for line in text.splitlines() if _PLACE.search(line)), "")


def asked_wait(response: Response, now: datetime) -> float | None:
    """Seconds the response asks to wait, by Retry-After or its refresh; None where it does not say."""
    named = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if named.isascii() and named.isdigit():
        return float(named[:9])
    if named:
        try:
            moment = parsedate_to_datetime(named)
        except ValueError:
            return None
        return max(0.0, ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now).total_seconds())
    found = _refresh(response)
    return float(found[1]) if found else None


def refresh_target(response: Response) -> str | None:
    """Where the page leads when it refreshes itself, on its own host; None for another host, or no refresh."""
    found = _refresh(response)
    if not found or not found[2]:
        return None
    try:
        target = urljoin(response.url, found[2].strip())
        same = urlsplit(target).netloc == urlsplit(response.url).netloc
    except ValueError:
        return None
    return target if same else None


def _refresh(response: Response) -> re.Match[str] | None:
    named = (response.headers.get("Refresh") or b"").decode("latin-1")
    metas = _markup(response).xpath("//meta[translate(@http-equiv, 'REFSH', 'refsh') = 'refresh']/@content")
    return _REFRESH.fullmatch(named or metas.get(""))


def _markup(response: Response) -> Selector:
    text = response.text if isinstance(response, TextResponse) else response.body.decode("utf-8", "replace")
    return Selector(text=text[:_LONGEST_MARKUP].replace("\x00", "") or "<html></html>")
