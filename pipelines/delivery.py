"""The way from the outbox to the index, walked behind the crawl's back and with patience."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from crawler.model.errors import NoSpace, StoreUnavailable
from index.opening import open_store
from index.outbox import Spool
from index.store import Store

_LOG = logging.getLogger(__name__)
_MANY = 200  # documents posted since the last delivery
_LONG = 30.0  # seconds since the last delivery: a slow market's finds must not wait for its two hundredth
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 60.0
_LAST_TRIES = 3
_LAST_SECONDS = 90.0
_BETWEEN_LAST_TRIES = 2.0


class Delivery:
    """Takes documents to the index in a thread of its own; waits longer after each failure.

    ``clock`` counts seconds and never jumps: the machine's own time may be set while a crawl runs.
    """

    def __init__(self, spool: Spool, address: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._spool = spool
        self._address = address
        self._clock = clock
        self._store: Store | None = None
        self._task: asyncio.Task[bool] | None = None
        self._posted = 0
        self._pause = 0.0
        self._rested = clock()
        self.failure: str | None = None

    def posted(self, documents: int) -> None:
        """Notes what was posted; sets out where there is enough to carry and no pause to keep."""
        self._posted += documents
        if self._task is not None and not self._task.done():
            return
        waited = self._clock() - self._rested
        if waited >= self._pause and (self._posted >= _MANY or waited >= _LONG):
            self._posted = 0
            self._task = asyncio.ensure_future(self.attempt())

    async def attempt(self) -> bool:
        """Whether the index took all that waited; when not, the next attempt is put off."""
        try:
            await asyncio.to_thread(self._deliver)
        except (StoreUnavailable, NoSpace) as error:
            self.failure = str(error)
            self._pause = min(max(self._pause * 2, _FIRST_PAUSE), _LONGEST_PAUSE)
            _LOG.warning("%s; %d documents wait in the outbox", error, self._spool.counts().waiting)
        else:
            self.failure, self._pause = None, 0.0
        self._rested = self._clock()
        return self.failure is None

    async def finish(self) -> bool:
        """Whether everything left, after a few last tries; what did not waits for the next run."""
        if self._task is not None:
            await self._task
        limit = self._clock() + _LAST_SECONDS
        for attempt in range(_LAST_TRIES):
            if await self.attempt():
                return True
            if self._clock() > limit:
                return False
            await asyncio.sleep(_BETWEEN_LAST_TRIES * (attempt + 1))
        return False

    def store(self) -> Store:
        """The index, opened once. Raises StoreUnavailable; may block, so it is for threads."""
        if self._store is None:
            self._store = open_store(self._address)
        return self._store

    def close(self) -> None:
        """Gives back the index's connections."""
        if self._store is not None:
            self._store.close()

    def _deliver(self) -> None:
        self._spool.deliver(self.store())
