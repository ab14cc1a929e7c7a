"""Notices that a market refuses us: it is held and a person asked. Nothing is done to get around a block."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response

from crawler.desk.desk import Desk
from crawler.desk.shown import text_of
from crawler.desk.waiting import Patience, RunEnds, Waiting
from crawler.frontier.holds import GIVEN_BACK, PAGE_KEY
from crawler.model.desk import TaskKind, TaskState
from crawler.model.identity import stable_id
from crawler.model.page import Gate
from crawler.model.sighting import Sighting

_LOG = logging.getLogger(__name__)
_REFUSALS = frozenset({403, 429})
_IN_A_ROW = 3


class BlockMiddleware:
    """Takes 403 and 429 at the front page, or at three pages in a row, for a block, where no other gate shows.

    The pages wait again, the market is held and a task of kind *blocked* lies on the desk until a person closes it; a
    run that has waited long enough ends in order, and the next asks for nothing while the task is open.
    Settings: ``HOME``, ``SHARED``, ``MARKET``, and those of `Patience`.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._market: str = crawler.settings["MARKET"]
        self._patience = Patience.of(crawler)
        self._waiting = Waiting(crawler, "block")
        self._desk: Desk
        self._in_a_row = 0
        self._refused: Counter[str] = Counter()
        crawler.signals.connect(self._opened, signals.spider_opened)
        crawler.signals.connect(self._closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> BlockMiddleware:
        """The middleware as Scrapy makes it. Raises NotConfigured where no market is crawled."""
        if not crawler.settings.get("STATE"):
            raise NotConfigured("no market: nobody is asked")
        return cls(crawler)

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """What the page gave; a page that was refused waits again."""
        async for each in result:
            if isinstance(each, Sighting) and PAGE_KEY in response.meta:
                self._see(response, each)
            yield each

    def _see(self, response: Response, sighting: Sighting) -> None:
        if response.status not in _REFUSALS or sighting.page.gate not in (None, Gate.ERROR):
            self._in_a_row = 0
            return
        key = response.meta[PAGE_KEY]
        self._refused[key] += 1
        first = self._refused[key] == 1
        self._in_a_row += int(first)
        if not self._waiting.goes_on and (self._in_a_row >= _IN_A_ROW or response.meta.get("kind") == "entry"):
            self._ask(response, sighting)
        if self._waiting.goes_on or first:  # a page refused on its own is asked for once more
            response.meta[GIVEN_BACK] = True

    def _ask(self, response: Response, sighting: Sighting) -> None:
        capture = sighting.capture
        id_ = self._desk.put(
            self._market, TaskKind.BLOCKED, shows=text_of(response), url=response.url,
            capture=stable_id("capture", capture.market, capture.record_id) if capture else "",
        )  # fmt: skip
        why = f"it refuses us ({response.status}): task {id_} on the desk asks a person"
        self._waiting.begin(why, partial(self._until_closed, id_))

    async def _until_closed(self, id_: int) -> None:
        until = time.monotonic() + self._patience.for_a_person(self._crawler)
        while self._desk.task(id_).state is not TaskState.CLOSED:
            if time.monotonic() > until:
                _LOG.warning("%s ends: nobody has closed task %d", self._market, id_)
                raise RunEnds("blocked: waits at the desk")
            await asyncio.sleep(self._patience.look)
        self._in_a_row = 0
        self._refused.clear()

    def _opened(self) -> None:
        self._desk = Desk(Path(self._crawler.settings["HOME"]), self._crawler.settings.get("SHARED"))
        open_tasks = [task.id for task in self._desk.waiting(self._market) if task.kind is TaskKind.BLOCKED]
        if open_tasks:
            why = f"it refused us and task {open_tasks[0]} on the desk is open"
            self._waiting.begin(why, partial(self._until_closed, open_tasks[0]))

    def _closed(self) -> None:
        self._waiting.cancel()
        self._desk.close()
