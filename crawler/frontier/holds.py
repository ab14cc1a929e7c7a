"""Why a market's crawl stands still for now; nothing is handed out until each reason is gone."""

from __future__ import annotations

from scrapy.exceptions import IgnoreRequest

# Signals of a crawl, for whoever sees a reason to wait: ``who`` names the watcher, ``why`` is a sentence.
hold = object()
"""Sent with ``who`` and ``why``: nothing more of this market is asked for until ``who`` lifts it."""
lift = object()
"""Sent with ``who``: its reason is gone."""

# Keys of a request's meta.
PAGE_KEY = "page_key"
"""Whose page of the frontier it fetches."""
GIVEN_BACK = "given_back"
"""A gate stood before the page: once its item is kept, the page waits again."""
LEFT_OUT = "left_out"
"""A gate stands before the page and nobody will open it, says the sentence: once its item is kept, the page failed."""


class Postponed(IgnoreRequest):
    """A request that cannot be made now for no fault of its page: the page waits again and counts as no failure.

    Raised by a downloader middleware, which sends `hold` first: without a hold the page is asked for again at once.
    """


class Holds:
    """The reasons a market's crawl stands still, by who gave them."""

    def __init__(self) -> None:
        self._reasons: dict[str, str] = {}

    def __bool__(self) -> bool:
        return bool(self._reasons)

    def put(self, who: str, why: str) -> bool:
        """Keeps a reason; whether ``who`` had none before."""
        new = who not in self._reasons
        self._reasons[who] = why
        return new

    def lift(self, who: str) -> None:
        """Forgets the reason of ``who``, if there is one."""
        self._reasons.pop(who, None)

    def reasons(self) -> tuple[str, ...]:
        """The sentences, by who gave them."""
        return tuple(why for _, why in sorted(self._reasons.items()))
