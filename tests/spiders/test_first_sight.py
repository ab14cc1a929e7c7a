"""What is read of a page of which nothing was learnt: one case for each way markets were seen to write it."""

from __future__ import annotations

from crawler.model.page import PageType
from crawler.model.reading import Received
from crawler.model.words import RawListing, RawPage
from spiders.reader import SiteReader

SITE = "http://sight.example"
CARD = "<div class='c'><a href='/item/{n}'>Lamp number {n}</a><p>{who}</p><b>{n}0 USD</b></div>"


def read(body: str, url: str | None = SITE + "/item/7") -> RawPage:
    return SiteReader().read(Received(body=f"<html><body>{body}</body></html>".encode(), url=url))


def offer(body: str) -> RawListing:
    listing = read(f"<h1>Copper lamp</h1><p>Price: 12 USD</p>{body}<button>Buy</button>").listing
    assert listing
    return listing


def test_a_tab_hidden_by_its_style_is_read_and_what_no_tab_shows_is_not() -> None:
    listing = offer(
        "<a href='#d'>Description</a><div id='d' style='display:none'>Made of copper, by hand.</div>"
        "<div style='display:none'>Nobody sees this trap of words.</div>"
    )
    assert listing.description
    assert listing.description.text == "Made of copper, by hand."


def test_a_tab_that_a_checked_button_shows_is_read_and_a_window_over_the_page_is_not() -> None:
    style = (
        "<style>.t{display:none} #a:checked~.one{display:block} .w{display:none;position:fixed}"
        " .w:target{display:block}</style>"
    )
    listing = offer(
        style + "<input type=radio id=a><h3>Description</h3><div class='t one'>Made of copper, by hand.</div>"
        "<div class='w' id='x'>Order now: shipping 5 USD, nothing else to see here.</div>"
    )
    assert listing.description
    assert listing.description.text == "Made of copper, by hand."


def test_a_quote_with_its_author_below_is_a_review() -> None:
    page = read(
        '<h2>Testimonials</h2><p>"Came in four days."<br><i>- ro**7, 2024-09-25</i></p>'
        '<p>"Shines."<br><i>- Buyer_41, 2024-10-04</i></p>',
        SITE + "/testimonials",
    )
    said = [(review.buyer, review.date, review.text) for review in page.reviews]
    assert said == [("ro**7", "2024-09-25", "Came in four days."), ("Buyer_41", "2024-10-04", "Shines.")]


def test_amounts_below_the_names_of_cities_are_options_there() -> None:
    listing = offer("<h4>Самара</h4><p>1 г - 8590 руб. <a>Купить</a><br></p><h4>Омск</h4><p>1 г - 8740 руб.</p>")
    assert [(option.city, option.quantity, option.price) for option in listing.prices] == [
        ("Самара", "1 г", "8590 руб"),
        ("Омск", "1 г", "8740 руб"),
    ]


def test_where_parcels_come_from_and_go_to_is_read_from_sentences() -> None:
    listing = offer("<p>We ship from Germany. Ships to France, Spain only.</p>")
    assert listing.ships_from
    assert listing.ships_to
    assert (listing.ships_from.text, listing.ships_to.text) == ("Germany", "France, Spain")


def test_places_in_a_badge_each_are_told_apart_and_an_unknown_place_is_none() -> None:
    listing = offer("<dl><dt>Ships to</dt><dd><b>France</b> <b>United States</b></dd></dl><p>Ships from: Unknown</p>")
    assert listing.ships_to
    assert listing.ships_to.text == "France, United States"
    assert listing.ships_from is None


def test_pictures_of_stars_are_counted_and_a_scored_line_is_a_rating() -> None:
    full, empty = "<img src='/img/star-full.png'>", "<img src='/img/star-none.png'>"
    drawn = offer(f"<p><span>{full * 4}{empty}</span> 12 ratings</p>").rating
    written = offer("<p>★ 4.87 (1 204 reviews)</p>").rating
    priced = offer("<p>★1,000 pcs at once★ limited</p>").rating
    assert drawn
    assert written
    assert (drawn.text, written.text, priced) == ("4/5", "★ 4.87 (1 204 reviews)", None)


def test_a_label_before_a_figure_needs_no_colon_and_before_other_words_is_none() -> None:
    listing = offer("<p>Rating 4.5 from 12 orders</p><p>In stock 17</p><p>Price list below</p>")
    assert listing.rating
    assert listing.stock
    assert (listing.rating.text, listing.stock.text) == ("4.5 from 12 orders", "17")


