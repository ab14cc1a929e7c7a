"""Fields found by evidence that agrees, where no label, class or address says it outright."""

from __future__ import annotations

import pytest

from crawler.model.page import PageType
from crawler.model.reading import Received
from crawler.model.words import RawListing, RawPage
from spiders.reader import SiteReader
from spiders.reader.names import names_in_address
from spiders.reader.sheet import lowest_of
from spiders.reader.urls import kind_by_words, own_host, shape_of
from spiders.reader.world import is_place

BUY = "<form><button>Add to cart</button></form>"


def read(body: str, url: str | None = None) -> RawPage:
    return SiteReader(template=None).read(Received(body=f"<html><body>{body}</body></html>".encode(), url=url))


def listing(body: str) -> RawListing:
    found = read(f"<h1>Copper lamp 5g</h1>{body}{BUY}").listing
    assert found
    return found


def cards(*vendors: str) -> str:
    return "".join(
        f"<div class=c><a href='/item/{n}'>Copper lamp no. {n}</a><b>{n}.50 USD</b>"
        + (f" by <a href='/vendor/{name}'>{name}</a>" if name else "")
        + "</div>"
        for n, name in enumerate(vendors, 3)
    )


def test_a_vendor_is_the_name_that_the_link_visit_vendor_leads_to() -> None:
    found = listing("<p>$12.00</p><a href='/board/heron'>heron</a> <a href='/vendors/heron'>Visit Vendor</a>")
    assert found.vendor
    assert found.vendor.text == "heron"


def test_a_general_phrase_is_no_vendor() -> None:
    found = listing(
        "<p>Price: $12.00</p><h6>Shop with confidence</h6><p>Seller information</p><a href='/vendor/heron'>heron</a>"
    )
    assert found.vendor
    assert found.vendor.text == "heron"


@pytest.mark.parametrize("line", ["From: <b>12.50 USD</b>", "от <b>1250 ₽</b>"])
def test_from_before_money_is_a_price(line: str) -> None:
    found = listing(f"<p>{line}</p>")
    assert found.price
    assert found.price.rule == "label:price"
    assert (found.ships_from, found.vendor) == (None, None)


def test_the_rating_in_a_vendors_box_is_not_the_listings() -> None:
    box = "<div><h4><a href='/store/7'>heron</a></h4><p>Sales: <b>49</b></p><p>Rating: <b>3.73</b></p></div>"
    assert listing(f"{box}<p>Price: 5 EUR</p>").rating is None
    found = listing(f"{box}<p>Price: 5 EUR</p><div><h2>4.1</h2><p>rating</p></div>")
    assert found.rating
    assert (found.rating.text, found.sales) == ("4.1", None)


def test_a_count_of_contented_buyers_is_no_rating() -> None:
    assert listing("<p>Price: 5 EUR</p><div><span>Positive:</span><span>4</span></div>").rating is None


def test_a_label_that_names_two_things_has_two_values() -> None:
    found = listing(
        "<table><tr><td>Price</td><td>5 EUR</td></tr><tr><td>Left/Sold</td><td>40 pcs / 3 pcs</td></tr></table>"
    )
    assert found.stock
    assert found.sales
    assert (found.stock.text, found.sales.text) == ("40 pcs", "3 pcs")


@pytest.mark.parametrize(
    "route",
    [
        "<div>From Germany</div><div>⬇</div><div>To Europe</div>",
        "<p>Germany → Europe</p>",
        "<p>Germany</p><p>➝</p><p>Europe</p>",
        "<div>From: <img src=f.png> Germany To: Europe</div>",
    ],
)
def test_a_route_is_known_by_the_names_of_places(route: str) -> None:
    found = listing(f"<p>Price: 5 EUR</p>{route}")
    assert found.ships_from
    assert found.ships_to
    assert (found.ships_from.text, found.ships_to.text) == ("Germany", "Europe")


def test_an_arrow_after_a_label_stands_for_a_colon() -> None:
    found = listing("<p>Price: 5 EUR</p><span>Stock ➜ 1,082 Pieces</span>")
    assert found.stock
    assert found.stock.text == "1,082 Pieces"


def test_a_badge_with_a_name_from_the_menu_is_the_category() -> None:
    names = ("Lamps", "Oils", "Wicks", "Jars")
    menu = "".join(f"<li><a href='/category/{n}'>{name} (3)</a></li>" for n, name in enumerate(names))
    found = listing(f"<ul>{menu}</ul><p>Price: 5 EUR</p><i>Oils</i>")
    assert [words.text for words in found.category] == ["Oils"]


