"""How many listings there were, from how many several looks saw: capture-recapture, and what comes and goes meanwhile.

Sources of the formulas: Chapman's estimate and its variance, G. A. F. Seber, The Estimation of Animal Abundance, 2nd
ed. 1982, section 3.1; Schnabel's estimate with Chapman's correction and its interval, C. J. Krebs, Ecological
Methodology, 2nd ed. 1999, section 2.2; the log-normal interval over the unseen, A. Chao, Biometrics 43, 1987; the limit
of a future Poisson count from a past one, W. Nelson, Applied Life Data Analysis, 1982, section 6. docs/coverage.md says
why the looks count as independent and what happens where they are not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

_Z = 1.959964  # of a two-sided interval of 95 %
_ONE_SIDE = 0.025
_MANY = 2000  # events from which the normal approximation of a Poisson limit serves


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """What one look at the market saw.

    ``at`` is when, as a share of the run (0 its beginning, 1 its end), the mean over what it saw; ``opening`` the mean
    over the first pages of its lists, where new listings show. ``reach`` is the share of its pages that answered,
    ``cluster`` how many listings a page of it shows on average: they are missed together.
    """

    name: str
    seen: frozenset[str]
    at: float
    opening: float
    reach: float = 1.0
    cluster: float = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """How many listings any visitor could see during the run: those seen, the estimate and its 95 % interval.

    With one look alone there is no estimate: ``total`` and ``high`` are None and ``method`` says so.
    """

    seen: int
    total: float | None
    low: int
    high: int | None
    method: str

    @property
    def share(self) -> float | None:
        """The share of the estimated listings that was seen."""
        return None if not self.total else min(1.0, self.seen / self.total)


def estimate(looks: Sequence[Look]) -> Estimate:
    """The estimate from looks of one run (two: Chapman, more: Schnabel), widened by what came and went meanwhile."""
    looks = sorted((look for look in looks if look.seen), key=lambda look: look.at)
    seen = len(frozenset[str]().union(*(look.seen for look in looks)))
    if len(looks) < 2:
        return Estimate(seen=seen, total=None, low=seen, high=None, method="one look: no estimate")
    two = len(looks) == 2
    unseen, low, high = _chapman_unseen(looks[0], looks[1], seen) if two else _schnabel_unseen(looks, seen)
    passing, most_passing = _passed_unseen(looks)
    return Estimate(
        seen=seen,
        total=round(seen + unseen + passing, 1),
        low=seen + math.floor(low),
        high=seen + math.ceil(high + most_passing),
        method="Chapman" if two else "Schnabel",
    )


def chapman(first: int, second: int, both: int) -> tuple[float, float]:
    """The number of listings and its variance, from two looks that saw so many, so many of them both times."""
    total = (first + 1) * (second + 1) / (both + 1) - 1
    variance = (first + 1) * (second + 1) * (first - both) * (second - both) / ((both + 1) ** 2 * (both + 2))
    return total, variance


def schnabel(looks: Sequence[frozenset[str]]) -> tuple[float, float, float]:
    """The number of listings and the limits of its 95 % interval, from several looks in their order."""
    known: set[str] = set()
    met, product = 0, 0
    for look in looks:
        met += len(look & known)
        product += len(look) * len(known)
        known |= look
    if not product:
        return float(len(known)), float(len(known)), math.inf
    inverse, error = met / product, math.sqrt(met) / product
    high = 1 / (inverse - _Z * error) if inverse > _Z * error else math.inf
    return product / (met + 1), 1 / (inverse + _Z * error) if met else 0.0, high


def future_count_limit(counted: int, ratio: float) -> int:
    """The most events to expect in a span ``ratio`` times as long as one in which so many were counted (97.5 %)."""
    if ratio <= 0:
        return 0
    if counted > _MANY:
        mean = counted * ratio
        return math.ceil(mean + _Z * math.sqrt(mean * (1 + ratio)) + 2)
    at_most = math.floor(counted * ratio)
    while _binomial_below(counted, at_most + 1 + counted, 1 / (1 + ratio)) > _ONE_SIDE:
        at_most += 1
    return at_most


def _chapman_unseen(first: Look, second: Look, seen: int) -> tuple[float, float, float]:
    """The unseen, and the limits of their number; a page that is missed hides all its listings at once."""
    both = len(first.seen & second.seen)
    total, variance = chapman(len(first.seen), len(second.seen), both)
    unseen = max(0.0, total - seen)
    spread = math.sqrt(variance * max(1.0, first.cluster, second.cluster))
    if not unseen:
        return 0.0, 0.0, _Z * spread
    factor = math.exp(_Z * math.sqrt(math.log1p((spread / unseen) ** 2)))
    return unseen, unseen / factor, unseen * factor


def _schnabel_unseen(looks: Sequence[Look], seen: int) -> tuple[float, float, float]:
    total, low, high = schnabel([look.seen for look in looks])
    return max(0.0, total - seen), max(0.0, low - seen), max(0.0, min(high, total * 100) - seen)


def _passed_unseen(looks: Sequence[Look]) -> tuple[float, float]:
    """Those that vanished before the first look came to them or appeared after the last: as expected, and at most.

    What only the first look saw may have vanished between the looks, what only the last saw may have appeared; as many
    are taken to come as to go, before and after as between. Where pages failed, what a look missed cannot be told from
    what came or went: the fewer of both then stand for both.
    """
    first, last = looks[0], looks[-1]
    early, late = sorted((first, last), key=lambda look: look.opening)
    watched = (last.at - first.at) + (late.opening - early.opening)
    if watched <= 0:
        return 0.0, 0.0
    vanished, appeared = _net(first, last), _net(late, early)
    if first.reach < 1 or last.reach < 1:
        vanished = appeared = (min(vanished[0], appeared[0]), min(vanished[1], appeared[1]))
    ratio = (first.at + 1 - late.opening) / watched
    return (vanished[0] + appeared[0]) * ratio, future_count_limit(vanished[1] + appeared[1], ratio)


def _net(here: Look, there: Look) -> tuple[int, int]:
    """How many one look saw and the other did not, less those that the pages it missed explain: likely, and at most."""
    alone = len(here.seen - there.seen)
    missed = len(here.seen) * (1 - there.reach)
    spare = 2 * math.sqrt(missed * there.reach * max(1.0, there.cluster))
    return max(0, round(alone - missed)), max(0, min(alone, round(alone - missed + spare)))


def _binomial_below(most: int, trials: int, chance: float) -> float:
    """The probability of at most so many successes."""
    log_chance, log_other = math.log(chance), math.log1p(-chance)
    logs = [
        math.lgamma(trials + 1) - math.lgamma(k + 1) - math.lgamma(trials - k + 1) + k * log_chance
        + (trials - k) * log_other
        for k in range(min(most, trials) + 1)
    ]  # fmt: skip
    return math.fsum(math.exp(each) for each in logs)
