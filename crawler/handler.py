"""The one way out: Scrapy's httpx handler, through a SOCKS proxy or not at all."""

from __future__ import annotations

import asyncio

from httpx2 import AsyncClient
from scrapy import Request
from scrapy.core.downloader.handlers._httpx import HttpxDownloadHandler
from scrapy.exceptions import DownloadTimeoutError, IgnoreRequest
from scrapy.http import Response

_DEFAULT_SECONDS = 60.0


class TorHandler(HttpxDownloadHandler):
    """Refuses a request without a SOCKS proxy; bounds the whole download, not each read, by ``download_timeout``."""

    experimental = False

    def _get_client(self, proxy_url: str | None) -> AsyncClient:
        if not (proxy_url or "").startswith("socks5"):
            raise IgnoreRequest("refused: a request without Tor's SOCKS port")
        return super()._get_client(proxy_url)

    async def download_request(self, request: Request) -> Response:
        """The response, read whole. Raises DownloadTimeoutError when all of it takes longer than allowed."""
        seconds = float(request.meta.get("download_timeout", _DEFAULT_SECONDS))
        try:
            async with asyncio.timeout(seconds):
                return await super().download_request(request)
        except TimeoutError as error:
            raise DownloadTimeoutError(f"{request.url} took longer than {seconds:.0f} s") from error
