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


def test_a_page_without_headings_is_titled_by_the_first_line_of_the_box_that_states_its_facts() -> None:
    page = read(
        "<div><p>Categories</p><p><a href='/category/1'>Lamps</a></p></div><div><p><strong>Copper lamp</strong></p>"
        "<p>Vendor: <a href='/vendor/1'>heron</a> (73 sales, 98.0%)</p><p>Price: USD 12.50 EUR 11.50</p>"
        "<button>Add to cart</button></div>"
    )
    assert page.listing
    assert page.listing.title
    assert (page.listing.title.text, page.listing.title.rule) == ("Copper lamp", "lead")


def test_a_second_heading_inside_the_first_is_no_part_of_the_title() -> None:
    page = read(
        "<h1>Copper lamp<div class='sub'>in <a href='/category/3'>Lamps</a> by <a href='/@heron'>@heron</a></div>"
        "</h1><p>12.50 EUR</p><button>Buy now</button>"
    )
    assert page.listing
    assert page.listing.title
    assert page.listing.vendor
    assert (page.listing.title.text, page.listing.vendor.text) == ("Copper lamp", "heron")
    assert [step.text for step in page.listing.category] == ["Lamps"]


def test_an_offer_without_any_label_is_one_by_its_price_and_the_button_that_buys() -> None:
    page = read(
        "<section><h1>Copper lamp</h1><span class='price'>12.5 USD</span><div>Germany ⟶ Worldwide</div></section>"
        "<aside><a href='/pax/heron'>heron (1200) (4.8)</a><form method='post'><label>Pieces</label><input name='n'>"
        "<button>Buy it for 12.5 USD</button></form></aside>"
    )
    assert page.page_type == PageType.LISTING.value
    assert page.listing
    assert page.listing.vendor
    assert page.listing.ships_to
    assert (page.listing.vendor.text, page.listing.ships_to.text) == ("heron", "Worldwide")


def test_reviews_of_two_plain_lines_are_read_without_any_box() -> None:
    page = read(
        "<p>Feedback for heron</p><p>2024-06-09 t***x rated 5/5</p><p>Came in four days.</p><p>2024-05-01 Buyer_41 "
        "rated 2/5</p><p>Smells odd.</p><p>Page 1 of 2: <a href='/vendor/1?page=2'>Next</a></p>",
        SITE + "/vendor/1?show=feedback",
    )
    said = [(review.buyer, review.date, review.rating, review.text) for review in page.reviews]
    assert said == [
        ("t***x", "2024-06-09", "5/5", "Came in four days."),
        ("Buyer_41", "2024-05-01", "2/5", "Smells odd."),
    ]


def test_countries_listed_below_certain_countries_are_where_an_offer_goes() -> None:
    page = read(
        "<h1>Copper lamp</h1><p>Price: 12 USD</p><p>Ships to: certain countries</p>"
        "<ul><li>Germany</li><li>France</li></ul>"
        "<button>Buy</button>"
    )
    assert page.listing
    assert page.listing.ships_to
    assert page.listing.ships_to.text == "Germany, France"


def test_full_stars_beside_a_figure_are_decoration_and_the_figure_is_the_rating() -> None:
    page = read(
        "<h1>Kupferlampe</h1><div aria-label='4,5 von 5 Sternen'>★★★★★ <span>4,5 (12)</span></div><p>Preis: 12 €</p>"
        "<button>Kaufen</button>"
    )
    assert page.listing
    assert page.listing.rating
    assert page.listing.rating.text == "4,5 von 5 Sternen"


def test_the_button_of_the_pages_own_offer_makes_no_card_of_the_page() -> None:
    cards = "".join(
        f"<div class='card'><a href='/uz/m/{n}'>Chiroq {n}</a><span>{n}0 000 so'm</span></div>" for n in range(1, 7)
    )
    offer = (
        "<title>Mis chiroq «Bahor» · Bozor</title><div class='m'><div class='nom'>Mis chiroq «Bahor»</div>"
        "<p><i>Narxi</i>"
        " <b>50 000 so'm</b></p><a href='/uz/xarid/9'>Xarid qilish</a></div>"
    )
    reader = SiteReader()
    pages = [Received(body=f"<html><title>{n} · Bozor</title><body>{cards}</body></html>".encode()) for n in range(6)]
    page = Received(body=f"<html>{offer}</html>".encode())
    for each in [*pages, page]:
        reader.learn(each)
    listing = reader.read(page).listing
    assert listing
    assert listing.title
    assert listing.price
    assert (listing.title.text, listing.price.text) == ("Mis chiroq «Bahor»", "50 000 so'm")
