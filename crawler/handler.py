"""The one way out: Scrapy's httpx handler, through a SOCKS proxy or not at all."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from httpx2 import AsyncClient
from scrapy import Request
from scrapy.core.downloader.handlers._httpx import HttpxDownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadTimeoutError, IgnoreRequest
from scrapy.http import Response

from crawler.frontier.holds import Postponed
from crawler.model.errors import LeaseLost

_DEFAULT_SECONDS = 60.0
SECONDS = "download_seconds"
"""Key of a request's meta: how long the whole download took."""


class TorHandler(HttpxDownloadHandler):
    """Refuses a request without a SOCKS proxy; bounds the whole download, not each read, by ``download_timeout``."""

    experimental = False

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._lease: Any = crawler.settings.get("LEASE")

    def _get_client(self, proxy_url: str | None) -> AsyncClient:
        if not (proxy_url or "").startswith("socks5"):
            raise IgnoreRequest("refused: a request without Tor's SOCKS port")
        return super()._get_client(proxy_url)

    async def download_request(self, request: Request) -> Response:
        """The response, read whole. Raises DownloadTimeoutError when all of it takes longer than allowed.

        Raises Postponed when another worker may have the market by now: its pace is counted there.
        """
        self._check_lease()
        seconds = float(request.meta.get("download_timeout", _DEFAULT_SECONDS))
        since = time.monotonic()
        try:
            async with asyncio.timeout(seconds):
                return await super().download_request(request)
        except TimeoutError as error:
            raise DownloadTimeoutError(f"{request.url} took longer than {seconds:.0f} s") from error
        finally:
            request.meta[SECONDS] = time.monotonic() - since

    def _check_lease(self) -> None:
        if self._lease is None:
            return
        try:
            self._lease.check()
        except LeaseLost as error:
            raise Postponed(str(error)) from error
