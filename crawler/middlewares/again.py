"""Sends pages that a market could not give now back to wait, instead of asking for them at once."""

from __future__ import annotations

from http import HTTPStatus

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.frontier.again import AskAgain
from crawler.frontier.backoff import asked_to_wait

_TOO_FAST_SECONDS = 30.0


class AgainMiddleware:
    """Takes the place of Scrapy's own retries, which come too soon and forget all when the process dies.

    Setting: ``RETRY_HTTP_CODES``. The last answer to a page that is given up goes on, so that it is kept and counted.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._statuses = frozenset(int(status) for status in crawler.settings.getlist("RETRY_HTTP_CODES"))
        self._stats = crawler.stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> AgainMiddleware:
        """The middleware as Scrapy makes it."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """The response, unless it says to come again. Raises AskAgain then."""
        if response.status not in self._statuses or request.meta.get("last_try", True):
            return response
        wait = asked_to_wait((response.headers.get("Retry-After") or b"").decode("latin-1"))
        if response.status == HTTPStatus.TOO_MANY_REQUESTS:
            wait = max(wait, _TOO_FAST_SECONDS)
        if self._stats is not None:
            self._stats.inc_value("captures/asked_again")
        raise AskAgain(f"status {response.status}", wait)
