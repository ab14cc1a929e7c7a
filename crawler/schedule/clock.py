"""The scheduler's clock."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol

_BUSY_SECONDS = 0.5
_IDLE_SECONDS = 2.0


class Clock(Protocol):
    """What the scheduler knows of time."""

    def now(self) -> datetime:
        """The time, UTC."""

    def wait(self, until: datetime | None, *, busy: bool) -> None:
        """Returns after a short while, at ``until`` at the latest; ``busy`` says that crawls run."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The time, UTC."""
        return datetime.now(UTC)

    def wait(self, until: datetime | None, *, busy: bool) -> None:
        """Returns after at most two seconds, so that new plans and ended crawls are seen soon."""
        longest = _BUSY_SECONDS if busy else _IDLE_SECONDS
        left = (until - self.now()).total_seconds() if until is not None else longest
        time.sleep(min(longest, max(left, 0.01)))
