from __future__ import annotations

import tomllib

import pytest

from config.profiles import Profile
from config.selectors import selector_faults
from crawler.model.reading import Received
from crawler.model.words import Links, RawCard, RawListing, RawPage, RawReview, Words
from spiders.draft import draft_profile, profile_text
from spiders.draft.crosscheck import Cards
from spiders.draft.following import find_following
from spiders.draft.found import FoundSelector, ReadPage
from spiders.draft.page_types import find_types
from spiders.draft.reviews import find_reviews
from spiders.draft.selectors import find_selectors
from spiders.reader import SiteReader, Template

SELLERS = ("anna", "boris", "carla")


def _raw(kind: str = "other", **said: object) -> RawPage:
    return RawPage(page_type=kind, reader="test", template="test", **said)  # type: ignore[arg-type]


def _listing(markup: str, *, reviews: tuple[RawReview, ...] = (), **said: str | None) -> ReadPage:
    words = {name: Words(text=text, rule="test", confidence=0.8) for name, text in said.items() if text}
    return ReadPage.of(markup, _raw("listing", listing=RawListing(**words), reviews=reviews), None)  # type: ignore[arg-type]


def _of(key: str, found: list[FoundSelector]) -> FoundSelector:
    return next(each for each in found if each.key == key)


def _sheet(number: int) -> str:
    stock = f"<div class=row><b>In stock:</b><span>{number} pieces</span></div>"
    return stock + "<div class=row><b>From:</b><span>Peru</span></div>"


def test_a_field_that_the_reader_missed_on_some_pages_is_found_by_the_label_before_it() -> None:
    pages = [_listing(_sheet(n), stock=f"{n} pieces" if n > 2 else None) for n in range(10)]

    stock = _of("listing.stock", find_selectors(pages))

    assert (stock.css, stock.agreed, stock.pages, stock.mended) == ('b:contains("In stock") + span', 7, 7, 3)
    assert not selector_faults({stock.key: stock.css})


def test_a_name_no_other_page_knows_gives_way_to_one_that_others_know() -> None:
    def page(number: int) -> ReadPage:
        seller = SELLERS[number % 3]
        markup = f"<p class=author>by <a href=/u/{seller}>{seller}</a></p><div><i>stranger{number}</i></div>"
        return _listing(markup, vendor=seller if number > 1 else f"stranger{number}")

    vendor = _of("listing.vendor", find_selectors([page(number) for number in range(12)]))

    assert vendor.css.startswith("p.author")
    assert (vendor.agreed, vendor.mended) == (10, 2)


def test_what_a_review_says_mends_no_rating() -> None:
    def page(number: int) -> ReadPage:
        own = f"<div class=stars>Rated {number % 5} of 5</div>" if number > 3 else ""
        review = f"<div class=review><div>Rated {number % 4} of 5</div></div>"
        said = RawReview(text="good", rating=f"{number % 4} of 5")
        return _listing(own + review, reviews=(said,), rating=f"{number % 5} of 5" if own else None)

    found = find_selectors([page(number) for number in range(12)])

    assert all(each.mended == 0 for each in found)


def test_a_title_beside_other_elements_of_its_heading_is_found_as_the_card_states_it() -> None:
    cards = tuple(RawCard(url=f"http://m.example/i/{n}", title=f"Copper lamp {n}") for n in range(6))
    pages = [
        ReadPage.of(
            f"<h1>Copper lamp {n}<small>in Lamps by anna</small></h1>",
            _raw(
                "listing", listing=RawListing(title=Words(text=f"Copper lamp {n} in Lamps", rule="t", confidence=0.9))
            ),
            None,
        )
        for n in range(6)
    ]
    shelf = [ReadPage.of("<p>shelf</p>", _raw("category", cards=cards), None)]
    checked = Cards([*pages, *shelf])
    for page in pages:
        checked.agree(page)

    assert _of("listing.title", find_selectors([*pages, *shelf])).css == "h1::text"


def test_pages_that_show_what_one_card_states_are_listings_whatever_they_were_read_as() -> None:
    cards = tuple(RawCard(url=f"http://m.example/i/{n}", title=f"Copper lamp {n}", price="5 EUR") for n in range(6))
    markup = "<h1 id=name>Copper lamp {}</h1><p class=price>5 EUR</p><div class=route>x</div><div class=shop>y</div>"
    pages = [ReadPage.of(markup.format(n), _raw("other"), None) for n in range(6)]
    rest = [ReadPage.of("<p class=rules>Rules</p>", _raw("other"), None) for _ in range(6)]
    shelf = [ReadPage.of("<ul class=shelf></ul>", _raw("category", cards=cards), None) for _ in range(2)]
    checked = Cards([*pages, *rest, *shelf])
    for page in (*pages, *rest, *shelf):
        checked.agree(page)

    assert {page.kind for page in pages} == {"listing"}
    assert {page.kind for page in rest} == {"other"}
    assert _of("page_type.listing", find_types([*pages, *rest, *shelf])).agreed == 6


