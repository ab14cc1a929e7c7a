"""Ends a run in order when what must be kept cannot be written."""

from __future__ import annotations

import logging

from scrapy.crawler import Crawler
from scrapy.utils.defer import deferred_from_coro

from crawler.model.errors import NoSpace
from crawler.model.signals import out_of_space

_LOG = logging.getLogger(__name__)


class OrderlyStop:
    """Closes the spider at the first sign of a full disk: what was not kept waits, the next run goes on."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._stopping = False
        crawler.signals.connect(self._stop, out_of_space)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> OrderlyStop:
        """The extension as Scrapy makes it."""
        return cls(crawler)

    def _stop(self, error: NoSpace) -> None:
        if self._stopping or self._crawler.engine is None or self._crawler.spider is None:
            return
        self._stopping = True
        _LOG.error("%s", error)
        deferred_from_coro(self._crawler.engine.close_spider_async(reason=str(error)))
