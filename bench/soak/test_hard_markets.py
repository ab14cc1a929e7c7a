"""Markets that make it hard: a login that expires every 40 pages, 30 of 100 requests that fail. All is read."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.crawler.crawls import crawl, found
from tests.crawler.desk.gated import Members, officer
from tests.crawler.test_frontier_in_a_crawl import failing
from tests.sites import Site
from tests.small_market import listing_paths, small_market

_LISTINGS = 400


@pytest.mark.timeout(900)
def test_a_login_that_expires_every_40_pages_costs_no_listing(
    home: Path, tor: dict[str, str], publish: Callable[[int], str], site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NPSWATCH_DESK_PATIENCE", "60s")
    market = Members(pages=small_market(_LISTINGS), pages_a_session=40)
    site.pages = market.site()
    with officer(home, lambda task: f"sid={market.sign_in()}") as brought:
        run = crawl(home, tor, publish(site.port))
    lost = listing_paths(_LISTINGS) - {each["listing_id"] for each in found(home)}
    twice = sum(market.shown[path] - 1 for path in market.pages if path != "/")
    print(f"{len(brought)} sessions, {len(lost)} of {_LISTINGS} listings lost, {twice} pages twice, {run['verdict']}")
    assert (lost, twice, run["verdict"]) == (set(), 0, "good")
    assert len(brought) >= len(market.pages) // 40


@pytest.mark.timeout(900)
def test_a_site_where_30_of_100_requests_fail_costs_no_listing(
    home: Path, tor: dict[str, str], publish: Callable[[int], str], site: Site
) -> None:
    site.pages = failing(small_market(_LISTINGS), 0.3)
    run = crawl(home, tor, publish(site.port))
    lost = listing_paths(_LISTINGS) - {each["listing_id"] for each in found(home)}
    asked = Counter(site.paths_asked())
    failed = asked.total() - len(site.pages)
    print(f"{failed} of {asked.total()} requests failed, {len(lost)} of {_LISTINGS} listings lost, {run['verdict']}")
    assert (lost, run["failed"], run["verdict"]) == (set(), 0, "good")
    assert failed > 0.2 * asked.total()