def test_crumbs_that_only_say_goods_are_no_category() -> None:
    trail = "<ol class=breadcrumb><li><a href='/'>Home</a></li><li><a href='/products'>All items</a></li></ol>"
    assert listing(f"{trail}<p>Price: 5 EUR</p>").category == ()


def test_the_name_on_a_vendors_page_is_what_the_page_repeats() -> None:
    page = read(
        "<h1>Vendor Profile</h1><a href='/board/heron'>heron</a><h2>Store Description</h2><p>Lamps since 2016.</p>"
        "<p>Member since: 2016</p><p>Last seen: today</p><h2>Products offered by heron</h2>"
        "<a href='/messages/new?to=heron'>Message</a>"
    )
    assert page.vendor
    assert page.vendor.name
    assert page.vendor.name.text == "heron"


def test_offers_of_one_vendor_below_a_vendors_heading_are_a_vendors_page() -> None:
    assert read(f"<h4>Vendor heron</h4><p>Lamps.</p>{cards(*['heron'] * 4)}").page_type == PageType.VENDOR.value
    assert read(f"<h4>Lamps</h4><p>Lamps.</p>{cards('heron', 'wren', 'kite', 'swift')}").page_type == "category"


def test_a_list_of_one_offer_is_a_list() -> None:
    offer = "<div class=row><h3><a href='/product/a1b'>Copper lamp 5g</a></h3><p>12.50 USD</p></div>"
    page = read(f"<div><h3>Results</h3></div>{offer}")
    assert [card.title for card in page.cards] == ["Copper lamp 5g"]


def test_the_tab_of_reviews_under_a_vendors_head_is_feedback() -> None:
    rows = "".join(f"<tr><td>{n}/5</td><td>Lamp no. {n} burns well</td><td>a**{n}</td></tr>" for n in range(1, 6))
    page = read(f"<b>heron</b><p>Registered 2019</p><p>Last seen today</p><h3>Reviews</h3><table>{rows}</table>")
    assert page.page_type == PageType.FEEDBACK.value
    assert [review.text for review in page.reviews][:2] == ["Lamp no. 1 burns well", "Lamp no. 2 burns well"]


def test_a_lone_box_with_a_user_name_is_no_review() -> None:
    page = read(
        f"<h1>Copper lamp 5g</h1><h2>Review Statistics</h2><p>None yet.</p><div><p class=price>$8.15</p>"
        f"<div class=username>heron</div></div>{BUY}"
    )
    assert (page.reviews, page.listing and page.listing.price and page.listing.price.text) == ((), "$8.15")


def test_a_score_before_the_words_of_a_heading_is_no_part_of_the_title() -> None:
    found = read(f"<h2><div class=label><span>4.5</span></div> Copper lamp</h2><p>Price: 5 EUR</p>{BUY}").listing
    assert found
    assert found.title
    assert found.title.text == "Copper lamp"


def test_the_label_of_a_drop_down_list_has_no_value_in_the_text_after_it() -> None:
    form = "<form>Postage options: <select><option>Letter</option></select></form><div>Packed by hand, as ever.</div>"
    assert listing(f"<p>Price: 5 EUR</p>{form}").delivery is None


@pytest.mark.parametrize(
    ("words", "lowest"),
    [("5 - 20 USD", "5 USD"), ("$5 – $20", "$5"), ("1 500 - 3 000 ₽", "1 500 ₽"), ("12.5 USD", "12.5 USD")],
)
def test_a_range_of_prices_is_read_as_its_lower_end(words: str, lowest: str) -> None:
    assert lowest_of(words) == lowest


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("/store/heron/item/9f", "listing"),
        ("/products?category=3", "category"),
        ("/index.php?c=listings&a=vendor&v_id=9f", "vendor"),
        ("./memberlist.php?mode=viewprofile&u=2", "vendor"),
        ("/reviews/view/item/30", "feedback"),
    ],
)
def test_the_key_and_the_last_words_of_an_address_say_where_it_leads(address: str, kind: str) -> None:
    assert kind_by_words(shape_of(address)) == kind


