"""The report in a real browser: it asks for nothing, complains of nothing, and nothing in it is cut off."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from casework.cases.book import CaseBook
from casework.cases.export import export_case
from tests.casework.cases.conftest import OFFICER

ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)
WIDER_THAN_THE_PAGE = """() => [...document.querySelectorAll('body *')].filter(each => {
    const box = each.getBoundingClientRect();
    return box.width > 1 && (box.right > innerWidth + 1 || box.left < -1);
}).map(each => each.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("width", [1200, 720, 400])
def test_the_report_stands_alone_and_fits(
    book: CaseBook, full_case: str, case_home: Path, tmp_path: Path, language: str, width: int
) -> None:
    made = export_case(
        book, full_case, tmp_path / "out", captures_folder=case_home / "captures", officer=OFFICER, language=language
    )
    address = (made.folder / "data/report.html").as_uri()
    requests: list[str] = []
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(ARGUMENTS))
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(address)
        wider = page.evaluate(WIDER_THAN_THE_PAGE)
        title = page.title()
        browser.close()
    assert (requests, complaints, wider) == ([address], [], [])
    assert "2026-117" in title
