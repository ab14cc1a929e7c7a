"""Traps for crawlers are recognised, bounded and named; what is no trap is let through."""

from __future__ import annotations

from collections.abc import Callable

from crawler.frontier.fingerprint import alike, sketch, words_digest
from crawler.frontier.traps import Traps, shape
from crawler.model.words import Links, RawCard, RawListing, RawPage, RawReview, Words

A = "http://a.onion"
TINY = {"list_pages": 5, "lists": 6, "orders": 1, "filters": 3, "calendar": 3, "alike": 4}


def walk(traps: Traps, url_of: Callable[[int], str], count: int = 50, kind: str = "category") -> int:
    """How many of an endless row of addresses, each found on the one before, would be fetched."""
    taken = 0
    for number in range(count):
        url = url_of(number)
        if not traps.refuses(url, kind, url_of(number - 1)):
            traps.entered(url, kind)
            taken += 1
    return taken


def read(traps: Traps, url: str, kind: str, raw: RawPage, body: bytes) -> None:
    digest = words_digest(raw)
    traps.read(url, kind, raw, digest if digest is not None else sketch(body))


def named(traps: Traps) -> dict[str, int]:
    return {each["trap"]: each["count"] for each in traps.report()}


def listing(title: str) -> RawPage:
    return RawPage(
        page_type="listing", reader="1", listing=RawListing(title=Words(text=title, rule="h1", confidence=1.0))
    )


def category(*links: str) -> RawPage:
    cards = tuple(RawCard(url=link, title=link) for link in links)
    return RawPage(page_type="category", reader="1", cards=cards, links=Links(listing=links))


def test_a_calendar_is_left_after_a_few_of_its_pages() -> None:
    traps = Traps(TINY)
    assert walk(traps, lambda n: f"{A}/news/calendar?year={2000 + n // 12}&month={n % 12 + 1}") == 3
    assert walk(traps, lambda n: f"{A}/archive/{2000 + n // 12}/{n % 12 + 1:02}") == 3
    assert named(traps) == {"calendar": 94}
    assert traps.report()[0]["examples"][0] == "/news/calendar?year=2000&month=4"


def test_of_a_lists_orders_one_is_followed() -> None:
    traps = Traps(TINY)
    orders = ["price_asc", "price_desc", "newest", "sales", "rating"]
    assert walk(traps, lambda n: f"{A}/category?name=stimulants&sort={orders[n % 5]}", 5) == 1
    assert walk(traps, lambda n: f"{A}/category?name=opioids&sort={orders[n % 5]}", 5) == 1
    assert named(traps) == {"orders of a list": 8}


def test_combinations_of_filters_end() -> None:
    traps = Traps({"filters": 3})
    taken = walk(traps, lambda n: f"{A}/search?from=c{n % 20}&to=c{n // 20}&stock={n % 3}", 400)
    assert taken == 60
    assert named(traps)["filters of a list"] == 340


def test_a_number_beside_the_name_of_a_page_is_no_filter() -> None:
    traps = Traps({})
    for number in range(1000):
        url = f"{A}/index.php?act={'fb' if number % 2 else 'shop'}&id={number}"
        assert not traps.refuses(url, "category", None)
        traps.entered(url, "category")


def test_a_list_without_end_ends() -> None:
    traps = Traps(TINY)
    assert walk(traps, lambda n: f"{A}/category?name=x&page={n}") == 5
    assert walk(traps, lambda n: f"{A}/fresh/page/{n}") == 5
    assert named(traps) == {"endless pagination": 90}


def test_a_list_whose_pages_show_nothing_new_ends_sooner() -> None:
    traps = Traps({})
    taken = 0
    for number in range(30):
        url = f"{A}/category?name=x&page={number}"
        if traps.refuses(url, "category", None):
            break
        traps.entered(url, "category")
        taken += 1
        read(traps, url, "category", category(f"{A}/item/1", f"{A}/item/2"), b"")
    assert taken == 6
    assert "endless pagination" in named(traps)


def test_a_list_with_something_new_on_each_page_goes_on() -> None:
    traps = Traps({})
    for number in range(200):
        url = f"{A}/category?name=x&page={number}"
        assert not traps.refuses(url, "category", None)
        traps.entered(url, "category")
        read(traps, url, "category", category(f"{A}/item/{number}", f"{A}/item/featured"), b"")


def test_ever_new_lists_end() -> None:
    traps = Traps(TINY)
    assert walk(traps, lambda n: f"{A}/tag?name=tag{n}") == 6
    assert named(traps) == {"ever new lists": 44}


def test_a_path_that_repeats_itself_is_not_entered() -> None:
    traps = Traps(TINY)
    assert traps.refuses(f"{A}/shop/a/shop/a/shop/a", "listing", None)
    assert traps.refuses(A + "/x" * 20, "listing", None)
    assert not traps.refuses(f"{A}/c/1/1/1", "listing", None)
    assert named(traps) == {"looping path": 2}


def test_pages_that_all_say_the_same_are_left_when_they_lead_to_each_other() -> None:
    traps = Traps(TINY)
    for number in range(4):
        body = f"<html><body>Page {number} of this site is being moved to a new server, come again at {number}:30"
        read(traps, f"{A}/info/{number}", "vendor", RawPage(page_type="other", reader="1"), body.encode())
    assert traps.refuses(f"{A}/info/5", "vendor", f"{A}/info/3")
    assert not traps.refuses(f"{A}/info/6", "vendor", f"{A}/"), "found elsewhere it may be another page"
    assert named(traps) == {"near-identical pages": 1}


