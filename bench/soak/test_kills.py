"""A crawl is killed a hundred times at random moments: what is lost, what is asked for twice?"""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.crawler.crawls import crawl, found
from tests.crawler.kills import IN_FLIGHT, kill_often
from tests.sites import Site
from tests.small_market import listing_paths, small_market

_LISTINGS = 700
_KILLS = 100


@pytest.mark.timeout(3600)
def test_a_hundred_kills_lose_nothing_and_index_nothing_twice(
    home: Path, tor: dict[str, str], publish: Callable[[int], str], site: Site
) -> None:
    site.pages = small_market(_LISTINGS)
    address = publish(site.port)
    deaths = kill_often(home, tor, address, site, kills=_KILLS, seed=1)
    run = crawl(home, tor, address)
    listings, asked = [each["listing_id"] for each in found(home)], Counter(site.paths_asked())
    lost, twice = listing_paths(_LISTINGS) - set(listings), len(listings) - len(set(listings))
    repeated = asked.total() - len(site.pages)
    print(
        f"kills: {deaths.kills}; listings {len(listings)} of {_LISTINGS}, {len(lost)} lost, {twice} duplicates; "
        f"{asked.total()} requests for {len(site.pages)} pages, {repeated} of pages in flight at a kill "
        f"(at most {IN_FLIGHT} a kill)"
    )
    assert not lost
    assert twice == 0
    assert repeated <= deaths.kills * IN_FLIGHT
    assert run["waiting"] == 0
