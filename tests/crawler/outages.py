"""A market read while its index goes away and comes back, and what the index holds afterwards."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.opening import open_store
from tests.crawler.crawls import crawl_arguments, npswatch
from tests.index.standin import stand_in
from tests.sites import Site
from tests.small_market import listing_paths, small_market

_PAGES_BEFORE = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """The run's document; listings and captures missing from the index; captures in it twice; connections refused."""

    run: dict[str, Any]
    lost: int
    twice: int
    refused: int


def read_through_an_outage(
    home: Path, tor: dict[str, str], url: str, site: Site, address: str, *, listings: int, seconds: float
) -> Outcome:
    """Reads a market at 20 pages a second; its index at ``address`` is away for so long once some pages are read."""
    site.pages = small_market(listings)
    behind, _, prefix = address.rpartition("/")
    began: list[float] = []
    refused = Counter[str]()

    def away(path: str) -> bool:
        if len(site.asked) < _PAGES_BEFORE:
            return False
        began.append(time.monotonic())
        is_away = time.monotonic() - began[0] < seconds
        refused[path] += is_away
        return is_away

    with stand_in(behind) as door:
        door.away = away
        words = crawl_arguments(tor, url, "--pace", "20/s", "--store", f"{door.address}/{prefix}")
        run = json.loads(npswatch(home, *words).stdout)
    store = open_store(address)
    store.refresh()
    found = {body["listing_id"] for body in store.scan("*")}
    records = Counter(body["record_id"] for body in store.scan("*", "capture"))
    store.close()
    lost = len(listing_paths(listings) - found) + len(site.asked) - len(records)
    return Outcome(run=run, lost=lost, twice=records.total() - len(records), refused=refused.total())
