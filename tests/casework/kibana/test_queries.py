from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from casework.kibana.lens import RECORDS
from casework.kibana.objects import saved_objects
from casework.kibana.queries import ObjectQuery, queries, rows
from casework.kibana.reading import FOLDER, read_sources
from index.address import ElasticsearchAddress, parse_address
from index.elasticsearch_client import client_of
from index.opening import open_store
from tests.casework.kibana.documents import quarter_of_documents

_ASKED = queries(saved_objects())


@dataclass(frozen=True, kw_only=True, slots=True)
class Filled:
    """A real Elasticsearch with a quarter of documents in indices of its own."""

    prefix: str
    client: Any
    documents: int

    def answer(self, query: ObjectQuery) -> dict[str, Any]:
        found: dict[str, Any] = self.client.search(index=query.index, body=query.body).body
        return found


@pytest.fixture(scope="module")
def filled(new_elasticsearch_address: Callable[[], str]) -> Iterator[Filled]:
    where = new_elasticsearch_address()
    address = parse_address(where)
    assert isinstance(address, ElasticsearchAddress)
    documents = quarter_of_documents()
    store = open_store(where)
    assert store.put(documents) == ()
    store.refresh()
    client = client_of(address)
    yield Filled(prefix=address.prefix, client=client, documents=len({(d.kind, d.id) for d in documents}))
    client.close()
    store.close()


@pytest.fixture(scope="module")
def asked(filled: Filled) -> dict[str, ObjectQuery]:
    return {query.owner.removeprefix(filled.prefix): query for query in queries(saved_objects(filled.prefix))}


def test_the_quarter_holds_hundreds_of_documents_of_every_kind_the_views_show(filled: Filled) -> None:
    assert filled.documents > 300
    for view in (each for each in saved_objects(filled.prefix) if each["type"] == "index-pattern"):
        assert filled.client.count(index=view["attributes"]["title"])["count"] > 5


@pytest.mark.parametrize("owner", [query.owner.removeprefix("npswatch") for query in _ASKED])
def test_every_panel_and_saved_search_finds_rows_on_a_real_server(
    filled: Filled, asked: dict[str, ObjectQuery], owner: str
) -> None:
    query = asked[owner]
    answer = filled.answer(query)
    assert answer["_shards"]["failed"] == 0
    assert rows(answer, query) > 0, json.dumps(answer)[:2000]


@pytest.mark.parametrize("owner", [query.owner.removeprefix("npswatch") for query in _ASKED if "aggs" in query.body])
def test_every_column_of_every_panel_has_a_value_somewhere(
    filled: Filled, asked: dict[str, ObjectQuery], owner: str
) -> None:
    query = asked[owner]
    found = list(_values(filled.answer(query)["aggregations"]))
    assert {id_ for id_, _ in found} == _metrics(query.body["aggs"])
    for id_ in {id_ for id_, _ in found}:
        assert any(value is not None for name, value in found if name == id_), id_


def _metrics(aggregations: dict[str, Any]) -> set[str]:
    below = [_metrics(each.get("aggs", {})) for each in aggregations.values()]
    return {id_ for id_ in aggregations if id_.startswith("value-")}.union(*below)


def _values(answer: dict[str, Any]) -> Iterator[tuple[str, float | None]]:
    """Each metric's id with what it came to, in every bucket."""
    for id_, found in answer.items():
        if "buckets" in found:
            buckets = found["buckets"]
            for bucket in buckets.values() if isinstance(buckets, dict) else buckets:
                yield from _values({name: part for name, part in bucket.items() if isinstance(part, dict)})
        else:
            (percentile,) = found.get("values", {"": None}).values()
            yield id_, found.get("value", found.get("doc_count", percentile))


def test_values_can_stand_in_the_order_of_a_median_or_of_a_filtered_count(filled: Filled, tmp_path: Path) -> None:
    folder = shutil.copytree(FOLDER, tmp_path / "kibana")
    (folder / "dashboards" / "odd.toml").write_text("""
title = "odd"
about = "ordered by what is no plain count"
from = "now-1y"
[[panel]]
id = "by-median"
title = "By median"
chart = "table"
view = "listings"
at = [0, 0, 24, 6]
filter = 'offer.price_per_gram.currency : "EUR"'
by = [{ terms = "offer.substances.name", size = 5, label = "Substance" }]
value = [{ median = "offer.price_per_gram.amount", label = "Median" }]
[[panel]]
id = "by-filtered-median"
title = "By filtered median"
chart = "table"
view = "listings"
at = [0, 6, 24, 6]
by = [{ terms = "offer.substances.name", size = 5, label = "Substance" }]
value = [{ median = "offer.price_per_gram.amount", label = "RUB", filter = "offer.price_per_gram.currency : RUB" }]
[[panel]]
id = "by-filtered-count"
title = "By filtered count"
chart = "table"
view = "listings"
at = [24, 0, 24, 6]
by = [{ terms = "vendor", size = 20, label = "Vendor" }, { terms = "market", size = 2, label = "Market" }]
value = [
  { count = true, filter = "offer.form : pill", label = "Pills" },
  { sum = "stock", filter = "stock >= 1", label = "Left" },
]
""")
    made = queries(saved_objects(filled.prefix, made_from=read_sources(folder)))
    median, filtered_median, filtered = (query for query in made if "-odd/" in query.owner)
    buckets = filled.answer(median)["aggregations"]["by-1"]["buckets"]
    prices = [bucket["value-1"]["values"]["50.0"] for bucket in buckets]
    assert prices == sorted(prices, reverse=True)
    buckets = filled.answer(filtered_median)["aggregations"]["by-1"]["buckets"]
    roubles = [bucket["value-1"]["of"]["values"]["50.0"] for bucket in buckets]
    assert roubles == sorted(roubles, reverse=True)
    vendors = filled.answer(filtered)["aggregations"]["by-1"]["buckets"]
    pills = [bucket["value-1"]["doc_count"] for bucket in vendors]
    assert pills == sorted(pills, reverse=True)
    assert pills[0] > pills[-1] == 0
    assert vendors[0]["by-2"]["buckets"][0]["value-2"]["of"]["value"] > 0


