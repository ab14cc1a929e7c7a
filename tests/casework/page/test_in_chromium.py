"""The page as a person uses it, in a real browser."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from tests.casework.page.desk import Desk
from tests.casework.page.made_market import LONG_WORD, listing_id, vendor_id
from tests.casework.page.served import ask

_ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)
_EVERY_PAGE = (
    "/",
    "/?q=3-MMC&f=market:birchwood",
    "/?q=zzzz",
    f"/listing/{listing_id(0)}",
    f"/listing/{listing_id(1)}",
    f"/listing/{listing_id(2)}",
    f"/listing/{listing_id(4)}",
    f"/vendor/{vendor_id('birchwood', 'NordicLab')}",
    "/substance/3-MMC",
    "/substance/N-propionitril%20etonitazene",
    "/runs",
    "/substances",
    "/cases",
)
_WIDER_THAN_SEEN = """() => [...document.querySelectorAll('body *')].filter(each => {
    const box = each.getBoundingClientRect();
    return box.width > 1 && each.checkVisibility() && !each.closest('.hidden, .skip')
        && !(innerWidth < 760 && each.closest('.stacks thead'))
        && (box.right > innerWidth + 1 || box.left < -1);
}).map(each => each.outerHTML.slice(0, 120))"""
_PAINTED = """() => { const canvas = document.querySelector('canvas');
    const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    const seen = new Set(); for (let i = 0; i < pixels.length; i += 4)
        if (pixels[i + 3]) seen.add(pixels.slice(i, i + 3).join());
    return seen.size; }"""
_FIRST_PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


class Watched:
    """A page in a browser, with all it asked for and all it complained about."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: self.complaints.append(dialog.message))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=_ARGUMENTS)
        yield opened
        opened.close()


@contextmanager
def _opened(browser: Browser, width: int = 1280, *, scripts: bool = True, scheme: str = "light") -> Iterator[Watched]:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        java_script_enabled=scripts,
        color_scheme="dark" if scheme == "dark" else "light",
    )
    context.set_default_timeout(20_000)
    try:
        yield Watched(context.new_page())
    finally:
        context.close()


def test_typing_searches_and_the_address_follows(browser: Browser, page_address: str) -> None:
    with _opened(browser) as watched:
        page = watched.page
        page.goto(page_address)
        expect(page.locator(".summary")).to_contain_text("200 listings")
        page.locator("#q").press_sequentially("substance:3-MMC market:сад")
        expect(page.locator(".summary")).to_contain_text("9 listings")
        page.wait_for_url("**/*q=substance*")
        assert parse_qs(urlsplit(page.url).query)["q"] == ["substance:3-MMC market:сад"]
        page.locator("#q").press_sequentially(" AND (")
        expect(page.locator("#mistake mark")).to_be_visible()
        page.locator("#q").fill("кристаллы")
        page.locator("#sort").select_option("price")
        expect(page.locator("#results")).to_contain_text("кристаллы")
        page.reload()
        expect(page.locator("#q")).to_have_value("кристаллы")
        expect(page.locator("#sort")).to_have_value("price")
        assert watched.complaints == []


def test_what_was_typed_before_the_scripts_came_is_searched_for(browser: Browser, page_address: str) -> None:
    with _opened(browser) as watched:
        page = watched.page

        def late(route: Route) -> None:
            page.locator("#q").fill("3-MMC")
            route.continue_()

        page.route("**/htmx*", late)
        page.goto(page_address)
        expect(page.locator(".summary")).to_contain_text("28 listings")
        assert watched.complaints == []


def test_a_page_without_live_parts_asks_for_no_script(browser: Browser, page_address: str) -> None:
    with _opened(browser) as watched:
        for path in ("/runs", "/substances", f"/listing/{listing_id(2)}"):
            watched.page.goto(page_address + path, wait_until="networkidle")
        assert [url for url in watched.requests if ".js" in url or ".css" in url] == []


def test_a_facet_narrows_and_is_dropped_again(browser: Browser, page_address: str) -> None:
    with _opened(browser) as watched:
        page = watched.page
        page.goto(page_address)
        page.locator(".facets").get_by_role("link", name="quartz").click()
        expect(page.locator(".summary")).to_contain_text("67 listings")
        page.locator("#q").press_sequentially("3-MMC")
        expect(page.locator(".summary")).to_contain_text("9 listings")
        page.locator(".picked a").click()
        expect(page.locator(".summary")).not_to_contain_text("9 listings")
        assert watched.complaints == []


