"""The Elasticsearch search each object of ours comes to, read back from the saved objects Kibana would read.

What Kibana's Lens makes of form-based columns: terms, date histograms and filters one inside the other in the order of
the columns, the metrics innermost; the panel's KQL and the dashboard's time as filters. A test runs every one of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from casework.kibana.kql import read_filter
from casework.kibana.lens import RECORDS, reference_name
from casework.kibana.objects import SavedObject

Body = dict[str, Any]
_ROWS = 50
_INSIDE_FILTER = "of"
_METRICS = {"unique_count": "cardinality", "sum": "sum", "min": "min", "max": "max"}


@dataclass(frozen=True, kw_only=True, slots=True)
class ObjectQuery:
    """A search of one panel or saved search: where it belongs, the index it asks, the fields it names, its body."""

    owner: str
    index: str
    fields: tuple[str, ...]
    body: Body


def queries(objects: list[SavedObject]) -> list[ObjectQuery]:
    """The search of every saved search and every Lens panel among the objects, in their order."""
    by_id = {(each["type"], each["id"]): each for each in objects}
    found: list[ObjectQuery] = []
    for each in objects:
        if each["type"] == "search":
            found.append(_of_search(each, by_id))
        elif each["type"] == "dashboard":
            found.extend(_of_dashboard(each, by_id))
    return found


def rows(answer: Body, query: ObjectQuery) -> int:
    """How many rows the answer gives: hits of a saved search, innermost buckets of a panel, one for a metric."""
    if query.body["size"]:
        return len(answer["hits"]["hits"])
    if "aggs" not in query.body:
        return int(answer["hits"]["total"]["value"] > 0)
    return _cells(answer["aggregations"], query.body["aggs"], int(answer["hits"]["total"]["value"]))


def _of_search(search: SavedObject, by_id: dict[tuple[str, str], SavedObject]) -> ObjectQuery:
    attributes = search["attributes"]
    source = json.loads(attributes["kibanaSavedObjectMeta"]["searchSourceJSON"])
    view = _view_of(search["references"], source["indexRefName"], by_id)
    read = read_filter(source["query"]["query"])
    return ObjectQuery(
        owner=search["id"],
        index=view["attributes"]["title"],
        fields=(*read.fields, *attributes["columns"], *(field for field, _ in attributes["sort"])),
        body={
            "size": _ROWS,
            "query": read.clause,
            "sort": [{field: {"order": order, "unmapped_type": "boolean"}} for field, order in attributes["sort"]],
        },
    )


def _of_dashboard(board: SavedObject, by_id: dict[tuple[str, str], SavedObject]) -> Iterator[ObjectQuery]:
    since = {"gte": board["attributes"]["timeFrom"], "lte": board["attributes"]["timeTo"]}
    for panel in json.loads(board["attributes"]["panelsJSON"]):
        if panel["type"] != "lens":
            continue
        state = panel["embeddableConfig"]["attributes"]["state"]
        for layer_id, layer in state["datasourceStates"]["formBased"]["layers"].items():
            view = _view_of(board["references"], f"{panel['panelIndex']}:{reference_name(layer_id)}", by_id)
            yield _of_layer(f"{board['id']}/{panel['panelIndex']}", state["query"]["query"], layer, view, since)


def _of_layer(owner: str, filter_: str, layer: Body, view: SavedObject, since: Body) -> ObjectQuery:
    """A layer's search; the dashboard's time holds for the dates it divides by, else for the view's own time field."""
    columns = [(id_, layer["columns"][id_]) for id_ in layer["columnOrder"]]
    aggregations = _aggregations(columns)
    read = read_filter(filter_)
    dated = [column["sourceField"] for _, column in columns if column["operationType"] == "date_histogram"]
    times = dated or [view["attributes"]["timeFieldName"]]
    return ObjectQuery(
        owner=owner,
        index=view["attributes"]["title"],
        fields=tuple(dict.fromkeys([*read.fields, *_named(columns), *times])),
        body={
            "size": 0,
            "track_total_hits": True,
            "query": {"bool": {"filter": [read.clause, *({"range": {field: since}} for field in times)]}},
        }
        | ({"aggs": aggregations} if aggregations else {}),
    )