def test_listings_count_as_alike_word_for_word_and_in_long_rows_only() -> None:
    traps = Traps(TINY)
    for number in range(49):
        read(traps, f"{A}/item/{number}", "listing", listing("4-MMC 1g"), b"")
    assert not traps.refuses(f"{A}/item/99", "listing", f"{A}/item/48")
    read(traps, f"{A}/item/49", "listing", listing("4-MMC 1g"), b"")
    assert traps.refuses(f"{A}/item/99", "listing", f"{A}/item/49")
    read(traps, f"{A}/item/50", "listing", listing("4-MMC 2g"), b"")
    assert not traps.refuses(f"{A}/item/99", "listing", f"{A}/item/50")


def test_a_session_in_an_address_is_named_and_the_page_let_through() -> None:
    traps = Traps(TINY)
    assert not traps.refuses(f"{A}/item/1?PHPSESSID=a81f5e7bb2c94d0fa81f", "listing", None)
    assert named(traps) == {"session ids in addresses": 1}


def test_the_market_as_a_whole_has_a_bound() -> None:
    traps = Traps({"pages": 10}, [(f"{A}/item/{number}", "listing") for number in range(8)])
    assert walk(traps, lambda n: f"{A}/item/{n + 8}", kind="listing") == 2
    assert named(traps) == {"more pages than the market's bound": 48}


def test_what_an_earlier_run_met_still_counts() -> None:
    known = [(f"{A}/category?name=x&page={number}", "category") for number in range(5)]
    assert Traps(TINY, known).refuses(f"{A}/category?name=x&page=5", "category", None)


def test_an_ordinary_market_meets_no_trap() -> None:
    traps = Traps({})
    found = [(f"{A}/category?name=c{n}&page={page}", "category") for n in range(40) for page in range(20)]
    found += [(f"{A}/listing/{number}", "listing") for number in range(4000)]
    found += [(f"{A}/vendor/v{number}", "vendor") for number in range(300)]
    for url, kind in found:
        assert not traps.refuses(url, kind, A), url
        traps.entered(url, kind)
    assert traps.report() == []


def test_a_shape_leaves_out_what_varies() -> None:
    assert shape(f"{A}/listing/123?ref=9") == shape("http://b.onion/listing/9?ref=4") == "/listing/#?ref"


def test_near_identical_is_the_same_but_for_a_few_words() -> None:
    text = b"<p>We offer what we offered last week, packed as before and sent on working days to all of Europe. " * 4
    assert alike(sketch(text + b" 12:30"), sketch(text + b" 13:45"))
    assert not alike(sketch(text), sketch(b"<p>Something else entirely is written on this page, as all can see.</p>"))


def test_how_a_page_was_read_is_no_change_of_it() -> None:
    one = listing("4-MMC 1g")
    other = RawPage(
        page_type="listing", reader="2", template="t9",
        listing=RawListing(title=Words(text="4-MMC 1g", rule="label:title", confidence=0.4)),
    )  # fmt: skip
    assert words_digest(one) == words_digest(other)
    assert words_digest(one) != words_digest(listing("4-MMC 2g"))


def feedback(page: int, per_page: int = 6) -> RawPage:
    reviews = tuple(RawReview(text=f"as said, parcel {page * per_page + n}", rating="5/5") for n in range(per_page))
    return RawPage(page_type="category", reader="1", reviews=reviews)


def walked(traps: Traps, shown: Callable[[int], RawPage], body: bytes, pages: int = 40) -> int:
    """How many pages of a list are read whose pages each lead to the next alone."""
    for number in range(pages):
        url = f"{A}/index.php?act=vfb&id=11&pg={number + 1}"
        if traps.refuses(url, "category", f"{A}/index.php?act=vfb&id=11&pg={number}"):
            return number
        traps.entered(url, "category")
        read(traps, url, "category", shown(number), body)
    return pages


def test_pages_of_reviews_go_on_while_they_show_reviews_not_shown_before() -> None:
    body = b"<html>" + b"<p>Feedback of our buyers, newest first, all of it from finished orders</p>" * 20
    traps = Traps({})
    assert walked(traps, feedback, body) == 40
    assert traps.report() == []
    assert walked(Traps({}), lambda n: feedback(min(n, 3)), body) == 9, "the last page again and again is a trap"


def test_pages_of_vendors_go_on_while_they_show_vendors_not_shown_before() -> None:
    def vendors(number: int) -> RawPage:
        links = Links(vendor=tuple(f"{A}/vendor/{number}-{n}" for n in range(10)))
        return RawPage(page_type="category", reader="1", links=links)

    assert walked(Traps({}), vendors, b"<html>Our vendors, by name") == 40
    assert walked(Traps({}), lambda n: vendors(min(n, 3)), b"<html>Our vendors, by name") == 9


def test_what_was_left_for_pages_that_said_the_same_is_free_once_another_says_something_else() -> None:
    traps = Traps(TINY)
    for number in range(4):
        read(traps, f"{A}/info/{number}", "vendor", RawPage(page_type="other", reader="1"), b"<p>Come again at 5:30")
    assert traps.refuses(f"{A}/info/5", "vendor", f"{A}/info/3")
    assert traps.passed() == []
    read(traps, f"{A}/info/4", "vendor", RawPage(page_type="other", reader="1"), b"<p>Parcels leave on Tuesdays")
    assert [left.url for left in traps.passed()] == [f"{A}/info/5"]
    assert traps.report() == [], "it was no trap"
    assert traps.passed() == []
