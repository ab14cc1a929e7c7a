"""How well an identity's circuits carry: measured page by page; when new ones are wanted, and how often at most."""

from __future__ import annotations

import statistics
from collections import deque
from dataclasses import dataclass, field

_STALLED_AFTER = 3
_PAGES = 10
_SLOW_SECONDS = 30.0
_HOUR = 3600.0
RENEWALS_AN_HOUR = 6


@dataclass(kw_only=True, slots=True)
class Measure:
    """Seconds and bytes of what was fetched under one identity since its circuits are what they are.

    Stalled: three requests in a row that ran out of time. Too slow: half of the last ten pages took over 30 s each.
    New circuits are asked for at most six times an hour: a market that is slow itself is left as it is.
    """

    pages: int = 0
    bytes: int = 0
    seconds: float = 0.0
    failures: int = 0
    renewals: int = 0
    _last: deque[float] = field(default_factory=lambda: deque(maxlen=_PAGES))
    _timeouts: int = 0
    _renewed: deque[float] = field(default_factory=lambda: deque(maxlen=RENEWALS_AN_HOUR))

    def page(self, seconds: float, size: int) -> None:
        """A page came in so many seconds."""
        self.pages += 1
        self.bytes += size
        self.seconds += seconds
        self._last.append(seconds)
        self._timeouts = 0

    def failed(self, *, in_time: bool) -> None:
        """A request came to nothing through a healthy Tor; ``in_time`` says it did so before its time ran out."""
        self.failures += 1
        self._timeouts = 0 if in_time else self._timeouts + 1

    @property
    def seconds_a_page(self) -> float | None:
        """The median of the last ten pages."""
        return round(statistics.median(self._last), 3) if self._last else None

    @property
    def bytes_a_second(self) -> float | None:
        """What one request at a time carries, over all pages."""
        return round(self.bytes / self.seconds, 1) if self.seconds else None

    def wants_new_circuits(self, now: float) -> str | None:
        """Why new circuits are wanted and may be had now; None otherwise. They count as had."""
        why = self._complaint()
        if why is None or (len(self._renewed) == RENEWALS_AN_HOUR and now - self._renewed[0] < _HOUR):
            return None
        self._renewed.append(now)
        self.renewals += 1
        self._timeouts = 0
        self._last.clear()
        return why

    def _complaint(self) -> str | None:
        if self._timeouts >= _STALLED_AFTER:
            return f"stalled: {self._timeouts} requests in a row ran out of time"
        if len(self._last) == _PAGES and statistics.median(self._last) > _SLOW_SECONDS:
            return f"too slow: {self.seconds_a_page} s a page"
        return None
