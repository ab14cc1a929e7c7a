"""Keeps each response as evidence before anything reads it."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Headers, Response

from evidence.archive import Archive, Exchange


class CaptureMiddleware:
    """Writes request and response into the run's archive; nearest to the network, so it sees the raw bytes.

    The capture travels in ``request.meta["capture"]``. Settings: ``CAPTURES`` (folder; without it nothing is kept,
    as for `scrapy shell`), ``MARKET``, ``RUN``.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self._archive: Archive | None = None
        if settings.get("CAPTURES"):
            self._archive = Archive(Path(settings["CAPTURES"]), settings["MARKET"], settings["RUN"])
        self._stats = crawler.stats
        crawler.signals.connect(self._close, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> CaptureMiddleware:
        """The middleware as Scrapy makes it."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """The response unchanged, once it is in the archive."""
        if self._archive is not None:
            request.meta["capture"] = self._archive.keep(_exchange(request, response))
            if self._stats is not None:
                self._stats.inc_value("captures/kept")
                self._stats.inc_value("captures/bytes", len(response.body))
        return response

    def _close(self) -> None:
        if self._archive is not None:
            self._archive.close()


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
