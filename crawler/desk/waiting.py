"""Waiting at the desk: the market is held meanwhile, and the run ends in order when it was in vain."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from scrapy.crawler import Crawler

from crawler.frontier.holds import hold, lift
from crawler.schedule.timing import read_span

_LOG = logging.getLogger(__name__)
Opening = Callable[[], Awaitable[None]]


class RunEnds(Exception):
    """The market stays shut for this run; the text is why the run ends. Raised by what `Waiting` waits for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """How long a run waits, in seconds: for a person, for one when nothing was read yet, for a queue, between looks.

    Settings: ``DESK_PATIENCE``, ``DESK_PATIENCE_AT_START``, ``DESK_PATIENCE_IN_QUEUE``, ``DESK_LOOKS_EVERY`` (spans
    such as ``5m``); a profile's ``patience`` in seconds goes before the first.
    """

    person: float
    at_start: float
    queue: float
    look: float

    @classmethod
    def of(cls, crawler: Crawler) -> Patience:
        """What settings and profile say. Raises BadInput for what is no span of time."""
        settings = crawler.settings
        profile = getattr(crawler.spidercls, "profile", None)
        own = profile.patience if profile is not None else None
        return cls(
            person=float(read_span(settings["DESK_PATIENCE"], "DESK_PATIENCE") if own is None else own),
            at_start=float(read_span(settings["DESK_PATIENCE_AT_START"], "DESK_PATIENCE_AT_START")),
            queue=float(read_span(settings["DESK_PATIENCE_IN_QUEUE"], "DESK_PATIENCE_IN_QUEUE")),
            look=float(read_span(settings["DESK_LOOKS_EVERY"], "DESK_LOOKS_EVERY")),
        )

    def for_a_person(self, crawler: Crawler) -> float:
        """How long a person is waited for now; where nothing was read yet the next run begins at the same place."""
        stats = crawler.stats
        gates = sum(v for k, v in stats.get_stats().items() if k.startswith("pages/gate/")) if stats else 0
        nothing_read = stats is None or stats.get_value("pages/read", 0) <= gates
        return min(self.person, self.at_start) if nothing_read else self.person


class Waiting:
    """Holds one market in the name of ``who`` while something is waited for."""

    def __init__(self, crawler: Crawler, who: str) -> None:
        self._crawler = crawler
        self._who = who
        self._task: asyncio.Task[None] | None = None
        self._ended = False

    @property
    def goes_on(self) -> bool:
        """Whether the market is held now, or shut for the rest of the run."""
        return self._ended or self._task is not None

    def begin(self, why: str, opening: Opening) -> None:
        """Holds the market until ``opening`` returns; RunEnds, or any failure of it, ends the run."""
        self.say(why)
        self._task = asyncio.ensure_future(self._until(opening))

    def say(self, why: str) -> None:
        """What the market is held for from now on."""
        self._crawler.signals.send_catch_log(hold, who=self._who, why=why)

    def cancel(self) -> None:
        """The run ends: nothing is waited for any longer."""
        if self._task is not None:
            self._task.cancel()

    async def _until(self, opening: Opening) -> None:
        since = time.monotonic()
        try:
            await opening()
        except RunEnds as end:
            await self._end_run(str(end))
        except Exception:
            _LOG.exception("the desk of %s failed", self._crawler.settings["MARKET"])
            await self._end_run("the desk failed; see the log")
        else:
            self._crawler.signals.send_catch_log(lift, who=self._who)
            self._wake()
        finally:
            self._task = None
            if self._crawler.stats is not None:
                waited = self._crawler.stats.get_value("desk/waited", 0.0) + time.monotonic() - since
                self._crawler.stats.set_value("desk/waited", round(waited, 1))

    def _wake(self) -> None:
        engine = self._crawler.engine
        if engine is not None and engine._slot is not None:
            engine._slot.nextcall.schedule()  # of its own the engine asks the scheduler again after five seconds

    async def _end_run(self, why: str) -> None:
        self._ended = True
        if self._crawler.engine is not None:
            self._task = None  # closing the run must not cancel what closes it
            await self._crawler.engine.close_spider_async(reason=why)
