"""Tells a Tor that is down from a market that is: only the second is a failure."""

from __future__ import annotations

import asyncio
import logging
import time
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadCancelledError, DownloadTimeoutError, IgnoreRequest, UnsupportedURLSchemeError
from scrapy.http import Response

from crawler.extensions.tor_watch import TorWatch
from crawler.frontier.holds import Postponed
from crawler.handler import SECONDS
from crawler.passage import identity_of
from crawler.tor.endpoint import Endpoint
from crawler.tor.socks import Reply, answers, ask_for

_LOG = logging.getLogger(__name__)
_LIFE = "tor_life"
_NOT_OF_THE_WAY = (IgnoreRequest, DownloadCancelledError, UnsupportedURLSchemeError)
_ASKED_AGAIN_AFTER = 10.0


class OutageMiddleware:
    """Gives pages back that Tor's death took from us, and names why an address does not answer through a healthy Tor.

    Nearest to the network of all: what a dying Tor cut off is not even kept.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._said: dict[str, tuple[float, asyncio.Task[Reply | None]]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> OutageMiddleware:
        """The middleware as Scrapy makes it."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Notes by which Tor the request goes. Raises Postponed while there is none."""
        tor = self._tor()
        if tor is None:
            return
        if tor.down:
            raise Postponed("Tor is down")
        request.meta[_LIFE] = tor.standing.life

    async def process_response(self, request: Request, response: Response) -> Response:
        """The response. Raises Postponed for one whose end cannot be told from Tor's."""
        tor = self._tor()
        if tor is not None:
            if _ends_with_its_connection(response) and not await answers(tor.socks):
                await tor.was_down(None)
                raise Postponed("Tor died while the page came")
            tor.page(request, request.meta.get(SECONDS, 0.0), len(response.body))
        return response

    async def process_exception(self, request: Request, exception: Exception) -> None:
        """Raises Postponed when Tor is, or was, down; otherwise adds to the exception what Tor says of the address.

        Raises IgnoreRequest for an onion service that wants a key: to ask again is of no use.
        """
        tor = self._tor()
        if tor is None or isinstance(exception, _NOT_OF_THE_WAY):
            return
        if await tor.was_down(request.meta.get(_LIFE)):
            raise Postponed("Tor was down") from exception
        await tor.failed(request, in_time=not isinstance(exception, DownloadTimeoutError))
        if isinstance(exception, DownloadTimeoutError):
            return
        reply = await self._ask(request, tor)
        if reply is not None and reply.key:
            host = urlsplit(request.url).hostname
            words = f'{reply.words}: put its x25519 key under [client_keys] "{host}" in the home\'s markets file'
            self._refusal(words)
            raise IgnoreRequest(words) from exception
        if reply is not None and reply.code:
            exception.args = (f"{reply.words} ({exception})",)

    def _tor(self) -> TorWatch | None:
        return self._crawler.get_extension(TorWatch)

    async def _ask(self, request: Request, tor: TorWatch) -> Reply | None:
        """Tor's own word on the address; who asks within some seconds shares the answer."""
        parts = urlsplit(request.url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        asked, answer = self._said.get(host, (0.0, None))
        if answer is None or time.monotonic() - asked > _ASKED_AGAIN_AFTER:
            user = identity_of(request.meta.get("proxy", ""))
            answer = asyncio.ensure_future(_asked(tor.socks, user, host, port))
            self._said[host] = (time.monotonic(), answer)
        return await asyncio.shield(answer)

    def _refusal(self, words: str) -> None:
        stats = self._crawler.stats
        if stats is not None:
            stats.set_value("tor/refusals", sorted({*stats.get_value("tor/refusals", []), words}))


async def _asked(socks: Endpoint, user: str, host: str, port: int) -> Reply | None:
    reply = await ask_for(socks, user, host, port)
    if reply is not None and reply.code:
        _LOG.warning("%s: %s", host, reply.words)
    return reply


def _ends_with_its_connection(response: Response) -> bool:
    return "Content-Length" not in response.headers and "Transfer-Encoding" not in response.headers
