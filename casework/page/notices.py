"""What the page says once after something was done: left before a redirect, taken by the page that follows."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from threading import Lock

PARAMETER = "said"
_MOST_KEPT = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """A sentence, and where it leads with the words of the link; empty where it leads nowhere."""

    words: str
    link: str = ""
    label: str = ""


class Notices:
    """The notices nobody has read yet; the oldest are forgotten beyond a hundred."""

    def __init__(self) -> None:
        self._kept: dict[str, Notice] = {}
        self._lock = Lock()

    def leave(self, address: str, notice: Notice) -> str:
        """The address that shows the notice once."""
        key = secrets.token_urlsafe(9)
        with self._lock:
            self._kept[key] = notice
            while len(self._kept) > _MOST_KEPT:
                del self._kept[next(iter(self._kept))]
        path, hash_, place = address.partition("#")
        return f"{path}{'&' if '?' in path else '?'}{PARAMETER}={key}{hash_}{place}"

    def take(self, key: str) -> Notice | None:
        """The notice left under that key; None where it was read."""
        with self._lock:
            return self._kept.pop(key, None)
