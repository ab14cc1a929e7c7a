"""One line of the history: a planned run and what came of it."""

from __future__ import annotations

import json
import signal
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import Any

from crawler.model.plain import plain

_LAST_WORDS = 500
ORPHAN = "the scheduler was killed while this run went on"


class Verdict(Enum):
    """How a planned run stands: good, degraded and blind are the crawl's own words."""

    RUNNING = "running"
    GOOD = "good"
    DEGRADED = "degraded"
    BLIND = "blind"
    FAILED = "failed"
    MISSED = "missed"


_OF_A_CRAWL = {each.value: each for each in (Verdict.GOOD, Verdict.DEGRADED, Verdict.BLIND)}


@dataclass(frozen=True, kw_only=True, slots=True)
class RunEntry:
    """A planned run.

    A missed one stands for ``times`` planned times, the first of them ``planned``, the last ``planned_until``. ``run``
    is the run document as the crawl printed it; ``cut_short`` says that it was ended from outside, not by itself.
    """

    id: str
    market: str
    planned: datetime
    planned_until: datetime
    times: int = 1
    started: datetime | None = None
    ended: datetime | None = None
    exit_code: int | None = None
    verdict: Verdict
    reasons: tuple[str, ...] = ()
    cut_short: bool = False
    run: dict[str, Any] = field(default_factory=dict)

    def as_seen_by(self, scheduler: str | None) -> RunEntry:
        """The entry as it stands when this process keeps the schedule: without one, nothing runs any more."""
        if scheduler is not None or self.verdict is not Verdict.RUNNING:
            return self
        return replace(self, verdict=Verdict.FAILED, reasons=(ORPHAN,))

    def plain(self) -> dict[str, Any]:
        """The entry as JSON has it: what has no value is left out, the run document stays whole."""
        names = ("market", "planned", "planned_until", "times", "started", "ended", "exit_code", "verdict", "reasons")
        fields = {name: getattr(self, name) for name in names}
        if self.times == 1:
            del fields["planned_until"], fields["times"]
        shown: dict[str, Any] = plain(fields)
        return shown | ({"run": self.run} if self.run else {})


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """How a crawl's process ended: its code (below 0: the signal that ended it), what it printed and complained of."""

    exit_code: int
    printed: str
    complained: str


def judged(outcome: Outcome) -> tuple[Verdict, tuple[str, ...], dict[str, Any]]:
    """Verdict, reasons and run document of a crawl that ended; *failed* with its last words when it left none."""
    run = _run_document(outcome.printed)
    if not run:
        return Verdict.FAILED, (_last_words(outcome),), {}
    verdict, reasons = _OF_A_CRAWL[run["verdict"]], tuple(str(reason) for reason in run.get("reasons", ()))
    if outcome.exit_code in (0, 1):
        return verdict, reasons, run
    verdict = Verdict.DEGRADED if verdict is Verdict.GOOD else verdict
    return verdict, (*reasons, f"after its report: {_last_words(outcome)}"), run


def _run_document(printed: str) -> dict[str, Any]:
    for line in reversed(printed.splitlines()):
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if isinstance(value, dict) and value.get("verdict") in _OF_A_CRAWL:
            return value
    return {}


def _last_words(outcome: Outcome) -> str:
    lines = [line.strip() for line in outcome.complained.splitlines() if line.strip()]
    words = lines[-1].removeprefix("npswatch: ")[:_LAST_WORDS] if lines else "it said nothing"
    return f"{_ending(outcome.exit_code)}: {words}"


def _ending(code: int) -> str:
    if code >= 0:
        return f"the crawl ended with code {code}"
    try:
        return f"the crawl was killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"the crawl was killed by signal {-code}"
