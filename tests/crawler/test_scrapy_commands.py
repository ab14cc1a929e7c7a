"""Scrapy's own commands obey the same guard as ours."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.profiles import read_profiles
from tests.crawler.crawls import CHECKOUT, found
from tests.sites import Answer, Site
from tests.small_market import listing_paths, small_market

Publish = Callable[[int], str]


@pytest.fixture
def outside() -> Iterator[str]:
    """A clear-net address that must see nobody."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.3)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        with pytest.raises(TimeoutError):
            listener.accept()


def scrapy(home: Path, tor: dict[str, str], *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    environment = (
        dict(os.environ)
        | more
        | {
            "NPSWATCH_HOME": str(home),
            "NPSWATCH_TOR_SOCKS": tor["socks"],
            "NPSWATCH_TOR_CONTROL": tor["control"],
        }
    )
    command = [sys.executable, "-m", "scrapy", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, cwd=CHECKOUT, env=environment, check=False, timeout=120
    )


def test_a_spider_is_listed_for_every_profile_and_one_for_any_market(home: Path, tor: dict[str, str]) -> None:
    listed = scrapy(home, tor, "list")
    assert listed.stdout.split() == sorted([*read_profiles(), "market"])


def test_scrapy_crawl_reads_keeps_and_indexes(home: Path, tor: dict[str, str], publish: Publish, site: Site) -> None:
    site.pages = small_market(3)
    address = publish(site.port)
    done = scrapy(home, tor, "crawl", "market", "-a", f"start_url={address}", "-s", "DOWNLOAD_DELAY=0")
    assert done.returncode == 0, done.stderr
    assert {each["listing_id"] for each in found(home)} == listing_paths(3)


def test_scrapy_crawl_follows_no_redirect_to_an_address_nobody_accepted(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    clone = publish(site.port)
    site.pages = small_market(1)
    site.pages["/"] = Answer(status=302, headers={"Location": clone + "listing/0"})
    address = publish(site.port)
    done = scrapy(home, tor, "crawl", "market", "-a", f"start_url={address}", "-s", "LOG_LEVEL=INFO")
    assert "(a clone?)" in done.stderr
    assert site.paths_asked() == ["/"]


def test_scrapy_crawl_refuses_the_clear_net(home: Path, tor: dict[str, str], outside: str) -> None:
    done = scrapy(home, tor, "crawl", "market", "-a", f"start_url={outside}", "-s", "LOG_LEVEL=INFO")
    assert "'guard/refused': 1" in done.stderr


def test_fetch_shows_an_onion_page_and_refuses_the_clear_net(
    home: Path, tor: dict[str, str], publish: Publish, site: Site, outside: str
) -> None:
    site.pages = small_market(1)
    page = scrapy(home, tor, "fetch", "--nolog", publish(site.port) + "listing/0")
    assert "3-MMC 1g crystal lot 0" in page.stdout
    refused = scrapy(home, tor, "fetch", outside)
    assert f"refused '{outside}'" in refused.stderr
    assert refused.stdout == ""


def test_the_shell_fetches_through_tor_and_refuses_the_clear_net(
    home: Path, tor: dict[str, str], publish: Publish, site: Site, outside: str
) -> None:
    site.pages = small_market(1)
    address = publish(site.port) + "listing/0"
    shown = scrapy(home, tor, "shell", address, "-c", "response.css('h1::text').get()")
    assert "3-MMC 1g crystal lot 0" in shown.stdout, shown.stderr
    refused = scrapy(home, tor, "shell", outside, "-c", "response")
    assert f"refused '{outside}'" in refused.stderr + refused.stdout


def test_view_opens_no_browser_under_the_guard(
    home: Path, tor: dict[str, str], publish: Publish, site: Site, outside: str
) -> None:
    site.pages = small_market(1)
    opened = home.parent / "opened"
    scrapy(home, tor, "view", publish(site.port) + "listing/0", BROWSER=f"touch {opened} %s")
    assert site.paths_asked() == ["/listing/0"]
    assert not opened.exists()
    assert f"refused '{outside}'" in scrapy(home, tor, "view", outside).stderr
