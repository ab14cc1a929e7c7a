"""When an identity gets new circuits, and how often at most."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from crawler.tor.measure import RENEWALS_AN_HOUR, Measure
from tests.crawler.crawls import CHECKOUT, found
from tests.sites import Answer, Page, Request, Site
from tests.small_market import listing_paths, small_market

Publish = Callable[[int], str]


def test_three_requests_in_a_row_that_ran_out_of_time_are_a_stall() -> None:
    measure = Measure()
    measure.failed(in_time=False)
    measure.failed(in_time=False)
    assert measure.wants_new_circuits(0.0) is None
    measure.failed(in_time=False)
    assert measure.wants_new_circuits(0.0) == "stalled: 3 requests in a row ran out of time"
    assert measure.wants_new_circuits(0.0) is None


def test_a_page_or_a_quick_refusal_in_between_is_no_stall() -> None:
    measure = Measure()
    for step in (1, 2):
        measure.failed(in_time=False)
        measure.failed(in_time=False)
        if step == 1:
            measure.page(0.5, 1000)
        else:
            measure.failed(in_time=True)
    assert measure.wants_new_circuits(0.0) is None
    assert measure.failures == 5


def test_ten_pages_of_which_half_took_over_thirty_seconds_are_too_slow() -> None:
    measure = Measure()
    for number in range(10):
        measure.page(31.0 if number % 2 else 29.5, 20_000)
    assert measure.seconds_a_page == 30.25
    assert measure.bytes_a_second == round(200_000 / 302.5, 1)
    assert measure.wants_new_circuits(0.0) == "too slow: 30.25 s a page"
    assert measure.seconds_a_page is None  # the new circuits are measured anew


def test_a_market_that_is_slow_itself_gets_new_circuits_a_few_times_an_hour_only() -> None:
    measure, had = Measure(), 0
    for second in range(0, 7200, 60):
        for _ in range(3):
            measure.failed(in_time=False)
        had += measure.wants_new_circuits(float(second)) is not None
    assert had == measure.renewals == 2 * RENEWALS_AN_HOUR


def test_stalled_circuits_are_closed_and_the_run_goes_on(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    pages = small_market(6)

    def late(page: Page) -> Callable[[Request], Answer]:
        def answer(_: Request) -> Answer:
            if 2 < len(site.asked) <= 5:
                time.sleep(4)
            assert isinstance(page, Answer)
            return page

        return answer

    site.pages = {path: late(page) for path, page in pages.items()}
    environment = {
        "NPSWATCH_HOME": str(home),
        "NPSWATCH_TOR_SOCKS": tor["socks"],
        "NPSWATCH_TOR_CONTROL": tor["control"],
    }
    settings = ["DOWNLOAD_DELAY=0", "DOWNLOAD_TIMEOUT=2", "CONCURRENT_REQUESTS=1", "LOG_LEVEL=INFO"]
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "crawl", "market", "-a", f"start_url={publish(site.port)}"]
        + [word for setting in settings for word in ("-s", setting)],
        capture_output=True, text=True, cwd=CHECKOUT, env=dict(os.environ) | environment, check=False, timeout=120,
    )  # fmt: skip
    assert "market gets new circuits" in done.stderr, done.stderr
    assert "stalled: 3 requests in a row ran out of time" in done.stderr
    assert "'tor/renewals': 1" in done.stderr
    assert {each["listing_id"] for each in found(home)} == listing_paths(6)
