"""Which of a market's addresses lives: the next is tried when one is dead."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

DEAD_AFTER = 3


class Living:
    """The address in use and how it fares. Dead is one that failed three times in a row through a healthy Tor.

    When all are dead, the next is in use and one failure is enough to go on, until one answers: an address that was
    away for a minute is found again, whichever it is.
    """

    def __init__(self, addresses: Iterable[str]) -> None:
        self.addresses = list(addresses)
        self.current = self.addresses[0]
        self.failovers = 0
        self.answered_last: str | None = None
        self._in_a_row = 0
        self._dead: set[str] = set()
        self._all_were_dead = False

    def holds(self, url: str) -> bool:
        """Whether an address is on one of the market's hosts."""
        return urlsplit(url).netloc in {urlsplit(each).netloc for each in self.addresses}

    def moved(self, url: str) -> str:
        """The same page at the address in use; unchanged when it is on none of the market's hosts."""
        if not self.holds(url):
            return url
        living = urlsplit(self.current)
        return urlsplit(url)._replace(scheme=living.scheme, netloc=living.netloc).geturl()

    def answered(self, url: str) -> None:
        """A page came from there, whatever it says."""
        if self._is_current(url):
            self._in_a_row, self._all_were_dead = 0, False
            self._dead.clear()
            self.answered_last = self.current

    def failed(self, url: str) -> bool:
        """A request came to nothing there; whether the page should be asked for again at another address."""
        if not self._is_current(url):
            return self.holds(url) and not self._all_were_dead
        self._in_a_row += 1
        if self._in_a_row < DEAD_AFTER and not self._all_were_dead:
            return False
        return self._goes_on()

    def _goes_on(self) -> bool:
        """Whether an address is left that has not failed since one answered; the next is in use in any case."""
        self._dead.add(self.current)
        left = [each for each in self.addresses if each not in self._dead]
        if not left:
            self._all_were_dead = True
            self._dead.clear()
        at = self.addresses.index(self.current)
        after = [*self.addresses[at + 1 :], *self.addresses[:at]]
        if after:
            self.current = next((each for each in after if each in left), after[0])
            self.failovers += 1
        self._in_a_row = 0
        return bool(left)

    def _is_current(self, url: str) -> bool:
        return urlsplit(url).netloc == urlsplit(self.current).netloc
