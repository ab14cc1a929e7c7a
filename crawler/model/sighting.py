"""What travels down the pipelines: a page seen on a market, its capture, its words and their meaning so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crawler.model.page import Page
from crawler.model.words import RawPage


@dataclass(frozen=True, kw_only=True, slots=True)
class Capture:
    """One response kept as evidence before anything read it.

    ``record_id`` is the WARC-Record-ID, ``warc`` the file's name below the captures folder, ``offset`` and
    ``length`` the record's bytes in it; ``payload_digest`` is ``sha256:`` and hex, over the body as received.

    Where the market answered that a page is as it was (status 304), ``record_id`` is that answer's revisit record and
    ``refers_to`` the earlier response's; place and digest are those of the earlier response, which holds the content.
    """

    market: str
    run: str
    url: str
    time: datetime
    status: int
    payload_digest: str
    record_id: str
    warc: str
    offset: int
    length: int
    content_type: str | None = None
    refers_to: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """What a store keeps: its kind, its deterministic id and its JSON-ready body."""

    kind: str
    id: str
    body: dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Sighting:
    """A page seen: raw words in ``raw``, values made of them so far in ``page``.

    Each pipeline step returns a new sighting with its part of ``page`` filled in; ``documents`` is filled by the
    last steps. ``capture`` is None when saved files are read without a crawl; so are ``asked``, the key of the page as
    the market linked to it (a redirect may have led on), and ``expected``, the kind of page it was linked as.
    ``dated`` is false when nobody knows when the page was seen, and ``time`` is only that of reading.
    """

    market: str
    url: str
    time: datetime
    raw: RawPage
    page: Page
    capture: Capture | None = None
    asked: str | None = None
    expected: str | None = None
    dated: bool = True
    documents: tuple[Document, ...] = field(default=())
