"""How long to let a page, or a whole market, be that does not answer."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from crawler.frontier.frontier import LONGEST_RETRY

_FIRST_RETRY = 1.0
_LEAST_TRIES, _MOST_TRIES, _TRIES_IN_SILENCE = 4, 12, 5
_TAKEN_AS_FINE = 10
_LOST_BY_CHANCE = 1e-5
_LONGEST_ASKED_FOR = 600.0
_NOBODY_IN_A_ROW, _ERRORS_IN_A_ROW = 12, 60
_FIRST_PAUSE, _LONGEST_PAUSE = 15.0, 240.0
_PAUSES = 4


def retry_delay(tries: int, jitter: float | None = None) -> float:
    """Seconds until a page is tried again that was asked for so often in vain: doubled each time, half of it by chance.

    ``jitter`` is 0 to 1, drawn when not given: pages that failed together come back apart.
    """
    share = random.random() if jitter is None else jitter
    return min(_FIRST_RETRY * 2.0 ** (tries - 1), LONGEST_RETRY) * (0.5 + 0.5 * share)


def asked_to_wait(retry_after: str | None) -> float:
    """Seconds a server asks us to wait by ``Retry-After``, at most ten minutes; 0 when it names no seconds."""
    text = (retry_after or "").strip()
    return min(float(text), _LONGEST_ASKED_FOR) if text.isdecimal() else 0.0


@dataclass(kw_only=True, slots=True)
class Luck:
    """How the market fares in this run, and so how often a page is tried before it is given up.

    Pages that were read after failures tell the market's weather: a page that fails by it alone is given up once in
    100,000. Pages that never come tell nothing, and cost four requests; of a market that says nothing at all, five.
    """

    read: int = 0
    overcome: int = 0
    answered: bool = False

    def came(self, tries: int) -> None:
        """A page was read after so many tries in vain."""
        self.read += 1
        self.overcome += tries

    def tries(self) -> int:
        """How often a page is asked for at most."""
        if not self.answered:
            return _TRIES_IN_SILENCE
        share = self.overcome / (self.overcome + self.read + _TAKEN_AS_FINE)
        if not share:
            return _LEAST_TRIES
        return min(_MOST_TRIES, max(_LEAST_TRIES, math.ceil(math.log(_LOST_BY_CHANCE) / math.log(share))))


@dataclass(kw_only=True, slots=True)
class Breaker:
    """Lets a market be that no longer answers, ever longer, then one page at a time until one does.

    After twelve pages in a row that found nobody, or sixty that got an error for an answer, nothing is asked for during
    15 s, then a single page; each failure of that page doubles the pause. After four pauses in vain the run gives up.
    ``pauses`` outlives the run: a market that was given up is asked for one page first.
    """

    pauses: int = 0
    in_a_row: int = 0
    _closed_since: float = 0.0
    _closed_for: float = 0.0

    @property
    def probing(self) -> bool:
        """Whether one page at a time is asked for, to see if the market answers again."""
        return self.pauses > 0

    @property
    def given_up(self) -> bool:
        """Whether the market is taken for dead in this run."""
        return self.pauses > _PAUSES

    def begin(self) -> None:
        """A run begins: a market that was given up has one more chance."""
        self.pauses = min(self.pauses, _PAUSES)

    def answered(self) -> None:
        """The market answered, whatever it said."""
        self.in_a_row, self.pauses = 0, 0

    def failed(self, now: float, *, error: bool = False) -> None:
        """A request came to nothing; ``error`` says that somebody answered at least."""
        self.in_a_row += 1 if error else _ERRORS_IN_A_ROW // _NOBODY_IN_A_ROW
        if self.probing or self.in_a_row >= _ERRORS_IN_A_ROW:
            self.pauses += 1
            self.in_a_row = 0
            self.pause(now, min(_FIRST_PAUSE * 2 ** (self.pauses - 1), _LONGEST_PAUSE))

    def pause(self, now: float, seconds: float) -> None:
        """Nothing is asked for during so many seconds."""
        if now + seconds > self.opens_at(now):
            self._closed_since, self._closed_for = now, seconds

    def opens_at(self, now: float) -> float:
        """The time at which a pause ends; where the clock was set back, it lasts its own length from now at most."""
        self._closed_since = min(self._closed_since, now)
        return self._closed_since + self._closed_for
