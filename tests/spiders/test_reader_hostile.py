from __future__ import annotations

import random
import time
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.model.reading import Received
from spiders.reader import SiteReader, read_page

FIVE_MEGABYTES = 5_000_000
LONGEST_READING = 2.0
MOST_MEMORY = 200_000_000

TAGS = (
    "div",
    "table",
    "tr",
    "td",
    "a",
    "p",
    "ul",
    "li",
    "h1",
    "b",
    "form",
    "select",
    "option",
    "textarea",
    "pre",
    "dl",
    "dt",
    "dd",
    "span",
    "font",
)
WORDS = (
    "Price:",
    "$5.00",
    "Vendor",
    "Ships from",
    "<",
    "&amp;lt;",
    "\u202e",
    "\u200b",
    "In stock",
    "★★★★☆",
    "2024-01-02",
    "a***b",
    "-----BEGIN PGP PUBLIC KEY BLOCK-----",
    "Description",
    "1 BTC = 2 EUR = 3 USD",
    "Next",
    "۱۲۰۰ افغانی",
    "цена",
    "Reviews (3)",
    "0.5 XMR",
    "Label: value",
    "x" * 50,
)


def _hostile_pages() -> Iterator[tuple[str, str]]:
    fill = FIVE_MEGABYTES
    yield "one line", "<p>" + "price $5 " * (fill // 9)
    yield "one word", "<h1>" + "a" * fill
    yield "digits", "<div>" + "1 000 000 " * (fill // 10)
    yield "deep", "<div>" * (fill // 5)
    yield "deep tables", "<table><tr><td>" * (fill // 15)
    yield "ten thousand links", "".join(f'<a href="/product/{n}">Item {n}</a> $5 ' for n in range(100_000))
    yield "rows", "<table>" + "".join(f"<tr><td>Price</td><td>${n}</td></tr>" for n in range(120_000))
    yield "labels", "<ul>" + "<li><b>Price:</b> $5</li>" * 190_000
    yield (
        "cards",
        "".join(f"<div class=card><a href=/item/{n}>Thing {n}</a><span>{n} EUR</span></div>" for n in range(60_000)),
    )
    yield "reviews", "<div class=reviews>" + "<div class=rev>a***b 2024-01-01 <p>good</p></div>" * 90_000
    yield "selects", "<select>" + "<option>1 g - $5" * 300_000
    yield "styles", "<style>" + ".a{display:none}" * 300_000 + "</style><p>x"
    yield "open style", "<style>" + "{" * fill
    yield "attributes", "<div " + " ".join(f"a{n}=b" for n in range(500_000)) + ">"
    yield "classes", f'<div class="{"x " * 2_000_000}">text'
    yield "keys", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n" * (fill // 37)
    yield "entities", "&amp;" * (fill // 5)
    yield "headings", "<h2>Description</h2><p>text " * (fill // 28)
    yield "tabs", '<a href="#x">Description</a><div id=x>text</div>' * (fill // 48)
    yield "crumbs", '<a href="/">Home</a> &raquo; <a href="/c">C</a><br>' * (fill // 52)
    yield "pager", "".join(f'<a href="?page={n}">{n}</a>' for n in range(180_000))
    yield "stars", "<i class=star></i>" * (fill // 18)
    yield "colons", "<p>" + "a: " * (fill // 3)
    yield "spaces", "<p>" + " \n" * (fill // 2) + "x"
    yield "dots", "<p>" + "Price ....." + "." * fill


def _received(markup: str) -> Received:
    return Received(body=markup[:FIVE_MEGABYTES].encode()[:FIVE_MEGABYTES], url="http://m.example/x")


@pytest.mark.parametrize("name", [name for name, _ in _hostile_pages()])
def test_a_hostile_page_of_five_megabytes_is_read_within_two_seconds(name: str) -> None:
    received = _received(dict(_hostile_pages())[name])
    started = time.process_time()
    assert read_page(received).reader
    assert time.process_time() - started < LONGEST_READING


@pytest.mark.parametrize("name", ["cards", "one line", "deep", "classes", "labels"])
def test_a_hostile_page_of_five_megabytes_is_read_in_little_memory(name: str) -> None:
    received = _received(dict(_hostile_pages())[name])
    tracemalloc.start()
    read_page(received)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < MOST_MEMORY


MARKUP = st.lists(
    st.one_of(
        st.sampled_from(WORDS),
        st.builds("<{}>".format, st.sampled_from(TAGS)),
        st.builds("</{}>".format, st.sampled_from(TAGS)),
        st.builds(
            '<a href="{}">{}</a>'.format,
            st.sampled_from(("/p/1", "/p/2", "//", "http://[", "?page=2", "/u/x", "javascript:x")),
            st.sampled_from(WORDS),
        ),
        st.builds(
            '<div class="{}" style="{}">'.format,
            st.sampled_from(("price", "reviews", "title", "card", "stars")),
            st.sampled_from(("display:none", "width:50%", "")),
        ),
        st.text(max_size=20),
    ),
    max_size=60,
).map("".join)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(markup=MARKUP)
def test_no_markup_makes_the_reader_raise(markup: str) -> None:
    page = read_page(Received(body=markup.encode("utf-8", "surrogatepass"), url="http://m.example/a"))
    assert page.page_type in ("listing", "category", "vendor", "feedback", "gate", "other")


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    body=st.binary(max_size=400),
    content_type=st.one_of(
        st.none(),
        st.text(max_size=40),
        st.sampled_from(("text/html; charset=utf-16", "text/html; charset=idna", "charset=rot13", "charset=utf-7")),
    ),
)
def test_no_bytes_make_the_reader_raise(body: bytes, content_type: str | None) -> None:
    assert read_page(Received(body=body, content_type=content_type)).reader


def test_broken_copies_of_a_page_are_learnt_from_and_read_without_error() -> None:
    chance = random.Random(5)
    page = b"<h1>Lamp</h1><table><tr><td>Price</td><td>$5</td></tr></table><a href='/p/1'>x</a>" * 5
    reader = SiteReader()
    copies = [
        bytes(chance.choice((byte, 60, 0, 255)) if chance.random() < 0.05 else byte for byte in page) for _ in range(60)
    ]
    for copy in copies:
        reader.learn(Received(body=copy))
    assert all(reader.read(Received(body=copy)).template == reader.template.version for copy in copies)
