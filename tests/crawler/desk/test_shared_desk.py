"""One desk for many machines: what one puts or brings, all of them see; only the passphrase opens a session."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from crawler.desk.desk import Desk
from crawler.desk.key import PASSPHRASE_VARIABLE
from crawler.home import SHARED_VARIABLE, Home
from crawler.model.desk import Pasted, SessionState, TaskKind, TaskState
from crawler.model.errors import BadInput
from tests.crawler.crawls import crawl, found, npswatch
from tests.crawler.desk.gated import Members, officer
from tests.fixtures.redis import RedisServer
from tests.sites import Site
from tests.small_market import listing_paths, small_market

HOST = "harbourmarket.onion"
SECRET = "s3cr3t-value-of-a-session"
PASTED = Pasted(market="harbour", account="A-17", officer="A. Karimov", cookies=f"sid={SECRET}")


def passphrase(folder: Path, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    file = folder / "passphrase"
    file.write_text(words)
    file.chmod(0o600)
    monkeypatch.setenv(PASSPHRASE_VARIABLE, str(file))


@pytest.fixture(autouse=True)
def _same_passphrase(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    passphrase(tmp_path, "one for all machines", monkeypatch)


@pytest.fixture
def one(tmp_path: Path, redis: RedisServer) -> Desk:
    """The desk of a machine that knows the market."""
    home = Home.at(tmp_path / "one")
    home.remember_addresses("harbour", (f"http://{HOST}/",))
    return Desk(home.folder, redis.address)


@pytest.fixture
def two(tmp_path: Path, redis: RedisServer) -> Desk:
    """The desk of another machine."""
    return Desk(Home.at(tmp_path / "two").folder, redis.address)


def test_a_task_put_on_one_machine_is_seen_and_closed_on_another(one: Desk, two: Desk) -> None:
    id_ = two.put("harbour", TaskKind.BLOCKED, shows="Go away", url=f"http://{HOST}/")
    assert [(task.id, task.shows) for task in one.tasks()] == [(id_, "Go away")]
    one.close_task(id_, "A. Karimov")
    assert two.task(id_).state is TaskState.CLOSED
    assert [act.officer for act in two.task(id_).history] == ["", "A. Karimov"]
    assert one.put("harbour", TaskKind.BLOCKED, shows="Go away") != id_


def test_a_session_brought_on_one_machine_is_used_and_kept_on_another(
    one: Desk, two: Desk, redis: RedisServer, tmp_path: Path
) -> None:
    brought = one.bring(PASTED)
    session = two.usable_session("harbour")
    assert session is not None
    assert (session.record.id, session.cookies[0].value) == (brought.id, SECRET)
    two.mark_session(brought.id, SessionState.WORKS)
    assert one.sessions()[0].state is SessionState.WORKS
    kept = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert brought.account.encode() in kept
    assert SECRET.encode() not in kept, "neither in a home nor in the server's own file"
    assert one.forget("harbour", "A-17", "A. Karimov") == 1
    assert two.usable_session("harbour") is None


def test_a_machine_with_another_passphrase_opens_nothing_and_takes_it_from_nobody(
    one: Desk, two: Desk, redis: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one.bring(PASTED)
    passphrase(tmp_path, "another", monkeypatch)
    assert two.usable_session("harbour") is None
    passphrase(tmp_path, "one for all machines", monkeypatch)
    assert "kept with another key than the passphrase" in one.sessions()[0].why
    assert one.usable_session("harbour") is not None
    monkeypatch.delenv(PASSPHRASE_VARIABLE)
    with pytest.raises(BadInput, match="the machines of a shared state need the same one: NPSWATCH_DESK_PASSPHRASE"):
        Desk(tmp_path / "one", redis.address).bring(PASTED)


def test_what_was_done_while_the_server_was_away_is_there_when_it_is_back(
    one: Desk, two: Desk, redis: RedisServer, tmp_path: Path
) -> None:
    first = one.put("harbour", TaskKind.LOGIN, shows="Please log in")
    redis.kill()
    one.note(first, "looked at", TaskState.ANSWERED)
    assert one.task(first).state is TaskState.ANSWERED
    with pytest.raises(BadInput, match=r"is out of reach|does not answer"):
        one.put("harbour", TaskKind.CAPTCHA, shows="Are you human?")
    redis.start()
    again = Desk(tmp_path / "one", redis.address)
    assert again.task(first).state is TaskState.ANSWERED
    assert two.put("quartz", TaskKind.LOGIN, shows="Log in") != first
    with Desk(tmp_path / "three", redis.address) as three:
        assert [act.what for act in three.task(first).history] == ["put on the desk", "looked at"]


def test_the_command_line_says_when_the_shared_desk_is_out_of_reach(
    home: Path, redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SHARED_VARIABLE, redis.address)
    assert npswatch(home, "desk").stdout == "nothing waits at the desk\n"
    assert "answers; the desk's sessions open with the passphrase in" in npswatch(home, "doctor").stdout
    redis.kill()
    done = npswatch(home, "desk")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "Redis at 127.0.0.1" in done.stderr


def test_a_crawl_on_one_machine_goes_on_with_a_session_brought_on_another(
    tmp_path: Path,
    tor: dict[str, str],
    publish: Callable[[int], str],
    site: Site,
    redis: RedisServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(SHARED_VARIABLE, redis.address)
    monkeypatch.setenv("NPSWATCH_DESK_PATIENCE", "60s")
    worker, office = tmp_path / "worker", tmp_path / "office"
    market = Members(pages=small_market(20), pages_a_session=15)
    site.pages = market.site()
    with officer(office, lambda task: f"sid={market.sign_in()}", redis.address) as done:
        run = crawl(worker, tor, publish(site.port))
    assert (run["verdict"], len(done)) == ("good", 2), run
    assert {each["listing_id"] for each in found(worker)} == listing_paths(20)
    told = [json.loads(npswatch(home, "desk", "sessions", "--json").stdout) for home in (worker, office)]
    assert told[0] == told[1]
    assert "tor of small: last run" in npswatch(worker, "doctor").stdout
    assert [each["state"] for each in told[0]] == ["works", "expired"]
