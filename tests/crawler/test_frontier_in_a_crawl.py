"""What a crawl asks for and when: tries, conditional requests, traps, moments of death, over real Tor."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest

from tests.crawler.crawls import crawl, found
from tests.crawler.kills import IN_FLIGHT, kill_often
from tests.sites import Answer, Page, Request, Site
from tests.small_market import listing_paths, small_market

Publish = Callable[[int], str]


def failing(pages: dict[str, Page], share: float, seed: int = 5) -> dict[str, Page]:
    """The pages, of which so many requests come to nothing: by status, or by a connection that ends."""
    chance = random.Random(seed)
    answers = [Answer(status=503, body=b"<html>busy"), Answer(status=500, body=b"<html>oops")]
    cut = Answer(body=b"<html>", headers={"Content-Type": "text/html", "Content-Length": "9999999"})

    def perhaps(page: Answer) -> Callable[[Request], Answer]:
        return lambda _: chance.choice([*answers, cut]) if chance.random() < share else page

    return {path: perhaps(page) for path, page in pages.items() if isinstance(page, Answer)}


def conditional(pages: dict[str, Page], sent: Counter[str]) -> dict[str, Page]:
    """The pages with ETags; who names the right one gets no body. What was sent whole is counted."""

    def guarded(path: str, page: Answer) -> Callable[[Request], Answer]:
        tag = f'"{sha256(page.body).hexdigest()[:16]}"'

        def answer(request: Request) -> Answer:
            if request.headers.get("If-None-Match") == tag:
                return Answer(status=304, headers={"ETag": tag})
            sent[path] += 1
            return replace(page, headers=page.headers | {"ETag": tag})

        return answer

    return {path: guarded(path, page) for path, page in pages.items() if isinstance(page, Answer)}


def make_due(home: Path) -> None:
    """As if a month had passed: every page is due."""
    import sqlite3

    with sqlite3.connect(home / "state" / "small" / "ledger.db") as db:
        db.execute("UPDATE pages SET due = 0, visited = visited - 2592000")


def test_with_thirty_of_a_hundred_requests_failing_every_listing_is_read(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    site.pages = failing(small_market(30), 0.3)
    run = crawl(home, tor, publish(site.port))
    assert {each["listing_id"] for each in found(home)} == listing_paths(30)
    assert run["failed"] == 0, run
    assert run["waiting"] == 0


def test_a_page_that_did_not_change_is_seen_again_without_being_sent_again(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    sent: Counter[str] = Counter()
    pages = small_market(6)
    site.pages = conditional(pages, sent)
    address = publish(site.port)
    crawl(home, tor, address)
    changed = Answer(body=pages["/listing/2"].body.replace(b"$36.50", b"$99.50"))  # type: ignore[union-attr]
    site.pages = conditional(pages | {"/listing/2": changed}, sent)
    make_due(home)
    run = crawl(home, tor, address)
    assert sent == dict.fromkeys(pages, 1) | {"/listing/2": 2}
    assert (run["unchanged"], run["changed"], run["new"]) == (len(pages) - 1, 1, 0)
    assert (run["verdict"], run["page_types"]["listing"]) == ("good", 6)
    assert {each["times_seen"] for each in found(home)} == {2}
    assert len(found(home, kind="observation")) == 7, "a sighting without news is no observation"
    captures = {each["url"]: each for each in found(home, "status:304", kind="capture")}
    assert len(captures) == len(pages) - 1
    before = {each["record_id"]: each for each in found(home, "status:200", kind="capture")}
    for each in captures.values():
        earlier = before[each["refers_to"]]
        assert {name: each[name] for name in ("warc", "offset", "length", "payload_digest")} == {
            name: earlier[name] for name in ("warc", "offset", "length", "payload_digest")
        }


def test_a_crawl_killed_at_ten_random_moments_loses_nothing_and_repeats_only_what_was_in_flight(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    site.pages = small_market(120)
    address = publish(site.port)
    deaths = kill_often(home, tor, address, site, kills=10, seed=4)
    run = crawl(home, tor, address)
    asked = Counter(site.paths_asked())
    assert {each["listing_id"] for each in found(home)} == listing_paths(120)
    assert {each["times_seen"] for each in found(home)} <= {1, 2}
    assert asked.total() - len(site.pages) <= deaths.kills * IN_FLIGHT
    assert run["waiting"] == 0


def test_traps_end_are_named_and_cost_no_listing(home: Path, tor: dict[str, str], publish: Publish, site: Site) -> None:
    market = small_market(12)
    lures = "".join(
        f"<a href='{path}'>{name}</a> "
        for name, path in (
            ("Archive", "/category/archive/2026/11"),
            ("By price", "/category?name=stimulants&sort=price"),
            ("By sales", "/category?name=stimulants&sort=sales"),
            ("Deeper", "/category/a/b/a/b/a"),
            ("Random", "/category?name=random&page=1"),
        )
    )
    home_page = market["/"]
    assert isinstance(home_page, Answer)
    market["/"] = replace(
        home_page, body=home_page.body.replace(b"<main>", b"<main><nav>" + lures.encode() + b"</nav>")
    )
    site.pages = EndlessPages(market)
    run = crawl(home, tor, publish(site.port))
    assert {each["listing_id"] for each in found(home)} == listing_paths(12)
    traps = {each["trap"]: each for each in run["traps"]}
    assert {"calendar", "endless pagination", "looping path"} <= set(traps)
    assert all(1 <= len(each["examples"]) <= 3 for each in traps.values())
    assert len(site.asked) < 80
    assert run["why_ended"] == "finished"


class EndlessPages(dict[str, Page]):
    """A market beside which a calendar, an endless list and a looping path answer whatever is asked."""

    def get(self, path: str, default: object = None) -> Page:
        """The page of a path; those of the traps are made up."""
        if path in self:
            return self[path]
        if path.startswith("/category/archive/"):
            year, month = map(int, path.split("/")[3:5])
            after = f"/category/archive/{year + month // 12}/{month % 12 + 1}"
            return _list_page("Archive", f"<a href='{after}'>Next</a>")
        if "page=" in path:
            number = int(path.partition("page=")[2])
            return _list_page("Random", f"<a rel='next' href='/category?name=random&amp;page={number + 1}'>Next</a>")
        if path.startswith("/category/a/"):
            return _list_page("Deeper", f"<a href='{path}/b/a'>Stimulants</a>")
        return Answer(status=404, body=b"<html><title>404</title>not found")


def _list_page(title: str, links: str) -> Answer:
    body = f"<html><title>{title}</title><main><h1>{title}</h1><p class='pages'>{links}</p></main></html>"
    return Answer(body=body.encode())


def describe(folder: Path, monkeypatch: pytest.MonkeyPatch, **keys: object) -> None:
    """A profile of the market ``small`` in a folder of its own."""
    folder.mkdir()
    lines = [f"{key} = {json.dumps(value)}" for key, value in keys.items()]
    (folder / "small.toml").write_text("\n".join(['name = "small"', *lines]) + "\n")
    monkeypatch.setenv("NPSWATCH_MARKETS", str(folder))


def test_a_shops_robots_txt_is_kept_to_and_so_is_its_pace(
    home: Path, tor: dict[str, str], publish: Publish, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    describe(tmp_path / "markets", monkeypatch, robots=True)
    rules = b"User-agent: *\nDisallow: /vendor/\nDisallow: /listing/2\nCrawl-delay: 0.4\n"
    site.pages = small_market(4) | {"/robots.txt": Answer(body=rules, headers={"Content-Type": "text/plain"})}
    run = crawl(home, tor, publish(site.port))
    assert site.paths_asked()[0] == "/robots.txt"
    assert not [path for path in site.paths_asked() if path.startswith("/vendor/") or path == "/listing/2"]
    assert {each["listing_id"] for each in found(home)} == listing_paths(4) - {"/listing/2"}
    assert (run["forbidden"], run["failed"], run["verdict"]) == (3, 0, "good")
    assert (run["captured"], run["indexed"], run.get("left")) == (len(site.asked), len(site.asked), None)
    # Not the first gap: the first request waits at Tor for its circuit, which says nothing of when it was sent.
    times = [request.at for request in site.asked[1:]]
    assert min(after - before for before, after in pairwise(times)) > 0.15
    assert times[-1] - times[0] > 0.4 * (len(times) - 1) * 0.45


def test_while_robots_txt_cannot_be_read_nothing_else_is_asked_for(
    home: Path, tor: dict[str, str], publish: Publish, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    describe(tmp_path / "markets", monkeypatch, robots=True)
    site.pages = small_market(2) | {"/robots.txt": Answer(status=500, body=b"oops")}
    run = crawl(home, tor, publish(site.port))
    assert set(site.paths_asked()) == {"/robots.txt"}
    assert run["verdict"] == "blind"


def test_a_days_budget_ends_the_run_and_the_next_one_of_the_day_asks_for_nothing(
    home: Path, tor: dict[str, str], publish: Publish, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    describe(tmp_path / "markets", monkeypatch, daily_pages=9)
    site.pages = small_market(20)
    address = publish(site.port)
    run = crawl(home, tor, address)
    assert len(site.asked) == 9
    assert run["why_left"] == "the day's budget of 9 pages is spent"
    assert run["waiting"] > 0
    again = crawl(home, tor, address)
    assert len(site.asked) == 9
    assert (again["verdict"], again["reasons"][0][:22]) == ("degraded", "nothing was asked for:")
