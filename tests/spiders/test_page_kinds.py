"""Which kind a page is where words mislead: news of maintenance, empty searches, further pages of feedback."""

from __future__ import annotations

import pytest

from crawler.model.reading import Received
from pipelines.understanding import start_sighting, understand
from spiders.reader import SiteReader, read_page

ROWS = (
    "k**l 5/5 · 2024-07-23 Good parcel, thanks",
    "j***n 2/5 · 2024-07-19 Never arrived",
    "a**e 4/5 · 2024-07-01 Fine",
)
REVIEWS = "".join(f"<div class=fb><b>{row[:5]}</b> <i>{row[6:22]}</i><p>{row[22:]}</p></div>" for row in ROWS)
MENU = "<nav><a href=/>Bazaar</a> <a href=/c/1>Lamps</a> <a href=/c/2>Bells</a> <a href=/out>Log out</a></nav>"


def kind(body: str, url: str | None = None) -> str:
    """The page's type, or the gate it is."""
    raw = read_page(Received(body=body.encode(), url=url, content_type="text/html; charset=utf-8"))
    return raw.gate or raw.page_type


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Технические работы завершены, балансы на месте.", "other"),
        ("The scheduled maintenance is finished. All wallets are open.", "other"),
        ("Texnik ishlar tugadi.", "other"),
        ("Технические работы. Они будут завершены через час.", "maintenance"),
        ("Технические работы будут завершены через час.", "maintenance"),
        ("We are under maintenance until the upgrade is finished.", "maintenance"),
        ("Scheduled maintenance", "maintenance"),
    ],
)
def test_maintenance_that_is_over_is_news_and_no_gate(text: str, expected: str) -> None:
    assert kind(f"<title>News</title><h2>News</h2><p>{text}</p>") == expected


@pytest.mark.parametrize(
    "body",
    [
        "<h1>Search results for “lamp”</h1><p>Nothing found.</p>",
        "<h1>Результаты поиска</h1><p>По вашему запросу ничего не найдено</p>",
        "<h1>Поиск</h1><h2>Ничего не найдено</h2>",
        "<h1>Hashish Products</h1><p>No products found in this category.</p>",
        "<h1>Lamps</h1><p>No listings match your search.</p>",
    ],
)
def test_a_list_that_holds_nothing_is_a_category(body: str) -> None:
    assert kind(f"<body>{MENU}{body}") == "category"


def test_an_empty_search_is_known_by_its_address() -> None:
    assert kind(f"{MENU}<p>No results.</p>", "http://m.example/find?q=lamp") == "category"
    assert kind(f"{MENU}<p>No results.</p>", "http://m.example/polls") == "other"


def test_a_page_that_is_missing_is_an_error_whatever_its_side_bar_offers_to_search() -> None:
    missing = "<title>Page not found</title><h1>Page not found</h1><p>Nothing was found here.</p><h3>Search</h3>"
    assert kind(missing, "http://m.example/item/7") == "error"


def test_a_page_of_reviews_under_a_vendors_name_is_feedback() -> None:
    tabs = "<a href=/u/copper_kettle>Profile</a> <a href=/u/copper_kettle/f>Feedback</a>"
    head = f"<h2>copper_kettle</h2><div>+101 -3</div>{tabs}"
    pager = "<a href='/u/copper_kettle/f?page=1'>1</a> <b>2</b>"
    page = f"<title>copper_kettle - Bazaar</title>{MENU}{head}{REVIEWS}{pager}"
    assert kind(page) == "feedback"
    assert kind(page, "http://m.example/u/copper_kettle/f?page=2") == "feedback"


def test_a_front_page_is_known_by_its_document_title_or_an_address_that_says_home() -> None:
    cards = "".join(
        f"<li><a href=/item/{n}>Copper lamp {n}</a> by <a href=/u/{v}>{v}</a> <b>{n + 3}.00 EUR</b></li>"
        for n, v in enumerate(("anna", "boris", "carla", "dora", "emil", "fred"))
    )
    page = f"<title>{{}}</title>{MENU}<ul>{cards}</ul>"
    assert kind(page.format("Homepage | Bazaar")) == "other"
    assert kind(page.format("Lamps | Bazaar")) == "category"
    assert kind(page.format("Bazaar"), "http://m.example/index.php?route=common/home") == "other"
    assert kind(page.format("Bazaar"), "http://m.example/index.php?route=lamps") == "category"


