"""What holds for every command: help with an example, JSON for programs, one line for what went wrong."""

import json
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from crawler.cli.app import app
from crawler.model.sighting import Document
from index.sqlite import SqliteStore
from tests.crawler.crawls import CHECKOUT, NPSWATCH, npswatch


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every command that does something, with its words."""
    below = command.list_commands(None) if hasattr(command, "list_commands") else ()
    for name in below:
        yield from commands(command.get_command(None, name), (*path, name))
    if not below or command.invoke_without_command:
        yield " ".join(path), command


COMMANDS = dict(commands(typer.main.get_command(app)))


def test_every_command_of_the_contract_is_there() -> None:
    first_words = {name.split()[0] for name in COMMANDS}
    assert first_words >= {"demo", "crawl", "read", "label", "search", "tornet", "serve", "schedule", "case", "verify"}
    assert set(COMMANDS) >= {"kibana install", "kibana export", "doctor", "config show"}


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_an_example_and_speaks_json(name: str) -> None:
    command = COMMANDS[name]
    assert "Example" in command.help
    words = "( [^ ]+)? ".join(["npswatch( --home [^ ]+)?", *name.split()])
    assert re.search(words.replace(")? ", ")? ?"), command.help) or name == "label"
    assert any("--json" in option.opts for option in command.params)
    assert all(getattr(option, "help", "") or not option.opts[0].startswith("-") for option in command.params), (
        "an option without a word of help"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nosuch"], "No such command 'nosuch'; see npswatch --help"),
        (["search"], "see npswatch search --help"),
        (["search", "*", "--limit", "many"], "see npswatch search --help"),
        (["crawl", "--paces", "1"], "No such option: --paces"),
        (["case", "nosuch"], "see npswatch case --help"),
        (["search", "a b)"], "at character 4 of the query: a closing parenthesis"),
        (["search", "*", "--store", "ftp://x"], "sqlite:////absolute/file.db"),
        (["crawl", "x", "--pace", "soon"], "--pace must be requests a second"),
    ],
)
def test_wrong_usage_is_one_line_that_says_what_to_do(home: Path, words: list[str], said: str) -> None:
    done = npswatch(home, *words)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1), done.stderr
    assert said in done.stderr


def test_a_home_that_cannot_be_made_is_one_line() -> None:
    done = npswatch(Path("/dev/null/home"), "search", "*")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
    assert "--home" in done.stderr


def test_without_a_command_the_help_is_shown(home: Path) -> None:
    done = subprocess.run(NPSWATCH, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert (done.returncode, "Commands" in done.stdout, done.stderr) == (2, True, "")
    assert "Missing command; see npswatch --help" in npswatch(home).stderr
    assert npswatch(home, "--version").stdout.startswith("npswatch 0.")


def test_a_reader_who_has_seen_enough_ends_the_command_quietly(home: Path, tmp_path: Path) -> None:
    for number in range(200):
        page = tmp_path / "pages" / f"{number:03}.html"
        page.parent.mkdir(exist_ok=True)
        page.write_text(f"<html><title>{number}</title><p>" + "words " * 2000)
    command = subprocess.list2cmdline([*NPSWATCH, "read", str(page.parent)])
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{command} | head -c 20"], cwd=CHECKOUT, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_serve_says_its_address_to_programs(home: Path) -> None:
    process = subprocess.Popen(
        [*NPSWATCH, "--home", str(home), "serve", "--port", "0", "--json"], cwd=CHECKOUT, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["address"].startswith("http://127.0.0.1:")
    process.send_signal(signal.SIGINT)
    assert process.wait(30) in (0, 130)


def test_doctor_ends_with_1_when_something_is_not_well(home: Path) -> None:
    well = [json.loads(line) for line in npswatch(home, "doctor", "--json").stdout.splitlines()]
    assert {each["what"] for each in well} >= {"tor", "full text", "index", "home", "profiles"}
    assert all(each["well"] for each in well)
    ill = npswatch(home, "doctor", "--store", "http://reader:secret@127.0.0.1:9")
    assert ill.returncode == 1
    assert "NOT WELL index" in ill.stdout
    assert "secret" not in ill.stdout + ill.stderr


def test_config_show_names_home_and_index_without_its_password(home: Path) -> None:
    said = npswatch(home, "config", "show", "--json", "--store", "https://reader:secret@index.example:9200")
    values = json.loads(said.stdout)
    assert values["home"] == str(home)
    assert values["store"] == "https://…@index.example:9200"
    assert (
        "secret" not in npswatch(home, "config", "show", "--store", "https://reader:secret@index.example:9200").stdout
    )


def test_words_from_a_market_do_not_reach_the_terminal_as_commands(home: Path) -> None:
    home.mkdir()
    store = SqliteStore(home / "index.db")
    hostile = {"market": "m", "title": "gold\x1b]0;owned\x07\x1b[2J", "url": "http://x/", "first_seen": "2026-01-01"}
    store.put([Document(kind="listing", id="a" * 32, body=hostile | {"last_seen": "2026-01-01"})])
    store.close()
    assert "\x1b" not in npswatch(home, "search", "*").stdout
    assert "gold" in npswatch(home, "search", "*").stdout
