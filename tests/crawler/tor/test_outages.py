"""Tor dies in the middle of a run: the crawl waits, and nothing is lost."""

import json
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

from crawler.tor.pool import place_of
from tests.crawler.crawls import CHECKOUT, NPSWATCH, found, npswatch
from tests.crawler.tor.networks import home_in, processes_of, tor_process, unpublished_onion, wait_for
from tests.sites import Site
from tests.small_market import listing_paths, small_market

Publish = Callable[[int], str]


def asked_for(site: Site, pages: int) -> bool:
    return len(site.asked) >= pages


def crawl_in(home: Path, url: str, pace: str = "20/s") -> subprocess.Popen[str]:
    command = ["--home", str(home), "crawl", "small", "--start-url", url, "--pace", pace, "--json"]
    return subprocess.Popen([*NPSWATCH, *command], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)


def test_a_tor_killed_in_the_middle_of_a_run_costs_no_page(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    site.pages = small_market(40)
    home_in(tor, home)
    folder = home / "tor" / str(place_of("small"))
    process = crawl_in(home, publish(site.port))
    for pages in (10, 25):
        wait_for(partial(asked_for, site, pages), 90)
        os.kill(tor_process(folder), signal.SIGKILL)
        wait_for(lambda: "Tor is down" in (home / "logs" / "crawl.log").read_text())
        wait_for(lambda: json.loads((home / "state" / "small" / "tor.json").read_text())["works"], 60)
    said, _ = process.communicate(timeout=120)
    run = json.loads(said)
    assert (run["verdict"], run["failed"], run["waiting"], process.returncode) == ("good", 0, 0, 0), run
    assert run["tor"]["outages"] == 2
    assert 0 < run["tor"]["outage_seconds"] < 60
    assert run["tor"]["failures"] == 0
    assert {each["listing_id"] for each in found(home)} == listing_paths(40)
    assert set(site.paths_asked()) == set(site.pages)
    assert sum(Counter(site.paths_asked()).values()) - len(site.pages) <= 32
    wait_for(lambda: not processes_of(folder))


def test_a_keeper_that_is_killed_ends_the_run_in_order_and_the_next_goes_on(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    site.pages = small_market(40)
    home_in(tor, home)
    folder = home / "tor" / str(place_of("small"))
    process = crawl_in(home, publish(site.port))
    wait_for(partial(asked_for, site, 10), 90)
    os.kill(next(pid for pid in processes_of(folder) if pid != tor_process(folder)), signal.SIGKILL)
    run = json.loads(process.communicate(timeout=60)[0])
    assert (run["verdict"], process.returncode) == ("degraded", 1)
    assert "ended early: Tor ended with its keeper, which was killed; the next run starts both" in run["reasons"]
    done = npswatch(home, "crawl", "small", "--pace", "20/s", "--json")
    assert json.loads(done.stdout)["verdict"] == "good", done.stderr
    assert {each["listing_id"] for each in found(home)} == listing_paths(40)


def test_the_doctor_tells_how_tor_carries_a_running_crawl(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    site.pages = small_market(30)
    home_in(tor, home)
    process = crawl_in(home, publish(site.port), pace="2/s")
    health = home / "state" / "small" / "tor.json"
    wait_for(lambda: health.exists() and json.loads(health.read_text()).get("circuits"), 90)
    told = npswatch(home, "doctor", "--json").stdout.splitlines()
    finding = next(one for one in map(json.loads, told) if one["what"] == "tor of small")
    assert finding["well"]
    assert f"a crawl runs (process {process.pid})" in finding["words"]
    assert "bootstrapped 100 %" in finding["words"]
    assert "circuit" in finding["words"]
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    time.sleep(0.5)
    assert "last run" in npswatch(home, "doctor").stdout


def test_an_onion_service_that_is_down_is_no_outage_of_tor(home: Path, tor: dict[str, str]) -> None:
    nobody = f"http://{unpublished_onion()}/"
    ports = ["--tor-socks", tor["socks"], "--tor-control", tor["control"]]
    done = npswatch(home, "crawl", "small", "--start-url", nobody, "--pace", "none", "--json", *ports)
    run = json.loads(done.stdout)
    assert (run["verdict"], done.returncode) == ("blind", 1)
    assert run["tor"]["outages"] == 0
    assert run["tor"]["failures"] >= 1
    assert "the onion service is down: no directory knows it" in (home / "logs" / "crawl.log").read_text()
