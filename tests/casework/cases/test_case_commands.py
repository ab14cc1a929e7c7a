"""`npswatch case` and `npswatch verify` as a person and a program use them."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.casework.cases.made_home import make_home

NPSWATCH = Path(sys.executable).with_name("npswatch")
QUERY = "vendor:NordicLab"


def npswatch(
    home: Path, *words: str, limited: Callable[[], None] | None = None, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(NPSWATCH), "--home", str(home), *words],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | (environment or {}),
        preexec_fn=limited,
    )


def said(home: Path, *words: str, environment: dict[str, str] | None = None) -> Any:
    done = npswatch(home, *words, "--json", environment=environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def opened(case_home: Path) -> Path:
    """A home with a case of NordicLab's listings."""
    said(case_home, "case", "new", "2026-117", "--title", "Катиноны из NL", "--officer", "А. Каримов")
    said(case_home, "case", "add", "2026-117", "--query", QUERY)
    return case_home


def test_a_case_goes_from_its_opening_to_a_verified_folder(case_home: Path, tmp_path: Path) -> None:
    opened = said(case_home, "case", "new", "7/a".replace("/", "-"), "--title", "T", "--handling", "red")
    assert (opened["number"], opened["handling"]) == ("7-a", "TLP:RED")
    environment = {"NPSWATCH_OFFICER": "Б. Исаев"}
    added = said(case_home, "case", "add", "7-a", "--query", QUERY, "--limit", "3", environment=environment)
    assert (added["found"], added["added"]) == (4, 3)
    assert said(case_home, "case", "note", "7-a", "Запрос")["act"] == "noted"
    shown = said(case_home, "case", "show", "7-a")
    assert [act["act"] for act in shown["acts"]] == ["created", "added", "noted"]
    assert shown["acts"][1]["officer"] == "Б. Исаев"
    assert len(shown["listings"]) == 3
    assert [case["number"] for case in said(case_home, "case", "list")] == ["7-a"]
    made = said(case_home, "case", "export", "7-a", str(tmp_path / "out"), "--language", "ru")
    verified = said(case_home, "verify", str(tmp_path / "out"))
    assert (verified["right"], verified["seal"], verified["listings"]) == (True, made["seal"], 3)


def test_people_read_the_same_in_sentences(opened: Path, tmp_path: Path) -> None:
    shown = npswatch(opened, "case", "show", "2026-117").stdout
    assert "Катиноны из NL" in shown
    assert "by the query 'vendor:NordicLab'" in shown
    assert "2026-117 | TLP:AMBER | Катиноны из NL | 4 listings" in npswatch(opened, "case", "list").stdout
    made = npswatch(opened, "case", "export", "2026-117", str(tmp_path / "out")).stdout
    assert "4 listings and 6 captures" in made
    verified = npswatch(opened, "verify", str(tmp_path / "out")).stdout
    assert verified.startswith("right: case 2026-117")
    assert made.split("seal ")[1][:64] in verified


