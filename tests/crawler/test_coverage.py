"""How much of a market a run saw, over real HTTP through the private Tor network; the market's truth is known."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.crawler.crawls import crawl, found
from tests.living_market import LivingMarket
from tests.sites import Answer, Site
from tests.small_market import small_market

Publish = Callable[[int], str]


def test_a_run_says_how_much_of_a_living_market_it_saw_and_the_truth_lies_in_its_interval(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    market = LivingMarket(site=site, size=160, seed=11)
    site.pages = market
    run = crawl(home, tor, publish(site.port))
    said, truth = run["coverage"], market.visible()
    assert said["low"] <= len(truth) <= said["high"], (said, len(truth))
    assert said["seen"] <= len(truth)
    assert said["method"] == "Chapman"
    assert said["printed"]["share"] > 0.9
    assert not {each["listing_id"] for each in found(home)} & market.unlisted(), "what is hidden cannot be observed"


def test_a_listing_is_followed_through_its_life(home: Path, tor: dict[str, str], publish: Publish, site: Site) -> None:
    whole = small_market(12)
    address = publish(site.port)
    site.pages = dict(whole)
    assert crawl(home, tor, address)["coverage"]["complete"]
    # No list shows the last two any more: the page of one answers, that of the other says it is gone.
    lists = {path: page for path, page in small_market(10).items() if not path.startswith("/listing")}
    site.pages = whole | lists | {"/listing/11": Answer(status=404, body=b"<html><title>404</title>not found")}
    del site.pages["/category?name=stimulants&page=2"]
    second = crawl(home, tor, address, "--fresh")
    assert (second["gone"], second["hidden"], second["new"]) == (1, 1, 0), second
    states = {each["listing_id"]: each["state"] for each in found(home)}
    assert (states["/listing/11"], states["/listing/10"], states["/listing/0"]) == ("gone", "hidden", "seen")
    site.pages = dict(whole)
    third = crawl(home, tor, address, "--fresh")
    assert (third["gone"], third["back"], third["hidden"]) == (0, 1, 0), third
    states = {each["listing_id"]: each["state"] for each in found(home)}
    assert (states["/listing/11"], states["/listing/10"]) == ("back", "seen")
    told = Counter((each["listing_id"], each["state"]) for each in found(home, kind="observation"))
    assert told[("/listing/11", "gone")] == told[("/listing/11", "back")] == told[("/listing/10", "hidden")] == 1


def test_a_market_that_is_down_makes_nothing_gone(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    site.pages = small_market(6)
    address = publish(site.port)
    crawl(home, tor, address)
    site.pages = {path: Answer(status=404, body=b"<html><title>404</title>not found") for path in site.pages}
    for _ in range(2):
        run = crawl(home, tor, address, "--fresh")
        assert (run["gone"], run["unreached"]) == (0, 6), run
    assert {each["state"] for each in found(home)} == {"new"}
