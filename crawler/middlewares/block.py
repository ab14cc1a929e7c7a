"""Notices that a market refuses us: it is held and a person asked. Nothing is done to get around a block."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response

from crawler.desk.desk import Desk, is_closed, put_task
from crawler.desk.shown import text_of
from crawler.frontier.holds import GIVEN_BACK, PAGE_KEY, hold, lift
from crawler.model.desk import TaskKind
from crawler.model.identity import stable_id
from crawler.model.page import Gate
from crawler.model.sighting import Sighting
from crawler.schedule.timing import read_span

_LOG = logging.getLogger(__name__)
_WHO = "block"
_REFUSALS = frozenset({403, 429})
_IN_A_ROW = 3


class BlockMiddleware:
    """Takes 403 and 429 at the front page, or at three pages in a row, for a block, where no other gate shows.

    The pages wait again, the market is held and a task of kind *blocked* lies on the desk until a person closes it; a
    run that has waited long enough ends in order, and the next asks for nothing while the task is open.
    Settings: ``HOME``, ``MARKET``, ``DESK_PATIENCE``, ``DESK_PATIENCE_AT_START``, ``DESK_LOOKS_EVERY``.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self._crawler = crawler
        self._home = Path(settings["HOME"])
        self._market: str = settings["MARKET"]
        self._patience = float(read_span(settings["DESK_PATIENCE"], "DESK_PATIENCE"))
        self._at_start = float(read_span(settings["DESK_PATIENCE_AT_START"], "DESK_PATIENCE_AT_START"))
        self._looks_every = float(read_span(settings["DESK_LOOKS_EVERY"], "DESK_LOOKS_EVERY"))
        self._in_a_row = 0
        self._refused: Counter[str] = Counter()
        self._waiting: asyncio.Task[None] | None = None
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
        if self._waiting is None and (self._in_a_row >= _IN_A_ROW or response.meta.get("kind") == "entry"):
            self._ask(response, sighting)
        if self._waiting is not None or first:  # a page refused on its own is asked for once more
            response.meta[GIVEN_BACK] = True

    def _ask(self, response: Response, sighting: Sighting) -> None:
        capture = sighting.capture
        id_ = put_task(
            self._home, self._market, TaskKind.BLOCKED, shows=text_of(response), url=response.url,
            capture=stable_id("capture", capture.market, capture.record_id) if capture else "",
        )  # fmt: skip
        self._hold(id_, f"it refuses us ({response.status}): task {id_} on the desk asks a person", self._patience)

    def _hold(self, id_: int, why: str, patience: float) -> None:
        self._crawler.signals.send_catch_log(hold, who=_WHO, why=why)
        self._waiting = asyncio.ensure_future(self._wait_for(id_, patience))

    async def _wait_for(self, id_: int, patience: float) -> None:
        until = time.monotonic() + patience
        while not is_closed(self._home, id_):
            if time.monotonic() > until:
                _LOG.warning("%s ends: nobody has closed task %d", self._market, id_)
                if self._crawler.engine is not None:
                    self._waiting = None  # closing the run must not cancel what closes it
                    await self._crawler.engine.close_spider_async(reason="blocked: waits at the desk")
                return
            await asyncio.sleep(self._looks_every)
        self._waiting, self._in_a_row = None, 0
        self._refused.clear()
        self._crawler.signals.send_catch_log(lift, who=_WHO)

    def _opened(self) -> None:
        with Desk(self._home) as desk:
            open_tasks = [task.id for task in desk.waiting(self._market) if task.kind is TaskKind.BLOCKED]
        if open_tasks:
            why = f"it refused us and task {open_tasks[0]} on the desk is open"
            self._hold(open_tasks[0], why, min(self._patience, self._at_start))

    def _closed(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
