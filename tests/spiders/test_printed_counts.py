import pytest

from crawler.model.reading import Received
from spiders.reader import SiteReader
from tests.sites import Answer
from tests.small_market import small_market

URL = "http://market.onion/category?name=stimulants"
PAGES = small_market(23)


def counts(body: str, url: str = URL, status: int = 200) -> dict[str, int]:
    raw = SiteReader().read(Received(body=body.encode(), url=url, content_type="text/html", status=status))
    return {each.url: int("".join(filter(str.isdigit, each.count))) for each in raw.counts}


def page(path: str) -> str:
    answer = PAGES[path]
    assert isinstance(answer, Answer)
    return answer.body.decode()


@pytest.mark.parametrize(
    ("words", "total"),
    [
        ("Showing 1-10 of 143", 143),
        ("Showing <b>1</b> - <b>10</b> of <b>1,143</b> listings", 1143),
        ("Показано 1–10 из 2 143", 2143),
        ("Treffer 1 bis 10 von 87", 87),
    ],
)
def test_the_number_of_listings_of_the_list_itself_is_read(words: str, total: int) -> None:
    body = page("/category?name=stimulants").replace(
        "<p class='pages'>", f"<p class='shown'>{words}</p><p class='pages'>"
    )
    assert counts(body) == {URL: total}


@pytest.mark.parametrize(
    "link",
    [
        "<a href='/category?name=opioids'>Opioids (37)</a>",
        "<a href='/category?name=opioids'>Opioids <span>37</span></a>",
        "<a href='/category?name=opioids'>Opioids</a> (37)",
        "<a href='/category?name=opioids'>Opioids</a> <span class='badge'>[37]</span>",
    ],
)
def test_the_number_beside_a_category_is_read(link: str) -> None:
    body = page("/").replace("<a href='/logout'>", link + " <a href='/logout'>")
    assert counts(body, "http://market.onion/") == {"http://market.onion/category?name=opioids": 37}


def test_a_page_that_prints_no_count_gives_none() -> None:
    assert counts(page("/category?name=stimulants")) == {}
    assert counts(page("/listing/4"), "http://market.onion/listing/4") == {}


@pytest.mark.parametrize(
    ("words", "status", "gone"),
    [
        ("This listing is no longer available", 200, True),
        ("Товар не найден", 200, True),
        ("404", 404, True),
        ("Internal server error", 500, False),
        ("Something went wrong", 200, False),
    ],
)
def test_a_listing_that_is_gone_is_told_from_a_market_that_broke(words: str, status: int, *, gone: bool) -> None:
    body = f"<html><title>Error</title><h1>{words}</h1></html>".encode()
    raw = SiteReader().read(Received(body=body, url="http://market.onion/listing/4", status=status))
    assert (raw.gate, raw.gone) == ("error", gone)