@pytest.mark.parametrize("command", ["new", "add", "note", "list", "show", "export"])
def test_every_command_shows_an_example(home: Path, command: str) -> None:
    assert "npswatch case" in npswatch(home, "case", command, "--help").stdout


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("new", "2026-117", "--title", "Again"), "case 2026-117 exists"),
        (("new", "a/b", "--title", "T"), "cannot be a case number"),
        (("new", "8", "--title", "T", "--handling", "TLP:PINK"), "no handling code"),
        (("add", "2026-117", "0123456789ab"), "no listing 0123456789ab"),
        (("add", "2026-117"), "either ids or a --query"),
        (("add", "2026-117", "0123456789ab", "--query", "*"), "either ids or a --query"),
        (("add", "9", "--query", "*"), "there is no case '9'"),
        (("add", "2026-117", "--query", "vendor:x"), "finds no listing"),
        (("add", "2026-117", "--query", "*", "--kind", "run"), "a case holds listing, vendor, capture"),
        (("note", "2026-117", " "), "a note must have"),
        (("show", "9"), "there is no case '9'"),
        (("export", "9", "x"), "there is no case '9'"),
        (("export", "2026-117", "x", "--language", "fr"), "en or ru"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line_with_code_2(opened: Path, words: tuple[str, ...], fault: str) -> None:
    done = npswatch(opened, "case", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert fault in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not Path("x").exists()


def test_a_query_with_a_fault_is_shown_with_a_mark_under_the_place(opened: Path) -> None:
    done = npswatch(opened, "case", "add", "2026-117", "--query", "substance:3-MMC price_per_gram:<x")
    assert done.returncode == 2
    _, query, mark = done.stderr.splitlines()
    assert query[mark.index("^") :].startswith(("x", "<x", "price_per_gram:<x"))


def test_an_empty_case_is_not_exported(case_home: Path, tmp_path: Path) -> None:
    said(case_home, "case", "new", "1", "--title", "T")
    done = npswatch(case_home, "case", "export", "1", str(tmp_path / "out"))
    assert (done.returncode, "is empty" in done.stderr) == (2, True)


def test_an_export_to_a_folder_that_exists_touches_nothing(opened: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    done = npswatch(opened, "case", "export", "2026-117", str(folder))
    assert (done.returncode, list(folder.iterdir())) == (2, [])
    assert "exists" in done.stderr


@pytest.mark.parametrize("most", [500, 8_000])
def test_a_disk_that_is_full_leaves_no_half_folder(opened: Path, tmp_path: Path, most: int) -> None:
    place = tmp_path / "full"
    place.mkdir()

    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    done = npswatch(opened, "case", "export", "2026-117", str(place / "out"), limited=small_disk)
    assert done.returncode == 2, done.stderr
    assert "cannot be written" in done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert list(place.iterdir()) == []
    assert "exported" not in npswatch(opened, "case", "show", "2026-117").stdout


def test_an_export_that_is_killed_leaves_nothing_under_the_folders_name(opened: Path, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [str(NPSWATCH), "--home", str(opened), "case", "export", "2026-117", str(tmp_path / "out")],
        stdout=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 20
    while process.poll() is None and not list(tmp_path.glob(".out.*")) and time.monotonic() < deadline:
        time.sleep(0.001)
    process.kill()
    process.wait()
    if (tmp_path / "out").exists():  # it was quicker than we: then it must be whole
        assert said(opened, "verify", str(tmp_path / "out"))["right"]


def test_a_lost_archive_is_refused_with_code_1_or_exported_with_code_1_and_said(opened: Path, tmp_path: Path) -> None:
    shutil.rmtree(opened / "captures")
    refused = npswatch(opened, "case", "export", "2026-117", str(tmp_path / "out"))
    assert (refused.returncode, (tmp_path / "out").exists()) == (1, False)
    assert "--allow-missing" in refused.stderr
    made = npswatch(opened, "case", "export", "2026-117", str(tmp_path / "out"), "--allow-missing")
    assert (made.returncode, made.stdout.count("missing: capture")) == (1, 6)
    assert npswatch(opened, "verify", str(tmp_path / "out")).returncode == 1


def test_verify_names_the_first_wrong_file_and_ends_with_code_1(opened: Path, tmp_path: Path) -> None:
    said(opened, "case", "export", "2026-117", str(tmp_path / "out"))
    report = tmp_path / "out/data/report.html"
    report.write_bytes(report.read_bytes().replace(b"3-MMC", b"2-MMC", 1))
    done = npswatch(opened, "verify", str(tmp_path / "out"))
    assert (done.returncode, done.stdout) == (1, "")
    assert "data/report.html is not what was exported" in done.stderr
    told = npswatch(opened, "verify", str(tmp_path / "out"), "--json")
    assert (told.returncode, json.loads(told.stdout)["right"]) == (1, False)


def test_verify_checks_captures_alone_and_folders_of_them(case_home: Path) -> None:
    whole = said(case_home, "verify", str(case_home / "captures"))
    assert (whole["files"], whole["responses"]) == (2, 11)
    one = case_home / "captures/birchwood/run-1.warc.gz"
    assert said(case_home, "verify", str(one))["files"] == 1
    one.write_bytes(one.read_bytes()[:-40])
    done = npswatch(case_home, "verify", str(case_home / "captures"))
    assert (done.returncode, "run-1.warc.gz" in done.stderr) == (1, True)
    assert npswatch(case_home, "verify", str(case_home / "nowhere")).returncode == 2


ALONE = """
import sys
def alone(event, arguments):
    if event.startswith("socket.") and event not in ("socket.gethostname", "socket.__new__"):
        raise SystemExit(f"{event}: {arguments}")
sys.addaudithook(alone)
sys.argv = ["npswatch", *sys.argv[1:]]
from crawler.cli.app import main
main()
"""


def test_a_folder_is_verified_where_there_is_no_home_and_no_network(opened: Path, tmp_path: Path) -> None:
    said(opened, "case", "export", "2026-117", str(tmp_path / "out"))
    elsewhere = tmp_path / "elsewhere"
    shutil.move(tmp_path / "out", elsewhere)
    shutil.rmtree(opened)
    words = [sys.executable, "-c", ALONE, "--home", str(opened), "verify", str(elsewhere)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not opened.exists()


def test_fifty_listings_are_exported_within_twenty_seconds(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home", listings=50)
    said(home, "case", "new", "1", "--title", "T")
    assert said(home, "case", "add", "1", "--query", "*")["added"] == 50
    started = time.monotonic()
    made = said(home, "case", "export", "1", str(tmp_path / "out"))
    assert time.monotonic() - started < 20
    assert (made["listings"], made["captures"]) == (50, 53)
