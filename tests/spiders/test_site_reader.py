from __future__ import annotations

import pytest

from config.profiles import Profile
from crawler.model.errors import BadInput, BadProfile
from crawler.model.reading import Received
from spiders.reader import SiteReader, Template

FRAME = "<div><b>Bazaar</b> | <a href=/rules>Rules</a></div><div><i>{title}</i></div>"
NAMES = ("Copper lamp", "Tin whistle", "Brass bell", "Iron gate", "Silver spoon", "Lead pipe")


def _listing(number: int) -> Received:
    body = (
        f"<title>Bazaar</title>{FRAME.format(title=NAMES[number])}"
        f"<div><span>Price:</span> {number + 3}.00 EUR</div>"
        f"<div><span>Seller:</span> <a href=/user/u{number}>u{number}</a></div>"
        "<div><span>In stock:</span> 5</div><form method=post><button>Buy</button></form>"
    )
    return Received(body=body.encode(), url=f"http://m.example/item/{number}")


def _category() -> Received:
    rows = "".join(
        f"<li><a href=/item/{number}>{name}</a> by <a href=/user/u{number}>u{number}</a> {number + 3}.00 EUR</li>"
        for number, name in enumerate(NAMES)
    )
    body = f"<title>Bazaar</title>{FRAME.format(title='All things')}<ul>{rows}</ul>"
    return Received(body=body.encode(), url="http://m.example/c/all")


def _taught() -> SiteReader:
    reader = SiteReader()
    for page in [_category(), *map(_listing, range(len(NAMES))), _category()]:
        reader.learn(page)
    return reader


def test_cards_teach_where_titles_stand_that_no_heading_marks() -> None:
    page = _taught().read(_listing(2))
    assert page.listing is not None
    assert page.listing.title is not None
    assert (page.listing.title.text, page.listing.title.rule) == ("Brass bell", "template:title")


def test_the_same_bytes_and_template_give_the_same_page_and_the_version_says_which() -> None:
    reader = _taught()
    page = reader.read(_listing(1))
    assert page.template == reader.template.version
    again = SiteReader(template=Template.from_toml(reader.template.to_toml()))
    assert again.template.version == reader.template.version
    assert again.read(_listing(1)) == page


def test_a_given_template_is_never_changed_by_pages() -> None:
    reader = SiteReader(template=Template())
    reader.learn(_category())
    assert reader.read(_category()).template == Template().version


def test_a_crawl_that_learns_while_it_reads_gets_better_lessons() -> None:
    reader = SiteReader()
    versions = []
    for turn in range(16):
        page = _listing(turn % len(NAMES)) if turn % 4 else _category()
        reader.learn(page)
        versions.append(reader.read(page).template)
    assert versions[0] != versions[-1]


def test_what_is_no_template_is_refused() -> None:
    with pytest.raises(BadInput, match="no reader template"):
        Template.from_toml("pages = 1")


def test_a_profile_corrects_single_fields_and_says_so() -> None:
    selectors = {"listing.title": "i::text", "listing.vendor": "form button", "page_type.listing": "form"}
    page = SiteReader(profile=Profile(name="bazaar", selectors=selectors)).read(_listing(3))
    assert page.listing is not None
    assert page.listing.title is not None
    assert page.listing.vendor is not None
    assert (page.listing.title.text, page.listing.title.rule) == ("Iron gate", "profile:title")
    assert page.listing.vendor.text == "Buy"


def test_every_fault_of_a_profiles_selectors_is_told_at_once() -> None:
    profile = Profile(name="bazaar", selectors={"listing.colour": "b", "vendor.name": "b[["})
    with pytest.raises(BadProfile) as caught:
        SiteReader(profile=profile)
    assert len(caught.value.faults) == 2


