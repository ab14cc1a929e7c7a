"""Layouts that market software uses, in miniature, with invented offers."""

from __future__ import annotations

import pytest

from crawler.model.page import PageType
from crawler.model.reading import Received
from crawler.model.words import RawPage
from spiders.reader import SiteReader, Template
from spiders.reader.dom import Dom
from spiders.reader.learn import Lesson, Lessons
from spiders.reader.read import Reading, read_parsed

SITE = "http://layouts.example"


def read(body: str, url: str = SITE + "/item/7") -> RawPage:
    return SiteReader(template=None).read(Received(body=f"<html><body>{body}</body></html>".encode(), url=url))


OFFER = (
    '<title>Copper lamp 5g</title><div id="one"><h1>Copper lamp 5g</h1><div>12.50 USD</div>Packed on Mondays and kept'
    " dry in sealed bags, as ever.<br>Brought to you by:<br><a href='/vendor/heron'>heron</a><div>From: Germany</div>"
    "<a href='/item/7/buy'>Buy</a></div>"
)


def test_a_description_beside_heading_and_price_is_only_the_prose() -> None:
    listing = read(OFFER).listing
    assert listing
    assert listing.description
    assert listing.price
    assert listing.vendor
    assert listing.description.text == "Packed on Mondays and kept dry in sealed bags, as ever."
    assert (listing.price.text, listing.vendor.text) == ("12.50 USD", "heron")


def test_a_currency_in_an_element_of_its_own_after_the_amount_belongs_to_the_price() -> None:
    page = read("<h1>Лампа</h1><p class=price><bdi>17 600,00&nbsp;<span>₽</span></bdi></p><button>Купить</button>")
    assert page.listing
    assert page.listing.price
    assert "₽" in page.listing.price.text


def test_a_heading_that_begins_with_the_name_of_a_category_is_cut_to_the_title() -> None:
    menu = "<ul><li><a href='/c/1'>Lamps (12)</a></li><li><a href='/c/2'>Oils (3)</a></li></ul>"
    page = read(menu + "<h1>Lamps | Copper lamp</h1><p>Price: 5 EUR</p><button>Buy</button>")
    assert page.listing
    assert page.listing.title
    assert page.listing.title.text == "Copper lamp"


def test_a_button_within_a_heading_is_no_part_of_the_name() -> None:
    page = read(
        "<h2><a href='/message/send/1'>Message</a> heron</h2><p>Registered: 2020</p><p>Last seen: 3 days ago</p>"
        "<p>Disputes: 0</p>",
        SITE + "/user/a1",
    )
    assert page.vendor
    assert page.vendor.name
    assert page.vendor.name.text == "heron"


def test_an_about_text_ends_before_the_key_it_is_followed_by() -> None:
    key = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----"
    page = read(
        "<h1>heron</h1><p>Registered: 2020</p><p>Last seen: 3 days ago</p><h3>About</h3><p>We ship on Mondays.</p>"
        f"<div>Our PGP key</div><pre>{key}</pre>",
        SITE + "/user/a1",
    )
    assert page.vendor
    assert page.vendor.description
    assert page.vendor.description.text == "We ship on Mondays."


def _front(place: int) -> str:
    cards = "".join(
        f"<div class=box><div class=title><a href='/product/{place}{n}'>Lamp {place}{n} of copper</a></div>"
        f"<div><a href='/market/{100 + (n + place) % 3}'>{('heron', 'finch', 'alder')[(n + place) % 3]}</a></div>"
        f"<b>{5 + n} EUR</b></div>"
        for n in range(6)
    )
    return f"<title>List</title><h1>Lamps {place}</h1><div class=cards>{cards}</div>"


def test_the_one_other_link_of_every_card_names_the_vendor() -> None:
    page = read(_front(1), SITE + "/catalog/1")
    assert {card.vendor for card in page.cards} == {"heron", "finch", "alder"}


def test_a_shop_front_is_a_vendor_page_once_the_cards_of_other_pages_lead_there() -> None:
    reader = SiteReader()
    for place in range(1, 9):
        reader.learn(Received(body=_front(place).encode(), url=f"{SITE}/catalog/{place}"))
    front = Received(body=_front(9).replace("Lamps 9", "heron").encode(), url=SITE + "/market/100")
    assert reader.read(front).page_type == PageType.VENDOR.value


@pytest.mark.parametrize(
    "link",
    [
        "<a href='/messagelist'>0 new messages</a>",
        "<a href='/user/bob'>Мои заказы</a>",
        "<a href='/c/9'>Favorites (3)</a>",
        "<a href='/my-account/'>bob</a>",
        "<a href='/catalog/1?view=grid'>Grid</a>",
        "<a href='/catalog/1?order=price'>Cheap first</a>",
        "<a href='/catalog/1?sort=new'>Newest</a>",
    ],
)
def test_links_to_ones_own_account_and_to_other_orders_of_a_list_are_not_followed(link: str) -> None:
    around = "<ul><li><a href='/c/1'>Lamps</a></li><li><a href='/c/2'>Oils</a></li></ul>"
    page = read(around + f"<p>{link * 3}</p>" + _front(1), SITE + "/catalog/1")
    followed = {*page.links.category, *page.links.vendor, *page.links.listing}
    assert not {url for url in followed if any(part in url for part in ("?", "my-", "messagelist", "bob", "/c/9"))}
    assert SITE + "/c/1" in followed


def test_each_page_is_noted_once_after_the_first_lesson() -> None:
    read_pages: list[str | None] = []

    def reading(dom: Dom, received: Received, template: Template) -> Reading:
        read_pages.append(received.url)
        return read_parsed(dom, received, template)

    lessons = Lessons(reading)
    pages = [Received(body=_front(place).encode(), url=f"{SITE}/catalog/{place}") for place in range(9)]
    lessons.learn([Lesson(page) for page in pages[:4]])
    lessons.learn([Lesson(page) for page in pages[4:]])
    assert [read_pages.count(page.url) for page in pages] == [2, 2, 2, 2, 1, 1, 1, 1, 1]


def test_a_page_read_after_the_first_lesson_is_not_read_again_to_learn_from_it(monkeypatch: pytest.MonkeyPatch) -> None:
    read_pages: list[str | None] = []

    def reading(dom: Dom, received: Received, template: Template, said: str | None = None) -> Reading:
        read_pages.append(received.url)
        return read_parsed(dom, received, template, said)

    monkeypatch.setattr("spiders.reader.site.read_parsed", reading)
    reader = SiteReader()
    for place in range(30):
        page = Received(body=_front(place).encode(), url=f"{SITE}/catalog/{place}")
        reader.learn(page)
        reader.read(page)
    times = [read_pages.count(f"{SITE}/catalog/{place}") for place in range(30)]
    # The first page is a lesson of two rounds; the 12th and the 30th begin the next lessons before they are read.
    assert times == [3] + [1] * 10 + [2] + [1] * 17 + [2]