def _view_of(references: list[dict[str, str]], name: str, by_id: dict[tuple[str, str], SavedObject]) -> SavedObject:
    reference = next(each for each in references if each["name"] == name)
    return by_id[(reference["type"], reference["id"])]


def _named(columns: list[tuple[str, Body]]) -> Iterator[str]:
    for _, column in columns:
        if column.get("sourceField", RECORDS) != RECORDS:
            yield column["sourceField"]
        yield from read_filter(column.get("filter", {}).get("query", "")).fields
        for each in column["params"].get("filters", []):
            yield from read_filter(each["input"]["query"]).fields


def _aggregations(columns: list[tuple[str, Body]]) -> Body:
    metrics = {id_: _metric(column) for id_, column in columns if not column["isBucketed"]}
    inner = {id_: made for id_, made in metrics.items() if made is not None}
    for id_, column in reversed([each for each in columns if each[1]["isBucketed"]]):
        bucket = _bucket(column, columns)
        inner = {id_: bucket | {"aggs": _with_order(column, columns, inner)} if inner else bucket}
    return inner


def _with_order(column: Body, columns: list[tuple[str, Body]], inner: Body) -> Body:
    """What stands inside a bucket: the next bucket or the metrics, and the metric the values are ordered by."""
    by = column["params"].get("orderBy", {}).get("columnId")
    made = _metric(dict(columns)[by]) if by else None
    return inner | ({by: made} if by and made else {})


def _bucket(column: Body, columns: list[tuple[str, Body]]) -> Body:
    params = column["params"]
    if column["operationType"] == "filters":
        named = {each["label"]: read_filter(each["input"]["query"]).clause for each in params["filters"]}
        return {"filters": {"filters": named}}
    if column["operationType"] == "date_histogram":
        over = {"field": column["sourceField"], "calendar_interval": params["interval"], "min_doc_count": 1}
        return {"date_histogram": over}
    order = {_order_path(params, columns): params["orderDirection"]}
    return {"terms": {"field": column["sourceField"], "size": params["size"], "order": order}}


def _order_path(params: Body, columns: list[tuple[str, Body]]) -> str:
    """What the values are ordered by; a filtered count is its filter's own count of documents."""
    by = params["orderBy"].get("columnId")
    if by is None:
        return "_count"
    column = dict(columns)[by]
    bare = _bare_metric(column)
    if bare is None:
        return by if "filter" in column else "_count"
    inside = f"{by}>{_INSIDE_FILTER}" if "filter" in column else by
    return f"{inside}.{_percent(column)}" if "percentiles" in bare else inside


def _metric(column: Body) -> Body | None:
    """The metric's aggregation; None for a plain count, which every bucket tells by itself."""
    made = _bare_metric(column)
    if "filter" not in column:
        return made
    within = {"filter": read_filter(column["filter"]["query"]).clause}
    return within | ({"aggs": {_INSIDE_FILTER: made}} if made else {})


def _bare_metric(column: Body) -> Body | None:
    operation = column["operationType"]
    if operation == "count":
        return None
    if operation in ("median", "percentile"):
        return {"percentiles": {"field": column["sourceField"], "percents": [_percent(column)]}}
    return {_METRICS[operation]: {"field": column["sourceField"]}}


def _percent(column: Body) -> int:
    return int(column["params"].get("percentile", 50))


def _cells(answer: Body, asked: Body, documents: int) -> int:
    nested = [(id_, made) for id_, made in asked.items() if not {"terms", "date_histogram", "filters"}.isdisjoint(made)]
    if not nested:
        return int(documents > 0)
    id_, made = nested[0]
    buckets = answer[id_]["buckets"]
    listed = list(buckets.values()) if isinstance(buckets, dict) else buckets
    return sum(_cells(bucket, made.get("aggs", {}), bucket["doc_count"]) for bucket in listed)