def test_from_a_search_to_a_listing_to_its_captured_page_and_vendor(browser: Browser, page_address: str) -> None:
    with _opened(browser) as watched:
        page = watched.page
        page.goto(f"{page_address}/?q=vendor:NordicLab+3-MMC&sort=first_seen")
        page.locator(".offers .what > a", has_text="<script>").click()
        expect(page.locator("h1")).to_have_text(
            "<script>document.title='owned'</script><img src=x onerror=alert(1)> 3-MMC"
        )
        assert "owned'" in page.title()
        expect(page.locator(".saved")).to_be_hidden()
        page.get_by_text("The captured page as text").click()
        expect(page.locator(".saved")).to_contain_text("Ships from the middle of nowhere.")
        page.get_by_role("link", name="NordicLab").first.click()
        expect(page.locator("h1")).to_have_text("NordicLab")
        assert watched.complaints == []


@pytest.mark.parametrize("width", [1280, 390])
def test_the_price_chart_is_drawn(browser: Browser, page_address: str, width: int) -> None:
    with _opened(browser, width) as watched:
        page = watched.page
        page.goto(page_address + "/substance/3-MMC")
        expect(page.locator("canvas")).to_be_visible()
        page.wait_for_function(f"({_PAINTED})() > 5")
        box = page.locator("canvas").bounding_box()
        assert box is not None
        assert box["width"] > width / 2
        page.set_viewport_size({"width": 700, "height": 900})
        page.wait_for_function("() => document.querySelector('canvas').getBoundingClientRect().right <= innerWidth")
        assert watched.complaints == []


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_cut_asked_elsewhere_or_complained_of(
    browser: Browser, page_address: str, width: int, scheme: str
) -> None:
    with _opened(browser, width, scheme=scheme) as watched:
        for path in _EVERY_PAGE:
            watched.page.goto(page_address + path)
            watched.page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
            assert watched.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
            assert watched.page.evaluate(_WIDER_THAN_SEEN) == [], path
        assert watched.complaints == []
        assert {urlsplit(url).netloc for url in watched.requests} == {urlsplit(page_address).netloc}


def test_everything_can_be_read_without_scripts(browser: Browser, page_address: str) -> None:
    with _opened(browser, scripts=False) as watched:
        page = watched.page
        page.goto(page_address)
        page.locator("#q").fill("3-MMC")
        page.locator("#q").press("Enter")
        expect(page.locator(".summary")).to_contain_text("28 listings")
        page.locator(".facets").get_by_role("link", name="birchwood").click()
        expect(page.locator(".summary")).to_contain_text("10 listings")
        page.locator(".offers .chip").first.click()
        expect(page.locator("h1")).to_contain_text("3-MMC")
        page.get_by_text("The figures").click()
        expect(page.get_by_role("cell", name="2026-09-07")).to_be_visible()
        expect(page.locator(".chart")).to_be_hidden()
        page.goto(f"{page_address}/listing/{listing_id(2)}")
        expect(page.locator("h1")).to_contain_text(LONG_WORD)
        page.get_by_role("link", name="Runs").click()
        expect(page.get_by_text("only gates answered: login 8").first).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("width", [1280, 390])
