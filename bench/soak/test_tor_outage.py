"""Tor is away for half a minute in the middle of a run: how many pages does it cost?"""

import json
import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from crawler.tor.pool import place_of
from tests.crawler.crawls import found
from tests.crawler.tor.networks import home_in, processes_of, tor_process, wait_for
from tests.crawler.tor.test_outages import asked_for, crawl_in
from tests.sites import Site
from tests.small_market import listing_paths, small_market

_LISTINGS = 400
_OUTAGE_SECONDS = 30.0


def test_thirty_seconds_without_tor_cost_no_page(
    home: Path, tor: dict[str, str], publish: Callable[[int], str], site: Site
) -> None:
    site.pages = small_market(_LISTINGS)
    home_in(tor, home)
    folder = home / "tor" / str(place_of("small"))
    process = crawl_in(home, publish(site.port), pace="10/s")
    wait_for(lambda: asked_for(site, 100), 120)
    killed = tor_process(folder)
    keeper = next(pid for pid in processes_of(folder) if pid not in (killed, process.pid))
    os.kill(keeper, signal.SIGSTOP)  # who would start it again at once
    os.kill(killed, signal.SIGKILL)
    time.sleep(_OUTAGE_SECONDS)
    asked_in_the_dark = len(site.asked)
    os.kill(keeper, signal.SIGCONT)
    said, _ = process.communicate(timeout=600)
    run = json.loads(said)
    times = Counter(site.paths_asked())
    lost = listing_paths(_LISTINGS) - {each["listing_id"] for each in found(home)}
    twice = sum(times.values()) - len(times)
    print(
        f"Tor away for {run['tor']['outage_seconds']} s after {asked_in_the_dark} pages: {len(lost)} listings lost of "
        f"{_LISTINGS}, {run['failed']} pages failed, {twice} pages asked for twice, verdict {run['verdict']}"
    )
    assert (lost, run["failed"], run["verdict"]) == (set(), 0, "good")
    assert run["tor"]["outages"] == 1
    assert run["tor"]["outage_seconds"] >= _OUTAGE_SECONDS
    assert twice <= 16
