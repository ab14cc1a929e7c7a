"""Addresses left for what other pages said, kept to be looked at again once the market has nothing else to read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

_MOST = 2_000
_AT_ONCE = 16


@dataclass(kw_only=True, slots=True)
class Left:
    """An address beyond a bound that may move: what it was found as, where, and each time the trap it was left for."""

    url: str
    kind: str
    referer: str | None
    traps: list[str] = field(default_factory=list)


class PutOff:
    """What bounds that other pages can move hold back, in the order it was met; 2000 addresses at most."""

    def __init__(self) -> None:
        self._left: dict[str, Left] = {}

    def keep(self, key: str, left: Left, trap: str) -> None:
        """Remembers an address, or that it was left once more."""
        if len(self._left) < _MOST or key in self._left:
            self._left.setdefault(key, left).traps.append(trap)

    def drop(self, key: str) -> Left | None:
        """The address, put off no longer; None when it was not."""
        return self._left.pop(key, None)

    def free(self, is_held_back: Callable[[Left], bool]) -> list[Left]:
        """The first that nothing holds back now, put off no longer: a few, for what they say may close the way."""
        free = [key for key, left in self._left.items() if not is_held_back(left)][:_AT_ONCE]
        return [self._left.pop(key) for key in free]