def test_a_case_is_made_and_handed_out_in_the_browser(
    browser: Browser, desk: Desk, width: int, *, scripts: bool
) -> None:
    with _opened(browser, width, scripts=scripts) as watched:
        page = watched.page
        page.goto(f"{desk.address}/?q=market:сад")
        if scripts:  # what is found while typing can be added just so
            page.locator("#q").press("End")
            page.locator("#q").press_sequentially(" 3-MMC")
            expect(page.locator(".summary")).to_contain_text("9 listings")
        for place in (0, 2):
            page.locator(".tick input").nth(place).check()
        page.get_by_role("button", name="Add ticked").click()
        expect(page.locator("h1")).to_have_text("A new case")
        page.get_by_label("Number").fill("2026-117")
        page.get_by_label("Title").fill("Мефедрон: <b>сад</b>")
        page.get_by_label("Officer").fill("А. Каримов")
        page.get_by_role("button", name="Open the case and add").click()
        expect(page.locator(".notice")).to_contain_text("Case 2026-117 is open. 2 listings added")
        expect(page.locator("h1")).to_have_text("2026-117: Мефедрон: <b>сад</b>")

        page.goto(f"{desk.address}/vendor/{vendor_id('birchwood', 'NordicLab')}")
        page.get_by_role("button", name="Add to case").click()
        expect(page.locator(".notice")).to_contain_text("1 vendor added to case 2026-117.")
        page.get_by_role("link", name="Open the case").click()

        page.get_by_placeholder("A note").fill("Запрос\nот 12 ноября")
        page.get_by_role("button", name="Write the note").click()
        expect(page.locator(".note .said")).to_have_text("Запрос\nот 12 ноября")
        page.get_by_label("Report in").select_option("ru")
        page.get_by_label("also where captures are lost").check()
        page.get_by_role("button", name="Export").click()
        expect(page.locator(".export")).to_contain_text(str(desk.home / "exports" / "2026-117-"), timeout=30_000)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.evaluate(_WIDER_THAN_SEEN) == []
        assert watched.complaints == []
    folder = next((desk.home / "exports").iterdir())
    assert (folder / "data" / "case.json").exists()
    assert [act.officer for act in desk.book.case("2026-117").acts] == ["А. Каримов"] * 5


def test_a_form_of_another_origin_writes_nothing(browser: Browser, desk: Desk) -> None:
    form = (
        f'<form method="post" action="{desk.address}/cases"><input name="number" value="X">'
        '<input name="title" value="T"><input name="handling" value="TLP:RED">'
        '<input name="officer" value="O"><button>Go</button></form>'
    )
    with _opened(browser) as watched:
        page = watched.page
        page.goto(desk.address + "/cases")  # so that the browser has the cookie
        page.route("http://localhost:9/", lambda route: route.fulfill(body=form, content_type="text/html"))
        page.goto("http://localhost:9/")
        page.get_by_role("button").click()
        expect(page.locator("body")).to_contain_text("Nothing was written: the form came from another page.")
    assert desk.book.cases() == ()


def test_a_second_form_of_a_page_that_was_started_anew_can_be_sent_again(browser: Browser, desk: Desk) -> None:
    with _opened(browser) as watched:
        page = watched.page
        page.goto(desk.address + "/cases")
        page.get_by_label("Number").fill("N-1")
        page.get_by_label("Title").fill("Kept words")
        page.evaluate("document.querySelector('[name=token]').value = '0'.repeat(64)")
        page.get_by_role("button", name="Open the case").click()
        expect(page.get_by_role("alert")).to_contain_text("Nothing was written")
        page.get_by_role("button", name="Open the case").click()
        expect(page.locator("h1")).to_have_text("N-1: Kept words")


def test_the_keyboard_reaches_all_and_shows_where_it_is(browser: Browser, page_address: str) -> None:
    with _opened(browser) as watched:
        page = watched.page
        page.goto(page_address + "/runs")
        reached = []
        for _ in range(6):
            page.keyboard.press("Tab")
            outline, name = page.evaluate(
                "() => [getComputedStyle(document.activeElement).outlineStyle, document.activeElement.textContent]"
            )
            assert outline != "none", name
            reached.append(name.strip())
        assert reached == ["Skip to the content", "npswatch", "Search", "Substances", "Cases", "Runs"]


def test_a_first_render_and_a_search_are_quick(browser: Browser, page_address: str) -> None:
    paints, searches = [], []
    with _opened(browser) as watched:
        watched.page.goto(page_address)
        for path in ("/", "/substance/3-MMC", f"/listing/{listing_id(0)}", "/?q=3-MMC") * 5:
            watched.page.goto(page_address + path)
            paints.append(watched.page.wait_for_function(_FIRST_PAINT).json_value())
    for query in ("3-MMC", "vendor:NordicLab", "порошок", "price_per_gram:<12", "crystal OR kristall") * 8:
        started = time.perf_counter()
        assert ask(f"{page_address}/?{urlencode({'q': query})}").status == 200
        searches.append((time.perf_counter() - started) * 1000)
    paint, search = (statistics.quantiles(figures, n=20)[-1] for figures in (paints, searches))
    print(f"p95: first paint {paint:.0f} ms, search {search:.0f} ms")
    assert paint < 900  # three times the 300 ms we want on a machine that does nothing else
    assert search < 300  # three times the 100 ms
