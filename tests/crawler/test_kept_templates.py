"""What a market taught is kept with the versions its observations name."""

import json
import os
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.crawler.crawls import CHECKOUT, crawl, crawl_arguments, found, npswatch
from tests.sites import Answer, Page, Site
from tests.small_market import small_market


def test_a_page_read_again_with_the_version_its_observation_names_gives_the_same_values(
    home: Path, tor: dict[str, str], publish: Callable[[int], str], site: Site
) -> None:
    site.pages = small_market(40)
    crawl(home, tor, publish(site.port))
    observations = found(home, kind="observation")
    by_version: dict[str, list[dict[str, Any]]] = {}
    for each in observations:
        by_version.setdefault(each["template"], []).append(each)
    assert len(observations) == 40
    assert len(by_version) > 1  # the lesson was renewed while the run read
    for version, seen in by_version.items():
        again = _listings(home, "--template", version)
        for each in seen:
            listing = again[each["url"]]
            listing.pop("sources")
            assert {name: each[name] for name in listing} == listing


def test_a_market_without_a_profile_is_read_with_what_its_last_run_taught(
    home: Path, tor: dict[str, str], publish: Callable[[int], str], site: Site
) -> None:
    site.pages = small_market(40)
    crawl(home, tor, publish(site.port))
    folder = home / "templates" / "small"
    current = (folder / "current").read_text().strip()
    assert (folder / f"{current}.toml").is_file()
    assert _listings(home) == _listings(home, "--template", current)


def _without_headings(listings: int) -> dict[str, Page]:
    """A market on which the name of the site is the only heading; each listing's title stands in a plain element."""
    pages: dict[str, Page] = {}
    for path, page in small_market(listings).items():
        assert isinstance(page, Answer)
        body = re.sub(r"<title>.*?</title>", "<title>Lantern Bazaar</title>", page.body.decode())
        if path.startswith("/listing"):
            body = re.sub(r"<h1>(.*?)</h1>", r"<div><i>\1</i></div>", body)
        pages[path] = Answer(body=body.replace("<nav>", "<h1>Lantern Bazaar</h1><nav>").encode())
    return pages


@pytest.mark.parametrize("listings", [6, 16])  # fewer pages than a lesson takes, and more
def test_the_first_pages_of_a_market_are_indexed_once_and_as_its_first_lesson_reads_them(
    home: Path, tor: dict[str, str], publish: Callable[[int], str], site: Site, listings: int
) -> None:
    site.pages = _without_headings(listings)
    run = crawl(home, tor, publish(site.port))
    assert (run["verdict"], run["captured"], run["reconciled"]) == ("good", len(site.asked), True), run
    observations = found(home, kind="observation")
    titles = [each["title"] for each in observations]
    assert sorted(titles) == sorted({each["title"] for each in found(home)})
    assert len(titles) == listings
    assert "Lantern Bazaar" not in titles
    assert found(home, kind="capture")[0]["page_type"] in ("listing", "category", "vendor", "other")
    assert run["page_types"]["listing"] == listings


def test_first_pages_that_waited_when_the_run_was_killed_are_read_with_what_they_teach_together(
    home: Path, tor: dict[str, str], publish: Callable[[int], str], site: Site
) -> None:
    site.pages = _without_headings(16)
    address = publish(site.port)
    mortal = {"PYTHONPATH": str(CHECKOUT / "tests" / "crawler" / "mortal"), "DIES_WHEN": "posted", "DIES_AT": "10"}
    done = npswatch(home, *crawl_arguments(tor, address), env=os.environ | mortal)
    assert done.returncode == -signal.SIGKILL
    asked = len(site.asked)
    run = crawl(home, tor, address)
    assert (run["verdict"], run["reconciled"]) == ("good", True), run
    assert len(site.asked) - len(set(site.paths_asked())) <= asked - 10, "only what was in flight is asked for again"
    titles = [each.get("title") for each in found(home, kind="observation")]  # none where so few pages do not tell
    assert (len(titles), "Lantern Bazaar" in titles) == (16, False), titles


def test_a_version_nobody_kept_and_a_version_of_no_market_are_exit_code_2(home: Path) -> None:
    done = npswatch(home, "read", str(home), "--market", "small", "--template", "0" * 16)
    assert (done.returncode, "no template 0000000000000000" in done.stderr) == (2, True)
    done = npswatch(home, "read", str(home), "--template", "0" * 16)
    assert (done.returncode, "goes with --market" in done.stderr) == (2, True)


def _listings(home: Path, *arguments: str) -> dict[str, dict[str, Any]]:
    done = npswatch(home, "read", str(home / "captures"), "--market", "small", *arguments)
    assert done.returncode == 0, done.stderr
    pages = map(json.loads, done.stdout.splitlines())
    return {page["url"]: page["listing"] for page in pages if page["page_type"] == "listing"}
