"""Whole runs: real Tor, real onion services, real index."""

import json
import os
import signal
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from evidence.replay import pages_in
from tests.crawler.crawls import CHECKOUT, NPSWATCH, crawl, crawl_arguments, found, npswatch
from tests.sites import Answer, Request, Site
from tests.small_market import listing_paths, small_market

Publish = Callable[[int], str]


def test_a_market_nobody_described_is_read_kept_and_found(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    site.pages = small_market(25)
    run = crawl(home, tor, publish(site.port))
    assert (run["verdict"], run["exit_code"]) == ("good", 0), run
    listings = found(home)
    assert {each["listing_id"] for each in listings} == listing_paths(25)
    one = next(each for each in listings if each["listing_id"] == "/listing/4")
    assert one["title"] == "3-MMC 5g crystal lot 4"
    assert one["price"] == {"amount": 60.5, "currency": "USD"}
    assert one["vendor"] == "northlight"
    assert one["ships_from"]["country"] == "NL"
    assert [each["name"] for each in one["offer"]["substances"]] == ["3-MMC"]
    assert one["offer"]["price_per_gram"] == {"amount": 12.1, "currency": "USD"}
    assert {each["name"] for each in found(home, kind="vendor")} == {"northlight", "kettle_row"}


def test_every_page_is_in_the_archive_before_it_is_in_the_index(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    site.pages = small_market(3)
    crawl(home, tor, publish(site.port))
    kept = {page.received.url: page for file in (home / "captures").rglob("*.warc.gz") for page in pages_in(file)}
    for capture in found(home, kind="capture"):
        assert capture["url"] in kept
    assert len(kept) == len(found(home, kind="capture")) == len(site.pages)


def test_a_passive_reader_follows_no_action_and_asks_for_nothing_twice(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    site.pages = small_market(12)
    crawl(home, tor, publish(site.port))
    asked = Counter(site.paths_asked())
    assert not [path for path in asked if path.startswith(("/logout", "/buy"))]
    assert set(asked) == set(site.pages)
    assert set(asked.values()) == {1}


def test_a_second_run_fetches_only_what_is_due_and_a_fresh_one_everything(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    site.pages = small_market(6)
    address = publish(site.port)
    crawl(home, tor, address)
    site.asked.clear()
    again = crawl(home, tor, address)
    assert again["exit_code"] == 0, again
    assert site.paths_asked() == ["/"]
    site.asked.clear()
    assert crawl(home, tor, address, "--fresh")["new"] == 0
    assert set(site.paths_asked()) == set(site.pages)
    assert {each["times_seen"] for each in found(home)} == {2}


def test_a_run_of_limited_pages_fetches_so_many_and_the_next_goes_on(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    site.pages = small_market(20)
    address = publish(site.port)
    crawl(home, tor, address, "--limit-pages", "5")
    assert len(site.asked) == 5
    crawl(home, tor, address)
    assert Counter(site.paths_asked()) == dict.fromkeys(site.pages, 1)


def test_a_killed_run_loses_nothing_and_repeats_at_most_what_was_in_flight(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    site.pages = small_market(40)
    address = publish(site.port)
    process = subprocess.Popen(
        [*NPSWATCH, "--home", str(home), *crawl_arguments(tor, address)], cwd=CHECKOUT, stdout=subprocess.DEVNULL
    )
    limit = time.monotonic() + 60
    while len(site.asked) < 25 and time.monotonic() < limit:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    crawl(home, tor, address)
    times = Counter(site.paths_asked())
    assert {each["listing_id"] for each in found(home)} == listing_paths(40)
    assert sum(times.values()) - len(site.pages) <= 16


def test_a_redirect_to_the_clear_net_is_refused_and_nobody_comes(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.3)
        outside = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        site.pages = small_market(3) | {
            "/listing/1": Answer(status=302, headers={"Location": outside}),
            "/listing/2": Answer(status=302, headers={"Location": "file:///etc/passwd"}),
        }
        run = crawl(home, tor, publish(site.port))
        with pytest.raises(TimeoutError):
            listener.accept()
    assert run["refused"] >= 1
    assert run["failed"] + run["gates"]["error"] == 2
    assert [each["listing_id"] for each in found(home)] == ["/listing/0"]


def test_a_first_cookie_leads_to_no_look_up(home: Path, tor: dict[str, str], publish: Publish, site: Site) -> None:
    def greet(request: Request) -> Answer:
        return Answer(
            body=b"<html><a href='/listing/0'>x</a>",
            headers={"Set-Cookie": "s=1; Domain=.onion", "Content-Type": "text/html"},
        )

    site.pages = small_market(2) | {"/hello": greet}
    run = crawl(home, tor, publish(site.port) + "hello")
    assert run["reached"] >= 1
    assert "refused by the guard" not in (home / "logs" / "crawl.log").read_text()


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://example.com/", "no onion service"),
        ("http://" + "a" * 56 + ".onion/", "checksum"),
        ("ftp://example.onion/", "only http"),
    ],
)
def test_a_start_address_outside_tor_is_refused_before_tor_is_started(home: Path, url: str, why: str) -> None:
    done = npswatch(home, "crawl", "small", "--start-url", url)
    assert done.returncode == 2
    assert why in done.stderr
    assert not (home / "tor").exists()


def test_a_market_without_an_address_says_how_to_name_one(home: Path) -> None:
    done = npswatch(home, "crawl", "nowhere")
    assert done.returncode == 2
    assert "--start-url" in done.stderr


def test_two_runs_of_one_market_do_not_meet(home: Path, tor: dict[str, str], publish: Publish, site: Site) -> None:
    def answer_late(_: Request) -> Answer:
        time.sleep(8)
        return Answer(body=b"<html><title>x</title>")

    site.pages = {"/": answer_late}
    address = publish(site.port)
    first = subprocess.Popen(
        [*NPSWATCH, "--home", str(home), *crawl_arguments(tor, address)], cwd=CHECKOUT, stdout=subprocess.DEVNULL
    )
    while not site.asked and first.poll() is None:
        time.sleep(0.05)
    second = npswatch(home, *crawl_arguments(tor, address))
    first.wait()
    assert second.returncode == 2
    assert f"process {first.pid}" in second.stderr


def test_an_index_that_is_down_costs_nothing(home: Path, tor: dict[str, str], publish: Publish, site: Site) -> None:
    site.pages = small_market(5)
    address = publish(site.port)
    run = crawl(home, tor, address, "--store", "http://127.0.0.1:9")
    assert (run["verdict"], run["exit_code"]) == ("degraded", 1)
    assert run["spooled"] >= 5
    assert found(home) == []
    crawl(home, tor, address)
    assert {each["listing_id"] for each in found(home)} == listing_paths(5)


def test_an_elasticsearch_is_reached_by_its_name_behind_the_closed_guard(
    home: Path, tor: dict[str, str], publish: Publish, site: Site, elasticsearch_address: str
) -> None:
    site.pages = small_market(5)
    named = elasticsearch_address.replace("127.0.0.1", "localhost") + "/named"
    run = crawl(home, tor, publish(site.port), "--store", named)
    assert (run["verdict"], run["exit_code"]) == ("good", 0), run
    done = npswatch(home, "search", "vendor:northlight", "--store", named, "--json")
    assert json.loads(done.stdout)["total"] == 3


def test_a_market_that_shows_only_a_login_is_blind(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    fields = b"<input name=user><input type=password name=p><button>Log in</button>"
    form = b"<html><title>Login</title><form method=post>" + fields + b"</form>"
    site.pages = {"/": Answer(body=form)}
    run = crawl(home, tor, publish(site.port))
    assert (run["verdict"], run["exit_code"]) == ("blind", 1)
    assert run["gates"] == {"login": 1}


def test_a_market_that_is_down_is_blind(home: Path, tor: dict[str, str], publish: Publish) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    run = crawl(home, tor, publish(port))
    assert (run["verdict"], run["exit_code"]) == ("blind", 1)


def test_no_tor_at_the_named_ports_is_said_plainly(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    url = publish(site.port)
    done = npswatch(home, "crawl", "small", "--start-url", url, "--tor-socks", "127.0.0.1:9")
    assert done.returncode == 2
    assert "no Tor answers at SOCKS port 127.0.0.1:9" in done.stderr
    not_tor = f"127.0.0.1:{site.port}"
    done = npswatch(home, "crawl", "small", "--start-url", url, "--tor-socks", not_tor)
    assert done.returncode == 2
    assert "Tor" in done.stderr


def test_the_processes_of_a_stopped_crawl_are_gone(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    site.pages = small_market(60)
    process = subprocess.Popen(
        [*NPSWATCH, "--home", str(home), *crawl_arguments(tor, publish(site.port))],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=os.setsid,
    )
    while len(site.asked) < 10:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    process.wait(60)
    assert "degraded" in (process.stdout.read() if process.stdout else "")
    assert crawl(home, tor, publish(site.port))["resumed"]
