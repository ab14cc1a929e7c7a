"""Which of a market's addresses lives: the next is tried when one is dead."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

DEAD_AFTER = 3


class Living:
    """The address in use and how it fares. Dead is one that failed three times in a row through a healthy Tor."""

    def __init__(self, addresses: Iterable[str]) -> None:
        self.addresses = list(addresses)
        self.current = self.addresses[0]
        self.failovers = 0
        self._in_a_row = 0
        self._dead: set[str] = set()
        self._answered = False

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
            self._in_a_row, self._answered = 0, True

    def failed(self, url: str) -> bool:
        """A request came to nothing there; whether the page should be asked for again at another address."""
        if not self._is_current(url):
            return self.holds(url)
        self._in_a_row += 1
        if self._in_a_row < DEAD_AFTER:
            return False
        return self._next()

    def _next(self) -> bool:
        self._dead.add(self.current)
        alive = [each for each in self.addresses if each not in self._dead]
        if not alive and self._answered:  # one did since the last round: those that were dead have one more chance
            self._dead, self._answered = {self.current}, False
            alive = [each for each in self.addresses if each != self.current]
        if not alive:
            return False
        self.current = alive[0]
        self.failovers += 1
        self._in_a_row = 0
        return True

    def _is_current(self, url: str) -> bool:
        return urlsplit(url).netloc == urlsplit(self.current).netloc
