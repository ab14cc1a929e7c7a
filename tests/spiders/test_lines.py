"""What a page says in lines: paths, facts, cards and reviews without a box, label or link of their own."""

from __future__ import annotations

import pytest

from crawler.model.reading import Received
from crawler.model.words import RawListing, RawPage
from spiders.reader import SiteReader

SITE = "http://lines.example"
SAID = "<p>Hammered by hand from one sheet, with a warm shine and a switch on the cord.</p><button>Buy</button>"


def read(body: str, url: str = SITE + "/item/7") -> RawPage:
    return SiteReader().read(Received(body=f"<html><body>{body}</body></html>".encode(), url=url))


def offer(body: str, above: str = "") -> RawListing:
    listing = read(f"{above}<h1>Copper lamp</h1><p>Price: 12 USD</p>{body}{SAID}").listing
    assert listing
    return listing


def path(body: str, above: str = "") -> list[str]:
    return [step.text for step in offer(body, above).category]


@pytest.mark.parametrize(
    "line",
    [
        "Sold by <a href='/vendor/heron'>heron</a> in <a href='/g/4'>Lamps</a>",
        "<b>Vendor</b> <a href='/u/heron'>heron</a> <b>Category</b> <a href='/g/4'>Lamps</a>",
        "<a href='/u/heron'>heron</a> » <a href='/g/4'>Lamps</a>",
    ],
)
def test_a_category_in_the_vendors_own_line_is_read(line: str) -> None:
    assert path(f"<p>{line}</p>") == ["Lamps"]


def test_a_category_in_the_vendors_own_line_is_read_where_only_the_menu_lists_it() -> None:
    names = ["Lamps", "Chairs", "Rugs", "Bowls", "Doors"]
    menu = "".join(f"<li><a href='/g/{n}'>{name}</a></li>" for n, name in enumerate(names))
    assert path("<p><a href='/u/heron'>heron</a> (4) <a href='/g/0'>Lamps</a></p>", f"<ul>{menu}</ul>") == ["Lamps"]


@pytest.mark.parametrize(
    "line",
    [
        "Home → Lighting → Lamps",
        "Lighting » Lamps » Copper lamp",
        "Home / Lighting / Lamps",
        "Lighting / Lamps / Copper lamp",
        "Lighting → <a href='/g/4'>Lamps</a>",
    ],
)
def test_a_path_in_one_line_above_the_title_is_the_category(line: str) -> None:
    assert path("", f"<p>{line}</p>") == ["Lighting", "Lamps"]


@pytest.mark.parametrize("line", ["Germany → France", "heron / online", "Step 1 → Step 2", "Note: all → none"])
def test_a_line_above_the_title_with_a_route_or_a_state_is_no_path(line: str) -> None:
    assert path("", f"<p>{line}</p>") == []


def test_every_page_of_a_lists_reviews_is_followed() -> None:
    page = read(
        f"<h1>Copper lamp</h1><p>Price: 12 USD</p>{SAID}<a href='/p/7/otzyvy/'>12</a>"
        "<a href='/item/7/reviews?page=2'>2</a><a href='/item/7/reviews?page=3'>3</a>"
        "<a href='/item/7/reviews/report?page=3'>Report</a>"
    )
    found = [SITE + "/p/7/otzyvy/", SITE + "/item/7/reviews?page=2", SITE + "/item/7/reviews?page=3"]
    assert list(page.links.category) == found