def test_pages_without_any_names_are_told_apart_by_what_lies_in_what() -> None:
    cards = tuple(RawCard(url=f"http://m.example/i/{n}", title=f"Copper lamp {n}") for n in range(6))
    pages = [
        ReadPage.of(f"<main><h1>Copper lamp {n}</h1><form><label>5</label></form></main>", _raw("other"), None)
        for n in range(6)
    ]
    named = ReadPage.of("<main><table><tr><td>Copper lamp 2</td><td>good</td></tr></table></main>", _raw("other"), None)
    rest = [ReadPage.of("<main><h1>Rules</h1><p>Be kind</p></main>", _raw("other"), None) for _ in range(6)]
    shelf = [ReadPage.of("<ul><li>shelf</ul>", _raw("category", cards=cards), None)]
    checked = Cards([*pages, named, *rest, *shelf])
    for page in (*pages, named, *rest, *shelf):
        checked.agree(page)

    assert named.kind == "other"
    assert _of("page_type.listing", find_types([*pages, named, *rest, *shelf])).css == "main > form"


def test_a_menu_that_looks_like_cards_states_no_listing() -> None:
    menu = tuple(RawCard(url=f"http://m.example/c/{n}", title=f"Department {n}") for n in range(3))
    pages = [ReadPage.of("<p>Department 1</p>", _raw("other", cards=menu), None) for _ in range(20)]
    alone = ReadPage.of("<h1>Department 1</h1>", _raw("other"), None)

    assert Cards([*pages, alone]).of(alone) is None


@pytest.mark.parametrize("torn_type", ["other", "vendor"])
def test_a_torn_page_is_known_by_its_document_title_unless_it_was_surely_read(torn_type: str) -> None:
    whole = "<title>Bazaar - Product Details</title><h1>Lamp</h1><p>5 EUR</p>"
    listings = [ReadPage.of(whole, _raw("listing"), None) for _ in range(14)]
    torn = ReadPage.of("<title>Bazaar - Product Details</title>", _raw(torn_type), None)
    others = [
        ReadPage.of("<title>Bazaar - Rules</title><h1>Rules</h1><p>Be kind</p>", _raw("other"), None) for _ in range(5)
    ]

    found = find_types([*listings, torn, *others])

    told = [(each.css, each.agreed, each.mended) for each in found]
    assert told == ([("title => Product Details$", 14, 1)] if torn_type == "other" else [])


def test_a_page_with_all_the_signs_of_a_type_is_of_that_type() -> None:
    sheet = "".join(f"<div class={name}></div>" for name in ("facts", "offer", "buy", "seller", "route"))
    listings = [ReadPage.of(sheet, _raw("listing"), None) for _ in range(12)]
    mistaken = ReadPage.of(sheet, _raw("category"), None)
    teaser = [ReadPage.of("<div class=buy></div><ul></ul>", _raw("category"), None) for _ in range(4)]

    (found,) = find_types([*listings, mistaken, *teaser])

    assert (found.key, found.agreed, found.mended) == ("page_type.listing", 12, 1)
    assert found.css != "div.buy"


NAMES = ("Copper lamp", "Tin whistle", "Brass bell", "Iron gate", "Silver spoon", "Lead pipe", "Gold ring", "Zinc cup")


def _pages() -> list[Received]:
    def item(number: int) -> Received:
        cell = f"{number + 1} left" if number else "plenty of 9"
        body = (
            f"<title>Bazaar - Item</title><h2>{NAMES[number]}</h2><p><i>Price:</i><b>{number + 3}.00 EUR</b></p>"
            f"<p><i>Seller:</i><a href=/user/{SELLERS[number % 3]}>{SELLERS[number % 3]}</a></p>"
            f"<p><i>In stock:</i><b>{cell}</b></p><form method=post><button>Buy</button></form>"
        )
        return Received(body=body.encode(), url=f"http://m.example/item/{number}")

    rows = "".join(
        f"<li><a href=/item/{n}>{name}</a> by <a href=/user/{SELLERS[n % 3]}>{SELLERS[n % 3]}</a> {n + 3}.00 EUR</li>"
        for n, name in enumerate(NAMES)
    )
    shelf = Received(
        body=f"<title>Bazaar - All</title><h2>All</h2><ul>{rows}</ul>".encode(), url="http://m.example/all"
    )
    return [shelf, *map(item, range(len(NAMES)))]


def test_a_draft_is_a_profile_that_reads_as_it_says_and_is_the_same_each_time() -> None:
    draft = draft_profile("bazaar", _pages())
    text = profile_text(draft)
    table = tomllib.loads(text)
    reader = SiteReader(profile=draft.profile, template=Template())

    assert table["selectors"] == draft.profile.selectors
    assert not selector_faults(table["selectors"])
    read = [reader.read(page).listing for page in _pages()[1:]]
    assert [listing and listing.title and listing.title.text for listing in read] == list(NAMES)
    assert text == profile_text(draft_profile("bazaar", _pages()))


