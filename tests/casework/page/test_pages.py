from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from casework.page.runs import run_figures
from crawler.model.sighting import Document
from index.opening import open_store
from index.store import Store
from pipelines.reconcile import Account
from pipelines.run_record import run_document
from tests.casework.page.made_market import BTC, FIRST, LONG_WORD, SECOND_KEY, listing_id, made_documents, vendor_id
from tests.casework.page.served import Answer, ask, served


def _search(address: str, *filters: str, **parameters: str) -> Answer:
    return ask(f"{address}/?" + urlencode([*parameters.items(), *(("f", each) for each in filters)]))


def test_the_first_page_shows_the_newest_listings_and_what_to_narrow_them_by(page_address: str) -> None:
    page = ask(page_address + "/").words
    assert "200 listings , 1–25 shown" in page.replace("listings,", "listings ,")
    for heading in ("Substance", "Class", "Market", "Vendor", "Ships from", "Form", "Language", "Linked crime"):
        assert heading in page


@pytest.mark.parametrize(
    "query", ["substance:3-MMC", "3mmc market:сад", "порошок", f"btc:{BTC}", "emergent:true NOT market:quartz"]
)
def test_the_page_finds_what_the_query_language_finds(page_address: str, made_store: Store, query: str) -> None:
    count = made_store.count(query)
    assert 0 < count < 200
    assert f"{count} listings" in _search(page_address, q=query).words


def test_filters_narrow_and_are_counted_without_themselves(page_address: str, made_store: Store) -> None:
    page = _search(page_address, "market:birchwood", "market:quartz", q="3-MMC").words
    assert f"{made_store.count('3-MMC (market:birchwood OR market:quartz)')} listings" in page
    assert "сад 9" in page


def test_a_mistake_in_a_query_is_marked_where_it_is(page_address: str) -> None:
    answer = _search(page_address, q="<b> vendr:x")
    assert answer.status == 400
    assert "&lt;b&gt; <mark>v</mark>endr:x" in answer.text
    assert "did you mean vendor?" in answer.words
    unfinished = _search(page_address, "market:birchwood", q="mdma (")
    assert "is missing at the end" in unfinished.words
    assert "<mark> </mark>" in unfinished.text


def test_half_a_query_while_typing_is_no_failed_request(page_address: str) -> None:
    answer = ask(page_address + "/?q=vendor:", {"HX-Request": "true"})
    assert answer.status == 200
    assert "a value must follow the colon" in answer.words


def test_pages_turn_and_end(page_address: str) -> None:
    assert "26–50 shown" in _search(page_address, page="2").words
    assert "There is no such page" in _search(page_address, page="9").words
    for page in ("0", "-1", "401", "x"):
        assert _search(page_address, page=page).status == 400


def test_an_order_is_kept_and_one_there_is_not_is_refused(page_address: str, made_store: Store) -> None:
    cheapest = made_store.search("currency:EUR", sort="price").bodies[0]["id"]
    text = _search(page_address, q="currency:EUR", sort="price").text
    assert text.index("/listing/") == text.index(f"/listing/{cheapest}")
    assert _search(page_address, sort="nonsense").status == 400


def test_nothing_found_says_what_to_try(page_address: str) -> None:
    page = _search(page_address, "market:birchwood", q="zzzz")
    assert page.status == 200
    assert "Nothing matches" in page.words
    assert 'href="/?q=zzzz"' in page.text