def test_a_choice_of_the_sites_own_is_its_front_and_a_category_is_none() -> None:
    cards = "".join(CARD.format(n=n, who="heron") for n in range(1, 7))
    menu = "".join(f"<a href='/category/{n}'>{name}</a>" for n, name in enumerate(("Lamps", "Oils", "Wicks", "Glass")))
    front = read(f"<div>{menu}</div><div>Featured listings</div>{cards}", None)
    lamps = read(f"<div>{menu}</div><div>Listings in Lamps</div>{cards}", None)
    assert (front.page_type, lamps.page_type) == (PageType.OTHER.value, PageType.CATEGORY.value)


def test_a_name_before_its_score_on_a_card_is_the_vendors() -> None:
    cards = "".join(CARD.format(n=n, who="heron <i>4.5★</i>") for n in range(1, 7))
    assert {card.vendor for card in read(cards, SITE + "/category/1").cards} == {"heron"}


def test_names_that_listings_of_the_site_state_are_vendors_on_its_cards() -> None:
    cards = "".join(CARD.format(n=n, who="heron" if n % 2 else "otter") for n in range(1, 7))
    listings = [
        f"<h1>Lamp {n}</h1><p>Price: {n} USD</p><p>Vendor: {'heron' if n % 2 else 'otter'}</p><button>Buy</button>"
        for n in range(1, 5)
    ]
    reader = SiteReader()
    pages = [Received(body=f"<html><body>{body}</body></html>".encode()) for body in [*listings, cards]]
    for page in pages:
        reader.learn(page)
    assert {card.vendor for card in reader.read(pages[-1]).cards} == {"heron", "otter"}


def test_a_path_written_without_links_is_the_category_where_the_menu_names_it() -> None:
    menu = "".join(f"<a href='/category/{n}'>{name}</a>" for n, name in enumerate(("Lamps", "Oils", "Wicks", "Glass")))
    listing = offer(f"<p>Household › Lamps</p><div>{menu}</div>")
    assert [step.text for step in listing.category] == ["Household", "Lamps"]


def test_the_first_post_of_a_thread_is_the_offer_and_those_below_are_reviews() -> None:
    post = (
        "<article class='m'><h4><a href='/members/{who}.1/'>{who}</a></h4><time>0{n}.05.2024</time>"
        "<div>{said}</div></article>"
    )
    page = read(
        "<h1><span class='label'>For sale</span> Copper lamp</h1>"
        "<p>Thread starter <a href='/members/heron.1/'>heron</a></p><div class='posts'>"
        + post.format(who="heron", n=1, said="Price: 12 USD<br>A lamp of copper, made by hand and by nobody else.")
        + post.format(who="o***r", n=2, said="Came in four days.")
        + post.format(who="z***a", n=3, said="It shines, as was said.")
        + "</div>",
        SITE + "/threads/copper-lamp.7/",
    )
    assert page.page_type == PageType.LISTING.value
    assert page.listing
    assert page.listing.title
    assert page.listing.price
    assert (page.listing.title.text, page.listing.price.text) == ("Copper lamp", "12 USD")
    assert [review.text for review in page.reviews] == ["Came in four days.", "It shines, as was said."]


def _row(city: str, amount: str, price: str, place: int) -> str:
    cells = f"<span>{city}</span><span>Magnet</span><span>{amount}</span><span>{price}</span>"
    return f"<div class='r'>{cells}<a href='/take/7/{place}'>Buy</a></div>"


def test_rows_of_a_city_an_amount_and_a_button_are_the_options_of_the_pages_offer_and_no_list() -> None:
    rows = _row("Almaty", "1 g", "12 USD", 1) + _row("Bishkek", "2 g", "20 USD", 2) + _row("Osh", "5 g", "44 USD", 3)
    page = read(f"<title>Copper lamp</title><div>Copper lamp</div><div>12 USD</div><div>Where to take it</div>{rows}")
    assert page.page_type == PageType.LISTING
    assert page.cards == ()
    assert page.listing
    options = [(option.city, option.quantity, option.price) for option in page.listing.prices]
    assert options == [("Almaty", "1 g", "12 USD"), ("Bishkek", "2 g", "20 USD"), ("Osh", "5 g", "44 USD")]


def test_a_score_behind_the_name_of_a_shop_is_the_shops() -> None:
    shop = "<div><a href='/shop/21'>foxglove</a><span>4.64/5, 88 deals</span></div>"
    rating = offer(shop + "<div>★ 4.0 (1 review)</div>").rating
    assert rating
    assert rating.text == "★ 4.0 (1 review)"
    assert offer(shop).rating is None


