"""Crawls of markets behind gates: real onion services, a real desk, and an officer the test plays."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from crawler.desk.desk import Desk
from crawler.home import Home
from crawler.model.desk import Pasted, SessionState, TaskKind, TaskState
from tests.crawler.crawls import crawl, crawl_arguments, found, npswatch
from tests.crawler.desk.gated import LOGIN, Members, cookie_of, gate, hanging_up, officer
from tests.sites import Answer, Request, Site, serve_site
from tests.small_market import listing_paths, small_market

Publish = Callable[[int], str]
IN_FLIGHT = 16


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NPSWATCH_DESK_PATIENCE", "20s")


def redirect(path: str) -> Answer:
    return Answer(status=302, headers={"Location": "/login"})


def by_turns(path: str) -> Answer:
    """The login as a page of its own, by a redirect, or as a refusal."""
    turn = sum(path.encode()) % 3
    return (gate("login"), redirect(path), Answer(status=401, body=b"<html>no"))[turn]


def test_a_login_that_expires_every_40_pages_costs_no_listing_and_no_page_twice(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    market = Members(pages=small_market(120), pages_a_session=40, shut=by_turns)
    site.pages = market.site()
    with officer(home, lambda task: f"sid={market.sign_in()}") as done:
        run = crawl(home, tor, publish(site.port))
    assert (run["verdict"], run["exit_code"], run["why_ended"]) == ("good", 0, "finished"), run
    assert {each["listing_id"] for each in found(home)} == listing_paths(120)
    assert len(done) >= 4
    assert set(market.shown) == set(market.pages)
    entry = market.shown.pop("/")
    assert entry <= len(done) + 1  # a session is tested there
    assert set(market.shown.values()) == {1}
    gates = found(home, "gate:login", "capture")
    assert len(gates) == run["gates"]["login"] > 0
    assert not [each for each in found(home) if each["capture"] in {gate["id"] for gate in gates}]
    with Desk(home) as desk:
        assert [task.state for task in desk.tasks()] == [TaskState.CLOSED] * len(done)
        states = [each.state for each in desk.sessions()]
    assert states[0] is SessionState.WORKS
    assert set(states[1:]) <= {SessionState.EXPIRED}


def test_what_an_officer_brought_is_in_no_file_of_the_home(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    market = Members(pages=small_market(12), pages_a_session=1000)

    def rotating(path: str, page: Callable[[Request], Answer]) -> Callable[[Request], Answer]:
        def answer(request: Request) -> Answer:
            answered = page(request)
            return Answer(
                body=answered.body,
                status=answered.status,
                headers=answered.headers | {"Set-Cookie": "fresh=rotated-secret-of-the-account; HttpOnly"},
            )

        return answer

    site.pages = {path: rotating(path, page) for path, page in market.site().items() if callable(page)}
    sid = market.sign_in()
    with officer(home, lambda task: f"sid={sid}"):
        run = crawl(home, tor, publish(site.port))
    assert run["verdict"] == "good", run
    for file in home.rglob("*"):
        if file.is_file():
            raw = file.read_bytes()
            if file.name.endswith(".warc.gz"):
                raw = gzip.decompress(raw)
                assert b"fresh=withheld" in raw
                assert b"Cookie: withheld" in raw
            assert sid.encode() not in raw, file
            if not file.name.endswith(".gz"):
                assert b"rotated-secret" not in raw, file
    with Desk(home) as desk:
        session = desk.usable_session("small")
    assert session is not None
    assert {each.name: each.value for each in session.cookies}["fresh"] == "rotated-secret-of-the-account"


def test_a_run_that_waits_too_long_ends_in_order_and_the_next_goes_on(
    home: Path, tor: dict[str, str], publish: Publish, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NPSWATCH_DESK_PATIENCE", "0s")
    market = Members(pages=small_market(30), pages_a_session=20)
    site.pages = market.site()
    address = publish(site.port)
    first = crawl(home, tor, address)
    assert (first["verdict"], first["exit_code"]) == ("blind", 1)
    assert first["why_ended"] == "waits at the desk: login"
    assert first["gates"] == {"login": 1}
    assert len(site.asked) == 1
    with Desk(home) as desk:
        desk.bring(Pasted(market="small", account="A-17", officer="A. Karimov", cookies=f"sid={market.sign_in()}"))
    second = crawl(home, tor, address)
    assert (second["verdict"], second["why_ended"]) == ("degraded", "waits at the desk: login"), second
    assert second["waiting"] > 0
    shown = npswatch(home, "desk").stdout
    assert "| small | login | open |" in shown
    assert "Small Market - Login" in shown
    with Desk(home) as desk:
        assert desk.sessions()[0].state is SessionState.EXPIRED
        desk.bring(Pasted(market="small", account="A-17", officer="A. Karimov", cookies=f"sid={market.sign_in()}"))
    third = crawl(home, tor, address)
    assert third["resumed"]
    assert {each["listing_id"] for each in found(home)} == listing_paths(30)
    market.shown.pop("/")
    assert set(market.shown.values()) == {1}


def test_a_session_that_does_not_open_the_door_is_refused_and_the_task_stays(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    market = Members(pages=small_market(6), pages_a_session=1000)
    site.pages = market.site()
    brought = iter(["sid=wrong", f"sid={market.sign_in()}"])
    with officer(home, lambda task: next(brought, None)) as done:
        run = crawl(home, tor, publish(site.port))
    assert run["verdict"] == "good", run
    assert len(done) == 2
    with Desk(home) as desk:
        states = [each.state for each in desk.sessions()]
        history = [act.what for act in desk.tasks()[0].history]
    assert states in ([SessionState.WORKS, SessionState.REFUSED], [SessionState.WORKS, SessionState.FORGOTTEN])
    assert "the session of account A-17 was refused: the market shows login to it" in history
    assert history[-1] == "the session of account A-17 works"


def test_a_captcha_pauses_its_market_alone(
    home: Path, tor: dict[str, str], publish: Publish, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    market = Members(pages=small_market(10), pages_a_session=1000, shut=lambda path: gate("captcha"))
    site.pages = market.site()
    with serve_site() as open_site:
        open_site.pages = small_market(10)
        Home.at(home).remember_addresses("shut", (publish(site.port),))
        Home.at(home).remember_addresses("open", (publish(open_site.port),))

        def when_the_other_is_read(task: object) -> str | None:
            return f"sid={market.sign_in()}" if len(set(open_site.paths_asked())) == len(open_site.pages) else None

        with officer(home, when_the_other_is_read):
            done = npswatch(home, "crawl", "shut", "open", "--pace", "none", "--json", *_ports(tor))
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(found(home, "market:shut")) == len(found(home, "market:open")) == 10
    with Desk(home) as desk:
        assert {task.kind for task in desk.tasks()} == {TaskKind.CAPTCHA}
        assert {task.market for task in desk.tasks()} == {"shut"}
        assert "six letters" in desk.tasks()[0].shows


def _ports(tor: dict[str, str]) -> list[str]:
    return ["--tor-socks", tor["socks"]]


def test_an_officer_closes_a_task_and_the_crawl_goes_on_without_the_page(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    site.pages = small_market(12) | {"/listing/3": Answer(body=LOGIN)}

    def close(task: object) -> None:
        with Desk(home) as desk:
            for each in desk.tasks(TaskState.OPEN):
                desk.close_task(each.id, "A. Karimov")

    address = publish(site.port)
    with officer(home, close):
        run = crawl(home, tor, address)
    assert run["why_ended"] == "finished", run
    assert run["failed"] == 1
    assert {each["listing_id"] for each in found(home)} == listing_paths(12) - {"/listing/3"}
    assert site.paths_asked().count("/listing/3") == 2
    site.asked.clear()
    again = crawl(home, tor, address, "--fresh")
    assert (again["why_ended"], again["failed"]) == ("finished", 1), again
    assert site.paths_asked().count("/listing/3") == 1


def test_a_page_for_members_does_not_keep_a_market_open_to_visitors_from_being_read(
    home: Path, tor: dict[str, str], publish: Publish, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NPSWATCH_DESK_PATIENCE", "0s")
    site.pages = small_market(30) | {"/listing/25": Answer(body=LOGIN)}
    run = crawl(home, tor, publish(site.port))
    assert (run["why_ended"], run["failed"]) == ("finished", 1), run
    assert {each["listing_id"] for each in found(home)} == listing_paths(30) - {"/listing/25"}
    with Desk(home) as desk:
        assert [(task.kind, task.state) for task in desk.tasks()] == [(TaskKind.LOGIN, TaskState.OPEN)]


def test_a_queue_is_waited_out_with_the_same_cookies(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    refreshes: list[str] = []
    pages = small_market(12)

    def queued(path: str) -> Callable[[Request], Answer]:
        def answer(request: Request) -> Answer:
            ticket = "ticket=7" in request.headers.get("Cookie", "")
            if ticket and len(refreshes) >= 3:
                page = pages[path]
                assert isinstance(page, Answer)
                return page
            refreshes.append(request.headers.get("Cookie", ""))
            return gate("queue", **{"Set-Cookie": "ticket=7"})

        return answer

    site.pages = {path: queued(path) for path in pages}
    run = crawl(home, tor, publish(site.port))
    assert (run["verdict"], run["why_ended"]) == ("good", "finished"), run
    assert refreshes == ["", "ticket=7", "ticket=7"]
    assert run["gates"] == {"queue": 3}
    assert {each["listing_id"] for each in found(home)} == listing_paths(12)
    assert "Your position in the queue: 12" in (home / "logs" / "crawl.log").read_text()
    with Desk(home) as desk:
        assert desk.tasks() == []


def test_a_queue_without_end_becomes_a_task(
    home: Path, tor: dict[str, str], publish: Publish, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NPSWATCH_DESK_PATIENCE_IN_QUEUE", "3s")
    monkeypatch.setenv("NPSWATCH_DESK_PATIENCE", "0s")
    site.pages = {"/": gate("queue")}
    run = crawl(home, tor, publish(site.port))
    assert (run["verdict"], run["why_ended"]) == ("blind", "waits at the desk: queue")
    assert 2 <= len(site.asked) <= 5
    with Desk(home) as desk:
        (task,) = desk.tasks(TaskState.OPEN)
    assert task.kind is TaskKind.QUEUE
    assert "Your position in the queue: 12" in task.shows


def test_a_seizure_ends_the_run_and_later_runs_ask_the_entry_page_once(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    pages = small_market(60)
    shown: list[str] = []

    def seized_after_20(path: str) -> Callable[[Request], Answer]:
        def answer(_: Request) -> Answer:
            shown.append(path)
            page = pages[path]
            assert isinstance(page, Answer)
            return page if len(shown) <= 20 else gate("seized")

        return answer

    site.pages = {path: seized_after_20(path) for path in pages}
    address = publish(site.port)
    run = crawl(home, tor, address)
    assert (run["verdict"], run["why_ended"]) == ("degraded", "seized"), run
    assert len(site.asked) <= 20 + IN_FLIGHT + 1
    with Desk(home) as desk:
        (task,) = desk.tasks(TaskState.OPEN)
        assert (task.kind, task.shows.splitlines()[0]) == (TaskKind.SEIZED, "Seized")
    site.asked.clear()
    again = crawl(home, tor, address)
    assert (again["verdict"], again["why_ended"], again["gates"]) == ("blind", "seized", {"seized": 1})
    assert site.paths_asked() == ["/"]
    site.pages = dict(pages)
    back = crawl(home, tor, address)
    assert (back["why_ended"], back["exit_code"]) == ("finished", 0), back
    assert {each["listing_id"] for each in found(home)} == listing_paths(60)
    with Desk(home) as desk:
        assert desk.task(task.id).state is TaskState.CLOSED


def test_news_of_a_seizure_within_a_market_is_no_seizure_of_it(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    site.pages = small_market(12) | {"/listing/3": gate("seized")}
    run = crawl(home, tor, publish(site.port))
    assert run["why_ended"] == "finished", run
    assert {each["listing_id"] for each in found(home)} == listing_paths(12) - {"/listing/3"}


def test_maintenance_is_waited_out(home: Path, tor: dict[str, str], publish: Publish, site: Site) -> None:
    pages = small_market(8)
    entry = pages["/"]

    def closed_twice(request: Request) -> Answer:
        if len(site.asked) < 3:
            return gate("maintenance", **{"Retry-After": "1"})
        return entry(request) if callable(entry) else entry

    site.pages = pages | {"/": closed_twice}
    run = crawl(home, tor, publish(site.port))
    assert (run["why_ended"], run["gates"]) == ("finished", {"maintenance": 2}), run
    assert len(found(home)) == 8


def test_a_market_under_maintenance_beyond_patience_ends_the_run_with_a_task(
    home: Path, tor: dict[str, str], publish: Publish, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NPSWATCH_DESK_PATIENCE_IN_QUEUE", "1s")
    site.pages = {"/": gate("maintenance")}
    run = crawl(home, tor, publish(site.port))
    assert (run["verdict"], run["why_ended"]) == ("blind", "under maintenance")
    with Desk(home) as desk:
        assert [task.kind for task in desk.tasks(TaskState.OPEN)] == [TaskKind.MAINTENANCE]


def test_a_page_that_turns_into_the_visitors_version_is_not_indexed_as_the_accounts(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    """No login stands there: the market just shows less, and a link to sign in instead of the one to sign out."""

    def visitors(path: str) -> Answer:
        page = members.pages[path]
        assert isinstance(page, Answer)
        return Answer(body=page.body.replace(b"/logout'>Logout", b"/login'>Login").replace(b"$", b"from $"))

    members = Members(pages=small_market(40), pages_a_session=25, shut=visitors)
    site.pages = members.site()
    address = publish(site.port)
    Home.at(home).remember_addresses("small", (address,))
    with Desk(home) as desk:
        desk.bring(Pasted(market="small", account="A-17", officer="A. Karimov", cookies=f"sid={members.sign_in()}"))
    with officer(home, lambda task: f"sid={members.sign_in()}") as done:
        run = crawl(home, tor, address)
    assert run["why_ended"] == "finished", run
    assert done
    members.shown.pop("/")
    assert set(members.shown.values()) == {1}
    assert {each["listing_id"] for each in found(home)} == listing_paths(40)


@pytest.mark.parametrize("everywhere", [False, True], ids=["its own address", "every address"])
def test_after_a_failover_a_session_is_used_at_the_other_address_only_on_the_officers_word(
    everywhere: bool, home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    market = Members(pages=small_market(20), pages_a_session=1000)
    site.pages = market.site()
    with serve_site() as first:
        first.pages = {path: hanging_up(page, first, 10) for path, page in market.site().items()}
        one, other = publish(first.port), publish(site.port)
        Home.at(home).remember_addresses("small", (one, other))
        cookies = f"{one.split('/')[2]}\tFALSE\t/\tFALSE\t0\tsid\t{market.sign_in()}\n"
        with Desk(home) as desk:
            desk.bring(
                Pasted(
                    market="small", account="A-17", officer="A. Karimov", cookies=cookies, every_address=everywhere
                )
            )  # fmt: skip
        run = crawl(home, tor, one)
    assert run["mirrors"]["failovers"] >= 1
    with Desk(home) as desk:
        assert [each.state for each in desk.sessions()] == [SessionState.WORKS], "not lost by the other address's login"
        tasks = desk.tasks()
    if everywhere:
        assert (run["verdict"], tasks) == ("good", []), run
    else:
        assert run["why_ended"] == "waits at the desk: login", run
        assert {cookie_of(request) for request in site.asked} == {""}
        assert f"the session of account A-17 is for {one.split('/')[2]} alone" in tasks[0].history[1].what
        with Desk(home) as desk:
            desk.bring(
                Pasted(market="small", account="A-18", officer="A. Karimov", cookies=f"sid={market.sign_in()}")
            )  # fmt: skip
        assert npswatch(home, *crawl_arguments(tor, other)).returncode == 0
    assert {each["listing_id"] for each in found(home)} == listing_paths(20)
