"""Which saved files belong to one site, where no address says so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

_MARKS = re.compile(rb"""(?:class|id|href|src|action)\s*=\s*["']?([^"'>\s?#]{2,60})""", re.IGNORECASE)
_HEAD = 200_000
_SAME_SITE = 0.35


def marks_of(body: bytes) -> frozenset[bytes]:
    """What a page shares with its neighbours: names of classes, ids and linked paths."""
    return frozenset(_MARKS.findall(body[:_HEAD]))


def marks_in(path: Path) -> frozenset[bytes]:
    """The marks of the page in a file, from its beginning only: the file may be an archive of any size."""
    with path.open("rb") as file:
        return marks_of(file.read(_HEAD))


def merge_folders(marks: Mapping[str, Iterable[frozenset[bytes]]]) -> dict[str, str]:
    """The site each folder belongs to, named by its first folder; folders of one site share their furniture.

    ``marks`` holds those of a few pages a folder. Two folders belong together when their most alike pages share
    at least a third of the smaller one's marks.
    """
    site: dict[str, str] = {}
    kept: dict[str, list[frozenset[bytes]]] = {}
    for folder in sorted(marks):
        pages = [page for page in marks[folder] if page]
        home = next((name for name, others in kept.items() if _alike(pages, others)), folder)
        site[folder] = home
        kept.setdefault(home, []).extend(pages)
    return site


def _alike(pages: list[frozenset[bytes]], others: list[frozenset[bytes]]) -> bool:
    return any(
        len(page & other) >= _SAME_SITE * min(len(page), len(other)) and len(page & other) > 2
        for page in pages
        for other in others
    )