def test_a_line_with_the_date_is_the_head_of_a_review_whoever_wrote_it() -> None:
    said = [("Buyer_41", "Arrived in two days."), ("ottokar", "A fine lamp, well packed."), ("k***n", "All good.")]
    rows = "".join(
        f"<div class='m'><div>{who} <small>0{place}.03.2024</small> <b>★★★★★</b></div><div>{text}</div></div>"
        for place, (who, text) in enumerate(said, 1)
    )
    page = read(f"<h1>Copper lamp</h1><p>Price: 12 USD</p><button>Buy</button><div>Reviews (3)</div>{rows}")
    assert [review.text for review in page.reviews] == [text for _, text in said]


def test_facts_behind_words_no_table_lists_are_read_where_the_value_proves_them() -> None:
    listing = offer(
        "<pre>Goes out from ....... Germany\nCan go to ........... France, Spain\n</pre>"
        "<p>Restmenge im Lager: 14 Stück</p><p>Gesamtwertung der Kunden: 4,5 von 5</p><p>Mix it from: water</p>"
    )
    assert listing.ships_from
    assert listing.ships_to
    assert listing.stock
    assert listing.rating
    assert (listing.ships_from.text, listing.ships_to.text) == ("Germany", "France, Spain")
    assert (listing.stock.text, listing.rating.text) == ("14 Stück", "4,5 von 5")
    assert listing.ships_from.rule == "worded:ships_from"


def test_what_an_icon_says_when_one_points_at_it_is_a_label() -> None:
    listing = offer(
        "<ul><li><i class='fa' title='Seller'></i> <a href='/w/31'>heron</a></li>"
        "<li><i title='Ships from'></i> Germany</li><li><span title='In stock'>17</span></li></ul>"
    )
    assert listing.vendor
    assert listing.ships_from
    assert listing.stock
    assert (listing.vendor.text, listing.ships_from.text, listing.stock.text) == ("heron", "Germany", "17")


def test_an_address_that_is_a_script_and_a_bare_word_carries_it() -> None:
    cards = "".join(f"<p><a href='/cgi-bin/ad.cgi?{n}'>Lamp number {n}</a>, {n}0 USD</p>" for n in range(4, 9))
    page = read(cards, SITE + "/cgi-bin/board.cgi?29")
    assert [card.title for card in page.cards] == [f"Lamp number {n}" for n in range(4, 9)]
    listing = offer("<p>Placed on Monday by <a href='/cgi-bin/who.cgi?heron'>heron</a></p>")
    assert listing.vendor
    assert listing.vendor.text == "heron"


def test_a_line_of_the_menu_is_no_vendor_and_the_way_back_to_it_is_the_category() -> None:
    menu = "".join(f"<a class='m' href='/wares/{name}'>{name}</a>" for name in ("lamps", "cups", "rugs", "bags"))
    listing = offer(f"<div>{menu}</div><p>Made by hand.</p><p>Of copper.</p><p><a href='/wares/cups'>← Cups</a></p>")
    assert listing.vendor is None
    assert [step.text for step in listing.category] == ["Cups"]


def test_reviews_set_in_a_table_each_whose_buyer_and_date_are_announced_are_read() -> None:
    rows = "".join(
        f"<tr><td><table><tr><td>by {buyer}</td><td>added on: {date}</td></tr>"
        f"<tr><td colspan=2>{said}</td></tr></table></td></tr>"
        for buyer, date, said in (("ro**7", "12.11.2024", "Came in four days."), ("an**a", "02.10.2024", "Shines."))
    )
    page = read(f"<h1>Copper lamp</h1><table>{rows}</table>")
    said = [(review.buyer, review.date, review.text) for review in page.reviews]
    assert said == [("ro**7", "12.11.2024", "Came in four days."), ("an**a", "02.10.2024", "Shines.")]


def test_the_page_headed_by_a_seller_the_site_knows_is_that_vendors() -> None:
    reader = SiteReader()
    offers = "".join(f"<p><a href='/ad/{n}'>Lamp number {n}</a> {n}0 USD</p>" for n in range(1, 7))
    for n in range(1, 7):
        body = f"<h1>Lamp number {n}</h1><p>Seller: <a href='/who/31'>heron</a></p><p>Price: {n}0 USD</p><a>Buy</a>"
        reader.learn(Received(body=body.encode(), url=f"{SITE}/ad/{n}"))
    page = reader.read(Received(body=f"<h1>heron</h1><p>Here for years.</p>{offers}".encode(), url=SITE + "/x"))
    assert page.page_type == PageType.VENDOR.value


