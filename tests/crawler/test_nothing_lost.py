"""Every captured page reaches the index once: real Tor, real faults."""

import json
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evidence.replay import pages_in
from tests.crawler.crawls import CHECKOUT, NPSWATCH, crawl, crawl_arguments, found, npswatch
from tests.crawler.outages import read_through_an_outage
from tests.index.standin import stand_in
from tests.sites import Answer, Site
from tests.small_market import listing_paths, small_market

Publish = Callable[[int], str]


def runs(home: Path, *more: str) -> dict[str, dict[str, Any]]:
    """The run documents of a home's index by the reason they ended."""
    done = npswatch(home, "search", "*", "--kind", "run", "--json", *more)
    return {each["why_ended"]: each for each in json.loads(done.stdout)["hits"]}


def kept_pages(home: Path) -> int:
    return sum(1 for file in (home / "captures").rglob("*.warc.gz") for _ in pages_in(file))


def test_a_run_gives_account_of_every_response_its_archive_holds(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    site.pages = small_market(4) | {
        "/listing/1": Answer(status=302, headers={"Location": "/listing/9"}),
        "/listing/9": small_market(10)["/listing/9"],
    }
    run = crawl(home, tor, publish(site.port))
    assert (run["verdict"], run["reconciled"]) == ("good", True), run
    captures = found(home, kind="capture")
    assert run["captured"] == run["indexed"] == len(captures) == len(site.asked)
    assert [each["unread"] for each in captures if "unread" in each] == ["a redirect"]


def test_a_page_missing_from_the_index_makes_the_next_look_at_the_run_fail(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    """The account is counted in the archive: a page that was kept and never came to the outbox is noticed."""
    site.pages = small_market(3)
    environment = os.environ | {"PYTHONPATH": str(CHECKOUT / "tests" / "crawler" / "forgetful")}
    done = npswatch(home, *crawl_arguments(tor, publish(site.port)), env=environment)
    run = json.loads(done.stdout)
    assert (done.returncode, run["verdict"], run["reconciled"]) == (1, "degraded", False)
    assert "1 captured pages are neither indexed, refused nor waiting" in run["reasons"][-1]


@pytest.mark.parametrize("moment", ["captured", "understood", "posted"])
def test_a_process_killed_between_capture_spool_and_ledger_loses_nothing_and_fetches_nothing_twice(
    home: Path, tor: dict[str, str], publish: Publish, site: Site, moment: str
) -> None:
    site.pages = small_market(12)
    address = publish(site.port)
    environment = os.environ | {
        "PYTHONPATH": str(CHECKOUT / "tests" / "crawler" / "mortal"),
        "DIES_WHEN": moment,
        "DIES_AT": "7",
    }
    done = npswatch(home, *crawl_arguments(tor, address), env=environment)
    assert done.returncode == -signal.SIGKILL
    captured = kept_pages(home)
    run = crawl(home, tor, address)
    assert (run["verdict"], run["exit_code"], run["resumed"]) == ("good", 0, True), run
    assert {each["listing_id"] for each in found(home)} == listing_paths(12)
    times = Counter(site.paths_asked())
    assert sum(times.values()) - len(times) <= 16, "no page is asked for again but those in flight"
    assert (
        kept_pages(home)
        == len(found(home, kind="capture"))
        == len({c["record_id"] for c in found(home, kind="capture")})
    )
    killed = runs(home)["killed"]
    assert (killed["captured"], killed["indexed"], killed["reconciled"]) == (captured, captured, True)
    states = Counter(each["state"] for each in found(home, kind="observation"))
    assert states == {"new": 12}, "each birth is told once"


def test_a_clock_that_jumps_changes_dates_and_nothing_else(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    """Ten days back after eight pages, twenty forward after sixteen; a month back before the second run."""
    site.pages = small_market(20)
    address = publish(site.port)
    jumpy = os.environ | {"PYTHONPATH": str(CHECKOUT / "tests" / "crawler" / "jumpy")}
    first = npswatch(home, *crawl_arguments(tor, address), env=jumpy | {"CLOCK_DAYS": "8:-10 16:20"})
    run = json.loads(first.stdout)
    assert (run["verdict"], run["reconciled"], run["captured"]) == ("good", True, len(site.pages)), run
    assert len({each["time"][:10] for each in found(home, kind="capture")}) == 3, "the clock did jump"
    page = site.pages["/listing/4"]
    assert isinstance(page, Answer)
    site.pages["/listing/4"] = Answer(body=page.body.replace(b"$60.50", b"$75.00"))
    again = npswatch(home, *crawl_arguments(tor, address, "--fresh"), env=jumpy | {"CLOCK_DAYS": "0:-30"})
    assert json.loads(again.stdout)["changed"] == 1, again.stdout
    listings = {each["listing_id"]: each for each in found(home)}
    assert set(listings) == listing_paths(20)
    assert listings["/listing/4"]["price"]["amount"] == 75, "the later reading stays, whatever the clock said"


def test_an_index_that_is_away_refuses_and_hangs_while_a_market_is_read_costs_nothing(
    home: Path, tor: dict[str, str], publish: Publish, site: Site, new_elasticsearch_address: Callable[[], str]
) -> None:
    site.pages = small_market(40)
    address = new_elasticsearch_address()
    with stand_in(address.rpartition("/")[0]) as door:
        answers = [None, (429, {"error": "busy"}), (503, {"error": "down"}), (500, {"error": "broken"})]

        def misbehave(path: str) -> tuple[int, Any] | None:
            if "_bulk" not in path or len(door.asked) > 400:
                return None
            if len(door.asked) % 7 == 0:
                time.sleep(0.5)
            return answers[len(door.asked) % 4]

        door.rule = misbehave
        store = f"{door.address}/{address.rpartition('/')[2]}"
        run = crawl(home, tor, publish(site.port), "--store", store)
        door.rule = lambda path: None
        assert npswatch(home, "spool", "deliver", "--store", store).returncode == 0
    assert run["reconciled"], run
    shown = json.loads(npswatch(home, "search", "*", "--limit", "1000", "--store", address, "--json").stdout)["hits"]
    assert {each["listing_id"] for each in shown} == listing_paths(40)
    captures = ["search", "*", "--kind", "capture", "--store", address, "--json"]
    assert json.loads(npswatch(home, *captures).stdout)["total"] == run["captured"] == len(site.asked)


def test_an_index_that_is_away_for_a_while_loses_nothing_and_holds_nothing_twice(
    home: Path, tor: dict[str, str], publish: Publish, site: Site, new_elasticsearch_address: Callable[[], str]
) -> None:
    """The half minute is in bench/soak."""
    address = new_elasticsearch_address()
    outcome = read_through_an_outage(home, tor, publish(site.port), site, address, listings=60, seconds=2.0)
    assert (outcome.lost, outcome.twice, outcome.run["verdict"], outcome.run["reconciled"]) == (0, 0, "good", True)
    assert outcome.refused > 0


def test_a_disk_that_is_full_ends_the_run_in_order_and_it_goes_on_when_there_is_space(
    tmp_path: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    """A file system of a few megabytes, in a mount namespace of its own, filled and freed from within."""
    site.pages = small_market(40)
    folder = tmp_path / "small"
    folder.mkdir()
    script = """
        mount -t tmpfs -o size=24m tmpfs "$1"
        "${@:2}" --home "$1/home" doctor > "$1/doctor" || true
        head -c 50m /dev/zero > "$1/ballast" 2> "$1.full" || true
        truncate -s -"$ROOM" "$1/ballast"
        "${@:2}" --home "$1/home" crawl small $ARGUMENTS > "$1.first" 2> "$1.errors"; echo $? > "$1.code"
        rm "$1/ballast"
        "${@:2}" --home "$1/home" crawl small $ARGUMENTS > "$1.second"
        "${@:2}" --home "$1/home" search '*' --limit 1000 --json > "$1.found"
        "${@:2}" --home "$1/home" search '*' --kind capture --limit 1 --json > "$1.captures"
    """
    arguments = " ".join(crawl_arguments(tor, publish(site.port))[2:])
    for room in ("200K", "1200K"):
        done = subprocess.run(
            ["unshare", "--user", "--map-root-user", "--mount", "bash", "-c", script, "bash", str(folder), *NPSWATCH],
            env=os.environ | {"ARGUMENTS": arguments, "ROOM": room}, cwd=CHECKOUT, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        said = Path(f"{folder}.errors").read_text() + Path(f"{folder}.first").read_text()
        assert Path(f"{folder}.code").read_text().strip() in ("1", "2"), said
        assert "free space there" in said, said
        run = json.loads(Path(f"{folder}.second").read_text())
        assert (run["verdict"], run["reconciled"]) == ("good", True), run
        hits = json.loads(Path(f"{folder}.found").read_text())["hits"]
        assert {each["listing_id"] for each in hits} == listing_paths(40)
        captures = json.loads(Path(f"{folder}.captures").read_text())["total"]
        assert captures >= len(site.pages)
