"""The page as a person uses it, in a real browser."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

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
