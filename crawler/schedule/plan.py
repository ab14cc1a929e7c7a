"""What is planned for a market."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from crawler.model.errors import BadInput
from crawler.model.plain import iso
from crawler.schedule.timing import Timing


class Missed(Enum):
    """What becomes of runs whose time passed: one is made up for all of them, or none."""

    RUN_ONCE = "run-once"
    SKIP = "skip"


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """When a market is crawled.

    ``since`` is when it was planned and the first time of a span; ``jitter`` the most seconds a run begins after its
    planned time. How many it is for a given time is drawn from ``salt``, so that it stays the same after a restart.
    """

    market: str
    timing: Timing
    missed: Missed
    jitter: int
    since: datetime
    salt: str

    def after(self, moment: datetime) -> datetime:
        """The first planned time later than a moment."""
        return self.timing.after(moment, self.since)

    def due(self, planned: datetime) -> datetime:
        """When the run planned for a time shall begin."""
        digest = hashlib.sha256(f"{self.salt} {planned.isoformat()}".encode()).digest()
        return planned + timedelta(seconds=int.from_bytes(digest[:8]) % (self.jitter + 1))

    def check(self) -> None:
        """Raises BadInput when the jitter is as long as the time between two runs."""
        first = self.after(self.since)
        if timedelta(seconds=self.jitter) >= self.after(first) - first:
            raise BadInput("--jitter must be shorter than the time between two runs")

    def plain(self) -> dict[str, object]:
        """The plan as JSON has it."""
        return {
            "market": self.market,
            self.timing.rule.value: self.timing.words,
            "missed": self.missed.value,
            "jitter_seconds": self.jitter,
            "since": iso(self.since),
        }