def test_an_offer_written_like_a_message_is_read_with_pictures_for_labels() -> None:
    post = "<div class='m'><a class='owner_name' href='/u31'>heron</a><div class='t'>{said}</div>{more}</div>"
    said = "🛍 <b>Copper lamp</b><br>💵 1 200 ₽<br>⭐️ 4.8 из 5 (2 отз.)<br>📦 в наличии 12<br>Made by hand."
    buttons = (
        "<p><a href='/take/1'>Самара · Магнит · 1 г · 1 200 ₽</a></p><p><a href='/take/2'>Омск · 2 г · 2 300 ₽</a></p>"
    )
    answers = "".join(
        f"<div class='m'><a href='#'>{buyer}</a><div class='t'>⭐️⭐️⭐️<br>{text}</div><time>{date}</time></div>"
        for buyer, text, date in (
            ("an**a", "Came in four days.", "12.11.2024"),
            ("ro**7", "Shines like new.", "02.11.2024"),
        )
    )
    page = read("<section>" + post.format(said=said, more=buttons) + answers + "</section>", SITE + "/s/548")
    assert page.page_type == PageType.LISTING.value
    listing = page.listing
    assert listing
    assert listing.title
    assert listing.rating
    assert listing.stock
    assert (listing.title.text, listing.stock.text) == ("Copper lamp", "12")
    assert listing.rating.text == "⭐️ 4.8 из 5 (2 отз.)"
    assert [(option.city, option.quantity) for option in listing.prices] == [("Самара", "1 г"), ("Омск", "2 г")]
    assert [review.buyer for review in page.reviews] == ["an**a", "ro**7"]


def test_the_heading_over_a_menu_is_no_title_and_the_first_line_of_a_heading_cell_is() -> None:
    menu = "".join(f"<a href='/c/{n}'>{name}</a> (3)<br>" for n, name in enumerate(("Lamps", "Cups", "Rugs", "Bags")))
    page = read(
        f"<td class='infoBoxHeading'>All wares</td></table><div>{menu}</div><table><tr>"
        "<td class='pageHeading'>Copper lamp<br><small>[RC-12]</small></td><td>12 USD</td></tr></table>"
        "<button>Buy</button>"
    )
    assert page.listing
    assert page.listing.title
    assert page.listing.title.text == "Copper lamp"


def test_the_way_on_is_found_behind_words_that_begin_with_next() -> None:
    offers = "".join(CARD.format(n=n, who="") for n in range(1, 5))
    assert read(offers + "<a href='/list?p=2'>Next sheet</a>", SITE + "/list").links.next == SITE + "/list?p=2"


def test_a_card_that_is_one_link_is_named_by_the_piece_its_address_repeats() -> None:
    cards = "".join(
        f"<a href='/offer/{slug}-{n}'><div>{title}</div><div>{who}</div><div>{n}0 USD</div></a>"
        for n, (slug, title, who) in enumerate(
            (("red-lamp", "Red lamp", "Long-legged heron"), ("tin-cup", "Tin cup", "Old brown owl")), 1
        )
    )
    assert [card.title for card in read(cards, SITE + "/list").cards] == ["Red lamp", "Tin cup"]


def test_a_title_that_begins_with_the_word_vendor_names_no_vendor() -> None:
    cards = "".join(f"<p><a href='/item/{n}'>Vendor banner number {n}</a> {n}0 USD</p>" for n in range(1, 5))
    assert {card.vendor for card in read(cards, SITE + "/list").cards} == {None}


def test_a_step_of_the_path_is_no_vendor_though_its_address_repeats_its_words() -> None:
    path = "<p><a href='/'>Board</a> / <a href='/show?lamps'>Lamps</a> / <a href='/show?29'>Copper</a></p>"
    assert offer(path).vendor is None
    listing = offer(path + "<p>Placed by <a href='/who?heron'>heron</a></p>")
    assert listing.vendor
    assert listing.vendor.text == "heron"


def test_an_offer_whose_labels_no_table_lists_is_a_listing_with_its_seller() -> None:
    page = read(
        "<section><div class=z>Copper lamp</div><p>Торгует: <a href='/?torg=42'>heron</a></p>"
        "<p>Отдаёт за: <b>1 200 руб.</b></p>"
        "<p>Лежит в стране: Россия</p><p>Высылается в: Казахстан, Украина</p>"
        "<p>Made by hand in the old town.</p></section>",
        None,
    )
    assert page.listing
    assert page.listing.vendor
    assert page.listing.title
    assert page.listing.ships_from
    assert page.listing.ships_to
    assert (page.listing.title.text, page.listing.vendor.text) == ("Copper lamp", "heron")
    assert (page.listing.ships_from.text, page.listing.ships_to.text) == ("Россия", "Казахстан, Украина")