def test_pages_without_anything_are_of_no_type_that_only_the_frame_of_the_site_suggests() -> None:
    def page(path: str, body: str) -> Received:
        return Received(body=f"<title>x</title>{MENU}<main>{body}</main>".encode(), url=f"http://m.example{path}")

    shelf = "<ul class=shelf>{}</ul>"
    cards = "".join(
        f"<li><a href=/item/{n}>Copper lamp {n}</a> by <a href=/u/{v}>{v}</a> <b>{n + 3}.00 EUR</b></li>"
        for n, v in enumerate(("anna", "boris", "carla", "dora", "emil", "fred"))
    )
    pages = [page(f"/c/{n}", shelf.format(cards)) for n in range(8)]
    bare = [page(f"/{name}", f"<ul class=shelf><li>{name}</ul><p>Be kind.</p>") for name in ("rules", "faq", "about")]
    reader = SiteReader()
    for each in (*pages, *bare):
        reader.learn(each)

    assert {reader.read(each).page_type for each in pages} == {"category"}
    assert {reader.read(each).page_type for each in bare} == {"other"}


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Prices in EUR", {"amount": 12.5, "currency": "EUR"}),
        ("All prices are in <b>USD</b>", {"amount": 12.5, "currency": "USD"}),
        ("Цены указаны в рублях", {"amount": 12.5, "currency": "RUB"}),
        ("Currency: XMR", {"amount": 12.5, "currency": "XMR"}),
        ("Currency: USD EUR", None),
        ("Prices in EUR</span><span>Currency: USD", None),
        ("Prices in stone", None),
        ("", None),
    ],
)
def test_bare_prices_are_in_the_currency_that_the_header_states(header: str, expected: object) -> None:
    body = (
        f"<header><span>{header}</span></header>{MENU}<h1>Copper lamp 5</h1><table><tr><th>Price<td>12.50"
        "<tr><th>Vendor<td><a href=/u/anna>anna</a><tr><th>In stock<td>7</table>"
        "<form method=post><button>Buy</button></form>"
    )
    raw = read_page(Received(body=body.encode(), content_type="text/html; charset=utf-8"))
    page = understand(start_sighting(raw, market="m", url="")).page
    assert page.listing is not None
    price = page.listing.price
    assert (price and {"amount": float(price.amount), "currency": price.currency}) == expected
    assert page.listing.stock == 7


def test_bare_prices_of_a_list_are_in_the_currency_that_the_header_states() -> None:
    rows = "".join(
        f"<tr><td><a href=/item/{n}>Copper lamp {n}</a><td>{n + 3}.00<td>{n}<td><a href=/u/{v}>{v}</a>"
        for n, v in enumerate(("anna", "boris", "carla", "dora", "emil", "fred"))
    )
    heads = "<tr><th>Title<th>Price<th>Stock<th>Vendor"
    raw = read_page(Received(body=f"<header>All prices in EUR</header>{MENU}<table>{heads}{rows}</table>".encode()))
    assert [card.price for card in raw.cards] == [f"{n + 3}.00 EUR" for n in range(6)]


def test_three_offers_of_one_vendor_on_a_shelf_are_no_vendors_page() -> None:
    cards = "".join(
        f"<div class=c><a href='/item/{n}'>Copper lamp no. {n}</a><b>{n}.50 USD</b> by <a href='/vendor/h'>h</a></div>"
        for n in (1, 2, 3)
    )
    assert kind(f"{MENU}<h4>Ewers</h4>{cards}") == "category"


def test_a_score_that_the_title_of_drawn_stars_states_is_not_read_as_five_stars() -> None:
    stars = "<span title='3,4 van 5 sterren'><span style='width:68%'>★★★★★</span></span> <small>3,4 (6)</small>"
    facts = (
        "<table><tr><th>Prijs<td>4,50 EUR<tr><th>Voorraad<td>863</table><form method=post><button>Buy</button></form>"
    )
    raw = read_page(
        Received(body=f"{MENU}<h1>Copper lamp</h1>{stars}{facts}".encode(), content_type="text/html; charset=utf-8")
    )
    page = understand(start_sighting(raw, market="m", url="")).page
    assert page.listing is not None
    assert page.listing.rating is not None
    assert float(page.listing.rating) == 3.4


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (
            "<select name=s><option>one &mdash; 5 EUR<option>two &mdash; 9 EUR</select><button>Shake on it</button>",
            "listing",
        ),
        ("<button>&#10010;</button>", "listing"),
        ("<input type=hidden name=t value=7><input type=submit value=Mine>", "listing"),
        ("<input name=to><button>Send it off</button>", "other"),
        ("<button>Withdraw</button>", "other"),
    ],
)
def test_a_form_that_only_sends_a_price_orders_whatever_its_button_says(form: str, expected: str) -> None:
    box = f"<div><span>5 EUR</span><form method=post action=/x>{form}</form></div>"
    assert kind(f"<h1>Copper lamp</h1>{box}<p>Cast in spring.</p>") == expected
