"""One market's run over its frontier: what may be asked for when, what becomes of each page, when the run is over.

Knows nothing of Scrapy and no clock: times are given, so that a year passes in a test's second.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from config.manners import USUAL_HOURS
from config.profiles import Profile
from crawler.frontier.backoff import Breaker, Luck, retry_delay
from crawler.frontier.budget import DayBudget, OpenHours
from crawler.frontier.fingerprint import sketch, words_digest
from crawler.frontier.frontier import Counts, Entry, Frontier
from crawler.frontier.memory import Kept, PageMemory
from crawler.frontier.revisit import HOUR, due_again, missed, visited
from crawler.frontier.traps import Traps
from crawler.model.words import RawPage

_PAUSES = "pauses"


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrival:
    """A page that was read: its address in the end, its words and body, what a later conditional request needs."""

    url: str
    raw: RawPage
    body: bytes
    etag: str | None = None
    last_modified: str | None = None
    kept: Kept | None = None


class MarketRun:
    """Decides what a run of one market asks for; one frontier, one profile, one process."""

    def __init__(
        self, frontier: Frontier, profile: Profile, *, fresh: bool = False, limit: int | None = None, at_once: int = 16
    ) -> None:
        self._frontier = frontier
        self._fresh = fresh
        self._limit = limit
        self._at_once = at_once
        hours = USUAL_HOURS | profile.revisit
        self._intervals = {kind: hours.get(kind, 0.0) * HOUR for kind in ("listing", "entry", "category", "vendor")}
        self._budget = DayBudget(frontier, profile.daily_pages, profile.zone)
        self._daily_pages = profile.daily_pages
        self._hours = OpenHours(profile.hours, profile.zone)
        self._bounds = profile.bounds
        self._luck = Luck()
        self._flying: dict[str, Entry] = {}
        self._begun = 0
        self._asked = 0
        self.breaker = Breaker()
        self.traps: Traps

    def begin(self, now: float) -> bool:
        """Readies the frontier; True when an unfinished run goes on."""
        resumed = self._frontier.begin(now, fresh=self._fresh)
        self.traps = Traps(self._bounds, self._frontier.addresses())
        self.breaker.pauses = int(self._frontier.recall(_PAUSES) or 0)
        self.breaker.begin()
        return resumed

    def found(self, url: str, kind: str, referer: str | None, now: float) -> bool:
        """Whether the address was new, is within all bounds and waits now."""
        if self.traps.refuses(url, kind, referer):
            return False
        new = self._frontier.add(url, kind, referer, now)
        if new:
            self.traps.entered(url, kind)
        return new

    def opens_at(self, now: float) -> float:
        """The time from which the market may be asked: its hours, and a pause while it does not answer."""
        return self._hours.opens_at(max(now, self.breaker.opens_at(now)))

    def is_over(self, now: float) -> bool:
        """Whether this run hands out nothing more, though pages may wait for the next one."""
        if self.why_over(now) is not None:
            return True
        return self._frontier.next_at() is None and not self._looked_again(now)

    def why_over(self, now: float) -> str | None:
        """Why a run with pages waiting ends before they are read; None when nothing ends it."""
        if self.breaker.given_up:
            return "the market no longer answers; the next run asks for one page first"
        if not self._budget.left(now):
            return f"the day's budget of {self._daily_pages} pages is spent"
        if self._limit is not None and self._begun >= self._limit:
            return f"the run's limit of {self._limit} pages is reached"
        return None

    def take(self, now: float) -> Entry | None:
        """The next page to ask for; None when none may be asked for now."""
        at_once = 1 if self.breaker.probing else self._at_once
        if len(self._flying) >= at_once or self.opens_at(now) > now or self.why_over(now) is not None:
            return None
        entry = self._frontier.take(now)
        if entry is None and self._looked_again(now):
            entry = self._frontier.take(now)
        if entry is None:
            return None
        self._flying[entry.key] = entry
        self._asked += 1
        if not entry.tries:
            self._begun += 1
        self._budget.spend(now)
        return replace(entry, memory=_unconditional(entry.memory)) if self._fresh else entry

    def is_last_try(self, entry: Entry) -> bool:
        """Whether the page is given up when it comes to nothing this time."""
        return entry.tries + 1 >= self._luck.tries()

    def read(self, key: str, arrival: Arrival, now: float) -> None:
        """The page was read and its content is safe; a gate in its place counts as a page missed."""
        entry = self._flying.pop(key, None)
        if entry is None:  # given back while its answer was on its way: it is asked for again
            return
        if arrival.raw.gate is not None:
            self._close_missed(entry, f"a gate stood before it: {arrival.raw.gate}", now)
            return
        self._luck.came(entry.tries)
        digest = words_digest(arrival.raw)
        said = digest if digest is not None else sketch(arrival.body)
        self.traps.read(arrival.url, entry.kind, arrival.raw, said)
        memory = replace(
            visited(entry.memory, digest, now),
            etag=arrival.etag,
            last_modified=arrival.last_modified,
            kept=arrival.kept,
        )
        due = due_again(entry.kind, memory, now, self._intervals)
        self._frontier.read(key, arrival.url, memory, due, now)

    def answered(self) -> None:
        """The market sent something, whatever it says."""
        self._luck.answered = True
        self.breaker.answered()

    def asked_to_wait(self, now: float, seconds: float) -> None:
        """The market asked for a pause."""
        self.breaker.pause(now, seconds)

    def came_to_nothing(self, key: str, why: str, now: float, *, error: bool = False) -> bool:
        """A page did not come through; whether it is tried again later in this run.

        ``error`` says that the market answered, with an error in the page's place.
        """
        entry = self._flying.get(key)
        if entry is None:
            return True
        if not entry.tries or self.breaker.probing:  # pages that never come say nothing of the market
            self.breaker.failed(now, error=error)
        if self.is_last_try(entry):
            self.failed(key, why, now)
            return False
        del self._flying[key]
        self._frontier.retry(key, why, now + retry_delay(entry.tries + 1))
        return True

    def failed(self, key: str, why: str, now: float) -> None:
        """The page cannot be read in this run."""
        if entry := self._flying.pop(key, None):
            self._close_missed(entry, why, now)

    def give_back(self, key: str) -> None:
        """The page was not asked for after all."""
        entry = self._flying.pop(key, None)
        if entry is None:
            return
        if not entry.tries:
            self._begun -= 1
        self._frontier.give_back(key)

    def counts(self) -> Counts:
        """How the frontier stands."""
        return self._frontier.counts()

    @property
    def asked(self) -> int:
        """Requests handed out in this run."""
        return self._asked

    def end(self) -> None:
        """Keeps what the next run should know, and gives the market up for others."""
        self._frontier.remember(_PAUSES, str(self.breaker.pauses))
        self._frontier.close()

    def _looked_again(self, now: float) -> bool:
        """Whether something waits again that was left for what other pages said, once no page may say more."""
        if self._flying or self._frontier.next_at() is not None:
            return False
        while passed := self.traps.passed():
            waiting = [self.found(left.url, left.kind, left.referer, now) for left in passed]
            if any(waiting):
                return True
        return False

    def _close_missed(self, entry: Entry, why: str, now: float) -> None:
        memory = missed(entry.memory)
        self._frontier.fail(entry.key, why, memory, due_again(entry.kind, memory, now, self._intervals), now)


def _unconditional(memory: PageMemory) -> PageMemory:
    return replace(memory, etag=None, last_modified=None, kept=None)