def test_an_empty_index_says_how_to_fill_it(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/index.db")
    with served(store, tmp_path) as address:
        assert "npswatch crawl MARKET" in ask(address + "/").words
        assert "No run yet" in ask(address + "/runs").words
    store.close()


def test_a_listing_shows_each_field_with_the_words_it_was_read_from(page_address: str, made_store: Store) -> None:
    body = made_store.get("listing", listing_id(0))
    assert body is not None
    page = ask(f"{page_address}/listing/{listing_id(0)}")
    for words in (
        f"Price: {body['sources']['price']['words'].removeprefix('Price: ')}",
        "label:price",
        "grammar:title",
        "90%",
        "the moon <b>",
        "passport to order",
        "Research chemicals › Stimulants",
        SECOND_KEY,
        "Всё пришло, спасибо! <b>top</b>",
        "verified the bytes on disk have this digest",
        "Ships from the middle of nowhere.",
    ):
        assert words in page.words, words
    assert "steal()" not in page.text


def test_a_listing_shows_its_history_with_what_changed(page_address: str, made_store: Store) -> None:
    observed = made_store.facets("*", ["id"], kind="observation", size=1)
    assert observed
    number = next(n for n in range(50) if made_store.count(f"listing:{listing_id(n)}", kind="observation") > 1)
    page = ask(f"{page_address}/listing/{listing_id(number)}").words
    assert "changed" in page
    assert "offer, price" in page


def test_addresses_of_markets_are_text_never_links(page_address: str) -> None:
    for path in (f"/listing/{listing_id(3)}", f"/vendor/{vendor_id('birchwood', 'NordicLab')}", "/?q=3-MMC"):
        text = ask(page_address + path).text
        links = [piece.split('"')[0] for piece in text.split('href="')[1:]]
        assert links
        assert all(link.startswith(("/", "?", "#")) and not link.startswith("//") for link in links), links
        assert "src=x" not in text.replace("&lt;img src=x", "")


def test_hostile_titles_are_words_on_every_page(page_address: str) -> None:
    pages = [f"/listing/{listing_id(number)}" for number in range(5)] + ["/?q=3-MMC&page=1", "/substance/3-MMC"]
    for path in pages:
        text = ask(page_address + path).text
        assert "<script>document" not in text
        assert "href='http://evil" not in text
        assert "\u202e" not in text
        assert "\u200b" not in text
    assert "{{ 7 * 7 }} {% raw %}" in ask(f"{page_address}/listing/{listing_id(3)}").words
    assert LONG_WORD in ask(f"{page_address}/listing/{listing_id(2)}").words
    assert "U+202E" in ask(f"{page_address}/listing/{listing_id(1)}").words


def test_a_vendor_shows_keys_listings_reviews_and_who_else_shows_the_key(page_address: str) -> None:
    page = ask(f"{page_address}/vendor/{vendor_id('birchwood', 'NordicLab')}")
    assert "0123 4567 89AB CDEF 0123 4567 89AB CDEF 0123 4567" in page.words
    assert f'href="/vendor/{vendor_id("quartz", "NordicLab")}"' in page.text
    assert "a person confirms it" in page.words
    assert "Listings 17" in page.words
    assert "Reviews 17" in page.words


def test_a_substance_shows_prices_over_time_and_offers_cheapest_first(page_address: str, made_store: Store) -> None:
    page = ask(f"{page_address}/substance/3-MMC?currency=USD")
    offers = made_store.search("substance:3-MMC price_per_gram_currency:USD", sort="price_per_gram").bodies
    places = [page.text.rindex(f"/listing/{body['id']}") for body in offers]
    assert places == sorted(places)
    assert "first seen 2026-09-07 12:30 UTC" in page.words
    assert "&#34;unit&#34;: &#34;USD/g&#34;" in page.text
    assert "Week from" in page.words


def test_a_substance_without_prices_or_with_an_odd_name_has_a_page(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/index.db")
    substance = {"name": 'N/A "x" <y>', "class": "nitazenes", "nps": True, "emergent": True}
    store.put([Document(kind="listing", id="1", body={"market": "m", "offer": {"substances": [substance]}})])
    with served(store, tmp_path) as address:
        page = ask(f"{address}/substance/{quote(str(substance['name']), safe='')}")
        assert page.status == 200
        assert "No offer states both a mass and a price" in page.words
        assert ask(f"{address}/substance/3-MMC").status == 404
        assert ask(f"{address}/substance/%E2%98%85").status == 404
        assert ask(f"{address}/listing/1").status == 200
        assert ask(f"{address}/?q=x").status == 200
    store.close()


def test_documents_that_say_almost_nothing_have_pages_all_the_same(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/index.db")
    store.put([Document(kind=kind, id="1", body={"market": "m"}) for kind in ("listing", "vendor", "run", "capture")])
    store.put([Document(kind="observation", id="1", body={"listing": "1"})])
    store.put([Document(kind="review", id="1", body={"listing": "1"}), Document(kind="listing", id="2", body={})])
    with served(store, tmp_path) as address:
        for path in ("/listing/1", "/listing/2", "/vendor/1", "/run/1", "/capture/1", "/runs", "/"):
            assert ask(address + path).status == 200, path
    store.close()


def test_runs_show_their_verdict_and_why(page_address: str) -> None:
    page = ask(page_address + "/runs").words
    assert "сад blind only gates answered: login 8" in page
    assert "quartz degraded 12 pages failed; 3 pages were gates" in page
    only = ask(f"{page_address}/runs?market={quote('сад')}").words
    assert "Runs of сад all markets × 4" in only


def test_a_run_shows_its_figures_and_the_gates_it_met(page_address: str, made_store: Store) -> None:
    run = made_store.search("market:сад", kind="run", sort="-started").bodies[0]
    page = ask(f"{page_address}/run/{run['id']}")
    assert "Why blind only gates answered: login 8" in page.words
    assert "Gate: login 8" in page.words
    assert "Gates met 1" in page.words
    capture = page.text.split('href="/capture/')[1].split('"')[0]
    assert "not verified" in ask(f"{page_address}/capture/{capture}").words


def test_a_run_shows_everything_its_record_holds(page_address: str, made_store: Store) -> None:
    record = run_document(
        {"start_time": FIRST, "finish_time": FIRST, "guard/refused": 7, "outbox/waiting": 3, "frontier/waiting": 5},
        Account(),
        market="m",
        run="r",
        why="cancelled",
        profile=None,
    ).body
    page = ask(f"{page_address}/run/{made_store.search('market:quartz', kind='run').bodies[0]['id']}").words
    assert "Pages kept 118" in page
    assert "began anew" in page
    named = {"verdict", "reasons", "why_ended", "started", "ended", "market", "run", "gates", "page_types", "resumed"}
    named |= {"reconciled", "coverage", "dead"}
    labels = dict(run_figures(record | {"retried_twice": 4}))
    assert len(labels) == len(record.keys() - named) + 1
    assert labels["Refused by the guard"] == 7
    assert labels["Retried twice"] == 4


def test_a_run_shows_how_much_of_the_market_it_saw(page_address: str, made_store: Store) -> None:
    page = ask(f"{page_address}/run/{made_store.search('market:birchwood', kind='run').bodies[0]['id']}").words
    assert "Share seen 96.5 %" in page
    assert "95 % interval 110 to 121" in page
    assert "108 of 112 seen" in page
    assert "what was not reached is not taken for gone" in page


def test_a_capture_leads_to_what_was_read_from_it(page_address: str, made_store: Store) -> None:
    body = made_store.get("listing", listing_id(7))
    assert body is not None
    page = ask(f"{page_address}/capture/{body['capture']}")
    assert f'Read from it: listing <a href="/listing/{listing_id(7)}">' in page.text
    vendor = made_store.get("vendor", vendor_id("birchwood", "NordicLab"))
    assert vendor is not None
    assert "Read from it: vendor NordicLab" in ask(f"{page_address}/capture/{vendor['capture']}").words


@pytest.mark.parametrize("path", ["/listing/none", "/vendor/none", "/capture/none", "/run/none", "/substance/x", "/x"])
def test_what_is_not_there_is_said_with_a_way_on(page_address: str, path: str) -> None:
    answer = ask(page_address + path)
    assert answer.status == 404
    assert "There is no such" in answer.words or "was seen on offer" in answer.words
    assert 'href="/"' in answer.text


@pytest.fixture(scope="module")
def elasticsearch_page(new_elasticsearch_address: Callable[[], str], made_home: Path) -> Iterator[str]:
    store = open_store(new_elasticsearch_address())
    assert store.put(made_documents(made_home / "again")) == ()
    store.refresh()
    with served(store, made_home) as address:
        yield address
    store.close()


def test_the_page_reads_the_same_on_elasticsearch(page_address: str, elasticsearch_page: str) -> None:
    for path in (
        "/?sort=-first_seen",
        "/?q=3-MMC&f=market:birchwood&f=vendor:WhiteRabbit&sort=price_per_gram",
        f"/listing/{listing_id(30)}",
        f"/vendor/{vendor_id('birchwood', 'NordicLab')}",
        "/substance/3-MMC",
        "/substance/3-MMC?currency=USD",
        "/runs",
        "/substances",
        "/cases",
        "/?q=zzzz",
        "/?q=(",
    ):
        ours, theirs = ask(page_address + path), ask(elasticsearch_page + path)
        assert (ours.status, ours.words) == (theirs.status, theirs.words), path
