"""When a page is due again: by how often it was seen to change.

A page is taken to change as a Poisson process. Of n visits after the first, X found a change; the mean time between
visits is I. The rate of change is then estimated as ``-log((n - X + 0.5) / (n + 0.5)) / I``, which is far less biased
than X / n I because several changes between two visits are seen as one (J. Cho and H. Garcia-Molina, Estimating
frequency of change, ACM Transactions on Internet Technology 3 (3), 2003, section 4). What is usual for the kind of page
enters as one visit more that found half a change. A page is due when it has changed with a probability of one third,
but not sooner than an eighth and not later than seven times its kind's usual interval.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from crawler.frontier.memory import PageMemory

HOUR = 3600.0
_CHANGED_WITH = 1 / 3
_SOONEST, _LATEST = 1 / 8, 7.0


def visited(memory: PageMemory, digest: str | None, now: float) -> PageMemory:
    """The memory after the page was read, ``digest`` being of its words."""
    if memory.last is None:
        return replace(memory, digest=digest, last=now, misses=0)
    return replace(
        memory,
        visits=memory.visits + 1,
        changes=memory.changes + int(digest != memory.digest),
        watched=memory.watched + max(0.0, now - memory.last),
        last=now,
        digest=digest,
        misses=0,
    )


def missed(memory: PageMemory) -> PageMemory:
    """The memory after a run in which the page could not be read."""
    return replace(memory, misses=memory.misses + 1)


def change_rate(memory: PageMemory, usual_interval: float) -> float:
    """Changes a second, as far as the visits tell."""
    visits, changes = memory.visits + 1, memory.changes + 0.5
    mean_interval = (memory.watched + usual_interval) / visits
    return -math.log((visits - changes + 0.5) / (visits + 0.5)) / mean_interval


def due_again(kind: str, memory: PageMemory, now: float, intervals: Mapping[str, float]) -> float:
    """The time at which a page just closed is due again, ``intervals`` being usual for the kinds, in seconds.

    A page that keeps being missed is asked for ever more rarely, one that was never read begins with an hour. Kinds
    without an interval (entry pages) are due at once.
    """
    usual = intervals[kind]
    if not usual:
        return now
    if memory.last is None:
        return now + min(HOUR * 2.0 ** (memory.misses - 1), usual * _LATEST)
    wait = -math.log(1 - _CHANGED_WITH) / change_rate(memory, usual)
    return now + min(max(wait, usual * _SOONEST) * 2.0**memory.misses, usual * _LATEST)
