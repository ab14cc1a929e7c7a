from __future__ import annotations

from crawler.model.reading import Received
from crawler.model.words import RawPage
from spiders.reader import READER_VERSION, links_to_follow, read_page

LISTING = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Copper Lamp - Example</title></head><body>
<div id="header"><h1><a href="/">Example</a></h1><a href="/logout">Logout</a> Balance: 0.5 BTC</div>
<h2>Copper Lamp</h2>
<table><tr><td>Vendor</td><td><a href="/user/anna">anna</a> (12)</td></tr><tr><td>Price</td><td>$24.00 (0.0004 BTC)</td></tr>
<tr><td>Ships from</td><td>Norway</td></tr><tr><td>Ships to</td><td>Sweden, Denmark</td></tr><tr><td>In stock</td><td>7</td></tr></table>
<form method="post"><input name="quantity" value="1"><button>Buy now</button></form>
<h3>Description</h3><div>A lamp of copper, made by hand.</div></body></html>"""

CARDS = """<html><head><title>Lamps</title></head><body><table><tr><th>Product</th><th>Price</th><th>Vendor</th></tr>{rows}</table>
<a href="/category/lamps?page=2">Next</a><a href="/cart">Cart</a></body></html>"""
ROW = '<tr><td><a href="/product/{n}">Lamp number {n}</a></td><td>{n}.50 EUR</td><td><a href="/user/v{n}">v{n}</a></td></tr>'


def _read(markup: str, **received: object) -> RawPage:
    return read_page(Received(body=markup.encode(), **received))  # type: ignore[arg-type]


def test_a_listing_in_a_table_of_labels_is_read_with_sources() -> None:
    page = _read(LISTING)
    assert (page.page_type, page.reader) == ("listing", READER_VERSION)
    listing = page.listing
    assert listing is not None
    words = {
        name: getattr(listing, name).text for name in ("title", "vendor", "price", "ships_from", "ships_to", "stock")
    }
    assert words == {
        "title": "Copper Lamp",
        "vendor": "anna",
        "price": "$24.00 (0.0004 BTC)",
        "ships_from": "Norway",
        "ships_to": "Sweden, Denmark",
        "stock": "7",
    }
    assert listing.description is not None
    assert listing.description.text == "A lamp of copper, made by hand."
    assert listing.vendor is not None
    assert listing.vendor.rule == "label:vendor"
    assert listing.rating is None


def test_a_page_of_rows_gives_cards_and_the_next_page_and_no_acting_links() -> None:
    page = _read(
        CARDS.format(rows="".join(ROW.format(n=n) for n in range(3, 9))), url="http://m.example/category/lamps"
    )
    assert page.page_type == "category"
    assert [(card.title, card.vendor, card.price) for card in page.cards[:2]] == [
        ("Lamp number 3", "v3", "3.50 EUR"),
        ("Lamp number 4", "v4", "4.50 EUR"),
    ]
    assert page.links.next == "http://m.example/category/lamps?page=2"
    assert not any("cart" in address for address in links_to_follow(page))


def test_a_login_form_is_a_gate() -> None:
    page = _read(
        "<h1>Welcome</h1><form method=post><input name=u><input type=password name=p><button>Login</button></form>"
    )
    assert (page.page_type, page.gate) == ("gate", "login")


def test_hidden_links_and_prices_are_not_on_the_page() -> None:
    trap = '<div style="display:none"><a href="/product/666">Trap</a> $1</div><!-- $2 --><script>var p="$3"</script>'
    page = _read(LISTING.replace("<h2>", trap + "<h2>"))
    assert page.listing is not None
    assert page.listing.price is not None
    assert page.listing.price.text == "$24.00 (0.0004 BTC)"
    assert not any("666" in address for address in links_to_follow(page))


def test_an_empty_body_and_a_binary_are_other_pages() -> None:
    for body in (b"", b"\x00\x01\x02\xff" * 100, b"%PDF-1.7 \x80\x81"):
        assert read_page(Received(body=body)).page_type in ("other", "gate")
