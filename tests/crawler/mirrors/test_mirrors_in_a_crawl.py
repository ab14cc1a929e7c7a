"""Mirrors over real onion services: one market at two addresses, a dead one, a clone, a signed list."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crawler.home import Home
from crawler.mirrors.book import MirrorBook
from tests.crawler.crawls import CHECKOUT, NPSWATCH, found, npswatch
from tests.crawler.mirrors.keys import profile_text, signer
from tests.crawler.tor.networks import unpublished_onion
from tests.sites import Answer, Page, Request, Site, serve_site
from tests.small_market import listing_paths, small_market

Publish = Callable[[int], str]


def crawl(home: Path, tor: dict[str, str], *more: str, profiles: Path | None = None) -> dict[str, Any]:
    command = ["--home", str(home), "crawl", "small", "--pace", "none", "--json", "--tor-socks", tor["socks"]]
    done = subprocess.run(
        [*NPSWATCH, *command, "--tor-control", tor["control"], *more],
        capture_output=True, text=True, cwd=CHECKOUT, check=False,
        env=dict(os.environ) | ({"NPSWATCH_MARKETS": str(profiles)} if profiles else {}),
    )  # fmt: skip
    assert done.stdout, done.stderr
    run: dict[str, Any] = json.loads(done.stdout)
    return run


def accept(home: Path, *addresses: str) -> None:
    for address in addresses:
        done = npswatch(home, "market", "mirrors", "small", "add", address)
        assert (done.returncode, done.stdout) == (0, f"{address} is accepted for small\n"), done.stderr


def test_a_market_at_two_addresses_is_one_market_with_each_listing_once(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    site.pages = small_market(12)
    accept(home, publish(site.port), publish(site.port))
    crawl(home, tor)
    second = json.loads(npswatch(home, "market", "mirrors", "small", "list", "--json").stdout.splitlines()[1])
    crawl(home, tor, "--fresh", "--start-url", second["address"])
    listings = found(home)
    assert sorted(each["listing_id"] for each in listings) == sorted(listing_paths(12))
    assert {each["times_seen"] for each in listings} == {2}
    assert len({each["url"].split("/")[2] for each in found(home, kind="capture")}) == 2


def test_a_dead_address_is_left_for_the_next_and_no_page_is_lost(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    site.pages = small_market(12)
    living = publish(site.port)
    accept(home, f"http://{unpublished_onion()}/", living)
    run = crawl(home, tor)
    assert (run["verdict"], run["failed"], run["mirrors"]) == ("good", 0, {"failovers": 1}), run
    assert {each["listing_id"] for each in found(home)} == listing_paths(12)
    assert Home.at(home).addresses("small")[0] == living
    assert ", lived last" in npswatch(home, "market", "mirrors", "small", "list").stdout.splitlines()[0]


def test_an_address_that_dies_in_the_middle_is_left_for_the_next(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    with serve_site() as first:
        site.pages = dict(small_market(30))
        first.pages = {path: dying(page, first) for path, page in site.pages.items()}
        accept(home, publish(first.port), publish(site.port))
        run = crawl(home, tor)
    assert (run["verdict"], run["failed"]) == ("good", 0), run
    assert run["mirrors"] == {"failovers": 1}
    assert {each["listing_id"] for each in found(home)} == listing_paths(30)


def test_links_that_name_another_accepted_address_are_pages_of_the_same_market(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    site.pages = small_market(12)
    here, other = publish(site.port), f"http://{unpublished_onion()}/"
    for path, page in site.pages.items():
        assert isinstance(page, Answer)
        site.pages[path] = Answer(body=page.body.replace(b"href='/", f"href='{other}".encode()), headers=page.headers)
    accept(home, here, other)
    run = crawl(home, tor)
    assert (run["verdict"], run["refused"], run.get("mirrors")) == ("good", 0, None), run
    assert {each["listing_id"] for each in found(home)} == listing_paths(12)


def dying(page: Page, site: Site) -> Callable[[Request], Answer]:
    """The page of a site that hangs up on everybody after its tenth visitor."""

    def answer(_: Request) -> Answer:
        if len(site.asked) > 10:
            raise ConnectionAbortedError
        assert isinstance(page, Answer)
        return page

    return answer


def test_a_clone_the_market_leads_to_is_never_followed(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    with serve_site() as clone:
        clone.pages = small_market(5)
        trap = publish(clone.port)
        link = f"<a href='{trap}'>our new mirror</a><a href='{trap}listing/1'>3-MMC</a>".encode()
        site.pages = small_market(5)
        home_page = site.pages["/"]
        assert isinstance(home_page, Answer)
        site.pages["/"] = Answer(body=home_page.body.replace(b"<main>", b"<main>" + link))
        site.pages["/listing/2"] = Answer(status=302, headers={"Location": trap + "listing/2"})
        run = crawl(home, tor, "--start-url", publish(site.port))
        assert clone.asked == []
    assert run["refused"] == 1
    assert "no accepted address of small (a clone?)" in (home / "logs" / "crawl.log").read_text()
    assert {each["listing_id"] for each in found(home)} == listing_paths(5) - {"/listing/2"}


@pytest.mark.parametrize("forged", [False, True], ids=["signed by the market", "signed by a clone"])
def test_the_crawl_reads_the_markets_own_list_and_believes_only_the_pinned_key(
    forged: bool, home: Path, tor: dict[str, str], publish: Publish, site: Site, tmp_path: Path
) -> None:
    market, clone = signer(), signer()
    new = f"http://{unpublished_onion()}/"
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "small.toml").write_text(profile_text("small", market.fingerprint, "/mirrors.txt"))
    first = tmp_path / "first.txt"
    first.write_bytes(market.signed(f"http://{unpublished_onion()}/"))
    (tmp_path / "key.asc").write_bytes(market.public)
    address = publish(site.port)
    accept(home, address)
    profiles = tmp_path / "profiles"
    taken = subprocess.run(
        [sys.executable, "-m", "crawler.cli.app", "--home", str(home), "market", "mirrors", "small", "accept",
         str(first), "--key", str(tmp_path / "key.asc")],
        capture_output=True, text=True, cwd=CHECKOUT, check=False,
        env=dict(os.environ) | {"NPSWATCH_MARKETS": str(profiles)},
    )  # fmt: skip
    assert "1 addresses are new" in taken.stdout, taken.stderr
    body = (clone if forged else market).signed("Mirrors", new)
    site.pages = small_market(2) | {"/mirrors.txt": Answer(body=body, headers={"Content-Type": "text/plain"})}
    run = crawl(home, tor, profiles=profiles)
    known = Home.at(home).addresses("small")
    if forged:
        assert run["mirrors"] == {"refused": "wrong key"}
        assert new not in known
    else:
        assert run["mirrors"] == {"accepted": 1}
        assert known == (address, new)
    assert Counter(site.paths_asked())["/mirrors.txt"] == 1


def test_refusals_are_one_line_with_their_reason_and_exit_code_2(home: Path, tmp_path: Path) -> None:
    page = tmp_path / "list.txt"
    page.write_bytes(signer().signed(f"http://{unpublished_onion()}/"))
    done = npswatch(home, "market", "mirrors", "harbour", "accept", str(page))
    assert done.returncode == 2
    assert "refused (no key pinned)" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert npswatch(home, "market", "mirrors", "harbour", "accept", str(tmp_path / "none")).returncode == 2


def test_a_book_names_the_source_of_each_address(home: Path) -> None:
    address = f"http://{unpublished_onion()}/"
    accept(home, address)
    told = json.loads(npswatch(home, "market", "mirrors", "small", "list", "--json").stdout)
    assert told == {"address": address, "source": "operator", "lives": False}
    assert MirrorBook(Home.at(home), "small").mirrors()[0].address == address
    assert npswatch(home, "market", "mirrors", "small", "remove", address).returncode == 0
    assert npswatch(home, "market", "mirrors", "small", "list").stdout == ""
