"""What a frontier remembers of a page from visit to visit."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """Where a page's content lies in the archive: what a later "not modified" refers to.

    ``warc`` is the file's name below the captures folder, ``offset`` and ``length`` the record's bytes in it.
    """

    record_id: str
    warc: str
    offset: int
    length: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PageMemory:
    """A page's past, small and ready for JSON: every frontier carries it as it is and looks at nothing in it.

    ``visits`` are the readings after the first, ``changes`` those of them that found something else than the reading
    before, ``watched`` the seconds between the first reading and the last. ``misses`` counts the runs in a row in which
    the page could not be read. ``digest`` is of the last reading's words. ``etag`` and ``last_modified`` are the
    server's words for a conditional request; ``kept`` is the capture they belong to.
    """

    visits: int = 0
    changes: int = 0
    watched: float = 0.0
    last: float | None = None
    misses: int = 0
    digest: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    kept: Kept | None = None

    def to_json(self) -> str:
        """The memory as text; what is unknown is left out."""
        return json.dumps({name: value for name, value in asdict(self).items() if value})

    @classmethod
    def from_json(cls, text: str | None) -> PageMemory:
        """The memory a text holds; nothing is remembered of a page without one."""
        values = json.loads(text or "{}")
        kept = values.pop("kept", None)
        return cls(**values, kept=Kept(**kept) if kept else None)
