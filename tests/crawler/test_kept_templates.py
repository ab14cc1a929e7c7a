"""What a market taught is kept with the versions its observations name."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.crawler.crawls import crawl, found, npswatch
from tests.sites import Site
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
