"""An index that is away for half a minute while a market is read."""

from collections.abc import Callable
from pathlib import Path

from tests.crawler.outages import read_through_an_outage
from tests.sites import Site


def test_an_index_that_is_away_for_thirty_seconds_loses_nothing_and_holds_nothing_twice(
    home: Path,
    tor: dict[str, str],
    publish: Callable[[int], str],
    site: Site,
    new_elasticsearch_address: Callable[[], str],
) -> None:
    outcome = read_through_an_outage(
        home, tor, publish(site.port), site, new_elasticsearch_address(), listings=1000, seconds=30.0
    )
    print(outcome)
    assert (outcome.lost, outcome.twice, outcome.run["verdict"]) == (0, 0, "good")
    assert outcome.refused > 0
