"""One contract, two homes: whatever is put, both stores find the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from crawler.model.errors import BadInput, BadQuery
from crawler.model.sighting import Document
from index.opening import open_store
from index.store import Store
from tests.index.varied import FINGERPRINT, WALLET, varied_listings

VENDORS = [
    Document(kind="vendor", id="v1", body={"name": "DrFoo", "market": "birch", "pgp_fingerprints": [FINGERPRINT]}),
    Document(kind="vendor", id="v2", body={"name": "Қыран", "market": "alder", "joined": "2025-05", "sales": 12}),
]
RUNS = [
    Document(kind="run", id="r1", body={"market": "birch", "started": "2026-01-01T00:00:00.000Z", "verdict": "blind"}),
    Document(kind="run", id="r2", body={"market": "birch", "started": "2026-01-02T00:00:00.000Z", "pages": 40}),
]

QUERIES = [
    "*", "mdma", "MDMA crystals", "crystals OR кристаллы", "кристалл", "кристаллами", "kristall", "3-mmc", "3 mmc",
    "3mmc",
    '"3 mmc blue"', "a-pvp", "α-PVP", "alpha-pvp", "апвп", "альфа-пвп", "mephedrone", "меф*", "mdmb-4en-pinaca",
    "pinaca -mdma", "NOT mdma", "mdma NOT vendor:foo", "(mdma OR ketamine) AND form:pill", "-(mdma OR ketamine)",
    "vendor:DrFoo", "vendor:foo", 'vendor:"dr foo"', "vendor:ice-house", "vendor:ice*", "vendor:лис", "vendor:қыран",
    "vendor:(foo OR fox)", "NOT vendor:*", "substance:3-mmc", "substance:mdma", 'class:"synthetic cathinones"',
    "class:nitazenes OR class:designer", "nps:true", "nps:false", "nps:true nps:false", "emergent:true", "NOT nps:true",
    "market:birch", "market:BIRCH", "ships_from:DE", "ships_from:germany", "ships_from:россия", "ships_to:uz",
    "ships_to:o'zbekiston", "ships_from:қазақстан", "city:Ташкент", "city:toshkent", "city:хабаровск",
    "city:Khabarovsk",
    "delivery:dead_drop", "language:uz", "language:uz-Cyrl", "language:ru OR language:tg", "currency:eur",
    "payment:xmr",
    "crime:weapons", "crime:money_laundering", "state:gone", f"btc:{WALLET}", f"btc:{WALLET.upper()}", "btc:bc1q*",
    "email:team3@mail.example", '"team3@mail.example"', "id:l00042", "id:l0004*", "listing_id:1007",
    "price:20", "price:<20", "price:<=20", "price:>20", "price:>=19.99", "price:5..20", "price:20..", "price:..5",
    "price_per_gram:<20 currency:usd", "quantity_g:0.5", "stock:0", "stock:>0", "rating:>=4.5", "sales:*", "-sales:*",
    "first_seen:>2026-03-01", "first_seen:2026-03", "first_seen:2026-02..2026-03", "first_seen:<2026-01-05",
    "first_seen:2026-06-30", "last_seen:2026", "last_seen:>=2026-09-15T00:00:00Z", "times_seen:2..3", "escrow:true",
    "escrow:false", "url:http://birch.example/item/7*", "description:contact", "title:toza", "category:опиоиды",
    '"alpha one two"', '"one two"', "category:\"one two\"", "one two", "меphеdrоne", "мефедрон", "spice",
    "кабул OR کابل",
    "ҳамеша", "o‘zbekcha", "ўзбекча", "größte", "grosste", "expédition discrete", "script", "xxxnothingxxx",
    "((mdma))", "market:(birch AND NOT alder) price:* -currency:eur", "10x*", '"blue crys"*', "mephedrones*", "aaaa*",
]  # fmt: skip
SORTS = ["price", "-price", "vendor", "-vendor", "title", "-title", "first_seen", "-last_seen", "city", "-city", "id",
         "-id", "rating", "-rating", "nps", "-escrow", "ships_to", "-listing_id", "stock"]  # fmt: skip


def _filled(address: str) -> Store:
    store = open_store(address)
    assert store.put([*varied_listings(), *VENDORS, *RUNS]) == ()
    store.refresh()
    return store


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = _filled(f"sqlite:///{tmp_path_factory.mktemp('store')}/index.db")
    yield store
    store.close()


@pytest.fixture(scope="module")
def server(new_elasticsearch_address: Callable[[], str]) -> Iterator[Store]:
    store = _filled(new_elasticsearch_address())
    yield store
    store.close()


@pytest.fixture(params=["embedded", "server"])
def store(request: pytest.FixtureRequest) -> Store:
    found: Store = request.getfixturevalue(request.param)
    return found


@pytest.fixture(params=["sqlite", "elasticsearch"])
def new_store(
    request: pytest.FixtureRequest, tmp_path: Path, new_elasticsearch_address: Callable[[], str]
) -> Iterator[Store]:
    made = open_store(f"sqlite:///{tmp_path}/new.db" if request.param == "sqlite" else new_elasticsearch_address())
    yield made
    made.close()


def _ids(store: Store, query: str, **how: object) -> list[str]:
    return [str(body["id"]) for body in store.search(query, **how).bodies]  # type: ignore[arg-type]


@pytest.mark.parametrize("query", QUERIES)
def test_both_stores_find_the_same(embedded: Store, server: Store, query: str) -> None:
    one = embedded.search(query, limit=1000)
    other = server.search(query, limit=1000)
    assert {body["id"] for body in one.bodies} == {body["id"] for body in other.bodies}
    assert one.total == other.total == len(one.bodies) == embedded.count(query) == server.count(query)


def test_most_queries_of_the_table_find_some_and_not_all(embedded: Store) -> None:
    counts = [embedded.count(query) for query in QUERIES]
    assert sum(0 < count < 400 for count in counts) > 0.9 * len(QUERIES)


@pytest.mark.parametrize("sort", SORTS)
def test_both_stores_keep_the_same_order_and_pages(embedded: Store, server: Store, sort: str) -> None:
    whole = _ids(embedded, "*", limit=1000, sort=sort)
    assert whole == _ids(server, "*", limit=1000, sort=sort)
    pages = [_ids(server, "*", limit=90, offset=start, sort=sort) for start in range(0, 450, 90)]
    assert [id_ for page in pages for id_ in page] == whole


def test_without_words_the_newest_come_first_in_both(embedded: Store, server: Store) -> None:
    for query in ("*", "vendor:* price:<20", "-mdma"):
        assert _ids(embedded, query, limit=50) == _ids(embedded, query, limit=50, sort="-last_seen")
        assert _ids(embedded, query, limit=50) == _ids(server, query, limit=50)


def test_what_lacks_the_field_comes_last_both_ways_and_ties_go_by_id(store: Store) -> None:
    for sort in ("price", "-price"):
        bodies = store.search("*", limit=1000, sort=sort).bodies
        amounts = [body.get("price", {}).get("amount") for body in bodies]
        present = [amount for amount in amounts if amount is not None]
        assert amounts[: len(present)] == present
        assert present == sorted(present, reverse=sort.startswith("-"))
        same = [body["id"] for body in bodies if body.get("price", {}).get("amount") == 20]
        assert same == sorted(same)


@pytest.mark.parametrize("query", ["*", "кристалл", "vendor:foo OR price:<20", "xxxnothingxxx"])
def test_a_scan_gives_every_hit_once_by_id(store: Store, query: str) -> None:
    scanned = [body["id"] for body in store.scan(query)]
    assert scanned == sorted(_ids(store, query, limit=1000))


def test_a_scan_left_half_way_leaves_the_store_in_order(store: Store) -> None:
    assert next(iter(store.scan("*")))["id"] == "l00000"
    assert store.count("*") == 400


FACETED = ["vendor", "substance", "class", "nps", "market", "ships_from", "ships_to", "city", "language", "payment",
           "escrow", "form", "category", "btc", "title"]  # fmt: skip


@pytest.mark.parametrize("query", ["*", "кристалл", "price:<20 -vendor:foo", "xxxnothingxxx"])
def test_facets_count_the_same_values(embedded: Store, server: Store, query: str) -> None:
    counted = embedded.facets(query, FACETED, size=7)
    assert counted == server.facets(query, FACETED, size=7)
    assert all(len(values) <= 7 for values in counted.values())
    assert list(counted) == FACETED


def test_a_facet_counts_documents_not_words(store: Store) -> None:
    counts = dict(store.facets("*", ["market"])["market"])
    assert counts == {name: store.count(f"market:{name}") for name in ("birch", "alder")}


@pytest.mark.parametrize("interval", ["day", "week", "month", "year"])
def test_a_series_is_the_same(embedded: Store, server: Store, interval: str) -> None:
    def points(store: Store) -> list[tuple[object, ...]]:
        found = store.series("currency:eur", time_field="first_seen", value_field="price_per_gram", interval=interval)
        return [(each.time, each.count, each.minimum, round(each.average, 9), each.maximum) for each in found]

    assert points(embedded) == points(server)
    assert sum(int(str(point[1])) for point in points(embedded)) == embedded.count("currency:eur price_per_gram:*")


def test_a_median_lies_close_in_both(embedded: Store, server: Store) -> None:
    def medians(store: Store) -> list[float]:
        found = store.series(
            "*", time_field="first_seen", value_field="price_per_gram", interval="month", percentiles=[10, 50, 90]
        )
        assert [sorted(each.percentiles) for each in found] == [[10.0, 50.0, 90.0]] * len(found)
        return [each.percentiles[50.0] for each in found]

    assert medians(embedded) == pytest.approx(medians(server), rel=0.05)


def test_a_body_comes_back_as_it_was_put_with_its_id_and_kind(store: Store) -> None:
    for document in varied_listings()[10:20]:
        assert store.get("listing", document.id) == {**document.body, "id": document.id, "kind": "listing"}
    assert store.get("listing", "none") is None
    assert store.get("vendor", "l00001") is None


def test_many_are_got_at_once_and_the_missing_left_out(store: Store) -> None:
    ids = [f"l{number:05d}" for number in range(380, 420)]
    assert sorted(store.get_many("listing", ids)) == ids[:20]
    assert store.get_many("listing", []) == {}


def test_kinds_are_kept_apart(store: Store) -> None:
    assert [body["id"] for body in store.scan("*", "vendor")] == ["v1", "v2"]
    assert _ids(store, f'pgp:"{FINGERPRINT[:4]} {FINGERPRINT[4:]}"', kind="vendor") == ["v1"]
    assert _ids(store, "joined:2025 sales:>10", kind="vendor") == ["v2"]
    assert _ids(store, "*", kind="run") == ["r2", "r1"]
    assert _ids(store, "verdict:blind", kind="run") == ["r1"]


def test_putting_the_same_again_changes_nothing(new_store: Store) -> None:
    documents = varied_listings(30)
    for _ in range(2):
        assert new_store.put(documents) == ()
        new_store.refresh()
        assert new_store.count("*") == 30


def test_a_newer_body_replaces_the_whole_of_the_older_one(new_store: Store) -> None:
    new_store.put(
        [Document(kind="listing", id="x", body={"title": "old mdma", "vendor": "fox", "price": {"amount": 3}})]
    )
    new_store.put([Document(kind="listing", id="x", body={"title": "new ketamine"})])
    new_store.refresh()
    assert new_store.get("listing", "x") == {"title": "new ketamine", "id": "x", "kind": "listing"}
    assert new_store.count("mdma OR vendor:* OR price:*") == 0
    assert new_store.count("ketamine") == 1


def test_the_last_of_two_with_one_id_in_one_put_wins(new_store: Store) -> None:
    new_store.put([Document(kind="listing", id="x", body={"title": title}) for title in ("first", "second")])
    new_store.refresh()
    assert [body["title"] for body in new_store.search("*").bodies] == ["second"]


UNFIT: dict[str, dict[str, Any]] = {
    "a price that is no number": {"price": {"amount": "20 EUR"}},
    "a price that is no object": {"price": 20},
    "an endless number": {"sales": float("inf")},
    "a number too large": {"sales": 10**400},
    "a date that is none": {"first_seen": "2026-02-30"},
    "a date in words": {"first_seen": "yesterday"},
    "a date as number": {"first_seen": 1767225600},
    "a title that is an object": {"title": {"en": "x"}},
    "a truth in words": {"escrow": "yes"},
    "half a character": {"title": "\ud800"},
    "what is no JSON": {"extra": {1, 2}},
}


@pytest.mark.parametrize("name", UNFIT)
def test_one_unfit_document_is_rejected_with_its_reason_and_the_rest_kept(new_store: Store, name: str) -> None:
    good = varied_listings(3)
    rejected = new_store.put([good[0], Document(kind="listing", id="bad", body=UNFIT[name]), *good[1:]])
    new_store.refresh()
    assert [(each.kind, each.id) for each in rejected] == [("listing", "bad")]
    assert rejected[0].reason
    assert sorted(_ids(new_store, "*")) == [document.id for document in good]


def test_an_unknown_kind_or_an_impossible_id_is_rejected(new_store: Store) -> None:
    rejected = new_store.put(
        [
            Document(kind=kind, id=id_, body={})
            for kind, id_ in (("spoon", "a"), ("listing", ""), ("listing", "i" * 513))
        ]
    )
    assert len(rejected) == 3
    assert "spoon" in rejected[0].reason


def test_nothing_put_is_nothing_done(new_store: Store) -> None:
    assert new_store.put([]) == ()
    assert new_store.search("*").total == 0
    assert list(new_store.scan("*")) == []
    assert new_store.facets("*", ["vendor"]) == {"vendor": []}
    assert new_store.series("*", time_field="first_seen", value_field="price") == []


def test_an_unknown_kind_field_or_interval_is_named(store: Store) -> None:
    with pytest.raises(BadInput, match="spoon"):
        store.search("*", kind="spoon")
    with pytest.raises(BadQuery, match="did you mean vendor"):
        store.search("vendr:x")
    with pytest.raises(BadQuery, match="did you mean price"):
        store.search("*", sort="-prise")
    with pytest.raises(BadQuery):
        store.facets("*", ["nothing"])
    with pytest.raises(BadInput, match="number"):
        store.facets("*", ["price"])
    with pytest.raises(BadInput, match="fortnight"):
        store.series("*", time_field="first_seen", value_field="price", interval="fortnight")


def test_a_page_beyond_the_last_is_empty_and_still_says_the_total(store: Store) -> None:
    hits = store.search("market:birch", offset=5000)
    assert hits.bodies == ()
    assert hits.total == store.count("market:birch")
    assert store.search("*", limit=0).total == 400


def test_pages_deeper_than_the_servers_window_are_reached(store: Store) -> None:
    assert _ids(store, "*", sort="price", limit=20_000) == _ids(store, "*", sort="price", limit=1000)
    assert _ids(store, "*", sort="-price", offset=390, limit=10_000) == _ids(store, "*", sort="-price", offset=390)
