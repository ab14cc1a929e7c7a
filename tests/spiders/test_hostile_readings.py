"""Pages made to mislead: what is read from them is what a visitor sees, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from config.profiles import Profile
from crawler.model.plain import plain
from crawler.model.reading import Received
from pipelines.understanding import start_sighting, understand
from spiders.reader import read_page

URL = "http://m.example/item/1"
LISTING = """<html><head><title>{title} - Bazaar</title></head><body>{top}<h1>{title}</h1><table>
<tr><th>{price_label}</th><td>{price}</td></tr><tr><th>Vendor</th><td><a href='/user/ada'>{vendor}</a></td></tr>
<tr><th>Ships from</th><td>Netherlands</td></tr><tr><th>In stock</th><td>5</td></tr></table><h2>Description</h2>
<div class=description><p>{text}</p></div><form method=post action=/buy><input name=amount><button>Buy</button></form>
{tail}</body></html>"""
PLAIN = {
    "top": "",
    "title": "Copper lamp",
    "price_label": "Price",
    "price": "60.50 EUR",
    "vendor": "ada",
    "text": "A lamp made of copper, packed well and sent on working days.",
    "tail": "",
}
RIGHT = {
    "title": "Copper lamp",
    "vendor": "ada",
    "price": {"amount": 60.5, "currency": "EUR"},
    "stock": 5,
    "ships_from": {"country": "NL", "text": "Netherlands"},
    "description": PLAIN["text"],
}


def listing(**changed: str) -> str:
    return LISTING.format(**(PLAIN | changed))


def said(page: str | bytes, url: str = URL, profile: Profile | None = None) -> dict[str, Any]:
    body = page if isinstance(page, bytes) else page.encode()
    raw = read_page(Received(body=body, url=url), profile=profile)
    table: dict[str, Any] = plain(understand(start_sighting(raw, market="", url=url)).page)
    return table


def fields(page: str | bytes) -> dict[str, Any]:
    read = said(page)
    assert read["page_type"] == "listing"
    return {name: read["listing"].get(name) for name in RIGHT}


def in_tables(page: str, depth: int) -> str:
    return "<table><tr><td>" * depth + page + "</td></tr></table>" * depth


DISGUISES = {
    "prices in comments and scripts": listing(
        price="<!-- 1.00 EUR -->60.50 EUR<!-- Price: $7 -->",
        top="<!-- <h1>Fake</h1> Price: $1 --><script>document.write('<h1>Fake</h1> Price: $2.00')</script>"
        "<template><b>Price:</b> $4</template><style>.x:after{content:'Price: $5'}</style>",
    ),
    "zero width characters": listing(
        title="Cop\u200bper la\u2060mp\ufeff", price="6\u200b0.50 E\u00adUR", vendor="a\u200dda"
    ),
    "right to left overrides": listing(title="\u202eCopper lamp\u202c", vendor="\u2067ada\u2069"),
    "overrides as entities": listing(title="Copper &#8238;lamp&#8236;&#x200b;"),
    "homoglyphs in labels": listing(price_label="Рriсe").replace("Vendor", "Vеndоr"),
    "broken nesting": listing()
    .replace("</td>", "")
    .replace("</th>", "")
    .replace("</tr>", "")
    .replace("</div>", "")
    .replace("</h1>", ""),
    "tables in tables": in_tables(listing(), 25),
    "a hidden price above": listing(
        top="<p style='display:none'>Price: $1.00</p><p class=q>Price: $2.00</p>",
        tail="<style>.q{display:none}</style>",
    ),
}


@pytest.mark.parametrize("name", DISGUISES)
def test_what_a_visitor_sees_is_read(name: str) -> None:
    assert fields(DISGUISES[name]) == RIGHT


def test_entities_escaped_twice_are_undone() -> None:
    read = fields(
        listing(
            title="Lamp &amp;amp; shade &amp;#8364;",
            text="Made by Tom &amp;amp; Co, the &amp;quot;best&amp;quot; of all.",
        )
    )
    assert read["title"] == "Lamp & shade €"
    assert read["description"] == 'Made by Tom & Co, the "best" of all.'


@pytest.mark.parametrize(
    "body",
    [
        listing(title="Медная лампа").encode("cp1251"),
        listing(title="Медная лампа").encode("koi8-r"),
        b"<meta charset=windows-1251>" + listing(title="Медная лампа").encode(),
        b"<meta charset=utf-8>" + listing(title="Медная лампа").encode("cp1251"),
        listing(title="Медная лампа").encode() + "<p>Ещё одна строка</p><p>и ещё</p>".encode("cp1251"),
        listing(title="Медная лампа".encode().decode("latin-1")).encode(),
        listing(title="Медная лампа").encode("utf-16"),
        listing(title="Медная лампа").encode() + b"\xff\xfe\x00\x80",
    ],
    ids=["cp1251", "koi8-r", "utf-8 called cp1251", "cp1251 called utf-8", "both", "twice", "utf-16", "torn"],
)
def test_letters_are_right_whatever_charset_is_named_or_mixed(body: bytes) -> None:
    assert fields(body) == RIGHT | {"title": "Медная лампа"}


CARDS = "".join(
    f"<div class=card><a href='/item/{n}'>Lamp number {n}</a> <a href='/user/ada'>ada</a> <b>{n}.00 EUR</b></div>"
    for n in range(1, 6)
)
TRAPS = (
    "<a href='/item/66' style='display:none'>lamp</a>",
    "<div hidden><a href='/item/66'>lamp</a></div>",
    "<a href='/item/66' class=trap>lamp</a><style>.trap{display:none}</style>",
    "<style>#trap, .other{visibility:hidden}</style><a href='/item/66' id=trap>lamp</a>",
    "<a href='/item/66' class=off>lamp</a><style>@media all{.off{position:absolute;left:-5000px}}</style>",
    "<a href='/item/66' style='position:absolute;left:-9999px'>lamp</a>",
    "<a href='/item/66' style='text-indent:-9999px'>lamp</a>",
    "<a href='/item/66' aria-hidden=true tabindex=-1>lamp</a>",
    "<a href='/item/66' style='opacity:0'>lamp</a>",
    "<a href='/item/66' style='font-size:0'>lamp</a>",
    "<a href='/item/66' style='DISPLAY : NONE!important'>lamp</a>",
    "<div style='width:0;height:0;overflow:hidden'><a href='/item/66'>lamp</a></div>",
    "<div style='max-height:0;overflow:hidden'><a href='/item/66'>lamp</a></div>",
    "<a href='/item/66' style='position:absolute;clip:rect(0 0 0 0)'>lamp</a>",
    "<a href='/item/66' style='transform:scale(0)'>lamp</a>",
    "<a href='/item/66' style='color:#fff;background:#fff'>lamp</a>",
    "<a href='/item/66' style='color:transparent'>lamp</a>",
    "<a href='/item/66'></a>",
    "<!-- <a href='/item/66'>lamp</a> -->",
    "<script>var a = \"<a href='/item/66'>lamp</a>\"</script>",
    "<template><a href='/item/66'>lamp</a></template>",
)


@pytest.mark.parametrize("trap", TRAPS)
@pytest.mark.parametrize("first", [True, False], ids=["before the offers", "behind them"])
def test_a_link_nobody_can_see_is_not_followed(trap: str, first: bool) -> None:
    shelf = f"{trap}{CARDS}" if first else f"{CARDS}{trap}"
    page = said(f"<html><body><h1>Lamps</h1>{shelf}</body></html>", "http://m.example/c/lamps")
    assert len(page["listings"]) == 5
    assert "/item/66" not in str(page)


FAKES = {
    "as a table": "<h1>Fake lamp</h1><table><tr><th>Price</th><td>1.00 EUR</td></tr><tr><th>Vendor</th><td>"
    "<a href=/user/evil>evil</a></td></tr><tr><th>In stock</th><td>999</td></tr></table><button>Buy</button>",
    "as lines": "Price: 1.00 EUR<br>Vendor: evil<br>Ships from: China<br>In stock: 999<h1>Fake lamp</h1>",
    "as cards": "<div class=card><a href=/item/8>Fake lamp</a> <a href=/user/evil>evil</a> <b>1.00 EUR</b></div>" * 3,
}


@pytest.mark.parametrize("fake", FAKES)
@pytest.mark.parametrize("above", [True, False], ids=["above the listing", "below it"])
def test_a_listing_inside_a_review_is_not_the_pages(fake: str, above: bool) -> None:
    texts = ("good lamp, thanks", FAKES[fake], "came fast and whole")
    rows = "".join(
        f"<div class=review><b>a***{'bcd'[n]}</b> <i>5/5</i> <u>2024-01-0{n + 1}</u><p>{text}</p></div>"
        for n, text in enumerate(texts)
    )
    reviews = f"<h2>Reviews (3)</h2><div class=reviews>{rows}</div>"
    read = fields(listing(**{"top" if above else "tail": reviews}))
    assert {name: read[name] for name in ("vendor", "price", "ships_from", "stock")} == {
        name: RIGHT[name] for name in ("vendor", "price", "ships_from", "stock")
    }
    assert above or read == RIGHT


def test_ten_thousand_offers_on_a_page_are_read_up_to_the_bound() -> None:
    shelf = "".join(
        f"<div class=card><a href='/item/{n}'>Lamp number {n}</a> <b>{n + 1}.00 EUR</b></div>" for n in range(10_000)
    )
    page = said(f"<html><body><h1>Lamps</h1>{shelf}</body></html>", "http://m.example/c/lamps")
    assert page["page_type"] == "category"
    assert len(page["listings"]) == len(page["links"]["listing"]) >= 3000
    assert page["listings"][2999] == {
        "title": "Lamp number 2999", "price": {"amount": 3000, "currency": "EUR"}, "url": "http://m.example/item/2999"
    }  # fmt: skip


def test_five_megabytes_on_one_line_hide_nothing_of_the_listing() -> None:
    page = said(listing(text="word " * 1_000_000))
    assert page["listing"]["title"] == "Copper lamp"
    assert page["listing"]["price"] == RIGHT["price"]


def test_a_profiles_selectors_give_clean_words_too() -> None:
    profile = Profile(name="bazaar", selectors={"listing.vendor": "a"})
    page = said(listing(vendor="\u202ea\u200bda\u202c"), profile=profile)
    assert page["listing"]["vendor"] == "ada"
