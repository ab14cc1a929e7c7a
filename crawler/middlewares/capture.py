"""Keeps each response as evidence before anything reads it."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes

from crawler.frontier.memory import Kept
from crawler.model.errors import BadInput, BadResult
from evidence.archive import Archive, Earlier, Exchange
from evidence.record import read_record

_LOG = logging.getLogger(__name__)
_CONDITIONS = ("If-None-Match", "If-Modified-Since")


class CaptureMiddleware:
    """Writes request and response into the run's archive; nearest to the network, so it sees the raw bytes.

    Where the market answers that a page is as it was, the response kept earlier goes on in its place, so that the page
    is seen again without being sent again; what is archived is the answer as it came, as a revisit record.
    The capture travels in ``request.meta["capture"]``. Settings: ``CAPTURES`` (folder; without it nothing is kept,
    as for `scrapy shell`), ``MARKET``, ``RUN``.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self._archive: Archive | None = None
        self._folder = Path(settings.get("CAPTURES") or ".")
        if settings.get("CAPTURES"):
            self._archive = Archive(self._folder, settings["MARKET"], settings["RUN"])
        self._stats = crawler.stats
        crawler.signals.connect(self._close, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> CaptureMiddleware:
        """The middleware as Scrapy makes it."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response | Request:
        """The response once it is in the archive; of a page that is as it was, the earlier one."""
        if self._archive is None:
            return response
        kept: Kept | None = request.meta.get("kept")
        if response.status == HTTPStatus.NOT_MODIFIED and kept is not None:
            return self._unchanged(self._archive, request, response, kept)
        request.meta["capture"] = self._archive.keep(_exchange(request, response))
        self._count(response)
        return response

    def _unchanged(self, archive: Archive, request: Request, response: Response, kept: Kept) -> Response | Request:
        try:
            record = read_record(self._folder, kept.warc, kept.offset, kept.length)
        except (BadInput, BadResult) as error:
            _LOG.warning("%s is asked for again: what it was like before cannot be read: %s", request.url, error)
            return _without_conditions(request)
        earlier = Earlier(record=record, warc=kept.warc, offset=kept.offset, length=kept.length)
        request.meta["capture"] = archive.keep_unchanged(_exchange(request, response), earlier)
        self._count(response)
        if self._stats is not None:
            self._stats.inc_value("captures/unchanged")
        headers = Headers(_by_name(record.headers))
        kind = responsetypes.from_args(headers=headers, url=response.url, body=record.body)
        return kind(url=response.url, status=record.status, headers=headers, body=record.body)

    def _count(self, response: Response) -> None:
        if self._stats is not None:
            self._stats.inc_value("captures/kept")
            self._stats.inc_value("captures/bytes", len(response.body))

    def _close(self) -> None:
        if self._archive is not None:
            self._archive.close()


def _without_conditions(request: Request) -> Request:
    again = request.replace(dont_filter=True)
    for name in _CONDITIONS:
        again.headers.pop(name, None)
    again.meta["kept"] = None
    return again


def _by_name(pairs: tuple[tuple[str, str], ...]) -> dict[str, list[str]]:
    named: dict[str, list[str]] = {}
    for name, value in pairs:
        named.setdefault(name.title(), []).append(value)
    return named


def _exchange(request: Request, response: Response) -> Exchange:
    return Exchange(
        url=response.url,
        time=datetime.now(UTC),
        method=request.method,
        request_headers=_pairs(request.headers),
        status=response.status,
        reason=_reason(response.status),
        response_headers=_pairs(response.headers),
        body=response.body,
    )


def _pairs(headers: Headers) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name.decode("latin-1"), value.decode("latin-1")) for name in headers for value in headers.getlist(name)
    )


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
