"""A market that refuses us is left alone until a person has looked."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.crawler.crawls import CHECKOUT, NPSWATCH, crawl_arguments, found, npswatch
from tests.crawler.tor.networks import wait_for
from tests.sites import Answer, Page, Request, Site
from tests.small_market import listing_paths, small_market

Publish = Callable[[int], str]
NO = Answer(status=403, body=b"<html><title>Forbidden</title><h1>Forbidden</h1><p>Your visits are not wanted.</p>")


def start(home: Path, tor: dict[str, str], url: str, patience: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*NPSWATCH, "--home", str(home), *crawl_arguments(tor, url)],
        cwd=CHECKOUT, stdout=subprocess.PIPE, text=True, env=dict(os.environ) | {"NPSWATCH_DESK_PATIENCE": patience},
    )  # fmt: skip


def tasks(home: Path) -> list[dict[str, object]]:
    found_tasks: list[dict[str, object]] = json.loads(npswatch(home, "desk", "--json").stdout)
    return found_tasks


def test_a_blocked_market_is_held_and_goes_on_when_a_person_closes_the_task(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    pages, blocked = small_market(12), [True]

    def guarded(page: Page) -> Callable[[Request], Answer]:
        def answer(_: Request) -> Answer:
            assert isinstance(page, Answer)
            return NO if blocked[0] and len(site.asked) > 5 else page

        return answer

    site.pages = {path: guarded(page) for path, page in pages.items()}
    process = start(home, tor, publish(site.port), "120s")
    wait_for(lambda: tasks(home), 60)
    (task,) = tasks(home)
    assert (task["kind"], task["market"]) == ("blocked", "small")
    assert "Your visits are not wanted." in str(task["shows"])
    asked = len(site.asked)
    blocked[0] = False
    assert npswatch(home, "desk", "close", str(task["id"])).returncode == 0
    said, _ = process.communicate(timeout=120)
    assert asked <= 5 + 16
    run = json.loads(said)
    assert run["waiting"] == 0
    assert {each["listing_id"] for each in found(home)} == listing_paths(12)


def test_a_block_nobody_looks_at_ends_the_run_and_the_next_asks_for_nothing(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    site.pages = small_market(3) | {"/": NO}
    site_url = publish(site.port)
    said, _ = start(home, tor, site_url, "1s").communicate(timeout=120)
    run = json.loads(said)
    assert (run["why_ended"], run["waiting"]) == ("blocked: waits at the desk", 1)
    assert len(site.asked) == 1
    again, _ = start(home, tor, site_url, "1s").communicate(timeout=120)
    assert json.loads(again)["why_ended"] == "blocked: waits at the desk"
    assert len(site.asked) == 1
    assert [task["kind"] for task in tasks(home)] == ["blocked"]
