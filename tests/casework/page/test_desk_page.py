"""The desk on the page: tasks and what gates show, sessions brought and forgotten; cookies never come back."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from crawler.desk.desk import Desk
from crawler.home import Home
from crawler.model.desk import SessionState, TaskKind, TaskState
from index.store import Store
from tests.casework.page.served import Answer, ask, served

HOST = "birchwoodmarket.onion"
SECRET = "s3cr3t-value-of-a-session"
SHOWS = "Birchwood - Login\n<script>alert(1)</script> \u202eplease\u202c log in\nUsername"


@dataclass(frozen=True, kw_only=True)
class Page:
    """The page over a home with a desk."""

    address: str
    desk: Desk

    def send(self, path: str, **fields: str) -> Answer:
        """The answer to a form as a browser sends it, after the page with it was read."""
        parts = urlsplit(self.address)
        connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=20)
        connection.request("GET", "/desk")
        first = connection.getresponse()
        found = re.search(r'name="token" value="(\w+)"', first.read().decode())
        token = found[1] if found else ""
        cookie = (first.getheader("set-cookie") or "").partition(";")[0]
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": cookie,
            "Origin": self.address.rstrip("/"),
            "Sec-Fetch-Site": "same-origin",
        }
        connection.request("POST", path, urlencode({"token": token} | fields), headers)
        response = connection.getresponse()
        answer = Answer(
            status=response.status,
            headers={name.lower(): value for name, value in response.getheaders()},
            text=response.read().decode(),
        )
        connection.close()
        return answer


@pytest.fixture
def page(made_store: Store, tmp_path: Path) -> Iterator[Page]:
    Home.at(tmp_path).remember_addresses("birchwood", (f"http://{HOST}/",))
    with Desk(tmp_path) as desk:
        desk.put("birchwood", TaskKind.LOGIN, shows=SHOWS, url=f"http://{HOST}/login", capture="c1")
        with served(made_store, tmp_path, desk) as address:
            yield Page(address=address, desk=desk)


def session(**more: str) -> dict[str, str]:
    return {"account": "A-17", "officer": "A. Karimov", "cookies": f"sid={SECRET}"} | more


def test_a_task_says_for_which_market_since_when_and_what_the_gate_shows(page: Page) -> None:
    listed = ask(page.address + "/desk")
    assert "birchwood login open" in listed.words
    assert 'aria-current="page">Desk' in ask(page.address + "/desk").text
    shown = ask(page.address + "/desk/1")
    assert "&lt;script&gt;alert(1)" in shown.text
    assert "U+202E" in shown.words
    assert "put on the desk" in shown.words
    assert ask(page.address + "/desk/77").status == 404
    assert ask(page.address + "/desk/x").status == 400


def test_a_session_brought_on_the_page_is_kept_and_its_cookies_never_come_back(page: Page) -> None:
    done = page.send("/desk/1/sessions", **session(authority="2026/114", expires="7d"))
    assert (done.status, done.headers["location"].partition("?")[0]) == (303, "/desk/1")
    (record,) = page.desk.sessions()
    assert (record.market, record.account, record.authority, record.officer, record.hosts) == (
        "birchwood",
        "A-17",
        "2026/114",
        "A. Karimov",
        (HOST,),
    )
    assert page.desk.task(1).state is TaskState.ANSWERED
    for path in ("/desk", "/desk/1", done.headers["location"]):
        shown = ask(page.address + path)
        assert SECRET not in shown.text
        assert "A-17" in shown.words


def test_what_cannot_be_kept_is_said_and_the_cookies_are_not_repeated(page: Page) -> None:
    refused = page.send("/desk/1/sessions", **session(cookies=f"{SECRET} and more", authority="2026/114"))
    assert refused.status == 400
    assert "this is no Cookie header" in refused.words
    assert 'value="2026/114"' in refused.text
    assert SECRET not in refused.text
    refused = page.send("/desk/sessions", market="nowhere", **session())
    assert refused.status == 400
    assert "no address of nowhere is known" in refused.words
    assert SECRET not in refused.text
    assert page.desk.sessions() == []


@pytest.mark.parametrize("path", ["/desk/sessions", "/desk/1/sessions", "/desk/1/closed", "/desk/forgotten"])
def test_a_form_that_is_not_this_pages_writes_nothing(page: Page, path: str) -> None:
    refused = page.send(path, market="birchwood", **(session() | {"token": "0" * 64}))
    assert refused.status == 403
    assert page.desk.sessions() == []
    assert page.desk.task(1).state is TaskState.OPEN


def test_sessions_are_forgotten_and_tasks_closed_by_an_officer(page: Page) -> None:
    assert page.send("/desk/sessions", market="birchwood", **session()).status == 303
    assert page.send("/desk/forgotten", market="birchwood", account="A-17", officer="B. Lee").status == 303
    assert [each.state for each in page.desk.sessions()] == [SessionState.FORGOTTEN]
    assert page.send("/desk/1/closed", officer="").status == 400
    assert page.send("/desk/1/closed", officer="B. Lee").status == 303
    assert page.desk.task(1).history[-1].officer == "B. Lee"
    assert page.send("/desk/1/closed", officer="B. Lee").status == 400
    assert page.send("/desk/9/closed", officer="B. Lee").status == 404
    assert "Close the task" not in ask(page.address + "/desk/1").words


def test_a_page_without_a_desk_shows_none(page_address: str) -> None:
    assert 'href="/desk"' not in ask(page_address).text
    assert ask(page_address + "/desk").status == 404
