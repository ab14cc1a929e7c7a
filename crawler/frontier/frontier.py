"""What the scheduler needs of a market's frontier: the one contract, whoever keeps it.

A frontier keeps pages and hands them out; it decides nothing. When a page is due, how often it is tried again, what a
trap is and what a day may cost is decided elsewhere in this room and told to it. Times are seconds since the epoch and
always given by the caller. ``tests/crawler/frontier/test_frontier_contract.py`` holds every implementation to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from crawler.frontier.memory import PageMemory

RANKS = {
    # kind: never read before, due again. New listings first: they are what an investigator waits for. Lists that are
    # due come before listings that are: they are where new ones show.
    "listing": (10, 50),
    "entry": (20, 21),
    "category": (30, 31),
    "vendor": (40, 60),
}
READ_OF_LATE = 3600.0
"""Seconds in which a run that goes on does not read a page a second time, however short its interval."""

LONGEST_RETRY = 30.0
"""Seconds no retry exceeds: a page that waits for a later time than this was put off before the clock was set back."""


def rank(kind: str, *, due: bool) -> int:
    """The order in which pages are handed out, lowest first; among equals the longest waiting first."""
    return RANKS[kind][due]


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A page to fetch: its key, its address, what is expected there and the page that led to it.

    ``tries`` counts how often it was asked for in vain since it began to wait; ``memory`` is what closing it last left.
    """

    key: str
    url: str
    kind: str
    referer: str | None = None
    tries: int = 0
    memory: PageMemory = field(default_factory=PageMemory)


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """How many pages wait (those in flight among them), were read and failed in the end."""

    waiting: int
    read: int
    failed: int


class Frontier(Protocol):
    """One market's pages. Whoever opened it works the market alone until it is closed or its process dies.

    A page in flight (taken, neither closed nor given back) waits again when the process dies: nothing is lost, and
    nothing is fetched twice but what was in flight. All calls are durable on return, or raise NoSpace.
    """

    def begin(self, now: float, *, fresh: bool) -> bool:
        """Readies for a run; True when an unfinished run goes on.

        What was in flight waits again. Pages that are due wait again with the rank of due pages, the longest due
        first; when an unfinished run goes on, those read within `READ_OF_LATE` seconds stay as they are. ``fresh``
        makes all wait again, whatever their time. What was read at a time to come, by a clock that was wrong, counts as
        read now and is due after the span it was given then.
        """

    def add(self, url: str, kind: str, referer: str | None, now: float) -> bool:
        """Whether the page was new and waits now; a page known by its `page_key` already is left as it is."""

    def take(self, now: float) -> Entry | None:
        """The next page in the order of `rank`, in flight from now on; None when none may be taken at this time.

        Of pages that have waited equally long, those not asked for in vain come first.
        A page whose retry lies further ahead than `LONGEST_RETRY` may be: the clock was set back.
        """

    def next_at(self) -> float | None:
        """The earliest time at which `take` gives something; None when nothing waits but what is in flight."""

    def read(self, key: str, final_url: str, memory: PageMemory, due: float, now: float) -> None:
        """The page was read, its content is safe, it is due again then; so it is under the address it led to."""

    def fail(self, key: str, why: str, memory: PageMemory, due: float, now: float) -> None:
        """The page could not be read in this run, for the reason given; it is due again then."""

    def retry(self, key: str, why: str, at: float) -> None:
        """The page in flight waits again, not before that time, with one more try behind it."""

    def give_back(self, key: str) -> None:
        """The page in flight waits again, as if it had not been taken."""

    def reopen(self, url: str, now: float) -> None:
        """A closed page waits again, whatever its time: what it said did not come through. Others stay as they are."""

    def counts(self) -> Counts:
        """How the frontier stands."""

    def failures(self, limit: int = 50) -> list[tuple[str, str]]:
        """Addresses of pages that could not be read, with the reasons, in the order of their keys."""

    def addresses(self) -> Iterator[tuple[str, str]]:
        """Address and kind of every page known, in no order."""

    def tally(self, name: str, amount: int = 0) -> int:
        """A counter of the market after adding to it: what a day has cost, for example; 0 when never counted."""

    def recall(self, name: str) -> str | None:
        """A fact remembered of the market as a whole; None when there is none."""

    def remember(self, name: str, value: str) -> None:
        """Keeps a fact of the market as a whole, instead of the one before."""

    def close(self) -> None:
        """Gives the market up for others; what is in flight waits again at the next `begin`."""
