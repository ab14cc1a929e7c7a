"""The desk as an officer uses it, in a real browser."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from crawler.desk.desk import Desk
from crawler.home import Home
from crawler.model.desk import SessionState, TaskKind, TaskState
from index.store import Store
from tests.casework.page.served import served
from tests.casework.page.test_in_chromium import _ARGUMENTS, _WIDER_THAN_SEEN

HOST = "birchwoodmarket" + "x" * 41 + ".onion"
SECRET = "s3cr3t-value-of-a-session"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=_ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    Home.at(tmp_path).remember_addresses("birchwood", (f"http://{HOST}/",))
    with Desk(tmp_path) as opened:
        shows = "Birchwood\n<script>document.title='owned'</script>\nPlease log in\n\u202eesaelp\n" + "ultra" * 60
        opened.put("birchwood", TaskKind.LOGIN, shows=shows, url=f"http://{HOST}/login?{'x' * 300}", capture="c1")
        opened.put("сад", TaskKind.SEIZED, shows="Этот сайт изъят")
        yield opened


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("width", [1280, 390])
def test_an_officer_brings_a_session_in_the_browser(
    browser: Browser, made_store: Store, desk: Desk, tmp_path: Path, width: int, *, scripts: bool
) -> None:
    with served(made_store, tmp_path, desk) as address:
        context = browser.new_context(viewport={"width": width, "height": 900}, java_script_enabled=scripts)
        context.set_default_timeout(20_000)
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))

        def fits(name: str) -> None:
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
            assert page.evaluate(_WIDER_THAN_SEEN) == [], name
            if folder := os.environ.get("NPSWATCH_PICTURES"):
                page.screenshot(path=f"{folder}/desk-{name}-{width}.png", full_page=True)

        page.goto(address)
        page.get_by_role("link", name="Desk").click()
        expect(page.locator("tbody tr")).to_have_count(2)
        fits("list")
        page.get_by_role("link", name="birchwood").click()
        expect(page.locator(".said")).to_contain_text("<script>document.title='owned'</script>")
        assert "owned" not in page.title()
        page.get_by_label("Account").fill("A-17")
        page.get_by_label("Cookies").fill("this is nothing")
        page.get_by_label("Authority").fill("2026/114")
        page.get_by_label("Officer").first.fill("А. Каримов")
        page.get_by_role("button", name="Bring the session").click()
        expect(page.get_by_role("alert")).to_contain_text("Cookie header")
        expect(page.get_by_label("Account")).to_have_value("A-17")
        expect(page.get_by_label("Cookies")).to_have_value("")
        page.get_by_label("Cookies").fill(f"sid={SECRET}; lang=en")
        page.get_by_role("button", name="Bring the session").click()
        expect(page.locator(".notice")).to_contain_text("The session of account A-17 is kept")
        expect(page.locator(".summary")).to_contain_text("answered")
        assert SECRET not in page.content()
        fits("task")
        (record,) = desk.sessions()
        assert (record.state, record.officer, record.authority) == (SessionState.NEW, "А. Каримов", "2026/114")
        page.get_by_role("button", name="Forget").click()
        expect(page.locator(".notice")).to_contain_text("1 sessions of account A-17 forgotten")
        page.get_by_role("link", name="сад").click()
        page.get_by_role("button", name="Close the task").click()
        expect(page.locator("h2", has_text="Closed")).to_be_visible()
        fits("closed")
        # Chromium tells of each answer that says a form was wrong; nothing else may be complained of.
        assert [each for each in complaints if "400" not in each] == []
        context.close()
    assert [task.state for task in desk.tasks() if task.market == "сад"] == [TaskState.CLOSED]
    assert [each.state for each in desk.sessions()] == [SessionState.FORGOTTEN]
