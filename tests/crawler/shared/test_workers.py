"""Four workers on twelve markets: one is killed, Redis is killed and comes back, and nothing is lost or hurried."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from crawler.home import Home
from crawler.model.offspring import end
from tests.crawler.crawls import CHECKOUT, NPSWATCH, npswatch
from tests.fixtures.redis import RedisServer
from tests.sites import Site, serve_site
from tests.small_market import listing_paths, small_market

Publish = Callable[[int], str]
MARKETS = 12
LISTINGS = 12
PACE = 4.0
IN_FLIGHT = 16
WINDOW = 5.0


@pytest.fixture
def markets(publish: Publish) -> Iterator[dict[str, tuple[Site, str]]]:
    with ExitStack() as stack:
        sites = {f"birch{number}": stack.enter_context(serve_site()) for number in range(MARKETS)}
        for site in sites.values():
            site.pages = small_market(LISTINGS)
        yield {name: (site, publish(site.port)) for name, site in sites.items()}


def start_worker(folder: Path, tor: dict[str, str], redis: RedisServer, store: str) -> subprocess.Popen[bytes]:
    words = ["--home", str(folder), "work", "--until-done", "--at-once", "1", "--pace", f"{PACE}/s", "--json"]
    words += ["--tor-socks", tor["socks"], "--tor-control", tor["control"]]
    environment = os.environ | {"NPSWATCH_SHARED": redis.address, "NPSWATCH_STORE": store}
    with folder.with_suffix(".out").open("wb") as out:
        return subprocess.Popen([*NPSWATCH, *words], cwd=CHECKOUT, env=environment, stdout=out, stderr=out)


def crawls_of(worker: subprocess.Popen[bytes]) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()]


def kill_amid_a_crawl(worker: subprocess.Popen[bytes]) -> None:
    """As a power cut would: worker and crawl at once, without a last word."""
    wait_until(lambda: bool(crawls_of(worker)), 60)
    for pid in (worker.pid, *crawls_of(worker)):
        os.kill(pid, signal.SIGKILL)
    worker.wait()


def asked_of(markets: dict[str, tuple[Site, str]]) -> int:
    return sum(len(site.asked) for site, _ in markets.values())


def wait_until(true: Callable[[], bool], seconds: float) -> None:
    limit = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < limit
        time.sleep(0.05)


def most_in_a_window(site: Site) -> int:
    times = sorted(request.at for request in site.asked)
    return max(sum(start <= at < start + WINDOW for at in times) for start in times)


@pytest.mark.timeout(400)
def test_four_workers_twelve_markets_one_killed_and_redis_restarted(
    tmp_path: Path,
    tor: dict[str, str],
    markets: dict[str, tuple[Site, str]],
    redis: RedisServer,
    new_elasticsearch_address: Callable[[], str],
) -> None:
    store = new_elasticsearch_address()
    first = Home.at(tmp_path / "worker0")  # one operator knows the addresses, all workers learn them
    for name, (_, address) in markets.items():
        first.remember_addresses(name, (address,))
    workers = [start_worker(first.folder, tor, redis, store)]
    try:
        wait_until(lambda: asked_of(markets) > 0, 60)
        workers += [start_worker(tmp_path / f"worker{number}", tor, redis, store) for number in (1, 2, 3)]
        wait_until(lambda: asked_of(markets) > 40, 120)
        kill_amid_a_crawl(workers[1])
        wait_until(lambda: asked_of(markets) > 90, 120)
        redis.kill()
        time.sleep(3)
        redis.start()
        for worker in (workers[0], *workers[2:]):
            assert worker.wait(300) == 0
    finally:
        for worker in workers:
            end(worker)
    listings = json.loads(
        npswatch(tmp_path / "desk", "search", "*", "--limit", "1000", "--json", "--store", store).stdout
    )["hits"]
    assert Counter((each["market"], each["listing_id"]) for each in listings) == {
        (name, path): 1 for name in markets for path in listing_paths(LISTINGS)
    }
    again = sum(sum(Counter(site.paths_asked()).values()) - len(site.pages) for site, _ in markets.values())
    assert again <= 2 * IN_FLIGHT
    # A pause is half to one and a half of the mean one: in five seconds a single worker comes to a third more at most.
    assert max(most_in_a_window(site) for site, _ in markets.values()) <= PACE * WINDOW * 4 / 3 + 1


def test_a_worker_that_would_end_when_all_is_done_and_knows_no_market_is_exit_code_2(
    tmp_path: Path, redis: RedisServer
) -> None:
    done = npswatch(tmp_path / "home", "work", "--until-done", "--shared", redis.address)
    assert (done.returncode, "no worker knows a market" in done.stderr) == (2, True), done.stderr
