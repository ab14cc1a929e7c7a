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


def facts(line: str) -> list[str | None]:
    listing = offer(f"<p>{line}</p>")
    found = (
        listing.stock,
        listing.sales,
        listing.rating,
        listing.review_count,
        listing.ships_from,
        listing.ships_to,
    )
    return [words.text if words else None for words in found]


def test_facts_listed_on_one_line_are_told_apart_by_their_own_words() -> None:
    assert facts("222 left · 14 gone · 4.3/5")[:4] == ["222 left", "14 gone", "4.3/5", None]
    assert facts("★4.8 (231) | 1.2k sold | ships DE → EU") == [None, "1.2k sold", "★4.8", "231", "DE", "EU"]
    assert facts("17 in stock, 30 sold, 12 reviews")[:4] == ["17 in stock", "30 sold", None, "12 reviews"]
    assert facts("17 шт. в наличии | 45 продаж | 4,8/5 | 31 отзыв")[:4] == [
        "17 шт. в наличии",
        "45 продаж",
        "4,8/5",
        "31 отзыв",
    ]
    assert facts("17 übrig · 30 verkauft · 4,5/5 · 12 Bewertungen")[:3] == ["17 übrig", "30 verkauft", "4,5/5"]
    assert facts("<b>9 dona qoldi</b> • <b>45 sotilgan</b> • <i>★ 4.1</i>")[:2] == ["9 dona qoldi", "45 sotilgan"]


@pytest.mark.parametrize(
    "line", ["12 cm · 3 kg · 5 watt", "Lamps, 4/5 full, by hand", "Read 14 → 15 of the book, please"]
)
def test_a_line_whose_words_prove_nothing_gives_no_fact(line: str) -> None:
    assert facts(line) == [None] * 6


def cards(*lines: str) -> list[tuple[str, str | None, str | None]]:
    links = "".join(f"<p><a href='/item/{n}'>{line}</a></p>" for n, line in enumerate(lines))
    page = read(f"<h1>Lamps</h1>{links}", SITE + "/category/4")
    return [(card.title, card.vendor, card.price) for card in page.cards]


def test_cards_of_one_link_in_one_line_are_read_with_their_vendor_on_first_sight() -> None:
    assert cards(
        "3 lamps — by greenhouse — €42", "Tall lamp - oak — by heron — €20", "€15 | Short lamp | by heron"
    ) == [
        ("3 lamps", "greenhouse", "€42"),
        ("Tall lamp - oak", "heron", "€20"),
        ("Short lamp", "heron", "€15"),
    ]
    assert cards("Лампа — от greenhouse — 4200 руб", "Стул — от heron — 900 руб")[0] == (
        "Лампа",
        "greenhouse",
        "4200 руб",
    )


def test_a_piece_of_a_card_that_no_word_calls_a_vendor_is_none() -> None:
    assert cards("3 lamps | oak | €42", "4 lamps | steel | €20", "5 lamps | oak | €15")[0] == (
        "3 lamps | oak",
        None,
        "€42",
    )


def reviews(*lines: str, head: str = "Reviews") -> list[tuple[str | None, str | None, str | None, str | None]]:
    said = "".join(f"<p>{line}</p>" for line in lines)
    page = read(f"<h1>Copper lamp</h1><p>Price: 12 USD</p>{SAID}<h3>{head}</h3>{said}")
    return [(review.rating, review.buyer, review.date, review.text) for review in page.reviews]


def test_reviews_told_in_one_line_each_are_read() -> None:
    assert reviews("nemo 12.05.2024: Came in four days.", "kitty 13.05.2024: Shines as it should.") == [
        (None, "nemo", "12.05.2024", "Came in four days."),
        (None, "kitty", "13.05.2024", "Shines as it should."),
    ]
    assert reviews("[5/5] came in four days — n***e, 3 days ago", "[4/5] a bit dark — k***y, 2 weeks ago") == [
        ("5/5", "n***e", "3 days ago", "came in four days"),
        ("4/5", "k***y", "2 weeks ago", "a bit dark"),
    ]
    assert reviews("★★★★★ всё отлично — n***e, 3 дня назад", "★★★★☆ не сразу — k***y, 5 дней назад", head="Отзывы") == [
        ("★★★★★", "n***e", "3 дня назад", "всё отлично"),
        ("★★★★☆", "k***y", "5 дней назад", "не сразу"),
    ]
    assert reviews('5/5 "came in four days" (n***e, 2024-05-01)', '4/5 "a bit dark" (k***y, 2024-05-03)')[0] == (
        "5/5",
        "n***e",
        "2024-05-01",
        "came in four days",
    )


def test_dated_lines_of_news_are_no_reviews() -> None:
    lines = ("admin 12.05.2024: We moved to another house.", "admin 13.05.2024: The bell is mended.")
    assert reviews(*lines, head="From the workshop") == []


def test_a_menu_that_all_types_of_pages_share_is_no_path() -> None:
    menu = "<p><a href='/'>Home</a> :: <a href='/?s=way'>The way</a> :: <a href='/?s=desk'>Desk</a></p>"
    goods = "".join(
        f"<p><a href='/?lot={n}'>Lamp number {n}</a> <a href='/?user=heron'>heron</a> {n}0 USD</p>" for n in range(1, 6)
    )
    lists = [f"{menu}<h2>Shelf {n}</h2>{goods}<a href='/?r={n}'>Shelf</a>" for n in range(4)]
    lots = [
        f"{menu}<p>Here: <a href='/'>Home</a> :: <a href='/?r={n}'>Shelf {n}</a></p><h1>Lamp number {n}</h1>"
        f"<p>Price: {n}0 USD</p>{SAID}"
        for n in range(1, 6)
    ]
    urls = [f"{SITE}/?r={n}" for n in range(4)] + [f"{SITE}/?lot={n}" for n in range(1, 6)]
    pages = [
        Received(body=f"<html><body>{body}</body></html>".encode(), url=url)
        for body, url in zip(lists + lots, urls, strict=True)
    ]
    reader = SiteReader()
    for page in pages:
        reader.learn(page)
    listing = reader.read(pages[-1]).listing
    assert listing
    assert [step.text for step in listing.category] == ["Shelf 5"]
