"""Saved pages in their order, with a view of those to come."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evidence.replay import SavedPage

_MOST_PAGES = 2_000
_MOST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A page with the site it belongs to; or, without one, what is to be said of a file and whether it was damaged."""

    file: Path
    site: str = ""
    page: SavedPage | None = None
    said: str = ""
    damaged: bool = False


class PagesAhead:
    """Goes through what was found once; what was looked at ahead of its turn is kept until then.

    The view reaches 2,000 pages or 64 MB far, so that an archive of any size is read in bounded memory.
    """

    def __init__(self, source: Iterator[Found]) -> None:
        self._source = source
        self._coming: deque[Found] = deque()
        self._bytes = 0

    def __iter__(self) -> Iterator[Found]:
        while True:
            if not self._coming and not self._pull():
                return
            found = self._coming.popleft()
            self._bytes -= _size(found)
            yield found

    def pages_of(self, site: str) -> Iterator[SavedPage]:
        """The pages of a site that are still to come, as far as the view reaches."""
        place = 0
        while place < len(self._coming) or self._pull_if_room():
            found = self._coming[place]
            place += 1
            if found.page is not None and found.site == site:
                yield found.page

    def _pull_if_room(self) -> bool:
        return len(self._coming) < _MOST_PAGES and self._bytes < _MOST_BYTES and self._pull()

    def _pull(self) -> bool:
        found = next(self._source, None)
        if found is None:
            return False
        self._coming.append(found)
        self._bytes += _size(found)
        return True


def _size(found: Found) -> int:
    return len(found.page.received.body) if found.page is not None else 0
