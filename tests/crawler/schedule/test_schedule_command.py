"""The command as an operator uses it: real processes, real time, a real Tor network."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.home import Home
from crawler.schedule.book import ScheduleBook
from crawler.schedule.plan import Missed
from crawler.schedule.timing import Rule, Timing
from tests.crawler.crawls import CHECKOUT, NPSWATCH, found, npswatch
from tests.crawler.schedule.worlds import command_lines, plan
from tests.sites import Answer, Page, Request, Site
from tests.small_market import listing_paths, small_market

Publish = Callable[[int], str]
A_WHILE = 120.0


def know(home: Path, market: str, address: str = "http://example.onion/") -> None:
    """A home that knows the address of a market."""
    Home.at(home).remember_addresses(market, (address,))


def schedule(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return npswatch(home, "schedule", *arguments)


def history(home: Path, *arguments: str) -> list[dict[str, Any]]:
    """The history as programs read it, the oldest first."""
    done = schedule(home, "history", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return list(reversed(json.loads(done.stdout)))


def plan_soon(home: Path, words: str = "1s", missed: Missed = Missed.RUN_ONCE, after: int = 0) -> None:
    """A plan as no operator can make it: seconds apart."""
    with closing(ScheduleBook(Home.at(home).folder / "schedule.db")) as book:
        now = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=after)
        book.add(plan("small", Timing(rule=Rule.EVERY, words=words), missed, since=now), replace=True)


def start(home: Path, tor: dict[str, str], *more: str) -> subprocess.Popen[str]:
    ports = ["--tor-socks", tor["socks"], "--tor-control", tor["control"]]
    return subprocess.Popen(
        [*NPSWATCH, "--home", str(home), "schedule", "run", *ports, *more],
        cwd=CHECKOUT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def wait_for(what: Callable[[], object], process: subprocess.Popen[str]) -> None:
    limit = time.monotonic() + A_WHILE
    while not what():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < limit, "it did not happen"
        time.sleep(0.1)


def end(process: subprocess.Popen[str]) -> str:
    """What a scheduler that is asked to end complained of; it must end cleanly."""
    process.terminate()
    _, complaints = process.communicate(timeout=A_WHILE)
    assert process.returncode == 0, complaints
    return complaints


def verdicts(home: Path) -> list[str]:
    return [entry["verdict"] for entry in history(home)]


def test_a_plan_is_added_listed_changed_and_removed(home: Path) -> None:
    know(home, "small")
    added = schedule(home, "add", "small", "--every", "6h", "--jitter", "20m")
    assert (added.returncode, "schedule run" in added.stdout) == (0, True), added.stderr
    twice = schedule(home, "add", "small", "--every", "12h")
    assert twice.returncode == 2
    assert "--replace" in twice.stderr
    assert "schedule remove small" in twice.stderr
    changed = schedule(home, "add", "small", "--cron", "30 2 * * *", "--missed", "skip", "--replace", "--json")
    assert changed.returncode == 0, changed.stderr
    listed = json.loads(schedule(home, "list", "--json").stdout)
    assert listed == [json.loads(changed.stdout)]
    assert (listed[0]["cron"], listed[0]["missed"], listed[0]["next"][10:]) == ("30 2 * * *", "skip", "T02:30:00.000Z")
    assert "no scheduler runs" in schedule(home, "list").stdout
    assert schedule(home, "remove", "small").returncode == 0
    assert json.loads(schedule(home, "list", "--json").stdout) == []
    again = schedule(home, "remove", "small")
    assert (again.returncode, "not planned" in again.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["small", "--cron", "61 * * 13 *"], "minute: 61 is not within 0 to 59; month: 13"),
        (["small", "--every", "4m"], "hammered"),
        (["small", "--every", "soon"], "a span of time"),
        (["small"], "one of --every"),
        (["small", "--every", "6h", "--cron", "0 0 * * *"], "one of --every"),
        (["small", "--every", "6h", "--missed", "perhaps"], "run-once, skip"),
        (["small", "--every", "6h", "--jitter", "6h"], "--jitter"),
        (["nowhere", "--every", "6h"], "neither a profile nor an address"),
    ],
)
def test_what_cannot_be_planned_says_why(home: Path, arguments: list[str], why: str) -> None:
    know(home, "small")
    done = schedule(home, "add", *arguments)
    assert done.returncode == 2
    assert why in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert json.loads(schedule(home, "list", "--json").stdout) == []


@pytest.mark.parametrize("arguments", [["--tor-control", "127.0.0.1:1"], ["--tor-socks", "tor:9050"]])
def test_a_scheduler_with_wrong_options_does_not_start(home: Path, arguments: list[str]) -> None:
    done = schedule(home, "run", *arguments)
    assert done.returncode == 2
    assert "--tor-socks" in done.stderr


@pytest.mark.parametrize("command", ["add", "list", "remove", "run", "history"])
def test_each_command_shows_an_example(home: Path, command: str) -> None:
    assert f"npswatch schedule {command}" in " ".join(schedule(home, command, "--help").stdout.split())


def test_runs_come_round_and_one_home_has_one_scheduler(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    site.pages = small_market(3)
    know(home, "small", publish(site.port))
    Home.at(home).remember_addresses("other", ("http://example.onion/",))
    plan_soon(home)
    process = start(home, tor, "--json")
    wait_for(lambda: verdicts(home).count("good") >= 2, process)
    second = schedule(home, "run")
    assert (second.returncode, f"process {process.pid}" in second.stderr) == (2, True), second.stderr
    assert "no scheduler runs" not in schedule(home, "list").stdout
    end(process)
    runs = [entry for entry in history(home, "small") if entry["verdict"] == "good"]
    assert runs[0]["exit_code"] == 0
    assert runs[0]["planned"] <= runs[0]["started"] < runs[0]["ended"]
    assert runs[0]["run"]["page_types"]["listing"] == 3
    assert {each["listing_id"] for each in found(home)} == listing_paths(3)
    last = json.loads(schedule(home, "list", "--json").stdout)[0]["last"]
    assert last == history(home)[-1]
    assert "pages read of" in schedule(home, "history").stdout


class SlowOnce:
    """A market whose pages come late until they need not."""

    def __init__(self, listings: int) -> None:
        self.slow = True
        self.pages: dict[str, Page] = {path: self._late(page) for path, page in small_market(listings).items()}

    def _late(self, page: Page) -> Page:
        def answer(request: Request) -> Answer:
            if self.slow and request.path != "/":
                time.sleep(1.5)
            return page(request) if callable(page) else page

        return answer


def test_a_scheduler_that_is_killed_leaves_no_crawl_behind_and_the_next_goes_on(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    market = SlowOnce(12)
    site.pages = market.pages
    know(home, "small", publish(site.port))
    plan_soon(home, words="300s")
    process = start(home, tor)
    wait_for(lambda: len(site.asked) > 3, process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert history(home)[0]["verdict"] == "failed", "what nobody keeps does not run"
    limit = time.monotonic() + A_WHILE
    while command_lines(str(home).encode()) and time.monotonic() < limit:
        time.sleep(0.1)
    assert command_lines(str(home).encode()) == []
    market.slow = False
    process = start(home, tor)
    wait_for(lambda: "good" in verdicts(home), process)
    end(process)
    entries = history(home)
    assert [entry["verdict"] for entry in entries] == ["failed", "good"]
    assert len({entry["planned"] for entry in entries}) == 1
    assert "killed" in entries[0]["reasons"][0]
    assert {each["listing_id"] for each in found(home)} == listing_paths(12)


def test_a_scheduler_asked_to_end_ends_its_crawls_and_says_so(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    market = SlowOnce(12)
    site.pages = market.pages
    know(home, "small", publish(site.port))
    plan_soon(home, words="300s", missed=Missed.SKIP)
    process = start(home, tor)
    wait_for(lambda: len(site.asked) > 3, process)
    end(process)
    (entry,) = history(home)
    assert entry["verdict"] == "degraded", entry
    assert "ended early: shutdown" in entry["reasons"]
    assert entry["run"]["waiting"] > 0
    assert command_lines(str(home).encode()) == []


def test_an_index_that_is_down_degrades_the_run_and_its_documents_wait(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    site.pages = small_market(3)
    know(home, "small", publish(site.port))
    plan_soon(home, words="300s")
    process = start(home, tor, "--store", "http://127.0.0.1:9")
    wait_for(lambda: "degraded" in verdicts(home), process)
    end(process)
    (entry,) = history(home)
    assert any("wait for the index" in reason for reason in entry["reasons"])
    assert found(home) == []
    plan_soon(home, words="300s")
    process = start(home, tor)
    wait_for(lambda: "good" in verdicts(home), process)
    end(process)
    assert {each["listing_id"] for each in found(home)} == listing_paths(3)


RUN = " ".join(NPSWATCH)
PLAN = (
    "import sys, tests.crawler.schedule.test_schedule_command as t; t.plan_soon(t.Path(sys.argv[1]), '20s', after=20)"
)
FULL_DISK = f"""
home=$1; beside=$(dirname "$home")
cp -r "$home/markets" "$beside/markets"
mount -t tmpfs -o size=3m tmpfs "$home"
cp -r "$beside/markets" "$home/markets"
fill() {{ dd if=/dev/zero of="$home/ballast" bs=4k 2>/dev/null || true; }}
wait_for() {{ for i in $(seq 600); do grep -q "$1" "$2" && return 0; sleep 0.1; done; return 1; }}
fill
$RUN --home "$home" schedule run 2> "$beside/start.err" && exit 1
rm "$home/ballast"
{sys.executable} -c "{PLAN}" "$home"
$RUN --home "$home" schedule run --json --tor-socks "$2" > "$beside/told" 2> "$beside/told.err" &
wait_for keeping "$beside/told.err"
fill
wait_for failed "$beside/told"
rm "$home/ballast"
wait_for good "$beside/told"
kill $!
wait $!
$RUN --home "$home" schedule history --json
"""


def test_a_full_disk_is_a_failed_run_with_the_reason_and_the_schedule_goes_on(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    site.pages = small_market(3)
    know(home, "small", publish(site.port))
    script = home.parent / "script"
    script.write_text(FULL_DISK)
    done = subprocess.run(
        ["unshare", "--map-root-user", "--user", "--mount", "sh", "-eu", str(script), str(home), tor["socks"]],
        cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=250, env=os.environ | {"RUN": RUN},
    )  # fmt: skip
    told = (home.parent / "told.err").read_text()
    assert done.returncode == 0, (done.stderr, told)
    entries = list(reversed(json.loads(done.stdout)))
    assert [entry["verdict"] for entry in entries][:2] == ["failed", "good"], entries
    assert re.search("disk is full|No space left", entries[0]["reasons"][0]), entries[0]
    assert "disk is full; the history is kept in memory" in told
    assert "cannot be written: No space left on device" in (home.parent / "start.err").read_text()


def test_a_home_on_which_nothing_can_be_written_says_so(home: Path) -> None:
    Home.at(home)
    (home / "schedule.db").write_bytes(b"this is no database" * 100)
    done = schedule(home, "list")
    assert done.returncode == 2
    assert "schedule.db" in done.stderr