def test_a_copy_of_a_page_keeps_the_links_of_the_mirror_it_came_from() -> None:
    links = ["http://mirror.example/a", "http://mirror.example/b", "/c"]
    assert own_host(links, "http://market.example/") == "mirror.example"
    assert own_host([*links, "http://market.example/d", "/e"], "http://market.example/") == ""


def test_names_are_found_in_paths_and_queries() -> None:
    assert {"heron", "messages"} <= names_in_address("/messages?recipient=Heron")


@pytest.mark.parametrize(
    ("text", "place"), [("Germany, France", True), ("Весь мир", True), ("US", True), ("in", False)]
)
def test_only_names_of_places_are_places(text: str, place: bool) -> None:
    assert is_place(text) is place


def test_half_hidden_names_are_buyers_not_vendors() -> None:
    found = listing(
        "<p>$12.00</p><p>by <a href='/u/7'>Heron_Works</a></p><p>by <a href='/u/9'>a****3</a></p>"
        "<p>Vendor: <a href='/u/8'>b***n</a></p>"
    )
    assert found.vendor is None or "*" not in found.vendor.text


def test_a_shops_heading_that_links_to_the_vendor_is_no_title() -> None:
    found = read(
        "<p>Market</p><p>Welcome</p><h2><a href='/vendor/heron'>heron</a></h2>"
        f"<h3>Copper lamp 5g</h3><p>$12.00</p>{BUY}"
    ).listing
    assert found
    assert found.title
    assert found.title.text == "Copper lamp 5g"


def test_a_link_to_the_vendor_inside_the_title_does_not_speak_against_it() -> None:
    found = read(
        f"<p>Market</p><p>Welcome</p><h3>Copper lamp 5g <small>by <a href='/vendor/heron'>heron</a></small></h3>"
        f"<p>$12.00</p>{BUY}"
    ).listing
    assert found
    assert found.title
    assert found.title.text.startswith("Copper lamp 5g")


def test_the_last_step_of_a_breadcrumb_is_the_title_where_no_heading_is() -> None:
    found = read(
        "<ul class=breadcrumb><li><a href='/'>Home</a></li><li><a href='/category/3'>Lamps</a></li>"
        f"<li>Copper lamp 5g</li></ul><p>Price: $12.00</p>{BUY}"
    ).listing
    assert found
    assert found.title
    assert found.title.text == "Copper lamp 5g"


def test_an_amount_in_bold_is_no_city_and_the_heading_with_a_pin_is() -> None:
    packages = "".join(
        f"<div class='row package'><div><b>{n} шт</b></div><div>{n * 100} руб.</div></div>" for n in (5, 10, 20)
    )
    found = listing(f"<div><h4><i class='icon-map-marker'></i> Казань</h4>{packages}</div>")
    assert [option.city for option in found.prices] == ["Казань"] * 3
    assert [option.quantity for option in found.prices] == ["5 шт", "10 шт", "20 шт"]


def test_prose_below_facts_in_one_cell_is_the_description() -> None:
    prose = "The lamp is packed in two layers of foil and sent on the day after payment."
    found = listing(
        f"<table><tr><td>Ships from: Spain<br>Payment: BTC<br>Stock: 7<br>Sales: 30<br><br>{prose}</td></tr></table>"
        "<p>Price: $12.00</p>"
    )
    assert found.description
    assert found.description.text == prose


def test_a_tile_that_is_one_link_is_titled_by_its_name_not_by_its_price() -> None:
    tiles = "".join(
        f"<a class=tile href='/product/{n}'><img src=/i/{n}><span>{name}</span><em>Heron</em>"
        f"<strong>от {n} 000 ₸</strong></a>"
        for n, name in ((12, "Лампа медная белая"), (15, "Лампа латунная"), (19, "Чайник старый"))
    )
    cards = read(f"<h1>Лампы</h1><div class=grid>{tiles}</div>").cards
    assert [card.title for card in cards] == ["Лампа медная белая", "Лампа латунная", "Чайник старый"]
    assert all(card.vendor is None for card in cards)


def test_stars_of_one_look_are_counted_by_the_mark_of_the_full_ones() -> None:
    stars = "<span class='fa fa-star checked'></span>" * 4 + "<span class='fa fa-star'></span>"
    found = read(f"<h3>Copper lamp 5g</h3><div>{stars}</div><p>Price: $12.00</p>{BUY}").listing
    assert found
    assert found.rating
    assert found.rating.text == "4/5"