@pytest.mark.parametrize("owner", [query.owner.removeprefix("npswatch") for query in _ASKED])
def test_the_server_itself_calls_every_field_used_searchable_and_countable(
    filled: Filled, asked: dict[str, ObjectQuery], owner: str
) -> None:
    query = asked[owner]
    capable = filled.client.field_caps(index=query.index, fields=list(query.fields)).body["fields"]
    for field in query.fields:
        assert all(each["searchable"] for each in capable[field].values()), field
        assert all(each["aggregatable"] for each in capable[field].values()), field


def test_lens_and_the_server_agree_on_the_type_of_every_column(filled: Filled) -> None:
    shown = {"keyword": "string", "double": "number", "boolean": "boolean", "date": "date"}
    objects = saved_objects(filled.prefix)
    titles = {each["id"]: each["attributes"]["title"] for each in objects if each["type"] == "index-pattern"}
    for board in (each for each in objects if each["type"] == "dashboard"):
        for panel in (each for each in json.loads(board["attributes"]["panelsJSON"]) if each["type"] == "lens"):
            attributes = panel["embeddableConfig"]["attributes"]
            index = titles[attributes["references"][0]["id"]]
            (layer,) = attributes["state"]["datasourceStates"]["formBased"]["layers"].values()
            for column in layer["columns"].values():
                if not column["isBucketed"] and column["operationType"] not in ("min", "max"):
                    assert column["dataType"] == "number"
                elif column.get("sourceField", RECORDS) != RECORDS:
                    (type_,) = filled.client.field_caps(index=index, fields=column["sourceField"]).body["fields"][
                        column["sourceField"]
                    ]
                    assert column["dataType"] == shown[type_], column


def test_the_median_by_week_never_mixes_two_currencies(filled: Filled, asked: dict[str, ObjectQuery]) -> None:
    for currency in ("eur", "usd", "rub"):
        query = asked[f"-dashboard-substances/price-{currency}"]
        with_currency = query.body | {"aggs": {"of": {"terms": {"field": "offer.price_per_gram.currency"}}}}
        answer = filled.client.search(index=query.index, body=with_currency).body
        assert [bucket["key"] for bucket in answer["aggregations"]["of"]["buckets"]] == [currency.upper()]


def test_the_metrics_say_what_a_count_of_the_documents_says(filled: Filled, asked: dict[str, ObjectQuery]) -> None:
    listings = [
        hit["_source"] for hit in filled.client.search(index=f"{filled.prefix}-listing", size=1000).body["hits"]["hits"]
    ]
    emergent = [body for body in listings if any(each["emergent"] for each in body["offer"]["substances"])]
    nps = [body for body in listings if any(each["nps"] for each in body["offer"]["substances"])]
    names = {each["name"] for body in listings for each in body["offer"]["substances"]}
    found = {
        panel: filled.answer(asked[f"-dashboard-substances/{panel}"])
        for panel in ("offers", "nps-offers", "emergent-offers", "substances")
    }
    assert found["offers"]["hits"]["total"]["value"] == len(listings)
    assert found["nps-offers"]["hits"]["total"]["value"] == len(nps) < len(listings)
    assert found["emergent-offers"]["hits"]["total"]["value"] == len(emergent) > 0
    assert found["substances"]["aggregations"]["value-1"]["value"] == len(names)


def test_the_newest_substance_stands_first_in_the_table_of_first_sightings(
    filled: Filled, asked: dict[str, ObjectQuery]
) -> None:
    buckets = filled.answer(asked["-dashboard-substances/first-sightings"])["aggregations"]["by-1"]["buckets"]
    first_seen = [bucket["value-1"]["value"] for bucket in buckets]
    assert first_seen == sorted(first_seen, reverse=True)
    assert first_seen[0] > first_seen[-1]


def test_a_blind_run_is_listed_with_its_reason(filled: Filled, asked: dict[str, ObjectQuery]) -> None:
    hits = filled.answer(asked["-search-runs-to-look-at"])["hits"]["hits"]
    blind = [hit["_source"] for hit in hits if hit["_source"]["verdict"] == "blind"]
    assert [(body["market"], body["read"], body["reasons"]) for body in blind] == [
        ("quartz", 0, ["only gates answered: captcha 4"])
    ]
    reasons = filled.answer(asked["-dashboard-health/reasons"])["aggregations"]["by-1"]["buckets"]
    assert "only gates answered: captcha 4" in [bucket["key"] for bucket in reasons]