def test_the_list_headed_by_the_bare_word_that_others_add_a_category_to_is_the_front_page() -> None:
    heads = [f"{name} Products" for name in ("Lamp", "Bell", "Gate", "Ring", "Spoon")]
    shelves = [ReadPage.of(f"<p class=sorted></p><h2>{head}</h2>", _raw("category"), None) for head in heads]
    front = ReadPage.of("<p class=sorted></p><h2> Products</h2>", _raw("category"), None)
    rest = [ReadPage.of(f"<h2>Rules {n}</h2>", _raw("other"), None) for n in range(6)]

    found = find_types([*shelves, front, *rest])

    assert front.kind == "other"
    assert _of("page_type.other", found).css == "h2 => ^Products$"
    assert [each for each in found if each.key == "page_type.category"] == []


@pytest.mark.parametrize(("second", "url"), [("<h2>Products</h2>", None), ("", "http://m.example/products")])
def test_further_pages_of_the_list_or_known_addresses_tell_no_front_page(second: str, url: str | None) -> None:
    heads = ["Products", *(f"{name} Products" for name in ("Lamp", "Bell", "Gate", "Ring", "Spoon"))]
    shelves = [ReadPage.of(f"<h2>{head}</h2>", _raw("category"), url) for head in heads]
    more = [ReadPage.of(second, _raw("category"), url)] if second else []

    assert [each for each in find_types([*shelves, *more]) if each.key == "page_type.other"] == []


def _reviewed(number: int, *, read: bool = True) -> ReadPage:
    said = [
        RawReview(text=f"Good parcel {n}", buyer=f"b***{n}", date=f"2024-07-{n + 10}", rating=f"{n}/5")
        for n in range(1, 2 + number % 4)
    ]
    rows = "".join(
        f"<tr class=r><td><i>{each.rating}</i> {each.date}<td><p>{each.text}</p><span>{each.buyer}</span></tr>"
        for each in said
    )
    markup = f"<table class=facts><tr><td>Stock</td><td>7</td></tr></table><table class=said>{rows}</table>"
    return ReadPage.of(markup, _raw("listing", reviews=tuple(said) if read else ()), None)


def test_boxes_of_reviews_are_drafted_with_what_stands_in_them() -> None:
    found = find_reviews([*map(_reviewed, range(12)), _reviewed(3, read=False)])
    selectors = {each.key: each.css for each in found}
    reader = SiteReader(profile=Profile(name="m", selectors=selectors), template=Template())

    assert not selector_faults(selectors)
    assert {each.key for each in found} == {"review", "review.text", "review.rating", "review.buyer", "review.date"}
    assert {(each.agreed, each.pages, each.mended) for each in found} == {(12, 12, 1)}
    row = "<tr class=r><td><i>2/5</i> 2025-01-02</td><td><p>Late.</p><span>q*q</span></td></tr>"
    (review,) = reader.read(Received(body=f"<h1>Lamp</h1><table class=said>{row}</table>".encode())).reviews
    assert review == RawReview(text="Late.", rating="2/5", buyer="q*q", date="2025-01-02")


def test_reviews_whose_rating_no_selector_can_say_are_left_to_the_reader() -> None:
    def page(number: int) -> ReadPage:
        said = tuple(RawReview(text=f"Good parcel {n}", rating=f"{n}/5") for n in range(1, 2 + number % 4))
        rows = "".join(f"<div class=r><i class=star{n}></i><p>{each.text}</p></div>" for n, each in enumerate(said))
        return ReadPage.of(rows, _raw("listing", reviews=said), None)

    assert find_reviews([page(number) for number in range(12)]) == []


def _paged(number: int, last: int = 9, kind: str = "category", *, read: bool = True) -> ReadPage:
    address = f"http://m.example/c/lamps?page={number}"
    more = f"<a href='/c/lamps?page={number + 1}'>Next »</a>" if number < last else ""
    markup = f"<a href=/>Home</a><div class=pager><a href='/c/lamps?page=1'>1</a> <b>{number}</b> {more}</div>"
    following = f"http://m.example/c/lamps?page={number + 1}" if more and read else None
    return ReadPage.of(markup, _raw(kind, links=Links(next=following)), address)


def test_the_link_to_the_next_page_is_drafted_and_mends_pages_on_which_it_was_missed() -> None:
    found = find_following([_paged(number, read=number != 4) for number in range(1, 10)])

    assert found is not None
    assert (found.key, found.agreed, found.pages, found.mended) == ("link.next", 7, 7, 1)
    profile = Profile(name="m", selectors={found.key: found.css})
    reader = SiteReader(profile=profile, template=Template())
    page = "<div class=pager><a href=?page=1>1</a> <b>2</b> <a href='/c/bells?page=3'>Next »</a></div>"
    assert reader.read(Received(body=page.encode(), url="http://m.example/c/bells?page=2")).links.next == (
        "http://m.example/c/bells?page=3"
    )


def test_a_link_that_leads_on_from_listings_too_is_no_next_page() -> None:
    lists = [_paged(number) for number in range(1, 8)]
    listings = [_paged(number, kind="listing", read=False) for number in range(1, 8)]

    assert find_following([*lists, *listings]) is None
