from __future__ import annotations

from crawler.model.reading import Received
from crawler.model.words import RawPage
from spiders.reader import READER_VERSION, links_to_follow, read_page

LISTING = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<title>Copper Lamp - Example</title></head><body>
<div id="header"><h1><a href="/">Example</a></h1><a href="/logout">Logout</a> Balance: 0.5 BTC</div>
<h2>Copper Lamp</h2>
<table><tr><td>Vendor</td><td><a href="/user/anna">anna</a> (12)</td></tr>
<tr><td>Price</td><td>$24.00 (0.0004 BTC)</td></tr>
<tr><td>Ships from</td><td>Norway</td></tr><tr><td>Ships to</td><td>Sweden, Denmark</td></tr>
<tr><td>In stock</td><td>7</td></tr></table>
<form method="post"><input name="quantity" value="1"><button>Buy now</button></form>
<h3>Description</h3><div>A lamp of copper, made by hand.</div></body></html>"""

CARDS = """<html><head><title>Lamps</title></head><body>
<table><tr><th>Product</th><th>Price</th><th>Vendor</th></tr>{rows}</table>
<a href="/category/lamps?page=2">Next</a><a href="/cart">Cart</a></body></html>"""
ROW = (
    '<tr><td><a href="/product/{n}">Lamp number {n}</a></td><td>{n}.50 EUR</td>'
    '<td><a href="/user/v{n}">v{n}</a></td></tr>'
)


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


def test_labels_are_read_in_many_languages() -> None:
    pages = {
        "ru": ("Продавец", "Цена", "В наличии", "1 500 ₽"),
        "kk": ("Сатушы", "Бағасы", "Қоймада", "1 500 ₸"),
        "uz": ("Sotuvchi", "Narxi", "Omborda", "15 000 so'm"),
        "de": ("Verkäufer", "Preis", "Auf Lager", "15,00 €"),
        "fa": ("فروشنده", "قیمت", "موجودی", "۱۵۰۰ افغانی"),
    }
    for language, (vendor, price, stock, amount) in pages.items():
        pairs = f"<dl><dt>{vendor}</dt><dd>anna</dd><dt>{price}:</dt><dd>{amount}</dd><dt>{stock}</dt><dd>4</dd></dl>"
        listing = _read(f"<html lang={language}><title>Xyz lamp</title><h1>Xyz lamp</h1>{pairs}</html>").listing
        assert listing is not None, language
        found = (listing.vendor, listing.price, listing.stock)
        assert [words.text for words in found if words] == ["anna", amount, "4"], language


def test_a_fake_offer_inside_a_review_changes_no_field() -> None:
    fake = "Buy from me. Price: $1.00, Ships from: Atlantis, Vendor: nobody, In stock: 5."
    rows = "".join(f'<div class="rev"><b>a**{n}</b> <i>2024-05-0{n}</i><p>{fake}</p></div>' for n in (1, 2, 3))
    page = _read(LISTING.replace("</body>", f"<h3>Reviews</h3><div>{rows}</div></body>"))
    assert page.listing is not None
    assert [words and words.text for words in (page.listing.vendor, page.listing.ships_from)] == ["anna", "Norway"]
    assert [(review.buyer, review.date) for review in page.reviews][:1] == [("a**1", "2024-05-01")]
    assert page.reviews[0].text == fake


def test_price_options_keep_their_city_and_amount() -> None:
    table = "<h4>{}</h4><table><tr><th>Фасовка</th><th>Тип</th><th>Цена</th></tr>{}</table>"
    row = "<tr><td>{} г</td><td>Прикоп</td><td>{} ₽</td></tr>"
    tables = "".join(table.format(city, row.format(1, 900) + row.format(2, 1700)) for city in ("Омск", "Казань"))
    listing = _read(f"<title>Товар</title><h1>Товар</h1>{tables}<button>Купить</button>").listing
    assert listing is not None
    assert [(option.city, option.quantity, option.price) for option in listing.prices][::3] == [
        ("Омск", "1 г", "900 ₽"),
        ("Казань", "2 г", "1700 ₽"),
    ]
    assert [city.text for city in listing.cities] == ["Омск", "Казань"]


def test_a_key_block_broken_up_by_line_breaks_is_put_together() -> None:
    block = "-----BEGIN PGP PUBLIC KEY BLOCK-----<br>Comment: x<br>" + "A" * 64 + "<br>BBBB<br>=abcd<br>"
    page = _read(f"<h1>anna</h1>Member since: 2020-01-01<br>{block}-----END PGP PUBLIC KEY BLOCK-----")
    assert page.vendor is not None
    assert page.vendor.pgp_blocks[0].splitlines() == [
        "-----BEGIN PGP PUBLIC KEY BLOCK-----",
        "Comment: x",
        "",
        "A" * 64,
        "BBBB",
        "=abcd",
        "-----END PGP PUBLIC KEY BLOCK-----",
    ]


def test_charsets_are_told_apart() -> None:
    text = "<title>Товар</title><h1>Лампа медная</h1><p>Цена: 5 $</p><button>Купить</button>"
    wrong = "text/html; charset=windows-1251"
    for charset, header in (("windows-1251", None), ("koi8-r", None), ("utf-8", wrong), ("utf-16-le", None)):
        page = read_page(Received(body=text.encode(charset), content_type=header))
        assert page.listing is not None, charset
        assert page.listing.title is not None
        assert page.listing.title.text == "Лампа медная", charset


def test_gates_are_told_apart() -> None:
    pages = {
        "captcha": "<p>Введите символы с картинки</p><img src=/c.png><form method=post><input name=captcha></form>",
        "queue": '<meta http-equiv="refresh" content="5"><h2>You are in the queue</h2><p>Please wait</p>',
        "seized": "<h1>This hidden service has been seized</h1><p>by law enforcement</p>",
        "maintenance": "<h1>Технические работы</h1><p>Скоро вернёмся</p>",
        "error": "<h1>404 Not Found</h1>",
    }
    assert {name: _read(markup).gate for name, markup in pages.items()} == {name: name for name in pages}