SHELF = """<div class=grid><a class=c href=/o/7><b class=n>Copper lamp</b><i>by ada</i><u>from 5.00 EUR each</u></a>
<a class=c href=/o/8><b class=n>Tin whistle</b><i>by bob</i><u>from 7.50 EUR each</u></a></div>
<p class=pages><a href=/all/1>1</a><a class=on href=/all/3>3</a></p>
<p class=says><em>good lamp</em><tt>a***z</tt><s>5/5</s></p>"""
BOXES = {
    "card": "a.c",
    "card.title": "b.n",
    "card.vendor": "i => by (.+)",
    "card.price": "u => [\\d.]+ EUR",
    "review": "p.says",
    "review.text": "em",
    "review.buyer": "tt",
    "review.rating": "s",
    "link.next": "a.on",
}


def test_a_profile_says_where_cards_reviews_and_the_next_page_stand() -> None:
    received = Received(body=SHELF.encode(), url="http://m.example/all/2")
    page = SiteReader(profile=Profile(name="bazaar", selectors=BOXES)).read(received)
    assert [(card.url, card.title, card.vendor, card.price) for card in page.cards] == [
        ("http://m.example/o/7", "Copper lamp", "ada", "5.00 EUR"),
        ("http://m.example/o/8", "Tin whistle", "bob", "7.50 EUR"),
    ]
    assert [(each.text, each.buyer, each.rating) for each in page.reviews] == [("good lamp", "a***z", "5/5")]
    assert page.links.next == "http://m.example/all/3"
    assert set(page.links.listing) >= {"http://m.example/o/7", "http://m.example/o/8"}


def test_a_profile_says_where_price_options_stand() -> None:
    body = "<h1>Lamp</h1><form><button>Buy</button></form><ul><li>1 g: 5 EUR</li><li>5 g: 20 EUR</li></ul>"
    selectors = {
        "option": "li",
        "option.quantity": ":scope => ^[^:]+",
        "option.price": ":scope => \\d+ EUR",
        "page_type.listing": "form",
    }
    page = SiteReader(profile=Profile(name="bazaar", selectors=selectors)).read(Received(body=body.encode()))
    assert page.listing is not None
    assert [(each.quantity, each.price) for each in page.listing.prices] == [("1 g", "5 EUR"), ("5 g", "20 EUR")]


def test_a_profile_says_what_is_a_gate() -> None:
    profile = Profile(name="bazaar", selectors={"gate.captcha": "p.says => good"})
    assert SiteReader(profile=profile).read(Received(body=SHELF.encode())).gate == "captcha"


def test_the_parts_of_a_box_without_the_box_are_a_fault() -> None:
    with pytest.raises(BadProfile) as caught:
        SiteReader(profile=Profile(name="bazaar", selectors={"card.title": "b", "listing.price": "u => ([)"}))
    assert [fault for fault in caught.value.faults if "called 'card'" in fault or "regular expression" in fault]
    assert len(caught.value.faults) == 2


def test_a_field_with_only_one_source_is_absent_where_that_has_nothing() -> None:
    for selector, price in (("b.price", "3.00 EUR"), ("only b.price", None)):
        page = SiteReader(profile=Profile(name="bazaar", selectors={"listing.price": selector})).read(_listing(0))
        assert page.listing is not None
        assert (page.listing.price.text if page.listing.price else None) == price


def test_odd_letters_in_the_names_of_attributes_stop_no_profile() -> None:
    body = SHELF.replace("<a class=c", "<a \x01\x02x\x03=1 class=c").encode()
    page = SiteReader(profile=Profile(name="bazaar", selectors=BOXES)).read(
        Received(body=body, url="http://m.example/")
    )
    assert [card.title for card in page.cards] == ["Copper lamp", "Tin whistle"]


def test_a_torn_page_has_no_description_that_repeats_its_title() -> None:
    body = b"<title>Bazaar - Item</title><div><h2>Copper lamp of the northern valleys, as good as new</h2></div>"
    profile = Profile(name="bazaar", selectors={"page_type.listing": "title => Item$"})
    page = SiteReader(profile=profile, template=Template()).read(Received(body=body))
    assert page.listing is not None
    assert page.listing.title is not None
    assert page.listing.description is None
