"""A crawl whose machine has its clock set while it runs: put on PYTHONPATH by the test.

``CLOCK_DAYS`` says after how many pages the clock is how many days off: "8:-10 16:20".
"""

import os
import time
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import crawler.middlewares.capture
import pipelines.index
import spiders.market
from evidence.archive import Archive

_JUMPS = [(int(page), int(days)) for page, _, days in (j.partition(":") for j in os.environ["CLOCK_DAYS"].split())]
_genuine_time, _genuine_keep = time.time, Archive.keep
_pages = [0]


def _off() -> timedelta:
    return timedelta(days=([0] + [days for page, days in _JUMPS if page <= _pages[0]])[-1])


class _Set(datetime):
    """Dates of a clock that was set."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Any:
        return datetime.now(tz or UTC) + _off()


def _keep(self: Archive, exchange: Any) -> Any:
    _pages[0] += 1
    return _genuine_keep(self, exchange)


Archive.keep = _keep  # type: ignore[method-assign]
time.time = lambda: _genuine_time() + _off().total_seconds()
for _module in (crawler.middlewares.capture, spiders.market, pipelines.index):
    _module.datetime = _Set  # type: ignore[attr-defined]
