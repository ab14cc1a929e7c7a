"""Pages held back on one machine are held for all of them, and a release is one for all."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from crawler.home import SHARED_VARIABLE
from crawler.shared.lease import Lease
from crawler.shared.server import SharedServer, key
from tests.crawler.crawls import CHECKOUT, crawl, crawl_arguments, found, npswatch
from tests.fixtures.redis import RedisServer
from tests.sites import Answer, Site
from tests.small_market import listing_paths, small_market

LISTINGS = 24


def held(home: Path) -> list[dict[str, Any]]:
    pages: list[dict[str, Any]] = json.loads(npswatch(home, "market", "quarantine", "small", "--json").stdout)["held"]
    return pages


def test_a_release_on_the_machine_with_the_captures_reaches_all_machines(
    tmp_path: Path,
    tor: dict[str, str],
    publish: Callable[[int], str],
    site: Site,
    redis: RedisServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(SHARED_VARIABLE, redis.address)
    one, two = tmp_path / "one", tmp_path / "two"
    site.pages = small_market(LISTINGS)
    address = publish(site.port)
    assert crawl(one, tor, address)["verdict"] == "good"
    for path, page in small_market(LISTINGS).items():
        if path.startswith("/listing/"):
            assert isinstance(page, Answer)
            changed = page.body.replace(b"<th>Price</th>", b"<th>Zzz</th>").replace(b"$", b"").replace(b"lot", b"batch")
            site.pages[path] = Answer(body=changed)
    assert crawl(one, tor, address, "--fresh")["held"] == LISTINGS
    assert len(held(two)) == LISTINGS
    elsewhere = npswatch(two, "market", "quarantine", "small", "--release", "--as-read")
    assert (elsewhere.returncode, "is not among the captures of this home" in elsewhere.stdout) == (1, True)

    lease = Lease(server := SharedServer(redis.address), "small")
    lease.take()
    busy = npswatch(one, "market", "quarantine", "small", "--release", "--as-read")
    assert (busy.returncode, "small is being crawled by worker" in busy.stderr) == (2, True)
    lease.give_up()
    server.close()

    done = npswatch(one, "market", "quarantine", "small", "--release", "--as-read")
    assert (done.returncode, f"{LISTINGS} pages indexed, 0 still held" in done.stdout) == (0, True), done.stderr
    assert held(two) == held(one) == []
    assert all("batch" in each["title"] for each in found(one))
    assert crawl(one, tor, address)["held"] == 0


def test_first_pages_that_waited_on_a_machine_that_died_are_asked_for_again_by_the_next(
    tmp_path: Path,
    tor: dict[str, str],
    publish: Callable[[int], str],
    site: Site,
    redis: RedisServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(SHARED_VARIABLE, redis.address)
    one, two = tmp_path / "one", tmp_path / "two"
    site.pages = small_market(LISTINGS)
    address = publish(site.port)
    mortal = {"PYTHONPATH": str(CHECKOUT / "tests" / "crawler" / "mortal"), "DIES_WHEN": "posted", "DIES_AT": "10"}
    npswatch(one, *crawl_arguments(tor, address), env=os.environ | mortal)
    assert found(one) == [], "what was read waited for the first lesson"
    before = len(site.asked)
    with closing(SharedServer(redis.address)) as server, server.asked() as client:
        client.delete(key("market", "small", "lease"))  # as if its fifteen seconds were over
    run = crawl(two, tor, address)
    assert (run["verdict"], run["reconciled"]) == ("good", True), run
    assert {each["listing_id"] for each in found(two)} == listing_paths(LISTINGS)
    asked = Counter(site.paths_asked())
    assert sum(asked.values()) - len(asked) <= before
    assert held(two) == []
