"""The health of markets as their homes remember it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.home import SHARED_COPY, Home

if TYPE_CHECKING:
    from pipelines.health_book import RunHealth

_PLACES = ("", SHARED_COPY)


def state_folders(home: Home, market: str) -> list[Path]:
    """The folders in which runs of the market keep their state here: its own, and its copy of what machines share."""
    from pipelines.health_book import FILE

    state = home.folder / "state" / market
    return [state / place for place in _PLACES if (state / place / FILE).is_file()]


def health_of(home: Home, market: str, most: int) -> list[RunHealth]:
    """The last runs of the market, the newest first."""
    from pipelines.health_book import HealthBook

    runs = []
    for folder in state_folders(home, market):
        with closing(HealthBook(folder, market)) as book:
            runs += book.runs(most)
    return sorted(runs, key=lambda run: run.ended, reverse=True)[:most]
